"""Data at the edge: fitted all the same, or said to be not, or refused with the reason."""

import numpy as np
import polars as pl
import pytest

from stats.mmrm.dense import Dense, made_trial
from trialwright.errors import UnusableInputError
from trialwright.stats.mmrm import STRUCTURES, fit_mmrm, infer, mmrm

ARRAYS = ("response", "design", "participant", "visit")


def changed(change, seed=14, people=30):
    trial = made_trial(seed, people)
    trial["response"] = change(trial["response"], trial["participant"], trial["visit"])
    return trial


def only(trial, kept):
    return {name: values[kept] for name, values in trial.items()}


HARD = {
    "an outlier": changed(lambda y, who, visit: np.where((who == 3) & (visit == 1), 1e4, y)),
    "an outcome of two values": changed(lambda y, who, visit: (y > 0).astype(float)),
    "a rare event": changed(lambda y, who, visit: ((who < 3) & (visit > 1)).astype(float)),
    "far from zero": changed(lambda y, who, visit: y + 1e7),
    "in tiny units": changed(lambda y, who, visit: 1e-100 * y),
    "in huge units": changed(lambda y, who, visit: 1e100 * y),
    "constant in an arm": changed(lambda y, who, visit: np.where(who % 2 == 1, 0.0, y)),
    "almost constant at a visit": changed(lambda y, who, visit: np.where(visit == 2, 1e-3 * y, y)),
    "almost the same at all visits": changed(
        lambda y, who, visit: np.random.default_rng(0).normal(size=99)[who] + 1e-3 * y
    ),
    "visits that repel": changed(lambda y, who, visit: np.where(visit % 2 == 1, -y, y)),
    "rounded to whole numbers": changed(lambda y, who, visit: np.round(y)),
}


EXTREME = (
    "an outlier",
    "a rare event",
    "almost constant at a visit",
    "almost the same at all visits",
)
TRIED = [(name, covariance) for name in HARD if name not in EXTREME
         for covariance in STRUCTURES if not covariance.startswith("sp")]  # fmt: skip


def fitted_arrays(trial, covariance):
    return fit_mmrm(**{key: trial[key] for key in ARRAYS}, covariance=covariance)


@pytest.mark.parametrize(("name", "covariance"), TRIED)
def test_odd_outcomes_are_fitted(name, covariance):
    """At the covariance found the plain likelihood is flat and bends downwards."""
    trial = HARD[name]
    fit = fitted_arrays(trial, covariance)
    assert fit.converged
    plain = Dense(
        trial | {"response": (trial["response"] - trial["response"].mean()) / fit.scale},
        covariance,
        fit.visit_covariance / fit.scale**2,
        grouped=False,
        weighted=False,
        restricted=True,
    )
    assert np.abs(plain.slope()).max() < 1e-5
    assert np.linalg.eigvalsh(plain.omega())[0] > 0


@pytest.mark.parametrize("name", EXTREME)
@pytest.mark.parametrize("covariance", ["us", "csh"])
def test_a_fit_that_did_not_converge_says_so_or_gives_no_inference(name, covariance):
    trial = HARD[name]
    fit = fitted_arrays(trial, covariance)
    assert np.isfinite(fit.coefficients).all()
    if not np.isfinite(fit.parameter_covariance).all():
        assert not fit.converged
        with pytest.raises(UnusableInputError, match="no maximum among positive definite"):
            infer(fit, trial["design"])
        return
    (effect,) = infer(fit, trial["design"]).combinations([[0, 0, 1, 0, 0, 0]])
    notes = (f"the fit did not converge: the largest slope is {fit.largest_slope:.1e}",)
    assert effect.notes == (() if fit.converged else notes)


@pytest.mark.parametrize("covariance", ["us", "csh", "ar1h", "adh"])
def test_a_constant_outcome_at_a_visit_has_no_maximum(covariance):
    """Its variance would be zero, and the likelihood grows without end."""
    trial = changed(lambda y, who, visit: np.where(visit == 2, 5.0, y))
    trial["design"][:, 5] = trial["design"][:, 2] * (trial["visit"] == 3)
    fit = fitted_arrays(trial, covariance)
    assert not fit.converged
    for method in ("satterthwaite", "kenward-roger"):
        with pytest.raises(UnusableInputError) as refused:
            infer(fit, trial["design"], method)
        assert refused.value.remedy == (
            "choose a covariance structure with fewer parameters,"
            " or 'residual' degrees of freedom with robust errors"
        )


def test_the_remedy_for_a_likelihood_without_maximum_works():
    trial = changed(lambda y, who, visit: np.where(visit == 2, 5.0, y))
    simple = fitted_arrays(trial, "cs")
    assert simple.converged
    assert infer(simple, trial["design"]).combinations(np.eye(6))[2].notes == ()


def test_nobody_twice_leaves_nothing_to_tell_a_correlation_from():
    trial = made_trial(14, 40, missed=0)
    trial = only(trial, trial["participant"] // 2 % 4 == trial["visit"])
    with pytest.raises(UnusableInputError, match="both visits 0 and 1"):
        fitted_arrays(trial, "us")
    for covariance in ("cs", "ar1", "toep"):
        with pytest.raises(UnusableInputError, match=r"no maximum|cannot be estimated"):
            infer(fitted_arrays(trial, covariance), trial["design"])


def table(**columns):
    """Two arms, three visits, twelve participants each."""
    rng = np.random.default_rng(9)
    who, visit = np.repeat(np.arange(24), 3), np.tile(np.arange(3), 24)
    frame = pl.DataFrame(
        {
            "who": who,
            "visit": visit,
            "arm": np.where(who % 2 == 1, "b", "a"),
            "y": rng.normal(size=24)[who] + rng.normal(size=72),
            "w": np.ones(72),
        }
    )
    return frame.with_columns(**columns)


def fitted(frame, formula="y ~ arm*visit", **given):
    return mmrm(frame, formula, participant="who", visit="visit", **given)


FIRST = pl.col("who") == 0
SAID = {
    "a weight of nothing": (
        {"w": pl.when(FIRST).then(0.0).otherwise(1.0)}, {"weights": "w"},
        "weights must be positive numbers",
    ),
    "an infinite weight": (
        {"w": pl.when(FIRST).then(float("inf")).otherwise(1.0)}, {"weights": "w"},
        "column w holds an infinite number",
    ),
    "a group that changes within a participant": (
        {}, {"group": "visit"}, "a participant is in two covariance groups"
    ),
    "a position that is no time": (
        {"place": pl.lit("clinic")}, {"covariance": "sp_exp", "position": "place"},
        "column 'place' is no time, so distances between visits are not known",
    ),
    "one position for all visits": (
        {"day": pl.lit(3)}, {"covariance": "sp_exp", "position": "day"},
        "a participant has two records at the same visit",
    ),
    "an unknown structure": (
        {}, {"covariance": "fa0(2)"}, "'fa0(2)' is no covariance structure"
    ),
    "an unknown method": ({}, {"method": "welch"}, "'welch' is no method for degrees of freedom"),
    "unknown errors": ({}, {"errors": "HC3"}, "'HC3' are no standard errors"),
    "Kenward-Roger by full likelihood": (
        {}, {"method": "kenward-roger", "restricted": False},
        "the Kenward-Roger method needs a fit by restricted likelihood",
    ),
    "Kenward-Roger with robust errors": (
        {}, {"method": "kenward-roger-second-order", "errors": "jackknife"},
        "the Kenward-Roger method adjusts the model's standard errors, not robust ones",
    ),
    "no participants by name": (
        {"who": pl.lit(None, dtype=pl.Int64)}, {}, "no record is complete"
    ),
    "an empty arm": (
        {}, {"levels": {"arm": ["a", "b", "c"]}},
        "columns of the design follow from the others: arm[c], arm[c]:visit[1], arm[c]:visit[2]",
    ),
    "an arm that is no level": (
        {}, {"levels": {"arm": ["a", "c"]}},
        "column 'arm' has values that are none of its levels: b",
    ),
    "a visit of one arm": (
        {"y": pl.when((pl.col("visit") == 1) & (pl.col("arm") == "b")).then(None).otherwise("y")},
        {}, "columns of the design follow from the others: arm[b]:visit[1]",
    ),
    "one participant for each arm": (
        {"y": pl.when(pl.col("who") < 2).then("y")}, {},
        "6 records are too few for 6 coefficients",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SAID)
def test_what_cannot_be_used_is_said(case):
    columns, given, what = SAID[case]
    with pytest.raises(UnusableInputError) as refused:
        fitted(table(**columns), **given)
    assert refused.value.what == what


def test_a_logarithm_of_nothing_is_no_outcome():
    with pytest.raises(UnusableInputError, match=r"log\(y\) has no finite value in 3 records"):
        fitted(table(y=pl.when(FIRST).then(0.0).otherwise(pl.col("y").exp())), "log(y) ~ arm*visit")


@pytest.mark.parametrize("column", ["y", "arm", "who", "visit", "w", "group"])
def test_a_record_with_something_missing_is_left_out_and_counted(column):
    frame = table(group=pl.col("arm"))
    holed = frame.with_columns(pl.when(~FIRST).then(column).alias(column))
    given = {"weights": "w", "group": "group", "covariance": "cs"}
    one, other = fitted(holed, **given), fitted(frame.filter(~FIRST), **given)
    assert one.coefficients.counts == {"records": 69, "participants": 23, "left out": 3}
    assert one.fit.log_likelihood == pytest.approx(other.fit.log_likelihood, rel=1e-12)


VISITS = {
    "an Enum in its own order": (
        pl.col("visit").cast(pl.String).replace({"0": "late", "1": "early", "2": "middle"})
        .cast(pl.Enum(["early", "middle", "late", "never"])),
        ("early", "middle", "late"),
    ),
    "dates": (
        pl.date(2024, 1, 30) + pl.duration(days=pl.col("visit")),
        ("2024-01-30", "2024-01-31", "2024-02-01"),
    ),
    "halves of weeks": (pl.col("visit") - 0.5, ("-0.5", "0.5", "1.5")),
    "numbers of two digits": (9 + pl.col("visit"), ("9", "10", "11")),
    "text": (pl.lit("week ") + (9 + pl.col("visit")).cast(pl.String), ("week 10", "week 11", "week 9")),
}  # fmt: skip


@pytest.mark.parametrize("name", VISITS)
def test_kinds_of_visits(name):
    visit, names = VISITS[name]
    found, plain = fitted(table(visit=visit)), fitted(table())
    assert found.visits == names
    assert found.fit.log_likelihood == pytest.approx(plain.fit.log_likelihood, rel=1e-10)
    assert sorted(each.estimate for each in found.differences("arm").values()) == pytest.approx(
        sorted(each.estimate for each in plain.differences("arm").values()), rel=1e-6
    )
