"""Each check finds its flaw in a small study that has it, and nothing in a sound one."""

from pathlib import Path

import pytest

from trialwright.protocol import load_study
from trialwright.protocol.checks import check_study, unanswered

CROSSOVER = {
    "model: parallel": "model: crossover",
    "ratio: {placebo: 1, drug: 1}": "ratio: {first: 1}",
    "randomization:\n": "periods: []\nsequences: [{id: first, title: First, arms: [drug]}]\nrandomization:\n",
}  # fmt: skip

FLAWS = [
    # the finding's name, and what is replaced in the small study
    ("TWP101 design.model", {"randomization:\n": "sequences: [{id: x, title: X, arms: [drug, placebo]}]\nrandomization:\n"}),
    ("TWP101 design.model", CROSSOVER),
    ("TWP102 sequences.first", CROSSOVER),
    ("TWP103 arms.placebo", CROSSOVER),
    ("TWP104 design.masking", {"roles: [participant]": "roles: []"}),
    ("TWP105 design.masking", {"type: experimental": "type: no intervention"}),
    ("TWP106 randomization.block_sizes", {"block_sizes: [2, 4]": "block_sizes: [2, 3]"}),
    ("TWP107 design.allocation", {"allocation: randomized": "allocation: non-randomized"}),
    ("TWP108 arms.drug", {"interventions: [drug], dose: 5": "interventions: [drug], dose: 50"}),
    ("TWP201 visits.week-12", {"day: 85": "day: -15"}),
    ("TWP202 visits.baseline", {"before: 7, after: 7": "before: 7, after: 20"}),
    ("TWP203 visits", {"kind: baseline": "kind: treatment"}),
    ("TWP204 periods.two", {"visits:\n": "periods: [{id: one, title: One, from_day: 1, to_day: 50}, {id: two, title: Two, from_day: 50, to_day: 90}]\nvisits:\n"}),
    ("TWP205 periods.one", {"visits:\n": "periods: [{id: one, title: One, from_day: 1, to_day: 50}]\nvisits:\n"}),
    ("TWP206 interventions.drug", {"{dose: 5, unit: mg, route: oral, from_day: 1": "{dose: 5, unit: mg, route: oral, from_day: 85"}),
    ("TWP207 interventions.drug", {"{dose: 5, unit: mg, route: oral, from_day: 1, to_day: 84": "{dose: 5, unit: mg, route: oral, from_day: 1, to_day: 86"}),
    ("TWP208 status.completion", {"on: 2026-12-01": "on: 2026-05-01"}),
    ("TWP208 status.primary_completion", {"on: 2026-01-01": "on: 2027-01-01"}),
    ("TWP301 criteria.I1", {", rule: age >= 18": ""}),
    ("TWP302 criteria.I1", {"rule: age >= 18": "rule: hand_grip_strength >= 18"}),
    ("TWP302 estimands.activity", {"item: selena_sledai": "item: hand_grip_strength"}),
    ("TWP303 criteria.E1", {"forms: [person, selena_sledai, laboratory]": "forms: [person, selena_sledai]"}),
    ("TWP304 estimands.activity", {"kind: baseline, forms: [selena_sledai]": "kind: baseline, forms: []"}),
    ("TWP305 forms.spare", {"forms:\n": "forms:\n  - {id: spare, title: Spare, items: [{id: note, label: Note, type: text}]}\n"}),
    ("TWP306 criteria.I1", {"text: Adult., rule: age >= 18": "text: Aged 18 or older., rule: age >= 21"}),
    ("TWP410 outcomes.activity", {"time_frame: week 12": "time_frame: week 24"}),
    ("TWP410 outcomes.activity", {"time_frame: week 12": "time_frame: weeks 4 and 12"}),
    ("TWP401 outcomes.activity", {"    outcome: activity\n": ""}),
    ("TWP402 estimands.activity", {"{id: primary, estimand: activity": "{id: primary, estimand: other", "estimands:\n": "estimands:\n  - {id: other, title: Other, population: full, arms: [drug], control: placebo, variable: {kind: event rate, category: infection}, summary: rate ratio}\n"}),
    ("TWP403 estimands.activity", {"arms: [drug]\n": "arms: [drug, placebo]\n"}),
    ("TWP404 estimands.activity", {"summary: difference in means": "summary: rate ratio"}),
    ("TWP405 estimands.activity", {"summary: difference in means": "summary: trend in proportions", ", dose: 5}": "}"}),
    ("TWP406 analyses.primary", {"method: analysis of covariance": "method: exact rates"}),
    ("TWP407 analyses.primary", {"method: analysis of covariance": "method: crossover comparison"}),
    ("TWP408 analyses", {"role: primary": "role: secondary"}),
    ("TWP409 multiplicity", {"sides: 2, analyses: [primary]": "sides: 2, analyses: []"}),
]  # fmt: skip


def test_a_sound_study_has_no_findings(study_with):
    assert check_study(study_with().study) == []


@pytest.mark.parametrize(("name", "replaced"), FLAWS)
def test_a_flaw_is_found_by_name(study_with, name, replaced):
    findings = check_study(study_with(replaced).study)
    assert name in {finding.name for finding in findings}
    assert all(finding.message and finding.remedy for finding in findings)


def test_an_answered_finding_is_not_told_again(study_with):
    flaw = {"roles: [participant]": "roles: []"}
    answer = (
        "answers:\n  - {finding: TWP104 design.masking, answer: The tablets differ in color.}\n"
    )
    study = study_with({**flaw, "multiplicity:": answer + "multiplicity:"}).study
    assert list(unanswered(study, check_study(study))) == []


def test_an_answer_to_no_finding_is_itself_a_finding(study_with):
    answer = "answers:\n  - {finding: TWP104 design.masking, answer: Old.}\n"
    study = study_with({"multiplicity:": answer + "multiplicity:"}).study
    assert [finding.code for finding in unanswered(study, check_study(study))] == ["TWP901"]


@pytest.mark.parametrize("frame", ["weeks 4 to 12", "12 weeks", "three months", "end of treatment"])
def test_a_time_frame_without_the_numbers_of_weeks_is_left_alone(study_with, frame):
    study = study_with({"time_frame: week 12": f"time_frame: {frame}"}).study
    assert check_study(study) == []


@pytest.mark.parametrize(("points", "names"), [(4, []), (5, ["TWP411 estimands.sri-4-week-12"])])
def test_an_index_whose_name_says_another_number_of_points(tmp_path, points, names):
    shipped = Path(__file__).parents[3] / "studies/il2-sle-dose-finding/study.yaml"
    text = shipped.read_text("utf-8").replace("points: 4", f"points: {points}", 1)
    path = tmp_path / "study.yaml"
    path.write_text(text, "utf-8")
    found = [each.name for each in check_study(load_study(path).study)]
    assert found[: len(names)] == names
    assert bool(found) == bool(names)


def test_a_strategy_that_no_analysis_has_is_found_when_the_study_is_written(tmp_path):
    shipped = Path(__file__).parents[3] / "studies/il2-sle-dose-finding/study.yaml"
    text = shipped.read_text("utf-8")
    assert "strategy: composite" in text
    path = tmp_path / "study.yaml"
    path.write_text(text.replace("strategy: composite", "strategy: principal stratum", 1), "utf-8")
    found = [each for each in check_study(load_study(path).study) if each.code == "TWP412"]
    assert found[0].place == "estimands.sri-4-week-12"
    assert "principal stratum" in found[0].message
    assert "while on treatment" in found[0].remedy
