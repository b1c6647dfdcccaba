"""BILAG-2004 items that fit the course of each manifestation."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from scipy.special import ndtri

from trialwright import sle
from trialwright.simulation.draws import Draws, Floats
from trialwright.simulation.manifestations import Manifestation, manifestations, position
from trialwright.simulation.measures import State, measures, values
from trialwright.simulation.parameters import number

_NEPHROTIC_PROTEIN = 3.5  # g in 24 h, the glossary's limit


def bilag_items(draws: Draws, state: State, level_before: Floats) -> Mapping[str, Floats]:
    """Each item at each visit, in its own unit, by key; NaN where it was not done.

    Protein in urine is measured over 24 hours only, so the other three ways are not done.

    Args:
        draws: the participants' streams.
        state: their course.
        level_before: levels four weeks before each visit, (participants, visits, manifestations).
    """
    shape = state.level.shape[:2]
    found = _rare_items(draws, shape)
    yes_no = {item.key for item in sle.instrument("bilag-2004").items if item.kind == "yes/no"}
    for place, each in enumerate(manifestations()):
        now, before = state.level[:, :, place], level_before[:, :, place]
        for key, score in _graded(each, now, before).items():
            scored = (now > 0).astype(np.float64) if key in yes_no else score
            found[key] = np.maximum(found[key], scored)
    return {**found, **_renal(draws, state), **_blood(draws, state)}


def _rare_items(draws: Draws, shape: tuple[int, ...]) -> dict[str, Floats]:
    """All graded and yes/no items: absent but for rare events without a course of their own."""
    items = [item for item in sle.instrument("bilag-2004").items if item.kind != "number"]
    drawn = draws.uniform("rare BILAG items", shape[1] * len(items))
    rare = drawn.reshape(shape[0], shape[1], len(items)) < number("bilag.other_items")
    return {
        item.key: np.where(rare[:, :, place], item.high, 0.0)
        if item.kind == "grade"
        else np.zeros(shape)
        for place, item in enumerate(items)
    }


def _graded(each: Manifestation, now: Floats, before: Floats) -> dict[str, Floats]:
    """The items of one manifestation, scored 0 absent, 1 improving, 2 same, 3 worse, 4 new."""
    if not each.bilag:
        return {}
    keys = list(each.bilag)
    threshold = ndtri(1 - each.prevalence)
    starts = [ndtri(1 - each.prevalence * share) - threshold for share in each.bilag.values()]
    trend = np.select(
        [
            before <= 0,
            now - before >= number("bilag.worse_step"),
            before - now >= number("bilag.improving_step"),
        ],
        [4.0, 3.0, 1.0],
        2.0,
    )
    found = {}
    for key, (start, end) in zip(keys, pairwise([*starts, np.inf]), strict=True):
        here = (now > start) & (now <= end)
        found[key] = np.where(here, trend, 0.0)
    resolved = (now <= 0) & (before > 0) & (now > -number("bilag.resolved_margin"))
    found[keys[0]] = np.where(resolved, 1.0, found[keys[0]])
    return found


def _renal(draws: Draws, state: State) -> dict[str, Floats]:
    age = 35.0  # stands for all: GFR from creatinine matters here by its limits only
    creatinine = values(measures()["creatinine"], draws, state)
    protein = values(measures()["urine_protein"], draws, state)
    active = state.level > 0
    sediment = [position(key) for key in ("hematuria", "pyuria", "urinary_casts")]
    biopsied = draws.happens("nephritis on biopsy", number("bilag.nephritis_on_biopsy"))
    missing = np.full(protein.shape, np.nan)
    return {
        "sbp": values(measures()["systolic_pressure"], draws, state),
        "dbp": values(measures()["diastolic_pressure"], draws, state),
        "dipstick_protein": missing,
        "uacr": missing,
        "upcr": missing,
        "protein_24h": protein,
        "nephrotic_syndrome": (protein >= _NEPHROTIC_PROTEIN).astype(np.float64),
        "creatinine": creatinine,
        "gfr": np.asarray(np.clip(_gfr_of_women(creatinine, age), 5, 150)),
        "active_urinary_sediment": np.asarray(active[:, :, sediment].any(axis=2), dtype=np.float64),
        "active_nephritis": np.asarray(
            active[:, :, position("proteinuria")] & biopsied[:, None], dtype=np.float64
        ),
    }


def _gfr_of_women(creatinine: Floats, age: float) -> Floats:
    """CKD-EPI 2021 (Inker, N Engl J Med 2021; 385:1737), from memory; creatinine in umol/L."""
    ratio = creatinine / 88.42 / 0.7
    low, high = np.minimum(ratio, 1) ** -0.241, np.maximum(ratio, 1) ** -1.2
    return np.asarray(142 * low * high * 0.9938**age * 1.012)


def _blood(draws: Draws, state: State) -> dict[str, Floats]:
    hemoglobin = values(measures()["hemoglobin"], draws, state)
    return {
        "haemoglobin": hemoglobin / 10,
        "wcc": values(measures()["white_cells"], draws, state),
        "neutrophils": values(measures()["neutrophils"], draws, state),
        "lymphocytes": values(measures()["lymphocytes"], draws, state),
        "platelets": values(measures()["platelets"], draws, state),
    }
