"""The exact probability that three-dimensional normal or Student vectors leave a polyhedron.

Write S(r) for the chance that such a vector lies further out than r. The field −x S(|x|) / (4π|x|³)
has the vector's density as divergence, apart from a point source at the origin. The divergence
theorem, applied to the polyhedron and then to each of its faces, leaves integrals along edges:

    P(outside) = [origin outside] + Σ_faces d/4π ( 2π K(d) [foot on face] − Σ_edges ∫ K(r) dψ )

with d the distance of the face from the origin, ψ the angle about the foot of the perpendicular in
the face, and K(r) = ∫_r^∞ S(s) s⁻² ds = P(|T| > r) / r, where T is one coordinate of the vector. So
what remains is smooth integrals of the two-sided Student tail, one per edge.
"""

import numpy as np
import numpy.typing as npt
from scipy import special

from trialwright.stats.results import Floats

NEGLIGIBLE_TAIL = 1e-17
PARALLEL = 1e-9
NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(16)
PANEL = 1.6  # the widest panel, in units of asinh, on which sixteen nodes give twelve digits


def probability_outside(normals: Floats, limits: Floats, degrees_of_freedom: float) -> Floats:
    """Give the chance that normals @ x exceeds any of the limits.

    Args:
        normals: shape (m, 3), unit vectors.
        limits: shape (s, m): s polyhedra with the same normals.
        degrees_of_freedom: of x; infinity for a normal vector.

    Returns:
        Shape (s,).
    """
    tiny = 1e-12  # a plane through the origin would need half of its source
    limits = np.clip(limits, -1e8, 1e8)
    limits = np.where(np.abs(limits) < tiny, tiny, limits)
    edges = _Edges(normals, limits)
    inside = np.all(limits > 0, axis=1)
    distance = np.abs(limits)
    whole_face = 2 * np.pi * _tail(distance, degrees_of_freedom) / distance
    face = np.where(edges.foot_on_face, whole_face, 0) - edges.flux(degrees_of_freedom)
    flux = (limits * np.where(edges.active, face, 0)).sum(axis=1) / (4 * np.pi)
    outside: Floats = np.clip(~inside + flux, 0, 1)
    return outside


class _Edges:
    """The lines in which pairs of planes meet, clipped to the polyhedron.

    Arrays have the axes (polyhedron, face, neighbor). A line runs at distance `height` from the
    foot of its face, and is inside the polyhedron from `start` to `end`.
    """

    def __init__(self, normals: Floats, limits: Floats) -> None:
        count = len(normals)
        cosine = normals @ normals.T
        np.clip(cosine, -1, 1, out=cosine)
        sine = np.sqrt(np.clip(1 - cosine**2, 0, None))
        along = np.cross(normals[:, None], normals[None, :])
        sine = np.where(sine < 1e-6, np.linalg.norm(along, axis=2), sine)
        meets = sine > PARALLEL
        scale = np.where(meets, sine, 1)
        self.limits = limits
        same = (cosine > 0) & ~meets & ~np.eye(count, dtype=bool)
        tighter = (limits[:, None, :] < limits[:, :, None]) | (
            (limits[:, None, :] == limits[:, :, None]) & np.tri(count, k=-1, dtype=bool)
        )
        self.active = ~np.any(same & tighter, axis=2)
        height = (limits[:, None, :] - cosine * limits[:, :, None]) / scale
        self.height = np.where(np.abs(height) < 1e-18, 1e-18, height)
        beyond = np.where(meets, self.height, limits[:, None, :] - cosine * limits[:, :, None])
        beyond = np.where(np.eye(count, dtype=bool) | (same & ~tighter), 1, beyond)
        self.foot_on_face = np.all(beyond >= 0, axis=2)
        self._clip(normals, cosine, along / scale[:, :, None], scale, meets)

    def _clip(
        self,
        normals: Floats,
        cosine: Floats,
        along: Floats,
        sine: Floats,
        meets: npt.NDArray[np.bool_],
    ) -> None:
        start = np.full(self.height.shape, -np.inf)
        end = np.full(self.height.shape, np.inf)
        possible = meets & self.active[:, :, None] & self.active[:, None, :]
        for other, normal in enumerate(normals):
            rate = along @ normal
            across = (cosine[None, :, other] - cosine * cosine[:, other, None]) / sine
            room = (
                self.limits[:, other, None, None]
                - self.limits[:, :, None] * cosine[None, :, other, None]
                - self.height * across
            )
            unbounded = np.abs(rate) < PARALLEL
            crossing = room / np.where(unbounded, 1, rate)
            end = np.where(~unbounded & (rate > 0), np.minimum(end, crossing), end)
            start = np.where(~unbounded & (rate < 0), np.maximum(start, crossing), start)
            possible &= ~(unbounded & self._hidden(other, np.sign(across) * meets[:, [other]]))
        self.start, self.end = start, end
        self.real = possible & (start < end)

    def _hidden(self, other: int, turn: Floats) -> npt.NDArray[np.bool_]:
        """Tell which lines another plane, parallel to them, hides from their face.

        That plane cuts the face in a line of its own, on the same side as the neighbor (`turn` is
        1), on the opposite one (−1), or nowhere (0). Of lines on one side the nearest is the edge,
        and of several that are one, the first: to count them all, or none, would be wrong.
        """
        each = np.arange(len(turn))
        ahead = self.height[:, :, other, None] - turn * self.height
        nearer = (ahead < 0) | ((ahead == 0) & (turn > 0) & (other < each))
        rival = self.active[:, other, None, None] & (each != other)[:, None]
        hidden: npt.NDArray[np.bool_] = nearer & rival
        return hidden

    def flux(self, degrees_of_freedom: float) -> Floats:
        """Give, per face, the sum over its edges of ∫ K(r) dψ; shape (polyhedron, face).

        On an edge r² = d² + h² + s², and dψ = h / (h² + s²) ds has a sharp peak where h is small.
        K(d) is subtracted from K(r), which removes the peak exactly, and its integral, an angle,
        added. The substitution s = e sinh v with e² = d² + h² spreads what is left.
        """
        which = np.nonzero(self.real)
        height = self.height[which]
        nearest = np.hypot(self.limits[which[0], which[1]], height)
        reach = np.arccosh(np.maximum(_last_radius(degrees_of_freedom) / nearest, 1))
        low = np.clip(np.arcsinh(self.start[which] / nearest), -reach, reach)
        high = np.clip(np.arcsinh(self.end[which] / nearest), -reach, reach)
        panels = max(1, int(np.ceil(np.max(high - low, initial=0) / PANEL)))
        width = (high - low) / panels
        step = (np.arange(panels)[:, None] + (NODES + 1) / 2).ravel()
        v = low[:, None] + width[:, None] * step
        radius = nearest[:, None] * np.cosh(v)
        distance = np.abs(self.limits[which[0], which[1]])
        at_foot = _tail(distance, degrees_of_freedom) / distance
        rest = _tail(radius, degrees_of_freedom) - at_foot[:, None] * radius
        peak = height[:, None] / (height[:, None] ** 2 + (nearest[:, None] * np.sinh(v)) ** 2)
        smooth = (rest * peak) @ np.tile(NODE_WEIGHTS / 2, panels) * width
        angle = np.arctan2(nearest * np.sinh(high), np.abs(height)) - np.arctan2(
            nearest * np.sinh(low), np.abs(height)
        )
        total = smooth + at_foot * np.sign(height) * angle
        sums = np.zeros(self.limits.shape)
        np.add.at(sums, which[:2], total)
        return sums


def _tail(radius: Floats, degrees_of_freedom: float) -> Floats:
    """Give P(|T| > radius)."""
    if np.isinf(degrees_of_freedom):
        tail: Floats = special.erfc(radius / np.sqrt(2))
    else:
        tail = 2 * special.stdtr(degrees_of_freedom, -radius)
    return tail


def _last_radius(degrees_of_freedom: float) -> float:
    if np.isinf(degrees_of_freedom):
        return float(-special.ndtri(NEGLIGIBLE_TAIL))
    return float(-special.stdtrit(degrees_of_freedom, NEGLIGIBLE_TAIL))
