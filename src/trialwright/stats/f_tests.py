"""The result of an F test."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from trialwright.errors import UnusableInputError
from trialwright.stats.distributions import chi_square_upper_tail, f_upper_tail
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
        """The probability of a larger statistic under the hypothesis.

        Raises:
            UnusableInputError: if the data leave no degrees of freedom.
        """
        if self.statistic is None:
            return None
        if min(self.numerator, self.denominator) <= 0:
            raise UnusableInputError(
                f"an F test on {self.numerator:g} and {self.denominator:g} degrees of freedom"
                " has no p value",
                remedy="look for a model with fewer terms",
            )
        if math.isinf(self.denominator):
            return float(chi_square_upper_tail(self.numerator * self.statistic, self.numerator))
        return float(f_upper_tail(self.statistic, self.numerator, self.denominator))
