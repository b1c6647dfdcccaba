"""Each kind of bad input, as a file given to `score`: one error with row, column and remedy, and 2."""

from pathlib import Path

import polars as pl
import pytest

from trialwright import sle
from trialwright.errors import UnusableInputError
from trialwright.sle.bilag_2004 import SYSTEMS

KEYS = [item.key for item in sle.INSTRUMENTS["sledai-2k"].items]
SLEDAI = pl.DataFrame(
    [
        {"participant": name, "visit": week, **dict.fromkeys(KEYS, 0)}
        for name in ("P1", "P2")
        for week in (0, 4)
    ]
)
SRI = pl.DataFrame(
    [
        {"participant": name, "visit": week, "selena_sledai": 8, "pga": 1.0, "treatment_failure": 0}
        | dict.fromkeys(SYSTEMS, "D")
        for name, week in (("P1", 0), ("P1", 4), ("P2", 4))
    ]
)
RENAL = pl.DataFrame(
    {"participant": ["P1"], "visit": [0], "upcr": [0.5], "egfr": [90], "treatment_failure": [0]}
)


def changed(table: pl.DataFrame, column: str, row: int, value: object) -> pl.DataFrame:
    """The table as text with another value in one cell."""
    cell = pl.col(column).cast(pl.String)
    here = pl.int_range(pl.len()) == row - 1
    return table.with_columns(pl.when(here).then(pl.lit(str(value))).otherwise(cell).alias(column))


THIRD = "row 3, column {} (participant P2, visit 0)"
MISTAKES = {
    "unknown item key": (
        "sledai-2k", SLEDAI.rename({"alopecia": "alopezia"}), [],
        "column alopezia", "column alopecia is missing", "rename alopezia to alopecia"),
    "value out of range": (
        "sri", changed(SRI, "pga", 3, 3.01), [],
        "row 3, column pga (participant P2, visit 4)", "is out of range", "pga lies from 0 to 3"),
    "neither yes nor no": (
        "sledai-2k", changed(SLEDAI, "rash", 3, "perhaps"), [],
        THIRD.format("rash"), "is neither yes nor no", "write yes, no, 1 or 0"),
    "negative count": (
        "sledai-2k", changed(SLEDAI.with_columns(joint_count=2), "joint_count", 3, -4), [],
        THIRD.format("joint_count"), "is out of range", "joint_count lies from 0 to 68"),
    "text in a number column": (
        "sledai-2k", changed(SLEDAI.with_columns(platelets=200), "platelets", 3, "low"), [],
        THIRD.format("platelets"), "is no number", "write a number in 10*9/L"),
    "no number": (
        "sledai-2k", changed(SLEDAI.with_columns(platelets=200), "platelets", 3, "NaN"), [],
        THIRD.format("platelets"), "is out of range", "platelets lies from 0 to 3000"),
    "no end": (
        "sledai-2k", changed(SLEDAI.with_columns(platelets=200), "platelets", 3, "inf"), [],
        THIRD.format("platelets"), "is out of range", "platelets lies from 0 to 3000"),
    "a huge number": (
        "sledai-2k", changed(SLEDAI.with_columns(platelets=200), "platelets", 3, "9" * 40), [],
        THIRD.format("platelets"), "is out of range", "platelets lies from 0 to 3000"),
    "two rows for one visit": (
        "sledai-2k", pl.concat([SLEDAI, SLEDAI[2:3]]), [],
        "row 5, column visit (participant P2, visit 0)", "appear a second time", "keep one row"),
    "no visit": (
        "sledai-2k", changed(SLEDAI, "visit", 3, "").with_columns(
            pl.col("visit").replace({"": None})), [],
        "row 3, column visit (participant P2)", "is empty", "names its participant and visit"),
    "missing baseline": (
        "sri", SRI, ["--set", "baseline=0"],
        "column visit", "participant P2 has no baseline visit 0", "add the baseline row"),
    "letter that is none": (
        "sri", changed(SRI, "renal", 3, "F"), [],
        "row 3, column renal (participant P2, visit 4)", "is no code of this item", "write one of E"),
    "unit missing": (
        "renal-response", RENAL, [],
        "row 1, column upcr (participant P1, visit 0)", "has no unit", "add a column upcr_unit"),
    "unit unknown": (
        "renal-response", RENAL.with_columns(upcr_unit=pl.lit("mg")), [],
        "row 1, column upcr_unit (participant P1, visit 0)", "is no unit", "use g/g, mg/g, mg/mmol"),
}  # fmt: skip


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("kind", MISTAKES)
def test_a_file_with_a_mistake_is_refused(trialwright, tmp_path: Path, kind: str, ending: str):
    instrument, table, more, where, what, remedy = MISTAKES[kind]
    file, out = tmp_path / f"visits.{ending}", tmp_path / "scores.csv"
    table.write_csv(file) if ending == "csv" else table.write_parquet(file)

    ran = trialwright("score", instrument, file, "--out", out, *more)

    assert ran.code == 2
    assert ran.out == ""
    assert f"{file}, {where}: " in ran.err
    assert what in ran.err
    assert remedy in ran.err
    assert not out.exists()


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize("kind", MISTAKES)
def test_a_frame_with_a_mistake_is_refused_with_the_same_words(kind: str, lazy: bool):
    instrument, table, more, where, what, remedy = MISTAKES[kind]
    options = {"baseline": 0} if more else {}

    with pytest.raises(UnusableInputError) as caught:
        sle.score(instrument, table.lazy() if lazy else table, **options)

    assert caught.value.where == where
    assert what in caught.value.what
    assert remedy in caught.value.remedy


TEXT = SLEDAI.write_csv()
HEADER, *ROWS = TEXT.splitlines()
FILES = {
    "empty": (b"", "empty CSV"),
    "binary": (bytes(range(256)) * 9, "not UTF-8 text"),
    "cut within a row": (TEXT[:-9].encode(), "row 4: the row has"),
    "a column twice": (
        "\n".join([f"{HEADER},rash", *(f"{row},1" for row in ROWS)]).encode(),
        "the header names rash twice",
    ),
    "another encoding": (TEXT.replace("P2", "Zoë").encode("latin-1"), "not UTF-8 text"),
    "two bytes a letter": (TEXT.encode("utf-16"), "not UTF-8 text"),
    "semicolons": (TEXT.replace(",", ";").encode(), "its cells are separated by semicolons"),
    "tabs": (TEXT.replace(",", "\t").encode(), "its cells are separated by tabs"),
    "words for numbers": (TEXT.replace("P2,0", "P2,start", 1).encode(), ""),
}


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("end", [[], ["--check"], ["--explain", "P1", "0"]], ids=len)
def test_a_file_that_is_no_whole_table_is_refused(trialwright, tmp_path: Path, kind: str, end):
    content, what = FILES[kind]
    file = tmp_path / "visits.csv"
    file.write_bytes(content)

    ran = trialwright("score", "sledai-2k", file, *end)

    if kind == "words for numbers":  # visits are then names, in the order of the rows
        assert ran.code == 0
        return
    assert ran.code == 2
    assert str(file) in ran.err
    assert what in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.rstrip("\n"),
        lambda text: text.replace("P1", '"P1"'),
    ],
    ids=["byte order mark", "Windows line ends", "no last line end", "quoted cells"],
)
def test_what_spreadsheets_write_is_read(trialwright, tmp_path: Path, change):
    plain, other = tmp_path / "plain.csv", tmp_path / "other.csv"
    plain.write_text(TEXT)
    other.write_bytes(change(TEXT).encode())
    assert (
        trialwright("score", "sledai-2k", other).out == trialwright("score", "sledai-2k", plain).out
    )


def test_names_of_participants_stay_as_they_are_written(trialwright, tmp_path: Path):
    file = tmp_path / "visits.csv"
    file.write_text(TEXT.replace("P1", "007").replace("P2", "7"))
    ran = trialwright("score", "sledai-2k", file)
    assert [line.split(",")[0] for line in ran.out.splitlines()[1:]] == ["007", "007", "7", "7"]
    assert "sledai_2k: 0" in trialwright("score", "sledai-2k", file, "--explain", "007", "4").out
