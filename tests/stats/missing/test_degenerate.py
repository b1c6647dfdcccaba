"""Data that leave little or nothing to impute from: a stated result or an error that names the visit."""

import numpy as np
import pytest

from trialwright.errors import UnusableInputError
from trialwright.stats.missing.bayesian_reference import bayesian_reference_imputation
from trialwright.stats.missing.multiple_imputation import multiple_imputation
from trialwright.stats.missing.reference_based import reference_based_imputation
from trialwright.stats.missing.responses import non_responder_imputation


def philox(seed: int = 1) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(seed))


ARM = np.arange(24) % 2 == 1
NONE = np.empty((24, 0))


def outcomes():
    y = philox(9).normal(size=(24, 3)).cumsum(axis=1)
    y[4:8, 2] = np.nan
    return y


def without(rows=slice(None), visits=slice(None)):
    y = outcomes()
    y[rows, visits] = np.nan
    return y


UNATTENDED = [
    ("nobody attended the second visit", without(visits=1), "reference", 2),
    ("everybody is missing after the first", without(visits=slice(1, None)), "reference", 2),
    ("one arm is missing after the first", without(ARM, slice(1, None)), "active", 2),
    ("one arm is missing at the last", without(ARM, 2), "active", 3),
    ("nobody was ever seen", without(), "reference", 1),
]


def by_conditional_means(y):
    return reference_based_imputation(y, ARM, NONE, strategy="JR")


def by_draws_after_the_reference(y):
    return bayesian_reference_imputation(y, ARM, NONE, philox(), strategy="JR")


@pytest.mark.parametrize(
    ("y", "arm", "visit"), [case[1:] for case in UNATTENDED], ids=[case[0] for case in UNATTENDED]
)
def test_the_visit_that_nobody_of_an_arm_attended_is_named(y, arm, visit) -> None:
    words = f"nobody of the {arm} arm was seen at visit {visit} of 3\n  leave the visit out"
    for impute in (by_conditional_means, by_draws_after_the_reference):
        with pytest.raises(UnusableInputError, match=words):
            impute(y)
    label = "placebo" if arm == "reference" else "verum"
    for by_arm in (True, False):
        with pytest.raises(
            UnusableInputError, match=f"nobody of arm {label} was seen at visit {visit} of 3"
        ):
            multiple_imputation(y, np.where(ARM, "verum", "placebo"), NONE, philox(), by_arm=by_arm)


def test_an_arm_without_anybody_is_named() -> None:
    with pytest.raises(UnusableInputError, match="nobody of the active arm was seen at visit 1"):
        reference_based_imputation(outcomes(), np.zeros(24), NONE)


def test_an_arm_seen_once_at_the_last_visit_cannot_be_jackknifed() -> None:
    """The imputation stands, but not without that participant."""
    y = without(ARM, 2)
    y[1, 2] = -1.5
    with pytest.raises(
        UnusableInputError, match="the jackknife fails without the participant in row 1"
    ):
        reference_based_imputation(y, ARM, NONE)
    drawn = multiple_imputation(y, ARM, NONE, philox(), imputations=3, sweeps=5, by_arm=False)
    assert np.isfinite(drawn).all()
    with pytest.raises(
        UnusableInputError, match="arm True has no imputation model of its own"
    ) as error:
        multiple_imputation(y, ARM, NONE, philox())
    assert error.value.remedy == "impute with by_arm=False, or with fewer covariates or visits"


@pytest.mark.parametrize("value", [0.0, 0.1, -7.3])
def test_a_constant_outcome_has_no_variance_to_draw_from(value) -> None:
    y = np.where(np.isnan(outcomes()), np.nan, value)
    for impute in (by_conditional_means, by_draws_after_the_reference):
        with pytest.raises(UnusableInputError, match="the response is fitted without error"):
            impute(y)
    with pytest.raises(
        UnusableInputError, match="arm False has no imputation model of its own: the"
    ):
        multiple_imputation(y, ARM, NONE, philox())


def test_who_was_never_seen_gets_the_arm_s_means() -> None:
    """Under every strategy but copying, the conditional mean given nothing is the mean itself."""
    y = outcomes()
    y[0] = y[1] = np.nan
    found = reference_based_imputation(y, ARM, NONE, event_visit=[3] * 24).imputed
    again = np.delete(y, [0, 1], axis=0)
    others = reference_based_imputation(again, ARM[2:], NONE[2:], event_visit=[3] * 22).imputed
    # With a mean for each arm and visit and nothing else, filled outcomes keep the fitted means.
    assert found[0] == pytest.approx(others[~ARM[2:]].mean(axis=0), rel=1e-6)
    assert found[1] == pytest.approx(others[ARM[2:]].mean(axis=0), rel=1e-6)


def test_one_visit_only_gets_the_arm_s_mean() -> None:
    """No earlier visit tells anything; after the jump it is the reference arm's mean."""
    y = np.append(philox(2).normal(size=10), [np.nan, np.nan])[:, None]
    arm = np.arange(12) % 2 == 1
    at_random, jumped = (
        reference_based_imputation(y, arm, np.empty((12, 0)), strategy=s).imputed[:, 0]
        for s in ("MAR", "JR")
    )
    means = [np.nanmean(y[~arm]), np.nanmean(y[arm])]
    assert at_random[10:] == pytest.approx(means)
    assert jumped[10:] == pytest.approx([means[0], means[0]])


def test_a_visit_of_the_comparison_counts_from_either_end() -> None:
    y = outcomes()
    one, other = (reference_based_imputation(y, ARM, NONE, visit=each) for each in (1, -2))
    assert one.difference == other.difference
    for visit in (3, -4):
        for impute in (
            lambda at: reference_based_imputation(y, ARM, NONE, visit=at),
            lambda at: bayesian_reference_imputation(y, ARM, NONE, philox(), visit=at),
        ):
            with pytest.raises(
                UnusableInputError, match=f"no visit at position {visit}: there are 3"
            ):
                impute(visit)


WRONG_EVENTS = [[-1] * 24, [np.nan] * 24, [0.5] * 24]


@pytest.mark.parametrize("event", WRONG_EVENTS)
def test_events_are_positions(event) -> None:
    words = "not a position from zero on\n  give 3 to participants without an event"
    with pytest.raises(UnusableInputError, match=words):
        reference_based_imputation(outcomes(), ARM, NONE, event_visit=event)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"active": np.arange(24) % 3}, "'active' is either true or false for each participant"),
        ({"active": np.where(ARM, 1, np.nan)}, "'active' is either true or false"),
        ({"active": ["A", "B"] * 12}, "'active' is either true or false"),
        ({"outcomes": outcomes()[:, 0]}, "outcomes, arms and covariates differ in length"),
        ({"outcomes": np.where(np.isnan(outcomes()), np.inf, 1.0)}, "no finite numbers"),
        (
            {"covariates": np.full((24, 1), np.nan)},
            "a covariate is missing\n  impute it, or leave it out",
        ),
        (
            {"adjust_for": np.full((24, 1), np.nan)},
            "covariates of the comparison are missing, or differ",
        ),
        ({"adjust_for": ARM[:, None]}, "the term covariate 0 is a combination of the others"),
        ({"event_visit": [1, 2]}, "covariates by visit, or visits of events, differ in length"),
        ({"strategy": "BOCF"}, "no strategy 'BOCF'\n  use one of MAR, JR, CR, CIR, LMCF"),
    ],
)
def test_both_ways_of_imputing_refuse_the_same(change, words) -> None:
    arguments = {"outcomes": outcomes(), "active": ARM, "covariates": NONE} | change
    with pytest.raises(UnusableInputError, match=words):
        reference_based_imputation(**arguments)
    with pytest.raises(UnusableInputError, match=words):
        bayesian_reference_imputation(**arguments, generator=philox(), imputations=2, sweeps=2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"imputations": 0}, "at least one imputation and one sweep are needed"),
        ({"sweeps": 0}, "at least one imputation and one sweep are needed"),
        ({"imputations": 0, "outcomes": np.zeros((24, 3))}, "at least one imputation"),
        ({"arm": np.where(ARM, np.nan, 1)}, "a label is missing among the arms"),
        ({"arm": [None] * 24}, "a label is missing among the arms"),
        ({"arm": [1, 2]}, "arms and responses differ in length"),
        ({"outcomes": np.zeros(24)}, "outcomes, arms and covariates differ in length"),
        (
            {"arm": np.arange(24) % 6, "outcomes": without([0, 4], 1)},
            "4 participants are too few for",
        ),
        ({"covariates": np.ones((24, 1)), "by_arm": False}, "columns of the design follow"),
    ],
)
def test_imputation_at_random_refuses_what_tells_too_little(change, words) -> None:
    y = outcomes()
    y[4:8, 2] = 0.0
    y[9, 2] = np.nan
    arguments = {"outcomes": y, "arm": ARM, "covariates": np.arange(24.0)[:, None] % 5} | change
    with pytest.raises(UnusableInputError, match=words):
        multiple_imputation(**arguments, generator=philox())


def test_everybody_s_response_missing_fails_everybody() -> None:
    assert non_responder_imputation([np.nan] * 4).tolist() == [0] * 4
    assert non_responder_imputation([1, 1], failed=[True, True]).tolist() == [0, 0]
    assert non_responder_imputation([]).tolist() == []


def test_order_and_a_failure_that_failed_anyway_do_not_matter() -> None:
    rng = philox(4)
    response = np.where(rng.random(50) < 0.2, np.nan, rng.integers(0, 2, 50))
    failed = rng.random(50) < 0.3
    one = non_responder_imputation(response, failed=failed)
    order = rng.permutation(50)
    assert (
        non_responder_imputation(response[order], failed=failed[order]).tolist()
        == one[order].tolist()
    )
    assert non_responder_imputation(response, failed=failed | (one == 0)).tolist() == one.tolist()
    # In words: a responder is who responded, was seen, and had no event.
    assert one.tolist() == [float(r == 1 and not f) for r, f in zip(response, failed, strict=True)]


@pytest.mark.parametrize("response", [[1.0, 2.0], [np.inf, 0], [-1, 0], [0.5, np.nan]])
def test_responses_are_0_1_or_missing(response) -> None:
    with pytest.raises(UnusableInputError, match="a response is 0, 1 or missing"):
        non_responder_imputation(response)
