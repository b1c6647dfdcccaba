"""The classical analysis of a crossover of two periods: treatment, period and carry-over.

Each participant's two outcomes become their difference and their sum. Between the two sequences,
the differences tell the arms apart and the sums tell of a carry-over; over both sequences the
differences tell of the periods.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import scipy

from trialwright.errors import UnusableInputError
from trialwright.stats.ranks.two_arms import hodges_lehmann, student, wilcoxon
from trialwright.stats.results import Estimate, Floats, TestResult


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoPeriodComparison:
    """The contrasts of a two-period crossover.

    Attributes:
        treatment: active minus control, within participants, free of period effects.
        period: second minus first period, within participants, free of treatment effects.
        carry_over: sum of both periods, active first minus control first: the difference of the
            carry-overs of the two arms. It compares participants with each other.
        first_period: active minus control among the first periods alone, between participants.
        unadjusted: active minus control by a paired t test, which a period effect biases if the
            sequences differ in size.
        means: of first and second period with the active arm first, then with the control first.
    """

    treatment: Estimate
    period: Estimate
    carry_over: Estimate
    first_period: Estimate
    unadjusted: Estimate
    means: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoPeriodRanks:
    """The same contrasts by ranks.

    Attributes:
        treatment, period, carry_over: Wilcoxon's rank sum tests between sequences.
        treatment_shift, period_shift, carry_over_shift: shifts of Hodges and Lehmann with their
            exact limits. Those of treatment and period are on the scale of differences between
            periods: the treatment effect is half the one, the period effect minus half the other.
    """

    treatment: TestResult
    period: TestResult
    carry_over: TestResult
    treatment_shift: Estimate
    period_shift: Estimate
    carry_over_shift: Estimate


def two_period_comparison(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    active_first: npt.ArrayLike,
    *,
    level: float = 0.95,
) -> TwoPeriodComparison:
    """Compare two arms in a crossover of two periods by t tests between the sequences.

    Args:
        first, second: the outcome in each period, shape (n,), not-a-number where missing. A
            participant with one period only is left out.
        active_first: whether the active arm came first, shape (n,).
        level: of the intervals.

    Returns:
        Every contrast with n − 2 degrees of freedom. Counts are participants by sequence.

    Raises:
        UnusableInputError: if lengths differ or a sequence has not two complete participants.

    References:
        Grizzle JE. The two-period change-over design and its use in clinical trials. Biometrics
        1965;21:467-480. Hills M, Armitage P. The two-period cross-over clinical trial. British
        Journal of Clinical Pharmacology 1979;8:7-20. The latter's reasons, and Freeman's
        (Statistics in Medicine 1989;8:1421), speak against choosing the first period alone after
        a test of carry-over.

    Example:
        >>> found = two_period_comparison([4, 6, 5, 9, 8, 10], [8, 9, 9, 6, 6, 5],
        ...                               [True, True, True, False, False, False])
        >>> round(found.treatment.estimate, 4), round(found.treatment.p_value, 5)
        (-3.5, 0.00176)
    """
    active, control = _sequences(first, second, active_first)
    return TwoPeriodComparison(
        treatment=_between(_difference(active) / 2, _difference(control) / 2, level),
        period=_between(-_difference(active) / 2, _difference(control) / 2, level),
        carry_over=_between(_sum(active), _sum(control), level),
        first_period=_between(active[:, 0], control[:, 0], level),
        unadjusted=_paired(np.concatenate([_difference(active), -_difference(control)]), level),
        means=(
            float(active[:, 0].mean()),
            float(active[:, 1].mean()),
            float(control[:, 0].mean()),
            float(control[:, 1].mean()),
        ),
    )


def two_period_ranks(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    active_first: npt.ArrayLike,
    *,
    exact: bool = False,
    level: float = 0.95,
) -> TwoPeriodRanks:
    """Compare two arms in a crossover of two periods by rank sum tests between the sequences.

    Args:
        first, second, active_first: as in `two_period_comparison`.
        exact: use the permutation law, of mid-ranks where differences are tied, be it up to
            rounding; else the normal law with continuity correction.
        level: of the intervals.

    Raises:
        UnusableInputError: as `two_period_comparison` and `wilcoxon`.

    References:
        Koch GG. The use of non-parametric methods in the statistical analysis of the two-period
        change-over design. Biometrics 1972;28:577-584.

    Example:
        >>> found = two_period_ranks([4, 6, 5, 9, 8, 10], [8, 9, 9, 6, 6, 5],
        ...                          [True, True, True, False, False, False])
        >>> found.treatment.statistic, found.treatment_shift.estimate
        (0.0, -7.0)
    """
    active, control = _sequences(first, second, active_first)
    pairs = (
        (_difference(active), _difference(control)),
        (_difference(active), -_difference(control)),
        (_sum(active), _sum(control)),
    )
    # Differences of decimals are tied up to rounding: 1.1 - 1.0 and 0.3 - 0.2 share a rank.
    largest = max(float(np.abs(active).max()), float(np.abs(control).max())) or 1.0
    tests = [
        wilcoxon(*(np.round(each / largest, 12) for each in pair), exact=exact) for pair in pairs
    ]
    shifts = [hodges_lehmann(x, y, level=level) for x, y in pairs]
    return TwoPeriodRanks(
        treatment=tests[0],
        period=tests[1],
        carry_over=tests[2],
        treatment_shift=shifts[0],
        period_shift=shifts[1],
        carry_over_shift=shifts[2],
    )


def paired_periods(
    first: npt.ArrayLike, second: npt.ArrayLike, active_first: npt.ArrayLike
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """The complete participants: outcomes of both periods, shape (n, 2), and who began active.

    Raises:
        UnusableInputError: if lengths differ, an outcome is infinite, or `active_first` is neither
            true nor false.
    """
    one, two = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    began = np.asarray(active_first)
    if one.ndim != 1 or not one.shape == two.shape == began.shape:
        raise UnusableInputError("the two periods and the sequences differ in length")
    if not np.isin(began, (0, 1)).all():
        raise UnusableInputError("'active first' is either true or false for each participant")
    both = np.column_stack([one, two])
    if np.isinf(both).any():
        raise UnusableInputError("an outcome is infinite")
    complete = ~np.isnan(both).any(axis=1)
    return both[complete], began[complete].astype(bool)


def _sequences(
    first: npt.ArrayLike, second: npt.ArrayLike, active_first: npt.ArrayLike
) -> tuple[Floats, Floats]:
    both, began = paired_periods(first, second, active_first)
    for name, rows in (("active first", both[began]), ("control first", both[~began])):
        if len(rows) < 2:
            raise UnusableInputError(
                f"the sequence with the {name} has {len(rows)} participants with both periods",
                remedy="the comparison between sequences needs two in each",
            )
    return both[began], both[~began]


def _difference(periods: Floats) -> Floats:
    return _settled(periods[:, 0] - periods[:, 1], periods)


def _sum(periods: Floats) -> Floats:
    return _settled(periods[:, 0] + periods[:, 1], periods)


def _settled(values: Floats, periods: Floats) -> Floats:
    """The values, made equal if it is rounding of the outcomes that they differ by."""
    same = np.ptp(values) <= 1e-12 * np.abs(periods).max()
    return np.full_like(values, values[0]) if same else values


def _between(x: Floats, y: Floats, level: float) -> Estimate:
    """Student's comparison of the two sequences."""
    counts = {"active first": len(x), "control first": len(y)}
    return replace(student(x, y, level=level), counts=counts)


def _paired(differences: Floats, level: float) -> Estimate:
    mean = float(differences.mean())
    counts = {"participants": len(differences)}
    if np.ptp(differences) <= 1e-12 * np.abs(differences).max():
        return Estimate(
            estimate=mean, standard_error=0.0, lower=mean, upper=mean, level=level, counts=counts,
            notes=("differences do not vary, so no test can be made",),
        )  # fmt: skip
    found = scipy.stats.ttest_1samp(differences, 0.0)
    limits = found.confidence_interval(level)
    return Estimate(
        estimate=mean,
        standard_error=float(differences.std(ddof=1) / np.sqrt(len(differences))),
        lower=float(limits.low),
        upper=float(limits.high),
        level=level,
        statistic=float(found.statistic),
        degrees_of_freedom=float(found.df),
        p_value=float(found.pvalue),
        counts=counts,
    )
