"""The joint law of correlated test statistics: how likely is it that none exceeds its limit?"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy
from scipy import special

from trialwright.errors import UnusableInputError
from trialwright.stats.distributions import t_upper_quantile
from trialwright.stats.multiplicity.polyhedron import probability_outside
from trialwright.stats.results import Floats

CONDITIONING_NODES = {4: 64, 5: 24}
"""Nodes per conditioned dimension, by rank; higher ranks average over directions."""

TRIED_DIRECTIONS = 1000
NEGLIGIBLE = 1e-11
DIRECTIONS_POWER = 17  # of two, the number of directions
NO_LIMIT = 1e8
TABLE_SIZE = 256
TABLE_REACH = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class JointLaw:
    """Standardized statistics with a known correlation, jointly normal or Student.

    Probabilities are deterministic. Statistics of rank at most three (four doses or fewer) have
    error below 1e-12, by integration along the edges of a polyhedron; so have those that share
    one factor, as many-to-one comparisons do. At rank four the error is below 1e-7, at rank five
    about 1e-6, or 1e-4 where statistics are independent, and beyond that between 1e-4 and 4e-4.

    Attributes:
        correlation: shape (m, m).
        degrees_of_freedom: of the common variance estimate; infinity for normal statistics.

    Raises:
        UnusableInputError: a matrix that is no correlation, or degrees of freedom below or at zero.

    Source: Genz and Bretz, Computation of Multivariate Normal and t Probabilities, Springer 2009,
    for the problem; the edge integrals are derived in `polyhedron`.
    """

    correlation: Floats
    degrees_of_freedom: float = np.inf

    def __post_init__(self) -> None:
        correlation = np.asarray(self.correlation, dtype=float)
        object.__setattr__(self, "correlation", correlation)
        if correlation.ndim != 2 or not 0 < correlation.shape[0] == correlation.shape[1]:
            raise UnusableInputError(f"A correlation matrix of shape {correlation.shape}")
        if not (
            np.allclose(correlation, correlation.T, atol=1e-9)
            and np.allclose(np.diag(correlation), 1, atol=1e-9)
            and np.linalg.eigvalsh(correlation).min() > -1e-8
        ):
            raise UnusableInputError(
                "Not a correlation matrix",
                remedy="It must be symmetric and positive semidefinite with a unit diagonal.",
            )
        if not self.degrees_of_freedom > 0:
            raise UnusableInputError("Degrees of freedom must be positive")

    def exceeds(self, limits: npt.ArrayLike) -> Floats:
        """Give P(T_j > limit_j for some j); limits of shape (..., m), infinity for none."""
        upper = np.asarray(limits, dtype=float)
        return self._outside(np.full_like(upper, -np.inf), upper)

    def exceeds_either_side(self, limits: npt.ArrayLike) -> Floats:
        """Give P(|T_j| > limit_j for some j); limits of shape (..., m)."""
        upper = np.asarray(limits, dtype=float)
        return self._outside(-upper, upper)

    def exceeds_shifted(
        self, limits: npt.ArrayLike, shifts: npt.ArrayLike, *, two_sided: bool = False
    ) -> Floats:
        """Give P((Z_j + shift_j) / W > limit_j for some j): the power of a maximum test.

        Z is the normal vector and W the estimated over the true standard deviation. Limits and
        shifts have shapes that broadcast to (..., m). Two-sided: of the absolute values.
        """
        limit, shift = np.broadcast_arrays(
            np.asarray(limits, dtype=float), np.asarray(shifts, dtype=float)
        )
        scale, weight = scale_nodes(self.degrees_of_freedom)
        reach = limit[..., None, :] * scale[:, None]
        center = shift[..., None, :]
        lower = -reach - center if two_sided else np.full_like(reach, -np.inf)
        chances: Floats = JointLaw(self.correlation)._outside(lower, reach - center) @ weight
        return chances

    def critical_value(self, alpha: float, *, two_sided: bool = False) -> float:
        """Give the value that the largest statistic exceeds with probability alpha.

        >>> three_doses = JointLaw(np.full((3, 3), 0.5) + np.eye(3) / 2, 156)
        >>> round(three_doses.critical_value(0.025), 6)
        2.372111
        """
        if not 0 < alpha < 1:
            raise UnusableInputError("The level must lie between 0 and 1")
        ones = np.ones(len(self.correlation))
        exceeds = self.exceeds_either_side if two_sided else self.exceeds
        alone = float(self.quantile_above(alpha / 2 if two_sided else alpha))
        if len(ones) == 1:
            return alone
        bonferroni = float(self.quantile_above(alpha / (2 if two_sided else 1) / len(ones)))
        return float(
            scipy.optimize.brentq(
                lambda limit: float(exceeds(limit * ones)) - alpha,
                alone - 1e-6,
                bonferroni + 1e-6,
                xtol=1e-13,
            )
        )

    def adjusted(self, statistics: npt.ArrayLike, *, two_sided: bool = False) -> Floats:
        """Give single-step p-values: P(max_j T_j > t_i), or of |T_j| and |t_i|; shape kept."""
        observed = np.asarray(statistics, dtype=float)
        ones = np.ones(len(self.correlation))
        sizes = np.abs(observed) if two_sided else observed
        exceeds = self.exceeds_either_side if two_sided else self.exceeds
        if sizes.size <= 4 * TABLE_SIZE:
            return exceeds(sizes[..., None] * ones)
        low, high = np.clip([sizes.min(), sizes.max()], -TABLE_REACH, TABLE_REACH)
        if low == high:
            return exceeds(sizes[..., None] * ones)
        # For a stack of trials the p-value is one smooth function of one number
        table = np.linspace(low, high, TABLE_SIZE)
        chances = np.log(np.maximum(exceeds(table[:, None] * ones), 1e-300))
        spline = scipy.interpolate.make_interp_spline(table, chances, k=5)
        p_values: Floats = np.minimum(np.exp(spline(np.clip(sizes, low, high))), 1)
        beyond = (sizes < low) | (sizes > high)  # a table as wide as these would be too coarse
        p_values[beyond] = exceeds(sizes[beyond][:, None] * ones)
        return p_values

    def quantile_above(self, probability: npt.ArrayLike) -> Floats:
        """Give the value that one statistic exceeds with the given probability."""
        infinite = np.isinf(self.degrees_of_freedom)
        value: Floats = t_upper_quantile(
            np.asarray(probability), None if infinite else self.degrees_of_freedom
        )
        return value

    def _outside(self, lower: Floats, upper: Floats) -> Floats:
        """Give P(not lower ≤ T ≤ upper), shapes (..., m)."""
        count = len(self.correlation)
        if upper.ndim == 0 or upper.shape[-1] != count:
            raise UnusableInputError(f"{count} statistics need {count} limits, not {upper.shape}")
        if np.isnan(upper).any():
            raise UnusableInputError("A limit is not a number")
        low, high = lower.reshape(-1, count), upper.reshape(-1, count)
        loadings = common_factor(self.correlation)
        roots = factor(self.correlation)
        rank = roots.shape[1]
        if rank > 3 and loadings is not None:
            outside = _one_factor(loadings, low, high, self.degrees_of_freedom)
            return np.clip(outside, 0, 1).reshape(upper.shape[:-1])
        planes, limits = np.vstack([roots, -roots]), np.hstack([high, -low])
        bounding = np.any(limits < np.inf, axis=0)
        if not bounding.any():
            return np.zeros(upper.shape[:-1])
        planes, limits = planes[bounding], np.minimum(limits[:, bounding], NO_LIMIT)
        if rank <= max(CONDITIONING_NODES):
            nodes = CONDITIONING_NODES.get(rank, 1)
            outside = _conditioned(planes, limits, self.degrees_of_freedom, nodes)
        else:
            outside = _over_directions(planes, limits, self.degrees_of_freedom)
        return np.clip(outside, 0, 1).reshape(upper.shape[:-1])


def factor(correlation: Floats) -> Floats:
    """Give a matrix of the smallest rank r, shape (m, r), that times its transpose is correlation.

    Columns are ordered from the smallest eigenvalue to the largest.
    """
    values, vectors = np.linalg.eigh(correlation)
    kept = values > 1e-10 * len(values)
    roots = vectors[:, kept] * np.sqrt(values[kept])
    unit: Floats = roots / np.linalg.norm(roots, axis=1, keepdims=True)
    return unit


def common_factor(correlation: Floats) -> Floats | None:
    """Give loadings with correlation_ij = loading_i loading_j for all i ≠ j, if there are any."""
    count = len(correlation)
    if count < 3:
        return None
    apart = ~np.eye(count, dtype=bool)
    if np.any(np.abs(correlation[apart]) < 1e-12):
        return None
    anchor = correlation[0, 1] * correlation[0, 2] / correlation[1, 2]
    if not 0 < anchor < 1:
        return None
    loadings = correlation[0] / np.sqrt(anchor)
    loadings[0] = np.sqrt(anchor)
    fits = np.allclose((np.outer(loadings, loadings) - correlation)[apart], 0, atol=1e-12)
    return loadings if fits and np.all(np.abs(loadings) < 1 - 1e-6) else None


def scale_nodes(degrees_of_freedom: float) -> tuple[Floats, Floats]:
    """Give nodes and weights for the law of sqrt(chi² / df), the estimated over the true sd."""
    if np.isinf(degrees_of_freedom):
        return np.ones(1), np.ones(1)
    law = scipy.stats.chi(degrees_of_freedom, scale=1 / np.sqrt(degrees_of_freedom))
    nodes, weights = _legendre(48, float(law.ppf(1e-16)), float(law.isf(1e-16)))
    weights = weights * law.pdf(nodes)
    return nodes, weights / weights.sum()


def _conditioned(planes: Floats, limits: Floats, degrees_of_freedom: float, nodes: int) -> Floats:
    """Give P(planes @ x exceeds a limit) by conditioning on all but the last three coordinates.

    Given its first coordinate, a Student vector with ν degrees of freedom is one with ν + 1,
    widened by the square root of (ν + x²) / (ν + 1).
    """
    rank = planes.shape[1]
    if rank <= 3:
        return probability_outside(
            np.pad(planes, ((0, 0), (0, 3 - rank))), limits, degrees_of_freedom
        )
    planes = flattest_first(planes)
    law = scipy.stats.norm if np.isinf(degrees_of_freedom) else scipy.stats.t(degrees_of_freedom)
    reach = np.arcsinh(law.isf(NEGLIGIBLE))
    # Equal steps are the best rule for what vanishes, with all of its slopes, at both ends
    places = np.linspace(-reach, reach, nodes)
    x = np.sinh(places)
    weights = np.cosh(places) * law.pdf(x)
    widening = np.ones_like(x)
    if np.isfinite(degrees_of_freedom):
        widening = np.sqrt((degrees_of_freedom + x**2) / (degrees_of_freedom + 1))
    length = np.linalg.norm(planes[:, 1:], axis=1)
    remaining = (limits[:, None, :] - x[:, None] * planes[:, 0]) / (widening[:, None] * length)
    chances = _conditioned(
        planes[:, 1:] / length[:, None],
        remaining.reshape(-1, limits.shape[1]),
        degrees_of_freedom + 1,
        nodes,
    )
    total: Floats = chances.reshape(len(limits), nodes) @ (weights / weights.sum())
    return total


def flattest_first(planes: Floats) -> Floats:
    """Rotate space so that the normals have as little of the first coordinate as can be found.

    Given that coordinate, the planes then still lie in the others, and the chance of leaving the
    polyhedron is a smooth function of it. Along an axis that is some plane's own normal it jumps.
    """
    rank = planes.shape[1]
    drawn = np.random.Generator(np.random.Philox(rank)).standard_normal((TRIED_DIRECTIONS, rank))
    tried = np.vstack([np.linalg.eigh(planes.T @ planes)[1].T, drawn])
    tried /= np.linalg.norm(tried, axis=1, keepdims=True)
    steepest = np.abs(tried @ planes.T).max(axis=1)
    first = tried[steepest.argmin()]
    rotation = np.linalg.qr(np.column_stack([first, np.eye(rank)]))[0]
    rotated: Floats = planes @ rotation
    return rotated


def _one_factor(
    loadings: Floats, lower: Floats, upper: Floats, degrees_of_freedom: float
) -> Floats:
    """Integrate over the common factor, given which the statistics are independent."""
    own = np.sqrt(1 - loadings**2)
    step = min(own.min() / 3, 0.2)  # close statistics leave their limits almost together
    common = np.arange(-8.5, 8.5, step)
    weight = np.exp(-(common**2) / 2) * step / np.sqrt(2 * np.pi)
    scale, scale_weight = scale_nodes(degrees_of_freedom)
    center = common[:, None] * loadings
    outside = np.zeros(len(upper))
    for width, chance in zip(scale, scale_weight, strict=True):
        high = special.ndtr((upper[:, None, :] * width - center) / own)
        low = special.ndtr((lower[:, None, :] * width - center) / own)
        outside += chance * (1 - np.prod(high - low, axis=2)) @ weight
    return outside


def _over_directions(planes: Floats, limits: Floats, degrees_of_freedom: float) -> Floats:
    """Average, over a fixed set of directions, the chance that the radius leaves the polyhedron."""
    rank = planes.shape[1]
    uniform = scipy.stats.qmc.Sobol(rank, rng=1).random_base2(DIRECTIONS_POWER)
    towards = special.ndtri(np.clip(uniform, 1e-16, 1 - 1e-16))
    towards /= np.linalg.norm(towards, axis=1, keepdims=True)
    slope = towards @ planes.T
    outside = np.empty(len(limits))
    for row, limit in enumerate(limits):
        with np.errstate(divide="ignore", invalid="ignore"):
            crossing = limit / slope
        last = np.where(slope > 0, crossing, np.inf).min(axis=1)
        first = np.where(slope < 0, crossing, 0).max(axis=1, initial=0)
        leaves = _radius_tail(np.maximum(last, 0), rank, degrees_of_freedom)
        enters = _radius_tail(first, rank, degrees_of_freedom)
        outside[row] = 1 - np.mean(np.clip(enters - leaves, 0, None))
    return outside


def _radius_tail(radius: Floats, rank: int, degrees_of_freedom: float) -> Floats:
    squared = np.minimum(radius, NO_LIMIT) ** 2
    if np.isinf(degrees_of_freedom):
        tail: Floats = special.chdtrc(rank, squared)
    else:
        tail = special.fdtrc(rank, degrees_of_freedom, squared / rank)
    return tail


def _legendre(count: int, low: float, high: float) -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return low + (nodes + 1) * (high - low) / 2, weights * (high - low) / 2
