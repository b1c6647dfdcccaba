"""The proportional odds model for an ordered category: logit P(Y <= k) = cut_k - x'b.

McCullagh P. Regression models for ordinal data. Journal of the Royal Statistical Society B
1980;42:109-142.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import expit

from trialwright.errors import UnusableInputError
from trialwright.stats.design import complete_records, factor_codes
from trialwright.stats.formulas import parse_formula
from trialwright.stats.results import Coefficients, Floats, Integers

MOST_STEPS = 50


def proportional_odds(
    frame: pl.DataFrame,
    formula: str,
    *,
    categories: Sequence[Any] | None = None,
    levels: Mapping[str, Sequence[Any]] | None = None,
) -> Coefficients:
    """Fit the model to the complete records of a table.

    Args:
        frame: one participant a row.
        formula: such as 'category ~ arm + ocs_hi'; the constant is in the cuts. A positive
            coefficient means higher categories; its exponential is the odds ratio of exceeding any
            cut.
        categories: from low to high; those present in order if not given.
        levels: of factors, the reference first.

    Returns:
        Terms of the formula, then the cuts, named '1|2' by the categories that they part. Normal
        statistics; the covariance is the inverse of the observed information.

    Raises:
        UnusableInputError: as `complete_records`; if a category has no records, or some terms part
            the categories so well that there is no finite estimate.

    Example:
        >>> table = pl.DataFrame({"grade": [1, 2, 3, 1, 2, 3, 2, 1], "arm": list("aaaabbbb")})
        >>> round(proportional_odds(table, "grade ~ arm").of("arm[b]").estimate, 3)
        0.653
    """
    parsed = parse_formula(formula)
    records = complete_records(frame, f"1 ~ {formula.rpartition('~')[2]}", levels=levels,
                               needed=[parsed.response])  # fmt: skip
    column = frame[parsed.response].filter(records.used)
    codes, names = factor_codes(column, categories)
    counts = np.bincount(codes, minlength=len(names))
    if len(names) < 2 or (counts == 0).any():
        empty = [name for name, count in zip(names, counts, strict=True) if not count]
        raise UnusableInputError(
            f"no record is in category {', '.join(empty)}" if empty else "there is one category",
            remedy="join it with a neighbor" if empty else "the outcome must vary",
        )
    design = records.design
    kept = [k for k, name in enumerate(design.names) if name != "(Intercept)"]
    estimates, covariance, value = fit_proportional_odds(codes, design.matrix()[:, kept])
    cuts = [f"{low}|{high}" for low, high in pairwise(names)]
    return Coefficients(
        terms=(*(design.names[k] for k in kept), *cuts),
        estimates=estimates,
        covariance=covariance,
        log_likelihood=value,
        counts=dict(zip(names, counts.tolist(), strict=True)) | {"records": len(codes)},
    )


def fit_proportional_odds(
    category: npt.ArrayLike, design: npt.ArrayLike
) -> tuple[Floats, Floats, float]:
    """Fit the model to arrays.

    Args:
        category: shape (n,), integers 0 to K - 1, each of which occurs.
        design: shape (n, p), without a constant.

    Returns:
        Coefficients and cuts, shape (p + K - 1,), their covariance, and the log likelihood.

    Raises:
        UnusableInputError: if the estimates are not finite or not determined.
    """
    codes, x = np.asarray(category, dtype=np.int64), np.asarray(design, dtype=np.float64)
    share = np.cumsum(np.bincount(codes))[:-1] / len(codes)
    at = np.concatenate([np.zeros(x.shape[1]), np.log(share / (1 - share))])
    value, slope, information = _likelihood(codes, x, at)
    for _ in range(MOST_STEPS):
        try:
            np.linalg.cholesky(information)
        except np.linalg.LinAlgError:
            break
        direction = np.linalg.solve(information, slope)
        if float(slope @ direction) < 1e-18 * len(codes):
            if np.abs(x @ at[: x.shape[1]]).max(initial=0.0) > 30:
                break
            return at, np.asarray(np.linalg.inv(information), dtype=np.float64), value
        for halvings in range(40):
            following = at + direction / 2**halvings
            found = _likelihood(codes, x, following)
            if found[0] >= value - 1e-12 * abs(value):
                break
        at = following
        value, slope, information = found
    raise UnusableInputError(
        "the proportional odds model has no finite or no single estimate",
        remedy="some terms may part the categories entirely, or follow from the others",
    )


def _likelihood(codes: Integers, x: Floats, at: Floats) -> tuple[float, Floats, Floats]:
    """Log likelihood, slope and observed information; minus infinity if cuts are out of order."""
    p, cuts = x.shape[1], at[x.shape[1] :]
    edges = np.concatenate([[-np.inf], cuts, [np.inf]])
    line = x @ at[:p]
    high, low = edges[codes + 1] - line, edges[codes] - line
    # from the smaller tail, so that small probabilities keep their digits
    upper = low > 0
    chance = np.where(upper, expit(-low) - expit(-high), expit(high) - expit(low))
    if (chance <= 0).any():
        return -np.inf, np.zeros(len(at)), np.zeros((len(at), len(at)))
    dense_high, dense_low = expit(high) * expit(-high), expit(low) * expit(-low)
    to_high, to_low = dense_high / chance, -dense_low / chance
    bend_high = dense_high * (expit(-high) - expit(high)) / chance - to_high**2
    bend_low = -dense_low * (expit(-low) - expit(low)) / chance - to_low**2
    steps = np.eye(len(cuts))
    by_high = np.hstack([-x, np.vstack([steps, np.zeros(len(cuts))])[codes]])
    by_low = np.hstack([-x, np.vstack([np.zeros(len(cuts)), steps])[codes]])
    slope = by_high.T @ to_high + by_low.T @ to_low
    crossed = (by_high * (to_high * -to_low)[:, None]).T @ by_low
    information = -(
        (by_high * bend_high[:, None]).T @ by_high
        + (by_low * bend_low[:, None]).T @ by_low
        + crossed
        + crossed.T
    )
    return float(np.log(chance).sum()), slope, information
