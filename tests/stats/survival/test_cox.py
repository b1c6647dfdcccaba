"""Cox regression against the partial likelihood in plain loops, its numeric derivatives, and what
happens to the estimate when the weight of a record changes a little.
"""

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from scipy.stats import chi2, nchypergeom_fisher

from trialwright.errors import UnusableInputError
from trialwright.stats.survival.cox import TIES, cox_regression, proportionality_test
from trialwright.stats.survival.exact_ties import _log_symmetric
from trialwright.stats.survival.kaplan_meier import kaplan_meier

TERMS = ["arm", "z"]


def log_likelihood(data, event, ties: str, eta: Callable[[float], np.ndarray]) -> float:
    """The log partial likelihood, day by day; `eta` gives the log hazards of all on a day."""
    total = 0.0
    for stratum in np.unique(data.stratum):
        for day in np.unique(data.time[event & (data.stratum == stratum)]):
            risk = (data.stratum == stratum) & (data.time >= day) & (data.start < day)
            died = np.flatnonzero(risk & event & (data.time == day))
            at, d = eta(day), len(died)
            if ties == "exact":
                choices = combinations(np.flatnonzero(risk), d)
                total += at[died].sum()
                total -= np.log(sum(np.exp(at[list(each)].sum()) for each in choices))
                continue
            hazard = data.weight * np.exp(at)
            total += (data.weight * at)[died].sum()
            for k in range(d):
                taken = k / d * hazard[died].sum() if ties == "efron" else 0.0
                total -= data.weight[died].mean() * np.log(hazard[risk].sum() - taken)
    return float(total)


def derivatives(function, at, step: float = 1e-3):
    """Slope and negative curvature at a point, by central differences."""
    e = step * np.eye(len(at))
    slope = [(function(at + a) - function(at - a)) / (2 * step) for a in e]
    curve = [
        [
            function(at + a + b) - function(at + a - b) - function(at - a + b) + function(at - a - b)
            for b in e
        ]
        for a in e
    ]  # fmt: skip
    return np.array(slope), -np.array(curve) / (4 * step**2)


@pytest.fixture(params=TIES)
def fitted(request, made):
    """A fit with strata, late entry and (but for exact ties) weights, and its plain likelihood."""
    ties = request.param
    data = made(21, 26)
    if ties == "exact":
        data.weight = np.ones(26)
    event = data.code == 1
    fit = cox_regression(
        data.time, event, data.x, TERMS, start=data.start, strata=data.stratum, ties=ties,
        weights=None if ties == "exact" else data.weight,
    )  # fmt: skip

    def plain(at) -> float:
        """By coefficients and, if there are four, by their change with `1 - survival before`."""
        return log_likelihood(
            data, event, ties,
            lambda day: data.x @ (at[:2] + (1 - before[day]) * at[2:] if len(at) > 2 else at),
        )  # fmt: skip

    free, before = 1.0, {}
    for day in np.unique(data.time[event]):
        before[day] = free
        risk = (data.time >= day) & (data.start < day)
        free *= 1 - (event & (data.time == day)).sum() / risk.sum()
    return fit, plain, data, event


def test_likelihood_slope_and_information_by_loops(fitted) -> None:
    fit, plain, _, _ = fitted
    assert fit.log_likelihood == pytest.approx(plain(fit.estimates), rel=1e-12)
    assert fit.null_log_likelihood == pytest.approx(plain(np.zeros(2)), rel=1e-12)
    slope, information = derivatives(plain, fit.estimates)
    assert slope == pytest.approx([0, 0], abs=1e-4)
    assert fit.covariance == pytest.approx(np.linalg.inv(information), rel=1e-4)


def test_the_score_test_is_that_of_the_slope_at_zero(fitted) -> None:
    fit, plain, _, _ = fitted
    slope, information = derivatives(plain, np.zeros(2))
    expected = slope @ np.linalg.solve(information, slope)
    assert fit.score_test.statistic == pytest.approx(expected, rel=1e-4)
    assert fit.score_test.p_value == pytest.approx(chi2.sf(expected, 2), rel=1e-3)
    ratio = 2 * (plain(fit.estimates) - plain(np.zeros(2)))
    assert fit.likelihood_ratio_test.statistic == pytest.approx(ratio, rel=1e-10)
    assert fit.likelihood_ratio_test.degrees_of_freedom == 2


@pytest.mark.parametrize("columns", [[0], [1], [0, 1], None])
def test_proportionality_is_a_score_test_of_coefficients_that_change(fitted, columns) -> None:
    """The likelihood with time-varying coefficients, at no change; its mean time does not matter."""
    fit, plain, _, _ = fitted
    slope, information = derivatives(plain, np.append(fit.estimates, [0.0, 0.0]))
    tested = np.array([0, 1] if columns is None else columns)
    inner = information[2:, 2:] - information[2:, :2] @ np.linalg.solve(
        information[:2, :2], information[:2, 2:]
    )
    lead = slope[2:] - information[2:, :2] @ np.linalg.solve(information[:2, :2], slope[:2])
    expected = lead[tested] @ np.linalg.solve(inner[np.ix_(tested, tested)], lead[tested])
    found = proportionality_test(fit, columns)
    assert found.statistic == pytest.approx(expected, rel=2e-3)
    assert found.degrees_of_freedom == len(tested)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("clustered", [False, True])
def test_robust_errors_are_the_infinitesimal_jackknife(made, ties: str, clustered: bool) -> None:
    """Refit with each record's weight a little larger and smaller; sum the squares by cluster."""
    data = made(22, 24)
    event = data.code == 1
    cluster = data.cluster if clustered else np.arange(24)

    def refit(weights, **settings):
        return cox_regression(
            data.time, event, data.x, TERMS, start=data.start, strata=data.stratum, ties=ties,
            weights=weights, **settings,
        )  # fmt: skip

    moves = []
    for k in range(24):
        step = np.where(np.arange(24) == k, 1e-4, 0.0)
        more, less = (refit(data.weight + sign * step).estimates for sign in (1, -1))
        moves.append((more - less) / 2e-4 * data.weight[k])
    sums = np.zeros((24, 2))
    np.add.at(sums, cluster, np.array(moves))
    found = refit(data.weight, cluster=cluster)
    assert found.covariance == pytest.approx(sums.T @ sums, rel=1e-5)
    assert found.counts["clusters"] == len(set(cluster.tolist()))


def test_exact_ties_of_one_day_are_fishers_noncentral_law() -> None:
    """230 of 400 on one day: given their number, those of the arm follow it; the mean is observed."""
    arm = np.arange(400) < 180
    event = np.concatenate([np.arange(180) < 120, np.arange(220) < 110])
    fit = cox_regression(np.ones(400), event, arm[:, None], ["arm"], ties="exact")
    law = nchypergeom_fisher(400, 180, 230, np.exp(fit.estimates[0]))
    assert law.mean() == pytest.approx(120, rel=1e-8)
    assert fit.standard_errors[0] == pytest.approx(1 / np.sqrt(law.var()), rel=1e-6)


@pytest.mark.parametrize("d", [1, 2, 4, 6])
def test_symmetric_functions_are_sums_over_choices(d: int) -> None:
    rng = np.random.Generator(np.random.Philox(5))
    eta, x = rng.normal(size=6), rng.normal(size=(6, 2))
    chosen = [list(each) for each in combinations(range(6), d)]
    size = np.array([np.exp(eta[each].sum()) for each in chosen])
    sums = np.array([x[each].sum(axis=0) for each in chosen])
    chance = size / size.sum()
    value, slope, curve = _log_symmetric(eta, x, d)
    assert value == pytest.approx(np.log(size.sum()))
    assert slope == pytest.approx(chance @ sums)
    away = sums - chance @ sums
    assert curve == pytest.approx((away.T * chance) @ away, abs=1e-12)


@pytest.mark.parametrize("ties", TIES)
def test_only_the_order_of_times_counts(made, ties: str) -> None:
    data = made(23, 40)
    event = data.code == 1
    one = cox_regression(data.time, event, data.x, TERMS, ties=ties, strata=data.stratum)
    other = cox_regression(data.time**2, event, data.x, TERMS, ties=ties, strata=data.stratum)
    assert other.estimates.tolist() == one.estimates.tolist()
    assert proportionality_test(other).statistic == pytest.approx(
        proportionality_test(one).statistic
    )


def test_who_left_before_the_first_event_or_came_after_the_last_is_not_compared(made) -> None:
    data = made(24)
    event = data.code == 1
    one = cox_regression(data.time, event, data.x, TERMS, start=np.zeros(30))
    last = data.time.max()
    more = cox_regression(
        np.r_[data.time, 0.5, last + 5], np.r_[event, 0, 0], np.vstack([data.x, [[1, 3], [0, -9]]]),
        TERMS, start=np.r_[np.zeros(30), 0, last],
    )  # fmt: skip
    assert more.estimates == pytest.approx(one.estimates, rel=1e-8)
    assert more.log_likelihood == pytest.approx(one.log_likelihood)


def test_weights_of_all_alike_change_errors_only(made) -> None:
    data = made(25)
    one = cox_regression(data.time, data.code == 1, data.x, TERMS, cluster=np.arange(30))
    four = cox_regression(
        data.time, data.code == 1, data.x, TERMS, cluster=np.arange(30), weights=np.full(30, 4.0)
    )
    assert four.estimates == pytest.approx(one.estimates)
    assert four.standard_errors == pytest.approx(one.standard_errors)
    assert four.naive_covariance == pytest.approx(one.naive_covariance / 4)


def test_survival_before_is_that_of_all_records_together(made) -> None:
    data = made(26)
    fit = cox_regression(data.time, data.code == 1, data.x, TERMS, strata=data.stratum)
    curve = kaplan_meier(data.time, data.code == 1)
    expected = [curve.at(moment - 0.5).estimate for moment in fit.proportionality.time]
    assert fit.survival_before == pytest.approx(expected)


DAYS, EVENTS, X = [1.0, 2, 3, 4, 5, 6], [1, 1, 0, 1, 1, 1], [[0], [1], [1], [0], [1], [0]]


@pytest.mark.parametrize(
    ("settings", "words", "remedy"),
    [
        ({"ties": "exact", "weights": np.ones(6)}, "exact ties allow neither", "take Efron's ties"),
        ({"ties": "exact", "cluster": np.arange(6)}, "exact ties allow neither", "Efron's ties"),
        ({"ties": "kalbfleisch"}, "no ties by 'kalbfleisch'", "use one of"),
        ({"cluster": np.zeros(6)}, "1 clusters are too few for robust errors of 1", "model's errors"),
        ({"cluster": [0, 0, 1, 1, np.nan, 2]}, "a label is missing among the clusters", ""),
        ({"strata": [0, 0, 1, 1, np.nan, 1]}, "a label is missing among the strata", ""),
        ({"weights": np.array([1, 1, 1, 1, 1, 0])}, "a weight not positive", ""),
        ({"weights": np.array([1, 1, 1, 1, 1, np.nan])}, "a weight not positive", ""),
        ({"weights": np.ones(5)}, "differ in length", ""),
        ({"start": np.full(6, 1.0)}, "an interval ends where it starts", ""),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(settings, words, remedy) -> None:
    with pytest.raises(UnusableInputError, match=words) as refused:
        cox_regression(DAYS, EVENTS, X, ["arm"], **settings)
    assert remedy in str(refused.value)


@pytest.mark.parametrize(
    ("event", "matrix", "terms", "words"),
    [
        ([1, 2, 0, 1, 1, 1], X, ["arm"], "coded 0 or 1, and at least one is needed"),
        ([0] * 6, X, ["arm"], "at least one is needed"),
        (EVENTS, np.zeros((6, 0)), [], "there is no term, so nothing to estimate"),
        (EVENTS, X[:5], ["arm"], "differ in length"),
        (EVENTS, X, ["arm", "age"], "differ in length"),
        (EVENTS, [[0], [1], [np.nan], [0], [1], [0]], ["arm"], "a covariate is missing"),
        (
            EVENTS,
            [[0, 0], [1, 2], [1, 2], [0, 0], [1, 2], [0, 0]],
            ["a", "b"],
            "b is a combination",
        ),
    ],
)
def test_data_that_cannot_be_are_refused(event, matrix, terms, words) -> None:
    with pytest.raises(UnusableInputError, match=words):
        cox_regression(DAYS, event, matrix, terms)


def test_one_event_time_says_nothing_of_change() -> None:
    fit = cox_regression([1, 1, 2, 2], [1, 1, 0, 0], [[0], [1], [0.5], [0.3]], ["dose"])
    with pytest.raises(UnusableInputError, match="too few event times to tell"):
        proportionality_test(fit)
