"""Each check that has a boundary is silent on it and speaks one step beyond."""

import pytest

from trialwright.protocol.checks import check_study

WINDOW = "window: {before: 7, after: 7}"
SECOND = "day: 85, window: {before: 3, after: 3}"
DRUG_DOSES = "{dose: 5, unit: mg, route: oral, from_day: 1, to_day: 84, every_days: 1}"
PERIODS = (
    "periods: [{{id: one, title: One, from_day: 1, to_day: {end}}}, "
    "{{id: two, title: Two, from_day: {start}, to_day: 90}}]\nvisits:\n"
)


def codes(study):
    return [finding.name for finding in check_study(study)]


def names_of(study_with, replaced, code):
    return [name for name in codes(study_with(replaced).study) if name.startswith(code)]


@pytest.mark.parametrize(
    ("code", "silent", "speaks"),
    [
        # visits on rising days; the same day is not after
        ("TWP201", {"day: -14": "day: -1"}, {"day: -14": "day: 1"}),
        # screening on day -14 and 14 days after: day 0 would be the last before baseline on day 1
        ("TWP202", {WINDOW: "window: {before: 7, after: 14}"},
                   {WINDOW: "window: {before: 7, after: 15}"}),
        # week 12 on day 85 opens on day 2 at the earliest, baseline closes on day 1
        ("TWP202", {SECOND: "day: 85, window: {before: 83, after: 3}"},
                   {SECOND: "day: 85, window: {before: 84, after: 3}"}),
        # a period that begins on the day after the one before it
        ("TWP204", {"visits:\n": PERIODS.format(end=50, start=51)},
                   {"visits:\n": PERIODS.format(end=50, start=50)}),
        # one dose only, on its first day, and one that ends before it begins
        ("TWP206", {DRUG_DOSES: DRUG_DOSES.replace("from_day: 1,", "from_day: 84,")},
                   {DRUG_DOSES: DRUG_DOSES.replace("from_day: 1,", "from_day: 85,")}),
        # doses until the day of the last visit, and one day longer
        ("TWP207", {DRUG_DOSES: DRUG_DOSES.replace("84", "85")},
                   {DRUG_DOSES: DRUG_DOSES.replace("84", "86")}),
        # completion on the day of primary completion, and a day before it
        ("TWP208", {"on: 2026-12-01": "on: 2026-06-01"}, {"on: 2026-12-01": "on: 2026-05-31"}),
        # a start on the day of primary completion, and a day after it
        ("TWP208", {"on: 2026-01-01": "on: 2026-06-01"}, {"on: 2026-01-01": "on: 2026-06-02"}),
        # blocks that hold a ratio of 1 to 2 hold multiples of three
        ("TWP106", {"drug: 1}": "drug: 2}", "[2, 4]": "[3, 6]"},
                   {"drug: 1}": "drug: 2}", "[2, 4]": "[3, 4]"}),
        # any dose that the arm's interventions give will do
        ("TWP108", {"interventions: [drug], dose: 5": "interventions: [placebo, drug], dose: 0"},
                   {"interventions: [drug], dose: 5": "interventions: [drug], dose: 0"}),
        # a form first filled on day 1 is filled before randomization, on day 2 it is not
        ("TWP303", {"forms: [person, selena_sledai, laboratory]": "forms: [person, selena_sledai]",
                    "kind: baseline, forms: [selena_sledai]":
                    "kind: baseline, forms: [selena_sledai, laboratory]"},
                   {"forms: [person, selena_sledai, laboratory]": "forms: [person, selena_sledai]"}),
    ],
)  # fmt: skip
def test_on_the_boundary_silent_and_beyond_it_not(study_with, code, silent, speaks):
    assert names_of(study_with, silent, code) == []
    assert names_of(study_with, speaks, code) != []


def test_days_on_both_sides_of_the_gap_at_zero_are_told_as_they_are(study_with):
    (finding,) = [
        each
        for each in check_study(study_with({WINDOW: "window: {before: 7, after: 20}"}).study)
        if each.code == "TWP202"
    ]
    assert "opens on day 1" in finding.message
    assert "closes on day 6" in finding.message


def test_without_a_start_the_other_two_dates_are_still_compared(study_with):
    replaced = {
        "  start: {on: 2026-01-01, type: actual}\n": "",
        "on: 2026-12-01": "on: 2026-05-01",
    }
    assert names_of(study_with, replaced, "TWP208") == ["TWP208 status.completion"]


def test_periods_of_a_parallel_study_do_not_shorten_its_schedules(study_with):
    replaced = {"visits:\n": PERIODS.format(end=10, start=11)}
    assert names_of(study_with, replaced, "TWP207") == []


CROSSOVER = {
    "model: parallel": "model: crossover",
    "ratio: {placebo: 1, drug: 1}": "ratio: {first: 1, second: 1}",
    "randomization:\n": (
        "periods: [{id: one, title: One, from_day: 1, to_day: 84}, "
        "{id: two, title: Two, from_day: 85, to_day: 168}]\n"
        "sequences: [{id: first, title: First, arms: [drug, placebo]}, "
        "{id: second, title: Second, arms: [placebo, drug]}]\nrandomization:\n"
    ),
    "method: analysis of covariance": "method: crossover comparison",
}


def test_a_sound_crossover_lacks_only_the_baselines_of_its_periods(study_with):
    assert codes(study_with(CROSSOVER).study) == ["TWP205 periods.one", "TWP205 periods.two"]


@pytest.mark.parametrize(("last", "found"), [(84, []), (85, ["TWP207 interventions.drug"])])
def test_in_a_crossover_doses_end_with_the_longest_period(study_with, last, found):
    # given periods of 84 days; schedules count the days of a period
    doses = {DRUG_DOSES: DRUG_DOSES.replace("to_day: 84", f"to_day: {last}")}
    assert names_of(study_with, CROSSOVER | doses, "TWP207") == found


def test_a_period_needs_a_baseline_and_a_visit_after_it(study_with):
    both = {"kind: baseline,": "period: one, kind: baseline,", "forms: [selena_sledai, laboratory]}":
            "period: one, forms: [selena_sledai, laboratory]}"}  # fmt: skip
    only_after = {key: both[key] for key in list(both)[1:]}
    only_baseline = {key: both[key] for key in list(both)[:1]}
    assert names_of(study_with, CROSSOVER | both, "TWP205") == ["TWP205 periods.two"]
    for some in (only_after, only_baseline):
        assert "TWP205 periods.one" in names_of(study_with, CROSSOVER | some, "TWP205")


@pytest.mark.parametrize(
    ("summary", "kind", "fits"),
    [
        # what estimates what, by hand from the variable's meaning
        ("difference in means", "change", True),
        ("difference in proportions", "change", False),
        ("rate ratio", "change", False),
        ("rate ratio", "rate", True),
        ("difference in means", "rate", False),
        ("trend in proportions", "rate", False),
        ("difference in proportions", "sri", True),
        ("trend in proportions", "sri", True),
        ("difference in means", "sri", False),
    ],
)
def test_a_summary_fits_its_kind_of_variable(study_with, summary, kind, fits):
    change = "variable: {kind: change, item: selena_sledai, baseline: baseline, visits: [week-12]}"
    variables = {
        "change": change,
        "rate": "variable: {kind: event rate, category: infection}",
        "sri": "variable: {kind: sri, sledai: selena_sledai, bilag: person, "
        "global_assessment: alt, baseline: baseline, visits: [week-12]}",
    }
    replaced = {change: variables[kind], "summary: difference in means": f"summary: {summary}"}
    assert (names_of(study_with, replaced, "TWP404") == []) is fits


def test_findings_come_in_the_order_of_their_families(study_with):
    replaced = {
        "roles: [participant]": "roles: []",
        "on: 2026-12-01": "on: 2026-05-01",
        ", rule: age >= 18": "",
        "role: primary": "role: secondary",
    }
    assert [name.split()[0] for name in codes(study_with(replaced).study)] == [
        "TWP104", "TWP208", "TWP301", "TWP408",
    ]  # fmt: skip
