"""Several arms compared by ranks: any difference, or a trend over ordered arms."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import scipy

from trialwright.errors import UnusableInputError
from trialwright.stats.distributions import normal_upper_tail
from trialwright.stats.ranks.two_arms import outcomes
from trialwright.stats.results import Floats, TestResult


def kruskal_wallis(arms: Sequence[npt.ArrayLike]) -> TestResult:
    """Whether some arm ranks higher than another; chi-square law, allowing for ties.

    Args:
        arms: each arm's outcomes; not-a-number is missing.

    Raises:
        UnusableInputError: if there are fewer than two arms, or one is empty.

    Reference:
        Kruskal WH, Wallis WA. Use of ranks in one-criterion variance analysis. Journal of the
        American Statistical Association 1952;47:583-621.

    Example:
        >>> round(kruskal_wallis([[1, 2, 5], [4, 6, 7], [8, 9, 3]]).statistic, 4)
        3.4667
    """
    samples = _samples(arms)
    counts = {f"arm {k}": len(each) for k, each in enumerate(samples)}
    free = float(len(samples) - 1)
    if np.ptp(np.concatenate(samples)) == 0:
        return TestResult(
            p_value=1.0, statistic=0.0, degrees_of_freedom=free, counts=counts,
            notes=("all outcomes are equal",),
        )  # fmt: skip
    found = scipy.stats.kruskal(*samples)
    return TestResult(
        p_value=float(found.pvalue),
        statistic=float(found.statistic),
        degrees_of_freedom=free,
        counts=counts,
    )


def jonckheere_terpstra(
    arms: Sequence[npt.ArrayLike], *, alternative: str = "two-sided"
) -> TestResult:
    """Whether outcomes rise or fall with the order of the arms; normal law, allowing for ties.

    Args:
        arms: each arm's outcomes in the order of the arms, such as rising doses.
        alternative: 'two-sided', 'greater' (rising) or 'less' (falling).

    Returns:
        The statistic is standard normal under the hypothesis; the notes give Jonckheere's J, its
        mean and its variance.

    Raises:
        UnusableInputError: if there are fewer than two arms, or one is empty.

    Reference:
        Jonckheere AR. A distribution-free k-sample test against ordered alternatives. Biometrika
        1954;41:133-145; with ties: Hollander M, Wolfe DA, Chicken E. Nonparametric Statistical
        Methods, 3rd ed., section 6.2. Wiley 2014.

    Example:
        >>> round(jonckheere_terpstra([[1, 2, 5], [4, 6, 7], [8, 9, 3]]).statistic, 4)
        1.8889
    """
    samples = _samples(arms)
    counts = {f"arm {k}": len(each) for k, each in enumerate(samples)}
    tails = {"greater": 1.0, "less": -1.0, "two-sided": 0.0}
    if alternative not in tails:
        raise UnusableInputError(
            f"{alternative!r} is no alternative", remedy=f"choose among {', '.join(tails)}"
        )
    j, mean, variance = jonckheere_moments(samples)
    notes = (f"J {j:g}, mean {mean:g}, variance {variance:.10g}",)
    if variance == 0:
        return TestResult(
            p_value=1.0, statistic=0.0, alternative=alternative, counts=counts, notes=notes
        )
    z = (j - mean) / variance**0.5
    side = tails[alternative]
    p_value = normal_upper_tail(side * z) if side else 2 * normal_upper_tail(abs(z))
    return TestResult(
        p_value=float(p_value), statistic=z, alternative=alternative, counts=counts, notes=notes
    )


def jonckheere_moments(samples: Sequence[Floats]) -> tuple[float, float, float]:
    """Jonckheere's J, and its mean and variance given the ties."""
    j = 0.0
    for later, high in enumerate(samples):
        for low in samples[:later]:
            j += float((np.sign(np.subtract.outer(high, low)) + 1).sum()) / 2
    everything = np.concatenate(samples)
    n = len(everything)
    sizes = np.array([len(each) for each in samples], dtype=np.float64)
    ties = np.unique(everything, return_counts=True)[1].astype(np.float64)
    mean = float(n**2 - (sizes**2).sum()) / 4

    def linear(k: Floats) -> float:
        return float((k * (k - 1) * (2 * k + 5)).sum())

    def cubic(k: Floats) -> float:
        return float((k * (k - 1) * (k - 2)).sum())

    def square(k: Floats) -> float:
        return float((k * (k - 1)).sum())

    whole = np.array([float(n)])
    variance = (linear(whole) - linear(sizes) - linear(ties)) / 72
    if n > 2:
        variance += cubic(sizes) * cubic(ties) / (36 * cubic(whole))
    variance += square(sizes) * square(ties) / (8 * square(whole))
    return j, mean, variance


def _samples(arms: Sequence[npt.ArrayLike]) -> list[Floats]:
    if len(arms) < 2:
        raise UnusableInputError(f"two or more arms are compared, and there is {len(arms)}")
    return [outcomes(each, str(k), 1) for k, each in enumerate(arms)]
