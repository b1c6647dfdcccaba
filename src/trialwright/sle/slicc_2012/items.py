"""The items of the 11 clinical and 6 immunological criteria; `group` names the criterion."""

from typing import Final

from trialwright.sle.instrument import Item

HEMOLYTIC_ANEMIA, COOMBS = "hemolytic anemia", "direct Coombs test"
NEPHRITIS = "lupus nephritis"


def _item(criterion: str, key: str, label: str, text: str = "", source: str = "S76") -> Item:
    return Item(key=key, label=label, group=criterion, help=text, source=source, verified=True)


_SKIN, _NERVES = "acute or subacute cutaneous", "neurologic"
CLINICAL: Final = (
    _item(_SKIN, "acute_cutaneous", "Acute cutaneous lupus"),
    _item(_SKIN, "subacute_cutaneous", "Subacute cutaneous lupus"),
    _item("chronic cutaneous", "chronic_cutaneous", "Chronic cutaneous lupus"),
    _item("oral or nasal ulcers", "oral_ulcers", "Oral ulcers"),
    _item("oral or nasal ulcers", "nasal_ulcers", "Nasal ulcers"),
    _item("non-scarring alopecia", "alopecia", "Non-scarring alopecia"),
    _item("synovitis", "synovitis", "Synovitis", "Of 2 joints or more."),
    _item(
        "synovitis",
        "joint_tenderness",
        "Joint tenderness with morning stiffness",
        "2 joints or more, with 30 minutes or more of morning stiffness.",
    ),
    _item("serositis", "pleurisy", "Pleurisy", "For more than 1 day, or effusion, or rub."),
    _item(
        "serositis",
        "pericarditis",
        "Pericarditis",
        "Pain for more than 1 day, or effusion, or rub, or by electrocardiogram.",
    ),
    _item("renal", "proteinuria", "Proteinuria", "Representing 500 mg in 24 h."),
    _item("renal", "red_cell_casts", "Red cell casts"),
    *(
        _item(_NERVES, key, label, source="S77, S78")
        for key, label in (
            ("seizure", "Seizure"),
            ("psychosis", "Psychosis"),
            ("mononeuritis_multiplex", "Mononeuritis multiplex"),
            ("myelitis", "Myelitis"),
            ("neuropathy", "Peripheral or cranial neuropathy"),
            ("acute_confusional_state", "Acute confusional state"),
        )
    ),
    _item(HEMOLYTIC_ANEMIA, "haemolytic_anaemia", "Hemolytic anemia", source="S77, S78"),
    _item(
        "leukopenia or lymphopenia",
        "leukopenia",
        "Leukopenia",
        "Below 4 ×10⁹/L, at least once.",
        "S77, S78",
    ),
    _item(
        "leukopenia or lymphopenia",
        "lymphopenia",
        "Lymphopenia",
        "Below 1 ×10⁹/L, at least once.",
        "S77, S78",
    ),
    _item(
        "thrombocytopenia",
        "thrombocytopenia",
        "Thrombocytopenia",
        "Below 100 ×10⁹/L, at least once.",
        "S77, S78",
    ),
)

_PHOSPHOLIPID = "antiphospholipid antibodies"
IMMUNOLOGICAL: Final = (
    _item("antinuclear antibody", "ana", "Antinuclear antibody", source="S78"),
    _item(
        "anti-dsDNA",
        "anti_dsdna",
        "Anti-dsDNA antibodies",
        "Above the reference range; by ELISA more than twice the reference.",
        "S78",
    ),
    _item("anti-Sm", "anti_sm", "Anti-Sm antibodies", source="S78"),
    _item(_PHOSPHOLIPID, "lupus_anticoagulant", "Lupus anticoagulant", source="S78"),
    _item(_PHOSPHOLIPID, "false_positive_rpr", "False-positive rapid plasma reagin", source="S78"),
    _item(
        _PHOSPHOLIPID,
        "anticardiolipin",
        "Anticardiolipin antibodies",
        "Of medium or high titer.",
        "S78",
    ),
    _item(_PHOSPHOLIPID, "anti_b2gp1", "Anti-β2-glycoprotein I antibodies", source="S78"),
    _item("low complement", "low_complement", "Low complement", "C3, C4 or CH50.", "S78"),
    _item(
        COOMBS,
        "direct_coombs",
        "Direct Coombs test positive",
        "Counts only without hemolytic anemia.",
        "S78",
    ),
)

BIOPSY: Final = _item(
    NEPHRITIS, "biopsy_nephritis", "Lupus nephritis proven by biopsy", source="S76, S77"
)

ITEMS: Final = (*CLINICAL, *IMMUNOLOGICAL, BIOPSY)
NEEDED: Final = 4
