"""The public cases of multiplicity, and cases of the same shape that they do not hold."""

from dataclasses import replace
from pathlib import Path

import pytest

from trialwright.verification.cases import Case, read_cases
from trialwright.verification.compare import run_case
from trialwright.verification.methods import METHODS

ORACLES = Path(__file__).parents[1] / "stats" / "oracles"
CASES = {case.id: case for case in read_cases(ORACLES / "multiplicity.json")}


def problems(case: Case, **changes: object) -> list[str]:
    outcome = run_case(replace(case, **changes), METHODS)  # type: ignore[arg-type]  # shorthand
    assert outcome.figures
    return [f"{f.path}: {f.expected} {f.found} {f.problem}" for f in outcome.out]


@pytest.mark.parametrize("name", CASES)
def test_public_cases_are_within_their_tolerance(name: str) -> None:
    assert problems(CASES[name]) == []


def test_a_wrong_expectation_is_out() -> None:
    assert problems(CASES["adjust_three"], expect={"holm": [0.0246, 0.0321, 0.0148]})
    assert problems(CASES["graph_holm3_parametric"], expect={"adjusted_p": [0.02, 0.0321, 0.0134]})


def test_other_p_values() -> None:
    # R 4.2.2 p.adjust documentation's rules by hand: Holm 4p, 3p, 2p, p made monotone
    expect = {"holm": [0.004, 0.03, 0.04, 0.04], "BH": [0.004, 0.02, 8 / 300, 0.03]}
    spec = {"p": [0.001, 0.01, 0.02, 0.03]}
    assert problems(CASES["adjust_three"], spec=spec, expect=expect) == []


def test_fallback_takes_its_weights() -> None:
    # graphicalMCP 0.2.8 on the same chain (case graph_fallback)
    spec = {"p": [0.02, 0.004, 0.009], "weights": [0.5, 0.3, 0.2]}
    expect = {"fallback": [0.04, 0.0133333333333333, 0.018]}
    assert problems(CASES["adjust_three"], spec=spec, expect=expect) == []


def test_another_graph_level_and_correlation() -> None:
    # Hand calculation: two hypotheses at half the level; perfect correlation gives it all back.
    spec = {
        "weights": [0.5, 0.5],
        "transitions": [[0, 1], [1, 0]],
        "p": [0.04, 0.03],
        "alpha": 0.05,
        "correlation": [[1, 1], [1, 1]],
    }
    expect = {
        "shortcut": {"adjusted_p": [0.06, 0.06], "rejected": [False, False]},
        "closure_simes": {"adjusted_p": [0.04, 0.04], "rejected": [True, True]},
        "closure_parametric": {"adjusted_p": [0.04, 0.03], "rejected": [True, True]},
    }
    assert problems(CASES["graph_holm3"], spec=spec, expect=expect) == []


def test_a_missing_setting_is_named() -> None:
    (problem,) = problems(CASES["adjust_three"], spec={}, expect={"holm": 1})
    assert "no 'p'" in problem
