"""The entry criterion and the items of ten domains with their points; `group` is the domain."""

from typing import Final

from trialwright.sle.instrument import Item

ENTRY: Final = Item(
    key="ana",
    label="Antinuclear antibodies ever",
    group="entry",
    help="1:80 or more on HEp-2 cells, or an equivalent positive test.",
    source="S73, S74",
    verified=True,
)

COMPLEMENT: Final = "complement"
CLINICAL: Final = (
    "constitutional",
    "hematological",
    "neuropsychiatric",
    "mucocutaneous",
    "serosal",
    "musculoskeletal",
    "renal",
)
_IMMUNOLOGICAL: Final = ("antiphospholipid antibodies", COMPLEMENT, "specific antibodies")

# Domain, key, label, points, definition.
_ROWS: Final = (
    ("constitutional", "fever", "Fever", 2, "Above 38.3 °C."),
    ("hematological", "leukopenia", "Leukopenia", 3, "Below 4.0 ×10⁹/L."),
    ("hematological", "thrombocytopenia", "Thrombocytopenia", 4, "Below 100 ×10⁹/L."),
    (
        "hematological",
        "autoimmune_haemolysis",
        "Autoimmune hemolysis",
        4,
        "With a positive direct antiglobulin test.",
    ),
    ("neuropsychiatric", "delirium", "Delirium", 2, ""),
    ("neuropsychiatric", "psychosis", "Psychosis", 3, ""),
    ("neuropsychiatric", "seizure", "Seizure", 5, ""),
    ("mucocutaneous", "alopecia", "Non-scarring alopecia", 2, ""),
    ("mucocutaneous", "oral_ulcers", "Oral ulcers", 2, ""),
    ("mucocutaneous", "subacute_or_discoid", "Subacute cutaneous or discoid lupus", 4, ""),
    ("mucocutaneous", "acute_cutaneous", "Acute cutaneous lupus", 6, ""),
    ("serosal", "effusion", "Pleural or pericardial effusion", 5, ""),
    ("serosal", "acute_pericarditis", "Acute pericarditis", 6, ""),
    (
        "musculoskeletal",
        "joint_involvement",
        "Joint involvement",
        6,
        "Synovitis of 2 joints or more, or tenderness of 2 joints or more with 30 minutes or more "
        "of morning stiffness.",
    ),
    ("renal", "proteinuria", "Proteinuria", 4, "More than 0.5 g in 24 h."),
    ("renal", "biopsy_class_2_or_5", "Nephritis of class II or V on biopsy", 8, ""),
    ("renal", "biopsy_class_3_or_4", "Nephritis of class III or IV on biopsy", 10, ""),
    (
        "antiphospholipid antibodies",
        "anticardiolipin",
        "Anticardiolipin antibodies",
        2,
        "Of medium or high titer.",
    ),
    ("antiphospholipid antibodies", "anti_b2gp1", "Anti-β2-glycoprotein I antibodies", 2, ""),
    ("antiphospholipid antibodies", "lupus_anticoagulant", "Lupus anticoagulant", 2, ""),
    (COMPLEMENT, "low_c3", "Low C3", 3, "Both C3 and C4 low give 4 points."),
    (COMPLEMENT, "low_c4", "Low C4", 3, "Both C3 and C4 low give 4 points."),
    ("specific antibodies", "anti_dsdna", "Anti-dsDNA antibodies", 6, ""),
    ("specific antibodies", "anti_sm", "Anti-Sm antibodies", 6, ""),
)

_FROM_MEMORY: Final = ("autoimmune_haemolysis",)  # that the test must be positive

ITEMS: Final = (
    ENTRY,
    *(
        Item(
            key=key,
            label=label,
            group=domain,
            weight=points,
            help=text,
            source="S74, S75, memory" if key in _FROM_MEMORY else "S73, S74, S75",
            verified=key not in _FROM_MEMORY,
        )
        for domain, key, label, points, text in _ROWS
    ),
)

DOMAINS: Final = {
    domain: tuple(item for item in ITEMS if item.group == domain)
    for domain in (*CLINICAL, *_IMMUNOLOGICAL)
}
"""Domain to its items; the first seven are clinical."""

NEEDED: Final = 10
