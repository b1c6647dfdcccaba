"""Times to an event against plain references, R's numbers through the cases, and symmetries."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.logistic.likelihood import logistic_regression
from trialwright.stats.survival.competing import cumulative_incidence, gray_test
from trialwright.stats.survival.cox import cox_regression, proportionality_test
from trialwright.stats.survival.fine_gray import fine_gray
from trialwright.stats.survival.kaplan_meier import INTERVALS, kaplan_meier
from trialwright.stats.survival.log_rank import log_rank_test
from trialwright.stats.survival.recurrent import (
    andersen_gill,
    conditional_recurrence,
    event_numbers,
    gamma_frailty,
)

SEEDS = st.integers(0, 10_000)


def made(seed: int, n: int = 40, ties: bool = True):
    """Times, causes 0 to 2, and two covariates."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.arange(n) % 2, rng.normal(size=n)])
    time = rng.exponential(10 * np.exp(-0.4 * x[:, 0] - 0.3 * x[:, 1]))
    time = np.ceil(time) if ties else time
    return time, rng.choice([0, 1, 1, 2], n), x


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_the_curve_is_the_product_over_times(seed: int) -> None:
    time, code, _ = made(seed)
    event = code == 1
    curve = kaplan_meier(time, event)
    moment, survival, variance = 7.0, 1.0, 0.0
    for t in sorted({t for t in time[event] if t <= moment}):
        n, d = (time >= t).sum(), (event & (time == t)).sum()
        survival *= 1 - d / n
        variance += d / (n * (n - d))
    found = curve.at(moment)
    assert found.estimate == pytest.approx(survival)
    assert found.standard_error == pytest.approx(survival * np.sqrt(variance))
    assert found.counts["at risk"] == (time >= moment).sum()
    for interval in INTERVALS:
        limits = curve.at(moment, interval=interval)
        assert limits.lower <= survival + 1e-12
        assert limits.upper >= survival - 1e-12


def test_without_censoring_the_restricted_mean_is_the_mean() -> None:
    time = np.array([2.0, 3, 3, 7, 10])
    curve = kaplan_meier(time, np.ones(5))
    found = curve.restricted_mean(10)
    assert found.estimate == pytest.approx(time.mean())
    assert found.standard_error == pytest.approx(time.std() / np.sqrt(5))
    assert curve.quantile(0.5).estimate == 3
    # A step that lies on the height: the middle of it, as R's quantile.survfit.
    assert curve.quantile(0.2).estimate == pytest.approx(2.5)


def test_curves_without_events_or_with_events_only() -> None:
    none = kaplan_meier([1, 2, 3], [0, 0, 0])
    assert (none.at(2).estimate, none.at(2).lower, none.at(2).upper) == (1.0, 1.0, 1.0)
    assert none.quantile().estimate is None
    assert "not reached" in none.quantile().notes[0]
    every = kaplan_meier([1, 2, 3], [1, 1, 1]).at(3)
    assert (every.estimate, every.standard_error, every.lower) == (0.0, 0.0, None)
    assert "beyond" in kaplan_meier([1, 2], [1, 0]).at(9).notes[0]


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_log_rank_is_the_score_test_of_cox_without_ties(seed: int) -> None:
    time, code, x = made(seed, ties=False)
    test = log_rank_test(time, code == 1, x[:, 0])
    fit = cox_regression(time, code == 1, x[:, :1], ["arm"])
    assert test.statistic == pytest.approx(fit.score_test.statistic)
    assert test.observed.sum() == pytest.approx(test.expected.sum())


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_order_and_names_of_arms_do_not_matter(seed: int) -> None:
    time, code, _ = made(seed)
    arm = np.arange(40) % 3
    order = np.random.default_rng(seed).permutation(40)
    renamed = np.array(["c", "a", "b"])[arm]
    for rho in (0.0, 1.0):
        one = log_rank_test(time, code == 1, arm, rho=rho)
        other = log_rank_test(time[order], (code == 1)[order], renamed[order], rho=rho)
        assert other.statistic == pytest.approx(one.statistic)
    one = gray_test(time, code, arm)
    assert gray_test(time[order], code[order], renamed[order]).statistic == pytest.approx(
        one.statistic
    )


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_efron_and_breslow_maximize_the_likelihood_written_out(seed: int) -> None:
    time, code, x = made(seed)
    event = code == 1
    for ties in ("efron", "breslow"):
        fit = cox_regression(time, event, x, ["a", "z"], ties=ties)

        def negative(beta, ties=ties) -> float:
            total = 0.0
            for t in np.unique(time[event]):
                died = event & (time == t)
                risk, own = np.exp(x[time >= t] @ beta).sum(), np.exp(x[died] @ beta).sum()
                d = int(died.sum())
                total += (x[died] @ beta).sum()
                total -= sum(
                    np.log(risk - (k / d if ties == "efron" else 0) * own) for k in range(d)
                )
            return -float(total)

        assert fit.log_likelihood == pytest.approx(-negative(fit.estimates))
        step = 1e-5 * np.eye(2)
        slope = [negative(fit.estimates + s) - negative(fit.estimates - s) for s in step]
        assert slope == pytest.approx([0, 0], abs=1e-8)


def test_exact_ties_are_conditional_choices() -> None:
    """Pairs with one event each: exact Cox with a stratum a pair is paired logistic regression."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(60, 1))
    event = np.tile([1, 0], 30)
    fit = cox_regression(np.ones(60), event, x, ["z"], strata=np.arange(60) // 2, ties="exact")
    paired = logistic_regression(np.ones(30), x[::2] - x[1::2], ["z"])
    assert fit.estimates == pytest.approx(paired.estimates)
    assert fit.standard_errors == pytest.approx(paired.standard_errors)


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_splitting_a_record_changes_nothing(seed: int) -> None:
    time, code, x = made(seed)
    event, cut = code == 1, time / 2
    whole = cox_regression(time, event, x, ["a", "z"], cluster=np.arange(40))
    split = cox_regression(
        np.concatenate([cut, time]), np.concatenate([0 * event, event]), np.vstack([x, x]),
        ["a", "z"], start=np.concatenate([0 * cut, cut]), cluster=np.tile(np.arange(40), 2),
    )  # fmt: skip
    assert split.estimates == pytest.approx(whole.estimates, abs=1e-8)
    assert split.standard_errors == pytest.approx(whole.standard_errors)
    assert split.log_likelihood == pytest.approx(whole.log_likelihood)


def test_weights_count_records_under_breslow() -> None:
    time, code, x = made(5)
    event, weight = code == 1, 1 + np.arange(40) % 3
    rows = np.repeat(np.arange(40), weight)
    one = cox_regression(time, event, x, ["a", "z"], weights=weight, ties="breslow")
    many = cox_regression(time[rows], event[rows], x[rows], ["a", "z"], ties="breslow")
    assert one.estimates == pytest.approx(many.estimates)
    assert one.standard_errors == pytest.approx(many.standard_errors)


def test_robust_errors_are_near_the_jackknife() -> None:
    time, code, x = made(8, n=200, ties=False)
    event = code == 1
    fit = cox_regression(time, event, x, ["a", "z"], cluster=np.arange(200))
    left = np.array(
        [
            cox_regression(
                *(np.delete(v, k, axis=0) for v in (time, event, x)), ["a", "z"]
            ).estimates
            for k in range(200)
        ]
    )
    spread = ((left - left.mean(axis=0)) ** 2).sum(axis=0)
    assert fit.standard_errors == pytest.approx(np.sqrt(spread), rel=0.06)


def test_hazards_that_cross_are_not_proportional() -> None:
    rng = np.random.default_rng(9)
    arm = np.arange(300) % 2
    time = np.where(arm == 1, rng.weibull(3, 300), rng.weibull(0.7, 300))
    x = np.column_stack([arm, rng.normal(size=300)])
    fit = cox_regression(time, np.ones(300), x, ["arm", "z"])
    assert proportionality_test(fit, [0]).p_value < 1e-6
    assert proportionality_test(fit, [1]).p_value > 0.01
    assert proportionality_test(fit).degrees_of_freedom == 2


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_incidences_and_survival_add_up_to_one(seed: int) -> None:
    time, code, _ = made(seed)
    free = kaplan_meier(time, code > 0)
    one, two = (cumulative_incidence(time, code, cause=cause) for cause in (1, 2))
    assert one.incidence + two.incidence + free.survival == pytest.approx(np.ones(len(one.times)))


def test_one_cause_only_is_kaplan_meier_and_cox() -> None:
    time, code, x = made(11)
    single = np.minimum(code, 1)
    curve, incidence = kaplan_meier(time, single), cumulative_incidence(time, single)
    assert incidence.incidence == pytest.approx(1 - curve.survival)
    assert incidence.at(6, robust=True).standard_error == pytest.approx(curve.at(6).standard_error)
    regression = fine_gray(time, single, x, ["a", "z"])
    cox = cox_regression(time, single, x, ["a", "z"], ties="breslow", cluster=np.arange(40))
    assert regression.estimates == pytest.approx(cox.estimates, abs=1e-8)
    assert regression.standard_errors == pytest.approx(cox.standard_errors)


def test_without_censoring_competing_events_never_leave() -> None:
    time, code, x = made(12)
    code = np.where(code == 0, 2, code)
    forever = np.where(code == 1, time, time.max() + 1)
    fit = fine_gray(time, code, x, ["a", "z"])
    cox = cox_regression(forever, code == 1, x, ["a", "z"], ties="breslow", cluster=np.arange(40))
    assert fit.estimates == pytest.approx(cox.estimates, abs=1e-8)
    assert fit.standard_errors == pytest.approx(cox.standard_errors)


def recurrent(seed: int = 1, theta: float = 1.0):
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(30):
        rate, now, arm = 0.3 * (rng.gamma(1 / theta, theta) if theta else 1.0), 0.0, person % 2
        while now < 9:
            then = min(9.0, now + rng.exponential(1 / (rate * np.exp(0.5 * arm))))
            rows.append((now, then, float(then < 9), arm, person))
            now = then
    start, stop, event, arm, who = np.array(rows).T
    return start, stop, event, arm[:, None], ["arm"], who


def test_recurrences_are_numbered_and_stratified() -> None:
    start, stop, event, x, terms, who = recurrent()
    number = event_numbers(start, who.astype(int))
    assert all(sorted(number[who == p]) == list(range(1, (who == p).sum() + 1)) for p in range(30))
    fit = conditional_recurrence(start, stop, event, x, terms, who, most_strata=2)
    direct = cox_regression(
        stop, event, x, terms, start=start, strata=np.minimum(number, 2), cluster=who
    )
    assert fit.estimates == pytest.approx(direct.estimates)
    gap = conditional_recurrence(start, stop, event, x, terms, who, gap_time=True)
    same = cox_regression(stop - start, event, x, terms, strata=number, cluster=who)
    assert gap.estimates == pytest.approx(same.estimates)
    assert andersen_gill(start, stop, event, x, terms, who).counts["clusters"] == 30


def test_frailty_maximizes_the_integrated_likelihood() -> None:
    """Each participant's gamma integral in closed form, with a step of hazard at each event."""
    start, stop, event, x, terms, who = recurrent()
    fit = gamma_frailty(start, stop, event, x, terms, who)
    assert fit.theta > 0.2
    assert fit.frailties.mean() == pytest.approx(1.0, abs=1e-6)
    people = who.astype(int)
    hazard = fit.frailties[people] * np.exp((x[:, 0] - x[:, 0].mean()) * fit.estimates[0])
    moments = stop[event == 1]
    at_risk = (start < moments[:, None]) & (stop >= moments[:, None])
    steps = 1 / (at_risk @ hazard)
    exposure = (at_risk * steps[:, None]).sum(axis=0) * hazard / fit.frailties[people]
    cumulative = np.bincount(people, exposure)
    deaths = np.bincount(people, event)
    assert fit.frailties == pytest.approx(
        (deaths + 1 / fit.theta) / (cumulative + 1 / fit.theta), rel=1e-6
    )


DAY = [1.0, 2, 3, 4]


@pytest.mark.parametrize(
    ("compute", "words"),
    [
        (lambda: kaplan_meier([], []), "nobody was observed"),
        (lambda: kaplan_meier([1, -2], [1, 0]), "negative"),
        (lambda: kaplan_meier([1, 2], [1, 2]), "more than one kind"),
        (lambda: kaplan_meier([1, 2], [1, 0.5]), "coded"),
        (lambda: kaplan_meier([1, 2], [1, 0]).at(1, interval="x"), "no interval"),
        (lambda: kaplan_meier([1, 2], [1, 0]).restricted_mean(3), "not known up to"),
        (lambda: log_rank_test(DAY, [1, 0, 1, 0], ["a"] * 4), "one arm only"),
        (lambda: log_rank_test(DAY, [0] * 4, [0, 0, 1, 1]), "nobody had the event"),
        (lambda: cox_regression(DAY, [0] * 4, [[0], [1], [0], [1]], ["a"]), "at least one"),
        (lambda: cox_regression(DAY, [1, 0, 1, 0], [[0], [1], [0], [1]], ["a"]), "no finite"),
        (lambda: cox_regression(DAY, [1] * 4, [[1]] * 4, ["a"]), "the same for all"),
        (lambda: cox_regression(DAY, [1] * 4, [[0], [1]] * 2, ["a"], start=DAY), "where it starts"),
        (lambda: cox_regression(DAY, [1] * 4, [[0], [1]] * 2, ["a"], ties="x"), "no ties"),
        (lambda: gray_test(DAY, [2] * 4, [0, 0, 1, 1]), "nobody had an event of cause 1"),
        (lambda: gray_test(DAY, [1] * 4, [1] * 4), "one arm only"),
    ],
)
def test_data_that_determine_nothing_are_refused(compute, words) -> None:
    with pytest.raises(UnusableInputError, match=words):
        compute()
