"""The BILAG clauses of BICLA, letter by letter and system by system (specification 4.1)."""

from itertools import combinations, product

import polars as pl
import pytest

from trialwright import sle
from trialwright.errors import UnusableInputError
from trialwright.sle.bilag_2004 import SYSTEMS

IMPROVED = {("A", "B"), ("A", "C"), ("A", "D"), ("B", "C"), ("B", "D")}
QUIET = {"sledai_2k": 6, "pga": 1.0, "treatment_failure": 0}


def verdicts(pairs: list[dict[str, tuple[str | None, str | None]]], **options) -> pl.DataFrame:
    """A participant for each entry; one system, unless it is named, goes from A to D."""
    rows = []
    for number, letters in enumerate(pairs):
        for visit in (0, 1):
            given = {"constitutional": ("A", "D")} | letters
            systems = {system: given.get(system, ("D", "D"))[visit] for system in SYSTEMS}
            rows.append({"participant": number, "visit": visit, **QUIET, **systems})
    frame = pl.DataFrame(rows, infer_schema_length=None)
    return sle.score("bicla", frame, missing="missing", **options)


@pytest.mark.parametrize("system", SYSTEMS[1:])
def test_every_pair_of_letters(system: str):
    """Active systems must fall; from C, D or E none may reach A, and one may reach B."""
    pairs = [
        (before, now)
        for before, now in product("ABCDE", "ABCDE")
        if not (now == "E" and before in "ABC")
    ]
    found = verdicts([{system: pair} for pair in pairs])
    expected = [
        pair in IMPROVED if pair[0] in "AB" else pair[1] != "A"  # one new B is allowed
        for pair in pairs
    ]
    assert found["bicla"].to_list() == expected
    assert found["bicla_improved"].to_list() == [
        pair in IMPROVED or pair[0] not in "AB" for pair in pairs
    ]


def test_two_new_b_fail_wherever_they_are():
    two = [dict.fromkeys(pair, ("D", "B")) for pair in combinations(SYSTEMS[1:], 2)]
    found = verdicts(two)
    assert found["bicla"].to_list() == [False] * 28
    assert set(found["bicla_reason"]) == {"new BILAG activity"}


def test_every_system_that_was_active_must_improve():
    eight = dict.fromkeys(SYSTEMS[1:], ("B", "C"))
    assert verdicts([eight])["bicla"].item() is True
    for system in SYSTEMS[1:]:
        assert verdicts([eight | {system: ("B", "B")}])["bicla"].item() is False


@pytest.mark.parametrize(
    ("letters", "default", "as_failure"),
    [
        ("C", None, False),
        ("D", None, False),
        ("E", None, False),
        ("A", True, True),
        ("B", True, True),
    ],
)
def test_without_a_or_b_at_baseline_nothing_can_improve(letters, default, as_failure):
    """The vacuous truth: no active system, so that every one of them improved."""
    now = "E" if letters == "E" else "D"
    entry = [{"constitutional": (letters, now)}]
    assert verdicts(entry)["bicla"].item() is default
    assert verdicts(entry, inactive_baseline="no response")["bicla"].item() is as_failure
    assert verdicts(entry)["bicla_evaluable"].item() is (letters in "AB")


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("before", ["A", "B", "C", "A..C"])
def test_never_affected_after_activity_is_refused_in_any_system(system: str, before: str):
    with pytest.raises(UnusableInputError) as caught:
        verdicts([{system: (before, "E")}])
    assert caught.value.what == f"{system} is graded E, never affected, and was active at baseline"
    assert caught.value.where == f"column {system} (participant 0, visit 1)"
    assert caught.value.remedy == "write D where a system was affected before"


def scored(now: dict, base: dict | None = None, **options) -> dict:
    """One participant whose constitutional system improves from A to D."""
    at = {"constitutional": "A"}, {"constitutional": "D"}
    rows = [
        {
            "participant": 1,
            "visit": visit,
            **dict.fromkeys(SYSTEMS, "D"),
            **QUIET,
            **letters,
            **cells,
        }
        for visit, (letters, cells) in enumerate(zip(at, (base or {}, now), strict=True))
    ]
    return sle.score("bicla", pl.DataFrame(rows), **options).row(0, named=True)


@pytest.mark.parametrize(("total", "met"), [(5, True), (6, True), (7, False)])
def test_sledai_may_not_rise_at_all(total: int, met: bool):
    assert scored({"sledai_2k": total})["bicla"] is met


@pytest.mark.parametrize(
    ("now", "original", "tulip"),
    [(1.29, True, True), (1.3, True, False), (1.31, False, False), (0.2, True, True)],
)
def test_the_two_pga_rules_differ_at_a_tenth_exactly(now: float, original: bool, tulip: bool):
    assert scored({"pga": now})["bicla"] is original
    assert scored({"pga": now}, pga_rule="tulip")["bicla"] is tulip


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"treatment_failure": 1}, "treatment failure"),
        ({"treatment_failure": None}, "treatment failure not stated"),
        ({"pga": None}, "PGA not assessed"),
        ({"sledai_2k": None}, "SLEDAI not assessed"),
        ({"sledai_2k": 7, "pga": 1.4}, "SLEDAI worse; PGA worse"),
        ({}, "response"),
    ],
)
def test_the_reason_names_what_failed_or_is_open(cells: dict, reason: str):
    assert scored(cells)["bicla_reason"] == reason
    assert scored(cells)["bicla"] is (reason == "response")
