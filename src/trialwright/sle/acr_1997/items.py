"""The items of the 11 criteria; `group` names the criterion."""

from typing import Final

from trialwright.sle.instrument import Item


def _item(criterion: str, key: str, label: str, text: str = "", *, verified: bool = True) -> Item:
    return Item(
        key=key,
        label=label,
        group=criterion,
        help=text,
        source="S79, S80, S81" if verified else "memory",
        verified=verified,
    )


ITEMS: Final = (
    _item("malar rash", "malar_rash", "Malar rash"),
    _item("discoid rash", "discoid_rash", "Discoid rash"),
    _item("photosensitivity", "photosensitivity", "Photosensitivity"),
    _item("oral ulcers", "oral_ulcers", "Oral ulcers"),
    _item("arthritis", "arthritis", "Arthritis", "Non-erosive, of 2 peripheral joints or more."),
    _item("serositis", "pleuritis", "Pleuritis"),
    _item("serositis", "pericarditis", "Pericarditis"),
    _item("renal", "proteinuria", "Proteinuria", "More than 0.5 g/day, or more than 3+."),
    _item("renal", "cellular_casts", "Cellular casts"),
    _item("neurological", "seizures", "Seizures"),
    _item("neurological", "psychosis", "Psychosis"),
    _item("hematological", "haemolytic_anaemia", "Hemolytic anemia"),
    _item(
        "hematological",
        "leukopenia",
        "Leukopenia",
        "Below 4 ×10⁹/L, twice or more.",
        verified=False,
    ),
    _item(
        "hematological",
        "lymphopenia",
        "Lymphopenia",
        "Below 1.5 ×10⁹/L, twice or more.",
        verified=False,
    ),
    _item("hematological", "thrombocytopenia", "Thrombocytopenia", "Below 100 ×10⁹/L."),
    _item("immunological", "anti_dna", "Anti-DNA antibodies"),
    _item("immunological", "anti_sm", "Anti-Sm antibodies"),
    _item(
        "immunological",
        "antiphospholipid",
        "Antiphospholipid antibodies",
        "IgG or IgM anticardiolipin, lupus anticoagulant, or a false-positive syphilis test for 6 "
        "months or longer.",
        verified=False,
    ),
    _item(
        "antinuclear antibody",
        "ana",
        "Antinuclear antibody",
        "Not induced by a drug.",
        verified=False,
    ),
)
