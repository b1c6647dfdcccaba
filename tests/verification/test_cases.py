import json
from pathlib import Path
from typing import Any

import pytest

from trialwright.errors import UnusableInputError
from trialwright.verification.cases import Case, read_cases

RECORD = {"id": "a", "method": "m", "data": None, "spec": None, "expect": {"x": 1}, "tol_rel": 1e-8}


def written(folder: Path, *records: Any) -> Path:
    path = folder / "cases.json"
    path.write_text(json.dumps({"topic": "t", "cases": list(records)}))
    return path


def test_a_case_is_read_with_its_data(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("who,arm,y\nP1,0,1.5\nP2,1,NA\nP3,,2\n")
    (case,) = read_cases(written(tmp_path, {**RECORD, "data": "data.csv", "spec": {"k": 3}}))
    assert case.table()["y"].to_list() == [1.5, None, 2.0]
    assert case.table()["arm"].to_list() == [0, 1, None]
    assert (case.id, case.method, case.tol_rel) == ("a", "m", 1e-8)
    assert case.setting("k") == 3


def test_a_column_is_typed_from_all_of_its_rows(tmp_path: Path) -> None:
    rows = "\n".join(["1"] * 200 + ["1.5"])
    (tmp_path / "data.csv").write_text(f"y\n{rows}\n")
    (case,) = read_cases(written(tmp_path, {**RECORD, "data": "data.csv"}))
    assert case.table()["y"][-1] == 1.5


def test_an_empty_spec_may_be_null_or_a_list(tmp_path: Path) -> None:
    cases = read_cases(written(tmp_path, RECORD, {**RECORD, "spec": []}))
    assert [case.spec for case in cases] == [{}, {}]


def test_what_a_method_lacks_is_named(tmp_path: Path) -> None:
    (case,) = read_cases(written(tmp_path, RECORD))
    with pytest.raises(UnusableInputError, match="needs data"):
        case.table()
    with pytest.raises(UnusableInputError, match="no 'formula'") as raised:
        case.setting("formula")
    assert (raised.value.where, raised.value.remedy) == ("a", "it has nothing")


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"cases": []}', '{"cases": 3}', '{"cases": {"id": "a"}}']
)
def test_what_is_no_file_of_cases_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "cases.json"
    path.write_text(content)
    with pytest.raises(UnusableInputError) as raised:
        read_cases(path)
    assert raised.value.where == str(path)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"id": ""}, "has no 'id'"),
        ({"id": None}, "has no 'id'"),
        ({"spec": "alpha 0.05"}, "the 'spec' is no object"),
        ({"spec": [1, 2]}, "the 'spec' is no object"),
        ({"data": ["a.csv"]}, "the 'data' is no name of a file"),
        ({"expect": None}, "'expect' holds no figure"),
        ({"expect": {}}, "'expect' holds no figure"),
        ({"expect": {"coef": [], "more": {}}}, "'expect' holds no figure"),
        ({"expect": 3}, "'expect' holds no figure"),
        ({"tol_rel": None}, "has no 'tol_rel'"),
        ({"tol_rel": "1e-6"}, "has no 'tol_rel'"),
        ({"tol_rel": True}, "has no 'tol_rel'"),
        ({"tol_rel": -1e-6}, "has no 'tol_rel'"),
        ({"tol_rel": float("nan")}, "has no 'tol_rel'"),
        ({"tol_rel": float("inf")}, "has no 'tol_rel'"),
    ],
)
def test_a_malformed_case_is_refused_with_its_place_and_a_remedy(
    tmp_path: Path, change: dict[str, Any], what: str
) -> None:
    path = written(tmp_path, RECORD, {**RECORD, "id": "b", **change})
    with pytest.raises(UnusableInputError) as raised:
        read_cases(path)
    assert what in raised.value.what
    assert raised.value.where.startswith(f"{path}, case 2")
    assert ("(b)" in raised.value.where) == ("id" not in change)
    assert raised.value.remedy


def test_a_case_that_is_no_object_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableInputError, match="case 1: is no case"):
        read_cases(written(tmp_path, 1))


def test_a_tolerance_may_stand_once_for_all_cases_and_be_zero(tmp_path: Path) -> None:
    path = tmp_path / "cases.json"
    bare = {key: value for key, value in RECORD.items() if key != "tol_rel"}
    path.write_text(json.dumps({"tol_rel": 1e-4, "cases": [bare, {**RECORD, "tol_rel": 0}]}))
    assert [case.tol_rel for case in read_cases(path)] == [1e-4, 0.0]
    with pytest.raises(UnusableInputError, match="no 'tol_rel'"):
        read_cases(written(tmp_path, bare))


def test_without_a_method_the_id_names_it_and_words_are_kept(tmp_path: Path) -> None:
    record = {key: value for key, value in RECORD.items() if key != "method"}
    (case,) = read_cases(written(tmp_path, {**record, "id": "log_rank", "what": "two looks"}))
    assert (case.method, case.what) == ("log_rank", "two looks")


def test_a_byte_order_mark_does_not_matter(tmp_path: Path) -> None:
    path = written(tmp_path, RECORD)
    path.write_text(path.read_text(), encoding="utf-8-sig")
    assert len(read_cases(path)) == 1


@pytest.mark.parametrize("mark", ["NA", "", ".", "NaN"])
def test_what_is_missing_in_r_or_sas_is_missing_and_the_column_keeps_its_type(
    tmp_path: Path, mark: str
) -> None:
    (tmp_path / "data.csv").write_text(f"y,g\n1.5,a\n{mark},b\n2,{mark}\n")
    (case,) = read_cases(written(tmp_path, {**RECORD, "data": "data.csv"}))
    assert case.table()["y"].to_list() == [1.5, None, 2.0]
    assert case.table()["g"].to_list() == ["a", "b", None]


@pytest.mark.parametrize(
    ("names", "value"),
    [
        (("alpha",), 0.05),
        (("kMax", "k"), 3),  # the first name that is there
        (("test_type",), 4),
        (("testType",), 4),
        (("informationrates",), [0.5, 1]),
        (("power",), None),
        (("nothing",), None),  # null is as if not written
    ],
)
def test_a_setting_is_found_by_any_spelling_of_its_names(names: Any, value: Any) -> None:
    spec = {"Alpha": 0.05, "k": 3, "test.type": 4, "information_rates": [0.5, 1], "nothing": None}
    case = Case(id="a", method="m", data=None, spec=spec, expect={"x": 1}, tol_rel=0)
    assert case.first(*names) == value
    assert case.first("none of them", default=7) == 7


def test_words_of_a_case_are_searched() -> None:
    words = "Two looks, fixed n 200"
    case = Case(id="a", method="m", data=None, spec={}, expect={}, tol_rel=0, what=words)
    assert case.said(r"fixed n (\d+)") == "200"
    assert case.said("two looks") == "Two looks"
    assert case.said("three looks") is None


def test_an_absent_file_and_absent_data_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableInputError, match="cannot be read"):
        read_cases(tmp_path / "none.json")
    with pytest.raises(UnusableInputError, match="cannot be read"):
        read_cases(written(tmp_path, {**RECORD, "data": "none.csv"}))


@pytest.mark.parametrize(
    ("content", "words"),
    [("", "cannot be read"), ("a,b\n", "has no rows"), ("a,a\n1,2,3\n", "cannot be read")],
)
def test_data_that_hold_nothing_are_refused_with_the_case(
    tmp_path: Path, content: str, words: str
) -> None:
    (tmp_path / "data.csv").write_text(content)
    with pytest.raises(UnusableInputError, match=words) as raised:
        read_cases(written(tmp_path, {**RECORD, "data": "data.csv"}))
    assert raised.value.where.endswith("case 1 (a)")
    assert "\n" not in raised.value.what
