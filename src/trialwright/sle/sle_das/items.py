"""The 17 items of SLE-DAS and their coefficients."""

from typing import Final

from trialwright.sle.instrument import Item

CONSTANT: Final = 0.366
PER_SWOLLEN_JOINT: Final = 0.454
ARTHRITIS: Final = 3.132

WEIGHTS: Final = {
    "mucocutaneous_vasculitis": 4.408,
    "localised_rash": 3.138,
    "generalised_rash": 3.887,
    "alopecia": 0.973,
    "mucosal_ulcers": 2.769,
    "low_c3_or_c4": 0.754,
    "anti_dsdna": 0.956,
    "neuropsychiatric": 18.0,
    "systemic_vasculitis": 18.0,
    "cardiac_pulmonary": 18.0,
    "myositis": 9.0,
    "serositis": 6.0,
    "haemolytic_anaemia": 9.0,
}
"""Yes/no item to its coefficient."""

LOGARITHMIC: Final = {
    "proteinuria": (500.0, -17.584, 3.811),
    "platelets": (100.0, 26.105, -5.577),
    "wbc": (3.0, 6.118, -5.058),
}
"""Measured item to its limit, and constant and slope on the natural logarithm beyond the limit."""

_SOURCE: Final = "S57, S58, S59"
_LABELS: Final = {
    "mucocutaneous_vasculitis": ("Mucocutaneous vasculitis", ""),
    "localised_rash": ("Localized rash", "Above the neck only."),
    "generalised_rash": ("Generalized rash", "Below the neck, with or without above."),
    "alopecia": ("Alopecia", ""),
    "mucosal_ulcers": ("Mucosal ulcers", ""),
    "low_c3_or_c4": ("Low C3 or C4", ""),
    "anti_dsdna": ("Increased anti-dsDNA antibodies", ""),
    "neuropsychiatric": ("Neuropsychiatric involvement", ""),
    "systemic_vasculitis": ("Systemic vasculitis", ""),
    "cardiac_pulmonary": ("Cardiac or pulmonary involvement", ""),
    "myositis": ("Myositis", ""),
    "serositis": ("Serositis", ""),
    "haemolytic_anaemia": ("Hemolytic anemia", ""),
}
_CELLS: Final = {"/uL": (1.0, 1000.0)}

ITEMS: Final = (
    Item(
        key="sjc28",
        label="Swollen joints of 28",
        kind="grade",
        high=28,
        help="One swollen joint or more is arthritis.",
        source="S57, memory",
    ),
    *(
        Item(key=key, label=label, help=text, source=_SOURCE, verified=True)
        for key, (label, text) in _LABELS.items()
    ),
    Item(
        key="proteinuria",
        label="Protein in urine, to creatinine or in 24 h",
        kind="number",
        unit="mg/g",
        units={"g/g": (1000, 1), "mg/d": (1, 1), "g/d": (1000, 1), "mg/mmol": (10, 1)},
        unit_needed=True,
        high=60_000,
        help="Counts above 500. 100 mg/mmol are taken as 1 g/g.",
        source=_SOURCE,
        verified=True,
    ),
    Item(
        key="platelets",
        label="Platelets",
        kind="number",
        unit="10*9/L",
        units=_CELLS,
        low=0.1,
        high=3000,
        absent=250,
        help="Count below 100.",
        source=_SOURCE,
        verified=True,
    ),
    Item(
        key="wbc",
        label="White cells in blood",
        kind="number",
        unit="10*9/L",
        units=_CELLS,
        low=0.01,
        high=1000,
        absent=6,
        help="Count below 3.",
        source=_SOURCE,
        verified=True,
    ),
    Item(
        key="prednisone",
        label="Prednisone or its equivalent per day",
        kind="number",
        unit="mg",
        high=2000,
        required=False,
        help="For remission and low disease activity only.",
        source="memory",
    ),
)
