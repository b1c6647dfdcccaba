"""Each renal response at its limits, read off the definitions by hand (specification 4.8)."""

import polars as pl
import pytest

from trialwright import sle
from trialwright.sle.renal_response import DEFINITIONS

BASE = {"upcr": 2.0, "egfr": 100, "egfr_before_flare": 100, "prednisone": 20}
GOOD = {"upcr": 0.4, "egfr": 100, "egfr_before_flare": 100, "prednisone": 5}


def responses(cells: dict, base: dict | None = None) -> dict[str, bool | None]:
    """The responses at one visit after baseline."""
    rows = [
        {"participant": "P1", "visit": visit, "treatment_failure": 0, "upcr_unit": "g/g", **values}
        for visit, values in enumerate((BASE | (base or {}), GOOD | cells))
    ]
    scored = sle.score("renal-response", pl.DataFrame(rows, infer_schema_length=None, strict=False))
    return {name: scored[name][1] for name in DEFINITIONS}


def test_a_good_visit_meets_every_definition():
    assert responses({}) == dict.fromkeys(DEFINITIONS, True)


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("bliss_ln_perr", {"upcr": 0.7}, {"upcr": 0.71}),
        ("bliss_ln_perr", {"egfr": 60, "egfr_before_flare": 120}, {"egfr": 59}),
        ("bliss_ln_perr", {"egfr": 40, "egfr_before_flare": 50}, {"egfr": 39}),
        ("bliss_ln_crr", {"upcr": 0.49}, {"upcr": 0.5}),
        ("bliss_ln_crr", {"egfr": 90, "egfr_before_flare": 120}, {"egfr": 89}),
        ("bliss_ln_crr", {"egfr": 72, "egfr_before_flare": 80}, {"egfr": 71}),
        ("aurora_crr", {"upcr": 0.5}, {"upcr": 0.51}),
        ("aurora_crr", {"egfr": 60}, {"egfr": 59}),
        ("aurora_crr", {"prednisone": 10}, {"prednisone": 10.5}),
        ("aurora_prr", {"upcr": 1.0}, {"upcr": 1.01}),
        ("kdigo_2024_complete", {"upcr": 0.49}, {"upcr": 0.5}),
        ("kdigo_2024_complete", {"egfr": 85}, {"egfr": 84}),
        ("kdigo_2024_partial", {"upcr": 1.0}, {"upcr": 1.01}),
        ("kdigo_2024_partial", {"egfr": 85}, {"egfr": 84}),
    ],
)
def test_limits(name: str, inside: dict, outside: dict):
    assert responses(inside)[name] is True
    assert responses(inside | outside)[name] is False


@pytest.mark.parametrize(("now", "met"), [(2.99, True), (3.0, False)])
def test_a_fall_by_half_must_also_end_below_3(now: float, met: bool):
    assert responses({"upcr": now}, {"upcr": 8.0})["kdigo_2024_partial"] is met
    assert responses({"upcr": now}, {"upcr": 8.0})["aurora_prr"] is True


@pytest.mark.parametrize(
    ("cells", "lost"),
    [
        ({"treatment_failure": 1}, {"bliss_ln_perr", "bliss_ln_crr", "aurora_crr"}),
        ({"prednisone": 40}, {"aurora_crr"}),
        ({"upcr": 1.0}, {"bliss_ln_perr", "bliss_ln_crr", "aurora_crr", "kdigo_2024_complete"}),
        ({"upcr": 0.6}, {"bliss_ln_crr", "aurora_crr", "kdigo_2024_complete"}),
    ],
)
def test_what_is_not_asked_for_takes_nothing_away(cells: dict, lost: set[str]):
    assert {name for name, met in responses(cells).items() if not met} == lost


@pytest.mark.parametrize(
    ("upcr", "unit", "met"),
    [(700, "mg/g", True), (701, "mg/g", False), (70, "mg/mmol", True), (71, "mg/mmol", False)],
)
def test_other_units_of_the_ratio(upcr: float, unit: str, met: bool):
    assert responses({"upcr": upcr, "upcr_unit": unit})["bliss_ln_perr"] is met
