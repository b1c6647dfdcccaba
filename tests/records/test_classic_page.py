"""The classic record page: every fact of the sample, and labels that it does not show."""

import re
from pathlib import Path

import pytest

from trialwright.errors import UnusableInputError
from trialwright.records.read import read_content
from trialwright.records.record import Record

# What the page of the sample does not show of the study that the JSON sample holds.
NOT_ON_THE_PAGE = {
    "secondaryIdInfos",
    "organization",
    "expandedAccessInfo",
    "studyFirstSubmitDate",
    "oversightModule",
    "referencesModule",
    "infoTypes",
    "geoPoint",
    "class",
}


def without(node: object, keys: set[str]) -> object:
    if isinstance(node, dict):
        return {key: without(value, keys) for key, value in node.items() if key not in keys}
    if isinstance(node, list):
        return [without(value, keys) for value in node]
    return node


def test_page_and_json_of_one_study_give_the_same_facts(
    classic: Record, study_json: Record
) -> None:
    page = classic.as_json()["protocolSection"]
    json = without(study_json.as_json()["protocolSection"], NOT_ON_THE_PAGE)
    assert isinstance(json, dict)
    # The page does not tell whether a posting date is estimated, nor the status of a location.
    del json["statusModule"]["studyFirstPostDateStruct"]["type"]
    del json["statusModule"]["lastUpdatePostDateStruct"]["type"]
    del json["contactsLocationsModule"]["locations"][0]["status"]
    # Bullets differ; the criteria are compared below.
    del json["eligibilityModule"]["eligibilityCriteria"]
    del page["eligibilityModule"]["eligibilityCriteria"]
    assert page == json


def test_page_and_json_of_one_study_give_the_same_criteria(
    classic: Record, study_json: Record
) -> None:
    def plain(record: Record) -> list[tuple[str, str]]:
        return [
            (each.name, each.text.replace("\\", "").replace("*", "-")) for each in record.criteria
        ]

    assert plain(classic) == plain(study_json)


def test_nothing_of_the_sample_is_left(classic: Record) -> None:
    assert classic.unclaimed == ()
    assert classic.format == "classic-page"
    assert classic.study.has_results is False


def test_criteria_and_outcomes_know_their_lines(classic: Record, samples: Path) -> None:
    lines = (samples / "classic.txt").read_text("utf-8").splitlines()
    for criterion in classic.criteria:
        assert criterion.line is not None
        assert lines[criterion.line - 1].strip("- ") == criterion.text.split(" - ")[0]
    line = classic.line_of("protocolSection.outcomesModule.secondaryOutcomes[0]")
    assert line is not None
    assert "Mean PGA" in lines[line - 1]


def test_headings_of_the_thesaurus_are_sorted(classic: Record) -> None:
    derived = classic.study.derived_section
    assert [mesh.term for mesh in derived.condition_browse_module.meshes] == [
        "Lupus Erythematosus, Systemic",
        "Lupus Nephritis",
    ]
    assert [mesh.term for mesh in derived.intervention_browse_module.ancestors] == [
        "Antirheumatic Agents"
    ]


def changed(samples: Path, old: str, new: str) -> Record:
    text = (samples / "classic.txt").read_text("utf-8")
    assert old in text
    return read_content(text.replace(old, new, 1).encode())


def test_outcomes_without_a_heading_have_no_rank(samples: Path) -> None:
    record = changed(samples, "Primary Outcome Measures :\n", "")
    module = record.study.protocol_section.outcomes_module
    assert [outcome.measure for outcome in module.unranked_outcomes] == ["Flare", "Survival"]
    assert module.primary_outcomes == ()
    assert record.as_json()["protocolSection"]["outcomesModule"]["unrankedOutcomes"]
    assert record.unclaimed == ()


@pytest.mark.parametrize(
    ("ages", "low", "high", "groups"),
    [
        ("18 Years to 60 Years   (Adult)", "18 Years", "60 Years", ("ADULT",)),
        ("up to 17 Years (Child)", None, "17 Years", ("CHILD",)),
        ("Child, Adult, Older Adult", None, None, ("CHILD", "ADULT", "OLDER_ADULT")),
        ("6 Months and older", "6 Months", None, ()),
    ],
)
def test_ages(
    samples: Path, ages: str, low: str | None, high: str | None, groups: tuple[str, ...]
) -> None:
    record = changed(samples, "18 Years and older (Adult, Older Adult)", ages)
    module = record.study.protocol_section.eligibility_module
    assert (module.minimum_age, module.maximum_age, module.std_ages) == (low, high, groups)


def test_open_label_masks_nobody(samples: Path) -> None:
    record = changed(samples, "Double (Participant, Outcomes Assessor)", "None (Open Label)")
    masking = record.study.protocol_section.design_module.design_info.masking_info
    assert (masking.masking, masking.who_masked) == ("NONE", ())


def test_a_responsible_investigator(samples: Path) -> None:
    record = changed(
        samples,
        "Responsible Party: | Northern Hospital |",
        "Responsible Party: | Ada Example, Head of Rheumatology, Northern Hospital |",
    )
    party = record.study.protocol_section.sponsor_collaborators_module.responsible_party
    assert party.investigator_full_name == "Ada Example"
    assert party.investigator_title == "Head of Rheumatology"
    assert party.investigator_affiliation == "Northern Hospital"
    assert party.type is None  # the page does not tell the two kinds of investigator apart


def test_further_numbers_of_the_study(samples: Path) -> None:
    record = changed(samples, "NH-17 |", "NH-17\n2020-000001-11 |")
    names = record.study.protocol_section.identification_module
    left = [line.text for line in record.unclaimed]
    assert names.org_study_id_info.id == "NH-17"
    assert [other.id for other in names.secondary_id_infos] == ["2020-000001-11"]
    assert left == []


@pytest.mark.parametrize(
    ("old", "new", "left"),
    [
        ("Randomized", "Tossed", "Allocation: | Tossed |"),
        ("personal decision.", "personal decision. Call us.", "Call us."),
        ("Sharing Statement: | |", "Sharing Statement: | See the site |", "See the site"),
        ("January 5, 2021 Key", "Januar 5, 2021 Key", "First Posted: | Januar"),
        ("Masking: | Double", "Masking: | Thrice", "Masking: | Thrice"),
        ("(Participant, Outcomes Assessor)", "(Participant, Cook)", "Masking: | Double"),
        ("Female |", "Some |", "Sexes Eligible for Study: | Some |"),
        ("1,040 participants", "many", "Estimated Enrollment : | many |"),
        ("(Adult, Older Adult)", "(Adults)", "Ages Eligible"),
        ("Phase 2 Phase 3 |", "Phase 7 |", "Lupus Nephritis | Drug"),
        ("Drug: Hydroxychloroquine\nOther", "Pill: HCQ\nOther", "Lupus Nephritis | Pill"),
        ("Oslo, Norway |", "somewhere |", "somewhere |"),
        ("Norway, Troms | |", "Sweden | |", "Sweden | |"),
        ("| Bo Sample |", "| Bo | Sample | Extra |", "Study Director: | Bo | Sample | Extra |"),
        ("(NCT number): NCT90000001", "(NCT number): NCT90000009", "NCT90000009"),
        ("Last Verified: | February 2022 |", "Last Verified: | February 2022 |\nOdd one out",
         "Odd one out"),
        ("Antirheumatic Agents |", "Antirheumatic Agents Unheard Of |", "Unheard Of"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_reported(samples: Path, old: str, new: str, left: str) -> None:
    record = changed(samples, old, new)
    assert any(left in line.text for line in record.unclaimed)


def test_a_fact_stated_twice_and_differently_is_reported(samples: Path) -> None:
    record = changed(
        samples, "Last Update Posted: | February 2, 2022", "Last Update Posted: | May 1, 2022"
    )
    assert [line.text for line in record.unclaimed] == ["Last Update Posted: | May 1, 2022 |"]
    status = record.study.protocol_section.status_module
    assert status.last_update_post_date_struct.date == "2022-02-02"


@pytest.mark.parametrize(
    ("upto", "missing"),
    [
        ("Study Type", "the study type"),
        ("Inclusion Criteria:", "the eligibility criteria"),
        ("Last Verified", "the date of the last verification"),
    ],
)
def test_a_page_that_is_cut_is_refused(samples: Path, upto: str, missing: str) -> None:
    text = (samples / "classic.txt").read_text("utf-8")
    with pytest.raises(UnusableInputError, match="cut or damaged") as raised:
        read_content(text[: text.index(upto)].encode())
    assert missing in raised.value.what


def test_windows_line_ends_make_no_difference(samples: Path, classic: Record) -> None:
    content = (samples / "classic.txt").read_bytes().replace(b"\n", b"\r\n")
    assert read_content(content).study == classic.study


@pytest.mark.parametrize(
    ("line", "module", "fact"),
    [
        ("Observational Model: | Cohort |", "designModule",
         {"designInfo": {"observationalModel": "COHORT"}}),
        ("Time Perspective: | Prospective |", "designModule",
         {"designInfo": {"timePerspective": "PROSPECTIVE"}}),
        ("Sampling Method: | Non-Probability Sample |", "eligibilityModule",
         {"samplingMethod": "NON_PROBABILITY_SAMPLE"}),
        ("Study Population | |", "", {}),
        ("Study Population: | One clinic |", "eligibilityModule",
         {"studyPopulation": "One clinic"}),
        ("Studies a U.S. FDA-regulated Drug Product: | Yes |", "oversightModule",
         {"isFdaRegulatedDrug": True}),
        ("Studies a U.S. FDA-regulated Device Product: | No |", "oversightModule",
         {"isFdaRegulatedDevice": False}),
        ("Product Manufactured in and Exported from the U.S.: | No |", "oversightModule",
         {"isUsExport": False}),
        ("Time Frame: | From 2024 |", "ipdSharingStatementModule", {"timeFrame": "From 2024"}),
        ("Access Criteria: | On request |", "ipdSharingStatementModule",
         {"accessCriteria": "On request"}),
        ("URL: | https://example.org/data |", "ipdSharingStatementModule",
         {"url": "https://example.org/data"}),
    ],
)  # fmt: skip
def test_values_that_other_pages_state(
    samples: Path, line: str, module: str, fact: dict[str, object]
) -> None:
    record = changed(samples, "Last Verified:", f"{line}\nLast Verified:")
    read = record.as_json()["protocolSection"]
    if not module:  # a label without its colon is no value
        assert [left.text for left in record.unclaimed] == [line]
        return
    assert record.unclaimed == ()
    for key, value in fact.items():
        if isinstance(value, dict):
            assert value.items() <= read[module][key].items()
        else:
            assert read[module][key] == value


def test_keywords_and_headings_without_a_plan_to_share_data(samples: Path, classic: Record) -> None:
    text = (samples / "classic.txt").read_text("utf-8")
    shorter = re.sub(r"(?m)^(Individual Participant|Plan ).*\n", "", text)
    record = read_content(shorter.encode())
    read, whole = record.as_json(), classic.as_json()
    del whole["protocolSection"]["ipdSharingStatementModule"]
    assert read == whole
    assert record.unclaimed == ()
