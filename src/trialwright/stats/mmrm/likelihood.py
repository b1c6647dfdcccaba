"""The (restricted) likelihood of a mean and a covariance, with its derivatives by the covariance.

With V the covariance of a participant's records, W its inverse, r the residuals and
Phi = (sum X'WX)^-1, the negative logarithm of the likelihood is, up to a constant,

    f = 1/2 sum log|V| + 1/2 sum r'Wr  [ + 1/2 log|sum X'WX|, if restricted ].

Its slope along D is 1/2 sum tr(D (W - W N W)), where N = rr' [ + X Phi X' ]; its curvature along
D and E is 1/2 sum tr(D W E (2 W N W - W)) - u_D' Phi u_E [ - 1/2 tr(Phi P_D Phi P_E) ], where
P_D = sum X'WDWX and u_D = sum X'WDWr, plus the slope along the second derivative of V. All sums run
over participants, and none is computed so: see `cross_products`.

Harville DA. Maximum likelihood approaches to variance component estimation and to related problems.
Journal of the American Statistical Association 1977;72:320-338.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import block_diag

from trialwright.stats.mmrm import ascent, directions, elements, kernels
from trialwright.stats.mmrm.cross_products import CrossProducts
from trialwright.stats.mmrm.structures import Structure
from trialwright.stats.results import Floats


@dataclass(frozen=True, slots=True)
class Point:
    """The likelihood at one covariance.

    Attributes:
        parameters: shape (groups, k).
        value: f, without its constant.
        slope: of f, shape (groups * k,).
        coefficients: the best mean, shape (p,).
        phi: their covariance, shape (p, p).
        inverse: blocks W.
        scatter: blocks W N W, summed over each pattern's participants.
        pull: 1/2 sum (W - W N W) by group, shape (groups, m, m).
        directions: derivatives of V, shape (groups, k, m, m); empty for the unstructured one.
    """

    parameters: Floats
    value: float
    slope: Floats
    coefficients: Floats
    phi: Floats
    inverse: Floats
    scatter: Floats
    pull: Floats
    directions: Floats


@dataclass(frozen=True, slots=True)
class Likelihood:
    """A likelihood of given data, as a function of covariance parameters.

    Attributes:
        data: the cross-products.
        structure: of the covariance.
        distance: between visits, shape (m, m).
        groups: number of covariance groups.
        restricted: REML, else ML.
    """

    data: CrossProducts
    structure: Structure
    distance: Floats
    groups: int
    restricted: bool

    @property
    def visits(self) -> int:
        """Number of visits m."""
        return len(self.distance)

    def covariance(self, parameters: Floats) -> Floats:
        """V of each group, shape (groups, m, m)."""
        made = [self.structure.covariance(row, self.distance) for row in parameters]
        return np.stack(made)

    def at(self, parameters: Floats) -> Point | None:
        """Evaluate, shape (groups, k); None if a covariance or the information is not positive."""
        found = kernels.evaluate(self.covariance(parameters), self.restricted, *self.data.arrays)
        return self._point(parameters, found) if found[0] else None

    def _point(self, parameters: Floats, found: ascent.Found) -> Point:
        _, value, coefficients, phi, inverse, scatter, pull = found
        directions = self._directions(parameters)
        slope = self._slope(pull, directions)
        return Point(
            parameters, value, slope, coefficients, phi, inverse, scatter, pull, directions
        )

    def climbed(self, point: Point, slope: float, stop: float) -> tuple[Point, int, bool]:
        """A point nearer the maximum, the steps to it, and whether it is the maximum.

        For the unstructured covariance all steps are taken at once, compiled; else none.
        """
        if not self.structure.unstructured:
            return point, 0, False
        data = self.data
        covariance, found, steps, arrived = ascent.climb(
            self.covariance(point.parameters),
            self.restricted, slope, stop, data.arrays, data.row_pattern,
        )  # fmt: skip
        elements = covariance[:, np.tri(self.visits, dtype=bool)]
        return self._point(elements, found), steps, arrived

    def scoring(self, point: Point) -> Floats:
        """Expected curvature of f but for the mean's share, shape (K, K); positive definite."""
        return 0.5 * self._products(point, self._counted(point))

    def rough_curvature(self, point: Point) -> Floats:
        """Curvature of f but for the mean's share, which is of the order p / N, shape (K, K)."""
        hessian = 0.5 * self._products(point, 2 * point.scatter - self._counted(point))
        return self._with_bends(point, hessian)

    def bent(self, hessian: Floats) -> npt.NDArray[np.bool_]:
        """The parameters along which f bends, shape (K,).

        A spatial decay so fast that no correlation is left moves nothing: it stays where it is.
        """
        across = np.diag(hessian)
        if not self.structure.spatial:
            return np.ones(len(across), dtype=bool)
        return np.asarray(across > 1e-20 * across.max())

    def curvature(self, point: Point) -> tuple[Floats, Floats]:
        """Exact curvature of f, shape (K, K), and the derivatives P of X'WX, shape (K, p, p)."""
        exact, inner = elements.exact_curvature(
            self.rough_curvature(point), self._row_weights(point), self.restricted,
            point.coefficients, point.phi, *self.data.arrays[1:5],
        )  # fmt: skip
        return np.asarray(exact), np.asarray(inner)

    def weighed(self, blocks: Floats) -> Floats:
        """Sum of X'BX for symmetric blocks B, shape (p, p)."""
        return np.ascontiguousarray(self._weigh(blocks[self.data.first][:, None])[0, :-1, :-1])

    def _counted(self, point: Point) -> Floats:
        """Blocks W times the participants of each pattern."""
        return np.asarray(np.repeat(self.data.size, np.diff(self.data.block_start)) * point.inverse)

    def _with_bends(self, point: Point, hessian: Floats) -> Floats:
        if not self.structure.unstructured:
            k = point.parameters.shape[1]
            for g, row in enumerate(point.parameters):
                own = slice(g * k, (g + 1) * k)
                bends = self.structure.bends(row, self.distance)
                hessian[own, own] += np.einsum("ijab,ab->ij", bends, point.pull[g])
        return hessian

    def _weigh(self, weights: Floats) -> Floats:
        data = self.data
        return np.asarray(
            kernels.weigh(weights, data.table, data.pairs, data.pair_start, data.slots)
        )

    def _directions(self, parameters: Floats) -> Floats:
        if self.structure.unstructured:
            return np.empty((self.groups, 0, self.visits, self.visits))
        return np.array([self.structure.slopes(row, self.distance) for row in parameters])

    def _slope(self, pull: Floats, directions: Floats) -> Floats:
        if self.structure.unstructured:
            doubled = 2 * pull - pull * np.eye(self.visits)
            return np.asarray(doubled[:, np.tri(self.visits, dtype=bool)]).ravel()
        return np.asarray(np.einsum("gkab,gab->gk", directions, pull).ravel())

    def _row_weights(self, point: Point) -> Floats:
        data = self.data
        rows = (data.first, data.row_pattern)
        where = (data.seen, data.seen_start, data.block_start, data.group)
        if self.structure.unstructured:
            found = elements.element_weights(point.inverse, *rows, *where, self.groups, self.visits)
        else:
            found = directions.direction_weights(point.inverse, point.directions, *rows, *where)
        return np.asarray(found)

    def _products(self, point: Point, right: Floats) -> Floats:
        """Sums of tr(D W E R) over patterns, for blocks R, shape (K, K)."""
        data = self.data
        where = (data.seen, data.seen_start, data.block_start, data.group)
        if self.structure.unstructured:
            each = elements.element_products(point.inverse, right, *where, self.groups, self.visits)
        else:
            each = directions.direction_products(point.inverse, right, point.directions, *where)
        if self.groups == 1:
            return np.asarray(each[0])
        return np.asarray(block_diag(*each))
