"""A study file becomes a Study, or one clear error with file, line and what is allowed."""

from pathlib import Path

import pytest

from trialwright.errors import UnusableInputError
from trialwright.protocol import load_study


def line_of(path: Path, words: str) -> int:
    """The line of a file, from 1, that holds the words."""
    lines = path.read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if words in line)


def test_a_study_is_read_with_its_hash(study_with):
    loaded = study_with()
    assert loaded.study.id == "small"
    assert loaded.reading is None
    assert len(loaded.sha256) == 64


FAULTS = [
    # what is replaced, by what, words on the faulty line, words of the error, words of the remedy
    ("phase: phase 2", "phase: phase two", "phase two", "'phase two' is not allowed", "'phase 2'"),
    ("sponsor:", "sponser:", "sponser", "'sponser' is not known", "did you mean sponsor"),
    ("label: Age,", "lable: Age,", "lable", "'lable' is not known", "did you mean label"),
    ("count: 24", "count: -24", "count: -24", "greater than 0", ""),
    ("count: 24", "count: many", "count: many", "valid integer", ""),
    ("on: 2026-06-01", "on: 2026-13-01", "2026-13-01", "no such day", "2026-01-31"),
    ("day: 85", "day: 0", "id: week-12", "no study day 0", ""),
    ("id: drug, title", "id: Drug 1, title", "Drug 1", "'Drug 1' is not a name", "pattern"),
    ("maximum: 120", "maximum: -1", "maximum: -1", "not below maximum", ""),
    ("unit: a, range", "range", "id: age", "needs a unit", ""),
    ("type: text", "type: text, unit: kg", "type: text", "only a number has a unit", ""),
    ("  reason: No record says how.\n", "", "randomization:", "needs its reason", ""),
    ("visits: [week-12], record", "visits: [week12], record", "[week12]", "'week12'", "week-12?"),
    ("ratio: {placebo: 1, drug: 1}", "ratio: {placebo: 1}", "ratio: {", "'drug' has no share", "drug"),
    ("interventions: [drug]", "interventions: [drag]", "[drag]", "no intervention 'drag'", "drug?"),
    ("forms: [selena_sledai]}", "forms: [sledai]}", "[sledai]", "no form 'sledai'", "selena_sledai"),
    ("population: full", "population: all", "population: all", "no analysis set 'all'", "full"),
    ("event: stopped", "event: stoped", "stoped", "no intercurrent event", "stopped?"),
    ("strata: [severity]", "strata: [sex]", "strata: [sex]", "no stratification factor", "severity"),
    ("instrument: selena-sledai", "instrument: sledai-3", "sledai-3", "no instrument", "sledai-2k?"),
    ("id: informed_consent", "id: age", "label: Consent", "names another item", "rename"),
    ("{id: south", "{id: north", "South", "'north' is defined twice", "rename"),
    ("rule: age >= 18", "rule: aeg >= 18", "aeg", "aeg", "did you mean age?"),
    ("rule: age >= 18", "rule: age >= ", "id: I1", "cannot be read", ""),
    ("rule: age >= 18", "rule: age >= sex", "id: I1", "cannot be read", ""),
    ("item: selena_sledai", "item: selena_sladai", "selena_sladai", "no form collects", "selena"),
    ("kind: change", "kind: chance", "kind: chance", "'chance'", "change"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "place", "what", "remedy"), FAULTS)
def test_a_fault_names_line_and_remedy(write_study, old, new, place, what, remedy):
    path = write_study({old: new})
    with pytest.raises(UnusableInputError) as caught:
        load_study(path)
    assert f"{path}, line {line_of(path, place)}" in caught.value.where
    assert what in str(caught.value)
    assert remedy in str(caught.value)


def test_the_first_of_several_faults_is_told_and_the_others_counted(write_study):
    path = write_study({"phase: phase 2": "phase: two", "count: 24": "count: -1"})
    with pytest.raises(UnusableInputError, match=r"'two' is not allowed \(1 more faults\)"):
        load_study(path)


def test_an_item_that_no_form_collects_is_refused_unless_gaps_are_allowed(write_study, study_with):
    gap = {"rule: age >= 18": "rule: hand_grip_strength >= 18"}
    with pytest.raises(UnusableInputError, match="no form collects 'hand_grip_strength'"):
        load_study(write_study(gap))
    assert study_with(gap).study.criteria[0].rule == "hand_grip_strength >= 18"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "not a study"),
        (b"- a\n- list\n", "not a study"),
        (b"\x00\x01\xff\xfe", "cannot be read"),
        (b"a: [1, 2\nb: 3\n", "not YAML"),
        (b"a: 1\na: 2\n", "not YAML"),
        (b"a: {b: 1,", r"line 1: the file is not YAML.*\n.*the file may be cut short"),
        (b"format: trialwright-study/1\nid: .nan\n", "not a number"),
    ],
)
def test_a_file_that_is_no_study_gets_one_clear_error(tmp_path, content, what):
    path = tmp_path / "study.yaml"
    path.write_bytes(content)
    with pytest.raises(UnusableInputError, match=what):
        load_study(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UnusableInputError, match=r"No such file.*\n.*name a study file"):
        load_study(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize("share", [0.1, 0.35, 0.6, 0.85, 0.99])
def test_a_file_cut_short_gets_one_clear_error(write_study, share):
    path = write_study({})
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(UnusableInputError) as caught:
        load_study(path)
    assert str(path) in caught.value.where


READINGS = """
default_reading: as-is
readings:
  as-is: {title: As it is, reason: Nothing else is stated.}
  larger:
    title: With more participants
    reason: For the test.
    design:
      allocation: randomized
      model: parallel
      masking: {roles: []}
      purpose: treatment
      phase: phase 2
      enrollment: {count: 48, type: estimated}
"""


def test_a_reading_replaces_sections_and_leaves_the_rest(write_study):
    path = write_study({"multiplicity:": READINGS.strip() + "\nmultiplicity:"})
    default, larger = load_study(path), load_study(path, "larger")
    assert (default.reading, default.study.design.enrollment.count) == ("as-is", 24)
    assert (larger.reading, larger.study.design.enrollment.count) == ("larger", 48)
    assert larger.study.visits == default.study.visits


def test_an_unknown_reading_names_those_there_are(write_study):
    path = write_study({"multiplicity:": READINGS.strip() + "\nmultiplicity:"})
    with pytest.raises(UnusableInputError, match="its readings are as-is, larger"):
        load_study(path, "smaller")
    with pytest.raises(UnusableInputError, match="one reading only"):
        load_study(write_study({}), "larger")


def test_a_fault_within_a_reading_is_found_even_if_the_reading_is_not_taken(write_study):
    fault = READINGS.replace("    design:", "    visits: []\n    design:")
    path = write_study({"multiplicity:": fault.strip() + "\nmultiplicity:"})
    with pytest.raises(UnusableInputError) as caught:
        load_study(path)
    assert "no visit 'baseline'" in caught.value.what or "no visit 'week-12'" in caught.value.what
