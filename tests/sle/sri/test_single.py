"""SRI of one participant, its explanation, and its checks."""

import polars as pl
import pytest

from trialwright import sle
from trialwright.errors import UnusableInputError
from trialwright.sle.bilag_2004 import SYSTEMS
from trialwright.sle.sri import Assessment, verdict

QUIET = dict.fromkeys(SYSTEMS, "D")


def test_response():
    result = verdict(Assessment(10, 2.0, QUIET | {"renal": "A"}), Assessment(6, 2.29, QUIET))
    assert result.response is True
    assert result.reason == "response"
    assert set(result.components.values()) == {True}


def test_each_component_can_fail_alone_and_is_named():
    base = Assessment(10, 2.0, QUIET)
    failing = {
        "SLEDAI fell too little": (Assessment(7, 2.0, QUIET), False),
        "new BILAG activity": (Assessment(6, 2.0, QUIET | {"renal": "A"}), False),
        "PGA worse": (Assessment(6, 2.3, QUIET), False),
        "treatment failure": (Assessment(6, 2.0, QUIET), True),
    }
    for reason, (visit, failure) in failing.items():
        result = verdict(base, visit, treatment_failure=failure)
        assert result.response is False
        assert result.reason == reason


def test_unknown_parts_leave_the_verdict_open_if_asked():
    base = Assessment(10, 2.0, QUIET)
    result = verdict(base, Assessment(None, 2.0, QUIET), missing="missing")
    assert result.response is None
    assert result.components["sledai"] is None
    assert result.reason == "SLEDAI not assessed"


def test_a_letter_that_is_not_graded_is_open():
    letters = dict.fromkeys(QUIET)
    result = verdict(Assessment(10, 2.0, QUIET), Assessment(6, 2.0, letters), missing="missing")
    assert result.components["bilag"] is None
    assert result.reason == "BILAG open"


def test_options_reach_the_single_form():
    base, visit = Assessment(10, 20, QUIET), Assessment(5, 29, QUIET)
    assert verdict(base, visit, x=5, pga_scale="0-100", sledai="sledai_2k").response is True
    assert verdict(base, visit, x=6, pga_scale="0-100").response is False


def frame() -> pl.DataFrame:
    rows = [
        {
            "visit": 0,
            "selena_sledai": 10,
            "pga": 2.0,
            **QUIET,
            "renal": "B",
            "treatment_failure": 0,
        },
        {"visit": 4, "selena_sledai": 7, "pga": 2.3, **QUIET, "renal": "A", "treatment_failure": 0},
        {"visit": 8, "selena_sledai": 4, "pga": 0.2, **QUIET, "treatment_failure": 1},
    ]
    return pl.DataFrame(
        [{"participant": "P1", "treatment_failure_reason": "rescue", **row} for row in rows]
    )


def test_the_explanation_says_which_component_failed_and_by_how_much():
    text = sle.explain("sri", frame(), "P1", 4)
    assert "SRI-4: no response; SLEDAI fell too little; new BILAG activity; PGA worse" in text
    assert "SLEDAI failed: 10 to 7, a change of -3; −4 or less is needed" in text
    assert "BILAG failed: 1 new A, 0 new B" in text
    assert "renal B to A" in text
    assert "PGA failed: 2 to 2.3 on 0-3, a change of 0.3 of 3; less than 0.3 is needed" in text


def test_the_explanation_gives_the_reason_of_a_treatment_failure():
    assert "treatment failed (rescue)" in sle.explain("sri", frame(), "P1", 8)


def test_baseline_has_no_verdict_to_explain():
    with pytest.raises(UnusableInputError, match="not after baseline"):
        sle.explain("sri", frame(), "P1", 0)


def test_checks_of_a_central_reader():
    table = frame().with_columns(
        pl.Series("renal", ["B", "A", "E"]),
        pl.Series("ophthalmic", ["D", "A", "D"]),
        pga=pl.lit(0.2),
    )
    found = sle.check("sri", table)
    assert found.select("visit", "code").rows() == [
        (4, "PGA-LOW-BILAG-HIGH"),
        (8, "BILAG-E-AFTER-ACTIVITY"),
    ]
    assert sle.check("sri", frame()).is_empty()
