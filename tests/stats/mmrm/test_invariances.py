"""What must not matter: names, order, units, origin, reference levels, the direction of time."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats.mmrm.dense import POSITIONS, made_trial
from trialwright.stats.mmrm import STRUCTURES, fit_mmrm, infer, mmrm

SEEDS = st.integers(0, 10_000)
WEEKS = ["w4", "w8", "w12", "w24"]
LEVELS = {"arm": ["placebo", "low", "high"], "week": WEEKS}
METHODS = [
    ("satterthwaite", "model"), ("kenward-roger", "model"), ("between-within", "model"),
    ("residual", "model"), ("satterthwaite", "empirical"), ("satterthwaite", "jackknife"),
    ("satterthwaite", "bias-reduced"),
]  # fmt: skip


def table(seed=0, people=24):
    """Three arms, four visits, a region, some visits missed."""
    rng = np.random.default_rng(seed)
    who, visit = np.repeat(np.arange(people), 4), np.tile(np.arange(4), people)
    base = rng.normal(5, 2, size=people)[who]
    noise = rng.normal(size=people)[who] + rng.normal(size=len(who)) * (1 + visit / 3)
    frame = pl.DataFrame(
        {
            "who": who,
            "arm": np.array(LEVELS["arm"])[who % 3],
            "region": np.array(["north", "south"])[who // 3 % 2],
            "week": np.array(WEEKS)[visit],
            "base": base,
            "weight": rng.integers(1, 4, size=len(who)).astype(float),
            "change": noise - 0.4 * base - 0.3 * (who % 3) * visit,
        }
    )
    return frame.filter(pl.Series(rng.uniform(size=len(who)) > 0.1))


def fitted(frame, formula="change ~ base*week + region + arm*week", levels=LEVELS, **given):
    return mmrm(frame, formula, participant="who", visit="week", levels=levels, **given)


def alike(one, other, *, scale=1.0, sign=1.0, rel=1e-6):
    """Two estimates but for units."""
    assert other.estimate == pytest.approx(sign * scale * one.estimate, rel=rel, abs=1e-8 * scale)
    assert other.standard_error == pytest.approx(scale * one.standard_error, rel=rel)
    assert other.degrees_of_freedom == pytest.approx(one.degrees_of_freedom, rel=10 * rel)
    assert other.p_value == pytest.approx(one.p_value, rel=100 * rel, abs=1e-9)


@pytest.mark.parametrize(("method", "errors"), METHODS)
@given(seed=SEEDS, scale=st.sampled_from([1e-3, 7.0, 1e5]), shift=st.sampled_from([0, -50, 1e4]))
@settings(max_examples=3, deadline=None)
def test_units_and_origin_of_the_outcome(method, errors, seed, scale, shift):
    frame = table(seed)
    moved = frame.with_columns(change=scale * pl.col("change") + shift)
    one, other = (fitted(each, method=method, errors=errors) for each in (frame, moved))
    for before, after in zip(
        one.differences("arm").values(), other.differences("arm").values(), strict=True
    ):
        alike(before, after, scale=scale, rel=1e-5)
    mean, moved_mean = one.ls_means(["arm"])["low",], other.ls_means(["arm"])["low",]
    assert moved_mean.estimate == pytest.approx(scale * mean.estimate + shift, rel=1e-6)


@given(seed=SEEDS, scale=st.floats(0.01, 100), shift=st.floats(-50, 50))
@settings(max_examples=4, deadline=None)
def test_units_and_origin_of_a_covariate_though_it_meets_the_visit(seed, scale, shift):
    frame = table(seed)
    moved = frame.with_columns(base=scale * pl.col("base") + shift)
    one, other = (fitted(each, method="kenward-roger") for each in (frame, moved))
    for call in (lambda m: m.differences("arm"), lambda m: m.ls_means(["arm", "week"])):
        for before, after in zip(call(one).values(), call(other).values(), strict=True):
            alike(before, after, rel=1e-5)
    assert other.fit.visit_covariance == pytest.approx(one.fit.visit_covariance, rel=1e-5)


@given(seed=SEEDS, order=st.permutations(range(3)))
@settings(max_examples=4, deadline=None)
def test_names_and_order_of_arms(seed, order):
    """Whichever arm is the reference: the same means, and differences that subtract."""
    frame = table(seed)
    renamed = dict(zip(LEVELS["arm"], ["zeta", "eta", "theta"], strict=True))
    arms = [list(renamed.values())[k] for k in order]
    other = fitted(
        frame.with_columns(arm=pl.col("arm").replace(renamed)),
        levels={"arm": arms, "week": WEEKS},
        method="kenward-roger",
    )
    one = fitted(frame, method="kenward-roger")
    means, moved = one.ls_means(["arm", "week"]), other.ls_means(["arm", "week"])
    for (arm, week), each in means.items():
        alike(each, moved[renamed[arm], week])
    apart = other.differences("arm")
    for (arm, week), each in apart.items():
        expected = moved[arm, week].estimate - moved[arms[0], week].estimate
        assert each.estimate == pytest.approx(expected, rel=1e-6, abs=1e-9)
    for term, test in one.type_3().items():
        assert other.type_3()[term].statistic == pytest.approx(test.statistic, rel=1e-6)
        assert other.type_3()[term].denominator == pytest.approx(test.denominator, rel=1e-5)


@pytest.mark.parametrize("covariance", ["us", "cs", "csh"])
@given(seed=SEEDS, order=st.permutations(range(4)))
@settings(max_examples=3, deadline=None)
def test_order_of_visits_where_none_is_next_to_another(covariance, seed, order):
    frame, weeks = table(seed), [WEEKS[k] for k in order]
    one = fitted(frame, covariance=covariance)
    other = fitted(frame, covariance=covariance, levels=LEVELS | {"week": weeks})
    assert other.fit.log_likelihood == pytest.approx(one.fit.log_likelihood, rel=1e-9)
    assert other.fit.visit_covariance[0] == pytest.approx(
        one.fit.visit_covariance[0][np.ix_(order, order)], rel=1e-5
    )
    for key, each in one.differences("arm").items():
        alike(each, other.differences("arm")[key], rel=1e-5)


@pytest.mark.parametrize("covariance", STRUCTURES)
def test_time_may_run_backwards(covariance):
    """Each structure looks the same from its last visit; spatial ones see distances alone."""
    trial = made_trial(5, people=30)
    arrays = {key: trial[key] for key in ("response", "design", "participant")}
    forward = fit_mmrm(**arrays, visit=trial["visit"], covariance=covariance, positions=POSITIONS)
    back = fit_mmrm(
        **arrays, visit=3 - trial["visit"], covariance=covariance, positions=100 - POSITIONS[::-1]
    )
    assert back.log_likelihood == pytest.approx(forward.log_likelihood, rel=1e-10)
    turned = back.visit_covariance[:, ::-1, ::-1]
    assert turned == pytest.approx(forward.visit_covariance, rel=1e-6)
    one, other = (infer(fit, trial["design"], "kenward-roger") for fit in (forward, back))
    assert other.covariance == pytest.approx(one.covariance, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize(("method", "errors"), [m for m in METHODS if m[0] != "between-within"])
def test_another_basis_of_the_same_mean(method, errors):
    """Coefficients move with the basis; what is said of a combination of means does not.

    All but between-within: its degrees of freedom are of columns, so they depend on the basis.
    """
    trial = made_trial(6, people=30)
    turn = np.random.default_rng(0).normal(size=(6, 6))
    row = np.array([[0, 0, 1.0, 0, 0, 3.0], [0, 1.0, 0, 1.0, 0, 0]])
    arrays = {key: trial[key] for key in ("response", "participant", "visit")}
    found = []
    for design, rows in ((trial["design"], row), (trial["design"] @ turn, row @ turn)):
        found.append((infer(fit_mmrm(**arrays, design=design), design, method, errors), rows))
    (one, rows), (other, turned) = found
    for before, after in zip(one.combinations(rows), other.combinations(turned), strict=True):
        alike(before, after)
    assert other.joint(turned).statistic == pytest.approx(one.joint(rows).statistic, rel=1e-6)
    assert other.joint(turned).denominator == pytest.approx(one.joint(rows).denominator, rel=1e-5)


@pytest.mark.parametrize("covariance", ["us", "ar1h", "toep"])
@pytest.mark.parametrize("errors", ["empirical", "model"])
def test_every_participant_twice_with_other_names(covariance, errors):
    """Full likelihood: the same estimates, half the variance, by any errors."""
    frame = table(1)
    double = pl.concat([frame, frame.with_columns(who=pl.col("who") + 1000)])
    one, two = (
        fitted(each, covariance=covariance, restricted=False, errors=errors)
        for each in (frame, double)
    )
    assert two.fit.log_likelihood == pytest.approx(2 * one.fit.log_likelihood, rel=1e-9)
    assert two.inference.covariance == pytest.approx(
        one.inference.covariance / 2, rel=1e-5, abs=1e-9
    )


def test_a_weight_stands_for_participants_who_are_alike_in_the_mean_not_in_the_spread():
    """One visit: weights and copies give the same coefficients; the copies count as people."""
    frame = table(2).filter(pl.col("week") == "w8")
    copies = pl.concat(
        [
            frame.filter(pl.col("weight") > k).with_columns(who=pl.col("who") + 100 * k)
            for k in range(3)
        ]
    )
    formula = "change ~ base + arm"
    given = {"levels": {"arm": LEVELS["arm"]}, "restricted": False}
    weighted = fitted(frame, formula, weights="weight", **given).fit
    copied = fitted(copies, formula, **given).fit
    assert copied.coefficients == pytest.approx(weighted.coefficients, rel=1e-8)
    # the sum of weighted squares over records, or over copies
    assert copied.visit_covariance * copies.height == pytest.approx(
        weighted.visit_covariance * frame.height, rel=1e-8
    )


@given(factor=st.floats(0.01, 100))
@settings(max_examples=4, deadline=None)
@pytest.mark.parametrize("covariance", ["us", "ar1h", "sp_exp"])
def test_all_weights_times_a_number(covariance, factor):
    trial = made_trial(7, people=24)
    arrays = {key: trial[key] for key in ("response", "design", "participant", "visit")}
    one, other = (
        fit_mmrm(**arrays, covariance=covariance, positions=POSITIONS, weights=w)
        for w in (trial["weights"], factor * trial["weights"])
    )
    assert other.visit_covariance == pytest.approx(factor * one.visit_covariance, rel=1e-6)
    assert other.model_covariance == pytest.approx(one.model_covariance, rel=1e-6, abs=1e-10)
    assert other.log_likelihood == pytest.approx(one.log_likelihood, rel=1e-10)


@pytest.mark.parametrize("kind", ["numbers", "text", "floats"])
def test_labels_of_participants(kind):
    frame = table(3)
    named = {
        "numbers": pl.col("who") * 7 - 50,
        "text": pl.lit("id ") + pl.col("who").cast(pl.String).str.reverse(),
        "floats": -pl.col("who") / 3,
    }
    one, other = fitted(frame), fitted(frame.with_columns(who=named[kind]))
    assert other.fit.participants == one.fit.participants == 24
    assert other.fit.coefficients == pytest.approx(one.fit.coefficients, rel=1e-7)


def test_groups_with_other_names_and_numbers():
    frame = table(4).with_columns(number=pl.col("region").replace({"north": "9", "south": "1"}))
    one, other = fitted(frame, group="region"), fitted(frame, group="number")
    assert other.fit.log_likelihood == pytest.approx(one.fit.log_likelihood, rel=1e-9)
    assert other.fit.visit_covariance[::-1] == pytest.approx(one.fit.visit_covariance, rel=1e-5)
