"""Reference-based imputation: strategies by hand, and what must not matter."""

import numpy as np
import pytest

from trialwright.errors import UnusableInputError
from trialwright.stats.ancova import ancova
from trialwright.stats.missing.reference_based import (
    STRATEGIES,
    reference_based_imputation,
    strategy_mean,
)


def trial(seed: int = 1, missing: bool = True):
    rng = np.random.default_rng(seed)
    arm = np.arange(24) % 2 == 1
    x = rng.normal(size=(24, 1))
    level = rng.normal(size=(24, 1)) + x
    y = level + np.outer(arm, [-0.5, -1.0, -2.0]) + 0.5 * rng.normal(size=(24, 3))
    if missing:
        y[4:8, 2] = np.nan
        y[8:10, 1:] = np.nan
    return y, arm, x


def test_means_by_hand() -> None:
    """The own arm at 1, 2, 4, 8 and the reference at 10, 20, 40, 80; the event before visit 3."""
    own, reference = np.array([[1.0, 2, 4, 8]] * 3), np.array([[10.0, 20, 40, 80]] * 3)
    event = np.array([2, 4, 0])
    expected = {
        "MAR": ([1, 2, 4, 8], [1, 2, 4, 8]),
        "JR": ([1, 2, 40, 80], [10, 20, 40, 80]),
        "CR": ([10, 20, 40, 80], [10, 20, 40, 80]),
        "CIR": ([1, 2, 22, 62], [10, 20, 40, 80]),
        "LMCF": ([1, 2, 2, 2], [1, 1, 1, 1]),
    }
    for strategy, (after_two, from_start) in expected.items():
        found = strategy_mean(own, reference, event, strategy)
        assert found.tolist() == [after_two, [1, 2, 4, 8], from_start]


def test_nothing_missing_is_analysis_of_covariance_under_every_strategy() -> None:
    y, arm, x = trial(missing=False)
    labels = np.where(arm, "b", "a")
    plain = ancova(y[:, -1], labels, {"x": x[:, 0]}, arms=["a", "b"]).differences("arm")["b"]
    for strategy in STRATEGIES:
        found = reference_based_imputation(y, arm, x, strategy=strategy)
        assert found.difference.estimate == pytest.approx(plain.estimate)
        assert found.imputed.tolist() == y.tolist()


def test_reference_based_effects_are_smaller_and_observed_values_stay() -> None:
    y, arm, x = trial()
    found = {s: reference_based_imputation(y, arm, x, strategy=s) for s in STRATEGIES}
    seen = ~np.isnan(y)
    for one in found.values():
        assert one.imputed[seen].tolist() == y[seen].tolist()
        assert np.isfinite(one.imputed).all()
        assert one.difference.counts["imputed at the visit"] == 6
    effect = {s: abs(one.difference.estimate or 0) for s, one in found.items()}
    assert effect["JR"] < effect["CIR"] < effect["MAR"]
    reference_rows = ~arm
    assert found["JR"].imputed[reference_rows] == pytest.approx(
        found["MAR"].imputed[reference_rows]
    )


def test_order_of_participants_and_units_do_not_matter() -> None:
    y, arm, x = trial(2)
    order = np.random.default_rng(3).permutation(24)
    one = reference_based_imputation(y, arm, x, strategy="JR")
    other = reference_based_imputation(10 * y[order] + 3, arm[order], x[order], strategy="JR")
    assert other.difference.estimate == pytest.approx(10 * (one.difference.estimate or 0), rel=1e-6)
    assert other.difference.standard_error == pytest.approx(
        10 * (one.difference.standard_error or 0), rel=1e-6
    )
    assert other.imputed == pytest.approx(10 * one.imputed[order] + 3, rel=1e-6)


def test_an_event_without_missing_values_changes_nothing_observed() -> None:
    y, arm, x = trial(4, missing=False)
    event = np.where(np.arange(24) < 6, 1, 9)
    early = reference_based_imputation(y, arm, x, strategy="CR", event_visit=event)
    assert early.imputed.tolist() == y.tolist()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"strategy": "LOCF"}, "no strategy"),
        ({"covariates": np.full((24, 1), np.nan)}, "covariate is missing"),
        ({"active": [True]}, "differ in length"),
        ({"by_visit": [True, False]}, "differ in length"),
        ({"active": np.ones(24)}, "nobody of the reference arm"),
    ],
)
def test_what_cannot_be_imputed_is_refused(change, words) -> None:
    y, arm, x = trial()
    arguments = {"outcomes": y, "active": arm, "covariates": x} | change
    with pytest.raises(UnusableInputError, match=words):
        reference_based_imputation(**arguments)
