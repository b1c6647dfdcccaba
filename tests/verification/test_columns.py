"""Which column holds what, and which rows are kept."""

from typing import Any

import polars as pl
import pytest

from trialwright.errors import UnusableInputError
from trialwright.verification.cases import Case
from trialwright.verification.columns import (
    ARMS,
    PARTICIPANTS,
    RESPONSES,
    VISITS,
    by_kind,
    column_named,
    column_of,
    kept_rows,
    listed,
)

DATA = pl.DataFrame(
    {
        "USUBJID": ["P1", "P1", "P2", "P2", "P3", "P3"],
        "Week": [0, 4, 0, 4, 0, 4],
        "TRT01P": ["Placebo", "Placebo", "IL-2 0.2", "IL-2 0.2", "IL-2 1", "IL-2 1"],
        "CHG": [0.0, -1.0, 0.0, -2.5, 0.0, None],
    }
)


def case(data: pl.DataFrame = DATA, **spec: Any) -> Case:
    return Case(id="c", method="m", data=data, spec=spec, expect={"x": 1}, tol_rel=1e-6)


@pytest.mark.parametrize(
    ("names", "column"),
    [(PARTICIPANTS, "USUBJID"), (VISITS, "Week"), (ARMS, "TRT01P"), (RESPONSES, "CHG")],
)
def test_columns_are_found_in_capitals_or_not(names: tuple[str, ...], column: str) -> None:
    assert column_named(names, DATA, "c") == column


def test_the_first_of_several_names_is_meant_and_none_is_told() -> None:
    data = DATA.with_columns(arm=pl.lit("a"))
    assert column_named(ARMS, data, "c") == "arm"
    with pytest.raises(UnusableInputError, match="c: the data have none of the columns dose, kg"):
        column_named(["dose", "kg"], DATA, "c")


@pytest.mark.parametrize(
    ("role", "spec", "column"),
    [
        ("participant", {}, "USUBJID"),
        ("arm", {}, "TRT01P"),
        ("arm", {"arm": "CHG"}, "CHG"),
        ("arm", {"arm": "week"}, "Week"),
        ("arm", {"arm": 2}, "TRT01P"),  # a label of an arm, not its column
        ("time", {"time": "Week"}, "Week"),
    ],
)
def test_a_role_is_in_the_column_of_its_setting_or_of_a_usual_name(
    role: str, spec: dict[str, Any], column: str
) -> None:
    assert column_of(case(**spec), role) == column


@pytest.mark.parametrize(("role", "spec"), [("sequence", {}), ("time", {"time": "hours"})])
def test_a_role_without_a_column_is_told_with_what_there_is(
    role: str, spec: dict[str, Any]
) -> None:
    with pytest.raises(UnusableInputError) as raised:
        column_of(case(**spec), role)
    assert raised.value.what == f"the data have no column of the {role}"
    assert raised.value.where == "c"
    assert raised.value.remedy.startswith(f"name it in the setting '{role}'; they have USUBJID, ")


@pytest.mark.parametrize(
    ("value", "labels"),
    [
        ("0 and 2 only", ["0", "2"]),
        ("arms 0, 1 and 3", ["0", "1", "3"]),
        ("placebo versus IL-2 0.5", ["placebo", "IL-2 0.5"]),
        ("high vs. low", ["high", "low"]),
        ("high v low", ["high", "low"]),
        ("drug against placebo", ["drug", "placebo"]),
        ("a; b", ["a", "b"]),
        ("weeks 4 and 8", ["4", "8"]),
        ("standard", ["standard"]),  # no 'and' inside a word
        ([0, "2"], ["0", "2"]),
        ((1.5,), ["1.5"]),
        (3, ["3"]),
        ("", []),
        ([], []),
    ],
)
def test_labels_from_words_lists_and_numbers(value: Any, labels: list[str]) -> None:
    assert listed(value) == labels


@pytest.mark.parametrize(
    ("spec", "rows"),
    [
        ({}, 6),
        ({"arms": "Placebo and IL-2 1"}, 4),
        ({"arms": ["IL-2 0.2"]}, 2),
        ({"weeks": [4]}, 3),
        ({"weeks": "4 only"}, 3),
        ({"visits": 0}, 3),
        ({"arms": ["Placebo"], "weeks": 4}, 1),
        ({"arm": "TRT01P", "arms": ["Placebo"]}, 2),
        ({"arm": "IL-2 1", "arms": ["IL-2 1"]}, 2),  # an arm may be named instead of its column
    ],
)
def test_settings_keep_rows(spec: dict[str, Any], rows: int) -> None:
    assert kept_rows(case(**spec), DATA).height == rows


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"arms": ["Placebo", "IL-2 2", "none"]}, "no row has TRT01P IL-2 2, none"),
        ({"weeks": [4, 12]}, "no row has Week 12"),
        ({"visits": [4], "arms": "placebo"}, "no row has TRT01P placebo"),
    ],
)
def test_a_label_that_no_row_has_is_told(spec: dict[str, Any], words: str) -> None:
    with pytest.raises(UnusableInputError, match=f"c: {words}"):
        kept_rows(case(**spec), DATA)


def test_rows_without_an_arm_are_kept_only_when_no_arm_is_asked_for() -> None:
    gap = DATA.with_columns(pl.when(pl.col("Week") == 4).then("TRT01P").alias("TRT01P"))
    assert kept_rows(case(gap), gap).height == 6
    assert kept_rows(case(gap, arms=["Placebo"]), gap).height == 1


def test_a_label_is_the_value_of_its_column() -> None:
    assert by_kind(DATA, "Week", "4") == 4
    assert by_kind(DATA, "TRT01P", "IL-2 1") == "IL-2 1"
    assert by_kind(DATA, "CHG", "-2.5") == -2.5
    assert by_kind(DATA, "Week", "8") == "8"
