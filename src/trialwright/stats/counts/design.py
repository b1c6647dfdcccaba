"""The inputs of a regression of counts, checked."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.logistic.design import refuse_dependent
from trialwright.stats.results import Floats


def checked_counts(
    response: npt.ArrayLike,
    matrix: npt.ArrayLike,
    terms: Sequence[str],
    offset: npt.ArrayLike | None,
) -> tuple[Floats, Floats, tuple[str, ...], Floats]:
    """Response, matrix, terms and offset as a regression of counts needs them.

    Raises:
        UnusableInputError: if shapes differ, a value is missing, a response is no count, there is
            no event at all, the columns are linearly dependent, or an indicator column has no event
            among its records, so that its estimate would be minus infinity.
    """
    y = np.asarray(response, dtype=np.float64)
    x = np.asarray(matrix, dtype=np.float64)
    shift = np.zeros(len(y)) if offset is None else np.asarray(offset, dtype=np.float64)
    if x.ndim != 2 or y.shape != x.shape[:1] or len(terms) != x.shape[1] or shift.shape != y.shape:
        raise UnusableInputError("response, matrix, terms and offset differ in length")
    if not len(terms):
        raise UnusableInputError("there is no term, so nothing to estimate")
    if not np.isfinite(shift).all():
        raise UnusableInputError(
            "an offset is missing or infinite", remedy="leave out records without exposure"
        )
    if not np.isfinite(x).all() or not (np.isfinite(y) & (y >= 0) & (y == np.floor(y))).all():
        raise UnusableInputError("the response holds counts, the matrix numbers; nothing missing")
    if not y.any():
        raise UnusableInputError("no finite estimate: there are no events")
    refuse_dependent(x, list(terms))
    indicator = np.atleast_1d(np.isin(x, (0.0, 1.0)).all(axis=0))
    empty = [
        name
        for name, is_code, column in zip(terms, indicator, x.T, strict=True)
        if is_code and not y[column == 1].any()
    ]
    if empty:
        raise UnusableInputError(
            f"no finite estimate: no events where {', '.join(empty)} is one",
            remedy="use the exact rate ratio, or merge categories",
        )
    return y, x, tuple(terms), shift
