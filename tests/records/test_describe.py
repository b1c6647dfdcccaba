"""A record in words."""

from dataclasses import replace

from trialwright.records.describe import facts, sections
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
