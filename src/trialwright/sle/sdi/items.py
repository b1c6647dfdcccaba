"""The items of the SDI by domain; an item that can count twice is graded 0 to 2."""

from typing import Final

from trialwright.sle.instrument import Item

END_STAGE: Final = "end_stage_renal_disease"
RENAL: Final = "renal"

# Domain, key, label, highest score, where it was read.
_ROWS: Final = (
    ("ocular", "cataract", "Any cataract ever", 1, "S63"),
    ("ocular", "retinal_change_optic_atrophy", "Retinal change or optic atrophy", 1, "S63"),
    (
        "neuropsychiatric",
        "cognitive_impairment_psychosis",
        "Cognitive impairment or major psychosis",
        1,
        "S63",
    ),
    ("neuropsychiatric", "seizures", "Seizures needing therapy for 6 months", 1, "S63"),
    ("neuropsychiatric", "cva", "Cerebrovascular accident ever; 2 if more than one", 2, "S63"),
    (
        "neuropsychiatric",
        "neuropathy",
        "Cranial or peripheral neuropathy, not of the optic nerve",
        1,
        "S63",
    ),
    ("neuropsychiatric", "transverse_myelitis", "Transverse myelitis", 1, "S63"),
    (RENAL, "gfr_below_50", "Glomerular filtration rate below 50%", 1, "S63"),
    (RENAL, "proteinuria", "Proteinuria of 3.5 g or more in 24 h", 1, "S63"),
    (RENAL, END_STAGE, "End-stage renal disease; 3 in place of the other two", 3, "S63"),
    ("pulmonary", "pulmonary_hypertension", "Pulmonary hypertension", 1, "S64"),
    ("pulmonary", "pulmonary_fibrosis", "Pulmonary fibrosis", 1, "S64"),
    ("pulmonary", "shrinking_lung", "Shrinking lung", 1, "S64"),
    ("pulmonary", "pleural_fibrosis", "Pleural fibrosis", 1, "S64"),
    ("pulmonary", "pulmonary_infarction", "Pulmonary infarction", 1, "S64"),
    ("cardiovascular", "angina_bypass", "Angina or coronary bypass", 1, "S64"),
    (
        "cardiovascular",
        "myocardial_infarction",
        "Myocardial infarction ever; 2 if more than one",
        2,
        "S64, S65",
    ),
    ("cardiovascular", "cardiomyopathy", "Cardiomyopathy", 1, "S64"),
    ("cardiovascular", "valvular_disease", "Valvular disease", 1, "S64"),
    (
        "cardiovascular",
        "pericarditis",
        "Pericarditis for 6 months, or pericardiectomy",
        1,
        "S64",
    ),
    ("peripheral vascular", "claudication", "Claudication for 6 months", 1, "S64"),
    ("peripheral vascular", "minor_tissue_loss", "Minor tissue loss", 1, "S64"),
    (
        "peripheral vascular",
        "significant_tissue_loss",
        "Significant tissue loss ever; 2 if at more than one site",
        2,
        "S64, S65",
    ),
    (
        "peripheral vascular",
        "venous_thrombosis",
        "Venous thrombosis with swelling, ulceration or stasis",
        1,
        "S64",
    ),
    (
        "gastrointestinal",
        "infarction_resection",
        "Infarction or resection of bowel below the duodenum, spleen, liver or gallbladder; 2 if "
        "at more than one site",
        2,
        "S64",
    ),
    ("gastrointestinal", "mesenteric_insufficiency", "Mesenteric insufficiency", 1, "S64"),
    ("gastrointestinal", "chronic_peritonitis", "Chronic peritonitis", 1, "S64"),
    ("gastrointestinal", "stricture_surgery", "Stricture, or upper tract surgery", 1, "S64"),
    ("gastrointestinal", "pancreatic_insufficiency", "Pancreatic insufficiency", 1, "S64"),
    ("musculoskeletal", "muscle_atrophy_weakness", "Muscle atrophy or weakness", 1, "S64"),
    ("musculoskeletal", "deforming_arthritis", "Deforming or erosive arthritis", 1, "S64"),
    (
        "musculoskeletal",
        "osteoporotic_fracture",
        "Osteoporosis with fracture or vertebral collapse",
        1,
        "S64",
    ),
    ("musculoskeletal", "avascular_necrosis", "Avascular necrosis; 2 if more than one", 2, "S64"),
    ("musculoskeletal", "osteomyelitis", "Osteomyelitis", 1, "S64"),
    ("musculoskeletal", "ruptured_tendon", "Ruptured tendon", 1, "S64"),
    ("skin", "scarring_alopecia", "Scarring chronic alopecia", 1, "S64"),
    ("skin", "extensive_scarring", "Extensive scarring or panniculum", 1, "S64"),
    ("skin", "skin_ulceration", "Skin ulceration for more than 6 months", 1, "S64"),
    ("gonadal", "premature_gonadal_failure", "Premature gonadal failure", 1, "S64"),
    ("diabetes", "diabetes", "Diabetes, whatever the treatment", 1, "memory"),
    ("malignancy", "malignancy", "Malignancy, not dysplasia; 2 if at more than one site", 2, "S64"),
)

TWICE_FROM_MEMORY: Final = ("cva", "infarction_resection", "avascular_necrosis", "malignancy")
"""Items of which only memory says that they can count twice."""


def _source(key: str, source: str) -> str:
    return f"{source}, memory" if key in TWICE_FROM_MEMORY else source


ITEMS: Final = tuple(
    Item(
        key=key,
        label=label,
        kind="grade" if highest == 2 else "yes/no",
        group=domain,
        weight=3 if key == END_STAGE else 1,
        high=2 if highest == 2 else 1,
        source=_source(key, source),
        verified="memory" not in _source(key, source),
    )
    for domain, key, label, highest, source in _ROWS
)

DOMAINS: Final = {
    domain: tuple(item for item in ITEMS if item.group == domain)
    for domain in dict.fromkeys(item.group for item in ITEMS)
}
"""The 12 domains, in order, with their items."""
