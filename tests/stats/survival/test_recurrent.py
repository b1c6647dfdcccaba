"""Recurring events: R's figures of bladder tumors and kidney infections, and likelihoods in full."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import gammaln

from trialwright.errors import UnusableInputError
from trialwright.stats.survival.cox import cox_regression, proportionality_test
from trialwright.stats.survival.recurrent import (
    andersen_gill,
    conditional_recurrence,
    event_numbers,
    gamma_frailty,
)

TERMS = ["thiotepa", "number", "size"]


@pytest.fixture(scope="module")
def bladder(textbook):
    """85 participants with up to four recurrences; the records as the functions take them."""
    data = textbook("bladder2")
    x = np.column_stack([data.rx - 1, data.number, data.size])
    return data.start, data.stop, data.event, x, TERMS, data.id


def test_andersen_gill_of_bladder_tumors(bladder) -> None:
    """R 4.2.2, survival 3.5-3: coxph(Surv(start, stop, event) ~ rx + number + size, cluster = id)."""
    fit = andersen_gill(*bladder)
    assert fit.estimates == pytest.approx(
        [-0.4646869529889, 0.17496038118825, -0.04366027611679], rel=1e-9
    )
    assert fit.standard_errors == pytest.approx(
        [0.2655608118934, 0.06304054319656, 0.07761611267531], rel=1e-9
    )
    assert np.sqrt(np.diag(fit.naive_covariance)) == pytest.approx(
        [0.1997321888293, 0.04707405844852, 0.06905085251022], rel=1e-9
    )
    assert (fit.null_log_likelihood, fit.log_likelihood) == pytest.approx(
        (-458.7393495903, -449.9806420018), rel=1e-12
    )
    assert fit.counts == {"records": 178, "events": 112, "clusters": 85}


@pytest.mark.parametrize(
    ("settings", "estimates", "errors", "log_likelihood"),
    [
        ({}, [-0.3334887264341, 0.11961723797757, -0.008494666106611],
         [0.2047867719359, 0.05138674976088, 0.061635208042792], -315.9908248718),
        ({"gap_time": True}, [-0.2790045154975, 0.15804589995746, 0.007415087501795],
         [0.2156238693384, 0.05093976654714, 0.064332508308162], -358.9684853693),
        ({"most_strata": 2}, [-0.3199015609891, 0.13178262533568, -0.04312993278456],
         [0.2204524832688, 0.05713775467124, 0.06739915681692], -382.2562221961),
    ],
    ids=["total time", "gap time", "later events joined"],
)  # fmt: skip
def test_conditional_recurrence(bladder, settings, estimates, errors, log_likelihood) -> None:
    """coxph(Surv(start, stop, event) or Surv(stop - start, event) ~ ... + strata(enum), cluster),
    with strata(pmin(enum, 2)) for the joined ones.
    """
    fit = conditional_recurrence(*bladder, **settings)
    assert fit.estimates == pytest.approx(estimates, rel=1e-8)
    assert fit.standard_errors == pytest.approx(errors, rel=1e-8)
    assert fit.log_likelihood == pytest.approx(log_likelihood, rel=1e-11)


def test_proportionality_with_late_entry(bladder) -> None:
    """cox.zph(coxph(Surv(start, stop, event) ~ rx + number + size, bladder2))."""
    start, stop, event, x, terms, _ = bladder
    fit = cox_regression(stop, event, x, terms, start=start)
    found = [proportionality_test(fit, columns).statistic for columns in ([0], [1], [2], None)]
    assert found == pytest.approx(
        [0.01793924715354, 0.60271218635456, 2.03136429522113, 2.28418038412794], rel=1e-7
    )


def test_frailty_of_bladder_tumors(bladder) -> None:
    """coxph(... + frailty(id, distribution = "gamma", eps = 1e-12, sparse = FALSE)): R ends its
    search for theta after some 7 digits. By default, sparse, its errors are up to 1.4 % off.
    """
    fit = gamma_frailty(*bladder)
    assert fit.theta == pytest.approx(1.07515596077, rel=1e-6)
    assert fit.estimates == pytest.approx(
        [-0.60761217685868, 0.23866944451669, -0.02158633022128], rel=1e-6
    )
    assert fit.standard_errors == pytest.approx(
        [0.33193991508028, 0.09386719899083, 0.11237331384739], rel=1e-6
    )
    assert fit.log_likelihood == pytest.approx(-436.8411654167, rel=1e-9)
    assert fit.notes == ("errors take theta as known",)


def test_frailty_of_kidney_infections(textbook) -> None:
    """coxph(Surv(time, status) ~ age + female + frailty(id, eps = 1e-12, sparse = FALSE), kidney)."""
    data = textbook("kidney")
    x = np.column_stack([data.age, data.female])
    fit = gamma_frailty(np.full(76, -1), data.time, data.status, x, ["age", "female"], data.id)
    assert fit.theta == pytest.approx(0.4077695918749, rel=1e-6)
    assert fit.estimates == pytest.approx([0.005222320338453, -1.583233799483387], rel=1e-6)
    assert fit.standard_errors == pytest.approx([0.01165340263818, 0.44838155138498], rel=1e-6)
    assert fit.log_likelihood == pytest.approx(-181.6386265254, rel=1e-9)
    assert fit.frailties[[0, 6, 20, 37]] == pytest.approx(
        [1.44501912, 1.60554211, 0.10646392, 0.64930700], rel=1e-5
    )
    assert fit.counts == {"participants": 38, "records": 76, "events": 58}


def test_frailty_is_the_maximum_of_the_full_likelihood() -> None:
    """A step of hazard at each event, a gamma law for each participant, and BFGS over all of it.

    Participant i with d events and cumulative hazard H adds log Γ(a + d) - log Γ(a) + a log a -
    (a + d) log(a + H), a = 1 / theta. At the maximum the steps cost one event each, so the partial
    likelihood lies above by the number of events.
    """
    rng = np.random.Generator(np.random.Philox(51))
    n, each = 12, 3
    who = np.repeat(np.arange(n), each)
    stop = (rng.exponential(size=(n, each)) / rng.gamma(0.8, 1.25, (n, 1))).cumsum(axis=1)
    start = np.column_stack([np.zeros(n), stop[:, :-1]]).ravel()
    stop = stop.ravel()
    event, x = rng.random(n * each) < 0.8, (who % 2).astype(float)
    moments = np.sort(stop[event])
    at_risk = (start[:, None] < moments) & (stop[:, None] >= moments)
    deaths = np.bincount(who, event)

    def negative(at) -> float:
        a, beta, log_steps = np.exp(-at[0]), at[1], at[2:]
        hazard = (at_risk @ np.exp(log_steps)) * np.exp(beta * x)
        whole = np.bincount(who, hazard)
        each = gammaln(a + deaths) - gammaln(a) + a * np.log(a) - (a + deaths) * np.log(a + whole)
        return -float(each.sum() + log_steps.sum() + beta * x[event].sum())

    begin = np.concatenate([[0.0, 0.0], -np.log(at_risk.sum(axis=0))])
    best = minimize(negative, begin, method="BFGS", options={"gtol": 1e-6, "maxiter": 2000})
    fit = gamma_frailty(start, stop, event, x[:, None], ["arm"], who)
    assert fit.theta == pytest.approx(np.exp(best.x[0]), rel=1e-3)
    assert fit.estimates[0] == pytest.approx(best.x[1], rel=1e-3)
    assert fit.log_likelihood == pytest.approx(-best.fun + event.sum(), abs=1e-5)


def test_one_event_each_is_cox_regression(made) -> None:
    """Nothing recurs: Andersen–Gill and both conditional models are Cox with robust errors."""
    data = made(52)
    event, who = data.code == 1, np.arange(30) + 100
    plain = cox_regression(data.time, event, data.x, ["a", "z"], cluster=who)
    arguments = (np.zeros(30), data.time, event, data.x, ["a", "z"], who)
    for fit in (
        andersen_gill(*arguments),
        conditional_recurrence(*arguments),
        conditional_recurrence(*arguments, gap_time=True, most_strata=1),
    ):
        assert fit.estimates == pytest.approx(plain.estimates, rel=1e-10)
        assert fit.standard_errors == pytest.approx(plain.standard_errors, rel=1e-10)


def test_order_of_records_and_names_of_participants_do_not_matter(bladder) -> None:
    start, stop, event, x, terms, who = bladder
    order = np.random.Generator(np.random.Philox(53)).permutation(len(stop))
    names = np.array([f"P{900 - k}" for k in who])
    shuffled = (start[order], stop[order], event[order], x[order], terms, names[order])
    for model in (
        andersen_gill,
        conditional_recurrence,
        lambda *records: conditional_recurrence(*records, gap_time=True, most_strata=3),
    ):
        one, other = model(*bladder), model(*shuffled)
        assert other.estimates == pytest.approx(one.estimates, rel=1e-9)
        assert other.standard_errors == pytest.approx(one.standard_errors, rel=1e-9)


def test_records_are_numbered_within_participants_by_their_start() -> None:
    start, whose = np.array([5.0, 0, 2, 0, 7]), np.array([1, 1, 1, 0, 0])
    assert event_numbers(start, whose).tolist() == [3, 1, 2, 1, 2]


X = [[0], [0], [1], [1]]
RECORDS = ([0, 2, 0, 3], [2, 5, 3, 6], [1, 1, 1, 0], X, ["arm"])


@pytest.mark.parametrize("model", [andersen_gill, conditional_recurrence, gamma_frailty])
@pytest.mark.parametrize(
    ("records", "who", "words"),
    [
        (RECORDS, [1, 1, 2, np.nan], "a label is missing"),
        (RECORDS, [1, 1, 2], "differ in length"),
        (([0, 2, 0, 6], *RECORDS[1:]), [1, 1, 2, 2], "an interval ends where it starts"),
        ((*RECORDS[:2], [0, 0, 0, 0], X, ["arm"]), [1, 1, 2, 2], "at least one is needed"),
        ((*RECORDS[:3], [[1]] * 4, ["arm"]), [1, 1, 2, 2], "the term arm is the same for all"),
        (([0] * 4, [1, 2, 3, 4], [1, 1, 0, 0], X, ["arm"]), [1, 2, 3, 4], "no finite estimate"),
    ],
)
def test_records_that_determine_nothing_are_refused(model, records, who, words) -> None:
    with pytest.raises(UnusableInputError, match=words):
        model(*records, who)
