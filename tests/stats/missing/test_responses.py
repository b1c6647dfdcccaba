"""Missing responses counted as failures."""

import numpy as np
import pytest

from trialwright.errors import UnusableInputError
from trialwright.stats.missing.responses import non_responder_imputation


def test_missing_and_rescued_participants_fail() -> None:
    given = np.array([1.0, np.nan, 0, 1, np.nan])
    assert non_responder_imputation(given).tolist() == [1, 0, 0, 1, 0]
    rescued = [True, False, False, False, True]
    assert non_responder_imputation(given, failed=rescued).tolist() == [0, 0, 0, 1, 0]
    assert np.isnan(given[1])  # what was given stays as it was


def test_what_is_no_response_is_refused() -> None:
    with pytest.raises(UnusableInputError, match="0, 1 or missing"):
        non_responder_imputation([0.5, 1])
    with pytest.raises(UnusableInputError, match="differ in length"):
        non_responder_imputation([1, 0], failed=[True])
