"""The safety section: which terms are listed, and how events and rates are written."""

import pytest

from analysis.trials import dose_finding
from report.made import DOSES, analysis, difference
from report.test_people import results
from trialwright.analysis.results import ArmRate, Safety, SafetyRow
from trialwright.report.harms import safety_section
from trialwright.report.words import Words

WORDS = Words(dose_finding())
TREATED = {"placebo": 20, "il-2-1-miu": 40}


def row(label, placebo, dose, group="term"):
    """Participants with an event in either arm; each has two events."""
    people = {"placebo": placebo, "il-2-1-miu": dose}
    return SafetyRow(
        label=label,
        group=group,
        participants=people,
        events={arm: 2 * count for arm, count in people.items()},
    )


def section(*rows, analyses=(), treated=TREATED):
    safety = Safety(treated=treated, person_years=dict.fromkeys(treated, 9.0), rows=rows)
    made = results()
    fields = {name: getattr(made, name) for name in made.__slots__}
    return safety_section(WORDS, type(made)(**fields | {"safety": safety, "analyses": analyses}))


@pytest.fixture(autouse=True)
def _fast(charts):
    """Pictures are tested with the figures."""


def labels(found):
    return [each[0] for each in found.blocks[0].tables[0].rows]


def test_rows_are_grouped_under_headings():
    found = section(
        row("Any adverse event", 1, 1, "summary"),
        row("infection", 1, 1, "category"),
        row("cough", 1, 2),
    )
    assert labels(found) == [
        "Any adverse event",
        "By category",
        "Infection",
        "Most frequent terms",
        "Cough",
    ]


@pytest.mark.parametrize(
    ("placebo", "dose", "listed"),
    [
        (1, 0, True),  # 1 of 20 is 5%
        (0, 2, True),  # 2 of 40 is 5%
        (0, 1, False),  # 1 of 40 is 2.5%
        (0, 0, False),
    ],
)
def test_a_term_is_listed_from_5_percent_of_an_arm_on(placebo, dose, listed):
    assert ("Cough" in labels(section(row("cough", placebo, dose)))) == listed


def test_rare_summaries_and_categories_are_listed_all_the_same():
    found = section(row("Serious", 0, 0, "summary"), row("allergy", 0, 1, "category"))
    assert labels(found) == ["Serious", "By category", "Allergy"]


def test_a_cell_gives_people_share_and_events():
    found = section(row("Serious", 3, 1, "summary"))
    assert found.blocks[0].tables[0].headers == (
        "Adverse events",
        "Placebo (n=20)",
        "IL-2 1 MIU (n=40)",
    )
    assert found.blocks[0].tables[0].rows == (("Serious", "3 (15%), 6", "1 (2%), 2"),)


def test_an_arm_that_nobody_was_treated_in():
    found = section(row("cough", 0, 4), treated={"placebo": 0, "il-2-1-miu": 40})
    assert found.blocks[0].tables[0].rows[-1] == ("Cough", "–", "4 (10%), 8")


def test_only_the_first_letter_of_a_label_is_raised():
    assert labels(section(row("IgA deficiency", 20, 40)))[-1] == "IgA deficiency"


def rate(arm, events, years, rate, lower, upper):
    return ArmRate(
        arm=arm,
        participants=20,
        participants_with_event=min(events, 20),
        events=events,
        person_years=years,
        rate=rate,
        lower=lower,
        upper=upper,
    )


def rates(*found, ratio):
    return section(
        analyses=(
            analysis(
                "infections",
                rates=found,
                comparisons=(ratio,),
                notes=("the count of an arm is taken as Poisson",),
            ),
        )
    ).blocks[1]


def test_rates_and_their_ratio():
    """3 events in 9.25 years: 0.32 a year, exact 95% limits 0.07 to 0.95.

    Garwood F. Biometrika 1936;28:437: chi-square quantiles 1.2373 / 2 / 9.25 and 17.5345 / 2 / 9.25.
    """
    block = rates(
        rate("placebo", 3, 9.25, 3 / 9.25, 1.2373 / 18.5, 17.5345 / 18.5),
        rate(DOSES[2], 0, 10.0, 0.0, 0.0, 7.3778 / 20),
        ratio=difference(
            DOSES[2], 0.0, quantity="rate ratio", visit=None, lower=0.0, upper=2.24, p_value=0.1
        ),
    )
    assert block.tables[0].rows == (
        ("Placebo", "3 of 20", "3", "9.2", "0.32", "0.07 to 0.95"),
        ("IL-2 1 MIU", "0 of 20", "0", "10.0", "0.00", "0.00 to 0.37"),
    )
    assert block.tables[1].rows == (
        ("IL-2 1 MIU against Placebo", "0.00", "0.00 to 2.24", "0.100"),
    )
    assert block.figures == ()
    assert block.notes == ("The count of an arm is taken as Poisson.",)
    assert block.paragraphs == (
        "0 events in 10.0 participant-years on IL-2 1 MIU and 3 events in 9.2 participant-years on"
        " Placebo: a rate ratio of 0.00 (95% interval 0.00 to 2.24; p = 0.100).",
    )


def test_an_arm_that_was_never_observed_has_no_rate():
    block = rates(
        rate("placebo", 0, 0.0, None, None, None),
        rate(DOSES[2], 1, 10.0, 0.1, 0.0025, 0.557),
        ratio=difference(
            DOSES[2], None, quantity="rate ratio", visit=None, notes=("one arm was not observed",)
        ),
    )
    assert block.tables[0].rows[0] == ("Placebo", "0 of 20", "0", "0.0", "–", "–")
    assert block.tables[1].rows == (("IL-2 1 MIU against Placebo", "–", "–", "–"),)
    assert block.paragraphs[0].endswith("on Placebo; one arm was not observed.")
