"""Every fact of the two real pages: the trials that this project was built for."""

import re
from pathlib import Path

import pytest

from trialwright.errors import UnusableInputError
from trialwright.records.read import read_content, read_record
from trialwright.records.record import Record


@pytest.fixture(scope="module")
def dose_finding(shared: Path) -> Record:
    return read_record(shared / "seeds/000_bb595da736273c65.txt")


@pytest.fixture(scope="module")
def infection(shared: Path) -> Record:
    return read_record(shared / "seeds/001_46e35d0dd0f5de8d.txt")


def test_dose_finding_page(dose_finding: Record) -> None:
    assert dose_finding.format == "mirror-page"
    assert dose_finding.sha256.startswith("c01c9aad43a3e0dd")
    assert dose_finding.unclaimed == ()
    protocol = dose_finding.as_json()["protocolSection"]
    criteria = protocol["eligibilityModule"].pop("eligibilityCriteria")
    summary = protocol.pop("descriptionModule")["briefSummary"]
    assert protocol == {
        "identificationModule": {
            "officialTitle": "Efficacy and Safety of Low-dose Interleukin-2 in Patients With "
            "Systemic Lupus Erythematosus: a Multicenter, Randomised, Placebo-controlled Trial"
        },
        "statusModule": {
            "overallStatus": "RECRUITING",
            "primaryCompletionDateStruct": {"date": "2024-08-31", "type": "ESTIMATED"},
            "completionDateStruct": {"date": "2024-12-31", "type": "ESTIMATED"},
        },
        "sponsorCollaboratorsModule": {
            "leadSponsor": {"name": "Peking University People's Hospital"}
        },
        "conditionsModule": {"conditions": ["Systemic Lupus Erythematosus"]},
        "designModule": {"enrollmentInfo": {"count": 160}},
        "outcomesModule": {
            "primaryOutcomes": [
                {
                    "measure": "the response measured by the SLE Responder Index-4 (SRI-4)",
                    "description": "SRI response was defined as (1) a = 4-point reduction in "
                    "SELENA-SLEDAI score, (2) no new BILAG A score or = 1 new BILAG B score, and "
                    "(3) no deterioration from baseline in the physician's global assessment by "
                    "= 0.3 points.",
                    "timeFrame": "week 12",
                }
            ]
        },
        "eligibilityModule": {
            "healthyVolunteers": False,
            "sex": "ALL",
            "minimumAge": "18 Years",
            "maximumAge": "75 Years",
        },
        "contactsLocationsModule": {
            "locations": [
                {
                    "facility": "Peking University People's Hospital",
                    "city": "Beijing",
                    "country": "China",
                }
            ]
        },
    }
    assert summary.startswith("The management of active systemic lupus erythematosus")
    assert summary.endswith("three doses of IL2 (0.2 MIU, 0.5 MIU or 1 MIU) versus placebo.")
    assert criteria.startswith("Inclusion Criteria: 1. Meet the 1997 revised")
    assert criteria.endswith("14. participate in other clinical trial within 4 weeks;")


def test_dose_finding_criteria(dose_finding: Record) -> None:
    texts = {each.name: each.text for each in dose_finding.criteria}
    assert list(texts) == [f"inclusion {n}" for n in range(1, 7)] + [
        f"exclusion {n}" for n in range(1, 15)
    ]
    assert {each.line for each in dose_finding.criteria} == {12}
    assert texts["inclusion 2"] == "SLE disease activity index(SLEDAI) = 8"
    assert texts["inclusion 3"] == "age:18 to 75 years, weight 45-80Kg"
    assert texts["inclusion 6"] == "Written informed consent form"
    assert texts["exclusion 10"] == "active peptic ulcers;"
    assert texts["exclusion 14"] == "participate in other clinical trial within 4 weeks;"


def test_dose_finding_related_trials(dose_finding: Record) -> None:
    related = dose_finding.related_trials
    assert len(related) == 20
    first, last = related[0], related[-1]
    assert (first.status, first.nct_id, first.phase, first.line) == (
        "Terminated",
        "NCT03843125",
        "Phase 3",
        25,
    )
    assert first.title.startswith("A Study of Baricitinib in Participants")
    assert (last.nct_id, last.phase, last.line) == ("NCT00962832", "Phase 2", 120)
    assert [trial.nct_id for trial in related if not trial.phase] == ["NCT06056778", "NCT00069342"]
    assert sum(trial.status == "Recruiting" for trial in related) == 5
    assert sum(trial.phase == "N/A" for trial in related) == 7


def test_infection_page(infection: Record) -> None:
    assert infection.format == "classic-page"
    assert infection.sha256.startswith("ecb9ebe264222565")
    assert infection.unclaimed == ()
    assert infection.related_trials == ()
    document = infection.as_json()
    protocol = document["protocolSection"]
    criteria = protocol["eligibilityModule"].pop("eligibilityCriteria")
    summary = protocol.pop("descriptionModule")["briefSummary"]
    assert protocol == {
        "identificationModule": {
            "nctId": "NCT02932137",
            "orgStudyIdInfo": {"id": "IL-2-20160505"},
            "briefTitle": "Anti-infection of Low-does IL-2 in SLE",
            "officialTitle": "Potential Effect of Anti-infection by Low-dose IL-2 in Treatment "
            "of SLE",
        },
        "statusModule": {
            "statusVerifiedDate": "2018-03",
            "overallStatus": "COMPLETED",
            "startDateStruct": {"date": "2016-05-05", "type": "ACTUAL"},
            "primaryCompletionDateStruct": {"date": "2016-12-16", "type": "ACTUAL"},
            "completionDateStruct": {"date": "2017-08-30", "type": "ACTUAL"},
            "studyFirstPostDateStruct": {"date": "2016-10-13"},
            "lastUpdatePostDateStruct": {"date": "2018-03-15"},
        },
        "sponsorCollaboratorsModule": {
            "responsibleParty": {
                "investigatorFullName": "Zhanguo Li",
                "investigatorTitle": "Professor and chief of department of rheumatology and "
                "immunology",
                "investigatorAffiliation": "Peking University People's Hospital",
            }
        },
        "conditionsModule": {
            "conditions": ["Systemic Lupus Erythematosus"],
            "keywords": ["SLE", "IL-2"],
        },
        "designModule": {
            "studyType": "INTERVENTIONAL",
            "phases": ["NA"],
            "designInfo": {
                "allocation": "RANDOMIZED",
                "interventionModel": "CROSSOVER",
                "primaryPurpose": "PREVENTION",
                "maskingInfo": {"masking": "NONE"},
            },
            "enrollmentInfo": {"count": 30, "type": "ACTUAL"},
        },
        "armsInterventionsModule": {
            "armGroups": [
                {
                    "label": "Interleukin-2",
                    "type": "EXPERIMENTAL",
                    "description": "Interleukin-2 to treat activated SLE.",
                    "interventionNames": ["Drug: Interleukin-2"],
                },
                {
                    "label": "Traditional therapy",
                    "type": "NO_INTERVENTION",
                    "description": "Treat activated SLE with glucocorticoid or immunosuppressor.",
                },
            ],
            "interventions": [
                {
                    "type": "DRUG",
                    "name": "Interleukin-2",
                    "description": "Patients receive low dose recombinant human "
                    "Interleukin-2(HrIL-2)",
                    "armGroupLabels": ["Interleukin-2"],
                    "otherNames": ["Recombinant Human Interleukin-2,125Ala, SL Pharm"],
                }
            ],
        },
        "outcomesModule": {
            "unrankedOutcomes": [
                {
                    "measure": "Immunological Responses",
                    "description": "The increased intracellular factors which could reflect the "
                    "organic immunity",
                    "timeFrame": "week 0 and week 10",
                },
                {
                    "measure": "Virus titers",
                    "description": "The reduced titers of virus in SLE patients",
                    "timeFrame": "week 0 and week 10",
                },
                {
                    "measure": "SLEDAI Score",
                    "description": "Assessment version of the SLE Disease Activity Index "
                    "(SELENA-SLEDAI) change.",
                    "timeFrame": "week 0 and week 10",
                },
            ]
        },
        "eligibilityModule": {
            "healthyVolunteers": False,
            "sex": "ALL",
            "minimumAge": "18 Years",
            "maximumAge": "60 Years",
            "stdAges": ["ADULT"],
        },
        "contactsLocationsModule": {
            "overallOfficials": [
                {
                    "name": "Zhanguo Li, MD and PhD",
                    "affiliation": "Peking University Institute of Rheumatology and Immunology",
                    "role": "PRINCIPAL_INVESTIGATOR",
                }
            ],
            "locations": [
                {
                    "facility": "Department of Rheumatology and Immunology, Peking University "
                    "People's Hospital",
                    "city": "Beijing",
                    "state": "Beijing",
                    "zip": "100044",
                    "country": "China",
                }
            ],
        },
        "ipdSharingStatementModule": {"ipdSharing": "UNDECIDED"},
    }
    assert document["hasResults"] is False
    assert summary.count("\n\n") == 2
    assert "were divided into two groups randomly" in summary
    assert criteria.count("\n- ") == 17


def test_infection_headings_come_apart(infection: Record) -> None:
    derived = infection.study.derived_section
    conditions, drugs = derived.condition_browse_module, derived.intervention_browse_module
    assert [mesh.term for mesh in conditions.meshes] == ["Lupus Erythematosus, Systemic"]
    assert [mesh.term for mesh in conditions.ancestors] == [
        "Connective Tissue Diseases",
        "Autoimmune Diseases",
        "Immune System Diseases",
    ]
    assert [mesh.term for mesh in drugs.meshes] == ["Interleukin-2"]
    assert [mesh.term for mesh in drugs.ancestors] == [
        "Antineoplastic Agents",
        "Analgesics, Non-Narcotic",
        "Analgesics",
        "Sensory System Agents",
        "Peripheral Nervous System Agents",
        "Physiological Effects of Drugs",
    ]


def test_infection_criteria_stand_on_their_lines(infection: Record) -> None:
    lines = {each.name: each.line for each in infection.criteria}
    assert lines == {f"inclusion {n}": 51 + n for n in range(1, 10)} | {
        f"exclusion {n}": 61 + n for n in range(1, 9)
    }


@pytest.mark.parametrize("name", ["000_bb595da736273c65.txt", "001_46e35d0dd0f5de8d.txt"])
def test_half_a_page_is_refused(shared: Path, name: str) -> None:
    content = (shared / "seeds" / name).read_bytes()
    with pytest.raises(UnusableInputError, match="cut"):
        read_content(content[: len(content) // 2])


def test_real_records_report_only_keys_that_the_register_dropped(shared: Path) -> None:
    dropped = {
        key
        for file in (shared / "records/ctgov_v2").glob("*.json")
        for key in (left.text.rsplit(".", 1)[-1] for left in read_record(file).unclaimed)
    }
    assert dropped == {"interventionMappedName", "locations_nested", "modelPredictions"}


@pytest.mark.parametrize("name", ["000_bb595da736273c65.txt", "001_46e35d0dd0f5de8d.txt"])
def test_a_foreign_word_anywhere_is_kept_or_reported(shared: Path, name: str) -> None:
    text = (shared / "seeds" / name).read_text("utf-8")
    ends = [word.end() for word in re.finditer(r"\S+", text)]
    for end in ends[::3]:
        try:
            record = read_content(f"{text[:end]} zqword{text[end:]}".encode())
        except UnusableInputError:
            continue
        known = f"{record.as_json()}{record.unclaimed}{record.related_trials}"
        assert "zqword" in known, text[end - 40 : end]
