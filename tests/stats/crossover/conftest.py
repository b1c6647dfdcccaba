"""A crossover of three periods in which participants have one, two or three records."""

import numpy as np
import pytest

TERMS = ("1", "active", "period 2", "period 3")
WHO = [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 6, 6, 6, 7, 7, 8, 9, 9, 9, 10]
PERIOD = [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 1, 2, 3, 2, 3, 1, 1, 2, 3, 2]
ACTIVE = [1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0]
SCORE = [
    4.1,
    7.2,
    5.0,
    6.3,
    5.5,
    7.7,
    3.0,
    4.4,
    5.1,
    8.8,
    7.0,
    7.9,
    5.2,
    6.8,
    9.1,
    7.4,
    9.9,
    4.6,
    6.1,
    5.8,
    7.3,
    8.2,
    6.0,
    6.6,
]


@pytest.fixture
def unequal():
    """Outcomes, columns (constant, active, period 2, period 3), and participants of 24 records."""
    period = np.array(PERIOD)
    x = np.column_stack([np.ones(24), ACTIVE, period == 2, period == 3])
    return np.array(SCORE), x, np.array(WHO)
