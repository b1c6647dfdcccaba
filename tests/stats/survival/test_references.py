"""Survival methods against plain references: sums over times, loops, SciPy's optimizer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from trialwright.errors import UnusableInputError
from trialwright.stats.survival.competing import cumulative_incidence, gray_test
from trialwright.stats.survival.cox import cox_regression
from trialwright.stats.survival.fine_gray import fine_gray, fine_gray_records
from trialwright.stats.survival.kaplan_meier import kaplan_meier
from trialwright.stats.survival.log_rank import log_rank_test
from trialwright.stats.survival.recurrent import gamma_frailty

SEEDS = st.integers(0, 10_000)


def made(seed: int, n: int = 30):
    """Tied times, causes 0 to 2, arms, strata, and a covariate."""
    rng = np.random.Generator(np.random.Philox(seed))
    arm = np.arange(n) % 2
    time = np.ceil(rng.exponential(8, n) * (1 + 0.5 * arm))
    return time, rng.choice([0, 1, 1, 2], n), arm, rng.integers(0, 3, n), rng.normal(size=n)


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_log_rank_is_a_sum_of_hypergeometric_laws(seed: int) -> None:
    """Within each stratum, the events of a day fall on those at risk as if drawn from an urn."""
    time, code, arm, stratum, _ = made(seed)
    event, away, variance = code == 1, 0.0, 0.0
    for each in np.unique(stratum):
        for day in np.unique(time[event & (stratum == each)]):
            risk = (stratum == each) & (time >= day)
            died = risk & event & (time == day)
            law = stats.hypergeom(risk.sum(), (risk & (arm == 1)).sum(), died.sum())
            away += (died & (arm == 1)).sum() - law.mean()
            variance += 0.0 if risk.sum() == 1 else law.var()
    found = log_rank_test(time, event, arm, strata=stratum)
    assert found.observed[1] - found.expected[1] == pytest.approx(away)
    assert found.statistic == pytest.approx(away**2 / variance)
    assert found.p_value == pytest.approx(stats.chi2.sf(away**2 / variance, 1))


@settings(max_examples=10, deadline=None)
@given(SEEDS, st.floats(0.01, 100))
def test_the_unit_of_time_does_not_matter(seed: int, factor: float) -> None:
    time, code, arm, stratum, z = made(seed)
    x = np.column_stack([arm, z])
    one, other = kaplan_meier(time, code == 1), kaplan_meier(factor * time, code == 1)
    assert other.survival.tolist() == one.survival.tolist()
    mean, scaled = (c.restricted_mean(c.times[-1]) for c in (one, other))
    assert scaled.estimate == pytest.approx(factor * mean.estimate)
    assert scaled.standard_error == pytest.approx(factor * mean.standard_error)
    for fit in (
        lambda t: cox_regression(t, code == 1, x, ["a", "z"], strata=stratum).estimates,
        lambda t: fine_gray(t, code, x, ["a", "z"]).estimates,
        lambda t: log_rank_test(t, code == 1, arm, strata=stratum).statistic,
        lambda t: gray_test(t, code, arm).statistic,
    ):
        assert fit(factor * time) == pytest.approx(fit(time), rel=1e-7, abs=1e-9)


@settings(max_examples=8, deadline=None)
@given(SEEDS)
def test_cox_is_the_maximum_that_scipy_finds(seed: int) -> None:
    """Strata, late entry, and Breslow's ties: the partial likelihood as a plain double loop."""
    time, code, arm, stratum, z = made(seed, 40)
    x, start, event = np.column_stack([arm, z]), np.where(time > 3, 1.0, 0.0), code == 1
    fit = cox_regression(time, event, x, ["a", "z"], start=start, strata=stratum, ties="breslow")

    def negative(beta) -> float:
        total = 0.0
        for k in np.flatnonzero(event):
            risk = (stratum == stratum[k]) & (time >= time[k]) & (start < time[k])
            total += x[k] @ beta - np.log(np.exp(x[risk] @ beta).sum())
        return -float(total)

    best = optimize.minimize(negative, np.zeros(2), method="BFGS", options={"gtol": 1e-7})
    assert fit.estimates == pytest.approx(best.x, abs=2e-5)
    assert fit.log_likelihood == pytest.approx(-best.fun)


def test_recoding_covariates_recodes_coefficients() -> None:
    time, code, arm, _, z = made(2, 60)
    one = cox_regression(time, code == 1, np.column_stack([arm, z]), ["a", "z"])
    other = cox_regression(time, code == 1, np.column_stack([1 - arm, 10 * z + 7]), ["a", "z"])
    assert other.estimates == pytest.approx(one.estimates * [-1, 0.1])
    assert other.standard_errors == pytest.approx(one.standard_errors * [1, 0.1])
    assert other.log_likelihood == pytest.approx(one.log_likelihood)


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.booleans())
def test_weights_of_competing_events_by_a_loop(seed: int, failures_first: bool) -> None:
    """At any day, the chance of not having been censored since the own event, by Kaplan–Meier."""
    time, code, *_ = made(seed)
    records = fine_gray_records(time, code, failures_first=failures_first)

    def uncensored(since: float, until: float) -> float:
        """Censorings in [since, until): the own day's one counts, the last day's does not."""
        chance = 1.0
        for day in np.unique(time[code == 0]):
            if since <= day < until:
                gone = (time == day) & (code == 0)
                risk = (time > day) | gone if failures_first else time >= day
                chance *= 1 - gone.sum() / risk.sum()
        return chance

    for day in np.unique(time[code == 1]):
        present = (records.start < day) & (records.stop >= day)
        weight = np.bincount(records.participant[present], records.weight[present], len(time))
        for k in range(len(time)):
            if code[k] == 2 and time[k] < day:
                assert weight[k] == pytest.approx(uncensored(time[k], day))
            else:
                assert weight[k] == (1.0 if time[k] >= day else 0.0)


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_incidence_by_a_loop(seed: int) -> None:
    time, code, *_ = made(seed)
    free, reached = 1.0, 0.0
    found = cumulative_incidence(time, code)
    for day, incidence in zip(found.times, found.incidence, strict=True):
        risk = (time >= day).sum()
        reached += free * ((time == day) & (code == 1)).sum() / risk
        free *= 1 - ((time == day) & (code > 0)).sum() / risk
        assert incidence == pytest.approx(reached)


def test_duplicated_participants_narrow_but_do_not_move() -> None:
    time, code, *_ = made(6)
    one = kaplan_meier(time, code == 1).at(5)
    two = kaplan_meier(np.tile(time, 2), np.tile(code, 2) == 1).at(5)
    assert two.estimate == pytest.approx(one.estimate)
    assert two.standard_error == pytest.approx(one.standard_error / np.sqrt(2))


def test_a_stratum_without_events_or_of_one_arm_adds_nothing() -> None:
    time, code, arm, *_ = made(7, 40)
    event = code == 1
    more = (np.r_[time, 2, 4, 3, 5], np.r_[event, 0, 0, 1, 1], np.r_[arm, 0, 1, 1, 1])
    stratum = np.r_[np.zeros(40), 1, 1, 2, 2]
    one, other = log_rank_test(time, event, arm), log_rank_test(*more, strata=stratum)
    assert other.statistic == pytest.approx(one.statistic)
    fit = cox_regression(time, event, arm[:, None], ["a"])
    same = cox_regression(*more[:2], more[2][:, None], ["a"], strata=stratum)
    assert same.estimates == pytest.approx(fit.estimates)
    assert same.standard_errors == pytest.approx(fit.standard_errors)


def test_everybody_on_one_day() -> None:
    """All ties: the log-rank test is the urn of that day, which is Pearson's test with N - 1."""
    event, arm = np.array([1, 1, 1, 0, 1, 0, 0, 0, 0, 0]), np.repeat([0, 1], 5)
    found = log_rank_test(np.ones(10), event, arm)
    pearson = stats.chi2_contingency([[4, 1], [0, 5]], correction=False).statistic
    assert found.statistic == pytest.approx(pearson * 9 / 10)
    curve = kaplan_meier(np.ones(10), event)
    assert curve.survival.tolist() == pytest.approx([0.6])


def test_one_participant_per_arm_has_a_stated_result() -> None:
    """Two at risk, one dies: half expected, a variance of a quarter."""
    found = log_rank_test([1, 2], [1, 1], [0, 1])
    assert found.statistic == pytest.approx(1.0)
    with pytest.raises(UnusableInputError, match="no finite"):
        cox_regression([1, 2], [1, 1], [[0], [1]], ["a"])


def test_events_more_even_than_chance_have_no_frailty() -> None:
    """Everybody has two events: nobody is frailer, theta is zero, and Cox regression remains."""
    rng = np.random.Generator(np.random.Philox(3))
    stop = rng.uniform(size=(20, 2)).cumsum(axis=1)
    start, who = np.column_stack([np.zeros(20), stop[:, 0]]).ravel(), np.repeat(np.arange(20), 2)
    stop = stop.ravel()
    stop, start, who = np.r_[stop, np.full(20, 3.0)], np.r_[start, stop[1::2]], np.r_[who, who[::2]]
    event, x = np.r_[np.ones(40), np.zeros(20)], (who % 2)[:, None]
    fit = gamma_frailty(start, stop, event, x, ["arm"], who)
    assert fit.theta == 0
    assert fit.estimates == pytest.approx(
        cox_regression(stop, event, x, ["arm"], start=start).estimates
    )
    assert fit.frailties.tolist() == [1.0] * 20


def test_frailty_does_not_know_the_order_of_records_or_names() -> None:
    rng = np.random.Generator(np.random.Philox(4))
    who = np.repeat(np.arange(15), 4)
    stop = rng.exponential(size=(15, 4)).cumsum(axis=1) * rng.gamma(1, 1, (15, 1))
    start = np.column_stack([np.zeros(15), stop[:, :-1]]).ravel()
    event, x = rng.random(60) < 0.8, (who % 2)[:, None]
    one = gamma_frailty(start, stop.ravel(), event, x, ["arm"], who)
    order = rng.permutation(60)
    other = gamma_frailty(
        7 * start[order], 7 * stop.ravel()[order], event[order], 1 - x[order], ["arm"],
        100 - who[order],
    )  # fmt: skip
    assert other.theta == pytest.approx(one.theta, rel=1e-5)
    assert other.estimates == pytest.approx(-one.estimates, rel=1e-5)
    assert other.frailties == pytest.approx(one.frailties[::-1], rel=1e-5)
