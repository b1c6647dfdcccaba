"""Arrays in, maximum out: invariances, convergence, and input that cannot be fitted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.mmrm import STRUCTURES, fit_mmrm, infer

ARRAYS = ("response", "design", "participant", "visit")


def arrays(records):
    return {key: records[key] for key in ARRAYS}


@pytest.mark.parametrize("name", list(STRUCTURES))
@pytest.mark.parametrize("restricted", [True, False])
def test_every_structure_converges(records, name, restricted):
    fit = fit_mmrm(**arrays(records), covariance=name, restricted=restricted)
    assert fit.converged
    assert fit.largest_slope < 1e-8
    assert (np.linalg.eigvalsh(fit.visit_covariance[0]) > 0).all()


def test_richer_structures_fit_better(records):
    fits = {n: fit_mmrm(**arrays(records), covariance=n).log_likelihood for n in STRUCTURES}
    for poor, rich in (
        ("cs", "csh"), ("csh", "us"), ("cs", "toep"), ("ar1", "toep"), ("ar1", "ad"),
        ("toep", "toeph"), ("toeph", "us"), ("ad", "adh"), ("adh", "us"), ("ar1", "ar1h"),
    ):  # fmt: skip
        assert fits[poor] <= fits[rich] + 1e-9


def test_visits_one_apart_make_spatial_and_autoregressive_the_same(records):
    one = fit_mmrm(**arrays(records), covariance="sp_exp")
    other = fit_mmrm(**arrays(records), covariance="ar1")
    assert one.visit_covariance == pytest.approx(other.visit_covariance, rel=1e-7)
    assert one.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-11)


def test_positions_are_told_apart(records):
    near = fit_mmrm(**arrays(records), covariance="sp_exp", positions=[0, 1, 2, 3])
    far = fit_mmrm(**arrays(records), covariance="sp_exp", positions=[0, 1, 5, 30])
    scaled = fit_mmrm(**arrays(records), covariance="sp_exp", positions=[0, 7, 14, 21])
    assert scaled.log_likelihood == pytest.approx(near.log_likelihood, rel=1e-10)
    assert abs(far.log_likelihood - near.log_likelihood) > 0.1


def test_one_group_in_two_names_is_two_fits(records):
    grouped = fit_mmrm(**arrays(records), group=records["group"], covariance="ar1")
    assert grouped.visit_covariance.shape == (2, 4, 4)
    assert grouped.aic == pytest.approx(-2 * grouped.log_likelihood + 2 * 4)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=8, deadline=None)
@pytest.mark.parametrize("name", ["us", "csh"])
def test_order_of_records_does_not_matter(records, name, seed):
    order = np.random.default_rng(seed).permutation(len(records["response"]))
    shuffled = {key: value[order] for key, value in arrays(records).items()}
    one = fit_mmrm(**arrays(records), covariance=name)
    other = fit_mmrm(**shuffled, covariance=name)
    assert other.coefficients == pytest.approx(one.coefficients, rel=1e-7, abs=1e-9)
    assert other.model_covariance == pytest.approx(one.model_covariance, rel=1e-6, abs=1e-10)


@given(scale=st.floats(1e-4, 1e4), shift=st.floats(-1e3, 1e3))
@settings(max_examples=8, deadline=None)
def test_scale_and_shift_of_the_response(records, scale, shift):
    one = fit_mmrm(**arrays(records))
    moved = arrays(records) | {"response": scale * records["response"] + shift}
    other = fit_mmrm(**moved)
    assert other.visit_covariance == pytest.approx(scale**2 * one.visit_covariance, rel=1e-6)
    assert other.coefficients[1:] == pytest.approx(
        scale * one.coefficients[1:], rel=1e-5, abs=1e-7 * scale
    )


def test_every_participant_twice_is_half_the_variance(records):
    double = {key: np.concatenate([value] * 2) for key, value in arrays(records).items()}
    double["participant"] = np.concatenate([records["participant"], 100 + records["participant"]])
    one = fit_mmrm(**arrays(records), restricted=False)
    two = fit_mmrm(**double, restricted=False)
    assert two.visit_covariance == pytest.approx(one.visit_covariance, rel=1e-6)
    assert two.model_covariance == pytest.approx(one.model_covariance / 2, rel=1e-6, abs=1e-10)
    assert two.log_likelihood == pytest.approx(2 * one.log_likelihood, rel=1e-10)


def test_uncorrelated_visits_give_least_squares_with_weights(records):
    # one visit each: weights are those of weighted least squares
    first = records["visit"] == 0
    x, y, w = records["design"][first][:, :3], records["response"][first], records["weights"][first]
    fit = fit_mmrm(y, x, records["participant"][first], np.zeros(first.sum(), int), weights=w)
    root = np.sqrt(w)
    beta, squares = np.linalg.lstsq(x * root[:, None], y * root)[:2]
    assert fit.coefficients == pytest.approx(beta, rel=1e-9)
    assert fit.visit_covariance[0, 0, 0] == pytest.approx(squares[0] / (len(y) - 3), rel=1e-9)


def test_a_flat_likelihood_is_not_passed_off_as_a_maximum():
    # given more covariance parameters than three participants can tell
    rng = np.random.default_rng(0)
    participant, visit = np.repeat(np.arange(3), 4), np.tile(np.arange(4), 3)
    try:
        fit = fit_mmrm(rng.normal(size=12), np.ones((12, 1)), participant, visit)
    except UnusableInputError:
        return
    assert not fit.converged
    with pytest.raises(UnusableInputError, match="no maximum"):
        infer(fit, np.ones((12, 1)))


REFUSED = {
    "collinear": ({"design": lambda r: np.column_stack([r["design"], r["design"][:, 1] * 2])},
                  "follow from the others: 10"),
    "empty column": ({"design": lambda r: np.column_stack([r["design"], 0 * r["response"]])},
                     "follow from the others: 10"),
    "constant outcome": ({"response": lambda r: np.full(len(r["response"]), 3.0)},
                         "without error"),
    "not a number": ({"response": lambda r: np.where(r["visit"] == 1, np.nan, r["response"])},
                     "no finite numbers"),
    "lengths": ({"visit": lambda r: r["visit"][1:]}, "differ in length"),
    "repeated": ({"visit": lambda r: np.minimum(r["visit"], 2)}, "two records at the same visit"),
    "visit that nobody attended": ({"visit": lambda r: np.where(r["visit"] == 3, 4, r["visit"])},
                                   "nobody has a record at visit 3"),
    "negative weight": ({"weights": lambda r: -r["weights"]}, "positive numbers"),
    "two groups": ({"group": lambda r: r["visit"] % 2}, "two covariance groups"),
    "group of nobody": ({"group": lambda r: 2 * r["group"]}, "has no participants"),
    "negative visit": ({"visit": lambda r: r["visit"] - 1}, "counted from 0"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(REFUSED))
def test_what_cannot_be_fitted_is_refused(records, name):
    changes, match = REFUSED[name]
    given = arrays(records) | {key: change(records) for key, change in changes.items()}
    with pytest.raises(UnusableInputError, match=match):
        fit_mmrm(**given)


def test_visits_that_never_meet_need_a_simpler_structure(records):
    keep = ~((records["participant"] % 3 == 0) & (records["visit"] == 3))
    keep &= ~((records["participant"] % 3 != 0) & (records["visit"] == 2))
    given = {key: value[keep] for key, value in arrays(records).items()}
    with pytest.raises(UnusableInputError, match="both visits 2 and 3"):
        fit_mmrm(**given)
    assert fit_mmrm(**given, covariance="ar1").converged


def test_too_few_records():
    with pytest.raises(UnusableInputError, match="too few"):
        fit_mmrm([1.0, 2.0], np.eye(2), [0, 1], [0, 0])
