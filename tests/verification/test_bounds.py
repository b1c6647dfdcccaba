"""How a case says its group-sequential design: names, looks, levels, and words."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

from trialwright.errors import UnusableInputError
from trialwright.verification import bounds
from trialwright.verification.cases import Case


def case(what: str = "", id_: str = "x", **spec: Any) -> Case:
    return Case(id=id_, method="m", data=None, spec=spec, expect={"z": 1}, tol_rel=1e-6, what=what)


@pytest.mark.parametrize(
    ("given_", "kind", "parameter"),
    [
        (case(), "obrien-fleming-spending", None),
        (case(type="OF"), "obrien-fleming", None),
        (case(typeOfDesign="asOF"), "obrien-fleming-spending", None),
        (case(sfu="sfLDOF"), "obrien-fleming-spending", None),
        (case(sfu="LDOF"), "obrien-fleming-spending", None),
        (case(sfu="OBF"), "obrien-fleming", None),
        (case(type="P"), "pocock", None),
        (case(sfu="Pocock"), "pocock", None),
        (case(type="asP"), "pocock-spending", None),
        (case(sfu="sfLDPocock"), "pocock-spending", None),
        (case(type="WT", deltaWT=0.3), "wang-tsiatis", 0.3),
        (case(sfu="WT", sfupar=0.4), "wang-tsiatis", 0.4),
        (case(type="HP", constantBoundsHP=2.8), "haybittle-peto", 2.8),
        (case(type="asHSD", gammaA=-2), "hwang-shih-decani", -2),
        (case(sfu="sfHSD", sfupar=-4), "hwang-shih-decani", -4),
        (case(sfu="sfPower", sfupar=2), "kim-demets", 2),
        (case(type="asKD", gammaA=1.5), "kim-demets", 1.5),
        (case(gamma=-3), "hwang-shih-decani", -3),
        (case(rho=2), "kim-demets", 2),
        (case(upper="HSD(-4)"), "hwang-shih-decani", -4),
        (case(id_="bounds_WT_0.25"), "wang-tsiatis", 0.25),
        (case(id_="bounds_HSD_-4"), "hwang-shih-decani", -4),
        (case(id_="asP_k4"), "pocock-spending", None),
        (case("non-binding, LDPocock upper and HSD(-2) lower"), "pocock-spending", None),
        (case("HSD(-1.5) upper"), "hwang-shih-decani", -1.5),
        (case("they stop upper airway"), "obrien-fleming-spending", None),
    ],
)
def test_efficacy_bounds_by_every_name(given_: Case, kind: str, parameter: float | None) -> None:
    assert bounds.efficacy(given_, "asOF") == (kind, parameter)


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (case(), None),
        (case(typeBetaSpending="none"), None),
        (case(typeBetaSpending="bsOF"), ("obrien-fleming", None)),
        (case(typeBetaSpending="bsHSD", gammaB=-3), ("hwang-shih-decani", -3)),
        (case(typeBetaSpending="bsKD", gammaB=2), ("kim-demets", 2)),
        (case(typeBetaSpending="bsP"), ("pocock", None)),
        (case(sfl="sfHSD", sflpar=1), ("hwang-shih-decani", 1)),
        (case(sfl="sfPower", sflpar=3), ("kim-demets", 3)),
        (case(sfl="sfLDOF"), ("obrien-fleming", None)),
        (case(lower="LDPocock"), ("pocock", None)),
        (case(lower="HSD", lower_parameter=-1), ("hwang-shih-decani", -1)),
        (case("LDOF upper and HSD(-2) lower"), ("hwang-shih-decani", -2)),
    ],
)
def test_futility_bounds_by_every_name(given_: Case, expected: Any) -> None:
    assert bounds.futility(given_) == expected


@pytest.mark.parametrize(
    ("given_", "level"),
    [
        (case(), 0.025),
        (case(alpha=0.05), 0.05),
        (case(alpha=0.05, sided=2), 0.025),
        (case(alpha=0.05, sided=1), 0.05),
        (case(alpha_one_sided=0.01), 0.01),
        (case(alpha_two_sided=0.02), 0.01),
        (case("two-arm sample size, one-sided 0.025, power 0.9"), 0.025),
        (case("two-sided 0.1, power counted on one side"), 0.05),
        (case("one-sided 0.01", alpha=0.05), 0.05),  # the spec goes before the words
    ],
)
def test_the_level_is_one_sided(given_: Case, level: float) -> None:
    assert bounds.alpha(given_) == pytest.approx(level)


@pytest.mark.parametrize(
    ("given_", "chance"),
    [
        (case(), 0.8),
        (case(power=0.9), 0.9),
        (case(beta=0.15), 0.85),
        (case("one-sided 0.025, power 0.95"), 0.95),
        (case("power 0.95", beta=0.3), 0.95),
        (case("power 0.95", power=0.7), 0.7),
    ],
)
def test_the_power(given_: Case, chance: float) -> None:
    assert bounds.power(given_) == pytest.approx(chance)


@pytest.mark.parametrize(
    ("given_", "looks"),
    [
        (case(), 3),
        (case(k=4), 4),
        (case(kMax=5), 5),
        (case(timing=[0.5, 1]), [0.5, 1]),
        (case(informationRates=[0.2, 1]), [0.2, 1]),
        (case(information=[0.2, 1], k=7), [0.2, 1]),
        (case("conditional power at interim z = 1.2, two looks"), 2),
        (case("Six looks"), 6),
        (case("4 looks"), 4),
        (case("a four-look design"), 4),
        (case("dropped after the first look"), 3),
    ],
)
def test_the_looks(given_: Case, looks: Any) -> None:
    assert bounds.looks(given_, 3) == looks


@pytest.mark.parametrize(
    ("given_", "binds"),
    [
        (case(), False),
        (case(test_type=3), True),
        (case(test_type=4), False),
        (case(binding=True, test_type=4), True),
        (case(bindingFutility=False), False),
        (case("binding (gsDesign type 3)"), True),
        (case("non-binding (gsDesign type 4)"), False),
        (case("nonbinding"), False),
        (case("binding"), True),
    ],
)
def test_whether_futility_binds(given_: Case, binds: bool) -> None:
    assert bounds.binding(given_, default=False) is binds


@pytest.mark.parametrize(
    ("given_", "what"),
    [
        (case(type="XX"), "unknown type of bounds 'XX'"),
        (case(sfu="sfTruncated"), "unknown type of bounds 'sfTruncated'"),
        (case(sfl="WT", sflpar=0.1), "'WT' spends no beta"),
        (case(test_type=5), "a lower bound that spends alpha is none of futility"),
        (case(type="WT"), "Wang–Tsiatis bounds need their Delta"),
        (case(alpha=0), "The level must lie between 0 and 1"),
        (case(timing=[0.5, 0.4, 1]), "Information fractions must rise from above 0 to 1"),
        (case(type="OF", sfl="HSD", binding=True), "Binding futility bounds need efficacy bounds"),
        (case(sfl="HSD", beta=0.99), "Beta must lie between 0 and 1 − alpha"),
    ],
)
def test_what_is_no_design_is_refused(given_: Case, what: str) -> None:
    with pytest.raises(UnusableInputError, match=what):
        bounds.design(given_, 3)


SAME = [
    {"type": "asHSD", "gammaA": -4, "informationRates": [0.4, 1], "alpha": 0.025},
    {"typeOfDesign": "asHSD", "gammaA": -4, "informationRates": [0.4, 1], "alpha": 0.05, "sided": 1},
    {"sfu": "sfHSD", "sfupar": -4, "timing": [0.4, 1], "test.type": 1},
    {"gamma": -4, "information_rates": [0.4, 1], "alpha_one_sided": 0.025},
    {"upper": "HSD(-4)", "information": [0.4, 1], "alpha_two_sided": 0.05},
]  # fmt: skip


@pytest.mark.parametrize("spec", SAME)
def test_one_design_in_the_words_of_several_programs(spec: dict[str, Any]) -> None:
    # given spending by Hwang, Shih and DeCani: alpha (1 − e^{4t}) / (1 − e^4) at t = 0.4, by hand
    level = 0.05 if spec.get("alpha") == 0.05 else 0.025
    share = np.expm1(1.6) / np.expm1(4)
    # then the first bound has that level
    found = bounds.design(case(**spec), 3)
    assert found.upper[0] == pytest.approx(norm.isf(level * share), rel=1e-9)
    # and both together have all of it, by an integral of the two statistics together
    below = multivariate_normal([0, 0], [[1, 0.4**0.5], [0.4**0.5, 1]]).cdf(found.upper)
    assert 1 - below == pytest.approx(level, abs=1e-7)


def crossing(found: Any, drift: float) -> tuple[float, float]:
    """Chances to cross up or down in two looks, by bivariate normal integrals."""
    (t, _), upper, lower = found.information, found.upper, found.lower
    means = np.array([drift * t**0.5, drift])
    joint = multivariate_normal(means, [[1, t**0.5], [t**0.5, 1]])

    def box(last: float) -> float:  # between the bounds at the first look, below at the second
        return float(joint.cdf([upper[0], last]) - joint.cdf([max(lower[0], -30), last]))

    inside = norm.cdf(upper[0] - means[0]) - norm.cdf(lower[0] - means[0])
    up = norm.sf(upper[0] - means[0]) + inside - box(upper[1])
    down = norm.cdf(lower[0] - means[0]) + box(lower[1])
    return up, down


@settings(max_examples=12, deadline=None)
@given(
    time=st.floats(0.3, 0.8),
    level=st.sampled_from([0.01, 0.025, 0.05]),
    beta=st.sampled_from([0.1, 0.2]),
    upper=st.sampled_from(["sfLDOF", "sfLDPocock", "HSD(-4)", "HSD(1)", "KD(2)"]),
    lower=st.sampled_from(["sfLDOF", "sfLDPocock", "HSD(-2)", "KD(1.5)"]),
    binding=st.booleans(),
)
def test_two_bounds_spend_alpha_and_beta(
    time: float, level: float, beta: float, upper: str, lower: str, binding: bool
) -> None:
    spec = {"timing": [time, 1], "alpha": level, "beta": beta, "sfu": upper, "sfl": lower}
    found = bounds.design(case(**spec, binding=binding), 2)
    # when the effect is the planned one, beta is spent, and the bounds meet at the end
    drift = found.drift(1 - beta)
    up, down = crossing(found, drift)
    assert (up, down) == pytest.approx((1 - beta, beta), abs=2e-6)
    assert found.lower[1] == found.upper[1]
    # when there is none, alpha is spent in full only if futility binds
    up, _ = crossing(found, 0.0)
    if binding:
        assert up == pytest.approx(level, abs=2e-6)
    else:
        assert up < level
        free = multivariate_normal([0, 0], [[1, time**0.5], [time**0.5, 1]]).cdf(found.upper)
        assert 1 - free == pytest.approx(level, abs=2e-6)


@pytest.mark.parametrize("spec", [{"test_type": 2}, {"sided": 2, "alpha": 0.05}])
def test_two_sided_bounds_are_symmetric_and_spend_the_level_on_either_side(
    spec: dict[str, Any],
) -> None:
    found = bounds.design(case(type="asOF", k=2, **spec), 2)
    assert found.lower.tolist() == (-found.upper).tolist()
    assert crossing(found, 0.0) == pytest.approx((0.025, 0.025), abs=1e-6)


@settings(max_examples=10, deadline=None)
@given(gammas=st.lists(st.integers(-60, 30), min_size=3, max_size=3, unique=True))
def test_a_larger_gamma_spends_earlier(gammas: list[int]) -> None:
    found = [bounds.design(case(sfu="HSD", sfupar=g / 10, k=3), 3) for g in sorted(gammas)]
    for late, early in pairwise(found):
        assert late.upper[0] > early.upper[0]
        assert late.upper[-1] < early.upper[-1]
