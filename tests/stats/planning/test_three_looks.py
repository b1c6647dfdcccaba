"""Three looks at rates and at several arms against R 4.2.2, rpact 3.3.4, where the oracles have two.

rpact's root search for repeated p-values and limits stops at 1e-6, which their tolerance allows.
"""

import numpy as np
import pytest
from scipy import stats

from trialwright.stats.planning import (
    analyze_arms,
    conditional_power,
    efficacy_bounds,
    rate_z,
    rates_at_looks,
    rates_size,
    survival_size,
)

GOAL = {"alpha": 0.025, "power": 0.8}
LOOKS = [0.3, 0.65, 1.0]
SIZES = [24, 28, 28]
TREATED, CONTROL = [11, 15, 16], [6, 8, 9]


@pytest.fixture(scope="module")
def late():
    return efficacy_bounds("obrien-fleming-spending", LOOKS, 0.025)


@pytest.fixture(scope="module")
def looks(late):
    return rates_at_looks(late, TREATED, SIZES, CONTROL, SIZES)


def test_repeated_inference_agrees_with_rpact(looks):
    # getAnalysisResults(getDesignGroupSequential(typeOfDesign = "asOF", informationRates = LOOKS),
    #   getDataset(n1 = SIZES, n2 = SIZES, events1 = TREATED, events2 = CONTROL))
    p_values = [0.31333674570274, 0.03200529237556, 0.00113110180473]
    lower = [-0.3162378691143, -0.0123957458077, 0.0837110626193]
    upper = [0.637124963293, 0.449218354775, 0.380606687736]
    assert [look.repeated_p for look in looks] == pytest.approx(p_values, abs=2e-6)
    assert [look.repeated_lower for look in looks] == pytest.approx(lower, abs=2e-6)
    assert [look.repeated_upper for look in looks] == pytest.approx(upper, abs=2e-6)
    assert [look.crossed for look in looks] == [False, False, True]


def test_final_inference_agrees_with_rpact(looks):
    final = looks[2].final
    assert final.p_value == pytest.approx(0.00589354183034, rel=1e-6)
    assert final.drift == pytest.approx(0.213196955217, rel=1e-6)
    assert final.lower == pytest.approx(0.0494887375006, rel=1e-6)
    assert final.upper == pytest.approx(0.367551054296, rel=1e-6)
    assert [look.final for look in looks[:2]] == [None, None]


def test_each_look_pools_the_stages_so_far(looks):
    # By hand: the pooled z of the cumulative counts 26 of 52 and 14 of 52 at the second look
    pooled = 40 / 104
    z = (26 / 52 - 14 / 52) / np.sqrt(pooled * (1 - pooled) * 2 / 52)
    assert looks[1].z == pytest.approx(z, rel=1e-12)
    assert rate_z(26, 52, 14, 52) == pytest.approx(z, rel=1e-12)


def test_conditional_rejection_without_an_effect_agrees_with_rpact(late, looks):
    # conditionalRejectionProbabilities of the same analysis: of any later look
    found = [float(conditional_power(late, look + 1, looks[look].z, 0.0)) for look in (0, 1)]
    assert found == pytest.approx([0.0884531438553, 0.4732506043191], rel=1e-5)


# getAnalysisResults(getDesignInverseNormal(typeOfDesign = "asP", informationRates = LOOKS),
#   getDataset(n1 = SIZES, n2 = c(24, 28, NA), n3 = SIZES, events1 = TREATED,
#   events2 = c(9, 9, NA), events3 = CONTROL), intersectionTest = ...): by arm, then by stage
SEVERAL_ARMS = {
    "dunnett": {
        "repeated_p": [[0.2728285565, 0.04706282604, 0.007844955564], [0.4211837438, 0.33681139205, None]],
        "repeated_lower": [[-0.1420920150, -0.02430877478, 0.03350482271], [-0.2138613198, -0.16496670253, None]],
        "repeated_upper": [[0.5144702134, 0.4585228713, 0.4222587768], [0.4393441692, 0.3112828609, None]],
        "conditional_rejection": [[0.04058489229, 0.131280734418, None], [0.02475937912, 0.003337928343, None]],
    },
    "bonferroni": {
        "repeated_p": [[0.3158315527, 0.05801193897, 0.009736087952], [0.4211837438, 0.33681139205, None]],
        "repeated_lower": [[-0.1445513054, -0.03061052894, 0.02587693575], [-0.2162159477, -0.17097692048, None]],
        "repeated_upper": [[0.5163234864, 0.4634083965, 0.4276957135], [0.4413440086, 0.3175079625, None]],
        "conditional_rejection": [[0.03473900380, 0.105159244642, None], [0.02475937912, 0.003337928343, None]],
    },
}  # fmt: skip
SEVERAL_ARMS["simes"] = SEVERAL_ARMS["bonferroni"]  # no second p is small enough to matter


@pytest.mark.parametrize("test", SEVERAL_ARMS)
def test_two_arms_of_which_one_is_dropped_agree_with_rpact(test):
    design = efficacy_bounds("pocock-spending", LOOKS, 0.025)
    events = [TREATED, [9, 9, None]]
    found = analyze_arms(design, events, [SIZES, SIZES], CONTROL, SIZES, test=test)
    for field, arms in SEVERAL_ARMS[test].items():
        for row, expected in zip(getattr(found, field), arms, strict=True):
            assert row == pytest.approx(expected, abs=2e-6), field
    assert found.rejected == ((False, False, True), (False, False, False))


def test_conditional_rejection_counts_every_later_look():
    # By integration: the smallest combined z at the first look, then two looks still to come
    design = efficacy_bounds("pocock-spending", LOOKS, 0.025)
    found = analyze_arms(design, [[11]], 24, [6], 24)
    so_far = rate_z(11, 24, 6, 24) * np.sqrt(0.3)
    needed = design.upper[1:] * np.sqrt(LOOKS[1:]) - so_far
    together = stats.multivariate_normal(cov=[[0.35, 0.35], [0.35, 0.7]])
    together.abseps, together.releps, together.maxpts = 1e-9, 1e-9, 10**6
    assert found.conditional_rejection[0][0] == pytest.approx(
        1 - together.cdf(needed, rng=np.random.default_rng(1)), abs=1e-6
    )


@pytest.mark.parametrize(
    ("rates", "settings", "groups"),
    [
        # getSampleSizeRates(getDesignGroupSequential(kMax = 1, alpha = 0.025, beta = 0.2),
        #   pi1, pi2, thetaH0 = margin, allocationRatioPlanned = ratio): nFixed1, nFixed2
        ((0.55, 0.5), {"margin": -0.12, "ratio": 1.5}, (166.589569599, 111.059713066)),
        ((0.65, 0.5), {"margin": 0.02, "ratio": 0.5}, (169.379437041, 338.758874081)),
    ],
)
def test_margins_and_unequal_groups_agree_with_rpact(rates, settings, groups):
    assert rates_size(*rates, **settings, **GOAL).groups == pytest.approx(groups, rel=1e-9)


def test_survival_with_dropout_and_unequal_groups_agrees_with_rpact():
    # getSampleSizeSurvival(hazardRatio = 0.65, lambda2 = log(2) / 10, accrualTime = c(0, 15),
    #   followUpTime = 8, allocationRatioPlanned = 2, dropoutRate1 = 0.1, dropoutRate2 = 0.1,
    #   dropoutTime = 12): eventsFixed, nFixed
    found = survival_size(
        0.65,
        control_median=10,
        accrual=15,
        follow_up=8,
        ratio=2,
        dropout_hazard=-np.log(0.9) / 12,
        **GOAL,
    )
    assert found.events == pytest.approx(190.328245762, rel=1e-9)
    assert found.participants == pytest.approx(371.998313687, rel=1e-9)
    assert found.duration == 23
