"""Two arms: t tests, Wilcoxon's rank sum test, and the shift of Hodges and Lehmann."""

import numpy as np
import numpy.typing as npt
import scipy

from trialwright.errors import UnusableInputError
from trialwright.stats.distributions import normal_upper_quantile, normal_upper_tail
from trialwright.stats.results import Estimate, Floats, Integers, TestResult

MOST_PAIRS = 40_000
"""Above this product of the arms' sizes the rank sum's law is taken as normal."""
MOST_TIED_PAIRS = 10_000
"""Above this one the exact law of tied outcomes, which takes seconds here, is not computed."""


def welch(treated: npt.ArrayLike, control: npt.ArrayLike, *, level: float = 0.95) -> Estimate:
    """Difference of means, treated minus control, with each arm's own variance.

    Args:
        treated, control: outcomes, shapes (m,) and (n,); not-a-number is missing.
        level: of the interval.

    Raises:
        UnusableInputError: if an arm has fewer than two outcomes.

    Reference:
        Welch BL. The generalization of 'Student's' problem when several different population
        variances are involved. Biometrika 1947;34:28-35.

    Example:
        >>> found = welch([3.1, 4.0, 5.2, 4.4], [2.0, 2.9, 2.2, 3.1])
        >>> round(found.estimate, 3), round(found.degrees_of_freedom, 3)
        (1.625, 4.959)
    """
    return _t_test(treated, control, level, equal_variances=False)


def student(treated: npt.ArrayLike, control: npt.ArrayLike, *, level: float = 0.95) -> Estimate:
    """Difference of means, treated minus control, with a common variance; else as `welch`."""
    return _t_test(treated, control, level, equal_variances=True)


def wilcoxon(
    treated: npt.ArrayLike,
    control: npt.ArrayLike,
    *,
    exact: bool = False,
    continuity: bool = True,
    alternative: str = "two-sided",
) -> TestResult:
    """The rank sum test of Wilcoxon, Mann and Whitney.

    Args:
        treated, control: outcomes, shapes (m,) and (n,); not-a-number is missing.
        exact: the permutation law of ranks, given the ties; else the normal law with the variance
            that ties leave.
        continuity: move the statistic by 1/2 toward its mean, under the normal law.
        alternative: 'two-sided'; 'greater' or 'less' speak of the treated.

    Returns:
        The statistic is the number of pairs in which the treated outcome is larger, ties counting
        one half, as R's wilcox.test gives it.

    Raises:
        UnusableInputError: if an arm is empty, or `exact` is asked for arms that are tied and so
            large that their sizes' product is above 10,000.

    Reference:
        Mann HB, Whitney DR. On a test of whether one of two random variables is stochastically
        larger than the other. Annals of Mathematical Statistics 1947;18:50-60. With ties:
        Streitberg B, Röhmel J. Exact distributions for permutation and rank tests. Statistical
        Software Newsletter 1986;12:10-17.

    Example:
        >>> wilcoxon([3.1, 4.0, 5.2], [2.0, 2.9, 3.3], exact=True).p_value
        0.2
    """
    x, y = outcomes(treated, "treated", 1), outcomes(control, "control", 1)
    counts = {"treated": len(x), "control": len(y)}
    tied = len(np.unique(np.concatenate([x, y]))) < len(x) + len(y)
    if np.ptp(np.concatenate([x, y])) == 0:
        return TestResult(
            p_value=1.0, statistic=len(x) * len(y) / 2, alternative=alternative, counts=counts,
            notes=("all outcomes are equal",),
        )  # fmt: skip
    if exact and tied:
        return _tied_exact(x, y, alternative)
    found = scipy.stats.mannwhitneyu(
        x, y, use_continuity=continuity, alternative=alternative,
        method="exact" if exact else "asymptotic",
    )  # fmt: skip
    law = "exact" if exact else "normal law" + (" with continuity correction" * continuity)
    return TestResult(
        p_value=float(found.pvalue),
        statistic=float(found.statistic),
        alternative=alternative,
        counts=counts,
        notes=(law, *(("ties share their mean rank",) if tied else ())),
    )


def hodges_lehmann(
    treated: npt.ArrayLike, control: npt.ArrayLike, *, level: float = 0.95
) -> Estimate:
    """The shift between two arms: the median of all differences, treated minus control.

    The interval has the differences as limits that the exact rank sum test does not reject; its
    attained level is at least `level` but for the smallest arms, and stated in the notes.

    Args:
        treated, control: outcomes, shapes (m,) and (n,); not-a-number is missing.
        level: of the interval.

    Raises:
        UnusableInputError: if an arm is empty.

    Reference:
        Hodges JL, Lehmann EL. Estimates of location based on rank tests. Annals of Mathematical
        Statistics 1963;34:598-611. Bauer DF. Constructing confidence sets using rank statistics.
        Journal of the American Statistical Association 1972;67:687-690.

    Example:
        >>> found = hodges_lehmann([3.0, 4.0, 5.5, 4.5], [2.0, 3.25, 2.25, 3.5])
        >>> found.estimate, found.lower, found.upper
        (1.5, -0.5, 3.5)
    """
    x, y = outcomes(treated, "treated", 1), outcomes(control, "control", 1)
    differences = np.sort(np.subtract.outer(x, y), axis=None)
    below, attained, law = _rank_sum_quantile(len(x), len(y), (1 - level) / 2)
    notes = [f"limits by the {law}, attained level {attained:.4f}"]
    if len(np.unique(np.concatenate([x, y]))) < len(x) + len(y):
        notes.append("the law is that without ties, though outcomes are tied")
    return Estimate(
        estimate=float(np.median(differences)),
        lower=float(differences[below - 1]),
        upper=float(differences[len(differences) - below]),
        level=level,
        counts={"treated": len(x), "control": len(y)},
        notes=tuple(notes),
    )


def outcomes(values: npt.ArrayLike, arm: str, least: int) -> Floats:
    """The outcomes that are not missing; raises if they are fewer than `least`, or infinite."""
    found = np.asarray(values, dtype=np.float64)
    found = found[~np.isnan(found)]
    if len(found) < least or not np.isfinite(found).all():
        raise UnusableInputError(
            f"the arm {arm} needs at least {least} finite outcome{'s' * (least > 1)},"
            f" and has {len(found)}"
        )
    return found


def _t_test(
    treated: npt.ArrayLike, control: npt.ArrayLike, level: float, *, equal_variances: bool
) -> Estimate:
    x, y = outcomes(treated, "treated", 2), outcomes(control, "control", 2)
    counts = {"treated": len(x), "control": len(y)}
    difference = float(x.mean() - y.mean())
    if np.ptp(x) == 0 and np.ptp(y) == 0:
        return Estimate(
            estimate=difference, standard_error=0.0, lower=difference, upper=difference,
            level=level, counts=counts,
            notes=("outcomes do not vary within the arms, so no test can be made",),
        )  # fmt: skip
    found = scipy.stats.ttest_ind(x, y, equal_var=equal_variances)
    limits = found.confidence_interval(level)
    return Estimate(
        estimate=difference,
        standard_error=_standard_error(x, y, equal_variances),
        lower=float(limits.low),
        upper=float(limits.high),
        level=level,
        statistic=float(found.statistic),
        degrees_of_freedom=float(found.df),
        p_value=float(found.pvalue),
        counts=counts,
    )


def _standard_error(x: Floats, y: Floats, equal_variances: bool) -> float:
    m, n = len(x), len(y)
    if not equal_variances:
        return float(np.sqrt(x.var(ddof=1) / m + y.var(ddof=1) / n))
    pooled = (x.var() * m + y.var() * n) / (m + n - 2)
    return float(np.sqrt(pooled * (1 / m + 1 / n)))


def _tied_exact(x: Floats, y: Floats, alternative: str) -> TestResult:
    """The rank sum test under the law of mid-ranks; two-sided by distance from the mean."""
    m, n = len(x), len(y)
    if m * n > MOST_TIED_PAIRS:
        raise UnusableInputError(
            "outcomes are tied, and the arms too large for the exact law",
            remedy="use the normal law, whose variance allows for ties",
        )
    doubled = np.rint(2 * scipy.stats.rankdata(np.concatenate([x, y]))).astype(np.int64)
    law = _subset_sum_law(doubled, m)
    away = np.arange(len(law)) - m * (m + n + 1)
    seen = int(doubled[:m].sum()) - m * (m + n + 1)
    extreme = {"two-sided": abs(away) >= abs(seen), "greater": away >= seen, "less": away <= seen}
    if alternative not in extreme:
        raise UnusableInputError(
            f"{alternative!r} is no alternative", remedy=f"choose among {', '.join(extreme)}"
        )
    return TestResult(
        p_value=min(float(law[extreme[alternative]].sum()), 1.0),
        statistic=(seen + m * n) / 2,
        alternative=alternative,
        counts={"treated": m, "control": n},
        notes=("exact", "ties share their mean rank"),
    )


def _subset_sum_law(values: Integers, size: int) -> Floats:
    """Probabilities of the sums 0, 1, ... of `size` of the values, drawn without replacement.

    Values enter one by one; the k-th row holds the chances of sums of k of those that entered.
    """
    largest = int(np.sort(values)[-size:].sum())
    law = np.zeros((size + 1, largest + 1))
    law[0, 0] = 1.0
    for entered, value in enumerate(values, start=1):
        chosen = np.arange(1, size + 1) / entered  # the chance that the new one is among the k
        arrived = np.zeros_like(law)
        arrived[1:, value:] = law[:-1, : largest + 1 - value] * chosen[:, None]
        law[1:] *= np.clip(1 - chosen, 0, None)[:, None]
        law += arrived
    return np.asarray(law[size])


def _rank_sum_quantile(m: int, n: int, tail: float) -> tuple[int, float, str]:
    """How many differences lie outside the interval on each side, plus one; its level; the law."""
    if m * n > MOST_PAIRS:
        deviation = np.sqrt(m * n * (m + n + 1) / 12)
        quantile = m * n / 2 + deviation * -normal_upper_quantile(tail)
        below = max(int(np.ceil(quantile)), 1)
        reach = (below - 0.5 - m * n / 2) / deviation
        return below, float(1 - 2 * normal_upper_tail(-reach)), "normal law"
    below_or_at = np.cumsum(_rank_sum_law(m, n))
    below = max(int(np.searchsorted(below_or_at, tail)), 1)
    return below, float(1 - 2 * below_or_at[below - 1]), "exact law"


def _rank_sum_law(m: int, n: int) -> Floats:
    """Probabilities of the statistic's values 0 to mn, without ties, shape (mn + 1,).

    The generating function is the product over i of (1 - q^(n + i)) / (1 - q^i), each factor here
    scaled to keep the sum at one. Only the lower half is expanded, since rounding grows with the
    power; the law is symmetric.
    """
    law = np.zeros(m * n // 2 + 1)
    law[0] = 1.0
    for i in range(1, m + 1):
        if n + i < len(law):
            law[n + i :] -= law[: -(n + i)].copy()
        padded = np.append(law, np.zeros(-len(law) % i)).reshape(-1, i)
        law = padded.cumsum(axis=0).ravel()[: len(law)] * (i / (n + i))
    law = np.clip(law, 0.0, None)
    return np.concatenate([law, law[: m * n + 1 - len(law)][::-1]])
