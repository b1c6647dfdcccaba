"""Which comparator a lost sign was. Each case is a phrase as trials write it, read by eye."""

import pytest

from trialwright.records.lint.comparator_direction import UNDECIDED, direction
from trialwright.records.record import CriterionKind


@pytest.mark.parametrize(
    ("kind", "before", "after", "comparator"),
    [
        ("inclusion", "SLEDAI ", " 8", "≥"),
        ("inclusion", "SLEDAI-2K score at screening ", " 6", "≥"),
        ("inclusion", "physician's global assessment ", " 1.0", "≥"),
        ("inclusion", "proteinuria ", " 0.5 g/day", "≥"),
        ("inclusion", "aged ", " 18", "≥"),
        ("inclusion", "age: ", " 16", "≥"),
        ("inclusion", "stable for ", " 30 days", "≥"),
        ("inclusion", "diagnosed ", " 24 weeks before", "≥"),
        ("inclusion", "within ", " 28 days", "≤"),
        ("inclusion", "within the last ", " 3 months", "≤"),
        ("inclusion", "prednisone (", "40 mg/day", "≤"),
        ("inclusion", "NYHA ", " class II", "≤"),
        ("inclusion", "ALT ", " 3 times the upper limit", "≤"),
        ("inclusion", "bilirubin ", " 2 mg/dL", "≤"),
        ("inclusion", "neutrophils ", " 1.5 x 10^9/L", "≥"),
        ("inclusion", "eGFR ", " 60 mL/min", "≥"),
        ("exclusion", "prednisone ", " 1 mg/kg", "≥"),
        ("exclusion", "heart failure (", " grade III NYHA", "≥"),
        ("exclusion", "AST ", " 2 x ULN", "≥"),
        ("exclusion", "creatinine ", " 2.5 mg/dL", "≥"),
        ("exclusion", "hemoglobin ", " 8 g/dL", "≤"),
        ("exclusion", "clearance ", " 30 mL/min", "≤"),
        (None, "no new BILAG A or ", " 1 new BILAG B", "≤"),
        (None, "a ", " 4-point reduction", "≥"),
        (None, "a ", " 50% improvement", "≥"),
        (None, "no deterioration of the PGA by ", " 0.3 points", "≥"),
        (None, "a decrease in prednisone of ", " 25%", "≥"),
    ],
)
def test_direction(kind: CriterionKind | None, before: str, after: str, comparator: str) -> None:
    found, reason = direction(kind, before, after)
    assert found == comparator
    assert reason


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("inclusion", "body mass index ", " 30"),
        ("exclusion", "SLEDAI ", " 8"),  # too active, or not active enough
        (None, "a score of ", " 3"),
    ],
)
def test_words_that_do_not_decide(kind: CriterionKind | None, before: str, after: str) -> None:
    found, reason = direction(kind, before, after)
    assert found == UNDECIDED
    assert "ask the sponsor" in reason
