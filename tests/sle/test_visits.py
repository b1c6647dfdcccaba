"""Visit tables: what is read, in which forms, and how each mistake is told."""

from datetime import date, time, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.sle.instrument import Item
from trialwright.sle.visits import in_other_table, in_visit_order, read_visits

YES_NO = Item(key="fever", label="Fever")
GRADE = Item(key="level", label="Level", kind="grade", high=4)
NUMBER = Item(
    key="hemoglobin",
    label="Hemoglobin",
    kind="number",
    unit="g/dL",
    units={"g/L": (1, 10)},
    low=1,
    high=25,
    absent=14,
)
AMBIGUOUS = Item(
    key="protein",
    label="Protein",
    kind="number",
    unit="g",
    units={"mg": (1, 1000)},
    unit_needed=True,
    high=60,
)
CODE = Item(key="renal", label="Renal", kind="code", codes=("A", "B"), absent="B")


def table(**columns: list) -> pl.DataFrame:
    length = len(next(iter(columns.values())))
    keys = {"participant": ["P1"] * length, "visit": list(range(length))}
    return pl.DataFrame(keys | columns, strict=False)


def read(item: Item, **columns: list) -> list:
    frame = read_visits(table(**columns), [item]).frame.collect()
    return frame[item.key].to_list()


@pytest.mark.parametrize(
    "cells",
    [
        [1, 0, None],
        [True, False, None],
        [1.0, 0.0, None],
        ["yes", "no", "ND"],
        ["Y", " n ", ""],
        ["TRUE", "false", None],
    ],
)
def test_yes_and_no_in_every_form(cells: list):
    assert read(YES_NO, fever=cells) == [1, 0, None]


@pytest.mark.parametrize("cells", [[4, 0, None], [4.0, 0.0, None], ["4", "0", "nd"]])
def test_grades_in_every_form(cells: list):
    assert read(GRADE, level=cells) == [4, 0, None]


def test_a_column_without_any_value_is_not_assessed():
    assert read(GRADE, level=[None, None]) == [None, None]
    assert read(NUMBER, hemoglobin=[None, None]) == [None, None]


def test_numbers_codes_and_units():
    assert read(NUMBER, hemoglobin=["8.5", ""]) == [8.5, None]
    assert read(NUMBER, hemoglobin=[80, 8.0, None], hemoglobin_unit=["g/L", "g/dL", None]) == [
        8,
        8,
        None,
    ]
    assert read(AMBIGUOUS, protein=[500.0, None], protein_unit=["mg", None]) == [0.5, None]
    assert read(CODE, renal=["A", "B", None]) == ["A", "B", None]


@settings(max_examples=100, deadline=None)
@given(st.integers(10, 250))
def test_a_decimal_unit_keeps_the_decimal(grams_per_liter: int):
    """80 g/L is 8.0 g/dL to the bit, so that a limit at 8.0 holds."""
    value = read(NUMBER, hemoglobin=[float(grams_per_liter)], hemoglobin_unit=["g/L"])[0]
    assert value == float(f"{grams_per_liter // 10}.{grams_per_liter % 10}")


def test_what_is_not_attributed_to_lupus_is_absent():
    assert read(GRADE, level=[3, 3, 3], level_attributed=["no", "yes", None]) == [0, 3, 3]
    assert read(NUMBER, hemoglobin=[7.0], hemoglobin_attributed=[False]) == [14]


@pytest.mark.parametrize(
    ("item", "columns", "where", "what", "remedy"),
    [
        (YES_NO, {"fever": [0, 2]}, "row 2, column fever", "2 is out of range", "from 0 to 1"),
        (
            YES_NO,
            {"fever": ["no", "?"]},
            "row 2, column fever",
            "'?' is neither yes nor no",
            "1 or 0",
        ),
        (YES_NO, {"fever": [0.5]}, "row 1, column fever", "0.5 is neither yes nor no", "1 or 0"),
        (GRADE, {"level": [-1]}, "row 1, column level", "-1 is out of range", "from 0 to 4"),
        (GRADE, {"level": ["high"]}, "row 1, column level", "'high' is no whole", "0 to 4"),
        (
            NUMBER,
            {"hemoglobin": [8, 82]},
            "row 2, column hemoglobin",
            "82 is out of range",
            "1 to 25 g/dL",
        ),
        (NUMBER, {"hemoglobin": [float("nan")]}, "row 1", "nan is out of range", "1 to 25"),
        (NUMBER, {"hemoglobin": ["8,5"]}, "row 1", "'8,5' is no number", "a number in g/dL"),
        (
            NUMBER,
            {"hemoglobin": [8.0], "hemoglobin_unit": ["mmol/L"]},
            "row 1, column hemoglobin_unit",
            "'mmol/L' is no unit",
            "use g/dL, g/L",
        ),
        (
            AMBIGUOUS,
            {"protein": [3.0]},
            "row 1, column protein",
            "more than one is plausible",
            "protein_unit",
        ),
        (CODE, {"renal": ["a"]}, "row 1, column renal", "'a' is no code", "one of A, B"),
        (
            GRADE,
            {"level": [1], "level_attributed": ["perhaps"]},
            "row 1, column level_attributed",
            "neither yes nor no",
            "yes, no",
        ),
    ],
)
def test_a_mistake_names_row_column_and_remedy(item, columns, where, what, remedy):
    with pytest.raises(UnusableInputError) as caught:
        read_visits(table(**columns), [item])
    assert caught.value.where.startswith(where)
    assert what in caught.value.what
    assert remedy in caught.value.remedy


def test_a_missing_column_is_named_with_the_nearest_other():
    with pytest.raises(UnusableInputError) as caught:
        read_visits(table(feever=[1]), [YES_NO])
    assert caught.value.what == "column fever is missing"
    assert caught.value.remedy == "rename feever to fever"
    with pytest.raises(UnusableInputError, match="leave its cells empty"):
        read_visits(table(site=["S1"]), [YES_NO])


@pytest.mark.parametrize("key", ["participant", "visit"])
def test_keys_are_needed_and_filled(key: str):
    with pytest.raises(UnusableInputError, match=f"column {key} is missing"):
        read_visits(table(fever=[1]).drop(key), [YES_NO])
    hole = table(fever=[1, 1]).with_columns(
        pl.when(pl.int_range(pl.len()) == 0).then(pl.col(key)).alias(key)
    )
    with pytest.raises(UnusableInputError) as caught:
        read_visits(hole, [YES_NO])
    assert caught.value.where.startswith(f"row 2, column {key}")


def test_a_misspelled_optional_column_is_refused_and_an_unrelated_one_ignored():
    with pytest.raises(UnusableInputError, match="did you mean hemoglobin_unit"):
        read_visits(table(hemoglobin=[8.0], hemoglobin_units=["g/L"]), [NUMBER])
    frame = read_visits(table(fever=[1], site=["S1"]), [YES_NO]).frame.collect()
    assert frame.columns == ["participant", "visit", "fever"]


@pytest.mark.parametrize("visits", [[4, 4], ["week 4", "week 4"], [date(2026, 1, 1)] * 2])
@pytest.mark.parametrize("lazy", [True, False])
def test_two_rows_for_one_visit_are_refused(visits: list, lazy: bool):
    frame = pl.DataFrame(
        {
            "participant": ["P1", "P2", "P1"],
            "visit": [visits[0], visits[0], visits[1]],
            "fever": [0, 1, 1],
        }
    )
    with pytest.raises(UnusableInputError) as caught:
        read_visits(frame.lazy() if lazy else frame, [YES_NO])
    assert caught.value.where.startswith("row 3, column visit (participant P1")
    assert "keep one row" in caught.value.remedy


def test_a_lazy_table_is_checked_when_it_is_given():
    with pytest.raises(UnusableInputError, match="out of range"):
        read_visits(table(fever=[3]).lazy(), [YES_NO])


@pytest.mark.parametrize(
    ("participants", "visits", "in_order"),
    [
        (["P1", "P1", "P2"], [0, 4, 0], True),
        (["P1", "P1", "P2"], [4, 0, 0], False),
        (["P2", "P1", "P1"], [0, 0, 4], False),
        (["P1", "P2", "P1"], [0, 0, 4], False),
        (["P1", "P1", "P2"], ["week 4", "baseline", "baseline"], True),
        (["P1", "P2", "P1"], ["baseline", "baseline", "week 4"], False),
    ],
)
def test_rows_in_order_are_recognized_and_others_sorted_and_given_back(
    participants, visits, in_order
):
    frame = pl.DataFrame({"participant": participants, "visit": visits, "fever": [0, 1, 0]})
    read_table = read_visits(frame, [YES_NO])
    seen: list[pl.DataFrame] = []

    def remember(rows: pl.LazyFrame) -> pl.LazyFrame:
        seen.append(rows.select("participant", "visit").collect())
        return rows

    back = in_visit_order(read_table, remember).collect()

    assert read_table.in_order is in_order
    assert back.select("participant", "visit").equals(frame.select("participant", "visit"))
    by = ["participant"] if isinstance(visits[0], str) else ["participant", "visit"]
    assert seen[0].equals(seen[0].sort(by, maintain_order=True))


ODD_TYPES = {
    "dates": pl.Series([None, date(2026, 1, 5)]),
    "times": pl.Series([None, time(8)]),
    "durations": pl.Series([None, timedelta(1)]),
    "lists": pl.Series([None, [1]]),
    "structures": pl.Series([None, {"a": 1}]),
    "bytes": pl.Series([None, b"1"]),
}


@pytest.mark.parametrize("kind", ODD_TYPES)
@pytest.mark.parametrize("item", [YES_NO, GRADE, NUMBER, CODE], ids=lambda item: item.kind)
def test_a_type_that_holds_no_such_values_is_refused_at_its_first_value(kind: str, item: Item):
    frame = pl.DataFrame({"participant": ["P1"] * 2, "visit": [0, 4], item.key: ODD_TYPES[kind]})
    with pytest.raises(UnusableInputError) as caught:
        read_visits(frame, [item])
    assert caught.value.where == f"row 2, column {item.key} (participant P1, visit 4)"
    assert caught.value.remedy.startswith("write ")


@pytest.mark.parametrize("kind", ODD_TYPES)
def test_a_column_of_any_type_without_values_is_not_assessed(kind: str):
    cells = ODD_TYPES[kind].head(1)
    frame = pl.DataFrame({"participant": ["P1"], "visit": [0], "fever": cells})
    assert read_visits(frame, [YES_NO]).frame.collect()["fever"].to_list() == [None]


@pytest.mark.parametrize(
    ("item", "what"),
    [
        (GRADE, "True is no whole number"),
        (NUMBER, "True is no number"),
        (CODE, "True is no code of this item"),
    ],
    ids=["grade", "number", "code"],
)
def test_yes_is_no_grade_and_no_number(item: Item, what: str):
    """Yes to a graded item is not "improving": which grade is meant cannot be guessed."""
    with pytest.raises(UnusableInputError) as caught:
        read_visits(table(**{item.key: [None, True]}), [item])
    assert caught.value.what == what


@pytest.mark.parametrize("visit", [float("nan"), float("inf"), None])
def test_a_visit_that_is_no_number_among_numbers_is_empty(visit: float | None):
    frame = pl.DataFrame({"participant": ["P1", "P1"], "visit": [0.0, visit], "fever": [0, 1]})
    with pytest.raises(UnusableInputError, match="is empty") as caught:
        read_visits(frame, [YES_NO])
    assert caught.value.where.startswith("row 2, column visit (participant P1")


def test_a_row_without_any_key_is_told_by_its_number_alone():
    frame = pl.DataFrame(
        {"participant": ["P1", None], "visit": [0, None], "fever": [0, 1]},
        schema_overrides={"visit": pl.Int64},
    )
    with pytest.raises(UnusableInputError) as caught:
        read_visits(frame, [YES_NO])
    assert caught.value.where == "row 2, column participant"


@pytest.mark.parametrize("key", ["participant", "visit"])
def test_lists_name_no_participant_and_no_visit(key: str):
    frame = table(fever=[0, 1]).with_columns(pl.Series(key, [[1], [2]]))
    with pytest.raises(UnusableInputError) as caught:
        read_visits(frame, [YES_NO])
    assert caught.value.where == f"column {key}"


@pytest.mark.parametrize(
    ("visits", "order"),
    [
        ([date(2026, 3, 1), date(2026, 1, 1), date(2026, 2, 1)], [1, 2, 0]),
        ([2.5, -1.0, 0.0], [1, 2, 0]),
        ([8, 0, 4], [1, 2, 0]),
        (["week 8", "week 0", "week 4"], [0, 1, 2]),  # names stand in the order of their rows
    ],
    ids=["dates", "decimals", "numbers", "names"],
)
def test_the_order_of_visits(visits: list, order: list[int]):
    frame = pl.DataFrame({"participant": ["P1"] * 3, "visit": visits, "level": [0, 1, 2]})
    seen: list[list[int]] = []

    def look(rows: pl.LazyFrame) -> pl.LazyFrame:
        seen.append(rows.collect()["level"].to_list())
        return rows

    given_back = in_visit_order(read_visits(frame, [GRADE]), look).collect()
    assert seen == [order]
    assert given_back["level"].to_list() == [0, 1, 2]


@pytest.mark.parametrize(
    ("where", "moved"),
    [
        ("row 3, column visit (participant P1, visit row 3)", "row 13, column visit (participant "
         "P1, visit row 3)"),
        ("column visit", "column visit"),
        ("", ""),
    ],
)  # fmt: skip
def test_an_error_about_a_part_is_told_with_the_row_of_the_whole(where: str, moved: str):
    error = UnusableInputError("is empty", where=where, remedy="fill it")
    told = in_other_table(error, lambda row: row + 10)
    assert (told.what, told.where, told.remedy) == ("is empty", moved, "fill it")
