"""Grades by items alone: each item at each code, each blood count at its limits (specification 2.3, 2.5)."""

from itertools import product

import polars as pl
import pytest

from trialwright import sle
from trialwright.sle.bilag_2004.items import ITEMS

HEALTHY = {item.key: item.absent for item in ITEMS}

# Numbers of the items in the score sheet, by the set that drives a grade (specification 2.3).
SHEET = {
    "mucocutaneous": ({5, 7, 9, 11, 13}, {6, 12, 14, 15}, {8, 10, 16, 17, 18}),
    "neuropsychiatric": (
        {19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 31, 36},
        {30, 32, 33, 34, 35, 37, 38},
        set(),
    ),
    "musculoskeletal": ({39, 41}, {40, 42}, {43}),
    "cardiorespiratory": ({45, 46, 47, 49, 50, 51, 52, 53, 54, 55}, {44, 48}, set()),
    "gastrointestinal": ({56, 58, 61, 63, 64}, {57, 59, 60, 62}, set()),
    "ophthalmic": ({65, 66, 69, 72, 74, 76, 77}, {67, 68, 70, 73}, {71, 75}),
}
# Letters at codes 0, 1 (improving), 2 (same), 3 (worse), 4 (new), and not assessed.
LETTERS = (
    ["E", "B", "A", "A", "A", "A..E"],
    ["E", "C", "B", "B", "B", "B..E"],
    ["E", "C", "C", "C", "C", "C..E"],
)


def graded(cells: list[dict]) -> pl.DataFrame:
    """Each visit as a participant of its own, so that none has a history."""
    rows = [
        {"participant": number, "visit": 0, **HEALTHY, **cells}
        for number, cells in enumerate(cells)
    ]
    return sle.score("bilag-2004", pl.DataFrame(rows, infer_schema_length=None, strict=False))


@pytest.mark.parametrize("system", SHEET)
@pytest.mark.parametrize("kind", [0, 1, 2], ids=["set a", "set b", "set c"])
def test_each_item_alone_at_each_code(system: str, kind: int):
    for number in SHEET[system][kind]:
        key = ITEMS[number - 1].key
        got = graded([{key: code} for code in (0, 1, 2, 3, 4, None)])
        assert got[system].to_list() == LETTERS[kind], key


def test_the_sheet_holds_every_graded_item_once():
    numbers = [number for sets in SHEET.values() for one in sets for number in one]
    assert sorted(numbers) == list(range(5, 78))


def test_constitutional_by_counting():
    """All 625 answers to the four questions, with the rule said in words about counts."""
    codes = list(product(range(5), repeat=4))
    keys = ("pyrexia", "weight_loss", "lymphadenopathy_splenomegaly", "anorexia")
    expected = []
    for fever, *others in codes:
        active = [code for code in others if code in (2, 3, 4)]
        signs = (fever in (2, 3, 4)) + (len(active) >= 2)
        if signs == 2:
            expected.append("A")
        elif signs == 1:
            expected.append("B")
        else:
            expected.append("C" if any((fever, *others)) else "E")
    cells = [dict(zip(keys, code, strict=True)) for code in codes]
    assert graded(cells)["constitutional"].to_list() == expected


@pytest.mark.parametrize(
    ("key", "at_a", "at_b", "at_c", "healthy"),
    [
        # The highest value below each limit, and the limit itself, which is in the next grade.
        ("haemoglobin", [7.99, 1], [8, 8.99], [9, 10.99], [11, 14]),
        ("wcc", [0.99, 0], [1, 1.99], [2, 3.99], [4, 400]),
        ("neutrophils", [0.49, 0], [0.5, 0.99], [1, 1.99], [2, 20]),
        ("platelets", [24.9, 0], [25, 49.9], [50, 149.9], [150, 900]),
        ("lymphocytes", [], [], [0.99, 0], [1, 1.5]),
        ("ttp", [2, 3, 4], [1], [], [0]),
        ("active_haemolysis", [], [1], [], [0]),
        ("coombs_isolated", [], [], [1], [0]),
    ],
)
def test_hematological_limits(key: str, at_a, at_b, at_c, healthy):
    for letter, values in (("A", at_a), ("B", at_b), ("C", at_c), ("E", healthy)):
        got = graded([{key: value} for value in values] or [{}])["haematological"].to_list()
        assert got == [letter if values else "E"] * max(len(values), 1), values


def test_printed_ranges_leave_no_gap():
    # Printed "25-49" and "50-149" for platelets, "8-8.9" and "9-10.9" for hemoglobin.
    got = graded([{"platelets": 49.5}, {"haemoglobin": 8.95}, {"wcc": 1.95}, {"neutrophils": 0.95}])
    assert got["haematological"].to_list() == ["B"] * 4


def test_the_worst_count_decides():
    got = graded([{"haemoglobin": 10, "platelets": 40}, {"wcc": 3, "ttp": 4, "platelets": 30}])
    assert got["haematological"].to_list() == ["B", "A"]


@pytest.mark.parametrize(
    ("key", "interval"),
    [
        ("haemoglobin", "A..E"),
        ("lymphocytes", "C..E"),
        ("ttp", "A..E"),
        ("active_haemolysis", "B..E"),
        ("coombs_isolated", "C..E"),
        ("pyrexia", "B..E"),
        ("anorexia", "C..E"),
        ("accelerated_hypertension", "B..E"),
        ("active_nephritis", "B..E"),
    ],
)
def test_what_one_unassessed_item_leaves_open(key: str, interval: str):
    system = next(item.group for item in ITEMS if item.key == key)
    assert graded([{key: None}])[system].to_list() == [interval]


@pytest.mark.parametrize(
    ("cells", "letter"),
    [
        ({"haemoglobin": None, "platelets": 10}, "A"),
        ({"coombs_isolated": None, "platelets": 100}, "C"),
        ({"coombs_isolated": None, "ttp": 1}, "B"),
        ({"lymphocytes": None, "wcc": 3}, "C"),
    ],
)
def test_an_unassessed_item_that_cannot_matter_leaves_one_letter(cells: dict, letter: str):
    assert graded([cells])["haematological"].to_list() == [letter]


def test_nine_systems_at_a_are_108_points():
    # 9 × 12 (specification 2.7); in the other schemes 9 × 9 = 81 and 9 × 12 = 108.
    all_a = {ITEMS[number - 1].key: 4 for number in (1, 2, 3, 5, 19, 39, 45, 56, 65)}
    all_a |= {"active_nephritis": 1, "active_urinary_sediment": 1, "platelets": 3}
    row = {"participant": 1, "visit": 0, **HEALTHY, **all_a}
    frame = pl.DataFrame([row], infer_schema_length=None, strict=False)
    for scheme, points in (("12-8-1", 108), ("9-3-1", 81), ("12-5-1", 108)):
        assert sle.score("bilag-2004", frame, scheme=scheme)["bilag_2004"].item() == points
