"""BILAG-2004 by hand, one participant at a time, with exact decimals; written apart from the library.

Item sets are typed from the specification (2.3) by item number. Every system is graded twice, at best
and at worst; a condition is True, False or None (unknown).
"""

from decimal import Decimal
from functools import cache

NUMBERED = [
    "pyrexia",
    "weight_loss",
    "lymphadenopathy_splenomegaly",
    "anorexia",
    "skin_eruption_severe",
    "skin_eruption_mild",
    "angio_oedema_severe",
    "angio_oedema_mild",
    "mucosal_ulceration_severe",
    "mucosal_ulceration_mild",
    "panniculitis_bullous_severe",
    "panniculitis_bullous_mild",
    "major_cutaneous_vasculitis_thrombosis",
    "digital_infarcts_nodular_vasculitis",
    "alopecia_severe",
    "alopecia_mild",
    "periungual_erythema_chilblains",
    "splinter_haemorrhages",
    "aseptic_meningitis",
    "cerebral_vasculitis",
    "demyelinating_syndrome",
    "myelopathy",
    "acute_confusional_state",
    "psychosis",
    "aidp",
    "mononeuropathy",
    "cranial_neuropathy",
    "plexopathy",
    "polyneuropathy",
    "seizure_disorder",
    "status_epilepticus",
    "cerebrovascular_disease",
    "cognitive_dysfunction",
    "movement_disorder",
    "autonomic_disorder",
    "cerebellar_ataxia_isolated",
    "lupus_headache_severe",
    "headache_ic_hypertension",
    "myositis_severe",
    "myositis_mild",
    "arthritis_severe",
    "arthritis_moderate_tendonitis_tenosynovitis",
    "arthritis_mild_arthralgia_myalgia",
    "myocarditis_mild",
    "myocarditis_endocarditis_cardiac_failure",
    "arrhythmia",
    "new_valvular_dysfunction",
    "pleurisy_pericarditis",
    "cardiac_tamponade",
    "pleural_effusion_dyspnoea",
    "pulmonary_haemorrhage_vasculitis",
    "interstitial_alveolitis_pneumonitis",
    "shrinking_lung",
    "aortitis",
    "coronary_vasculitis",
    "peritonitis",
    "abdominal_serositis_ascites",
    "enteritis_colitis",
    "malabsorption",
    "protein_losing_enteropathy",
    "pseudo_obstruction",
    "hepatitis",
    "acute_cholecystitis",
    "acute_pancreatitis",
    "orbital_inflammation",
    "keratitis_severe",
    "keratitis_mild",
    "anterior_uveitis",
    "posterior_uveitis_retinal_vasculitis_severe",
    "posterior_uveitis_retinal_vasculitis_mild",
    "episcleritis",
    "scleritis_severe",
    "scleritis_mild",
    "retinal_choroidal_vaso_occlusive",
    "isolated_cotton_wool_spots",
    "optic_neuritis",
    "anterior_ischaemic_optic_neuropathy",
    "sbp",
    "dbp",
    "accelerated_hypertension",
    "dipstick_protein",
    "uacr",
    "upcr",
    "protein_24h",
    "nephrotic_syndrome",
    "creatinine",
    "gfr",
    "active_urinary_sediment",
    "active_nephritis",
    "haemoglobin",
    "wcc",
    "neutrophils",
    "lymphocytes",
    "platelets",
    "ttp",
    "active_haemolysis",
    "coombs_isolated",
]

SETS = {
    "mucocutaneous": ([5, 7, 9, 11, 13], [6, 12, 14, 15], [8, 10, 16, 17, 18]),
    "neuropsychiatric": (
        [19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 31, 36],
        [30, 32, 33, 34, 35, 37, 38],
        [],
    ),
    "musculoskeletal": ([39, 41], [40, 42], [43]),
    "cardiorespiratory": ([45, 46, 47, 49, 50, 51, 52, 53, 54, 55], [44, 48], []),
    "gastrointestinal": ([56, 58, 61, 63, 64], [57, 59, 60, 62], []),
    "ophthalmic": ([65, 66, 69, 72, 74, 76, 77], [67, 68, 70, 73], [71, 75]),
}
SYSTEMS = ["constitutional", *SETS, "renal", "haematological"]
RENAL = NUMBERED[77:89]


@cache
def exact(value):
    return None if value is None else Decimal(str(value))


def either(*conditions):
    if any(condition is True for condition in conditions):
        return True
    return None if any(condition is None for condition in conditions) else False


def both(*conditions):
    if any(condition is False for condition in conditions):
        return False
    return None if any(condition is None for condition in conditions) else True


def letter(a: bool, b: bool, c: bool) -> str | None:
    return "A" if a else "B" if b else "C" if c else None


KEYS = {
    system: [[NUMBERED[n - 1] for n in numbers] for numbers in sets]
    for system, sets in SETS.items()
}


def common(system: str, visit: dict, blank: int) -> str | None:
    return common_letter(*(frozenset(map(visit.get, keys)) for keys in KEYS[system]), blank)


@cache
def common_letter(a: frozenset, b: frozenset, c: frozenset, blank: int) -> str | None:
    """The letter that follows from which codes occur in each set of items."""
    a, b, c = ({blank if code is None else code for code in codes} for codes in (a, b, c))
    if a & {2, 3, 4}:
        return "A"
    if 1 in a or b & {2, 3, 4}:
        return "B"
    if 1 in b or c & {1, 2, 3, 4}:
        return "C"
    return None


def constitutional(visit: dict, blank: int) -> str | None:
    fever, *others = (blank if visit[key] is None else visit[key] for key in NUMBERED[:4])
    several = len([code for code in others if code >= 2]) >= 2
    if fever >= 2 and several:
        return "A"
    if fever >= 2 or several:
        return "B"
    if fever == 1 or any(others):
        return "C"
    return None


@cache
def below(value, limit: str):
    return None if value is None else exact(value) < exact(limit)


def at_least(value, limit: int):
    return None if value is None else value >= limit


def haematological(visit: dict) -> list[str | None]:
    hb, wcc, neutrophils, lymphocytes, platelets, ttp, haemolysis, coombs = (
        visit[key] for key in NUMBERED[89:]
    )
    a = [
        at_least(ttp, 2),
        below(hb, "8"),
        below(wcc, "1"),
        below(neutrophils, "0.5"),
        below(platelets, "25"),
    ]
    b = [
        at_least(ttp, 1),
        below(hb, "9"),
        below(wcc, "2"),
        below(neutrophils, "1"),
        below(platelets, "50"),
        at_least(haemolysis, 1),
    ]
    c = [
        below(hb, "11"),
        below(wcc, "4"),
        below(neutrophils, "2"),
        below(lymphocytes, "1"),
        below(platelets, "150"),
        at_least(coombs, 1),
    ]
    return [
        letter(*(any(unknown if x is None else x for x in conditions) for conditions in (a, b, c)))
        for unknown in (False, True)
    ]


def renal(visit: dict, before: dict, policy: str) -> list[str | None]:
    def missing(as_written: bool):
        return {"as written": as_written, "met": True, "not met": False, "unknown": None}[policy]

    now = {key: exact(visit[key]) for key in RENAL}
    then = {key: exact(before.get(key)) for key in RENAL}
    amounts = [key for key in ("protein_24h", "upcr", "uacr") if now[key] is not None]
    dipstick, dipstick_before = now["dipstick_protein"], then["dipstick_protein"]

    def not_fallen(key: str):
        if then[key] is None:
            return missing(True)
        fall = then[key] - now[key]
        return fall < then[key] / 4 or (then[key] == 0 and now[key] > 0)

    def dipstick_up(levels: int):
        if dipstick is None:
            return None
        return missing(False) if dipstick_before is None else dipstick - dipstick_before >= levels

    def limit(key: str, grams: str, ratio: int) -> Decimal:
        return exact(grams if key == "protein_24h" else ratio)

    if amounts:
        severe_protein = either(
            *(both(now[key] > limit(key, "1", 100), not_fallen(key)) for key in amounts)
        )
        protein = either(
            *(both(now[key] >= limit(key, "0.5", 50), not_fallen(key)) for key in amounts)
        )
        mild_protein = either(*(now[key] > limit(key, "0.25", 25) for key in amounts))
    else:
        severe_protein = dipstick_up(2)
        protein = both(dipstick_up(1), None if dipstick is None else dipstick >= 2)
        mild_protein = None if dipstick is None else dipstick >= 1

    creatinine, creatinine_before = now["creatinine"], then["creatinine"]
    gfr, gfr_before = now["gfr"], then["gfr"]
    if creatinine is None and gfr is None:
        severe_function = function = None
    else:
        severe, mild = [], []
        if creatinine is not None:
            high = creatinine > 130
            if creatinine_before is None:
                severe.append(both(high, missing(False)))
                mild.append(both(high, missing(False)))
            else:
                severe.append(high and creatinine > creatinine_before * exact("1.3"))
                mild.append(high and creatinine >= creatinine_before * exact("1.15"))
        if gfr is not None:
            if gfr_before is None:
                severe += [both(gfr < 80, missing(False)), both(gfr < 50, missing(True))]
            else:
                severe.append(gfr < 80 and gfr < gfr_before * exact("0.67"))
                severe.append(gfr < 50 and gfr_before > 50)
        severe_function = either(*severe)
        function = either(*mild) if mild else False

    def pressure(key: str, above: int, rise: int):
        if now[key] is None:
            high, risen = None, None if then[key] is not None else missing(False)
        else:
            high = now[key] > above
            risen = missing(False) if then[key] is None else now[key] - then[key] >= rise
        return both(high, risen)

    rising = both(pressure("sbp", 140, 30), pressure("dbp", 90, 15))
    yes = {
        key: at_least(visit[key], 1)
        for key in (
            "accelerated_hypertension",
            "active_urinary_sediment",
            "active_nephritis",
            "nephrotic_syndrome",
        )
    }
    six = [severe_protein, severe_function, *yes.values()]
    decisive = [severe_protein, yes["active_urinary_sediment"], yes["active_nephritis"]]

    def graded(unknown: bool) -> str | None:
        def take(condition) -> bool:
            return unknown if condition is None else condition

        count = sum(map(take, six))
        return letter(
            count >= 2 and any(map(take, decisive)),
            count >= 1 or take(protein) or take(function),
            take(mild_protein) or take(rising),
        )

    return [graded(False), graded(True)]


def grades(visits: list[dict], policy: str = "as written") -> list[dict[str, str]]:
    """The grade of each system at each visit of one participant, given in visit order."""
    result = []
    sure, maybe = dict.fromkeys(SYSTEMS, False), dict.fromkeys(SYSTEMS, False)
    before: dict = {}
    for visit in visits:
        ends = {}
        for system in SYSTEMS:
            if system == "renal":
                ends[system] = renal(visit, before, policy)
            elif system == "haematological":
                ends[system] = haematological(visit)
            elif system == "constitutional":
                ends[system] = [constitutional(visit, blank) for blank in (0, 4)]
            else:
                ends[system] = [common(system, visit, blank) for blank in (0, 4)]
        row = {}
        for system, (best, worst) in ends.items():
            at_best = best or ("D" if sure[system] else "E")
            at_worst = worst or ("D" if maybe[system] or sure[system] else "E")
            row[system] = at_best if at_best == at_worst else f"{at_worst}..{at_best}"
            sure[system] |= best is not None
            maybe[system] |= worst is not None
        result.append(row)
        if any(visit[key] is not None for key in RENAL):
            before = visit
    return result
