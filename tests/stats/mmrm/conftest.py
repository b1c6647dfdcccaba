"""A small data set with patterns of missing visits, two groups, and weights."""

import numpy as np
import pytest


@pytest.fixture(scope="session")
def records():
    rng = np.random.default_rng(20)
    participant, visit = np.repeat(np.arange(30), 4), np.tile(np.arange(4), 30)
    arm = (participant % 2).astype(float)
    baseline = rng.normal(size=30)[participant]
    noise = rng.normal(size=(30, 4)).cumsum(axis=1).ravel() + rng.normal(size=30)[participant]
    response = 2 + 0.5 * baseline + 0.3 * arm * visit + noise
    seen = (rng.uniform(size=120) > 0.2) | (visit == 0)
    indicator = (visit[:, None] == np.arange(1, 4)).astype(float)
    design = np.column_stack(
        [np.ones(120), baseline, arm, indicator, arm[:, None] * indicator, rng.normal(size=120)]
    )
    return {
        "response": response[seen],
        "design": design[seen],
        "participant": participant[seen],
        "visit": visit[seen],
        "group": (participant % 2)[seen],
        "weights": rng.uniform(0.5, 2, size=120)[seen],
    }
