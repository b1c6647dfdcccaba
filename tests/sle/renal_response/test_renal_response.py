"""Renal response against a plain reference in exact decimals, each definition typed again."""

from decimal import Decimal
from itertools import groupby

import polars as pl
import pytest

from sle.completions import assert_decided_where_completions_agree
from sle.random_visits import random_table, shuffled
from trialwright import sle
from trialwright.errors import UnusableInputError
from trialwright.sle.renal_response import DEFINITIONS
from trialwright.sle.renal_response.score import ITEMS

NUMBERS = {
    "upcr": [0.2, 0.49, 0.5, 0.51, 0.7, 0.71, 1, 1.4, 2.9, 3, 4, 6],
    "egfr": [45, 48, 54, 59.9, 60, 68, 72, 80, 81, 85, 89.9, 90, 100],
    "egfr_before_flare": [60, 90, 100],
    "prednisone": [0, 5, 10, 10.1, 30],
}
NAMES = list(DEFINITIONS)


def table(visits: int, seed: int, **more) -> pl.DataFrame:
    drawn = random_table(ITEMS, visits, seed=seed, numbers=NUMBERS, present=0.15, **more)
    return drawn.with_columns(upcr_unit=pl.lit("g/g"))


def yes_if(known: tuple, answer) -> bool | None:
    return None if None in known else answer(*known)


def join(*parts: bool | None) -> bool | None:
    return False if False in parts else None if None in parts else True


def either(one: bool | None, other: bool | None) -> bool | None:
    return True if True in (one, other) else None if None in (one, other) else False


def reference(base: dict, visit: dict) -> tuple:
    """The table of the specification (4.8), line by line."""
    u, e, f, p = (
        None if visit[key] is None else Decimal(str(visit[key]))
        for key in ("upcr", "egfr", "egfr_before_flare", "prednisone")
    )
    u0, e0 = (None if base[key] is None else Decimal(str(base[key])) for key in ("upcr", "egfr"))
    fine = yes_if((visit["treatment_failure"],), lambda failed: failed == 0)
    stable = yes_if((e, e0), lambda now, then: now >= then * Decimal("0.85"))
    halved = yes_if((u, u0), lambda now, then: now <= then / 2)

    def kept(floor: int, earlier: Decimal | None, share: str) -> bool | None:
        return either(
            yes_if((e,), lambda now: now >= floor),
            yes_if((e, earlier), lambda now, then: now >= then * Decimal(share)),
        )

    return (
        join(yes_if((u,), lambda r: r <= Decimal("0.7")), kept(60, f, "0.8"), fine),
        join(yes_if((u,), lambda r: r < Decimal("0.5")), kept(90, f, "0.9"), fine),
        join(
            yes_if((u,), lambda r: r <= Decimal("0.5")),
            kept(60, e0, "0.8"),
            yes_if((p,), lambda dose: dose <= 10),
            fine,
        ),
        halved,
        join(yes_if((u,), lambda r: r < Decimal("0.5")), stable),
        join(halved, yes_if((u,), lambda r: r < 3), stable),
    )


def expected(visits: pl.DataFrame) -> list[tuple]:
    wanted = []
    rows = (row for piece in visits.iter_slices(4_000) for row in piece.to_dicts())
    for _, group in groupby(rows, lambda row: row["participant"]):
        base, *later = group
        wanted += [(None,) * 6, *(reference(base, visit) for visit in later)]
    return wanted


def test_equals_the_reference_on_100_000_visits():
    visits = table(100_000, seed=48, unassessed=0.04)
    scored = sle.score("renal-response", visits)
    assert scored.select(NAMES).rows() == expected(visits)
    for name in NAMES:
        assert set(scored[name]) == {True, False, None}


def test_order_changes_nothing():
    visits = table(2_000, seed=1)
    mixed = sle.score("renal-response", shuffled(visits)).sort("participant", "visit")
    assert mixed.equals(sle.score("renal-response", visits))


def test_an_open_part_matters_only_where_completions_differ():
    # A limit of eGFR that lies on both sides of every comparison makes completions exact.
    visits = table(200, seed=2, unassessed=0.08, per_participant=2)
    values = {"treatment_failure": (0, 1), "prednisone": (0, 60), "egfr_before_flare": (1, 250)}
    cut = visits.with_columns(
        pl.col("upcr").fill_null(1.0), pl.col("egfr").fill_null(70.0)
    )  # the compared values themselves are known here
    assert_decided_where_completions_agree("renal-response", cut, NAMES, values)


@pytest.mark.parametrize(("unit", "factor"), [("mg/g", 1000), ("mg/mmol", 100)])
def test_units_of_the_ratio(unit: str, factor: int):
    visits = table(2_000, seed=3)
    converted = visits.with_columns(pl.col("upcr") * factor, upcr_unit=pl.lit(unit))
    assert sle.score("renal-response", converted).equals(sle.score("renal-response", visits))


def test_by_molar_mass_70_mg_per_mmol_are_below_0_7():
    base = {"participant": "P1", "visit": 0, "upcr": 500.0, "upcr_unit": "mg/mmol", "egfr": 95.0}
    base |= {"egfr_before_flare": 95.0, "treatment_failure": 0}
    frame = pl.DataFrame([base, base | {"visit": 1, "upcr": 75.0}])
    by_trials = sle.score("renal-response", frame)["bliss_ln_perr"].to_list()
    by_mass = sle.score("renal-response", frame, upcr_mg_per_mmol=113.12)["bliss_ln_perr"].to_list()
    assert (by_trials, by_mass) == ([None, False], [None, True])  # 75 / 113.12 = 0.663


def test_the_unit_is_asked_for():
    with pytest.raises(UnusableInputError, match="has no unit, and more than one is plausible"):
        sle.score("renal-response", table(4, seed=1).drop("upcr_unit"))


def test_without_optional_columns_their_responses_are_open_or_ruled_out():
    visits = table(1_000, seed=4, unassessed=0).drop("prednisone", "egfr_before_flare")
    scored = sle.score("renal-response", visits).filter(pl.col("visit") > 0)
    assert True not in scored["aurora_crr"].to_list()
    assert True in scored["bliss_ln_perr"].to_list()  # an eGFR of 60 is enough by itself
    assert scored["kdigo_2024_partial"].null_count() == 0


def test_complete_implies_the_primary_response_of_bliss_ln():
    scored = sle.score("renal-response", table(5_000, seed=5, unassessed=0))
    assert (scored["bliss_ln_perr"] | ~scored["bliss_ln_crr"]).drop_nulls().all()


def test_the_explanation_names_values_and_parts():
    row = {"participant": "P1", "visit": 0, "upcr": 4.0, "upcr_unit": "g/g", "egfr": 80.0}
    row |= {"egfr_before_flare": 90.0, "prednisone": 5.0, "treatment_failure": 0}
    frame = pl.DataFrame([row, row | {"visit": 1, "upcr": 0.6, "prednisone": None}])
    text = sle.explain("renal-response", frame, "P1", 1)
    assert "upcr: 0.6, baseline 4" in text
    assert "bliss_ln_perr: yes (UPCR yes, eGFR yes, treatment yes)" in text
    assert "aurora_crr: no (UPCR no, eGFR yes, prednisone open, treatment yes)" in text
    assert "no response up to baseline" in sle.explain("renal-response", frame, "P1", 0)
