"""BILAG-2004 flare against a plain reference, where every item is assessed, and what stays open."""

from itertools import groupby

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from sle.bilag_2004 import reference as bilag
from sle.bilag_2004.tables import bilag_table
from sle.random_visits import shuffled
from trialwright import sle

SEVERITY = "EDCBA"


def fresh(system: str, grade: str, visit: dict) -> bool:
    """Whether an item of the set that gives `grade` is worse or new."""
    if system == "constitutional":
        keys = bilag.NUMBERED[1:4] if grade == "C" else bilag.NUMBERED[:4]
    else:
        keys = [bilag.NUMBERED[n - 1] for n in bilag.SETS[system]["ABC".index(grade)]]
    return any(visit[key] >= 3 for key in keys)


def flares(visits: list[dict]) -> list[tuple]:
    """Flare, new A and new B at each visit of one participant with every item assessed."""
    result, before = [], None
    for visit, grades in zip(visits, bilag.grades(visits), strict=True):
        count = dict.fromkeys("ABC", 0)
        for system, grade in grades.items():
            if grade not in count:
                continue
            if system in ("renal", "haematological"):
                risen = before and SEVERITY.index(grade) > SEVERITY.index(before[system])
                count[grade] += None if before is None else risen
            else:
                count[grade] += fresh(system, grade, visit)
        severe, moderate = count["A"] >= 1, count["B"] >= 2
        mild = count["B"] == 1 or count["C"] >= 3
        flare = "severe" if severe else "moderate" if moderate else "mild" if mild else "none"
        if before is None:
            result.append((None, None))
        else:
            new_a = sum(grades[s] == "A" and before[s] != "A" for s in grades)
            new_b = sum(grades[s] == "B" and before[s] in "CDE" for s in grades)
            result.append((new_a, new_b))
        result[-1] = (flare, *result[-1])
        before = grades
    return result


HEALTHY = {item.key: item.absent for item in sle.INSTRUMENTS["bilag-2004"].items}


def starting_quiet(visits: int, seed: int, unassessed: float = 0) -> pl.DataFrame:
    """Random visits with normal blood counts, after a first visit with nothing present."""
    table = bilag_table(visits, seed=seed, unassessed=unassessed, present=0.02)
    counts = ("haemoglobin", "wcc", "neutrophils", "lymphocytes", "platelets")
    quiet = pl.col("visit") == 0
    return table.with_columns(
        pl.when(pl.lit(True) if key in counts else quiet)
        .then(pl.lit(value))
        .otherwise(pl.col(key))
        .cast(table[key].dtype)
        .alias(key)
        for key, value in HEALTHY.items()
    )


COLUMNS = ["bilag_2004_flare", "bilag_2004_new_a", "bilag_2004_new_b"]


def with_holes(visits: pl.DataFrame, seed: int) -> pl.DataFrame:
    """The visits with some of the graded items not assessed, on half of the visits."""
    graded = [i.key for i in sle.INSTRUMENTS["bilag-2004"].items if i.group in bilag.SETS]
    holes = bilag_table(visits.height, seed=seed, unassessed=0.005)
    return visits.with_columns(
        pl.when(holes[key].is_null() & (pl.int_range(pl.len()) % 2 == 0))
        .then(None)
        .otherwise(pl.col(key))
        .alias(key)
        for key in graded
    )


def test_equals_the_reference_on_100_000_visits():
    """Where something is not assessed, what is said all the same is what the whole visit says."""
    visits = starting_quiet(100_000, seed=52)
    expected = [
        flare
        for piece in visits.iter_slices(4_000)
        for _, rows in groupby(piece.to_dicts(), lambda row: row["participant"])
        for flare in flares(list(rows))
    ]

    scored = sle.score("bilag-2004-flare", shuffled(visits)).sort("participant", "visit")
    partly = sle.score("bilag-2004-flare", with_holes(visits, seed=53))

    assert scored.select(COLUMNS).rows() == expected
    assert set(scored["bilag_2004_flare"].unique()) == {"none", "mild", "moderate", "severe"}
    a, b = scored["bilag_2004_new_a"], scored["bilag_2004_new_b"]
    assert scored["new_a_or_new_b"].to_list() == ((a > 0) | (b > 0)).to_list()
    assert scored["new_a_or_two_new_b"].to_list() == ((a > 0) | (b > 1)).to_list()
    for column in [*COLUMNS, "new_a_or_new_b", "new_a_or_two_new_b"]:
        left_open = partly[column].is_null()
        assert (left_open | (partly[column] == scored[column])).all(), column
        assert 1_000 < left_open.sum() < 99_000, column


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10_000))
def test_a_flare_that_is_given_holds_for_completions(seed: int):
    full = starting_quiet(400, seed=seed)

    given_anyway = sle.score("bilag-2004-flare", with_holes(full, seed + 1))
    known = sle.score("bilag-2004-flare", full)

    for column in [*COLUMNS, "new_a_or_two_new_b"]:
        same = (given_anyway[column] == known[column]) | given_anyway[column].is_null()
        assert same.all(), column


def test_laziness_changes_nothing():
    visits = starting_quiet(400, seed=3, unassessed=0.02)
    scored = sle.score("bilag-2004-flare", visits)
    assert_frame_equal(sle.score("bilag-2004-flare", visits.lazy()).collect(), scored)


def test_the_explanation_names_letters_and_items():
    rows = [HEALTHY | {"participant": "P1", "visit": visit} for visit in (0, 1)]
    rows[1] |= {"arthritis_severe": 4, "hepatitis": 2}
    text = sle.explain("bilag-2004-flare", pl.DataFrame(rows), "P1", 1)
    assert "flare: severe" in text
    assert "new A 1, new B 1" in text
    assert "musculoskeletal A; Arthritis, severe: new" in text
    assert "gastrointestinal B; no item new or worse" in text
