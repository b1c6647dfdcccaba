"""The mirror's record page: every fact of the sample, tables with lines broken, rows cut."""

import re
from pathlib import Path

import pytest

from trialwright.errors import UnusableInputError
from trialwright.records.read import read_content
from trialwright.records.record import Record, RelatedTrial


def changed(samples: Path, old: str, new: str) -> Record:
    text = (samples / "mirror.txt").read_text("utf-8")
    assert old in text
    return read_content(text.replace(old, new, 1).encode())


def test_every_fact_of_the_sample(mirror: Record) -> None:
    assert mirror.unclaimed == ()
    assert mirror.format == "mirror-page"
    assert mirror.as_json() == {
        "protocolSection": {
            "identificationModule": {"officialTitle": "A Trial of Two Doses in Lupus Nephritis"},
            "statusModule": {
                "overallStatus": "COMPLETED",
                "startDateStruct": {"date": "2019-03"},
                "primaryCompletionDateStruct": {"date": "2020-06-30", "type": "ESTIMATED"},
                "completionDateStruct": {"date": "2020-12"},
            },
            "sponsorCollaboratorsModule": {
                "leadSponsor": {"name": "Northern Hospital"},
                "collaborators": [{"name": "Western Hospital"}, {"name": "Southern Hospital"}],
            },
            "descriptionModule": {"briefSummary": "Kidneys matter.\n\nTwo doses are compared."},
            "conditionsModule": {"conditions": ["Lupus Nephritis"]},
            "designModule": {
                "phases": ["PHASE1", "PHASE2"],
                "enrollmentInfo": {"count": 1200},
            },
            "outcomesModule": {
                "primaryOutcomes": [
                    {
                        "measure": "Complete response",
                        "description": "Protein below 0.5 g/day\nand stable creatinine",
                        "timeFrame": "week 52",
                        "safetyIssue": "No",
                    }
                ],
                "secondaryOutcomes": [{"measure": "Death", "timeFrame": "2 years"}],
            },
            "eligibilityModule": {
                "eligibilityCriteria": "Inclusion Criteria: - Biopsy of class III or IV - Urine "
                "protein of = 1 g/day Exclusion Criteria: - Dialysis",
                "healthyVolunteers": False,
                "sex": "FEMALE",
                "minimumAge": "6 Months",
            },
            "contactsLocationsModule": {
                "locations": [
                    {
                        "facility": "Northern Hospital",
                        "city": "Tromso",
                        "state": "Troms",
                        "country": "Norway",
                    },
                    {"facility": "Western Hospital", "city": "Reno", "country": "United States"},
                ]
            },
        }
    }


def test_related_trials(mirror: Record) -> None:
    assert mirror.related_trials == (
        RelatedTrial(
            "Active, not recruiting", "NCT90000002", "A Trial of Nothing", "Early Phase 1", 31
        ),
        RelatedTrial("Completed", "NCT90000003", "Another Trial", "", 36),
    )


def test_criteria_on_one_line(mirror: Record) -> None:
    assert [(each.name, each.text) for each in mirror.criteria] == [
        ("inclusion 1", "Biopsy of class III or IV"),
        ("inclusion 2", "Urine protein of = 1 g/day"),
        ("exclusion 1", "Dialysis"),
    ]
    assert {each.line for each in mirror.criteria} == {15}


def test_a_summary_may_end_like_a_page_title(samples: Path) -> None:
    record = changed(samples, "Kidneys matter.", "This is a Clinical Trial")
    protocol = record.study.protocol_section
    assert protocol.conditions_module.conditions == ("Lupus Nephritis",)
    summary = protocol.description_module.brief_summary
    assert summary == "This is a Clinical Trial\n\nTwo doses are compared."
    assert record.unclaimed == ()


def test_a_row_ends_with_its_last_cell(samples: Path) -> None:
    record = changed(
        samples,
        "and stable creatinine | week 52 | No",
        "and, above all,\n\nstable | week 52 |\nStray words",
    )
    outcome = record.study.protocol_section.outcomes_module.primary_outcomes[0]
    assert outcome.description == "Protein below 0.5 g/day\nand, above all,\n\nstable"
    assert [left.text for left in record.unclaimed] == [
        "Stray words",
        "Secondary | Death | | 2 years |",
    ]


def test_a_page_without_related_trials(samples: Path) -> None:
    text = (samples / "mirror.txt").read_text("utf-8")
    end = text.index("Active, not recruiting")
    record = read_content(text[:end].encode())
    assert record.related_trials == ()
    assert record.unclaimed == ()


@pytest.mark.parametrize(
    ("old", "new", "left"),
    [
        ("Status | Completed |", "Status | Asleep |", "Status | Asleep |"),
        ("Enrollment | 1,200 |", "Enrollment | lots |", "Enrollment | lots |"),
        ("Gender | Female |", "Gender | Any |", "Gender | Any |"),
        ("Age group | 6 Months and older", "Age group | young", "Age group | young |"),
        ("Phase | Phase 1/Phase 2 |", "Phase | Phase 12 |", "Phase | Phase 12 |"),
        ("Norway, United States,", "Norway, Sweden,", "Norway, Sweden,"),
        ("Gender | Female |", "Gender | Female |\nShoe size | 42 |", "Shoe size | 42 |"),
        ("| Tromso | Troms", "| Tromso | Troms | 9019", "Country | Name | City | State |"),
        ("Active, not recruiting |\nNCT", "Restless |\nNCT", "Restless |"),
        ("NCT90000002 -", "Some words", "Some words"),
    ],
)
def test_what_is_not_understood_is_reported(samples: Path, old: str, new: str, left: str) -> None:
    record = changed(samples, old, new)
    assert left in [line.text for line in record.unclaimed]


def test_a_broken_row_does_not_hide_the_next(samples: Path) -> None:
    record = changed(samples, "NCT90000002 -", "Some words")
    assert [trial.nct_id for trial in record.related_trials] == ["NCT90000003"]


@pytest.mark.parametrize(
    ("upto", "missing"),
    [
        ("A Trial of Two", "the title"),
        ("Eligibility |", "the eligibility criteria"),
        ("Lead Sponsor", "the tables of outcomes and of related trials"),
        ("Type |", "the tables of outcomes and of related trials"),
    ],
)
def test_a_page_that_is_cut_is_refused(samples: Path, upto: str, missing: str) -> None:
    text = (samples / "mirror.txt").read_text("utf-8")
    cut = text[: text.index(upto)]
    if "Status |" not in cut:
        cut += "\nStatus | Completed |"
    with pytest.raises(UnusableInputError, match="cut or damaged") as raised:
        read_content(cut.encode())
    assert missing in raised.value.what


@pytest.mark.parametrize("upto", ["\nAnother Trial", "NCT90000003 -", "Another", "Early Pha"])
def test_a_page_cut_within_its_last_table_is_refused(samples: Path, upto: str) -> None:
    text = (samples / "mirror.txt").read_text("utf-8")
    with pytest.raises(UnusableInputError, match="within its table of related trials"):
        read_content(text[: text.index(upto) + len(upto)].encode())


SECTIONS = {
    "related": r"Status \| Clinical Trial.*",
    "outcomes": r"Type \| Measure.*?(?=Status \| Clinical)",
    "sponsors": r"Lead Sponsor \|.*?(?=\n[A-Z][^|]*,\n)",
    "places": r"Country \| Name.*?(?=Lead Sponsor)",
}


def without(text: str, section: str) -> str:
    shorter = re.sub(SECTIONS[section], "", text, flags=re.DOTALL)
    assert shorter != text
    return shorter


@pytest.mark.parametrize(
    ("section", "keys"),
    [
        ("related", set()),
        ("outcomes", {"outcomesModule"}),
        ("sponsors", {"sponsorCollaboratorsModule"}),
        ("places", {"contactsLocationsModule"}),
    ],
)
def test_a_page_may_lack_a_section(
    samples: Path, mirror: Record, section: str, keys: set[str]
) -> None:
    text = without((samples / "mirror.txt").read_text("utf-8"), section)
    record = read_content(text.encode())
    whole = mirror.as_json()["protocolSection"]
    assert record.as_json()["protocolSection"] == {
        key: part for key, part in whole.items() if key not in keys
    }


def test_a_row_without_a_time_frame_ends_where_the_next_begins(samples: Path) -> None:
    record = changed(
        samples, "Secondary | Death | | 2 years |", "Secondary | Death |\nOther | Fatigue | Asked |"
    )
    outcomes = record.as_json()["protocolSection"]["outcomesModule"]
    assert outcomes["secondaryOutcomes"] == [{"measure": "Death"}]
    assert outcomes["otherOutcomes"] == [{"measure": "Fatigue", "description": "Asked"}]
    assert record.unclaimed == ()


def test_a_page_cut_within_an_outcome_is_refused(samples: Path) -> None:
    text = (samples / "mirror.txt").read_text("utf-8")
    with pytest.raises(UnusableInputError, match="within its table of outcomes") as raised:
        read_content(text[: text.index("eath | | 2 years")].encode())
    assert raised.value.where == "line 28"


def test_what_follows_the_related_trials_is_reported(samples: Path, mirror: Record) -> None:
    text = (samples / "mirror.txt").read_text("utf-8")
    record = read_content((text + "\nAll rights reserved.\nContact us\n").encode())
    assert record.related_trials == mirror.related_trials
    assert [left.text for left in record.unclaimed] == ["All rights reserved.", "Contact us"]


@pytest.mark.parametrize(
    ("words", "low", "high"),
    [
        ("N/A and older", None, None),
        ("N/A to 17 Years", None, "17 Years"),
        ("5 Years to N/A", "5 Years", None),
        ("5 Years - 17 Years", "5 Years", "17 Years"),
        ("All", None, None),
    ],
)
def test_ages_without_a_limit(samples: Path, words: str, low: str | None, high: str | None) -> None:
    record = changed(samples, "6 Months and older", words)
    module = record.study.protocol_section.eligibility_module
    assert (module.minimum_age, module.maximum_age) == (low, high)
    assert record.unclaimed == ()


def test_spaces_that_do_not_break_are_spaces(samples: Path, mirror: Record) -> None:
    text = (samples / "mirror.txt").read_text("utf-8").replace(" |", "\N{NO-BREAK SPACE}|")
    assert read_content(text.encode()).study == mirror.study
