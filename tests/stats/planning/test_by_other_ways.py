"""Designs by other ways of computing: normal integrals, quadrature of times, plain formulas."""

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from trialwright.stats.planning import (
    conditional_power,
    crossing_chances,
    crossover_power,
    efficacy_bounds,
    events_size,
    means_size,
    predictive_power,
    rate_test_power,
    rates_power,
    rates_size,
    spent,
    stagewise_inference,
    stagewise_p_value,
    survival_size,
    two_bound_design,
)


def paths(information, drift):
    """The law of Z at the looks, as one multivariate normal."""
    time = np.asarray(information)
    covariance = np.sqrt(np.minimum.outer(time, time) / np.maximum.outer(time, time))
    return stats.multivariate_normal(drift * np.sqrt(time), covariance)


@pytest.mark.parametrize("drift", [-1.0, 0.0, 2.8])
@pytest.mark.parametrize("information", [[0.5, 1.0], [0.2, 0.9, 1.0], [0.1, 0.15, 1.0]])
def test_crossing_chances_are_multivariate_normal_integrals(information, drift):
    # Going on past look j is the normal chance of the box of its bounds (Genz, through SciPy)
    upper = np.linspace(2.6, 1.8, len(information))
    lower = np.linspace(-0.5, 1.0, len(information))
    found = crossing_chances(np.array(information), lower, upper, drift)
    going_on = [1.0]
    for look in range(1, len(information) + 1):
        law = paths(information[:look], drift)
        law.maxpts, law.abseps, law.releps = 10**6, 1e-9, 1e-9
        going_on.append(float(law.cdf(upper[:look], lower_limit=lower[:look])))
    stops = found.upper + found.lower
    assert stops == pytest.approx(-np.diff(going_on), abs=1e-7)


def test_a_bound_crossed_at_the_first_look_is_one_normal_tail():
    found = crossing_chances(np.array([0.36, 1.0]), np.full(2, -np.inf), np.array([2.1, 9]), 2.5)
    assert found.upper[0] == pytest.approx(stats.norm.sf(2.1 - 2.5 * 0.6), rel=1e-13)
    assert found.lower.tolist() == [0, 0]


@pytest.mark.parametrize("look", [1, 2])
def test_z_at_the_last_of_looks_that_never_stop_is_a_plain_test(look):
    information = np.array([0.3, 0.6, 1.0])
    upper = np.array([np.inf, np.inf, 1.5])
    found = crossing_chances(information, np.full(3, -np.inf), upper, 1.0)
    assert found.power == pytest.approx(stats.norm.sf(0.5), rel=1e-9)
    assert found.upper[look - 1] == 0


@pytest.mark.parametrize(
    ("function", "parameter", "formula"),
    # The formulas of the papers that `spent` names, written out
    [
        ("obrien-fleming", None, lambda t: 2 - 2 * stats.norm.cdf(stats.norm.isf(0.02) / t**0.5)),
        ("pocock", None, lambda t: 0.04 * np.log(1 + (np.e - 1) * t)),
        ("hwang-shih-decani", None, lambda t: 0.04 * (1 - np.exp(4 * t)) / (1 - np.exp(4))),
        ("hwang-shih-decani", 2, lambda t: 0.04 * (1 - np.exp(-2 * t)) / (1 - np.exp(-2))),
        ("hwang-shih-decani", 0, lambda t: 0.04 * t),
        ("kim-demets", None, lambda t: 0.04 * t),
        ("kim-demets", 1.5, lambda t: 0.04 * t**1.5),
    ],
)
def test_spending_functions_are_their_formulas(function, parameter, formula):
    information = np.array([0.1, 0.37, 0.8, 1.0])
    found = spent(function, 0.04, information, parameter)
    assert found == pytest.approx(formula(information), rel=1e-12)
    assert found[-1] == pytest.approx(0.04)


@pytest.mark.parametrize("kind", ["obrien-fleming-spending", "pocock-spending", "kim-demets"])
def test_bounds_spend_what_their_function_says(kind):
    information = np.array([0.25, 0.6, 1.0])
    design = efficacy_bounds(kind, information, 0.03)
    function = {"kim-demets": "kim-demets"}.get(kind, kind.removesuffix("-spending"))
    expected = spent(function, 0.03, information)
    assert design.alpha_spent == pytest.approx(expected, rel=1e-9)
    spent_at = [stagewise_p_value(design, look + 1, z) for look, z in enumerate(design.upper)]
    assert spent_at == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("delta", [0.0, 0.2, 0.5, 0.7])
def test_wang_tsiatis_bounds_keep_their_shape(delta):
    information = np.array([0.2, 0.5, 1.0])
    design = efficacy_bounds("wang-tsiatis", information, 0.025, parameter=delta)
    assert design.upper / design.upper[-1] == pytest.approx(information ** (delta - 0.5))
    assert design.crossing(0).power == pytest.approx(0.025, abs=1e-12)


@pytest.mark.parametrize(("delta", "kind"), [(0.0, "obrien-fleming"), (0.5, "pocock")])
def test_two_members_of_the_family_have_names(delta, kind):
    named, member = (
        efficacy_bounds(name, 4, 0.01, parameter=value)
        for name, value in ((kind, None), ("wang-tsiatis", delta))
    )
    assert named.upper == pytest.approx(member.upper, rel=1e-12)


@pytest.mark.parametrize("binding", [True, False])
def test_two_bounds_keep_both_errors(binding):
    design = two_bound_design([0.4, 0.7, 1.0], 0.025, 0.1, binding=binding)
    assert design.lower[-1] == design.upper[-1]
    alternative = design.crossing(design.drift(0.9))
    assert alternative.lower.sum() == pytest.approx(0.1, abs=1e-9)
    assert alternative.lower.cumsum() == pytest.approx(
        spent("obrien-fleming", 0.1, design.information), abs=1e-8
    )
    null = design.crossing(0).power
    if binding:
        assert null == pytest.approx(0.025, abs=1e-9)
    else:
        assert null < 0.025


def test_conditional_power_before_the_last_look_is_one_normal_tail():
    design = efficacy_bounds("obrien-fleming", [0.3, 1.0], 0.025)
    for drift in (0.0, 1.5, 3.0):
        needed = design.upper[1] - 0.8 * np.sqrt(0.3) - drift * 0.7
        expected = stats.norm.sf(needed / np.sqrt(0.7))
        assert conditional_power(design, 1, 0.8, drift) == pytest.approx(expected, rel=1e-12)


def test_conditional_power_averages_to_power():
    # The chance to cross later is the mean, over Z at the look, of the chance given Z
    design = efficacy_bounds("pocock", [0.3, 0.6, 1.0], 0.025, futility=[-0.2, 0.4])
    drift = 2.4
    mean = drift * np.sqrt(0.3)

    def given(z):
        return stats.norm.pdf(z - mean) * float(conditional_power(design, 1, z, drift))

    later = integrate.quad(given, design.lower[0], design.upper[0], epsabs=1e-10)[0]
    assert later == pytest.approx(design.crossing(drift).upper[1:].sum(), abs=1e-9)


def test_predictive_power_averages_conditional_power():
    design = efficacy_bounds("obrien-fleming", 2, 0.025)

    def given(drift):  # after a flat prior the drift is normal around z / √t, variance 1 / t
        weight = stats.norm.pdf(drift, 1.3 / np.sqrt(0.5), 1 / np.sqrt(0.5))
        return weight * float(conditional_power(design, 1, 1.3, drift))

    expected = integrate.quad(given, -12, 16, epsabs=1e-11, limit=200)[0]
    assert predictive_power(design, 1, 1.3) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("look", [1, 2, 3])
def test_stagewise_limits_give_back_their_p_values(look):
    design = efficacy_bounds("pocock-spending", [0.3, 0.6, 1.0], 0.025)
    z = float(design.upper[look - 1]) + 0.1
    found = stagewise_inference(design, look, z)
    for drift, chance in ((found.drift, 0.5), (found.lower, 0.025), (found.upper, 0.975)):
        assert stagewise_p_value(design, look, z, drift=drift) == pytest.approx(chance, abs=1e-9)
    assert found.lower < found.drift < found.upper


def noncentral_t_power(effect, degrees, alpha):
    """P(Z + effect > critical · W), integrated over the estimated deviation W."""
    critical = stats.t.isf(alpha, degrees)
    law = stats.chi(degrees, scale=degrees**-0.5)
    return integrate.quad(
        lambda w: law.pdf(w) * stats.norm.sf(critical * w - effect), 0, law.isf(1e-14)
    )[0]


@pytest.mark.parametrize("ratio", [1, 2, 0.5])
def test_a_size_for_means_has_the_power(ratio):
    size = means_size(1.5, 3.5, alpha=0.05, power=0.85, ratio=ratio)
    treated, control = size.groups
    assert treated == pytest.approx(ratio * control)
    effect = 1.5 / 3.5 / np.sqrt(1 / treated + 1 / control)
    found = noncentral_t_power(effect, size.total - 2, 0.05)
    assert found == pytest.approx(0.85, abs=1e-7)


@pytest.mark.parametrize("participants", [8, 17.5, 60])
def test_power_of_a_crossover_integrates_over_the_deviation(participants):
    effect = 1.2 / 1.8 * np.sqrt(participants / 2)
    expected = noncentral_t_power(effect, participants - 2, 0.025)
    found = crossover_power(1.2, 1.8, participants, alpha=0.025)
    assert found == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize(
    ("accrual", "follow_up", "dropout"), [(18, 6, 0), (10, 0, 0.02), (0, 9, 0.1)]
)
def test_chances_of_events_are_integrals_over_entry_and_event(accrual, follow_up, dropout):
    found = survival_size(
        0.7,
        control_median=8,
        accrual=accrual,
        follow_up=follow_up,
        dropout_hazard=dropout,
        alpha=0.025,
        power=0.9,
    )
    for chance, hazard in zip(found.event_chances, np.log(2) / 8 * np.array([0.7, 1]), strict=True):

        def by(time, hazard=hazard):
            return integrate.quad(lambda s: hazard * np.exp(-(hazard + dropout) * s), 0, time)[0]

        seen = (
            by(follow_up)
            if accrual == 0
            else integrate.quad(lambda entry: by(accrual + follow_up - entry), 0, accrual)[0]
            / accrual
        )
        assert chance == pytest.approx(seen, rel=1e-8)
    assert found.events == pytest.approx(found.participants * np.mean(found.event_chances))


def test_schoenfeld_and_freedman_meet_at_small_effects():
    goal = {"alpha": 0.025, "power": 0.9}
    for hazard_ratio in (0.98, 1.02):
        plain = events_size(hazard_ratio, **goal)
        assert events_size(hazard_ratio, freedman=True, **goal) == pytest.approx(plain, rel=1e-3)
    assert events_size(0.5, **goal) == pytest.approx(events_size(2, **goal), rel=1e-12)


def test_a_margin_of_zero_is_the_limit_of_small_margins():
    goal = {"alpha": 0.025, "power": 0.8}
    plain = rates_size(0.5, 0.3, **goal).total
    for margin in (1e-6, -1e-6):
        assert rates_size(0.5, 0.3, margin=margin, **goal).total == pytest.approx(plain, rel=1e-4)


def test_the_size_for_a_margin_has_the_power_of_the_restricted_test():
    # Farrington and Manning's equation, its restricted rates found by maximizing the likelihood
    rate, control, margin = 0.62, 0.6, -0.15
    size = rates_size(rate, control, alpha=0.025, power=0.9, margin=margin)

    def unlikely(p):
        first = p + margin
        return -(
            rate * np.log(first)
            + (1 - rate) * np.log(1 - first)
            + control * np.log(p)
            + (1 - control) * np.log(1 - p)
        )

    p = optimize.minimize_scalar(
        unlikely, bounds=(0.151, 0.999), method="bounded", options={"xatol": 1e-12}
    ).x
    null = (p + margin) * (1 - p - margin) + p * (1 - p)
    alternative = rate * (1 - rate) + control * (1 - control)
    n = size.groups[1]
    reach = (rate - control - margin) * np.sqrt(n) - stats.norm.isf(0.025) * np.sqrt(null)
    assert stats.norm.cdf(reach / np.sqrt(alternative)) == pytest.approx(0.9, abs=1e-7)


@pytest.mark.parametrize("test", ["fisher", "z-pooled", "z-unpooled", "boschloo"])
def test_exact_power_in_large_groups_nears_the_normal_one(test):
    exact = rate_test_power(test, 0.42, 0.3, 150, 150, alpha=0.025)
    normal = rates_power(0.42, 0.3, 300, alpha=0.025)
    assert exact == pytest.approx(normal, abs=0.06)


@pytest.mark.parametrize("test", ["fisher", "boschloo"])
@pytest.mark.parametrize("rate", [0.05, 0.3, 0.5, 0.9])
def test_exact_tests_keep_their_level_at_every_rate(test, rate):
    assert rate_test_power(test, rate, rate, 14, 11, alpha=0.025) <= 0.025 + 1e-9


def test_boschloo_is_at_least_as_powerful_as_fisher():
    for rate in (0.5, 0.7, 0.9):
        boschloo, fisher = (
            rate_test_power(test, rate, 0.2, 15, 12, alpha=0.025) for test in ("boschloo", "fisher")
        )
        assert boschloo >= fisher
