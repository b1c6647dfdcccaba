"""What the explanation of a BILAG-2004 visit says, and the checks of a central reader."""

import polars as pl
import pytest

from trialwright import sle
from trialwright.sle.bilag_2004.items import ITEMS

HEALTHY = {item.key: item.absent for item in ITEMS}


def frame(*visits: dict) -> pl.DataFrame:
    rows = [
        {"participant": "P1", "visit": number, **HEALTHY, **cells}
        for number, cells in enumerate(visits)
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def section(text: str, system: str) -> list[str]:
    """The lines of one system."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(system))
    rest = [line.strip() for line in lines[start + 1 :]]
    end = next(i for i, line in enumerate(lines[start + 1 :]) if not line.startswith("  "))
    return [lines[start], *rest[:end]]


def test_items_values_and_the_letter_one_item_away():
    text = sle.explain("bilag-2004", frame({"arthritis_severe": 2}), "P1", 0)
    assert section(text, "musculoskeletal") == [
        "musculoskeletal: A",
        "Arthritis, severe: 2 (same)",
        "one item from B: Arthritis, severe at 1",
    ]
    assert text.splitlines()[-1] == "points: 12"


def test_an_improving_item_is_one_step_from_a_and_from_nothing():
    text = sle.explain("bilag-2004", frame({"arthritis_severe": 1}), "P1", 0)
    assert section(text, "musculoskeletal")[2:] == [
        "one item from E: Arthritis, severe at 0",
        "one item from A: Arthritis, severe at 2",
    ]


def test_unassessed_items_are_named_with_the_interval():
    text = sle.explain("bilag-2004", frame({"optic_neuritis": None}), "P1", 0)
    assert section(text, "ophthalmic") == ["ophthalmic: A..E", "Optic neuritis: not assessed"]
    assert text.splitlines()[-1] == "points: 0 to 12"


def test_renal_criteria_are_named():
    text = sle.explain(
        "bilag-2004", frame({}, {"protein_24h": 2.0, "active_nephritis": 1}), "P1", 1
    )
    lines = section(text, "renal")
    assert lines[0] == "renal: A"
    assert "Protein in 24 h urine: 2 g" in lines
    assert (
        "criteria met: severe proteinuria, active nephritis, proteinuria, mild proteinuria" in lines
    )
    assert "one item from B: Histologically active nephritis within 3 months at 0" in lines
    assert "one item from B: Protein in 24 h urine at 0" in lines


def test_open_renal_criteria_are_named():
    unmeasured = dict.fromkeys(("uacr", "upcr", "protein_24h", "dipstick_protein"))
    lines = section(sle.explain("bilag-2004", frame(unmeasured), "P1", 0), "renal")
    assert lines[0] == "renal: B..E"
    assert "criteria open: severe proteinuria, proteinuria, mild proteinuria" in lines


def test_a_blood_count_that_decides_alone():
    lines = section(
        sle.explain("bilag-2004", frame({"haemoglobin": 7.5}), "P1", 0), "haematological"
    )
    assert lines[0] == "haematological: A"
    assert "Hemoglobin: 7.5 g/dL" in lines
    assert "one item from E: Hemoglobin at 14" in lines


def test_history_of_the_participant_is_part_of_the_explanation():
    text = sle.explain("bilag-2004", frame({"hepatitis": 4}, {}), "P1", 1)
    assert section(text, "gastrointestinal") == ["gastrointestinal: D"]


@pytest.mark.parametrize(
    ("cells", "beside", "codes"),
    [
        ({}, {}, []),
        ({"nephrotic_syndrome": 1, "protein_24h": 2.0}, {}, ["BILAG-NEPHROTIC"]),
        ({"nephrotic_syndrome": 1, "protein_24h": 3.5}, {}, []),
        ({"nephrotic_syndrome": 1, "protein_24h": None, "upcr": 400.0}, {}, []),
        ({"coombs_isolated": 1, "active_haemolysis": 1}, {}, ["BILAG-COOMBS"]),
        ({"coombs_isolated": 1}, {}, []),
        ({"wcc": 3.0, "neutrophils": 2.5, "lymphocytes": 1.0}, {}, ["BILAG-WHITE-CELLS"]),
        ({"arthritis_severe": 4, "arrhythmia": 4}, {"pga": 0.2}, ["PGA-LOW-BILAG-HIGH"]),
        ({"arthritis_severe": 4, "arrhythmia": 4}, {"pga": 0.5}, []),
        ({"arthritis_severe": 4}, {"pga": 0.2}, []),
        ({}, {"rash": 1}, ["SLEDAI-RASH"]),
        ({"skin_eruption_mild": 1}, {"rash": 1}, []),
        ({"skin_eruption_mild": None}, {"rash": 1}, []),
        ({}, {"arthritis": "yes"}, ["SLEDAI-ARTHRITIS"]),
    ],
)
def test_checks(cells: dict, beside: dict, codes: list[str]):
    found = sle.check("bilag-2004", frame(cells | beside))
    assert found["code"].to_list() == codes
    assert found.columns == ["participant", "visit", "code", "finding"]
