"""Repeated binary outcomes by generalized estimating equations."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq, minimize_scalar
from scipy.special import expit

from trialwright.errors import UnusableInputError
from trialwright.stats.logistic.design import checked, label_codes
from trialwright.stats.logistic.likelihood import logistic_regression
from trialwright.stats.results import Coefficients, Floats, Integers

STRUCTURES = ("independence", "exchangeable", "unstructured", "ar1")
MOST_STEPS = 200
CONVERGED = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class GeeFit(Coefficients):
    """A fitted marginal model; `covariance` is the robust (sandwich) one.

    Attributes:
        correlation: shape (visits, visits), the working correlation.
        scale: mean squared Pearson residual.
        naive_covariance: shape (p, p), true if the working correlation were.
    """

    correlation: Floats
    scale: float
    naive_covariance: Floats


def gee_logistic(
    response: npt.ArrayLike,
    matrix: npt.ArrayLike,
    terms: Sequence[str],
    participant: npt.ArrayLike,
    visit: npt.ArrayLike,
    *,
    structure: str = "exchangeable",
) -> GeeFit:
    """Logistic regression of repeated 0/1 responses by generalized estimating equations.

    The correlation is the mean product of Pearson residuals over the pairs that share it, divided
    by the scale; with 'ar1' its powers are fitted to the products of all pairs by least squares.
    These are the moment estimators of R's geepack. statsmodels takes degrees of freedom off and
    differs in the fourth digit.

    Args:
        response: shape (n,), 0 or 1, one row for each participant and visit attended.
        matrix: shape (n, p), with an intercept column if one is wanted.
        terms: p names.
        participant: shape (n,), labels; rows of one participant need not be adjacent.
        visit: shape (n,), sortable labels of the visits.
        structure: 'independence', 'exchangeable', 'unstructured' or 'ar1' (by order of visits).

    Raises:
        UnusableInputError: if shapes differ, a participant has two rows for a visit, the columns
            are dependent, the responses separated, the structure unknown, the working correlation
            not positive definite, or the iteration does not converge.

    References:
        Liang & Zeger 1986, Biometrika 73:13.

    Example:
        >>> who, week = [1, 1, 2, 2, 3, 3, 4, 4], [4, 8] * 4
        >>> fit = gee_logistic([1, 1, 0, 0, 1, 0, 0, 1], [[1]] * 8, ["1"], who, week)
        >>> f"{fit.correlation[0, 1]:.3f} {fit.of('1').standard_error:.3f}"
        '0.000 0.707'
    """
    y, x, names = checked(response, matrix, list(terms))
    if structure not in STRUCTURES:
        raise UnusableInputError(
            f"there is no working correlation {structure!r}", remedy=f"try {', '.join(STRUCTURES)}"
        )
    clusters = _clusters(participant, visit, len(y))
    visits = max(int(places.max()) for _, places in clusters) + 1
    beta = logistic_regression(y, x, names).estimates
    correlation, scale = np.eye(visits), 1.0
    for _ in range(MOST_STEPS):
        fitted = expit(x @ beta)
        root = np.sqrt(fitted * (1 - fitted))
        residual = (y - fitted) / root
        scale = float((residual**2).mean())
        correlation = _correlation(residual, clusters, visits, structure, scale)
        bread, score, meat = _equations(x * root[:, np.newaxis], residual, clusters, correlation)
        step = np.linalg.solve(bread, score)
        if np.abs(step).max() <= CONVERGED * (1 + np.abs(beta).max()):
            break
        beta = beta + step
    else:
        raise UnusableInputError("the estimating equations did not converge")
    inverse = np.asarray(np.linalg.inv(bread), dtype=np.float64)
    return GeeFit(
        terms=names,
        estimates=beta,
        covariance=inverse @ meat @ inverse,
        naive_covariance=scale * inverse,
        correlation=correlation,
        scale=scale,
        counts={"participants": len(clusters), "observations": len(y), "events": int(y.sum())},
    )


def _clusters(
    participant: npt.ArrayLike, visit: npt.ArrayLike, n: int
) -> list[tuple[Integers, Integers]]:
    """For each participant, the rows and the places of their visits."""
    whose = label_codes(participant, n, "participants")
    when = label_codes(visit, n, "visits")
    order = np.lexsort((when, whose))
    starts = np.flatnonzero(np.diff(whose[order])) + 1
    clusters = [(rows, when[rows]) for rows in np.split(order, starts)]
    if any(len(np.unique(places)) < len(places) for _, places in clusters):
        raise UnusableInputError("a participant has two responses at one visit")
    return clusters


def _correlation(
    residual: Floats,
    clusters: list[tuple[Integers, Integers]],
    visits: int,
    structure: str,
    scale: float,
) -> Floats:
    """The working correlation from mean products of residuals."""
    if structure == "independence" or visits == 1:
        return np.eye(visits)
    table = np.full((len(clusters), visits), np.nan)
    for row, (rows, places) in enumerate(clusters):
        table[row, places] = residual[rows]
    seen = np.isfinite(table).astype(np.float64)
    filled = np.nan_to_num(table)
    products, pairs = filled.T @ filled / scale, seen.T @ seen
    gap = np.abs(np.subtract.outer(np.arange(visits), np.arange(visits)))
    correlation: Floats
    if structure == "unstructured":
        if (pairs == 0).any():
            raise UnusableInputError("two visits were never attended by the same participant")
        correlation = np.asarray(products / pairs)
    else:
        apart = gap > 0
        if pairs[apart].sum() == 0:
            raise UnusableInputError("no participant attended two visits")
        if structure == "ar1":
            base = _first_order(gap[apart], products[apart], pairs[apart])
            correlation = np.asarray(base ** gap.astype(np.float64))
        else:
            mean = products[apart].sum() / pairs[apart].sum()
            correlation = np.full_like(products, mean)
    np.fill_diagonal(correlation, 1.0)
    if np.linalg.eigvalsh(correlation)[0] <= 1e-10:
        raise UnusableInputError(
            "the working correlation is not positive definite", remedy="use a simpler structure"
        )
    return correlation


def _first_order(gap: Integers, products: Floats, pairs: Floats) -> float:
    """The correlation r of neighbors whose powers r^gap are nearest to the products."""

    def misfit(r: float) -> float:
        return float((pairs * r ** (2.0 * gap) - 2 * products * r ** (1.0 * gap)).sum())

    grid = np.linspace(-0.999, 0.999, 200)
    start = grid[int(np.argmin([misfit(r) for r in grid]))]
    found = minimize_scalar(
        misfit, bounds=(start - 0.011, start + 0.011), method="bounded", options={"xatol": 1e-13}
    )

    def slope(r: float) -> float:
        return float((gap * (pairs * r ** (2 * gap - 1.0) - products * r ** (gap - 1.0))).sum())

    low, high = found.x - 1e-5, found.x + 1e-5
    return float(brentq(slope, low, high)) if slope(low) < 0 < slope(high) else float(found.x)


def _equations(
    scaled: Floats,
    residual: Floats,
    clusters: list[tuple[Integers, Integers]],
    correlation: Floats,
) -> tuple[Floats, Floats, Floats]:
    """Information, score and the score's outer products, summed over participants."""
    p = scaled.shape[1]
    bread, score, meat = np.zeros((p, p)), np.zeros(p), np.zeros((p, p))
    inverses: dict[tuple[int, ...], Floats] = {}
    for rows, places in clusters:
        key = tuple(places.tolist())
        if key not in inverses:
            inverses[key] = np.asarray(np.linalg.inv(correlation[np.ix_(places, places)]))
        weighted = scaled[rows].T @ inverses[key]
        own = weighted @ residual[rows]
        bread += weighted @ scaled[rows]
        score += own
        meat += np.outer(own, own)
    return bread, score, meat
