"""The 24 items of SLEDAI and what each version says differently."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from trialwright.sle.instrument import Item

CLINICAL, LABORATORY, SEROLOGY = "clinical", "laboratory", "serology"


def _item(
    key: str, label: str, weight: int, group: str, text: str, source: str, verified: bool = True
) -> Item:
    return Item(
        key=key,
        label=label,
        weight=weight,
        group=group,
        help=text,
        source=source,
        verified=verified,
    )


ITEMS: Final = (
    _item(
        "seizure",
        "Seizure",
        8,
        CLINICAL,
        "Recent onset; no metabolic, infectious or drug cause.",
        "S1",
    ),
    _item(
        "psychosis",
        "Psychosis",
        8,
        CLINICAL,
        "Function impaired by a severe disturbance of the perception of reality: hallucinations, "
        "incoherence, loose or impoverished thought, bizarre or catatonic behavior. No uremia, "
        "no drug cause.",
        "S1",
    ),
    _item(
        "organic_brain_syndrome",
        "Organic brain syndrome",
        8,
        CLINICAL,
        "Altered mental function of rapid onset and fluctuating course: clouded consciousness "
        "with poor "
        "attention, and at least two of perceptual disturbance, incoherent speech, insomnia or "
        "daytime "
        "drowsiness, changed psychomotor activity. No metabolic, infectious or drug cause.",
        "S1",
    ),
    _item(
        "visual_disturbance",
        "Visual disturbance",
        8,
        CLINICAL,
        "Retinal change of lupus: cytoid bodies, retinal hemorrhage, exudate or hemorrhage in "
        "the choroid, "
        "or optic neuritis. No hypertension, infection or drug cause.",
        "S1",
    ),
    _item(
        "cranial_nerve_disorder",
        "Cranial nerve disorder",
        8,
        CLINICAL,
        "New sensory or motor neuropathy of a cranial nerve.",
        "S1",
    ),
    _item(
        "lupus_headache",
        "Lupus headache",
        8,
        CLINICAL,
        "Severe and persistent, perhaps migrainous; does not respond to narcotic analgesia.",
        "S1",
    ),
    _item(
        "cva",
        "Cerebrovascular accident",
        8,
        CLINICAL,
        "New event; not from arteriosclerosis.",
        "S1",
    ),
    _item(
        "vasculitis",
        "Vasculitis",
        8,
        CLINICAL,
        "Ulceration, gangrene, tender finger nodules, periungual infarction, splinter "
        "hemorrhages, or proof "
        "by biopsy or angiogram.",
        "S1",
    ),
    _item(
        "arthritis",
        "Arthritis",
        4,
        CLINICAL,
        "More than 2 joints with pain and signs of inflammation (tenderness, swelling or "
        "effusion).",
        "S1",
    ),
    _item(
        "myositis",
        "Myositis",
        4,
        CLINICAL,
        "Proximal ache or weakness with raised CK or aldolase, or EMG change, or biopsy.",
        "S1",
    ),
    _item(
        "urinary_casts",
        "Urinary casts",
        4,
        LABORATORY,
        "Heme-granular or red cell casts.",
        "S4, S7",
    ),
    _item(
        "hematuria",
        "Hematuria",
        4,
        LABORATORY,
        "More than 5 red cells per high-power field; no stone, infection or other cause.",
        "S4",
    ),
    _item(
        "proteinuria",
        "Proteinuria",
        4,
        LABORATORY,
        "More than 0.5 g in 24 hours, and new or recently risen by more than 0.5 g.",
        "S8",
    ),
    _item(
        "pyuria",
        "Pyuria",
        4,
        LABORATORY,
        "More than 5 white cells per high-power field; no infection.",
        "S4",
    ),
    _item("rash", "Rash", 2, CLINICAL, "Inflammatory rash, new or recurrent.", "S8"),
    _item(
        "alopecia",
        "Alopecia",
        2,
        CLINICAL,
        "Abnormal patchy or diffuse loss of hair, new or recurrent.",
        "S8",
    ),
    _item(
        "mucosal_ulcers",
        "Mucosal ulcers",
        2,
        CLINICAL,
        "Oral or nasal ulcers, new or recurrent.",
        "S8",
    ),
    _item(
        "pleurisy",
        "Pleurisy",
        2,
        CLINICAL,
        "Pleuritic pain with rub or effusion, or pleural thickening.",
        "S3",
    ),
    _item(
        "pericarditis",
        "Pericarditis",
        2,
        CLINICAL,
        "Pericardial pain with at least one of rub, effusion, or confirmation by ECG or "
        "echocardiogram.",
        "S8",
    ),
    _item(
        "low_complement",
        "Low complement",
        2,
        SEROLOGY,
        "CH50, C3 or C4 below the lower limit of the testing laboratory.",
        "S5, S8",
    ),
    _item(
        "increased_dna_binding",
        "Increased DNA binding",
        2,
        SEROLOGY,
        "More than 25% by the Farr assay, or above the range of the testing laboratory.",
        "S5",
    ),
    _item("fever", "Fever", 1, CLINICAL, "Above 38 °C; no infection.", "S6"),
    _item(
        "thrombocytopenia",
        "Thrombocytopenia",
        1,
        LABORATORY,
        "Platelets below 100 ×10⁹/L.",
        "S6",
    ),
    _item(
        "leukopenia",
        "Leukopenia",
        1,
        LABORATORY,
        "White cells below 3 ×10⁹/L; no drug cause.",
        "S6",
    ),
)

_MEMORY = "memory"
Change = tuple[str, str, bool]  # help text, source, verified

SELENA_CHANGES: Final[Mapping[str, Change]] = {
    "seizure": (
        "Recent onset; no metabolic, infectious or drug cause, and not from past irreversible "
        "damage "
        "of the central nervous system.",
        _MEMORY,
        False,
    ),
    "visual_disturbance": (
        "Retinal change of lupus as in SLEDAI, or scleritis or episcleritis. No hypertension, "
        "infection "
        "or drug cause.",
        "S5, S10b",
        True,
    ),
    "cranial_nerve_disorder": (
        "New sensory or motor neuropathy of a cranial nerve, vertigo due to lupus included.",
        "S5",
        True,
    ),
    "cva": ("New event; not from arteriosclerosis or hypertension.", "S5", True),
    "arthritis": (
        "More than 2 joints with pain and signs of inflammation (tenderness, swelling or "
        "effusion).",
        "S5",
        True,
    ),
    "proteinuria": (
        "More than 0.5 g in 24 hours, and new or recently risen by more than 0.5 g.",
        _MEMORY,
        False,
    ),
    "rash": ("Inflammatory rash: new, recurrent or ongoing.", "S5", True),
    "alopecia": (
        "Abnormal patchy or diffuse loss of hair from active lupus: new, recurrent or ongoing.",
        _MEMORY,
        False,
    ),
    "mucosal_ulcers": (
        "Oral or nasal ulcers from active lupus: new, recurrent or ongoing.",
        _MEMORY,
        False,
    ),
    "pleurisy": (
        "Classic and severe pleuritic pain, or rub, or effusion, or new pleural thickening. One "
        "public "
        "calculator (S5) asks for pain with one of the others.",
        _MEMORY,
        False,
    ),
    "pericarditis": (
        "Classic and severe pericardial pain, or rub, or effusion, or ECG confirmation. One public "
        "calculator (S5) asks for pain with one of the others.",
        _MEMORY,
        False,
    ),
    "thrombocytopenia": ("Platelets below 100 ×10⁹/L; no drug cause.", _MEMORY, False),
}

PERSISTENT_PROTEINURIA: Final[Mapping[str, Change]] = {
    "proteinuria": ("More than 0.5 g in 24 hours, new or persistent.", "S10", True)
}

TWO_K_CHANGES: Final[Mapping[str, Change]] = {
    **PERSISTENT_PROTEINURIA,
    "arthritis": (
        "2 joints or more with pain and signs of inflammation. One published table (S11) prints "
        "more "
        "than two.",
        "S3",
        True,
    ),
    "rash": ("Inflammatory rash; persistent activity counts.", "S10", True),
    "alopecia": (
        "Abnormal patchy or diffuse loss of hair; persistent activity counts.",
        "S10",
        True,
    ),
    "mucosal_ulcers": ("Oral or nasal ulcers; persistent activity counts.", "S10", True),
    "pericarditis": (
        "Pericardial pain with at least one of rub, effusion, or ECG or echocardiogram "
        "confirmation.",
        "S3",
        True,
    ),
    "increased_dna_binding": (
        "Above the range of the testing laboratory by the Farr assay.",
        _MEMORY,
        False,
    ),
    "thrombocytopenia": ("Platelets below 100 ×10⁹/L; no drug cause.", _MEMORY, False),
}


def items_with(*changes: Mapping[str, Change]) -> tuple[Item, ...]:
    """The 24 items with the wording of a version; a later change wins."""
    wording = {key: change for mapping in changes for key, change in mapping.items()}
    return tuple(
        replace(
            item,
            help=wording[item.key][0],
            source=wording[item.key][1],
            verified=wording[item.key][2],
        )
        if item.key in wording
        else item
        for item in ITEMS
    )
