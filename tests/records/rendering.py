"""Pages written the other way round: from facts to the text that the readers must understand.

The renderers know the layout of the two pages and nothing of the readers, so that facts drawn at
random, written and read again must be the same.
"""

import calendar
from datetime import date
from typing import Any

from hypothesis import strategies as st

Facts = dict[str, Any]

STATUS_WORDS = {
    "COMPLETED": "Completed",
    "RECRUITING": "Recruiting",
    "ACTIVE_NOT_RECRUITING": "Active, not recruiting",
    "UNKNOWN": "Unknown status",
}
PHASE_WORDS = {
    "NA": "Not Applicable",
    "EARLY_PHASE1": "Early Phase 1",
    "PHASE1": "Phase 1",
    "PHASE2": "Phase 2",
    "PHASE3": "Phase 3",
    "PHASE4": "Phase 4",
}
MODEL_WORDS = {
    "SINGLE_GROUP": "Single Group Assignment",
    "PARALLEL": "Parallel Assignment",
    "CROSSOVER": "Crossover Assignment",
    "FACTORIAL": "Factorial Assignment",
}
ARM_WORDS = {
    "EXPERIMENTAL": "Experimental",
    "ACTIVE_COMPARATOR": "Active Comparator",
    "PLACEBO_COMPARATOR": "Placebo Comparator",
    "SHAM_COMPARATOR": "Sham Comparator",
    "NO_INTERVENTION": "No Intervention",
}
INTERVENTION_WORDS = {
    "DRUG": "Drug",
    "BIOLOGICAL": "Biological",
    "DEVICE": "Device",
    "DIETARY_SUPPLEMENT": "Dietary Supplement",
}
ROLE_WORDS = {
    "PRINCIPAL_INVESTIGATOR": "Principal Investigator",
    "STUDY_CHAIR": "Study Chair",
    "STUDY_DIRECTOR": "Study Director",
}

WORDS = st.lists(
    st.sampled_from(
        ["amber", "birch", "cedar", "delta", "ember", "fjord", "glade", "heath", "islet", "jetty"]
    ),
    min_size=1,
    max_size=5,
).map(lambda words: " ".join(words).capitalize())
DAYS = st.dates(date(1990, 1, 1), date(2040, 12, 31)).map(lambda day: day.isoformat())
MONTHS = DAYS.map(lambda day: day[:7])
AGES = st.tuples(st.integers(1, 99), st.sampled_from(["Years", "Months"])).map(
    lambda age: f"{age[0]} {age[1]}"
)


def date_words(day: str) -> str:
    """`2018-03-15` as `March 15, 2018`, `2018-03` as `March 2018`."""
    year, month, *rest = day.split("-")
    name = calendar.month_name[int(month)]
    return f"{name} {int(rest[0])}, {year}" if rest else f"{name} {year}"


@st.composite
def dates(draw: st.DrawFn) -> Facts:
    return {
        "date": draw(st.one_of(DAYS, MONTHS)),
        "type": draw(st.sampled_from(["ACTUAL", "ESTIMATED"])),
    }


@st.composite
def ages(draw: st.DrawFn) -> Facts:
    low, high = draw(st.one_of(st.none(), AGES)), draw(st.one_of(st.none(), AGES))
    found: Facts = {}
    if low:
        found["minimumAge"] = low
    if high:
        found["maximumAge"] = high
    return found


def age_words(module: Facts) -> str:
    low, high = module.get("minimumAge"), module.get("maximumAge")
    if low and high:
        return f"{low} to {high}"
    if low:
        return f"{low} and older"
    return f"up to {high}" if high else "Child, Adult, Older Adult"


@st.composite
def outcomes(draw: st.DrawFn) -> list[Facts]:
    found: list[Facts] = []
    for _ in range(draw(st.integers(0, 3))):
        outcome: Facts = {"measure": draw(WORDS)}
        if draw(st.booleans()):
            outcome["timeFrame"] = draw(WORDS)
            if draw(st.booleans()):
                outcome["description"] = draw(WORDS)
        found.append(outcome)
    return found


@st.composite
def arms(draw: st.DrawFn) -> Facts:
    """Arms with different labels, each with some of the interventions."""
    names = draw(st.lists(WORDS, min_size=1, max_size=3, unique=True))
    kinds = [draw(st.sampled_from(sorted(INTERVENTION_WORDS))) for _ in names]
    interventions: list[Facts] = []
    for name, kind in zip(names, kinds, strict=True):
        each: Facts = {"type": kind, "name": name}
        if draw(st.booleans()):
            each["description"] = draw(WORDS)
        if draw(st.booleans()):
            each["otherNames"] = draw(st.lists(WORDS, min_size=1, max_size=2, unique=True))
        interventions.append(each)
    groups: list[Facts] = []
    for label in draw(st.lists(WORDS, min_size=1, max_size=3, unique=True)):
        arm: Facts = {"label": label, "type": draw(st.sampled_from(sorted(ARM_WORDS)))}
        if draw(st.booleans()):
            arm["description"] = "\n".join(draw(st.lists(WORDS, min_size=1, max_size=2)))
        first = not groups  # an intervention that no arm receives is not on the page
        given = [each for each in interventions if first or draw(st.booleans())]
        for each in given:
            each.setdefault("armGroupLabels", []).append(label)
        if given:
            arm["interventionNames"] = [
                f"{INTERVENTION_WORDS[each['type']]}: {each['name']}" for each in given
            ]
        groups.append(arm)
    return {"armGroups": groups, "interventions": interventions}


@st.composite
def classic_facts(draw: st.DrawFn) -> Facts:
    """The protocol section of a study, with what a classic page can show."""
    phases = [["NA"], ["EARLY_PHASE1"], ["PHASE1", "PHASE2"], ["PHASE2"], ["PHASE4"]]
    masked = draw(st.sampled_from([[], ["PARTICIPANT"], ["PARTICIPANT", "INVESTIGATOR"]]))
    outcome_lists = {
        key: found
        for key in ("primaryOutcomes", "secondaryOutcomes", "otherOutcomes")
        if (found := draw(outcomes()))
    }
    facts: Facts = {
        "identificationModule": {
            "nctId": f"NCT{draw(st.integers(0, 99999999)):08}",
            "orgStudyIdInfo": {"id": f"X-{draw(st.integers(1, 999))}"},
            "briefTitle": draw(WORDS),
            "officialTitle": draw(WORDS),
        },
        "statusModule": {
            "statusVerifiedDate": draw(MONTHS),
            "overallStatus": draw(st.sampled_from(sorted(STATUS_WORDS))),
            "startDateStruct": draw(dates()),
            "primaryCompletionDateStruct": draw(dates()),
            "completionDateStruct": draw(dates()),
            "studyFirstPostDateStruct": {"date": draw(DAYS)},
            "lastUpdatePostDateStruct": {"date": draw(DAYS)},
        },
        "descriptionModule": {"briefSummary": draw(WORDS), "detailedDescription": draw(WORDS)},
        "conditionsModule": {
            "conditions": draw(st.lists(WORDS, min_size=1, max_size=3)),
            "keywords": draw(st.lists(WORDS, min_size=1, max_size=3)),
        },
        "designModule": {
            "studyType": "INTERVENTIONAL",
            "phases": draw(st.sampled_from(phases)),
            "designInfo": {
                "allocation": draw(st.sampled_from(["RANDOMIZED", "NON_RANDOMIZED", "NA"])),
                "interventionModel": draw(st.sampled_from(sorted(MODEL_WORDS))),
                "primaryPurpose": draw(st.sampled_from(["TREATMENT", "PREVENTION", "OTHER"])),
                "maskingInfo": {"masking": ["NONE", "SINGLE", "DOUBLE"][len(masked)]},
            },
            "enrollmentInfo": {
                "count": draw(st.integers(0, 99999)),
                "type": draw(st.sampled_from(["ACTUAL", "ESTIMATED"])),
            },
        },
        "armsInterventionsModule": draw(arms()),
        "eligibilityModule": {
            "healthyVolunteers": draw(st.booleans()),
            "sex": draw(st.sampled_from(["ALL", "FEMALE", "MALE"])),
            **draw(ages()),
        },
        "ipdSharingStatementModule": {
            "ipdSharing": draw(st.sampled_from(["YES", "NO", "UNDECIDED"]))
        },
    }
    if masked:
        facts["designModule"]["designInfo"]["maskingInfo"]["whoMasked"] = masked
    if outcome_lists:
        facts["outcomesModule"] = outcome_lists
    included = draw(st.lists(WORDS, min_size=1, max_size=4))
    excluded = draw(st.lists(WORDS, min_size=1, max_size=4))
    facts["eligibilityModule"]["eligibilityCriteria"] = "\n".join(
        [
            "Inclusion Criteria:",
            *(f"- {words}" for words in included),
            "Exclusion Criteria:",
            *(f"- {words}" for words in excluded),
        ]
    )
    officials = [
        {"name": draw(WORDS), "affiliation": draw(WORDS), "role": role}
        for role in draw(st.lists(st.sampled_from(sorted(ROLE_WORDS)), max_size=2))
    ]
    if officials:
        facts["contactsLocationsModule"] = {"overallOfficials": officials}
    return facts


def classic_page(facts: Facts) -> str:
    """The page as it is saved: cells end with a bar, and a row may run over lines."""
    names, status = facts["identificationModule"], facts["statusModule"]
    design, module = facts["designModule"], facts["eligibilityModule"]
    info, size = design["designInfo"], design["enrollmentInfo"]
    kinds = {"ACTUAL": "Actual", "ESTIMATED": "Estimated"}
    start, primary = status["startDateStruct"], status["primaryCompletionDateStruct"]
    completion = status["completionDateStruct"]
    interventions = facts["armsInterventionsModule"]["interventions"]
    masking = info["maskingInfo"]
    roles = {"PARTICIPANT": "Participant", "INVESTIGATOR": "Investigator"}
    who = ", ".join(roles[role] for role in masking.get("whoMasked", []))
    masked = f"{masking['masking'].capitalize()} ({who or 'Open Label'})"
    given = [f"{INTERVENTION_WORDS[each['type']]}: {each['name']}" for each in interventions]
    allocation = {"RANDOMIZED": "Randomized", "NON_RANDOMIZED": "Non-Randomized", "NA": "N/A"}
    lines = [
        names["briefTitle"],
        f"ClinicalTrials.gov Identifier: {names['nctId']}",
        "Recruitment Status :",
        STATUS_WORDS[status["overallStatus"]],
        f"First Posted : {date_words(status['studyFirstPostDateStruct']['date'])}",
        f"Last Update Posted : {date_words(status['lastUpdatePostDateStruct']['date'])}",
        "|",
        "Condition or disease | Intervention/treatment | Phase |",
        "---|---|---|",
        "\n".join(facts["conditionsModule"]["conditions"]) + " | " + "\n".join(given) + " | "
        + " ".join(PHASE_WORDS[phase] for phase in design["phases"]) + " |",
        "Brief Summary:",
        facts["descriptionModule"]["briefSummary"],
        "Detailed Description:",
        facts["descriptionModule"]["detailedDescription"],
        "Study Type : | Interventional (Clinical Trial) |",
        f"{kinds[size['type']]} Enrollment : | {size['count']} participants |",
        f"Allocation: | {allocation[info['allocation']]} |",
        f"Intervention Model: | {MODEL_WORDS[info['interventionModel']]} |",
        f"Masking: | {masked} |",
        f"Primary Purpose: | {info['primaryPurpose'].capitalize()} |",
        f"Official Title: | {names['officialTitle']} |",
        f"{kinds[start['type']]} Study Start Date : | {date_words(start['date'])} |",
        f"{kinds[primary['type']]} Primary Completion Date : | {date_words(primary['date'])} |",
        f"{kinds[completion['type']]} Study Completion Date : | {date_words(completion['date'])} |",
        "",
        *_arm_table(facts["armsInterventionsModule"]),
        *_outcome_lists(facts.get("outcomesModule", {})),
        "Choosing to participate in a study is an important personal decision.",
        f"Ages Eligible for Study: | {age_words(module)} |",
        f"Sexes Eligible for Study: | {module['sex'].capitalize()} |",
        f"Accepts Healthy Volunteers: | {'Yes' if module['healthyVolunteers'] else 'No'} |",
        module["eligibilityCriteria"],
        "",
        "To learn more about this study, you or your doctor may contact the study research staff "
        "using the contact information provided by the sponsor.",
        *(
            f"{ROLE_WORDS[each['role']]}: | {each['name']} | {each['affiliation']} |"
            for each in facts.get("contactsLocationsModule", {}).get("overallOfficials", [])
        ),
        "Other Study ID Numbers: |",
        f"{names['orgStudyIdInfo']['id']} |",
        f"Last Verified: | {date_words(status['statusVerifiedDate'])} |",
        f"Plan to Share IPD: | {facts['ipdSharingStatementModule']['ipdSharing'].capitalize()} |",
        ",".join(facts["conditionsModule"]["keywords"]) + " |",
    ]  # fmt: skip
    return "\n".join(lines)


def _arm_table(module: Facts) -> list[str]:
    """An empty cell of interventions leaves no trace; an intervention is described once."""
    lines, described = ["Arm | Intervention/treatment |", "---|---|"], set[str]()
    known = {
        f"{INTERVENTION_WORDS[each['type']]}: {each['name']}": each
        for each in module["interventions"]
    }
    for arm in module["armGroups"]:
        lines.append(f"{ARM_WORDS[arm['type']]}: {arm['label']}")
        lines.extend(arm.get("description", "").splitlines())
        lines.append("|")
        names = arm.get("interventionNames", [])
        for name in names:
            lines.append(name)
            if name not in described:
                lines.extend(filter(None, [known[name].get("description")]))
                if "otherNames" in known[name]:
                    lines.append("Other Names:")
                    lines.extend(f"- {other}" for other in known[name]["otherNames"])
            described.add(name)
        if names:
            lines[-1] += " |"
    return lines


def _outcome_lists(module: Facts) -> list[str]:
    lines: list[str] = []
    for key, found in module.items():
        lines.append(f"{key.removesuffix('Outcomes').capitalize()} Outcome Measures :")
        for each in found:
            frame = f" [ Time Frame: {each['timeFrame']} ]" if "timeFrame" in each else ""
            lines.append(f"- {each['measure']}{frame}{each.get('description', '')}")
        lines.append("")
    return lines


@st.composite
def mirror_facts(draw: st.DrawFn) -> tuple[Facts, list[tuple[str, str, str, str]]]:
    """The protocol section that a mirror page can show, and rows of related trials."""
    ranked = {
        key: found
        for key in ("primaryOutcomes", "secondaryOutcomes")
        if (found := draw(outcomes()))
    }
    facts: Facts = {
        "identificationModule": {"officialTitle": draw(WORDS)},
        "statusModule": {
            "overallStatus": draw(st.sampled_from(sorted(STATUS_WORDS))),
            "primaryCompletionDateStruct": {"date": draw(DAYS), "type": "ESTIMATED"},
            "completionDateStruct": {"date": draw(DAYS), "type": "ESTIMATED"},
        },
        "sponsorCollaboratorsModule": {"leadSponsor": {"name": draw(WORDS)}},
        "descriptionModule": {"briefSummary": draw(WORDS)},
        "conditionsModule": {"conditions": [draw(WORDS)]},
        "designModule": {"enrollmentInfo": {"count": draw(st.integers(0, 99999))}},
        "eligibilityModule": {
            "healthyVolunteers": draw(st.booleans()),
            "sex": draw(st.sampled_from(["ALL", "FEMALE", "MALE"])),
            **draw(ages()),
        },
        "contactsLocationsModule": {
            "locations": [
                {"facility": draw(WORDS), "city": draw(WORDS), "country": draw(WORDS)}
                for _ in range(draw(st.integers(1, 3)))
            ]
        },
    }
    if ranked:
        facts["outcomesModule"] = ranked
    included = draw(st.lists(WORDS, min_size=1, max_size=12))
    excluded = draw(st.lists(WORDS, min_size=1, max_size=12))
    facts["eligibilityModule"]["eligibilityCriteria"] = (
        "Inclusion Criteria: "
        + " ".join(f"{n}. {words}" for n, words in enumerate(included, 1))
        + " Exclusion Criteria: "
        + " ".join(f"{n}. {words}" for n, words in enumerate(excluded, 1))
    )
    related = draw(
        st.lists(
            st.tuples(
                st.sampled_from(sorted(STATUS_WORDS.values())),
                st.integers(0, 99999999).map(lambda number: f"NCT{number:08}"),
                WORDS,
                st.sampled_from(["", "N/A", "Phase 1", "Phase 2", "Phase 2/Phase 3"]),
            ),
            max_size=4,
        )
    )
    return facts, related


def mirror_page(facts: Facts, related: list[tuple[str, str, str, str]]) -> str:
    """The page as it is saved: label and value with bars, then tables."""
    status, module = facts["statusModule"], facts["eligibilityModule"]
    places = facts["contactsLocationsModule"]["locations"]
    words = age_words(module)
    lines = [
        f"{facts['conditionsModule']['conditions'][0]} Clinical Trial",
        "Official title:",
        facts["identificationModule"]["officialTitle"],
        facts["descriptionModule"]["briefSummary"],
        f"Status | {STATUS_WORDS[status['overallStatus']]} |",
        f"Enrollment | {facts['designModule']['enrollmentInfo']['count']} |",
        f"Est. completion date | {date_words(status['completionDateStruct']['date'])} |",
        "Est. primary completion date | "
        f"{date_words(status['primaryCompletionDateStruct']['date'])} |",
        f"Accepts healthy volunteers | {'Yes' if module['healthyVolunteers'] else 'No'} |",
        f"Gender | {module['sex'].capitalize()} |",
        f"Age group | {'All' if words.startswith('Child') else words} |",
        f"Eligibility | {module['eligibilityCriteria']} |",
        "Country | Name | City | State |",
        "---|---|---|---|",
        *(f"{each['country']} | {each['facility']} | {each['city']} |" for each in places),
        "Lead Sponsor | Collaborator |",
        "---|---|",
        f"{facts['sponsorCollaboratorsModule']['leadSponsor']['name']} |",
        ", ".join(each["country"] for each in places) + ",",
        "Type | Measure | Description | Time frame | Safety issue |",
        "---|---|---|---|---|",
        *(
            f"{key.removesuffix('Outcomes').capitalize()} | {each['measure']} | "
            f"{each.get('description', '')} | {each.get('timeFrame', '')} |"
            for key, found in facts.get("outcomesModule", {}).items()
            for each in found
        ),
        "Status | Clinical Trial | Phase | |",
        "---|---|---|---|",
    ]
    for state, number, title, phase in related:
        lines += [f"{state} |", f"{number} -", title, "|", f"{phase} | |" if phase else "||"]
    return "\n".join(lines)
