"""Binary outcomes: the test for every possible number of responders among the missing."""

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.distributions import chi_square_upper_tail
from trialwright.stats.results import Floats, Integers
from trialwright.stats.stratified.mantel_haenszel import cmh_batch


def response_grid(
    tables: npt.ArrayLike, missing: npt.ArrayLike, control_missing: npt.ArrayLike
) -> Floats:
    """P-values of the Cochran–Mantel–Haenszel test, were a and b of the arms' missing responders.

    In an arm the responders among the missing are spread over the strata by `spread`.

    Args:
        tables: observed responders and everybody of the arm, then of the control, in each stratum,
            shape (strata, 4): the missing count among everybody.
        missing, control_missing: how many are missing in each stratum, shape (strata,).

    Returns:
        Shape (missing + 1, control missing + 1), without correction for continuity.

    Raises:
        UnusableInputError: if shapes differ, a number is no count, or more are missing than have
            not responded.

    References:
        Yan X, Lee S, Li N. Missing data handling methods in medical device clinical trials. Journal
        of Biopharmaceutical Statistics 2009;19:1085-1098.

    Example:
        >>> response_grid([[14, 20, 6, 20]], [2], [1]).round(4).tolist()
        [[0.0125, 0.0286], [0.0049, 0.0121], [0.0017, 0.0045]]
    """
    base, lost, control_lost = (
        np.asarray(each, dtype=np.float64) for each in (tables, missing, control_missing)
    )
    if (
        base.ndim != 2
        or not base.size
        or base.shape != (*lost.shape, 4)
        or control_lost.shape != lost.shape
    ):
        raise UnusableInputError("tables and numbers of missing differ in their strata")
    if not all(((each >= 0) & (each % 1 == 0)).all() for each in (base, lost, control_lost)):
        raise UnusableInputError("tables and numbers of missing are counts")
    if (base[:, 0] + lost > base[:, 1]).any() or (base[:, 2] + control_lost > base[:, 3]).any():
        raise UnusableInputError("more are missing than have not responded")
    rows = np.array([spread(a, lost) for a in range(int(lost.sum()) + 1)])
    columns = np.array([spread(b, control_lost) for b in range(int(control_lost.sum()) + 1)])
    filled = np.tile(base, (len(rows), len(columns), 1, 1))
    filled[..., 0] += rows[:, None]
    filled[..., 2] += columns
    p_values = chi_square_upper_tail(cmh_batch(filled.reshape(-1, *base.shape)), 1)
    return np.asarray(p_values.reshape(len(rows), len(columns)), dtype=np.float64)


def spread(total: int, capacities: Floats | Integers) -> Floats:
    """Share `total` out over strata in proportion to their capacities, in whole participants.

    Largest remainders first; of equal ones the first stratum.

    Example:
        >>> import numpy as np
        >>> spread(3, np.array([2, 4])).tolist()
        [1.0, 2.0]
    """
    if total == 0:
        return np.zeros(len(capacities))
    exact = total * capacities / capacities.sum()
    whole: Floats = np.floor(exact)
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return whole
