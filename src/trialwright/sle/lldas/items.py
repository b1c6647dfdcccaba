"""What LLDAS takes from each visit: the 24 items of SLEDAI-2K, and what they lack."""

from dataclasses import replace
from typing import Final

from trialwright.sle.doris_2021.score import PGA, PREDNISONE
from trialwright.sle.instrument import Item, Option
from trialwright.sle.sledai.items import SEROLOGY
from trialwright.sle.sledai_2k import VERSION

SLEDAI: Final = VERSION.items

MAJOR_ORGANS: Final = (
    "seizure",
    "psychosis",
    "organic_brain_syndrome",
    "visual_disturbance",
    "cranial_nerve_disorder",
    "lupus_headache",
    "cva",
    "vasculitis",
    "urinary_casts",
    "hematuria",
    "proteinuria",
    "pyuria",
    "pleurisy",
    "pericarditis",
    "fever",
)
"""SLEDAI-2K items of major organs: renal, nervous system, heart and lung, vasculitis, fever."""

BESIDE: Final = ("haemolytic_anaemia", "gastrointestinal_activity")
"""Activity that rules LLDAS out and is no item of SLEDAI-2K."""

NEW_FEATURE_ITEMS: Final = {
    "sledai": tuple(item.key for item in SLEDAI),
    "sledai without serology": tuple(item.key for item in SLEDAI if item.group != SEROLOGY),
}
"""Preset to the items that must not have become present since the previous visit."""

ITEMS: Final = (
    *SLEDAI,
    Item(
        key="haemolytic_anaemia",
        label="Hemolytic anemia",
        group="beside SLEDAI-2K",
        source="S49, S54",
        verified=True,
    ),
    Item(
        key="gastrointestinal_activity",
        label="Gastrointestinal activity",
        group="beside SLEDAI-2K",
        source="S49, S54",
        verified=True,
    ),
    replace(PGA, source="S49, S54"),
    replace(PREDNISONE, source="S49, S54"),
    Item(
        key="treatment_allowed",
        label="Treatment is standard maintenance",
        absent=1,
        help="Well-tolerated immunosuppressants and approved biologics, or none; no "
        "investigational drug.",
        source="S55",
        verified=True,
    ),
    Item(
        key="new_feature",
        label="New feature of activity since the previous assessment",
        required=False,
        help="Read only with the option new_feature=stated, for example from BILAG or a flare "
        "index.",
        source="S54",
        verified=True,
    ),
)

OPTIONS: Final = (
    Option(
        name="new_feature",
        default="sledai",
        allowed=(*NEW_FEATURE_ITEMS, "stated"),
        meaning="what a new feature is: a SLEDAI-2K item that was absent at the previous visit, "
        "with or without serology, or as the column new_feature states",
    ),
    Option(
        name="first_visit",
        default="unknown",
        allowed=("unknown", "met"),
        meaning="whether a first visit, with nothing to compare, has no new feature",
    ),
)
