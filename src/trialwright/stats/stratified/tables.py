"""Stratified counts, checked, and built from rows of participants."""

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.results import Floats


def stratified_tables(tables: npt.ArrayLike) -> Floats:
    """Tables x1, n1, x0, n0 as an array of shape (..., strata, 4).

    Raises:
        UnusableInputError: unless every count is an integer and 0 ≤ x ≤ n.
    """
    array = np.asarray(tables, dtype=np.float64)
    if array.ndim < 2 or array.shape[-1] != 4:
        raise UnusableInputError("stratified tables have a row x1, n1, x0, n0 for each stratum")
    events, size = array[..., 0::2], array[..., 1::2]
    possible = (array >= 0).all() and (events <= size).all() and (size < np.inf).all()
    if not (possible and (np.rint(array) == array).all()):
        raise UnusableInputError("a stratum has more events than participants, or no counts")
    return array


def used_strata(tables: npt.ArrayLike) -> Floats:
    """The strata of one trial that have participants in both arms, shape (strata, 4).

    Raises:
        UnusableInputError: if there is none, or the counts cannot be.
    """
    array = stratified_tables(tables)
    if array.ndim != 2:
        raise UnusableInputError("one trial has tables of shape (strata, 4)")
    kept = array[(array[:, 1] > 0) & (array[:, 3] > 0)]
    if not len(kept):
        raise UnusableInputError("no stratum has participants in both arms")
    return kept


def left_out(tables: npt.ArrayLike) -> tuple[str, ...]:
    """A note on the strata that have no participants in one of the arms."""
    lost = len(np.asarray(tables)) - len(used_strata(tables))
    return (f"{lost} strata without participants in one of the arms were left out",) if lost else ()


def totals(tables: Floats) -> dict[str, int]:
    """The counts of the strata used, by name."""
    x1, n1, x0, n0 = (int(value) for value in tables.sum(axis=0))
    return {
        "events": x1,
        "participants": n1,
        "control events": x0,
        "control participants": n0,
        "strata used": len(tables),
    }


def tabulate(
    response: npt.ArrayLike, active: npt.ArrayLike, strata: npt.ArrayLike | None = None
) -> Floats:
    """Count participants into tables x1, n1, x0, n0, one for each stratum in sorted order.

    Args:
        response: shape (n,), true or 1 for an event.
        active: shape (n,), true or 1 for the active arm.
        strata: shape (n,), any labels; None for one stratum.

    Raises:
        UnusableInputError: if the arrays differ in length or response or arm is not 0 or 1.

    Example:
        >>> tabulate([1, 0, 1, 0], [1, 1, 0, 0], ["a", "a", "a", "b"])
        array([[1., 2., 1., 1.],
               [0., 0., 0., 1.]])
    """
    event, arm = np.asarray(response), np.asarray(active)
    labels = np.zeros(len(event)) if strata is None else np.asarray(strata)
    if not len(event) == len(arm) == len(labels):
        raise UnusableInputError("response, arm and strata have different lengths")
    if not (np.isin(event, (0, 1)).all() and np.isin(arm, (0, 1)).all()):
        raise UnusableInputError("response and arm hold 0 or 1, and nothing missing")
    names, which = np.unique(labels, return_inverse=True)
    treated, responded = arm == 1, event == 1
    columns = (treated & responded, treated, ~treated & responded, ~treated)
    return np.column_stack(
        [np.bincount(which[mask], minlength=len(names)) for mask in columns]
    ).astype(np.float64)
