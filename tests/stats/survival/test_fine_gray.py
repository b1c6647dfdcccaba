"""Fine and Gray's regression: R's figures of melanoma, and the paper's formulas in loops."""

import numpy as np
import pytest
from scipy.optimize import minimize

from trialwright.errors import UnusableInputError
from trialwright.stats.survival.cox import cox_regression
from trialwright.stats.survival.fine_gray import fine_gray, fine_gray_records

TERMS = ["arm", "z"]


@pytest.mark.parametrize(
    ("cause", "estimates", "errors", "log_likelihood"),
    [
        (1, [0.4050316892536, 0.005927736055636, 0.08999459175965, 1.1286298197975],
         [0.2755767068298, 0.009290270251999, 0.03836445117006, 0.3034405491867], -268.1847152382),
        (2, [0.2629594536724, 0.05695759056330, 0.01144465856442, -0.1091797422857],
         [0.5923134264453, 0.01420018654128, 0.08508931958944, 0.5865579490965], -63.9647493224),
    ],
)  # fmt: skip
def test_regression_of_melanoma(textbook, cause, estimates, errors, log_likelihood) -> None:
    """R 4.2.2, cmprsk 2.2-11: crr(time, cause, cbind(sex, age, thickness, ulcer), failcode)."""
    data = textbook("melanoma")
    x = np.column_stack([data.sex, data.age, data.thickness, data.ulcer])
    fit = fine_gray(data.time, data.cause, x, ["sex", "age", "thickness", "ulcer"], cause=cause)
    assert fit.estimates == pytest.approx(estimates, rel=1e-8)
    assert fit.standard_errors == pytest.approx(errors, rel=1e-8)
    assert fit.log_likelihood == pytest.approx(log_likelihood, rel=1e-10)
    other = {1: 14, 2: 57}[cause]
    assert fit.counts == {"participants": 205, "events": 71 - other, "competing events": other}


@pytest.mark.parametrize(
    ("cause", "weights", "squares", "least"),
    [
        (1, 9.0836695274432e03, 1.5563210176491e06, 4.0040582975153e01),
        (2, 2255.513346399958, 409073.090317570255, 44.468196151139),
    ],
)
def test_risk_sets_of_melanoma(textbook, cause, weights, squares, least) -> None:
    """R 4.2.2, survival 3.5-3: w <- finegray(Surv(time, factor(cause, 0:2)) ~ ., etype = cause).

    On each day of an event, the sum of w$fgwt of those at risk; of these the sum, the sum of
    squares and the least.
    """
    data = textbook("melanoma")
    records = fine_gray_records(data.time, data.cause, cause=cause)
    days = np.unique(data.time[data.cause == cause])
    present = (records.start < days[:, None]) & (records.stop >= days[:, None])
    sums = present @ records.weight
    assert (sums.sum(), (sums**2).sum(), sums.min()) == pytest.approx(
        (weights, squares, least), rel=1e-11
    )


@pytest.mark.parametrize(
    ("cause", "estimates", "errors"),
    [
        (1, [0.474513648468034, 0.008212669168284, 1.336471250378056],
         [0.274952280602911, 0.009237079780505, 0.289909057640446]),
        (2, [0.26103274062965, 0.05749252783505, -0.08043512615598],
         [0.58865224843465, 0.01370304647043, 0.53627998797471]),
    ],
)  # fmt: skip
def test_weighted_cox_of_melanoma(textbook, cause, estimates, errors) -> None:
    """coxph(Surv(fgstart, fgstop, fgstatus) ~ sex + age + ulcer, w, weights = fgwt, cluster = id),
    whose errors take the weights as known.
    """
    data = textbook("melanoma")
    x = np.column_stack([data.sex, data.age, data.ulcer])
    records = fine_gray_records(data.time, data.cause, cause=cause)
    fit = cox_regression(
        records.stop, records.event, x[records.participant], ["sex", "age", "ulcer"],
        start=records.start, weights=records.weight, cluster=records.participant,
    )  # fmt: skip
    assert fit.estimates == pytest.approx(estimates, rel=1e-8)
    assert fit.standard_errors == pytest.approx(errors, rel=1e-8)
    assert fit.counts["clusters"] == 205


def uncensored(time, code, until: float) -> float:
    """The Kaplan–Meier chance of not having been censored before a day; all who end count."""
    chance = 1.0
    for day in np.unique(time[code == 0]):
        if day < until:
            chance *= 1 - ((time == day) & (code == 0)).sum() / (time >= day).sum()
    return chance


@pytest.fixture(params=[41, 42])
def written_out(request, made):
    """Data and, day by day, who is in the risk set with which weight."""
    data = made(request.param)
    days = np.unique(data.time[data.code == 1])
    weight = np.zeros((30, len(days)))
    for i in range(30):
        for k, day in enumerate(days):
            if data.time[i] >= day:
                weight[i, k] = 1.0
            elif data.code[i] == 2:
                weight[i, k] = uncensored(data.time, data.code, day) / uncensored(
                    data.time, data.code, data.time[i]
                )
    return data, days, weight


def test_estimates_maximize_the_weighted_likelihood(written_out) -> None:
    data, days, weight = written_out

    def negative(beta) -> float:
        total = 0.0
        for i in np.flatnonzero(data.code == 1):
            k = int(np.searchsorted(days, data.time[i]))
            total += data.x[i] @ beta - np.log(weight[:, k] @ np.exp(data.x @ beta))
        return -float(total)

    fit = fine_gray(data.time, data.code, data.x, TERMS)
    best = minimize(negative, np.zeros(2), method="BFGS", options={"gtol": 1e-8})
    assert fit.log_likelihood == pytest.approx(-negative(fit.estimates), rel=1e-12)
    assert fit.estimates == pytest.approx(best.x, abs=1e-5)


def test_errors_are_the_sandwich_of_the_paper(written_out) -> None:
    """Fine & Gray 1999: eta of each one's own score, psi of the estimated weights."""
    data, days, weight = written_out
    fit = fine_gray(data.time, data.code, data.x, TERMS)
    hazard = np.exp(data.x @ fit.estimates)
    mean, rate, information = [], [], np.zeros((2, 2))
    for k, day in enumerate(days):
        share = weight[:, k] * hazard / (weight[:, k] @ hazard)
        deaths = ((data.time == day) & (data.code == 1)).sum()
        center = share @ data.x
        away = data.x - center
        information += deaths * (away.T * share) @ away
        mean.append(center)
        rate.append(deaths / (weight[:, k] @ hazard))
    parts = np.zeros((30, 2))
    for i in range(30):
        for k, day in enumerate(days):
            own = (data.time[i] == day) & (data.code[i] == 1)
            parts[i] += (data.x[i] - mean[k]) * (own - weight[i, k] * hazard[i] * rate[k])
    for u in np.unique(data.time[data.code == 0]):
        at_risk = (data.time >= u).sum()
        censored = (data.time == u) & (data.code == 0)
        q = np.zeros(2)
        for j in np.flatnonzero((data.code == 2) & (data.time < u)):
            for k in np.flatnonzero(days >= u):
                q += (data.x[j] - mean[k]) * weight[j, k] * hazard[j] * rate[k]
        for i in range(30):
            parts[i] += q / at_risk * censored[i]
            parts[i] -= q / at_risk * (censored.sum() / at_risk) * (data.time[i] >= u)
    inverse = np.linalg.inv(information)
    assert fit.covariance == pytest.approx(inverse @ (parts.T @ parts) @ inverse, rel=1e-7)


def test_an_arm_turned_about_turns_its_coefficient(made) -> None:
    data = made(44)
    one = fine_gray(data.time, data.code, data.x, TERMS)
    turned = np.column_stack([1 - data.x[:, 0], 10 * data.x[:, 1] - 4])
    order = np.arange(30)[::-1]
    other = fine_gray(data.time[order], data.code[order], turned[order], TERMS)
    assert other.estimates == pytest.approx(one.estimates * [-1, 0.1], rel=1e-8)
    assert other.standard_errors == pytest.approx(one.standard_errors * [1, 0.1], rel=1e-8)
    assert other.log_likelihood == pytest.approx(one.log_likelihood)


X = [[0], [1], [0], [1]]


@pytest.mark.parametrize(
    ("code", "matrix", "settings", "words"),
    [
        ([2, 2, 2, 0], X, {}, "nobody had an event of cause 1"),
        ([0, 0, 0, 0], X, {}, "nobody had an event of cause 1"),
        ([1, 2, 1, 0], X, {"cause": 3}, "nobody had an event of cause 3"),
        ([1, 2, 1, 0], X, {"cause": 0}, "causes are coded 1, 2"),
        ([1, 2, 1, 2], X, {}, "no finite estimate of arm"),
        ([1, 1, 2, 0], [[1], [1], [1], [1]], {}, "the term arm is the same for all"),
        ([1, 2, 1, 0], X[:3], {}, "times and matrix differ in length"),
        ([1, 2, 1, 0], [[0], [1], [0], [np.nan]], {}, "a covariate is missing"),
    ],
)
def test_what_determines_nothing_is_refused(code, matrix, settings, words) -> None:
    with pytest.raises(UnusableInputError, match=words):
        fine_gray([1.0, 2, 3, 4], code, matrix, ["arm"], **settings)
