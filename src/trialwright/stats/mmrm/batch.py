"""One repeated-measures analysis of many simulated trials."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from trialwright.errors import UnusableInputError
from trialwright.stats.mmrm.cross_products import refuse_repeated
from trialwright.stats.mmrm.fit import fit_mmrm
from trialwright.stats.mmrm.inference import infer, refuse_choices, rows_of_weights
from trialwright.stats.mmrm.maximum import SLOPE, STOP
from trialwright.stats.mmrm.structures import structure_named
from trialwright.stats.mmrm.trials import analyze_trials
from trialwright.stats.results import Floats, Integers
from trialwright.stats.threads import single_threaded

COMPILED: Final = ("satterthwaite", "kenward-roger")
"""Methods that need no Python at any trial, for an unstructured covariance and the model's errors.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Results of T trials and k combinations of coefficients.

    Attributes:
        estimates, standard_errors, degrees_of_freedom, p_values: shape (T, k); infinite errors,
            no degrees of freedom and p = 1 for a trial that has no result.
        converged: whether each trial's fit reached its maximum, shape (T,).
        reasons: by position of the trial, why it has no result.
    """

    estimates: Floats
    standard_errors: Floats
    degrees_of_freedom: Floats
    p_values: Floats
    converged: npt.NDArray[np.bool_]
    reasons: dict[int, str]

    def put(
        self,
        trials: int | Integers,
        estimates: Floats,
        standard_errors: Floats,
        degrees_of_freedom: Floats,
        p_values: Floats,
        *,
        converged: bool,
    ) -> None:
        """Fill in the results of some trials."""
        self.estimates[trials], self.standard_errors[trials] = estimates, standard_errors
        self.degrees_of_freedom[trials], self.p_values[trials] = degrees_of_freedom, p_values
        self.converged[trials] = converged


@single_threaded
def mmrm_batch(
    responses: npt.ArrayLike,
    design: npt.ArrayLike,
    participant: npt.ArrayLike,
    visit: npt.ArrayLike,
    rows: npt.ArrayLike,
    *,
    covariance: str = "us",
    method: str = "satterthwaite",
    errors: str = "model",
    start: npt.ArrayLike | None = None,
) -> Batch:
    """Fit every trial of a stack and test the same combinations in each.

    A trial that cannot be fitted, such as one in which nobody attended a visit, counts as one that
    shows nothing, and is named in `reasons`: it is never left out of a rate.

    Args:
        responses: shape (T, n): a record a column; not-a-number where missing.
        design: shape (n, p), or (T, n, p) if trials differ.
        participant, visit: shape (n,), the same in all trials; visits are integers from 0.
        rows: the combinations, shape (k, p).
        covariance, method, errors: as for `fit_mmrm` and `infer`.
        start: shape (m, m): a covariance to start from, such as the one simulated from; else the
            first trial's estimate.

    Raises:
        UnusableInputError: if the arrays do not fit together, or a choice is none.

    Example:
        >>> who, visit, arm = np.repeat(range(6), 2), np.tile([0, 1], 6), np.repeat([0, 1], 6)
        >>> first, second = visit == 0, visit == 1
        >>> design = np.column_stack([first, second, arm * first, arm * second])
        >>> change = np.array([-1.0, -2, 0, -3, -2, -1, -4, -6, -3, -5, -2, -7])
        >>> found = mmrm_batch([change, 2 * change], design, who, visit, [0, 0, 0, 1])
        >>> found.estimates.ravel().round(6).tolist()
        [-4.0, -8.0]
    """
    who = np.unique(np.asarray(participant), return_inverse=True)[1]
    visits = np.asarray(visit, dtype=np.int64)
    stack, designs = np.asarray(responses, dtype=np.float64), np.asarray(design, dtype=np.float64)
    refuse_choices(method, errors)
    structure = structure_named(covariance)
    _refuse_misfits(stack, designs, who, visits)
    along = rows_of_weights(rows, designs.shape[-1])
    if not along.any(axis=1).all():
        raise UnusableInputError("a combination of coefficients has no weights")
    order = np.lexsort((visits, who))
    who, visits, stack = who[order], visits[order], stack[:, order]
    refuse_repeated(who, visits)
    designs = np.ascontiguousarray(designs.reshape(-1, *designs.shape[-2:])[:, order])
    batch = _without_results(len(stack), len(along))

    def alone(trial: int, initial: npt.ArrayLike | None) -> Floats | None:
        """Analyze one trial; its covariance, if there is one to start others from."""
        seen = ~np.isnan(stack[trial])
        x = designs[min(trial, len(designs) - 1)][seen]
        try:
            fit = fit_mmrm(
                stack[trial, seen], x, who[seen], visits[seen], covariance=covariance, start=initial
            )
            found = infer(fit, x, method, errors).arrays(along)
        except UnusableInputError as error:
            batch.reasons[trial] = error.what
            return None
        batch.put(trial, *found, converged=fit.converged)
        reached: Floats = fit.visit_covariance[0]
        return reached

    initial = None if start is None else np.asarray(start, dtype=np.float64)
    together = structure.unstructured and errors == "model" and method in COMPILED
    left = list(range(len(stack)))
    while left and not (together and initial is not None):
        reached = alone(left.pop(0), initial)
        initial = reached if initial is None else initial
    if left and initial is not None:
        begin = left[0]
        done = _together(batch, stack, designs, who, visits, along, initial, method, begin)
        for trial in np.flatnonzero(~done) + begin:
            alone(int(trial), initial)
    return batch


def _refuse_misfits(stack: Floats, designs: Floats, who: Integers, visits: Integers) -> None:
    if stack.ndim != 2 or not designs.shape[-2] == len(who) == len(visits) == stack.shape[1]:
        raise UnusableInputError(
            "responses need a trial a row and a record a column, as many as the design has rows"
            " and as there are participants and visits"
        )
    if designs.ndim == 3 and len(designs) not in (1, len(stack)):
        raise UnusableInputError(
            f"there are {len(designs)} designs for {len(stack)} trials",
            remedy="give one design, or one for each trial",
        )
    if visits.min(initial=0) < 0:
        raise UnusableInputError("visits are counted from 0")


def _without_results(trials: int, combinations: int) -> Batch:
    shape = (trials, combinations)
    return Batch(
        estimates=np.zeros(shape),
        standard_errors=np.full(shape, np.inf),
        degrees_of_freedom=np.zeros(shape),
        p_values=np.ones(shape),
        converged=np.zeros(trials, dtype=bool),
        reasons={},
    )


def _together(
    batch: Batch,
    stack: Floats,
    designs: Floats,
    who: Integers,
    visits: Integers,
    along: Floats,
    initial: Floats,
    method: str,
    begin: int,
) -> npt.NDArray[np.bool_]:
    """Analyze the trials from `begin` on, compiled; whether each has come out."""
    if initial.shape != (visits.max() + 1, visits.max() + 1):
        raise UnusableInputError("the covariance to start from has not one row for each visit")
    estimates, variances, free, arrived = analyze_trials(
        stack[begin:],
        designs if len(designs) == 1 else designs[begin:],
        who, visits, np.ascontiguousarray(initial), along, method != "satterthwaite", SLOPE, STOP,
    )  # fmt: skip
    done = (arrived == 1) & (variances > 0).all(axis=1)
    errors = np.sqrt(variances[done])
    p_values = 2 * special.stdtr(free[done], -np.abs(estimates[done] / errors))
    batch.put(
        np.flatnonzero(done) + begin, estimates[done], errors, free[done], p_values, converged=True
    )
    return np.asarray(done)
