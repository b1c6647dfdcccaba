"""Fitting a mixed model for repeated measures: arrays in, maximum of the likelihood out."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import lapack

from trialwright.errors import UnusableInputError
from trialwright.stats.mmrm.cross_products import CrossProducts, cross_products, refuse_repeated
from trialwright.stats.mmrm.likelihood import Likelihood, Point
from trialwright.stats.mmrm.maximum import SLOPE, maximize, starting_point
from trialwright.stats.mmrm.structures import Structure, structure_named
from trialwright.stats.results import Floats, Integers
from trialwright.stats.threads import single_threaded


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A fitted model for n records of N participants at m visits, with p coefficients.

    Attributes:
        coefficients: shape (p,).
        model_covariance: of the coefficients, from the model, shape (p, p).
        visit_covariance: among visits, by covariance group, shape (groups, m, m).
        parameter_covariance: inverse of the exact curvature at the maximum, shape (K, K), by the
            structure's parameters of each group in turn, for the scaled response.
        information_slopes: derivatives of X'WX by those parameters, times -1, shape (K, p, p).
        log_likelihood: restricted or full; as R's mmrm and nlme::gls, without log|X'X|.
        largest_slope: of the log likelihood at the end, by the parameters above.
        converged: whether the slope is below 1e-8 and the curvature that of a maximum.
        steps: taken.
        scale: what the response was divided by for the fit.
        restricted: REML, else ML.
        likelihood, point: the function that was maximized and its place.
        residuals: on the scale of the fit and with the root of the weights, shape (n,).
        design: with the root of the weights, shape (n, p).
        start, visit, participant: of the sorted records: where each participant's start, shape
            (N + 1,), position of the visit, shape (n,), and where each came from, shape (n,).
    """

    coefficients: Floats
    model_covariance: Floats
    visit_covariance: Floats
    parameter_covariance: Floats
    information_slopes: Floats
    log_likelihood: float
    largest_slope: float
    converged: bool
    steps: int
    scale: float
    restricted: bool
    likelihood: Likelihood
    point: Point
    residuals: Floats
    design: Floats
    start: Integers
    visit: Integers
    order: Integers

    @property
    def records(self) -> int:
        """How many records were fitted."""
        return len(self.visit)

    @property
    def participants(self) -> int:
        """How many participants have records."""
        return len(self.start) - 1

    @property
    def aic(self) -> float:
        """Akaike's criterion; only covariance parameters are counted, as in R's mmrm."""
        return -2 * self.log_likelihood + 2 * len(self.point.slope)

    @property
    def bic(self) -> float:
        """Schwarz's criterion, with the number of participants, as in R's mmrm."""
        return -2 * self.log_likelihood + float(np.log(self.participants)) * len(self.point.slope)


@single_threaded
def fit_mmrm(
    response: npt.ArrayLike,
    design: npt.ArrayLike,
    participant: npt.ArrayLike,
    visit: npt.ArrayLike,
    *,
    covariance: str = "us",
    group: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
    positions: npt.ArrayLike | None = None,
    restricted: bool = True,
    start: npt.ArrayLike | None = None,
) -> Fit:
    """Fit a mixed model for repeated measures.

    Args:
        response: shape (n,).
        design: shape (n, p), of full rank.
        participant: shape (n,), any labels.
        visit: shape (n,), integers 0 to m - 1.
        covariance: a structure: 'us', 'cs', 'csh', 'ar1', 'ar1h', 'toep', 'toeph', 'ad', 'adh',
            'sp_exp'.
        group: shape (n,), constant within a participant: integers from 0, one covariance each.
        weights: shape (n,), positive: a record's variance is divided by its weight.
        positions: shape (m,): where the visits lie, for the spatial structure; else 0 to m - 1.
        restricted: REML, else ML.
        start: shape (m, m): a covariance to start from, such as that of a trial's design; else
            from the moments of the least-squares residuals. It saves steps, and changes no result.

    Returns:
        The fit; `converged` says whether it reached the maximum.

    Raises:
        UnusableInputError: if arrays do not fit together, the design is collinear, the response is
            fitted exactly, a covariance is not determined by the data, or no start can be found.

    Reference:
        Mallinckrodt CH, et al. Recommendations for the primary analysis of continuous endpoints in
        longitudinal clinical trials. Drug Information Journal 2008;42:303-319.

    Example:
        >>> who, week, arm = np.repeat(range(6), 2), np.tile([0, 1], 6), np.repeat([0, 1], 6)
        >>> design = np.column_stack([week == 0, week == 1, arm * (week == 1)])
        >>> change = [-1.0, -2, 0, -3, -2, -1, -4, -6, -3, -5, -2, -7]
        >>> fit = fit_mmrm(change, design, who, week, covariance="cs")
        >>> fit.converged, fit.visit_covariance.shape
        (True, (1, 2, 2))
    """
    structure = structure_named(covariance)
    y, x = np.asarray(response, dtype=np.float64), np.asarray(design, dtype=np.float64)
    visits = np.asarray(visit, dtype=np.int64)
    who = np.unique(np.asarray(participant), return_inverse=True)[1]
    groups = np.zeros(len(y), np.int64) if group is None else np.asarray(group, dtype=np.int64)
    weight = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)
    _refuse_misfits(y, x, who, visits, groups, weight)
    order = np.lexsort((visits, who))
    who, visits, groups, weight = who[order], visits[order], groups[order], weight[order]
    refuse_repeated(who, visits)
    begin = np.flatnonzero(np.diff(who, prepend=-1, append=who[-1] + 1))
    if (np.diff(groups) != 0)[np.diff(who) == 0].any():
        raise UnusableInputError("a participant is in two covariance groups")
    m = int(visits.max()) + 1
    place = np.arange(m) if positions is None else np.asarray(positions, dtype=np.float64)
    values = np.empty((len(y), x.shape[1] + 1))
    in_order = bool((np.diff(order) == 1).all())
    values[:, :-1] = x if in_order else x[order]
    values[:, -1] = y[order]
    if weights is not None:
        values *= np.sqrt(weight)[:, None]
    x, y = values[:, :-1], values[:, -1].copy()
    first = _least_squares(values)
    residual = y - x @ first
    squares = float(residual @ residual)
    if squares <= 1e-22 * float(y @ y) or squares == 0:
        raise UnusableInputError(
            "the response is fitted without error, so its variance cannot be estimated",
            remedy="look for a constant outcome, or a coefficient for every record",
        )
    scale = float(np.sqrt(squares / len(y)))
    values[:, -1] = residual / scale
    data = cross_products(values, begin, visits, m, groups[begin[:-1]])
    number = int(groups.max()) + 1
    _refuse_undetermined(data, structure, m, number)
    distance = np.abs(np.subtract.outer(place, place)).astype(np.float64)
    likelihood = Likelihood(data, structure, distance, number, restricted)
    given = None if start is None else np.asarray(start, dtype=np.float64) / scale**2
    point, hessian, inner, steps = maximize(likelihood, starting_point(likelihood, given))
    covariance_of_parameters, positive = _inverse(hessian, likelihood.bent(hessian))
    largest = float(np.abs(point.slope).max())
    free = len(y) - x.shape[1] * restricted
    constant = 0.5 * free * np.log(2 * np.pi) + free * np.log(scale) - 0.5 * np.log(weight).sum()
    return Fit(
        coefficients=first + scale * point.coefficients,
        model_covariance=scale**2 * point.phi,
        visit_covariance=scale**2 * likelihood.covariance(point.parameters),
        parameter_covariance=covariance_of_parameters,
        information_slopes=inner,
        log_likelihood=-point.value - float(constant),
        largest_slope=largest,
        converged=largest < SLOPE and positive,
        steps=steps,
        scale=scale,
        restricted=restricted,
        likelihood=likelihood,
        point=point,
        residuals=residual / scale - x @ point.coefficients,
        design=x,
        start=begin,
        visit=visits,
        order=order,
    )


def _inverse(hessian: Floats, bent: npt.NDArray[np.bool_]) -> tuple[Floats, bool]:
    """Inverse of the curvature and whether it is positive definite; infinite if not invertible.

    Parameters along which the likelihood does not bend at all have no part in it.
    """
    out = np.zeros_like(hessian)
    try:
        kept = hessian[np.ix_(bent, bent)]
        np.linalg.cholesky(kept)
        inverse = np.linalg.inv(kept)
    except np.linalg.LinAlgError:
        return np.full_like(hessian, np.inf), False
    out[np.ix_(bent, bent)] = (inverse + inverse.T) / 2
    return out, True


def _least_squares(values: Floats) -> Floats:
    """Coefficients of the last column on the others, which must not follow from each other."""
    with np.errstate(invalid="ignore", over="ignore"):
        products = values.T @ values
    if not np.isfinite(products).all():
        raise UnusableInputError(
            "response or design holds values that are no finite numbers, or too large ones",
            remedy="leave incomplete records out",
        )
    length = np.sqrt(np.diag(products)[:-1])
    if (length == 0).any():
        raise CollinearDesignError(np.flatnonzero(length == 0))
    unit = products[:-1, :-1] / np.outer(length, length)
    root, failed = lapack.dpotrf(unit)
    if failed or (np.diag(root) ** 2 < 1e-11).any():  # too near to collinear for squares
        x = values[:, :-1]
        left = np.abs(np.diag(np.linalg.qr(x / length, mode="r")))
        if (left < 1e-9).any():
            raise CollinearDesignError(np.flatnonzero(left < 1e-9))
        return np.asarray(np.linalg.lstsq(x, values[:, -1], rcond=None)[0])
    return np.asarray(lapack.dpotrs(root, products[:-1, -1] / length)[0] / length)


class CollinearDesignError(UnusableInputError):
    """Columns of the design that follow from the ones before them, or are zero."""

    def __init__(self, columns: Integers, names: tuple[str, ...] | None = None) -> None:
        self.columns = columns
        shown = [str(k) if names is None else names[k] for k in columns]
        super().__init__(
            f"columns of the design follow from the others: {', '.join(shown)}",
            remedy="take them out, or join levels that no record has",
        )


def _refuse_misfits(
    y: Floats, x: Floats, who: Integers, visit: Integers, group: Integers, weight: Floats
) -> None:
    if x.ndim != 2 or not len(y) == len(x) == len(who) == len(visit) == len(group) == len(weight):
        raise UnusableInputError("response, design and the other arrays differ in length")
    if len(y) <= x.shape[1]:
        raise UnusableInputError(f"{len(y)} records are too few for {x.shape[1]} coefficients")
    if not (np.isfinite(weight).all() and (weight > 0).all()):
        raise UnusableInputError("weights must be positive numbers")
    if visit.min() < 0 or group.min() < 0:
        raise UnusableInputError("visits and groups are counted from 0")


def _refuse_undetermined(
    data: CrossProducts, structure: Structure, visits: int, groups: int
) -> None:
    """An unstructured covariance needs somebody at each pair of visits, in each group."""
    if len(np.unique(data.seen)) < visits:
        missing = sorted(set(range(visits)) - set(data.seen.tolist()))
        raise UnusableInputError(
            f"nobody has a record at visit {', '.join(map(str, missing))} (counted from 0)",
            remedy="leave the visit out",
        )
    if len(np.unique(data.group)) < groups:
        raise UnusableInputError("a covariance group has no participants")
    if not structure.unstructured:
        if (data.pairs[:, 0] == data.pairs[:, 1]).all():
            raise UnusableInputError(
                "no participant has records at two visits, so correlations cannot be estimated",
                remedy="if there is one visit only, choose the unstructured covariance, 'us'",
            )
        return
    pair = np.repeat(np.arange(len(data.pairs)), np.diff(data.pair_start))
    met = np.zeros((groups, visits, visits), dtype=bool)
    met[data.group[data.row_pattern], *data.pairs[pair].T] = True
    apart = np.argwhere(np.triu(~met))
    if len(apart):
        raise UnusableInputError(
            f"no participant has records at both visits {apart[0, 1]} and {apart[0, 2]}"
            " (counted from 0)",
            remedy="choose a covariance structure with fewer parameters",
        )
