"""Two arms compared by ranks within strata."""

import numpy as np
import numpy.typing as npt
import scipy

from trialwright.errors import UnusableInputError
from trialwright.stats.distributions import normal_upper_tail
from trialwright.stats.results import Floats, TestResult


def van_elteren(
    response: npt.ArrayLike, treated: npt.ArrayLike, strata: npt.ArrayLike
) -> TestResult:
    """Ranks within each stratum, strata weighted by 1 / (size + 1); normal law.

    Args:
        response: outcomes, shape (n,); not-a-number is missing.
        treated: whether each is in the treated arm, shape (n,).
        strata: labels, shape (n,).

    Returns:
        The statistic is standard normal under the hypothesis; above zero if the treated rank high.
        Strata with one arm alone say nothing, and are counted in the notes.

    Raises:
        UnusableInputError: if no stratum has both arms, lengths differ, or an arm or a stratum is
            missing.

    Reference:
        van Elteren P. On the combination of independent two sample tests of Wilcoxon. Bulletin of
        the International Statistical Institute 1960;37:351-361.

    Example:
        >>> found = van_elteren([1, 2, 3, 4, 6, 5], [0, 0, 1, 0, 1, 1], list("aaabbb"))
        >>> round(found.statistic, 4)
        1.7321
    """
    return _stratified(response, treated, strata, weighted=True)


def stratified_wilcoxon(
    response: npt.ArrayLike, treated: npt.ArrayLike, strata: npt.ArrayLike
) -> TestResult:
    """Ranks among all outcomes, permuted within strata; normal law; else as `van_elteren`.

    It is what R's coin computes for wilcox_test(response ~ arm | stratum), there with the sign of
    the control.

    Reference:
        Strasser H, Weber C. On the asymptotic theory of permutation statistics. Mathematical
        Methods of Statistics 1999;8:220-250.
    """
    return _stratified(response, treated, strata, weighted=False)


def _stratified(
    response: npt.ArrayLike, treated: npt.ArrayLike, strata: npt.ArrayLike, *, weighted: bool
) -> TestResult:
    outcome = np.asarray(response, dtype=np.float64)
    given, stratum = np.asarray(treated), np.asarray(strata)
    if not len(outcome) == len(given) == len(stratum):
        raise UnusableInputError("response, treated and strata differ in length")
    if not np.isin(given, (0, 1)).all() or (stratum != stratum).any():
        raise UnusableInputError("treated is 0 or 1, and no arm or stratum may be missing")
    arm = given == 1
    seen = ~np.isnan(outcome)
    outcome, arm, stratum = outcome[seen], arm[seen], stratum[seen]
    overall = scipy.stats.rankdata(outcome)
    excess, variance, silent = 0.0, 0.0, 0
    for label in np.unique(stratum):
        own = stratum == label
        size, count = int(own.sum()), int(arm[own].sum())
        if count in (0, size):
            silent += 1
            continue
        ranks: Floats = scipy.stats.rankdata(outcome[own]) if weighted else overall[own]
        weight = 1 / (size + 1) if weighted else 1.0
        excess += weight * float(ranks[arm[own]].sum() - count * ranks.mean())
        spread = float(((ranks - ranks.mean()) ** 2).sum())
        variance += weight**2 * count * (size - count) / (size * (size - 1)) * spread
    if silent == len(np.unique(stratum)):
        raise UnusableInputError("no stratum has outcomes of both arms")
    counts = {"treated": int(arm.sum()), "control": int((~arm).sum())}
    notes = (f"{silent} strata with one arm alone",) if silent else ()
    if variance == 0:
        same = "outcomes are equal within every stratum"
        return TestResult(p_value=1.0, statistic=0.0, counts=counts, notes=(*notes, same))
    statistic = excess / variance**0.5
    return TestResult(
        p_value=float(2 * normal_upper_tail(abs(statistic))),
        statistic=statistic,
        counts=counts,
        notes=notes,
    )
