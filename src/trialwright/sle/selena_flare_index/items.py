"""What the SELENA-SLEDAI flare index asks at each visit, compared with the visit before."""

from typing import Final

from trialwright.sle.instrument import Item

_SEVERE_HELP: Final = (
    "New or worse since the previous visit. Counts as severe only if it requires prednisone to be "
    "doubled, prednisone above 0.5 mg/kg/day, or hospitalization: see requires_escalation."
)


def _new(key: str, label: str, group: str, text: str = "", source: str = "S2, S61") -> Item:
    return Item(
        key=key,
        label=label,
        group=group,
        help=text or "New or worse since the previous visit.",
        source=source,
        verified=source != "memory",
    )


def _number(key: str, label: str, unit: str, low: float, high: float, absent: float) -> Item:
    return Item(
        key=key,
        label=label,
        kind="number",
        unit=unit,
        low=low,
        high=high,
        absent=absent,
        source="S2, S61",
        verified=True,
    )


MILD: Final = (
    _new(
        "new_skin",
        "Skin",
        "mild manifestation",
        "Discoid, photosensitive, profundus, cutaneous vasculitis or bullous lupus, new or worse.",
    ),
    _new("new_nasopharyngeal_ulcers", "Nasopharyngeal ulcers", "mild manifestation"),
    _new("new_pleuritis", "Pleuritis", "mild manifestation"),
    _new("new_pericarditis", "Pericarditis", "mild manifestation"),
    _new("new_arthritis", "Arthritis", "mild manifestation"),
    _new("new_fever", "Fever of lupus", "mild manifestation"),
)

SEVERE: Final = (
    _new("new_cns", "Central nervous system", "severe manifestation", _SEVERE_HELP, "memory"),
    _new("new_vasculitis", "Vasculitis", "severe manifestation", _SEVERE_HELP),
    _new("new_nephritis", "Nephritis", "severe manifestation", _SEVERE_HELP),
    _new("new_myositis", "Myositis", "severe manifestation", _SEVERE_HELP),
    _new(
        "new_platelets_below_60", "Platelets below 60 ×10⁹/L", "severe manifestation", _SEVERE_HELP
    ),
    _new(
        "new_haemolytic_anaemia",
        "Hemolytic anemia",
        "severe manifestation",
        f"Hemoglobin below 7 g/dL or a fall of more than 3 g/dL. {_SEVERE_HELP}",
    ),
)

REQUIRES: Final = _new(
    "requires_escalation",
    "A severe manifestation requires escalation",
    "severe manifestation",
    "Prednisone to be doubled, prednisone above 0.5 mg/kg/day, or hospitalization.",
)

ITEMS: Final = (
    Item(
        key="selena_sledai",
        label="SELENA-SLEDAI total",
        kind="grade",
        high=105,
        source="S2, S61",
        verified=True,
    ),
    _number("pga", "Physician's global assessment, 0 to 3", "", 0, 3, 0),
    _number("prednisone", "Prednisone or its equivalent per day", "mg", 0, 2000, 0),
    _number("weight", "Body weight", "kg", 20, 400, 60),
    *MILD,
    *SEVERE,
    REQUIRES,
    _new(
        "added_nsaid_or_hydroxychloroquine",
        "Nonsteroidal drug or hydroxychloroquine added for activity",
        "treatment",
        "Since the previous visit.",
    ),
    _new(
        "added_immunosuppressant",
        "Cyclophosphamide, azathioprine, methotrexate or mycophenolate added for activity",
        "treatment",
        "Since the previous visit. Mycophenolate from memory.",
    ),
    _new(
        "hospitalized",
        "Hospitalized for activity of lupus",
        "treatment",
        "Since the previous visit.",
        "memory",
    ),
)
