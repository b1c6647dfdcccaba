"""The renal rule of BILAG-2004 at each of its limits, as specification 2.4 writes them.

Every expected letter is read off the written rule by hand. "+" is a criterion of A that is decisive
(active sediment), put beside the one in question: two criteria are A, the one alone is B.
"""

import polars as pl
import pytest

from trialwright import sle
from trialwright.sle.bilag_2004.items import ITEMS

HEALTHY = {item.key: item.absent for item in ITEMS}
UNMEASURED = {"protein_24h": None, "upcr": None, "uacr": None}
SEDIMENT = {"active_urinary_sediment": 1}


def letters(*visits: dict, **options: str) -> list[str]:
    """The renal letter of each of the participant's visits."""
    rows = [
        {"participant": "P1", "visit": number, **HEALTHY, **cells}
        for number, cells in enumerate(visits)
    ]
    frame = pl.DataFrame(rows, infer_schema_length=None, strict=False)
    return sle.score("bilag-2004", frame, **options)["renal"].to_list()


@pytest.mark.parametrize(
    ("key", "unit"), [("protein_24h", 0.01), ("upcr", 1.0), ("uacr", 1.0)], ids=lambda it: str(it)
)
class TestAmountsOfProtein:
    """Limits in hundredths of a gram and in mg/mmol: above 100 severe, from 50 B, above 25 C."""

    @pytest.mark.parametrize(
        ("amount", "alone", "with_sediment"),
        [
            (25, "E", "B"),
            (25.1, "C", "B"),
            (49.9, "C", "B"),
            (50, "B", "B"),
            (100, "B", "B"),
            (100.1, "B", "A"),
        ],
    )
    def test_first_visit(self, key: str, unit: float, amount, alone, with_sediment):
        cells = UNMEASURED | {key: amount * unit}
        assert letters(cells) == [alone]
        assert letters(cells | SEDIMENT) == [with_sediment]

    @pytest.mark.parametrize(
        ("before", "now", "letter"),
        [
            (200, 150, "B"),  # fallen by exactly 25%: only the sediment counts
            (200, 150.1, "A"),
            (200, 400, "A"),
            (140, 105, "B"),
            (140, 105.1, "A"),
        ],
    )
    def test_a_fall_by_a_quarter_is_no_deterioration(self, key, unit, before, now, letter):
        visits = [UNMEASURED | {key: amount * unit} | SEDIMENT for amount in (before, now)]
        assert letters(*visits)[1] == letter

    @pytest.mark.parametrize(("before", "now", "letter"), [(80, 60, "C"), (80, 60.1, "B")])
    def test_the_same_fall_below_the_severe_limit(self, key, unit, before, now, letter):
        visits = [UNMEASURED | {key: amount * unit} for amount in (before, now)]
        assert letters(*visits)[1] == letter

    def test_any_amount_above_the_third_limit_is_c_however_far_it_fell(self, key, unit):
        visits = [UNMEASURED | {key: amount * unit} for amount in (400, 26)]
        assert letters(*visits)[1] == "C"


@pytest.mark.parametrize(
    ("before", "now", "letter"),
    [
        (0, 1, "C"),  # a rise by one level to 1+
        (0, 2, "B"),  # by two levels: a criterion of A
        (1, 2, "B"),  # by one level to 2+
        (2, 2, "C"),
        (2, 1, "C"),
        (3, 4, "B"),
        (None, 4, "C"),  # no rise can be shown
    ],
)
def test_dipstick_where_nothing_is_quantified(before: int | None, now: int, letter: str):
    visits = [UNMEASURED | {"dipstick_protein": level} for level in (before, now)]
    assert letters(*visits)[1] == letter


@pytest.mark.parametrize(("before", "now", "letter"), [(0, 2, "A"), (1, 2, "B"), (2, 4, "A")])
def test_two_levels_of_the_dipstick_are_severe_and_one_is_not(before, now, letter):
    visits = [UNMEASURED | {"dipstick_protein": level} | SEDIMENT for level in (before, now)]
    assert letters(*visits)[1] == letter


@pytest.mark.parametrize(
    ("before", "now", "alone", "with_sediment"),
    [
        (100, 130, "E", "B"),  # 130 µmol/L is not above 130
        (100, 130.1, "B", "A"),  # 130.1%
        (101, 131, "B", "B"),  # 129.7%: B by the lesser loss of function
        (200, 260, "B", "B"),  # exactly 130%
        (200, 260.1, "B", "A"),
        (200, 230, "B", "B"),  # exactly 115%
        (200, 229.9, "E", "B"),
    ],
)
def test_creatinine(before: float, now: float, alone: str, with_sediment: str):
    assert letters({"creatinine": before}, {"creatinine": now})[1] == alone
    assert (
        letters({"creatinine": before} | SEDIMENT, {"creatinine": now} | SEDIMENT)[1]
        == with_sediment
    )


@pytest.mark.parametrize(
    ("before", "now", "letter"),
    [
        (120, 80, "E"),  # 66.7%, and 80 is not below 80
        (120, 79.9, "B"),  # 66.6%
        (100, 67, "E"),  # exactly 67%
        (100, 66.9, "B"),
        (60, 50, "E"),  # 50 is not below 50
        (60, 49.9, "B"),
        (50, 49, "E"),  # 50 before is not above 50
        (50.1, 49, "B"),
        (None, 49, "B"),  # not measured before
        (None, 51, "E"),
    ],
)
def test_filtration_rate(before: float | None, now: float, letter: str):
    assert letters({"gfr": before}, {"gfr": now})[1].replace("D", "E") == letter


@pytest.mark.parametrize(
    ("before", "now", "letter"),
    [
        ((120, 80), (150, 95), "C"),
        ((121, 80), (150, 95), "E"),  # systolic rise of 29
        ((120, 81), (150, 95), "E"),  # diastolic rise of 14
        ((110, 70), (140, 95), "E"),  # 140 is not above 140
        ((110, 70), (150, 90), "E"),  # 90 is not above 90
        ((None, None), (200, 120), "E"),  # no rise can be shown
    ],
)
def test_rising_blood_pressure(before: tuple, now: tuple, letter: str):
    visits = [dict(zip(("sbp", "dbp"), pressures, strict=True)) for pressures in (before, now)]
    assert letters(*visits)[1].replace("D", "E") == letter


CRITERIA = {
    "severe proteinuria": {"upcr": 101},
    "hypertension": {"accelerated_hypertension": 1},
    "function": {"gfr": 45},
    "sediment": SEDIMENT,
    "nephritis": {"active_nephritis": 1},
    "nephrotic": {"nephrotic_syndrome": 1},
}
DECISIVE = {"severe proteinuria", "sediment", "nephritis"}
PAIRS = [(one, other) for one in CRITERIA for other in CRITERIA if one < other]


@pytest.mark.parametrize("name", CRITERIA)
def test_one_criterion_of_six_is_b(name: str):
    assert letters(CRITERIA[name]) == ["B"]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_two_criteria_are_a_if_one_is_decisive(one: str, other: str):
    letter = "A" if DECISIVE & {one, other} else "B"
    assert letters(CRITERIA[one] | CRITERIA[other]) == [letter]


def test_three_criteria_without_a_decisive_one_stay_b():
    three = CRITERIA["hypertension"] | CRITERIA["function"] | CRITERIA["nephrotic"]
    assert letters(three) == ["B"]


def test_the_previous_value_is_that_of_the_preceding_assessed_visit():
    nothing = {item.key: None for item in ITEMS if item.group == "renal"}
    assert letters({"upcr": 200}, nothing, {"upcr": 150})[2] == "C"
    # A visit at which other renal items were assessed is the previous one; its UPCR is missing.
    assert letters({"upcr": 200}, {**UNMEASURED, "sbp": 120}, {"upcr": 150})[2] == "B"


@pytest.mark.parametrize(
    ("policy", "protein", "creatinine"),
    [
        ("as written", "A", "B"),
        ("met", "A", "A"),
        ("not met", "B", "B"),
        ("unknown", "A..B", "A..B"),
    ],
)
def test_without_a_previous_value(policy: str, protein: str, creatinine: str):
    """A first UPCR of 120, and a first creatinine of 200, each with an active sediment."""
    first = letters({"upcr": 120} | SEDIMENT, previous_missing=policy)
    assert first == [protein]
    first = letters({"creatinine": 200} | SEDIMENT, previous_missing=policy)
    assert first == [creatinine]


def test_units_change_no_letter():
    def both(upcr: float, unit: str) -> str:
        return letters({"upcr": upcr, "upcr_unit": unit} | SEDIMENT)[0]

    # 1 mg/mmol is 8.84 mg/g by molar mass of creatinine, 113.12 g/mol.
    assert [both(100, "mg/mmol"), both(101, "mg/mmol")] == ["B", "A"]
    assert [both(884, "mg/g"), both(893, "mg/g")] == ["B", "A"]
    assert letters({"protein_24h": 1001, "protein_24h_unit": "mg"} | SEDIMENT) == ["A"]
