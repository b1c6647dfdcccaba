"""Risk ratios by Poisson regression of a binary outcome, with a sandwich variance."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.logistic.design import checked, checked_offset, separated_terms
from trialwright.stats.results import Coefficients

MOST_STEPS = 200
CONVERGED = 1e-11
SMALLEST_RISK = 1e-8  # fitted risks below are on their way to zero


def modified_poisson(
    response: npt.ArrayLike,
    matrix: npt.ArrayLike,
    terms: Sequence[str],
    *,
    offset: npt.ArrayLike | None = None,
) -> Coefficients:
    """Poisson regression of a 0/1 response with log link and the sandwich variance HC0.

    The exponentials of the coefficients are risk ratios.

    Args:
        response: shape (n,), 0 or 1.
        matrix: shape (n, p), with an intercept column if one is wanted.
        terms: p names.
        offset: shape (n,), added to the linear predictor.

    Raises:
        UnusableInputError: if a value is missing, the columns are dependent, or no finite estimate
            exists (an arm or category without events).

    References:
        Zou 2004, American Journal of Epidemiology 159:702.

    Example:
        >>> rows = [[1, 0]] * 30 + [[1, 1]] * 29
        >>> fit = modified_poisson([1] * 9 + [0] * 21 + [1] * 16 + [0] * 13, rows, ["1", "arm"])
        >>> result = fit.of("arm")
        >>> f"{np.exp(result.estimate):.3f} {result.standard_error:.4f}"
        '1.839 0.3253'
    """
    y, x, names = checked(response, matrix, list(terms))
    shift = checked_offset(offset, len(y))
    if not y.any():
        raise UnusableInputError("no finite estimate: there are no events")
    beta = np.linalg.lstsq(x, np.log((y + y.mean()) / 2) - shift, rcond=None)[0]
    for _ in range(MOST_STEPS):
        fitted = np.exp(np.clip(x @ beta + shift, -50, 50))
        information = (x * fitted[:, np.newaxis]).T @ x
        step = np.linalg.lstsq(information, x.T @ (y - fitted), rcond=None)[0]
        longest = np.abs(step).max()
        beta = beta + step * min(1.0, 3.0 / longest if longest > 0 else 1.0)
        if longest <= CONVERGED * (1 + np.abs(beta).max()):
            break
    if longest > CONVERGED * (1 + np.abs(beta).max()) or fitted.min() < SMALLEST_RISK:
        separated = separated_terms(y, x, names)
        raise UnusableInputError(
            f"no finite estimate: no events along {', '.join(separated) or 'some term'}",
            remedy="leave the term out or merge its categories",
        )
    bread = np.linalg.inv(information)
    meat = x * (y - fitted)[:, np.newaxis]
    return Coefficients(
        terms=names,
        estimates=beta,
        covariance=bread @ (meat.T @ meat) @ bread,
        counts={"participants": len(y), "events": int(y.sum())},
        notes=("log risk ratios, sandwich variance HC0",),
    )
