"""What a study lists twice is refused where it stands; a repetition that means something is not."""

from pathlib import Path

import pytest

from trialwright.errors import UnusableInputError
from trialwright.protocol import load_study
from trialwright.protocol.references import broken_references

ONE_HANDLING = "[{event: stopped, strategy: treatment policy}]"
DOSE = "{dose: 5, unit: mg, route: oral, from_day: 1, to_day: 84, every_days: 1}"
TWICE = [
    # what is replaced, by what, the line's words, what stands there twice
    ("roles: [participant]", "roles: [participant, participant]", "masking:", "'participant'"),
    ("interventions: [drug]", "interventions: [drug, drug]", "id: drug, title", "'drug'"),
    ("block_sizes: [2, 4]", "block_sizes: [4, 2, 4]", "block_sizes:", "4"),
    ("forms: [selena_sledai]}", "forms: [selena_sledai, selena_sledai]}", "Baseline", "'selena_sledai'"),
    ("{code: M, label: Male}", "{code: F, label: Male}", "id: sex", "'F'"),
    ("visits: [week-12], record", "visits: [week-12, week-12], record", "record_number: 1}", "'week-12'"),
    ("visits: [week-12]}", "visits: [week-12, baseline, week-12]}", "kind: change", "'week-12'"),
    ("arms: [drug]", "arms: [drug, drug]", "arms: [drug, drug]", "'drug'"),
    (ONE_HANDLING, f"{ONE_HANDLING[:-1]}, {{event: stopped, strategy: hypothetical}}]", "hypothetical", "'stopped'"),
    ("strata: [severity]", "strata: [severity, site, severity]", "strata: [severity, site", "'severity'"),
    ("analyses: [primary]}", "analyses: [primary, primary]}", "multiplicity:", "'primary'"),
    (DOSE, f"{DOSE}, {DOSE}", "{dose: 5", "the same"),
    ("conditions: [Systemic lupus erythematosus]", "conditions: [Lupus, Lupus]", "conditions:", "'Lupus'"),
]  # fmt: skip


def refused(path: Path) -> UnusableInputError:
    with pytest.raises(UnusableInputError) as caught:
        load_study(path)
    return caught.value


@pytest.mark.parametrize(("old", "new", "place", "what"), TWICE)
def test_what_stands_twice_is_named_with_its_line(write_study, old, new, place, what):
    path = write_study({old: new})
    error = refused(path)
    lines = path.read_text().splitlines()
    places = [number for number, line in enumerate(lines, 1) if place in line]
    assert error.what.endswith(f"{what} is there twice")
    assert error.remedy == "keep one"
    assert any(f"line {number}," in error.where for number in places), error.where


def test_two_arms_of_one_title_could_not_be_told_apart(write_study):
    error = refused(write_study({"title: Drug, type": "title: Placebo, type"}))
    assert error.what.endswith("'Placebo' is there twice")
    assert error.remedy == "rename one"


SEQUENCES = {
    "model: parallel": "model: crossover",
    "visits:\n  - {id: screening": (
        "periods:\n"
        "  - {id: one, title: One, from_day: 1, to_day: 28}\n"
        "  - {id: two, title: Two, from_day: 29, to_day: 56}\n"
        "  - {id: three, title: Three, from_day: 57, to_day: 84}\n"
        "sequences:\n"
        "  - {id: first, title: Drug first, arms: [drug, placebo, placebo]}\n"
        "  - {id: second, title: Drug second, arms: [placebo, drug, drug]}\n"
        "visits:\n  - {id: screening"
    ),
    "ratio: {placebo: 1, drug: 1}": "ratio: {first: 1, second: 1}",
}


def test_a_sequence_may_come_back_to_an_arm(study_with):
    study = study_with(SEQUENCES).study
    assert study.sequences[0].arms == ("drug", "placebo", "placebo")
    assert list(broken_references(study)) == []


def test_two_sequences_of_one_title_are_refused(write_study):
    same = {"title: Drug second": "title: Drug first"}
    replaced = {old: new.replace(*next(iter(same.items()))) for old, new in SEQUENCES.items()}
    assert refused(write_study(replaced)).what.endswith("'Drug first' is there twice")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "day: 85, window: {before: 3",
            "day: 85, window: {before: 3, assumed: true, reason: Three",
        ),
        ("block_sizes: [2, 4]", "block_sizes: [2]"),
        ("{code: M, label: Male}", "{code: M, label: Female}"),  # labels may say the same
        ("title: Week 12", "title: Baseline"),  # visits are told apart by their days
        ("record_number: 2", "record_number: 1"),  # two rules for one criterion of the record
    ],
)
def test_other_repetitions_are_left_alone(study_with, old, new):
    assert list(broken_references(study_with({old: new}).study)) == []


@pytest.mark.parametrize(
    ("limits", "what"),
    [
        ("{lower: 50, upper: 40}", "lower 50 is not below upper 40"),
        ("{lower: 40, upper: 40}", "lower 40 is not below upper 40"),
        ("{}", "normal limits need a lower, an upper, or both"),
    ],
)
def test_normal_limits_are_in_order(write_study, limits, what):
    assert what in refused(write_study({"normal: {upper: 40}": f"normal: {limits}"})).what


@pytest.mark.parametrize("limits", ["{lower: 7}", "{upper: 40}", "{lower: 7, upper: 40}"])
def test_normal_limits_may_be_on_one_side(study_with, limits):
    normal = study_with({"normal: {upper: 40}": f"normal: {limits}"}).study.forms[2].items[0].normal
    assert f"lower: {normal.lower:g}" in limits if normal.lower else "lower" not in limits
    assert f"upper: {normal.upper:g}" in limits if normal.upper else "upper" not in limits
