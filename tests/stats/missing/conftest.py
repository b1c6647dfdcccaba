"""Four completed data sets of one small trial, whose numbers R gives."""

import numpy as np
import pytest


@pytest.fixture
def small():
    """Outcomes (4, 14), which were missing, who is active, and a covariate (14, 1)."""
    observed = [
        -1.0,
        -3.2,
        np.nan,
        -4.1,
        -2.2,
        -2.8,
        np.nan,
        -3.9,
        -2.4,
        np.nan,
        -3.1,
        -6.2,
        -2.0,
        np.nan,
    ]
    sets = np.tile(observed, (4, 1))
    sets[:, 2], sets[:, 6] = [-0.5, -1.6, 0.2, -0.9], [-1.1, -2.4, -0.3, -1.9]
    sets[:, 9], sets[:, 13] = [-5.0, -3.7, -6.1, -4.6], [-4.4, -5.2, -2.9, -3.8]
    baseline = np.array([[4.0, 7, 5, 9, 6, 8, 5, 6, 4, 8, 7, 9, 5, 6]]).T
    return sets, np.isnan(observed), np.arange(14) >= 7, baseline
