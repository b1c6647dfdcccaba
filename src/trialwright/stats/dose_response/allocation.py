"""Optimal allocation of participants to doses, with the proof of its optimality."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.dose_response.candidates import Candidate
from trialwright.stats.dose_response.shapes import Shape, checked_doses, shape_named
from trialwright.stats.dose_response.target_doses import target_dose
from trialwright.stats.results import Floats, Integers

Criterion = Literal["determinant", "target-dose"]
ITERATIONS = 200_000
UNUSED = 1e-6  # a dose with less than this share is left out


@dataclass(frozen=True, slots=True, eq=False)
class OptimalAllocation:
    """Shares of the participants at each dose.

    Attributes:
        weights: shape (k,), summing to one.
        criterion: the minimized value: the mean of −log det(information) / coefficients, or of the
            log variance of the target dose.
        optimality_gap: by how much any other allocation can lower the criterion, at most.
    """

    weights: Floats
    criterion: float
    optimality_gap: float


def optimal_allocation(
    candidates: Sequence[Candidate],
    probabilities: npt.ArrayLike,
    doses: npt.ArrayLike,
    *,
    criterion: Criterion = "determinant",
    target_effect: float | None = None,
    largest_effect: float = 1.0,
) -> OptimalAllocation:
    """Find the allocation that estimates the curves, or their target doses, best.

    Weights are multiplied by their directional derivatives until the equivalence theorem bounds
    what is left to gain.

    Args:
        candidates: m curves that may be true.
        probabilities: shape (m,): how likely each is; they sum to one.
        doses: shape (k,), rising.
        criterion: `determinant` (of the information on all coefficients) or `target-dose`.
        target_effect: for `target-dose`: the effect that the dose shall have.
        largest_effect: of the candidates, in the dose range.

    Raises:
        UnusableInputError: input that does not fit, a curve with more coefficients than doses, one
            that the doses do not determine, or one that has no target dose.

    Source: Dette, Bretz, Pepelyshev, Pinheiro, JASA 2008;103:1225; the algorithm is that of
    Silvey, Titterington, Torsney, Commun Stat A 1978;7:1379.

    >>> line = [Candidate("linear", "linear")]
    >>> optimal_allocation(line, [1], [0, 0.5, 1]).weights.round(6).tolist()
    [0.5, 0.0, 0.5]
    """
    levels = checked_doses(doses)
    shares = np.asarray(probabilities, dtype=float)
    if shares.shape != (len(candidates),) or not np.all(shares >= 0):
        raise UnusableInputError("Each candidate needs a probability")
    if not np.isclose(shares.sum(), 1):
        raise UnusableInputError("The probabilities of the candidates must sum to one")
    if largest_effect == 0 or not np.isfinite(largest_effect):
        raise UnusableInputError("The largest effect must be finite and not zero")
    if criterion not in {"determinant", "target-dose"}:
        raise UnusableInputError(f"Unknown criterion {criterion!r}")
    largest = float(levels[-1])
    gradients, directions = [], []
    for candidate in candidates:
        shape = shape_named(candidate.shape)
        coefficients = _coefficients(candidate, largest, largest_effect)
        if len(coefficients) > levels.size:
            raise UnusableInputError(
                f"{candidate.name!r} has more coefficients than there are doses"
            )
        gradient = shape.gradient(levels, coefficients, largest)
        length = np.linalg.norm(gradient, axis=0)
        if not length.all() or np.linalg.cond(gradient / length) > 1e10:
            raise UnusableInputError(f"The doses do not determine the curve {candidate.name!r}")
        gradients.append(gradient)
        if criterion == "target-dose":
            if target_effect is None:
                raise UnusableInputError("The target-dose criterion needs a target effect")
            directions.append(_target_slope(shape, coefficients, target_effect, largest))
    used = [index for index, share in enumerate(shares) if share > 0]
    weights = np.full(levels.size, 1 / levels.size)
    power = 1.0 if criterion == "determinant" else 0.5
    gap = np.inf
    for _ in range(ITERATIONS):
        gain = np.zeros(levels.size)
        for index in used:
            gradient = gradients[index]
            information = (gradient.T * weights) @ gradient
            if criterion == "determinant":
                leverage = np.einsum("ki,ik->k", gradient, np.linalg.solve(information, gradient.T))
                gain += shares[index] * leverage / gradient.shape[1]
            else:
                solved = np.linalg.solve(information, directions[index])
                gain += shares[index] * (gradient @ solved) ** 2 / (directions[index] @ solved)
        gap = float(gain.max() - 1)
        if gap < 1e-9:
            break
        weights = np.maximum(weights * gain**power, 1e-12)
        weights /= weights.sum()
    value = 0.0
    for index in used:
        gradient = gradients[index]
        information = (gradient.T * weights) @ gradient
        if criterion == "determinant":
            loss = -np.linalg.slogdet(information)[1] / gradient.shape[1]
        else:
            loss = np.log(directions[index] @ np.linalg.solve(information, directions[index]))
        value += float(shares[index] * loss)
    weights = np.where(weights < UNUSED, 0, weights)
    return OptimalAllocation(weights / weights.sum(), value, gap)


def whole_participants(weights: npt.ArrayLike, total: int) -> Integers:
    """Round an allocation to whole participants with the least loss of efficiency.

    Raises:
        UnusableInputError: fewer participants than doses in use, a fraction of a participant, or
            weights that are no shares.

    Source: Pukelsheim and Rieder, Biometrika 1992;79:763.

    >>> whole_participants([0.31, 0.26, 0.1, 0.33], 20).tolist()
    [6, 5, 2, 7]
    """
    shares = np.asarray(weights, dtype=float)
    used = shares > 0
    if not (np.all(shares >= 0) and np.isclose(shares.sum(), 1) and total >= used.sum()):
        raise UnusableInputError("Weights must sum to one, with a participant for every dose used")
    if total != int(total):
        raise UnusableInputError("Participants come in whole numbers")
    counts = np.ceil(np.where(used, (total - used.sum() / 2) * shares, 0)).astype(np.int64)
    while counts.sum() != total:
        ratio = np.where(used, shares, 1)
        if counts.sum() < total:
            counts[np.where(used, counts / ratio, np.inf).argmin()] += 1
        else:
            counts[np.where(used, (counts - 1) / ratio, -np.inf).argmax()] -= 1
    return counts


def _coefficients(candidate: Candidate, largest: float, effect: float) -> Floats:
    """Give the coefficients of the candidate, scaled to its effect in the dose range."""
    parameters = np.asarray(candidate.parameters, dtype=float)
    ends = np.array([0.0, candidate.peak(largest)])
    start, top = candidate.heights(ends, largest)
    slope = effect / (top - start)
    if candidate.shape == "quadratic":
        return np.array([0.0, slope, slope * parameters[0]])
    return np.concatenate([[-slope * start, slope], parameters])


def _target_slope(shape: Shape, coefficients: Floats, effect: float, largest: float) -> Floats:
    """Give the derivatives of the target dose by the coefficients (implicit function theorem)."""
    dose = target_dose(shape.name, coefficients, effect, largest)
    if dose is None or dose > largest:
        raise UnusableInputError(f"The {shape.name} curve has no target dose in the dose range")
    step = 1e-6 * largest
    around = shape.mean(np.array([dose - step, dose + step]), coefficients, largest)
    steepness = (around[1] - around[0]) / (2 * step)
    at_dose, at_placebo = shape.gradient(np.array([dose, 0.0]), coefficients, largest)
    slope: Floats = (at_placebo - at_dose) / steepness
    return slope
