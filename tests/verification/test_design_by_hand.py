"""Cases of design against enumeration, integrals and solved equations."""

from dataclasses import replace
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, stats
from scipy.stats import norm

from trialwright.stats.planning import efficacy_bounds
from trialwright.verification.cases import Case
from trialwright.verification.compare import run_case
from trialwright.verification.design import METHODS


def case(method: str, expect: Any, id_: str = "planned", **spec: Any) -> Case:
    return Case(id=id_, method=method, data=None, spec=spec, expect=expect, tol_rel=1e-6)


def found(given_: Case) -> dict[str, Any]:
    outcome = run_case(given_, METHODS)
    assert not outcome.unusable, outcome.unusable[0]
    return {figure.path: figure.found for figure in outcome.figures}


def problems(given_: Case) -> list[str]:
    return [f"{f.path}: {f.expected} {f.found} {f.problem}" for f in run_case(given_, METHODS).out]


@settings(max_examples=15, deadline=None)
@given(z=st.floats(-1, 2.4), time=st.floats(0.3, 0.8), n=st.integers(40, 400))
def test_conditional_power_at_the_first_of_two_looks(z: float, time: float, n: int) -> None:
    # given what is left: the increment is normal with mean drift (1 − t) and variance 1 − t
    design = efficacy_bounds("obrien-fleming-spending", [time, 1.0], 0.025)
    fixed = norm.isf(0.025) - norm.isf(0.8)
    drift = optimize.brentq(
        lambda d: 1 - both_below(design.upper, time, d) - 0.8, fixed / 2, 3 * fixed
    )
    size = n * (drift / fixed) ** 2
    thetas = [z / (time * size) ** 0.5, 0.0, drift / size**0.5]
    # when the trial goes on, then the last bound is crossed with chance
    chances = [
        norm.sf((design.upper[1] - z * time**0.5 - t * size**0.5 * (1 - time)) / (1 - time) ** 0.5)
        for t in thetas
    ]
    expect = {"n_I": [time * size, size], "theta": thetas, "upper_cross": chances,
              "conditional_power": chances}  # fmt: skip
    spec = {"z": z, "type": "asOF", "informationRates": [time, 1], "n_fix": n}
    given_ = replace(case("conditional_power", expect, **spec), tol_rel=1e-5)
    assert problems(given_) == []


def both_below(upper: np.ndarray, time: float, drift: float) -> float:
    joint = stats.multivariate_normal([drift * time**0.5, drift], [[1, time**0.5], [time**0.5, 1]])
    return float(joint.cdf(upper))


def test_conditional_power_of_two_looks_to_come_by_an_integral() -> None:
    # given three looks, Z = 1 at the first, no effect
    design = efficacy_bounds("pocock", 3, 0.025)
    sums = design.upper * np.sqrt(design.information)  # bounds of Brownian motion
    start, step = 1.0 * (1 / 3) ** 0.5, (1 / 3) ** 0.5
    second = norm.sf((sums[1] - start) / step)
    third = integrate.quad(
        lambda b: norm.pdf((b - start) / step) / step * norm.sf((sums[2] - b) / step), -8, sums[1]
    )[0]
    figures = found(
        case("conditional_power", {"upper_cross": [[0] * 3] * 2, "conditional_power": [0] * 3},
             z=1.0, look=1, type="P", k=3)
    )  # fmt: skip
    assert figures["upper_cross[0][1]"] == pytest.approx(second, rel=1e-8)
    assert figures["upper_cross[1][1]"] == pytest.approx(third, rel=1e-7)
    assert figures["conditional_power[1]"] == pytest.approx(second + third, rel=1e-7)


@pytest.mark.parametrize(
    ("spec", "same"),
    [
        ({"z": 0.0, "k": 2}, {"zi": 0.0, "kMax": 2, "i": 1}),
        ({"z": 1.2, "n_fix": 300}, {"z": 1.2, "fixed_n": 300}),
        ({"z": 1.2, "beta": 0.1}, {"z": 1.2, "power": 0.9}),
    ],
)
def test_settings_of_conditional_power_have_other_names(
    spec: dict[str, Any], same: dict[str, Any]
) -> None:
    expect = {"n_I": [0, 0], "theta": [0] * 3, "upper_cross": [0] * 3}
    assert found(case("conditional_power", expect, **spec)) == found(
        case("conditional_power", expect, **same)
    )


def test_words_say_what_the_spec_of_conditional_power_does_not() -> None:
    expect = {"n_I": [0, 0, 0], "theta": [0] * 3}
    words = "conditional power at interim z = -0.5, three looks, fixed n 90, one-sided 0.05"
    said = replace(case("conditional_power", expect), what=words)
    spec = {"z": -0.5, "k": 3, "n_fix": 90, "alpha": 0.05}
    assert found(said) == found(case("conditional_power", expect, **spec))
    missing = run_case(case("conditional_power", expect), METHODS)
    assert "the spec has no 'z'" in missing.out[0].problem


@settings(max_examples=6, deadline=None)
@given(n=st.integers(4, 12), p0=st.floats(0.1, 0.5), more=st.floats(0.1, 0.4))
def test_power_of_fishers_test_by_enumeration(n: int, p0: float, more: float) -> None:
    powers = {"fisher_power": 0.0, "fisher_size": 0.0}
    for key, p1 in (("fisher_power", p0 + more), ("fisher_size", p0)):
        for x1 in range(n + 1):
            for x0 in range(n + 1):
                tail = stats.hypergeom.sf(x1 - 1, 2 * n, x1 + x0, n)
                if tail <= 0.05 + 1e-12:
                    powers[key] += (
                        comb(n, x1) * p1**x1 * (1 - p1) ** (n - x1)
                        * comb(n, x0) * p0**x0 * (1 - p0) ** (n - x0)
                    )  # fmt: skip
    figures = found(
        case("exact_power", powers, n_per_arm=n, p0=p0, p1=p0 + more, alpha_one_sided=0.05)
    )
    assert figures == pytest.approx(powers, abs=1e-12)


@settings(max_examples=10, deadline=None)
@given(
    delta=st.floats(0.5, 3), sd=st.floats(2, 5), ratio=st.sampled_from([1, 2]),
    power=st.sampled_from([0.8, 0.9]),
)  # fmt: skip
def test_sizes_of_means_have_the_power(delta: float, sd: float, ratio: int, power: float) -> None:
    figures = found(
        case("sample_size_means_survival", {"total_t": 0, "total_normal": 0},
             delta=delta, sd=sd, power=power, ratio=ratio)
    )  # fmt: skip
    for key, law in (("total_t", stats.nct), ("total_normal", None)):
        control = figures[key] / (1 + ratio)
        away = delta / sd / np.sqrt(1 / control + 1 / (ratio * control))
        if law is None:
            reached = norm.sf(norm.isf(0.025) - away)
        else:
            free = figures[key] - 2
            reached = law.sf(stats.t.isf(0.025, free), free, away)
        assert reached == pytest.approx(power, abs=1e-7)


def test_events_and_participants_of_a_survival_trial() -> None:
    # Schoenfeld 1981: (z + z)² (1 + r)² / (r log² hr); Freedman 1982: (1 + r hr)² / (r (1 − hr)²)
    reach = (norm.isf(0.025) + norm.isf(0.1)) ** 2
    hr, ratio = 0.65, 2.0
    schoenfeld = reach * (1 + ratio) ** 2 / ratio / np.log(hr) ** 2
    freedman = reach * (1 + ratio * hr) ** 2 / ratio / (1 - hr) ** 2
    # uniform accrual over 10 months, followed for 8 more: the mean chance of an event, by quadrature
    hazard = np.log(2) / 9

    def chance(rate: float) -> float:
        return float(integrate.quad(lambda t: 1 - np.exp(-rate * (18 - t)), 0, 10)[0]) / 10

    mean = (ratio * chance(hr * hazard) + chance(hazard)) / (1 + ratio)
    expect = {
        "events_schoenfeld": schoenfeld, "events_freedman": freedman,
        "subjects": schoenfeld / mean, "analysis_time": [[18]],
    }  # fmt: skip
    spec = {"hr": hr, "ratio": 2, "power": 0.9, "median": 9, "accrual": 10, "follow_up": 8}
    assert problems(case("sample_size_means_survival", expect, **spec)) == []


def test_a_crossover_size_has_its_power() -> None:
    spec = {"delta": 1.5, "sd_within": 2.0}
    size = found(case("crossover_sample_size", {"n_power_0.85": 0}, **spec))["n_power_0.85"]
    figures = found(case("crossover_sample_size", {f"power_at_{size}": 0}, **spec))
    assert next(iter(figures.values())) == pytest.approx(0.85, abs=1e-8)
    free = size - 2
    away = 1.5 / (2 * np.sqrt(2 / size))
    assert stats.nct.sf(stats.t.isf(0.025, free), free, away) == pytest.approx(0.85, abs=1e-7)


def test_sizes_of_rates_with_fleiss_and_by_the_arcsine() -> None:
    # Fleiss, Levin, Paik 2003, formula 4.19; arcsine: 2 (z + z)² over the difference of angles, ½
    spec = {"p0": 0.25, "p1": 0.6}
    z, w = norm.isf(0.025), norm.isf(0.2)
    mean = (0.25 + 0.6) / 2
    plain = (
        z * (2 * mean * (1 - mean)) ** 0.5 + w * (0.25 * 0.75 + 0.6 * 0.4) ** 0.5
    ) ** 2 / 0.1225
    fleiss = plain / 4 * (1 + (1 + 4 / (plain * 0.35)) ** 0.5) ** 2
    angle = np.arcsin(0.6**0.5) - np.arcsin(0.25**0.5)
    expect = {
        "total_pooled_variance": 2 * plain, "per_arm_power_prop_test": plain,
        "farrington_manning_gsDesign": [plain, plain], "fleiss_continuity_per_arm": fleiss,
        "arcsine_per_arm": (z + w) ** 2 / 2 / angle**2,
    }  # fmt: skip
    assert problems(case("sample_size_rates", expect, **spec)) == []


COUNTS = {"active_events": [[9, 14], [12, 15], [7, None]], "control_events": [5, 6], "n": [24, 30]}


def combined(test: str) -> np.ndarray:
    """The closed inverse-normal test of Bonferroni's or Simes's p-values, by every intersection."""
    weights = np.sqrt([0.5, 0.5])
    z = np.full((3, 2), -np.inf)
    for stage, n in enumerate(COUNTS["n"]):
        for arm in range(3):
            x = COUNTS["active_events"][arm][stage]
            if x is not None:
                control = COUNTS["control_events"][stage]
                pooled = (x + control) / (2 * n)
                z[arm, stage] = (x - control) / n / np.sqrt(2 * pooled * (1 - pooled) / n)
    smallest = np.full((3, 2), np.inf)
    for size in (1, 2, 3):
        for group in combinations(range(3), size):
            stages = []
            for stage in range(2):
                p = np.sort([norm.sf(z[a, stage]) for a in group if np.isfinite(z[a, stage])])
                if test == "bonferroni":
                    local = min(len(p) * p[0], 1) if len(p) else 1.0
                else:
                    local = (len(p) * p / np.arange(1, len(p) + 1)).min() if len(p) else 1.0
                stages.append(norm.isf(min(max(local, 1e-300), 1 - 1e-16)))
            both = [stages[0], weights @ stages]
            for arm in group:
                smallest[arm] = np.minimum(smallest[arm], both)
    return smallest


@pytest.mark.parametrize("test", ["bonferroni", "simes"])
@pytest.mark.parametrize("kind", ["P", "asOF"])
def test_arms_are_rejected_by_the_closed_test_of_every_intersection(test: str, kind: str) -> None:
    z = combined(test)
    name: Any = {"P": "pocock", "asOF": "obrien-fleming-spending"}[kind]
    bound = efficacy_bounds(name, 2, 0.025).upper
    rejected = np.logical_or.accumulate(z >= bound, axis=1)
    # the chance to cross the second bound under the hypothesis, given the first stage
    chance = norm.sf((bound[1] - z[:, 0] * 0.5**0.5) / 0.5**0.5)
    expect = {
        "rejected": rejected.tolist(),
        "conditional_rejection": [[each, None] for each in chance.tolist()],
    }
    for spec in ({"intersection_test": test.capitalize()}, {"test": test}, {}):
        id_ = f"trial_{test}" if not spec else "trial"
        given_ = case("multi_arm_analysis", expect, id_, **COUNTS, **spec, type=kind)
        assert problems(given_) == []


def test_one_stage_may_be_written_as_numbers_as_r_does() -> None:
    lists = {"n": [25], "active": [18], "control": [6], "type": "P", "k": 2}
    numbers = {"n": 25, "active": 18, "control": 6, "type": "P", "k": 2}
    expect = {"repeated_p": 0, "final_lo": 0, "final_hi": 0, "median_unbiased": 0}
    one = found(case("analysis_two_arm_two_look", expect, **numbers))
    many = found(case("analysis_two_arm_two_look", {k: [0] for k in expect}, **lists))
    assert list(one.values()) == list(many.values())
    # ended at once: the estimate is the plain difference
    assert one["median_unbiased"] == pytest.approx(18 / 25 - 6 / 25)
    assert one["final_lo"] < one["median_unbiased"] < one["final_hi"]


def test_simulated_figures_lie_near_an_exact_power() -> None:
    # one arm against control at one look is a pooled z test: its exact power, by enumeration
    n, p0, p1 = 20, 0.3, 0.6
    power = 0.0
    for x1 in range(n + 1):
        for x0 in range(n + 1):
            m = (x1 + x0) / (2 * n)
            z = (x1 - x0) / n / np.sqrt(m * (1 - m) * 2 / n) if 0 < m < 1 else 0.0
            if z >= norm.isf(0.025):
                power += stats.binom.pmf(x1, n, p1) * stats.binom.pmf(x0, n, p0)
    expect = {"one_look_reject_at_least_one": power, "one_look_per_arm": [power]}
    given_ = case("simulate_multi_arm_rates", expect, rates=[p0, p1], n_per_arm=n, seed=3)
    assert problems(given_) == []
    wrong = {"one_look_reject_at_least_one": power + 0.04}
    assert problems(replace(given_, expect=wrong)) != []


@pytest.mark.parametrize(
    ("method", "spec", "words"),
    [
        ("sample_size_rates", {"p0": 0.2}, "the spec has no 'p1'; it has p0"),
        ("exact_power", {"p0": 0.2, "p1": 0.4}, "the spec has no 'n_per_arm'"),
        ("multi_arm_analysis", {"active_events": [[1]], "n": 5}, "the spec has no 'control_events'"),
        ("multi_arm_analysis", {"active_events": [[9, 7]], "control_events": [5, 5], "n": 6},
         "More responders than participants"),
        ("multi_arm_analysis", {"active_events": [[None, 7]], "control_events": [5, 5], "n": 20},
         "An arm cannot come back"),
        ("simulate_multi_arm_rates", {"rates": [0.2], "n_per_arm": 10}, "at least one arm"),
        ("two_bound_design", {"sfu": "XX"}, "unknown type of bounds 'XX'"),
        ("conditional_power", {"z": 1, "k": 2, "look": 2}, "needs an interim look"),
        ("crossover_sample_size", {"delta": 1}, "the spec has no 'sd_within'"),
    ],
)  # fmt: skip
def test_what_a_case_lacks_is_told_once_for_all_figures(
    method: str, spec: dict[str, Any], words: str
) -> None:
    outcome = run_case(case(method, {"a": 1, "b": [1, 2]}, **spec), METHODS)
    assert len(outcome.unusable) == 3
    assert {figure.problem for figure in outcome.figures} == {outcome.out[0].problem}
    assert words in outcome.out[0].problem
