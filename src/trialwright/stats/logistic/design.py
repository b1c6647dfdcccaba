"""The inputs of a regression of a binary outcome, checked; and separation of the responses."""

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

from trialwright.errors import UnusableInputError
from trialwright.stats.results import Floats, Integers

SINGULAR = 1e-10


def checked(
    response: npt.ArrayLike, matrix: npt.ArrayLike, terms: tuple[str, ...] | list[str]
) -> tuple[Floats, Floats, tuple[str, ...]]:
    """Response, matrix and terms as a regression needs them.

    Raises:
        UnusableInputError: if shapes differ, a value is missing, the response is not 0 or 1, or the
            columns are linearly dependent.
    """
    y = np.asarray(response, dtype=np.float64)
    x = np.asarray(matrix, dtype=np.float64)
    if x.ndim != 2 or y.shape != x.shape[:1] or len(terms) != x.shape[1]:
        raise UnusableInputError("response, matrix and terms differ in length")
    if not (np.isfinite(x).all() and np.isin(y, (0.0, 1.0)).all()):
        raise UnusableInputError("the response holds 0 or 1, the matrix numbers; nothing missing")
    refuse_dependent(x, terms)
    return y, x, tuple(terms)


def checked_offset(offset: npt.ArrayLike | None, n: int) -> Floats:
    """An offset as an array of shape (n,), zero if none is given.

    Raises:
        UnusableInputError: if it has another shape or a value is missing.
    """
    shift = np.zeros(n) if offset is None else np.asarray(offset, dtype=np.float64)
    if shift.shape != (n,) or not np.isfinite(shift).all():
        raise UnusableInputError("an offset needs one number for every response, none missing")
    return shift


def label_codes(labels: npt.ArrayLike, n: int, what: str) -> Integers:
    """Labels as 0, 1, … in sorted order, shape (n,).

    Raises:
        UnusableInputError: if there are not n labels, or one is missing.
    """
    given = np.asarray(labels)
    if given.shape != (n,):
        raise UnusableInputError(f"{what} and responses differ in length")
    missing = given != given  # true of not-a-number alone
    if given.dtype == object:
        missing |= given == np.array(None, dtype=object)
    if missing.any():
        raise UnusableInputError(f"a label is missing among the {what}")
    return np.unique(given, return_inverse=True)[1].astype(np.int64)


def refuse_dependent(x: Floats, terms: tuple[str, ...] | list[str]) -> None:
    """Raise `UnusableInputError` if a column is a combination of those before it."""
    scale = np.linalg.norm(x, axis=0)
    if (scale == 0).any():
        raise UnusableInputError(f"the term {terms[int(np.argmin(scale))]} is zero throughout")
    triangle = np.linalg.qr(x / scale, mode="r") if len(x) else np.zeros((0, 0))
    diagonal = np.abs(np.diag(triangle))
    if len(diagonal) < x.shape[1] or (diagonal < SINGULAR).any():
        first = int(np.argmax(diagonal < SINGULAR)) if (diagonal < SINGULAR).any() else -1
        raise UnusableInputError(
            f"the term {terms[first]} is a combination of the others",
            remedy="leave it out; participants must outnumber terms",
        )


def separated_terms(y: Floats, x: Floats, terms: tuple[str, ...]) -> tuple[str, ...]:
    """The terms of a direction along which the responses are separated; empty if there is none.

    Along such a direction the likelihood rises forever and no finite estimate exists (Albert &
    Anderson 1984, Biometrika 71:1). A linear program looks for it (Konis 2007, thesis, Oxford).
    """
    signed = x * (2 * y - 1)[:, np.newaxis]
    scale = np.abs(x).max(axis=0)
    solution = linprog(
        -(signed / scale).sum(axis=0), A_ub=-signed / scale, b_ub=np.zeros(len(y)), bounds=(-1, 1)
    )
    if not solution.success or -solution.fun <= 1e-7:
        return ()
    return tuple(t for t, step in zip(terms, solution.x, strict=True) if abs(step) > 1e-7)
