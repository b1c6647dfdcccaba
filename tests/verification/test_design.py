"""The public cases of trial design, and cases of the same shape that they do not hold."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from trialwright.stats.planning import efficacy_bounds
from trialwright.verification.cases import Case, read_cases
from trialwright.verification.compare import run_case
from trialwright.verification.methods import METHODS

ORACLES = Path(__file__).parents[1] / "stats" / "oracles"
CASES = {case.id: case for case in read_cases(ORACLES / "design.json")}
BOUNDS = CASES["bounds_OF_k3"]


def out(case: Case, **changes: Any) -> list[str]:
    outcome = run_case(replace(case, **changes), METHODS)
    assert outcome.figures
    return [f"{f.path}: {f.expected} {f.found} {f.problem}" for f in outcome.out]


@pytest.mark.parametrize("name", CASES)
def test_public_cases_are_within_their_tolerance(name: str) -> None:
    assert out(CASES[name]) == []


def test_a_wrong_expectation_is_out() -> None:
    assert out(BOUNDS, expect={"z": [3.48, 2.4544, 2.004]})
    assert out(
        CASES["sim_four_arm_0.25_0.35_0.45_0.5"], expect={"two_look_reject_at_least_one": 0.53}
    )


# Published constants: Jennison and Turnbull, Group Sequential Methods, Chapman & Hall 2000, tables
# 2.1 (Pocock) and 2.3 (O'Brien–Fleming), two-sided 5%: three decimals, and five looks.
@pytest.mark.parametrize(
    ("name", "looks", "last"),
    [("P", 2, 2.178), ("P", 4, 2.361), ("P", 5, 2.413), ("OF", 2, 1.977), ("OF", 5, 2.040)],
)
def test_other_numbers_of_looks(name: str, looks: int, last: float) -> None:
    design = efficacy_bounds("pocock" if name == "P" else "obrien-fleming", looks, 0.025)
    assert design.upper[-1] == pytest.approx(last, abs=6e-4)
    spec = {"type": name, "k": looks, "alpha": 0.025}
    assert out(BOUNDS, id="x", spec=spec, expect={"z": design.upper.tolist()}) == []


@pytest.mark.parametrize(
    ("id_", "spec", "kind", "parameter"),
    [
        ("bounds_HSD_-2", {"k": 4}, "hwang-shih-decani", -2),
        ("x", {"gamma": 1, "k": 4}, "hwang-shih-decani", 1),
        ("x", {"type": "asKD", "gammaA": 2, "k": 4}, "kim-demets", 2),
        ("x", {"rho": 3, "k": 4}, "kim-demets", 3),
        ("bounds_WT_0.1", {"k": 4}, "wang-tsiatis", 0.1),
        ("x", {"type": "WT", "deltaWT": 0.4, "k": 4}, "wang-tsiatis", 0.4),
        ("x", {"type": "HP", "constant": 3.5, "k": 4}, "haybittle-peto", 3.5),
        ("bounds_asP_k4", {"k": 4}, "pocock-spending", None),
    ],
)
def test_other_kinds_of_bounds(id_: str, spec: Any, kind: Any, parameter: float | None) -> None:
    expected = efficacy_bounds(kind, 4, 0.05, parameter=parameter).upper.tolist()
    assert out(BOUNDS, id=id_, spec={**spec, "alpha": 0.05}, expect={"z": expected}) == []


def test_unequally_spaced_looks() -> None:
    times = [0.3, 0.8, 1.0]
    expected = efficacy_bounds("obrien-fleming-spending", times, 0.01).upper.tolist()
    spec = {"type": "asOF", "informationRates": times, "alpha": 0.01}
    assert out(BOUNDS, spec=spec, expect={"z": expected}) == []


def test_an_unknown_type_is_named() -> None:
    (problem, *_) = out(BOUNDS, spec={"type": "XX", "k": 3})
    assert "unknown type of bounds 'XX'" in problem


def test_other_rates_ratios_and_goals() -> None:
    # Hand calculation with z 1.281552 and 1.644854: pooled rate 0.25 at two to one
    case = CASES["sample_size_rates_0.3_0.5"]
    pooled = (2 * 0.2 + 0.35) / 3
    null = (pooled * (1 - pooled) * 1.5) ** 0.5
    alternative = (0.2 * 0.8 / 2 + 0.35 * 0.65) ** 0.5
    control = ((1.6448536269514722 * null + 1.2815515655446004 * alternative) / 0.15) ** 2
    spec = {"p0": 0.35, "p1": 0.2, "alpha": 0.05, "power": 0.9}
    assert out(case, spec=spec, expect={"total_ratio_2_to_1": 3 * control}, tol_rel=1e-9) == []


def test_exact_power_of_boschloo_lies_between() -> None:
    case = CASES["exact_power_n20"]
    asked = {"fisher_power": 0, "boschloo_power": 0, "boschloo_size": 0}
    outcome = run_case(replace(case, expect=asked), METHODS)
    found = {figure.path: figure.found for figure in outcome.figures}
    assert found["boschloo_power"] > found["fisher_power"]
    assert found["boschloo_size"] <= 0.025


def test_survival_with_other_months() -> None:
    case = CASES["sample_size_means_survival"]
    spec = {"hr": 0.5, "median": 6, "accrual": 0, "follow_up": 6}
    # Hand calculation: at the control median half have an event, on treatment 1 − √½
    events = 4 * (1.959963984540054 + 0.8416212335729143) ** 2 / 0.4804530139182014
    chance = (0.5 + 1 - 0.5**0.5) / 2
    expect = {"events_schoenfeld": events, "subjects": events / chance, "analysis_time": [[6]]}
    assert out(case, spec=spec, expect=expect) == []


def test_crossover_keys_say_what_is_asked() -> None:
    case = CASES["crossover_sample_size"]
    outcome = run_case(replace(case, expect={"n_power_0.95": 0, "power_at_12": 0}), METHODS)
    size, power = (figure.found for figure in outcome.figures)
    assert size > 23.2
    assert 0.5 < power < 0.9


def test_the_simes_test_is_known() -> None:
    case = CASES["analysis_four_arm_two_look_dunnett"]
    simes = run_case(replace(case, id="analysis_simes"), METHODS)
    found = {figure.path: figure.found for figure in simes.figures}
    dunnett = run_case(case, METHODS)
    reference = {figure.path: figure.found for figure in dunnett.figures}
    assert found["stage_p[0][0]"] == reference["stage_p[0][0]"]
    assert found["repeated_p[0][0]"] != reference["repeated_p[0][0]"]
