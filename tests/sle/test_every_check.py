"""Each code of a central reader's checks: found where it should be, and not a step beside."""

import polars as pl
import pytest

from trialwright import sle
from trialwright.sle.bilag_2004 import SYSTEMS

GRAMS = {"protein_24h_unit": "g", "upcr_unit": "g/g"}
TWO_A = dict.fromkeys(SYSTEMS, "D") | {"renal": "A", "ophthalmic": "A"}
# Instrument, code, the visit that has it, and a visit next to it that has not.
CODES = [
    ("sledai-2k", "SLEDAI-PROTEIN", {"proteinuria": 1, "protein_24h": 0.5}, {"protein_24h": 0.51}),
    ("sledai-2k", "SLEDAI-UPCR", {"proteinuria": 1, "upcr": 0.5}, {"upcr": 0.51}),
    ("sledai-2k", "SLEDAI-JOINTS", {"arthritis": 1, "joint_count": 0}, {"joint_count": 1}),
    (
        "sledai-2k",
        "SLEDAI-RASH",
        {"rash": 1, "skin_eruption_severe": 0, "skin_eruption_mild": 0},
        {"skin_eruption_mild": 1},
    ),
    ("sri", "PGA-LOW-BILAG-HIGH", TWO_A | {"pga": 0.49}, {"pga": 0.5}),
    ("sri", "PGA-LOW-BILAG-HIGH", TWO_A | {"pga": 0.49}, {"renal": "B"}),
    ("sle-das", "SLE-DAS-RASH", {"localised_rash": 1, "generalised_rash": 1}, {"localised_rash": 0}),
    ("sdi", "SDI-RENAL", {"end_stage_renal_disease": 1, "gfr_below_50": 0}, {"gfr_below_50": 1}),
    ("bilag-2004", "BILAG-COOMBS", {"coombs_isolated": 1, "active_haemolysis": 1},
     {"active_haemolysis": 0}),
    ("bilag-2004", "BILAG-WHITE-CELLS", {"wcc": 3.0, "neutrophils": 2.0, "lymphocytes": 1.3},
     {"lymphocytes": 1.2}),
]  # fmt: skip


def codes(key: str, cells: dict) -> list[str]:
    healthy = {item.key: item.absent for item in sle.INSTRUMENTS[key].items if item.required}
    units = {item.key: item.unit for item in sle.INSTRUMENTS[key].items if item.unit_needed}
    units = {f"{name}_unit": unit for name, unit in units.items()}
    units |= {name: unit for name, unit in GRAMS.items() if name.removesuffix("_unit") in cells}
    row = {"participant": "P1", "visit": 0, **healthy, **units, **cells}
    # The visit before is the baseline of instruments that need one.
    before = {**row, "visit": -1, **healthy}
    found = sle.check(key, pl.DataFrame([before, row], infer_schema_length=None))
    return found.filter(pl.col("visit") == 0)["code"].to_list()


@pytest.mark.parametrize(("key", "code", "cells", "beside"), CODES)
def test_a_code_is_found_and_a_step_beside_it_is_not(key, code, cells, beside):
    assert codes(key, cells) == [code]
    assert code not in codes(key, cells | beside)


@pytest.mark.parametrize("key", sle.INSTRUMENTS)
def test_a_healthy_visit_raises_no_question(key):
    assert codes(key, {}) == []
