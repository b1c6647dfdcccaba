"""Incidences of competing events: R's figures of melanoma, sums written out, and derivatives."""

import numpy as np
import pytest

from trialwright.errors import UnusableInputError
from trialwright.stats.survival.competing import cumulative_incidence, gray_test

DAYS = (500, 1500, 3000)


@pytest.mark.parametrize(
    ("ulcer", "cause", "incidences", "variances"),
    [
        (0, 1, [0.0, 0.05263562908811, 0.18165408733744],
         [0.0, 0.0004414865513362, 0.0019180376049982]),
        (1, 1, [0.1, 0.33333333333333, 0.46972340306416],
         [0.0010119188806623, 0.0025051953291006, 0.0035308462754395]),
        (0, 2, [0.01746825702193, 0.02624086186995, 0.04028177119753],
         [0.0001512405768875, 0.0002255429085447, 0.0004165725599025]),
        (1, 2, [0.04444444444444, 0.05555555555556, 0.07981431566337],
         [0.0004775210836565, 0.0005902877544699, 0.0008546096747952]),
    ],
)  # fmt: skip
def test_incidence_of_melanoma(textbook, ulcer, cause, incidences, variances) -> None:
    """R 4.2.2, cmprsk 2.2-11: timepoints(cuminc(time, cause, ulcer), c(500, 1500, 3000))."""
    data = textbook("melanoma")
    group = data.ulcer == ulcer
    curve = cumulative_incidence(data.time[group], data.cause[group], cause=cause)
    found = [curve.at(day) for day in DAYS]
    assert [each.estimate for each in found] == pytest.approx(incidences, rel=1e-11)
    assert [each.standard_error**2 for each in found] == pytest.approx(variances, rel=1e-10)


@pytest.mark.parametrize(
    ("ulcer", "cause", "errors"),
    [
        (0, 1, [0.0, 0.02091518874239, 0.04343683188601]),
        (0, 2, [0.01224392082206, 0.01495058477442, 0.02028096610331]),
        (1, 1, [0.03162277660168, 0.04969039950000, 0.05861030742546]),
        (1, 2, [0.02172278266462, 0.02414519409334, 0.02900603766936]),
    ],
)
def test_robust_errors_of_melanoma(textbook, ulcer, cause, errors) -> None:
    """survival 3.5-3: summary(survfit(Surv(time, factor(cause, 0:2)) ~ ulcer), times)$std.err."""
    data = textbook("melanoma")
    group = data.ulcer == ulcer
    curve = cumulative_incidence(data.time[group], data.cause[group], cause=cause)
    found = [curve.at(day, robust=True).standard_error for day in DAYS]
    assert found == pytest.approx(errors, rel=1e-10)


@pytest.mark.parametrize(
    ("cause", "rho", "statistic", "p_value"),
    [
        (1, 0.0, 26.1207190333650, 3.207239639424e-07),
        (2, 0.0, 0.1586620384258, 6.903913443427e-01),
        (1, 0.5, 26.9918998082986, 2.043098596971e-07),
        (2, 0.5, 0.1758094338899, 6.749995596242e-01),
        (1, 1.0, 27.7538249277247, 1.377755338705e-07),
        (2, 1.0, 0.1934941823033, 6.600242130730e-01),
    ],
)
def test_gray_test_of_melanoma(textbook, cause, rho, statistic, p_value) -> None:
    """cmprsk 2.2-11: cuminc(time, cause, ulcer, rho = rho)$Tests."""
    data = textbook("melanoma")
    found = gray_test(data.time, data.cause, data.ulcer, cause=cause, rho=rho)
    assert (found.statistic, found.p_value) == pytest.approx((statistic, p_value), rel=1e-9)
    assert found.counts == {"participants": 205, "events": {1: 57, 2: 14}[cause]}


def test_gray_test_of_three_ages(textbook) -> None:
    """cmprsk 2.2-11: cuminc(time, cause, cut(age, c(0, 45, 60, 100)))$Tests."""
    data = textbook("melanoma")
    third = np.array(["young", "middle", "old"])[
        np.searchsorted([45, 60], data.age, side="left")
    ]  # closed on the right, as cut has it
    one, two = (gray_test(data.time, data.cause, third, cause=cause) for cause in (1, 2))
    assert (one.statistic, one.p_value) == pytest.approx((1.645590184146, 0.439202326322921))
    assert (two.statistic, two.p_value) == pytest.approx((12.607135532135, 0.001829764944389))
    assert one.degrees_of_freedom == two.degrees_of_freedom == 2


@pytest.mark.filterwarnings("error")
def test_an_incidence_of_one_has_no_weight_below_zero() -> None:
    """cmprsk 2.2-11, cuminc(..., rho = 0.5): all have the event, and sums of shares pass one by
    rounding, whose root was not a number.
    """
    time = [1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 5, 5, 5, 14, 22]
    arm = [0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1]
    found = gray_test(time, np.ones(16), arm, rho=0.5)
    assert found.statistic == pytest.approx(5.51898675572687, rel=1e-10)


def weighted_incidence(time, code, cause, days, weight):
    """Aalen and Johansen's sum in a loop, with records that count `weight` times."""
    free, reached, out = 1.0, 0.0, []
    moments = iter([*sorted(set(time.tolist())), np.inf])
    moment = next(moments)
    for day in days:
        while moment <= day:
            risk, now = weight[time >= moment].sum(), time == moment
            reached += free * weight[now & (code == cause)].sum() / risk
            free *= 1 - weight[now & (code > 0)].sum() / risk
            moment = next(moments)
        out.append(reached)
    return np.array(out)


@pytest.mark.parametrize("cause", [1, 2])
def test_robust_variance_is_the_infinitesimal_jackknife(made, cause: int) -> None:
    """Let each participant count a little more and less; sum the squares of what that moves."""
    data = made(31)
    curve = cumulative_incidence(data.time, data.code, cause=cause)
    total = np.zeros(len(curve.times))
    for k in range(30):
        step = np.where(np.arange(30) == k, 1e-5, 0.0)
        more, less = (
            weighted_incidence(data.time, data.code, cause, curve.times, 1 + sign * step)
            for sign in (1, -1)
        )
        total += ((more - less) / 2e-5) ** 2
    assert curve.robust_variance == pytest.approx(total, rel=1e-6, abs=1e-12)


def test_without_censoring_the_incidence_is_a_proportion() -> None:
    """Of 20,000: F (1 - F) / n at every day, by either variance where nobody is tied; 0 at the end
    for one cause, which all had.
    """
    rng = np.random.Generator(np.random.Philox(3))
    time, code = rng.permutation(20_000) + 1.0, rng.integers(1, 3, 20_000)
    curve = cumulative_incidence(time, code)
    expected = curve.incidence * (1 - curve.incidence) / 20_000
    assert curve.incidence[-1] == pytest.approx((code == 1).mean())
    assert curve.robust_variance == pytest.approx(expected, rel=1e-8, abs=1e-16)
    assert curve.variance == pytest.approx(expected, rel=1e-3, abs=1e-9)
    alone = cumulative_incidence(time, np.ones(20_000)).at(30_000, robust=True)
    assert alone.estimate == pytest.approx(1)
    assert alone.standard_error == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize("seed", range(4))
def test_variance_of_gray_as_a_double_sum(made, seed: int) -> None:
    """At t, each earlier day s adds (1 + (F(s) - F(t)) / S(s))² and ((F(s) - F(t)) / S(s))² times
    the variance of its own and of its competing events; nothing is expanded.
    """
    data = made(32 + seed)
    mine, other = data.code == 1, data.code == 2
    days = np.unique(data.time)
    free, reached, rows = 1.0, 0.0, []
    for day in days:
        n, d, c = (
            (data.time >= day).sum(),
            *((k & (data.time == day)).sum() for k in (mine, other)),
        )
        before, free = free, free * (1 - (d + c) / n)
        reached += before * d / n
        tied = [1 - (k - 1) / (n - 1) if k > 1 else 1.0 for k in (d, c)]
        rows.append((reached, free, before**2 * d * tied[0] / n**2, before**2 * c * tied[1] / n**2))
    expected, held = [], 0.0
    for k in range(len(days)):
        if rows[k][2] > 0:  # as cmprsk, between events of the cause the last one stays
            held = sum(
                ((1 if s == 0 else 1 + (f - rows[k][0]) / s) ** 2) * own
                + (0 if s == 0 else ((f - rows[k][0]) / s) ** 2 * rival)
                for f, s, own, rival in rows[: k + 1]
            )
        expected.append(held)
    curve = cumulative_incidence(data.time, data.code)
    assert curve.variance == pytest.approx(np.array(expected), rel=1e-9, abs=1e-14)


def test_an_interval_is_plain_and_cut(made) -> None:
    """1.2815515655 is the normal quantile of 0.9, for an interval of 80 %."""
    curve = cumulative_incidence([1, 2, 3, 4, 5, 6], [1, 2, 1, 1, 2, 0])
    found = curve.at(4, level=0.8)
    assert found.estimate == pytest.approx(1 / 6 + 5 / 6 * 4 / 5 * (1 / 4 + 3 / 4 * 1 / 3))
    reach = 1.2815515655446004 * found.standard_error
    assert (found.lower, found.upper) == pytest.approx(
        (found.estimate - reach, found.estimate + reach)
    )
    assert curve.at(1).lower == 0.0
    assert (curve.at(0.5).estimate, curve.at(0.5).upper) == (0.0, 0.0)
    assert curve.at(4).notes == ()
    assert curve.at(7).notes == ("beyond the last observation",)
    assert (curve.participants, curve.events) == (6, 3)


@pytest.mark.parametrize("rho", [0.0, 1.0])
def test_only_the_order_of_times_counts_for_gray(made, rho: float) -> None:
    data = made(33)
    one = gray_test(data.time, data.code, data.arm, rho=rho)
    other = gray_test(np.sqrt(data.time), data.code, data.arm, rho=rho)
    assert other.statistic == pytest.approx(one.statistic, rel=1e-12)


def test_other_causes_are_one(made) -> None:
    """To the first cause it is the same whether its rivals are told apart."""
    data = made(34)
    apart = np.where((data.code == 2) & (data.stratum > 0), 5, data.code)
    one, other = (cumulative_incidence(data.time, code) for code in (data.code, apart))
    assert other.incidence.tolist() == one.incidence.tolist()
    assert other.variance.tolist() == one.variance.tolist()
    assert gray_test(data.time, apart, data.arm).statistic == pytest.approx(
        gray_test(data.time, data.code, data.arm).statistic
    )


def test_arms_that_are_mirror_images_do_not_differ() -> None:
    time, code = np.tile([1.0, 2, 3, 4, 5], 2), np.tile([1, 2, 0, 1, 1], 2)
    found = gray_test(time, code, np.repeat(["a", "b"], 5))
    assert found.statistic == pytest.approx(0, abs=1e-20)
    assert found.p_value == pytest.approx(1)


@pytest.mark.parametrize(
    ("code", "arm", "settings", "words"),
    [
        ([1, 2, 1, 0], ["a"] * 4, {}, "there is one arm only"),
        ([2, 2, 0, 0], [0, 0, 1, 1], {}, "nobody had an event of cause 1"),
        ([1, 2, 1, 0], [0, 0, 1, 1], {"cause": 3}, "nobody had an event of cause 3"),
        ([1, 2, 1, 0], [0, 0, 1, 1], {"cause": 0}, "causes are coded 1, 2"),
        ([1, 2, 1, 0], [0, 0, 1, np.nan], {}, "a label is missing among the arms"),
        ([1, 2, 1, 0], [0, 0, 1], {}, "differ in length"),
        ([1, 0, 0, 0], [0, 1, 1, 2], {}, "too few events to compare all arms"),
    ],
)
def test_what_gray_cannot_compare_is_refused(code, arm, settings, words) -> None:
    with pytest.raises(UnusableInputError, match=words):
        gray_test([4.0, 3, 2, 1], code, arm, **settings)
