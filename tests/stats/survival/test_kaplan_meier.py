"""Curves against integrals and sums written out, limits by their formulas, and the edges."""

import math

import numpy as np
import pytest
from scipy.stats import norm

from trialwright.errors import UnusableInputError
from trialwright.stats.survival.kaplan_meier import INTERVALS, kaplan_meier


def by_hand(time, event, moment: float) -> tuple[float, float]:
    """Survival just after a moment and Greenwood's sum."""
    free, total = 1.0, 0.0
    for day in sorted(set(time[event].tolist())):
        if day <= moment:
            n, d = (time >= day).sum(), (event & (time == day)).sum()
            free *= 1 - d / n
            total += d / (n * (n - d)) if n > d else math.inf
    return free, total


@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
def test_limits_by_their_formulas(made, level: float) -> None:
    """Symmetric in survival, in its logarithm, and in the logarithm of minus that."""
    data = made(61)
    event, q = data.code == 1, norm.isf((1 - level) / 2)
    curve = kaplan_meier(data.time, event)
    for moment in (2.0, 6.5, 11.0):
        free, total = by_hand(data.time, event, moment)
        error = math.sqrt(total)
        away = q * error / math.log(free)
        expected = {
            "plain": (max(0, free - q * free * error), min(1, free + q * free * error)),
            "log": (math.exp(math.log(free) - q * error), min(1, math.exp(math.log(free) + q * error))),
            "log-log": (
                math.exp(-math.exp(math.log(-math.log(free)) - away)),
                math.exp(-math.exp(math.log(-math.log(free)) + away)),
            ),
        }  # fmt: skip
        assert set(expected) == set(INTERVALS)
        for interval, limits in expected.items():
            found = curve.at(moment, interval=interval, level=level)
            assert found.estimate == pytest.approx(free)
            assert (found.lower, found.upper) == pytest.approx(limits)
            assert found.level == level


@pytest.mark.parametrize("horizon", [4.0, 7.5, 12.0])
def test_restricted_mean_is_the_integral_of_the_curve(made, horizon: float) -> None:
    """On a grid of half days, on which every step lies; its variance is a sum over events of the
    squared area to come, times d / (n (n - d)).
    """
    data = made(62)
    event = data.code == 1
    curve = kaplan_meier(data.time, event)
    middle = np.arange(0.25, horizon, 0.5)
    heights = np.array([by_hand(data.time, event, m)[0] for m in middle])
    variance = 0.0
    for day in sorted(set(data.time[event & (data.time < horizon)].tolist())):
        n, d = (data.time >= day).sum(), (event & (data.time == day)).sum()
        variance += (heights[middle > day].sum() / 2) ** 2 * d / (n * (n - d))
    found = curve.restricted_mean(horizon, level=0.9)
    assert found.estimate == pytest.approx(heights.sum() / 2)
    assert found.standard_error == pytest.approx(math.sqrt(variance))
    reach = 1.6448536269514722 * math.sqrt(variance)
    assert (found.lower, found.upper) == pytest.approx(
        (found.estimate - reach, found.estimate + reach)
    )


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.7])
@pytest.mark.parametrize("interval", INTERVALS)
def test_a_quantile_is_where_the_curve_and_its_limits_come_down(made, share, interval) -> None:
    data = made(63, 41)  # no share of 41 lies on a step
    event = data.code == 1
    curve = kaplan_meier(data.time, event)
    found = curve.quantile(share, interval=interval, level=0.9)

    def first(part: str) -> float:
        for day in np.unique(data.time):
            value = getattr(curve.at(day, interval=interval, level=0.9), part)
            if value is not None and value <= 1 - share:
                return day
        return math.inf

    assert found.estimate == first("estimate")
    assert found.lower == first("lower")
    assert found.upper == first("upper")
    assert found.counts == {"participants": 41, "events": event.sum()}


@pytest.mark.parametrize(
    ("times", "shares", "lower", "upper"),
    [
        ([1, 2, 3], (0.25, 0.5, 0.75, 0.9), (1, 1, 1, 1), (math.inf,) * 4),
        (range(1, 9), (0.25, 0.5, 0.75, 0.9), (1, 1, 3, 5), (5, 7, math.inf, math.inf)),
        ([2, 2, 2, 7], (0.25, 0.5, 0.75, 0.9), (2, 2, 2, 2), (2, math.inf, math.inf, math.inf)),
        ([5, 5, 5], (0.25, 0.5), (None, None), (math.inf, math.inf)),
    ],
    ids=["three", "eight", "tied", "one day"],
)
def test_where_all_had_the_event_its_last_day_limits_nothing(times, shares, lower, upper) -> None:
    """R 4.2.2, survival 3.5-3: quantile(survfit(Surv(t, 1) ~ 1, conf.type = "log-log")), NA for
    what was not reached. The last day once stood as an upper limit, though no interval is known.
    """
    curve = kaplan_meier(list(times), [1] * len(list(times)))
    found = [curve.quantile(share) for share in shares]
    assert tuple(each.lower for each in found) == lower
    assert tuple(each.upper for each in found) == upper
    assert all(each.estimate is not None for each in found)


@pytest.mark.parametrize(("end", "median"), [(4, 3), (6, 4)])
def test_a_curve_that_ends_on_the_share_has_the_middle_of_its_last_step(end, median) -> None:
    """R 4.2.2, survival 3.5-3: quantile(survfit(Surv(c(1, 2, 4, end), c(1, 1, 0, 0)) ~ 1)), of a
    curve at one half from day 2 to the end; with an event on day 4 the step ends there.
    """
    found = kaplan_meier([1, 2, 4, end], [1, 1, 0, 0]).quantile()
    assert (found.estimate, found.upper) == (median, math.inf)
    assert kaplan_meier([1, 2, 4, end], [1, 1, 1, 0]).quantile().estimate == 3


def test_before_the_first_and_beyond_the_last_observation() -> None:
    """Of four, one event on day 3; the last censored on day 9 is also the last one at risk."""
    curve = kaplan_meier([3, 5, 6, 9], [1, 0, 0, 0])
    early = curve.at(2.9)
    assert (early.estimate, early.standard_error, early.lower, early.upper) == (1, 0, 1, 1)
    assert (early.counts, early.notes) == ({"at risk": 4}, ())
    assert curve.at(0).counts == {"at risk": 4}
    last, beyond = curve.at(9), curve.at(9.1)
    assert (last.counts["at risk"], beyond.counts["at risk"]) == (1, 0)
    assert last.notes == ()
    assert beyond.notes == ("beyond the last observation",)
    assert (beyond.estimate, beyond.lower, beyond.upper) == (last.estimate, last.lower, last.upper)


def test_after_the_last_event_of_all_there_is_no_interval() -> None:
    found = kaplan_meier([3, 5], [1, 1]).at(6)
    assert (found.estimate, found.standard_error, found.lower, found.upper) == (0, 0, None, None)
    assert found.notes == ("beyond the last observation", "no interval is defined here")


def test_follow_up_of_no_length() -> None:
    """Two leave on day 0, one of them with the event; 1/3 fall at once, the rest on day 4."""
    curve = kaplan_meier([0, 0, 4], [1, 0, 1])
    assert curve.at(0).estimate == pytest.approx(2 / 3)
    assert curve.restricted_mean(4).estimate == pytest.approx(4 * 2 / 3)
    assert kaplan_meier([0, 0], [0, 0]).at(0).estimate == 1.0


def test_a_mean_needs_a_known_curve() -> None:
    censored_last, all_had_it = kaplan_meier([3, 5], [1, 0]), kaplan_meier([3, 5], [1, 1])
    with pytest.raises(UnusableInputError, match=r"not known up to 5\.5") as refused:
        censored_last.restricted_mean(5.5)
    assert "at most 5.0, the last observation" in str(refused.value)
    # Survival is zero from day 5 on, so any horizon is known: (3 + 5) / 2.
    assert all_had_it.restricted_mean(50).estimate == pytest.approx(4)
    for impossible in (0.0, -2.0):
        with pytest.raises(UnusableInputError, match="not known up to"):
            all_had_it.restricted_mean(impossible)
    with pytest.raises(UnusableInputError, match="do not determine"):
        all_had_it.restricted_mean(math.nan)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda curve: curve.at(-1), "a time counts from 0, so it cannot be -1"),
        (lambda curve: curve.at(math.nan), "a time counts from 0"),
        (lambda curve: curve.at(2, interval="arcsin"), "there is no interval 'arcsin'"),
        (lambda curve: curve.at(2, level=1.0), "confidence level"),
        (lambda curve: curve.quantile(0.0), "a share lies between 0 and 1, not at 0.0"),
        (lambda curve: curve.quantile(1.0), "a share lies between 0 and 1"),
        (lambda curve: curve.quantile(math.nan), "a share lies between 0 and 1"),
        (lambda curve: curve.quantile(interval="arcsin"), "there is no interval 'arcsin'"),
        (lambda curve: curve.quantile(level=0.0), "confidence level"),
        (lambda curve: curve.restricted_mean(2, level=2.0), "confidence level"),
    ],
)
def test_what_cannot_be_asked_is_refused(ask, words: str) -> None:
    with pytest.raises(UnusableInputError, match=words):
        ask(kaplan_meier([1, 2, 3], [1, 0, 1]))
