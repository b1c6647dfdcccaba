"""The BILAG clause of SRI, letter by letter and system by system (specification 3.1 and 3.2)."""

from itertools import combinations, product

import polars as pl
import pytest

from trialwright import sle
from trialwright.sle.bilag_2004 import SYSTEMS

CERTAIN = list("ABCDE")
# Specification 3.2: worsening to A from any letter, to B from C, D or E; nothing else counts.
NEW_A = {("B", "A"), ("C", "A"), ("D", "A"), ("E", "A")}
NEW_B = {("C", "B"), ("D", "B"), ("E", "B")}


def verdicts(pairs: list[dict[str, tuple[str | None, str | None]]], **options) -> pl.DataFrame:
    """A participant for each entry: its systems at baseline and at the visit; the others at C."""
    rows = []
    for number, letters in enumerate(pairs):
        for visit in (0, 1):
            systems = {system: letters.get(system, ("C", "C"))[visit] for system in SYSTEMS}
            points = {"selena_sledai": 10 - 6 * visit, "pga": 1.0, "treatment_failure": 0}
            rows.append({"participant": number, "visit": visit, **points, **systems})
    frame = pl.DataFrame(rows, infer_schema_length=None)
    return sle.score("sri", frame, missing="missing", **options)


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_pair_of_letters(system: str):
    pairs = list(product(CERTAIN, CERTAIN))
    found = verdicts([{system: pair} for pair in pairs])
    assert found["sri_4_new_a"].to_list() == [int(pair in NEW_A) for pair in pairs]
    assert found["sri_4_new_b"].to_list() == [int(pair in NEW_B) for pair in pairs]
    assert found["sri_4_bilag"].to_list() == [pair not in NEW_A for pair in pairs]


def test_one_new_b_is_allowed_wherever_it_is_and_two_are_not():
    new_b = ("D", "B")
    one = [{system: new_b} for system in SYSTEMS]
    two = [dict.fromkeys(pair, new_b) for pair in combinations(SYSTEMS, 2)]
    assert verdicts(one)["sri_4"].to_list() == [True] * 9
    assert verdicts(two)["sri_4"].to_list() == [False] * 36


def test_a_new_a_in_any_system_fails_also_without_a_new_b():
    found = verdicts([{system: ("B", "A")} for system in SYSTEMS])
    assert found["sri_4"].to_list() == [False] * 9
    assert set(found["sri_4_reason"]) == {"new BILAG activity"}


def test_from_a_to_b_in_every_system_is_no_new_b():
    found = verdicts([dict.fromkeys(SYSTEMS, ("A", "B"))])
    assert found["sri_4_new_b"].item() == 0
    assert found["sri_4"].item() is True


@pytest.mark.parametrize(
    ("letters", "as_written", "literally"),
    [
        ({}, True, True),
        ({"renal": ("C", "A")}, False, True),  # no more than one new B
        ({"renal": ("C", "B"), "ophthalmic": ("C", "B")}, False, True),  # no new A
        ({"renal": ("C", "B"), "ophthalmic": ("C", "B"), "musculoskeletal": ("B", "A")},
         False, False),
    ],
)  # fmt: skip
def test_the_literal_or_lets_nearly_everyone_pass(letters, as_written, literally):
    assert verdicts([letters])["sri_4_bilag"].item() is as_written
    assert verdicts([letters], clauses="or")["sri_4_bilag"].item() is literally


@pytest.mark.parametrize(
    ("letters", "verdict", "new_a", "new_b"),
    [
        # An interval is decided where every completion agrees, else it is open.
        ({"renal": ("D", "C..E")}, True, 0, 0),
        ({"renal": ("D", "B..C")}, True, 0, None),  # one new B at most
        ({"renal": ("D", "A..C")}, None, None, None),
        ({"renal": ("D", "A..B")}, None, None, None),  # a new A, or the one new B
        ({"renal": ("A..B", "B")}, True, 0, 0),
        ({"renal": ("A..B", "A")}, None, None, 0),
        ({"renal": ("B..C", "B"), "ophthalmic": ("D", "B")}, None, 0, None),
        ({"renal": ("C", "A..B"), "ophthalmic": ("D", "B")}, False, None, None),
        ({"renal": ("C", None)}, None, None, None),
        ({"renal": (None, "C")}, True, 0, 0),
        ({"renal": (None, "A")}, None, None, 0),
    ],
)
def test_intervals_and_systems_that_were_not_graded(letters, verdict, new_a, new_b):
    found = verdicts([letters]).row(0, named=True)
    assert found["sri_4_bilag"] is verdict
    assert found["sri_4_new_a"] == new_a
    assert found["sri_4_new_b"] == new_b


@pytest.mark.parametrize("x", [4, 5, 6, 7, 8])
def test_the_fall_that_is_needed(x: int):
    """A fall of x is a response, of x − 1 none; from a total below x there can be none."""
    rows = []
    for number, (base, now) in enumerate([(20, 20 - x), (20, 21 - x), (x, 0), (x - 1, 0)]):
        for visit, total in enumerate((base, now)):
            quiet = {"pga": 1.0, "treatment_failure": 0, **dict.fromkeys(SYSTEMS, "D")}
            rows.append({"participant": number, "visit": visit, "selena_sledai": total, **quiet})
    found = sle.score("sri", pl.DataFrame(rows), x=x)
    assert found[f"sri_{x}"].to_list() == [True, False, True, False]
    assert found[f"sri_{x}_attainable"].to_list() == [True, True, True, False]


@pytest.mark.parametrize(
    ("scale", "base", "now", "met"),
    [
        # Specification 0.3: in binary 2.3 − 2.0 is less than 0.3; in decimals it is 0.3.
        ("0-3", 2.0, 2.3, False),
        ("0-3", 1.0, 1.3, False),
        ("0-3", 0.6, 0.9, False),
        ("0-3", 1.2, 1.5, False),
        ("0-3", 2.0, 2.29, True),
        ("0-3", 2.3, 2.0, True),
        ("0-10", 3.3, 4.3, False),
        ("0-10", 3.3, 4.29, True),
        ("0-100", 66.7, 76.7, False),
        ("0-100", 66.7, 76.6, True),
    ],
)
def test_a_rise_of_a_tenth_of_the_scale_fails(scale: str, base: float, now: float, met: bool):
    rows = [
        {"participant": 1, "visit": visit, "selena_sledai": 10 - 6 * visit, "pga": pga,
         "treatment_failure": 0, **dict.fromkeys(SYSTEMS, "D")}
        for visit, pga in enumerate((base, now))
    ]  # fmt: skip
    assert sle.score("sri", pl.DataFrame(rows), pga_scale=scale)["sri_4_pga"].item() is met
