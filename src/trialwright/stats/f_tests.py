"""The result of an F test."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from trialwright.stats.distributions import f_upper_tail
from trialwright.stats.results import refuse_not_a_number


@dataclass(frozen=True, slots=True, kw_only=True)
class FTest:
    """A test that several combinations of coefficients are zero.

    Attributes:
        statistic, p_value: None if the data do not determine them; `notes` say why.
        numerator, denominator: degrees of freedom.
        counts: how many observations of which kind were used, by name.
        notes: what a reader must know about this result.
    """

    statistic: float | None
    numerator: float
    denominator: float
    counts: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        refuse_not_a_number(self)

    @property
    def p_value(self) -> float | None:
        """The probability of a larger statistic under the hypothesis."""
        if self.statistic is None:
            return None
        return float(f_upper_tail(self.statistic, self.numerator, self.denominator))
