"""One repeated-measures analysis of many simulated trials."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.mmrm.fit import fit_mmrm
from trialwright.stats.mmrm.inference import infer
from trialwright.stats.results import Floats


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
        UnusableInputError: if the arrays do not fit together.
    """
    stack, designs = np.asarray(responses, dtype=np.float64), np.asarray(design, dtype=np.float64)
    people, visits = np.asarray(participant), np.asarray(visit)
    along = np.atleast_2d(np.asarray(rows, dtype=np.float64))
    if stack.ndim != 2 or designs.shape[-2] != stack.shape[1] or len(people) != stack.shape[1]:
        raise UnusableInputError(
            "responses need a trial a row and a record a column, as many as the design has rows"
        )
    shape = (len(stack), len(along))
    estimates, deviations = np.zeros(shape), np.full(shape, np.inf)
    free, p_values = np.zeros(shape), np.ones(shape)
    converged, reasons = np.zeros(len(stack), dtype=bool), {}
    for trial, response in enumerate(stack):
        seen = ~np.isnan(response)
        x = (designs if designs.ndim == 2 else designs[trial])[seen]
        try:
            fit = fit_mmrm(
                response[seen], x, people[seen], visits[seen], covariance=covariance, start=start
            )
            found = infer(fit, x, method, errors).arrays(along)
        except UnusableInputError as error:
            reasons[trial] = error.what
            continue
        converged[trial] = fit.converged
        estimates[trial], deviations[trial], free[trial], p_values[trial] = found
        if start is None and len(fit.visit_covariance) == 1:
            start = fit.visit_covariance[0]
    return Batch(
        estimates=estimates,
        standard_errors=deviations,
        degrees_of_freedom=free,
        p_values=p_values,
        converged=converged,
        reasons=reasons,
    )
