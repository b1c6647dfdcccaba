"""The verb `verify`: what it prints and how it ends."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ORACLES = Path(__file__).parents[1] / "stats" / "oracles"


@pytest.fixture
def cases(tmp_path: Path) -> Callable[..., Path]:
    """A file with these cases, the data of the oracles beside it."""

    def write(*records: dict[str, Any]) -> Path:
        shutil.copytree(ORACLES / "data", tmp_path / "data", dirs_exist_ok=True)
        path = tmp_path / "cases.json"
        path.write_text(json.dumps({"topic": "binary", "cases": list(records)}))
        return path

    return write


def one(expect: dict[str, Any], **changes: Any) -> dict[str, Any]:
    spec = {"x": 0, "n": 10}
    case = {"id": "one", "method": "one_proportion", "data": None, "spec": spec, "tol_rel": 1e-6}
    return {**case, "expect": expect, **changes}


def test_all_within_ends_with_0(
    trialwright: Callable[..., Any], cases: Callable[..., Path]
) -> None:
    # 0 of 10: 1 − 0.025^(1/10) by hand.
    ran = trialwright("verify", cases(one({"clopper-pearson": {"lo": 0, "hi": 0.3084971}})))
    assert ran.code == 0
    assert "one (one_proportion): all 2 within 1e-06" in ran.out
    assert "1 cases, 2 figures: 2 within, 0 out" in ran.out


def test_each_figure_has_expected_found_and_difference(
    trialwright: Callable[..., Any], cases: Callable[..., Path]
) -> None:
    ran = trialwright("verify", cases(one({"clopper-pearson": {"hi": 0.3}})))
    (line,) = [line for line in ran.out.splitlines() if "clopper-pearson.hi" in line]
    assert line.split() == [
        "clopper-pearson.hi", "expected", "0.3", "found", "0.308497107819", "2.8e-02", "out"
    ]  # fmt: skip
    assert ran.code == 1


UNUSABLE = [
    ({"method": "magic"}, "there is no method 'magic'"),
    ({"method": "one_proportions"}, "there are one_proportion, two_proportions"),
    ({"expect": {"sterne": {"lo": 0}}}, "there is no 'sterne'; there are"),
    ({"expect": {"wilson": {"lo": "0.1"}}}, "text where there is a number"),
    ({"method": "log_rank", "data": "data/t1_sri4.csv"}, "no column of the time"),
    ({"method": "log_rank"}, "method log_rank needs data; name a CSV beside the file in 'data'"),
    ({"method": "adjust_p"}, "the spec has no 'p'; it has x, n"),
]


@pytest.mark.parametrize(("change", "words"), UNUSABLE, ids=[words for _, words in UNUSABLE])
def test_a_case_that_asks_what_cannot_be_had_ends_with_2_and_is_said_once(
    trialwright: Callable[..., Any], cases: Callable[..., Path], change: dict[str, Any], words: str
) -> None:
    good = one({"wilson": {"hi": 0.277533}}, id="good")  # by hand: z² / (10 + z²)
    path = cases({**one({"wilson": {"lo": 0, "hi": 1}}, id="bad"), **change}, good)
    ran = trialwright("verify", path)
    assert ran.code == 2
    assert ran.out.count(words) == 1
    assert "good (one_proportion): all 1 within" in ran.out
    assert not any(line.startswith("bad") and "all" in line for line in ran.out.splitlines())
    error = " ".join(ran.err.split())
    assert error.startswith("error: ")
    assert error.endswith("not computed as written: bad the lines of the case say what it lacks")
    told = json.loads(trialwright("verify", path, "--json").out)
    assert [outcome["within"] for outcome in told] == [False, True]
    assert words in json.dumps([f["problem"] for f in told[0]["figures"]], ensure_ascii=False)


def test_out_and_unusable_together_end_with_2(
    trialwright: Callable[..., Any], cases: Callable[..., Path]
) -> None:
    out = one({"wilson": {"hi": 0.5}})
    assert trialwright("verify", cases(out)).code == 1
    assert trialwright("verify", cases(out, one({"a": 1}, method="magic"))).code == 2


def test_data_are_read_beside_the_file(
    trialwright: Callable[..., Any], cases: Callable[..., Path]
) -> None:
    expect = {"x": [10, 14, 22, 14], "n": [40, 40, 40, 40]}
    record = one(expect, id="counts", method="counts", data="data/t1_sri4.csv", spec=None)
    assert trialwright("verify", cases(record)).code == 0


def test_json_is_for_programs(trialwright: Callable[..., Any], cases: Callable[..., Path]) -> None:
    record = one(
        {"conditional": {"cmle": "Inf", "lo": 1.0}},
        method="two_by_two_tests",
        spec={"x1": 3, "n1": 9, "x0": 0, "n0": 9},
    )
    ran = trialwright("verify", cases(record), "--json")
    assert ran.code == 1
    (outcome,) = json.loads(ran.out)
    assert (outcome["case"], outcome["within"]) == ("one", False)
    infinite, lower = outcome["figures"]
    assert (infinite["path"], infinite["found"], infinite["problem"]) == (
        "conditional.cmle",
        "Inf",
        "",
    )
    assert lower["problem"] == "out"
    assert set(lower) == {
        "path", "expected", "found", "difference", "problem", "allowed", "unusable"
    }  # fmt: skip


@pytest.fixture
def sampled() -> dict[str, Any]:
    """A power of the oracle file 'mcpmod', which DoseFinding samples; exactly it is 0.458632."""
    expect = {"general_S_0.15": {"linear": 0.4589}}
    return one(expect, method="power_mct", spec={"alpha": 0.025}, tol_rel=1e-6)


def test_what_passes_by_the_error_of_the_reference_is_said(
    trialwright: Callable[..., Any], cases: Callable[..., Path], sampled: dict[str, Any]
) -> None:
    ran = trialwright("verify", cases(sampled, one({"wilson": {"lo": 0}})))
    assert ran.code == 0
    assert "one (power_mct): 0 of 1 within 1e-06, 1 allowed as stated" in ran.out
    assert "5.8e-04  within the reference's own error 0.0005" in ran.out
    assert "2 cases, 2 figures: 1 within, 0 out, 1 outside but allowed as stated" in ran.out


def test_json_says_what_is_allowed(
    trialwright: Callable[..., Any], cases: Callable[..., Path], sampled: dict[str, Any]
) -> None:
    ran = trialwright("verify", cases(sampled), "--json")
    ((figure,),) = [outcome["figures"] for outcome in json.loads(ran.out)]
    assert (figure["problem"], figure["allowed"]) == ("", "within the reference's own error 0.0005")


def test_the_error_of_the_reference_excuses_no_more(
    trialwright: Callable[..., Any], cases: Callable[..., Path], sampled: dict[str, Any]
) -> None:
    sampled["expect"]["general_S_0.15"]["linear"] = 0.4592
    ran = trialwright("verify", cases(sampled))
    assert ran.code == 1
    assert "one (power_mct): 0 of 1 within 1e-06, 1 out" in ran.out


def test_an_unusable_file_ends_with_2(trialwright: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "cases.json"
    path.write_text("{")
    ran = trialwright("verify", path)
    assert ran.code == 2
    assert str(path) in ran.err.replace("\n", "")


def test_an_absent_file_ends_with_2(trialwright: Callable[..., Any], tmp_path: Path) -> None:
    assert trialwright("verify", tmp_path / "none.json").code == 2
