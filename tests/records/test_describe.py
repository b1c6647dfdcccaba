"""A record in words."""

import json
from dataclasses import replace

import pytest

from trialwright.records.describe import facts, sections
from trialwright.records.read import read_content
from trialwright.records.record import Record, Unclaimed


def test_facts_of_the_sample(study_json: Record) -> None:
    found = dict(facts(study_json))
    assert found["Registry id"] == "NCT90000001"
    assert found["Other ids"] == "NH-17; 2020-000001-11"
    assert found["Status"] == "Recruiting"
    assert found["Completion"] == "2024-06-30 (estimated)"
    assert found["Masking"] == "Double (Participant; Outcomes Assessor)"
    assert found["Enrollment"] == "1040 (estimated)"
    assert found["Ages"] == "18 Years to no limit"
    assert found["Phase"] == "Phase 2; Phase 3"
    assert found["Results"] == "posted"
    assert found["Responsible party"] == "sponsor"
    assert found["Principal Investigator"] == "Ada Example, MD; Northern Hospital"
    assert found["SHA-256"] == study_json.sha256
    assert "Why stopped" not in found


def test_a_record_without_its_id_says_so(mirror: Record) -> None:
    assert dict(facts(mirror))["Registry id"] == "not stated"


def test_sections_of_the_sample(classic: Record, mirror: Record) -> None:
    found = dict(sections(classic))
    assert found["Arms"][0].startswith("Go on (Active Comparator): Drug: Hydroxychloroquine")
    assert found["Interventions"][0].startswith("Drug Hydroxychloroquine (also Plaquenil; HCQ)")
    assert found["Primary outcomes"][1] == "Survival"
    assert found["Inclusion criteria"][1] == "2. SELENA-SLEDAI < 4"
    assert found["Locations"][1] == "Southern Hospital; Oslo; Norway"
    assert "Related trials" not in found
    assert "Claimed by no reader" not in found
    related = dict(sections(mirror))["Related trials"]
    assert related[1] == "NCT90000003; Completed; Another Trial"


def test_what_no_reader_claimed_is_shown(classic: Record) -> None:
    left = replace(classic, unclaimed=(Unclaimed(7, "odd"), Unclaimed(None, "key")))
    assert dict(sections(left))["Claimed by no reader"] == ("line 7: odd", "key")


SHORT = {
    # key below protocolSection, value, label, words
    "identificationModule.acronym": ("LUPIL", "Acronym", "LUPIL"),
    "statusModule.whyStopped": ("No money", "Why stopped", "No money"),
    "statusModule.overallStatus": ("ACTIVE_NOT_RECRUITING", "Status", "Active, not recruiting"),
    "statusModule.startDateStruct": ({"date": "2021-03"}, "Start", "2021-03"),
    "statusModule.primaryCompletionDateStruct": (
        {"date": "2022-01-31", "type": "ACTUAL"},
        "Primary completion",
        "2022-01-31 (actual)",
    ),
    "statusModule.resultsFirstPostDateStruct": (
        {"date": "2024-02-01", "type": "ESTIMATED"},
        "Results first posted",
        "2024-02-01 (estimated)",
    ),
    "statusModule.statusVerifiedDate": ("2022-02", "Last verified", "2022-02"),
    "sponsorCollaboratorsModule.leadSponsor": ({"name": "A hospital"}, "Sponsor", "A hospital"),
    "sponsorCollaboratorsModule.collaborators": (
        [{"name": "One"}, {"name": "Two"}],
        "Collaborators",
        "One; Two",
    ),
    "sponsorCollaboratorsModule.responsibleParty": (
        {
            "type": "PRINCIPAL_INVESTIGATOR",
            "investigatorFullName": "Ada",
            "investigatorTitle": "Head",
        },
        "Responsible party",
        "Ada; Head",
    ),
    "contactsLocationsModule.overallOfficials": ([{"name": "Bo"}], "Official", "Bo"),
    "contactsLocationsModule.centralContacts": (
        [{"name": "Cy", "phone": "1", "email": "c@d.org"}],
        "Contact",
        "Cy; 1; c@d.org",
    ),
    "ipdSharingStatementModule.ipdSharing": ("UNDECIDED", "Data sharing", "Undecided"),
    "designModule.studyType": ("OBSERVATIONAL", "Study type", "Observational"),
    "designModule.phases": (["EARLY_PHASE1"], "Phase", "Early Phase 1"),
    "designModule.designInfo": (
        {"maskingInfo": {"masking": "NONE"}},
        "Masking",
        "None",
    ),
    "designModule.enrollmentInfo": ({"count": 0}, "Enrollment", "0"),
    "eligibilityModule.sex": ("MALE", "Sex", "Male"),
    "eligibilityModule.maximumAge": ("17 Years", "Ages", "birth to 17 Years"),
    "eligibilityModule.minimumAge": ("6 Months", "Ages", "6 Months to no limit"),
    "eligibilityModule.healthyVolunteers": (False, "Healthy volunteers", "no"),
    "conditionsModule.conditions": (["Lupus", "Nephritis"], "Conditions", "Lupus; Nephritis"),
}


@pytest.mark.parametrize("path", SHORT)
def test_one_fact_is_one_label_and_nothing_else_is_said(path: str) -> None:
    value, label, words = SHORT[path]
    module, key = path.split(".")
    document = json.dumps({"protocolSection": {module: {key: value}}}).encode()
    found = dict(facts(read_content(document)))
    assert found.pop("Registry id") == "not stated"
    assert set(found) == {label, "Format", "SHA-256"}
    assert found[label] == words


@pytest.mark.parametrize(("posted", "words"), [(True, "posted"), (False, "none posted")])
def test_whether_results_are_posted(posted: bool, words: str) -> None:
    document = json.dumps({"protocolSection": {}, "hasResults": posted}).encode()
    assert dict(facts(read_content(document)))["Results"] == words


LONG = {
    "Arms": (
        "armsInterventionsModule",
        {"armGroups": [{"label": "A"}, {"label": "B", "type": "OTHER", "description": "Rest."}]},
        ("A", "B (Other): Rest."),
    ),
    "Interventions": (
        "armsInterventionsModule",
        {"interventions": [{"type": "DEVICE", "name": "Pump", "description": "Small."}]},
        ("Device Pump: Small.",),
    ),
    "Other outcomes": (
        "outcomesModule",
        {"otherOutcomes": [{"timeFrame": "week 4"}, {"measure": "Pain", "description": "By VAS"}]},
        ("no measure [week 4]", "Pain: By VAS"),
    ),
    "Summary": (
        "descriptionModule",
        {"briefSummary": "One.\nTwo.", "detailedDescription": "Three."},
        ("One.", "Two.", "Three."),
    ),
    "Exclusion criteria": (
        "eligibilityModule",
        {"eligibilityCriteria": "Exclusion Criteria:\n* HIV\n* Cancer"},
        ("1. HIV", "2. Cancer"),
    ),
    "Locations": (
        "contactsLocationsModule",
        {"locations": [{"facility": "F", "city": "C", "zip": "1", "country": "N"}, {}]},
        ("F; C; 1; N",),  # a place without a word is none
    ),
}


@pytest.mark.parametrize("heading", LONG)
def test_one_section_alone(heading: str) -> None:
    module, content, lines = LONG[heading]
    document = json.dumps({"protocolSection": {module: content}}).encode()
    assert dict(sections(read_content(document))) == {heading: lines}
