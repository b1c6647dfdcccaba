"""What a statistical method returns.

A figure that a method does not have, or that these data do not determine, is None, and a note says
why in the second case. An interval that is open on one side ends at infinity. Not-a-number never
leaves this package: a result that holds one raises `UnusableInputError`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.distributions import t_upper_quantile, t_upper_tail

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def refuse_not_a_number(result: object) -> None:
    """Raise `UnusableInputError` if a number in the dataclass `result` is not a number."""
    for each in fields(result):  # type: ignore[arg-type]  # every caller is a dataclass
        value = getattr(result, each.name)
        undefined = (isinstance(value, float) and math.isnan(value)) or (
            isinstance(value, np.ndarray) and value.dtype.kind == "f" and np.isnan(value).any()
        )
        if undefined:
            raise UnusableInputError(
                f"these data do not determine the {each.name.replace('_', ' ')}",
                remedy="look for empty arms or strata, constant columns, or too few participants",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """An estimate with its uncertainty.

    Attributes:
        estimate: the quantity on its own scale; None if the data do not determine it.
        standard_error: of `estimate`; of its logarithm for a ratio, as the method's page states.
        lower, upper: limits of the two-sided interval at `level`; ±infinity if open.
        level: confidence level of the interval.
        statistic, degrees_of_freedom, p_value: of the test that the quantity is null (two-sided);
            degrees of freedom are None for a normal statistic.
        counts: how many observations of which kind were used, by name.
        notes: what a reader must know about this result.
    """

    estimate: float | None
    standard_error: float | None = None
    lower: float | None = None
    upper: float | None = None
    level: float = 0.95
    statistic: float | None = None
    degrees_of_freedom: float | None = None
    p_value: float | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        refuse_not_a_number(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult:
    """A significance test.

    Attributes:
        statistic: None for an exact test, whose statistic is the table itself.
        degrees_of_freedom: None where the statistic's law has none.
        p_value: None if the data do not determine it.
        alternative: 'two-sided', 'greater' or 'less'.
        counts: how many observations of which kind were used, by name.
        notes: what a reader must know about this result.
    """

    __test__: ClassVar[bool] = False  # pytest would take the name for a class of tests

    p_value: float | None
    statistic: float | None = None
    degrees_of_freedom: float | None = None
    alternative: str = "two-sided"
    counts: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        refuse_not_a_number(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficients:
    """The coefficients of a fitted model, by term, with their covariance.

    Attributes:
        terms: p names, such as '(Intercept)', 'sledai0', 'arm[1]', 'arm[1]:week[8]'.
        estimates: shape (p,).
        covariance: shape (p, p).
        degrees_of_freedom: of the t statistics, one for all; None for normal statistics.
        log_likelihood: at the estimates; None if the method has none.
        counts, notes: as in `Estimate`.
    """

    terms: tuple[str, ...]
    estimates: Floats
    covariance: Floats
    degrees_of_freedom: float | None = None
    log_likelihood: float | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        refuse_not_a_number(self)

    @property
    def standard_errors(self) -> Floats:
        """Square roots of the diagonal of the covariance, shape (p,)."""
        return np.sqrt(np.diag(self.covariance))

    def of(self, term: str, level: float = 0.95) -> Estimate:
        """The estimate of one term with its Wald interval and test."""
        if term not in self.terms:
            raise UnusableInputError(
                f"the model has no term {term!r}", remedy=f"it has {', '.join(self.terms)}"
            )
        return self.combination(np.array([name == term for name in self.terms]), level)

    def combination(self, weights: npt.ArrayLike, level: float = 0.95) -> Estimate:
        """The linear combination `weights` @ estimates, shape (p,), with Wald interval and test."""
        along = np.asarray(weights, dtype=np.float64)
        estimate = float(along @ self.estimates)
        error = math.sqrt(float(along @ self.covariance @ along))
        reach = float(t_upper_quantile((1 - level) / 2, self.degrees_of_freedom)) * error
        statistic = estimate / error if error > 0 else None
        return Estimate(
            estimate=estimate,
            standard_error=error,
            lower=estimate - reach,
            upper=estimate + reach,
            level=level,
            statistic=statistic,
            degrees_of_freedom=self.degrees_of_freedom,
            p_value=None
            if statistic is None
            else float(2 * t_upper_tail(abs(statistic), self.degrees_of_freedom)),
            counts=self.counts,
            notes=self.notes,
        )
