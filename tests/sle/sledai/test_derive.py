"""SLEDAI items from raw values: units, limits, unknown results, and who wins."""

import polars as pl
import pytest

from trialwright import sle
from trialwright.errors import UnusableInputError

ITEMS = [item.key for item in sle.INSTRUMENTS["sledai-2k"].items]


def points(key: str = "sledai-2k", without: tuple[str, ...] = (), **cells: object) -> int | None:
    """The total of a visit with nothing but these cells, without the columns named."""
    row = {"participant": "P1", "visit": 0, **dict.fromkeys(ITEMS, 0), **cells}
    frame = pl.DataFrame([{name: value for name, value in row.items() if name not in without}])
    return sle.score(key, frame)[key.replace("-", "_")][0]


@pytest.mark.parametrize(
    ("item", "cells", "expected"),
    [
        ("hematuria", {"urine_rbc": 5.0}, 0),
        ("hematuria", {"urine_rbc": 6.0}, 4),
        ("pyuria", {"urine_wbc": 5.0}, 0),
        ("pyuria", {"urine_wbc": 5.1}, 4),
        ("fever", {"temperature": 38.0}, 0),
        ("fever", {"temperature": 38.1}, 1),
        ("thrombocytopenia", {"platelets": 100.0}, 0),
        ("thrombocytopenia", {"platelets": 99.9}, 1),
        ("thrombocytopenia", {"platelets": 99_900.0, "platelets_unit": "/uL"}, 1),
        ("leukopenia", {"wbc": 3.0}, 0),
        ("leukopenia", {"wbc": 2.99}, 1),
        ("arthritis", {"joint_count": 1}, 0),
        ("arthritis", {"joint_count": 2}, 4),
        ("proteinuria", {"protein_24h": 0.5, "protein_24h_unit": "g"}, 0),
        ("proteinuria", {"protein_24h": 0.50001, "protein_24h_unit": "g"}, 4),
        ("proteinuria", {"protein_24h": 500.0, "protein_24h_unit": "mg"}, 0),
        ("proteinuria", {"upcr": 501.0, "upcr_unit": "mg/g"}, 4),
        ("proteinuria", {"upcr": 50.0, "upcr_unit": "mg/mmol"}, 0),
        ("increased_dna_binding", {"dna_binding_farr": 25.0}, 0),
        ("increased_dna_binding", {"dna_binding_farr": 25.1}, 2),
        ("increased_dna_binding", {"anti_dsdna": 30.0, "anti_dsdna_upper_limit": 30.0}, 0),
        ("increased_dna_binding", {"anti_dsdna": 31.0, "anti_dsdna_upper_limit": 30.0}, 2),
        ("low_complement", {"ch50": 40.0, "ch50_lower_limit": 41.0}, 2),
    ],
)
def test_strict_limits(item: str, cells: dict, expected: int):
    assert points(without=(item,), **cells) == expected


@pytest.mark.parametrize(
    ("c3", "c4", "ch50", "expected"),
    [
        (80, 5, None, 2),  # C4 alone is low
        (60, None, None, 2),  # C3 is low, whatever C4 is
        (80, None, None, None),  # C4 could be low
        (80, 12, None, 0),
        (None, None, 50, 0),  # a normal CH50 answers the question
        (None, None, 30, 2),
        (80, 12, 30, 2),
    ],
)
def test_complement_is_low_if_any_is_and_unknown_if_it_could_be(c3, c4, ch50, expected):
    limits = {"c3_lower_limit": 75.0, "c4_lower_limit": 10.0, "ch50_lower_limit": 42.0}
    cells = {"c3": c3, "c4": c4, "ch50": ch50}
    assert points(without=("low_complement",), **cells, **limits) == expected


def test_an_item_that_is_given_is_not_overruled():
    raw = {"platelets": 50.0}
    assert points(thrombocytopenia=0, **raw) == 0
    assert points(thrombocytopenia=None, **raw) == 1


def test_a_value_counts_in_grams_whichever_way_it_was_measured():
    # 24 h urine comes first; the ratio stands in where there is none.
    both = {"protein_24h_unit": "g", "upcr": 2.0, "upcr_unit": "g/g"}
    assert points(without=("proteinuria",), protein_24h=0.2, **both) == 0
    assert points(without=("proteinuria",), protein_24h=None, **both) == 4


def test_units_that_are_missing_or_unknown_are_refused():
    with pytest.raises(UnusableInputError, match="more than one is plausible"):
        points(without=("proteinuria",), upcr=60.0)
    with pytest.raises(UnusableInputError, match="is no unit of this item"):
        points(without=("proteinuria",), upcr=60.0, upcr_unit="mg/l")
    with pytest.raises(UnusableInputError, match="is no unit of this item") as caught:
        points(without=("proteinuria",), upcr=60.0, upcr_unit=None)
    assert caught.value.remedy == "use g/g, mg/g, mg/mmol"


def test_an_empty_value_needs_no_unit():
    assert points(without=("proteinuria",), upcr=None, upcr_unit=None) is None


def test_cells_per_microliter_are_out_of_range_until_their_unit_is_stated():
    with pytest.raises(UnusableInputError, match="platelets lies from 0 to 3000"):
        points(without=("thrombocytopenia",), platelets=90_000.0)
