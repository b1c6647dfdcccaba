"""Binary outcomes of a crossover of two periods.

Participants whose two outcomes differ prefer an arm; the others tell nothing of it, but for
Prescott's test, which counts them as undecided.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest, chi2

from trialwright.errors import UnusableInputError
from trialwright.stats.crossover.two_periods import paired_periods
from trialwright.stats.logistic.likelihood import LogisticFit, logistic_regression
from trialwright.stats.results import Floats, Integers, TestResult
from trialwright.stats.two_by_two.conditional import fisher_test

UNDECIDED = "nobody had different outcomes in the two periods"


@dataclass(frozen=True, slots=True, kw_only=True)
class BinaryCrossover:
    """A two-period crossover with a binary outcome.

    Attributes:
        table: participants with different outcomes: rows are the sequences, the active arm first
            and then the control first; columns tell whether the event came in the second period or
            in the first. Shape (2, 2).
        mainland_gart: Fisher's exact test of that table, free of period effects.
        prescott: the trend test that also uses those with equal outcomes; chi-square, 1 degree.
        mcnemar, mcnemar_exact: tests of the arms that assume no period effect.
    """

    table: Integers
    mainland_gart: TestResult
    prescott: TestResult
    mcnemar: TestResult
    mcnemar_exact: TestResult


def binary_crossover(
    first: npt.ArrayLike, second: npt.ArrayLike, active_first: npt.ArrayLike
) -> BinaryCrossover:
    """Test whether the arms differ in the probability of an event, within participants.

    Args:
        first, second: whether the event occurred in each period, shape (n,), 0 or 1, not-a-number
            where missing. A participant with one period only is left out.
        active_first: whether the active arm came first, shape (n,).

    Returns:
        The tests, two-sided. Where nobody's outcomes differ, p is one, with a note.

    Raises:
        UnusableInputError: if an outcome is not 0 or 1, or a sequence has nobody.

    References:
        Gart JJ. An exact test for comparing matched proportions in crossover designs. Biometrika
        1969;56:75-80. Prescott RJ. The comparison of success rates in cross-over trials in the
        presence of an order effect. Applied Statistics 1981;30:9-15. McNemar Q. Note on the
        sampling error of the difference between correlated proportions. Psychometrika 1947;12:153.

    Example:
        >>> first = [0] * 6 + [1] * 2 + [0] * 5 + [0] * 1 + [1] * 10 + [0] * 4
        >>> second = [1] * 6 + [0] * 2 + [0] * 5 + [1] * 1 + [0] * 10 + [0] * 4
        >>> found = binary_crossover(first, second, [True] * 13 + [False] * 15)
        >>> found.table.tolist(), round(found.mainland_gart.p_value, 6)
        ([[6, 2], [1, 10]], 0.006271)
    """
    both, began = _checked(first, second, active_first)
    lead = both[:, 0] - both[:, 1]
    table = np.array(
        [[int(((lead == sign) & rows).sum()) for sign in (-1, 1)] for rows in (began, ~began)]
    )
    counts = {
        "participants": len(both),
        "event under active only": int(table[0, 1] + table[1, 0]),
        "event under control only": int(table[0, 0] + table[1, 1]),
    }
    active, control = counts["event under active only"], counts["event under control only"]
    if not table.any():
        same = TestResult(p_value=1.0, counts=counts, notes=(UNDECIDED,))
        return BinaryCrossover(
            table=table, mainland_gart=same, prescott=same, mcnemar=same, mcnemar_exact=same
        )
    return BinaryCrossover(
        table=table,
        mainland_gart=_fisher(table, counts),
        prescott=_prescott(lead, began, counts),
        mcnemar=TestResult(
            p_value=float(chi2.sf((active - control) ** 2 / (active + control), 1)),
            statistic=(active - control) ** 2 / (active + control),
            degrees_of_freedom=1.0,
            counts=counts,
            notes=("without continuity correction",),
        ),
        mcnemar_exact=TestResult(
            p_value=float(binomtest(active, active + control).pvalue), counts=counts
        ),
    )


def crossover_conditional_logistic(
    first: npt.ArrayLike, second: npt.ArrayLike, active_first: npt.ArrayLike
) -> LogisticFit:
    """Log odds ratios of the active arm and of the second period, each pair being given.

    Given that one of a participant's two outcomes is an event, the probability that it is the first
    depends on the differences of treatment and period only.

    Args:
        first, second, active_first: as in `binary_crossover`.

    Returns:
        The fit, with the terms 'active' and 'period 2'; its likelihood is the conditional one.

    Raises:
        UnusableInputError: as `binary_crossover`; or if no finite estimate exists, as when all
            events fall under one arm.

    References:
        Breslow NE, Day NE. Statistical Methods in Cancer Research I. 1980, chapter 7.

    Example:
        >>> first = [0] * 6 + [1] * 2 + [0] * 1 + [1] * 10
        >>> second = [1] * 6 + [0] * 2 + [1] * 1 + [0] * 10
        >>> fit = crossover_conditional_logistic(first, second, [True] * 8 + [False] * 11)
        >>> round(fit.of("active").estimate, 4), round(fit.of("period 2").estimate, 4)
        (-1.7006, -0.602)
    """
    both, began = _checked(first, second, active_first)
    differ = both[:, 0] != both[:, 1]
    if not differ.any():
        raise UnusableInputError(f"no finite estimate: {UNDECIDED}")
    matrix = np.column_stack([np.where(began, 1.0, -1.0), -np.ones(len(began))])[differ]
    return logistic_regression(both[differ, 0], matrix, ("active", "period 2"))


def _checked(
    first: npt.ArrayLike, second: npt.ArrayLike, active_first: npt.ArrayLike
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    both, began = paired_periods(first, second, active_first)
    if not np.isin(both, (0.0, 1.0)).all():
        raise UnusableInputError("a binary outcome is 0 or 1")
    if not began.any() or began.all():
        raise UnusableInputError("a sequence has nobody with both periods")
    return both, began


def _fisher(table: Integers, counts: dict[str, int]) -> TestResult:
    """The rows of an empty sequence leave nothing to compare."""
    if (table.sum(axis=1) == 0).any():
        return TestResult(
            p_value=1.0, counts=counts, notes=("in one sequence nobody's outcomes differ",)
        )
    (a, b), (c, d) = table.tolist()
    found = fisher_test(a, a + b, c, c + d)
    return TestResult(p_value=found.p_value, counts=counts)


def _prescott(lead: Floats, began: npt.NDArray[np.bool_], counts: dict[str, int]) -> TestResult:
    """The binomial trend test of the sequence on the lead of the first period: −1, 0 or 1."""
    n, share = len(lead), float(began.mean())
    about = lead - lead.mean()
    variance = share * (1 - share) * float((about**2).sum())
    if variance == 0:
        return TestResult(p_value=1.0, counts=counts, notes=("all outcomes lean one way",))
    statistic = float(about @ (began - share)) ** 2 / variance
    return TestResult(
        p_value=float(chi2.sf(statistic, 1)), statistic=statistic, degrees_of_freedom=1.0,
        counts={**counts, "trend over": n},
    )  # fmt: skip
