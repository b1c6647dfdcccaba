"""A stack of trials is the loop over its trials, whatever the setting and whatever is missing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats.mmrm.dense import made_trial
from trialwright.errors import UnusableInputError
from trialwright.stats.mmrm import METHODS, STRUCTURES, Batch, fit_mmrm, infer, mmrm_batch

ROWS = np.array([[0, 0, 1.0, 0, 0, 0], [0, 0, 1.0, 0, 0, 3.0]])
FIGURES = ("estimates", "standard_errors", "degrees_of_freedom", "p_values")


@pytest.fixture(scope="module")
def trial():
    return made_trial(12, people=30)


def stack(trial, count=3, seed=0, missed=0.1):
    """Trials around one, each with values of its own missing."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(count, len(trial["response"])))
    values = trial["response"] + noise
    values[rng.uniform(size=values.shape) < missed] = np.nan
    return values


def together(trial, responses, **given):
    arrays = {key: trial[key] for key in ("design", "participant", "visit")}
    return mmrm_batch(responses, **(arrays | {"rows": ROWS} | given))


def alone(trial, response, *, covariance="us", method="satterthwaite", errors="model"):
    """The arrays of one trial's analysis, or the reason that it has none."""
    seen = ~np.isnan(response)
    arrays = {key: trial[key][seen] for key in ("design", "participant", "visit")}
    try:
        fit = fit_mmrm(response[seen], **arrays, covariance=covariance)
        return infer(fit, arrays["design"], method, errors).arrays(ROWS)
    except UnusableInputError as error:
        return error.what


def same(batch: Batch, trial, responses, rel=1e-6, **setting):
    for k, response in enumerate(responses):
        expected = alone(trial, response, **setting)
        if isinstance(expected, str):
            assert not batch.converged[k]
            assert batch.reasons[k] == expected
            expected = (0, np.inf, 0, 1)
        for name, value in zip(FIGURES, expected, strict=True):
            assert getattr(batch, name)[k] == pytest.approx(value, rel=rel, abs=1e-9), name


@pytest.mark.parametrize("covariance", STRUCTURES)
def test_each_structure(trial, covariance):
    responses = stack(trial)
    found = together(trial, responses, covariance=covariance)
    assert found.converged.all()
    same(found, trial, responses, covariance=covariance)


SETTINGS = [(method, "model") for method in METHODS]
SETTINGS += [("satterthwaite", errors) for errors in ("empirical", "jackknife", "bias-reduced")]
SETTINGS += [("residual", "empirical"), ("between-within", "jackknife")]


@pytest.mark.parametrize(("method", "errors"), SETTINGS)
def test_each_way_to_state_uncertainty(trial, method, errors):
    responses = stack(trial, seed=1)
    found = together(trial, responses, method=method, errors=errors)
    assert found.converged.all()
    same(found, trial, responses, method=method, errors=errors)


@pytest.mark.parametrize("method", ["satterthwaite", "kenward-roger"])
@given(seed=st.integers(0, 10_000), missed=st.sampled_from([0.0, 0.2, 0.5]))
@settings(max_examples=4, deadline=None)
def test_whatever_is_missing_the_compiled_loop_says_what_single_fits_say(
    trial, method, seed, missed
):
    responses = stack(trial, count=2, seed=seed, missed=missed)
    found = together(trial, responses, method=method, start=np.eye(4))
    same(found, trial, responses, method=method, rel=1e-5)


STARTS = {
    "large": 1e6 * np.eye(4),
    "small": 1e-6 * np.eye(4),
    "nearly singular": 0.9999 + 0.0001 * np.eye(4),
    "no covariance": -np.eye(4),
    "not a number": np.full((4, 4), np.nan),
}


@pytest.mark.parametrize("name", STARTS)
def test_a_start_however_bad_changes_no_result(trial, name):
    responses = stack(trial, seed=2)
    plain, started = together(trial, responses), together(trial, responses, start=STARTS[name])
    for figure in FIGURES:
        assert getattr(started, figure) == pytest.approx(getattr(plain, figure), rel=1e-6)
    assert started.converged.all()


@given(order=st.permutations(range(5)))
@settings(max_examples=5, deadline=None)
def test_trials_do_not_touch_each_other(trial, order):
    responses = stack(trial, count=5, seed=3)
    responses[2] = 1.0  # has no result
    plain, turned = together(trial, responses), together(trial, responses[order])
    for figure in FIGURES:
        assert getattr(turned, figure) == pytest.approx(getattr(plain, figure)[order], rel=1e-6)
    assert list(turned.reasons) == [order.index(2)]


def test_a_trial_that_fails_first_gives_no_start_but_the_others_their_results(trial):
    responses = stack(trial, seed=4)
    responses[0] = np.nan
    found = together(trial, responses)
    assert found.converged.tolist() == [False, True, True]
    assert found.reasons == {0: "0 records are too few for 6 coefficients"}
    same(found, trial, responses)


def test_no_trial_has_a_result(trial):
    found = together(trial, np.full((2, len(trial["response"])), 2.0))
    assert found.converged.tolist() == [False, False]
    assert set(found.reasons.values()) == {
        "the response is fitted without error, so its variance cannot be estimated"
    }
    assert (found.p_values == 1).all()
    assert np.isinf(found.standard_errors).all()


@pytest.mark.parametrize("start", [None, np.eye(4)])
def test_no_trials(trial, start):
    found = together(trial, np.empty((0, len(trial["response"]))), start=start)
    assert found.estimates.shape == (0, 2)
    assert found.reasons == {}


def test_one_combination_may_be_a_plain_row(trial):
    responses = stack(trial, seed=5)
    one, both = together(trial, responses, rows=ROWS[1]), together(trial, responses)
    assert one.p_values == pytest.approx(both.p_values[:, 1:], rel=1e-9)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({2: np.nan}, "columns of the design follow from the others: 3"),
        ({3: np.nan}, "columns of the design follow from the others: 4"),
    ],
)
def test_a_visit_that_nobody_attended_in_one_trial(trial, change, reason):
    responses = stack(trial, seed=6)
    for visit, value in change.items():
        responses[1, trial["visit"] == visit] = value
    found = together(trial, responses)
    assert found.reasons == {1: reason}
    assert found.converged.tolist() == [True, False, True]
    same(found, trial, responses)


def test_a_design_of_one_trial_that_cannot_be_used_is_its_own_affair(trial):
    responses = stack(trial, seed=7)
    designs = np.stack([trial["design"]] * 3)
    designs[0, 0, 1], designs[2, :, 5] = np.nan, designs[2, :, 2]
    responses[:, 0] = 1.0  # so that the record with the missing covariate is used
    found = together(trial, responses, design=designs)
    assert found.reasons == {
        0: "response or design holds values that are no finite numbers, or too large ones",
        2: "columns of the design follow from the others: 5",
    }


REFUSED = {
    "a single response": (
        lambda t: {"responses": t["response"]}, "a trial a row and a record a column"
    ),
    "labels of another length": (
        lambda t: {"participant": np.arange(3)}, "as many as the design has rows"
    ),
    "a record twice": (
        lambda t: {"visit": np.minimum(t["visit"], 1)}, "two records at the same visit"
    ),
    "an unknown structure": (
        lambda t: {"covariance": "fa0"}, "'fa0' is no covariance structure"
    ),
    "a start for other visits": (lambda t: {"start": np.eye(3)}, "not one row for each visit"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_trial_could_be_fitted_with_is_refused(trial, name):
    change, match = REFUSED[name]
    with pytest.raises(UnusableInputError, match=match):
        together(trial, **({"responses": stack(trial)} | change(trial)))
