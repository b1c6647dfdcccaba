import json
from pathlib import Path
from typing import Any

import pytest

from trialwright.errors import UnusableInputError
from trialwright.verification.cases import read_cases

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
    with pytest.raises(UnusableInputError, match="no 'formula'"):
        case.setting("formula")


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"cases": [1]}', '{"cases": [{"id": "a"}]}', '{"cases": 3}']
)
def test_what_is_no_file_of_cases_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "cases.json"
    path.write_text(content)
    with pytest.raises(UnusableInputError) as raised:
        read_cases(path)
    assert raised.value.where == str(path)


def test_an_absent_file_and_absent_data_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableInputError, match="cannot be read"):
        read_cases(tmp_path / "none.json")
    with pytest.raises(UnusableInputError, match="cannot be read"):
        read_cases(written(tmp_path, {**RECORD, "data": "none.csv"}))
