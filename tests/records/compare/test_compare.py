"""A study that agrees with its record, and one difference at a time."""

import json
from pathlib import Path
from typing import Any

import pytest

from records.compare.changes import RECORD, SAMPLES, against, replaced
from trialwright.protocol import Study, load_study
from trialwright.records.compare import compare
from trialwright.records.read import read_content, read_record

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "record-comparison.md"


def test_a_study_that_agrees(study: Study) -> None:
    assert against(study, {}) == []


def test_a_study_that_agrees_with_the_page(study: Study) -> None:
    assert compare(study, read_record(SAMPLES / "classic.txt")) == []


def test_what_the_record_does_not_state_is_no_finding(study: Study) -> None:
    codes = {finding.code for finding in compare(study, read_content(b'{"protocolSection": {}}'))}
    # These two say that the study points to criteria and outcomes that are not there.
    assert codes == {"TWC505", "TWC605"}


CRITERIA = "eligibilityModule.eligibilityCriteria"


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"identificationModule.nctId": "NCT90000009"}, "TWC101 identity.registrations"),
        ({"identificationModule.orgStudyIdInfo.id": "NH-18"}, "TWC102 identity.other_ids.NH-18"),
        ({"identificationModule.secondaryIdInfos.0.id": "U1"}, "TWC102 identity.other_ids.U1"),
        ({"identificationModule.officialTitle": "Another"}, "TWC103 identity.official_title"),
        ({"conditionsModule.conditions.1": "Gout"}, "TWC104 identity.conditions.Gout"),
        ({"conditionsModule.keywords.1": "relapse"}, "TWC105 identity.keywords.relapse"),
        ({"sponsorCollaboratorsModule.leadSponsor.name": "X"}, "TWC106 sponsor.name"),
        ({"sponsorCollaboratorsModule.collaborators.0.name": "X"}, "TWC107 sponsor.collaborators.X"),
        ({"sponsorCollaboratorsModule.responsibleParty": {"investigatorFullName": "Cy Other"}}, "TWC108 sponsor.responsible_party"),
        ({"contactsLocationsModule.overallOfficials.1.name": "Cy"}, "TWC109 sponsor.officials.Cy"),
        ({"contactsLocationsModule.overallOfficials.1.role": "STUDY_CHAIR"}, "TWC109 sponsor.officials.Bo Sample.role"),
        ({"contactsLocationsModule.overallOfficials.1.affiliation": "X"}, "TWC109 sponsor.officials.Bo Sample.affiliation"),
        ({"contactsLocationsModule.locations.1.facility": "X"}, "TWC110 sites.X"),
        ({"contactsLocationsModule.locations.1.city": "Bergen"}, "TWC110 sites.south.city"),
        ({"contactsLocationsModule.locations.1.country": "Sweden"}, "TWC110 sites.south.country"),
        ({"statusModule.overallStatus": "COMPLETED"}, "TWC201 status.overall"),
        ({"statusModule.startDateStruct.date": "2021-04"}, "TWC202 status.start"),
        ({"statusModule.startDateStruct.type": "ESTIMATED"}, "TWC202 status.start.type"),
        ({"statusModule.primaryCompletionDateStruct.date": "2023-12-30"}, "TWC203 status.primary_completion"),
        ({"statusModule.completionDateStruct.date": "2025-06-30"}, "TWC204 status.completion"),
        ({"statusModule.studyFirstPostDateStruct.date": "2021-01-06"}, "TWC205 status.first_posted"),
        ({"statusModule.lastUpdatePostDateStruct.date": "2022-02-03"}, "TWC206 status.last_updated"),
        ({"statusModule.statusVerifiedDate": "2022-03"}, "TWC207 status.last_verified"),
        ({"ipdSharingStatementModule.ipdSharing": "NO"}, "TWC208 status.sharing_of_participant_data"),
        ({"designModule.designInfo.allocation": "NA"}, "TWC301 design.allocation"),
        ({"designModule.designInfo.interventionModel": "SINGLE_GROUP"}, "TWC302 design.model"),
        ({"designModule.designInfo.primaryPurpose": "PREVENTION"}, "TWC303 design.purpose"),
        ({"designModule.phases": ["PHASE2"]}, "TWC304 design.phase"),
        ({"designModule.phases": ["NA"]}, "TWC304 design.phase"),
        ({"designModule.designInfo.maskingInfo.masking": "TRIPLE"}, "TWC305 design.masking"),
        ({"designModule.designInfo.maskingInfo.whoMasked.1": "INVESTIGATOR"}, "TWC305 design.masking"),
        ({"designModule.enrollmentInfo.count": 1041}, "TWC306 design.enrollment"),
        ({"designModule.enrollmentInfo.type": "ACTUAL"}, "TWC307 design.enrollment.type"),
        ({"armsInterventionsModule.armGroups.1": None}, "TWC401 arms"),
        ({"armsInterventionsModule.armGroups.1.label": "Halt"}, "TWC402 arms.Halt"),
        ({"armsInterventionsModule.armGroups.1.type": "OTHER"}, "TWC403 arms.stop.type"),
        ({"armsInterventionsModule.interventions.1.name": "Diary"}, "TWC404 interventions.Diary"),
        ({"armsInterventionsModule.interventions.0.type": "DEVICE"}, "TWC405 interventions.Hydroxychloroquine.type"),
        ({"armsInterventionsModule.interventions.0.otherNames.1": "Q"}, "TWC406 interventions.Hydroxychloroquine.other_names.Q"),
        ({"outcomesModule.otherOutcomes.0.measure": "Weight"}, "TWC504 outcomes.blood-level.measure"),
        ({"outcomesModule.secondaryOutcomes.0.timeFrame": "weeks 12 and 52"}, "TWC503 outcomes.pga.time_frame"),
        ({CRITERIA: RECORD["protocolSection"]["eligibilityModule"]["eligibilityCriteria"] + "\n* Age above 80"}, "TWC601 criteria.E2"),
        ({CRITERIA: RECORD["protocolSection"]["eligibilityModule"]["eligibilityCriteria"].replace("1997", "1997 (class III)")}, "TWC602 criteria.I1"),
        ({CRITERIA: RECORD["protocolSection"]["eligibilityModule"]["eligibilityCriteria"].replace("\\< 4", "\\< 6")}, "TWC602 criteria.I2"),
        ({CRITERIA: RECORD["protocolSection"]["eligibilityModule"]["eligibilityCriteria"].replace("Retinopathy", "Pregnancy")}, "TWC603 criteria.E1"),
        ({CRITERIA: RECORD["protocolSection"]["eligibilityModule"]["eligibilityCriteria"].replace("\\< 4", "≤ 4")}, "TWC604 criteria.I2.4"),
        ({CRITERIA: RECORD["protocolSection"]["eligibilityModule"]["eligibilityCriteria"].replace("\\< 4", "= 4")}, "TWC604 criteria.I2.4"),
        ({CRITERIA: RECORD["protocolSection"]["eligibilityModule"]["eligibilityCriteria"].replace("\n* Retinopathy", "")}, "TWC605 criteria.E1"),
        ({"outcomesModule.secondaryOutcomes.0.timeFrame": "months 26 and 52"}, "TWC503 outcomes.pga.time_frame"),
        ({"eligibilityModule.minimumAge": "21 Years"}, "TWC606 criteria.minimumAge"),
        ({"eligibilityModule.maximumAge": "65 Years"}, "TWC606 criteria.maximumAge"),
    ],
)  # fmt: skip
def test_one_difference_gives_one_finding(study: Study, changes: dict[str, Any], name: str) -> None:
    findings = against(study, changes)
    assert [finding.name for finding in findings] == [name]
    assert findings[0].message


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"criteria.1.rule": "selena_sledai < 6"}, "TWC608 criteria.I2"),
        ({"criteria.3.rule": 'age > 18 and sex == "F"'}, "TWC606 criteria.minimumAge"),
        ({"criteria.3.rule": 'age < 18 and sex == "F"'}, "TWC606 criteria.minimumAge"),
        ({"outcomes.2.time_frame": "weeks 26, 39 and 52"}, "TWC503 outcomes.pga.time_frame"),
    ],
)
def test_a_change_of_the_study_gives_one_finding(
    study: Study, changes: dict[str, Any], name: str
) -> None:
    for path, value in changes.items():
        study = replaced(study, path, value)
    assert [found.name for found in against(study, {})] == [name]


def test_a_rule_on_age_may_count_from_the_year_before(study: Study) -> None:
    assert against(replaced(study, "criteria.3.rule", 'age > 17 and sex == "F"'), {}) == []


def test_a_rule_may_count_in_another_unit(study: Study) -> None:
    text = "Inclusion Criteria:\n* No other trial within 4 weeks"
    changed = replaced(study, "criteria.0.text", "No other trial within four weeks.")
    for days, codes in ((28, []), (30, ["TWC608"])):
        rule = f"days_since(other_trial) >= {days}"
        changed = replaced(changed, "criteria.0.rule", rule)
        findings = against(changed, {CRITERIA: text})
        assert [each.code for each in findings if each.name.endswith(" criteria.I1")] == codes


def test_a_name_that_the_rule_leaves_out(study: Study) -> None:
    text = "Inclusion Criteria:\n* Low C3 or C4 or a positive ANA test"
    changed = replaced(study, "criteria.0.text", "Low complement or ANA.")
    changed = replaced(changed, "criteria.0.rule", "c3 < lln(c3) or ana_titer > 80")
    found = next(each for each in against(changed, {CRITERIA: text}) if each.code == "TWC609")
    assert found.name == "TWC609 criteria.I1"
    assert found.message == "the record names C4, the rule does not"


def test_criteria_whose_numbers_are_swapped(study: Study) -> None:
    swapped = study
    for here, there in ((0, 2), (2, 0)):
        for key in ("text", "rule"):
            value = getattr(study.criteria[there], key)
            swapped = replaced(swapped, f"criteria.{here}.{key}", value)
    names = {found.name for found in against(swapped, {})}
    assert {"TWC610 criteria.I1", "TWC610 criteria.I3"} <= names


def test_a_description_with_another_number(study: Study) -> None:
    described = replaced(study, "outcomes.0.description", "A rise of 5 points")
    text = {"measure": "Flare", "description": "(1) A rise of 4 points", "timeFrame": "week 52"}
    (found,) = against(described, {"outcomesModule.primaryOutcomes.0": text})
    assert found.name == "TWC506 outcomes.flare.description"
    assert "5" in found.message


@pytest.mark.parametrize(
    ("prose", "names"),
    [
        ("Doses of 5 mg and 0 mg are compared.", []),
        ("Doses of 5 mg and 7.5 mg are compared.", ["TWC407 arms.7.5"]),
        ("The dose is 3 mg/kg.", []),  # per kilogram is no dose of an arm
        ("A placebo-controlled trial.", ["TWC407 arms.placebo"]),
        ("One drug versus placebo.", ["TWC407 arms.placebo"]),
    ],
)
def test_arms_that_only_the_prose_names(study: Study, prose: str, names: list[str]) -> None:
    changes = {"armsInterventionsModule": None, "descriptionModule.briefSummary": prose}
    found = against(study, changes)
    assert [each.name for each in found if each.code == "TWC407"] == names


@pytest.mark.parametrize(
    ("prose", "found"),
    [("A double-blind trial.", []), ("A triple-masked trial.", ["TWC305 design.masking"])],
)
def test_masking_that_only_the_prose_names(study: Study, prose: str, found: list[str]) -> None:
    changes = {
        "designModule.designInfo.maskingInfo": None,
        "descriptionModule.briefSummary": prose,
    }
    assert [each.name for each in against(study, changes)] == found


def test_an_outcome_that_the_study_leaves_out(study: Study) -> None:
    outcome = {"measure": "Cost", "timeFrame": "week 52"}
    (found,) = against(study, {"outcomesModule.otherOutcomes": [
        RECORD["protocolSection"]["outcomesModule"]["otherOutcomes"][0], outcome]})  # fmt: skip
    assert found.name == "TWC501 outcomes.5"
    assert "Cost" in found.message
    assert "record_number: 5" in found.remedy


def test_the_rank_of_an_outcome(study: Study) -> None:
    (found,) = compare(replaced(study, "outcomes.3.rank", "secondary"), read_content(
        json.dumps(RECORD).encode()))  # fmt: skip
    assert found.name == "TWC502 outcomes.blood-level.rank"


def test_an_outcome_that_the_record_lacks(study: Study) -> None:
    (found,) = against(study, {"outcomesModule.otherOutcomes": None})
    assert found.name == "TWC505 outcomes.blood-level"


def test_a_sex_that_no_rule_asks_for(study: Study) -> None:
    without = replaced(study, "criteria.3.rule", "age >= 18")
    (found,) = compare(without, read_record(SAMPLES / "study.json"))
    assert found.name == "TWC607 criteria.sex"


def test_a_rule_may_put_the_number_first(study: Study) -> None:
    mirrored = replaced(study, "criteria.1.rule", "4 > selena_sledai")
    assert compare(mirrored, read_record(SAMPLES / "study.json")) == []


def test_what_the_study_leaves_out_is_said(study: Study) -> None:
    without = replaced(study, "status.start", None)
    (found,) = compare(without, read_record(SAMPLES / "study.json"))
    assert found.name == "TWC202 status.start"
    assert found.message == "the record says '2021-03', the study leaves it out"


def test_an_unranked_outcome_may_have_any_rank(study: Study) -> None:
    text = (SAMPLES / "classic.txt").read_text("utf-8")
    start, end = text.index("Primary Outcome"), text.index("Choosing")
    unranked = "\n".join(
        f"- {each.measure} [ Time Frame: {each.time_frame} ]" for each in study.outcomes
    )
    record = read_content(f"{text[:start]}{unranked}\n\n{text[end:]}".encode())
    assert compare(study, record) == []


def codes_tested() -> set[str]:
    (mark,) = test_one_difference_gives_one_finding.pytestmark  # type: ignore[attr-defined]  # pytest adds it
    return {name.split()[0] for _, name in mark.args[1]}


def test_every_code_is_documented_and_tested() -> None:
    documented = {line[2:8] for line in PAGE.read_text("utf-8").splitlines() if line[:5] == "| TWC"}
    others = {"TWC501", "TWC502", "TWC505", "TWC607"} | {
        "TWC407",
        "TWC506",
        "TWC608",
        "TWC609",
        "TWC610",
    }
    assert documented == codes_tested() | others


def test_names_are_unique_over_many_differences(study: Study) -> None:
    empty = replaced(replaced(study, "criteria", ()), "outcomes", ())
    names = [finding.name for finding in compare(empty, read_record(SAMPLES / "study.json"))]
    assert len(names) == len(set(names))
    assert {"TWC601 criteria.I1", "TWC601 criteria.E1", "TWC501 outcomes.4"} <= set(names)


@pytest.mark.parametrize(
    ("folder", "page", "reading", "names"),
    [
        ("il2-sle-dose-finding", "000_bb595da736273c65.txt", None, []),
        ("il2-sle-infection", "001_46e35d0dd0f5de8d.txt", "crossover", []),
        ("il2-sle-infection", "001_46e35d0dd0f5de8d.txt", "parallel", ["TWC302 design.model"]),
    ],
)
def test_the_shipped_studies(
    shared: Path, folder: str, page: str, reading: str | None, names: list[str]
) -> None:
    path = Path(__file__).parents[3] / "studies" / folder / "study.yaml"
    loaded = load_study(path, reading, gaps_allowed=True).study
    findings = compare(loaded, read_record(shared / "seeds" / page))
    assert [finding.name for finding in findings] == names
