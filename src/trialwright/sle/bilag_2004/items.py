"""The 97 items of BILAG-2004, in nine systems, and the sets that drive the grades."""

from typing import Final

from trialwright.sle.instrument import Item

GRADE_SCALE: Final = {
    0: "not present",
    1: "improving",
    2: "same",
    3: "worse",
    4: "new",
}

# Number, key, label, and the set that the item belongs to: `a` drives grade A, `b` B, `c` C.
_GRADED: Final = {
    "constitutional": (
        (1, "pyrexia", "Pyrexia, documented above 37.5 °C", "pyrexia"),
        (2, "weight_loss", "Unintentional weight loss of more than 5%", "other"),
        (3, "lymphadenopathy_splenomegaly", "Lymphadenopathy or splenomegaly", "other"),
        (4, "anorexia", "Anorexia", "other"),
    ),
    "mucocutaneous": (
        (5, "skin_eruption_severe", "Skin eruption, severe", "a"),
        (6, "skin_eruption_mild", "Skin eruption, mild", "b"),
        (7, "angio_oedema_severe", "Angioedema, severe", "a"),
        (8, "angio_oedema_mild", "Angioedema, mild", "c"),
        (9, "mucosal_ulceration_severe", "Mucosal ulceration, severe", "a"),
        (10, "mucosal_ulceration_mild", "Mucosal ulceration, mild", "c"),
        (11, "panniculitis_bullous_severe", "Panniculitis or bullous lupus, severe", "a"),
        (12, "panniculitis_bullous_mild", "Panniculitis or bullous lupus, mild", "b"),
        (
            13,
            "major_cutaneous_vasculitis_thrombosis",
            "Major cutaneous vasculitis or thrombosis",
            "a",
        ),
        (14, "digital_infarcts_nodular_vasculitis", "Digital infarcts or nodular vasculitis", "b"),
        (15, "alopecia_severe", "Alopecia, severe", "b"),
        (16, "alopecia_mild", "Alopecia, mild", "c"),
        (17, "periungual_erythema_chilblains", "Periungual erythema or chilblains", "c"),
        (18, "splinter_haemorrhages", "Splinter hemorrhages", "c"),
    ),
    "neuropsychiatric": (
        (19, "aseptic_meningitis", "Aseptic meningitis", "a"),
        (20, "cerebral_vasculitis", "Cerebral vasculitis", "a"),
        (21, "demyelinating_syndrome", "Demyelinating syndrome", "a"),
        (22, "myelopathy", "Myelopathy", "a"),
        (23, "acute_confusional_state", "Acute confusional state", "a"),
        (24, "psychosis", "Psychosis", "a"),
        (25, "aidp", "Acute inflammatory demyelinating polyradiculoneuropathy", "a"),
        (26, "mononeuropathy", "Mononeuropathy, single or multiplex", "a"),
        (27, "cranial_neuropathy", "Cranial neuropathy", "a"),
        (28, "plexopathy", "Plexopathy", "a"),
        (29, "polyneuropathy", "Polyneuropathy", "a"),
        (30, "seizure_disorder", "Seizure disorder", "b"),
        (31, "status_epilepticus", "Status epilepticus", "a"),
        (32, "cerebrovascular_disease", "Cerebrovascular disease, not from vasculitis", "b"),
        (33, "cognitive_dysfunction", "Cognitive dysfunction", "b"),
        (34, "movement_disorder", "Movement disorder", "b"),
        (35, "autonomic_disorder", "Autonomic disorder", "b"),
        (36, "cerebellar_ataxia_isolated", "Cerebellar ataxia, isolated", "a"),
        (37, "lupus_headache_severe", "Lupus headache, severe and unremitting", "b"),
        (38, "headache_ic_hypertension", "Headache from intracranial hypertension", "b"),
    ),
    "musculoskeletal": (
        (39, "myositis_severe", "Myositis, severe", "a"),
        (40, "myositis_mild", "Myositis, mild", "b"),
        (41, "arthritis_severe", "Arthritis, severe", "a"),
        (
            42,
            "arthritis_moderate_tendonitis_tenosynovitis",
            "Arthritis, moderate, or tendonitis or tenosynovitis",
            "b",
        ),
        (43, "arthritis_mild_arthralgia_myalgia", "Arthritis, mild, or arthralgia or myalgia", "c"),
    ),
    "cardiorespiratory": (
        (44, "myocarditis_mild", "Myocarditis, mild", "b"),
        (
            45,
            "myocarditis_endocarditis_cardiac_failure",
            "Myocarditis or endocarditis with cardiac failure",
            "a",
        ),
        (46, "arrhythmia", "Arrhythmia", "a"),
        (47, "new_valvular_dysfunction", "New valvular dysfunction", "a"),
        (48, "pleurisy_pericarditis", "Pleurisy or pericarditis", "b"),
        (49, "cardiac_tamponade", "Cardiac tamponade", "a"),
        (50, "pleural_effusion_dyspnoea", "Pleural effusion with dyspnea", "a"),
        (51, "pulmonary_haemorrhage_vasculitis", "Pulmonary hemorrhage or vasculitis", "a"),
        (52, "interstitial_alveolitis_pneumonitis", "Interstitial alveolitis or pneumonitis", "a"),
        (53, "shrinking_lung", "Shrinking lung syndrome", "a"),
        (54, "aortitis", "Aortitis", "a"),
        (55, "coronary_vasculitis", "Coronary vasculitis", "a"),
    ),
    "gastrointestinal": (
        (56, "peritonitis", "Peritonitis", "a"),
        (57, "abdominal_serositis_ascites", "Abdominal serositis or ascites", "b"),
        (58, "enteritis_colitis", "Enteritis or colitis", "a"),
        (59, "malabsorption", "Malabsorption", "b"),
        (60, "protein_losing_enteropathy", "Protein-losing enteropathy", "b"),
        (61, "pseudo_obstruction", "Intestinal pseudo-obstruction", "a"),
        (62, "hepatitis", "Hepatitis", "b"),
        (63, "acute_cholecystitis", "Acute cholecystitis", "a"),
        (64, "acute_pancreatitis", "Acute pancreatitis", "a"),
    ),
    "ophthalmic": (
        (65, "orbital_inflammation", "Orbital inflammation, myositis or proptosis", "a"),
        (66, "keratitis_severe", "Keratitis, severe", "a"),
        (67, "keratitis_mild", "Keratitis, mild", "b"),
        (68, "anterior_uveitis", "Anterior uveitis", "b"),
        (
            69,
            "posterior_uveitis_retinal_vasculitis_severe",
            "Posterior uveitis or retinal vasculitis, severe",
            "a",
        ),
        (
            70,
            "posterior_uveitis_retinal_vasculitis_mild",
            "Posterior uveitis or retinal vasculitis, mild",
            "b",
        ),
        (71, "episcleritis", "Episcleritis", "c"),
        (72, "scleritis_severe", "Scleritis, severe", "a"),
        (73, "scleritis_mild", "Scleritis, mild", "b"),
        (
            74,
            "retinal_choroidal_vaso_occlusive",
            "Retinal or choroidal vaso-occlusive disease",
            "a",
        ),
        (75, "isolated_cotton_wool_spots", "Isolated cotton-wool spots", "c"),
        (76, "optic_neuritis", "Optic neuritis", "a"),
        (77, "anterior_ischaemic_optic_neuropathy", "Anterior ischemic optic neuropathy", "a"),
    ),
}

_HELP: Final = {
    "skin_eruption_severe": "More than about 18% (two ninths) of the body surface.",
    "mucosal_ulceration_severe": "Deep or extensive, interfering with intake.",
    "alopecia_severe": "With inflammation of the scalp.",
    "arthritis_severe": "Synovitis of 2 joints or more with marked loss of function and of daily "
    "activities on several days.",
    "arthritis_moderate_tendonitis_tenosynovitis": "Synovitis of 1 joint or more, or tendonitis, "
    "with some loss of function.",
    "arthritis_mild_arthralgia_myalgia": "Pain of inflammatory type without the above.",
    "myositis_severe": "Raised enzymes with weakness.",
    "myositis_mild": "Raised enzymes with myalgia, without weakness.",
}


def _source(number: int) -> str:
    return "S15" if number <= 50 else "S17" if number <= 69 else "S19"


def _graded(system: str, number: int, key: str, label: str) -> Item:
    return Item(
        key=key,
        label=label,
        kind="grade",
        group=system,
        high=4,
        help=_HELP.get(key, ""),
        source="memory" if key in _HELP else _source(number),
        verified=key not in _HELP,
    )


def _yes_no(system: str, key: str, label: str, text: str = "", *, verified: bool = True) -> Item:
    return Item(
        key=key,
        label=label,
        group=system,
        help=text,
        source="S19" if verified else "memory",
        verified=verified,
    )


def _number(
    system: str,
    key: str,
    label: str,
    unit: str,
    low: float,
    high: float,
    absent: float,
    units: dict[str, tuple[float, float]] | None = None,
) -> Item:
    return Item(
        key=key,
        label=label,
        kind="number",
        group=system,
        unit=unit,
        units=units or {},
        low=low,
        high=high,
        absent=absent,
        source="S19",
        verified=True,
    )


_RENAL: Final = (
    _number("renal", "sbp", "Systolic blood pressure", "mm[Hg]", 40, 320, 120),
    _number("renal", "dbp", "Diastolic blood pressure", "mm[Hg]", 20, 220, 75),
    _yes_no(
        "renal",
        "accelerated_hypertension",
        "Accelerated hypertension",
        "Blood pressure rising to above 170/110 mmHg within 1 month, with retinal change of "
        "Keith-Wagener-Barker grade 3 or 4.",
        verified=False,
    ),
    Item(
        key="dipstick_protein",
        label="Protein by dipstick, number of plus signs",
        kind="grade",
        group="renal",
        high=4,
        source="S19",
        verified=True,
    ),
    _number(
        "renal",
        "uacr",
        "Urine albumin to creatinine ratio",
        "mg/mmol",
        0,
        5000,
        0,
        {"mg/g": (1, 8.84)},
    ),
    _number(
        "renal",
        "upcr",
        "Urine protein to creatinine ratio",
        "mg/mmol",
        0,
        5000,
        0,
        {"mg/g": (1, 8.84)},
    ),
    _number("renal", "protein_24h", "Protein in 24 h urine", "g", 0, 60, 0, {"mg": (1, 1000)}),
    _yes_no(
        "renal",
        "nephrotic_syndrome",
        "Nephrotic syndrome",
        "Protein of 3.5 g/day or more, or a protein or albumin to creatinine ratio of 350 "
        "mg/mmol or "
        "more, with low albumin and edema.",
        verified=False,
    ),
    _number(
        "renal", "creatinine", "Plasma creatinine", "umol/L", 15, 3000, 70, {"mg/dL": (88.42, 1)}
    ),
    _number("renal", "gfr", "Glomerular filtration rate", "mL/min/{1.73_m2}", 1, 250, 100),
    _yes_no(
        "renal",
        "active_urinary_sediment",
        "Active urinary sediment",
        "More than 5 white or 5 red cells per high-power field, or cell casts; other causes "
        "excluded.",
        verified=False,
    ),
    _yes_no(
        "renal",
        "active_nephritis",
        "Histologically active nephritis within 3 months",
        "WHO III, IV, V or vasculitis, or ISN/RPS III, IV (A or A/C) or V; sclerosis alone does "
        "not count.",
        verified=False,
    ),
)

_CELLS: Final = {"/uL": (1.0, 1000.0)}
_HAEMATOLOGICAL: Final = (
    _number("haematological", "haemoglobin", "Hemoglobin", "g/dL", 1, 25, 14, {"g/L": (1, 10)}),
    _number("haematological", "wcc", "White cells", "10*9/L", 0, 500, 6, _CELLS),
    _number("haematological", "neutrophils", "Neutrophils", "10*9/L", 0, 300, 4, _CELLS),
    _number("haematological", "lymphocytes", "Lymphocytes", "10*9/L", 0, 300, 2, _CELLS),
    _number("haematological", "platelets", "Platelets", "10*9/L", 0, 3000, 250, _CELLS),
    Item(
        key="ttp",
        label="Thrombotic thrombocytopenic purpura",
        kind="grade",
        group="haematological",
        high=4,
        source="S19",
        verified=True,
    ),
    _yes_no("haematological", "active_haemolysis", "Evidence of active hemolysis"),
    _yes_no("haematological", "coombs_isolated", "Coombs test positive, isolated"),
)

ITEMS: Final = (
    *(
        _graded(system, number, key, label)
        for system, rows in _GRADED.items()
        for number, key, label, _ in rows
    ),
    *_RENAL,
    *_HAEMATOLOGICAL,
)
"""Items in the order of their numbers, 1 to 97."""

SYSTEMS: Final = (*_GRADED, "renal", "haematological")

SETS: Final = {
    system: {
        name: tuple(key for _, key, _, belongs in rows if belongs == name)
        for name in ("a", "b", "c")
    }
    for system, rows in _GRADED.items()
    if system != "constitutional"
}
"""The six systems of the common pattern: the items that drive grades A, B and C."""

OTHERS: Final = tuple(key for _, key, _, belongs in _GRADED["constitutional"] if belongs == "other")
"""The three constitutional items beside pyrexia."""
