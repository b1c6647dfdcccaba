"""Missing binary responses: counted as failures."""

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.results import Floats


def non_responder_imputation(
    response: npt.ArrayLike, *, failed: npt.ArrayLike | None = None
) -> Floats:
    """Responses in which the missing are failures, and so are those with an intercurrent event.

    Args:
        response: 0 or 1, not-a-number where missing, shape (n,).
        failed: whether an intercurrent event, such as rescue, makes the participant a failure
            whatever was observed, shape (n,); nobody if not given.

    Raises:
        UnusableInputError: if lengths differ or a response is neither 0, 1 nor missing.

    Example:
        >>> non_responder_imputation([1, float("nan"), 1, 0], failed=[False, False, True, False])
        array([1., 0., 0., 0.])
    """
    y = np.asarray(response, dtype=np.float64)
    event = np.zeros(y.shape, dtype=bool) if failed is None else np.asarray(failed).astype(bool)
    if y.ndim != 1 or event.shape != y.shape:
        raise UnusableInputError("responses and intercurrent events differ in length")
    if not (np.isnan(y) | np.isin(y, (0.0, 1.0))).all():
        raise UnusableInputError("a response is 0, 1 or missing")
    return np.where(np.isnan(y) | event, 0.0, y)
