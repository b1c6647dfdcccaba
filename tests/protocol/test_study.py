"""A study tells its parts by name and its assumptions by path."""

import pytest


def test_parts_are_found_by_name(study_with):
    study = study_with().study
    assert study.arm("drug").dose == 5
    assert study.visit("week-12").day == 85
    assert study.form("laboratory").items[0].id == "alt"
    assert study.estimand("activity").control == "placebo"


def test_a_name_that_is_not_there_is_an_error(study_with):
    with pytest.raises(StopIteration):
        study_with().study.arm("other")


def test_assumptions_are_listed_with_path_and_reason(study_with):
    assert dict(study_with().study.assumptions()) == {"randomization": "No record says how."}


def test_assumptions_within_lists_are_named_by_their_element(study_with):
    study = study_with(
        {
            "window: {before: 3, after: 3}": "window: {before: 3, after: 3, assumed: true, reason: Why}"
        }
    ).study
    assert dict(study.assumptions())["visits.week-12.window"] == "Why"


def test_a_study_cannot_be_changed(study_with):
    with pytest.raises(ValueError, match="frozen"):
        study_with().study.version = "2"


def test_a_parallel_study_is_no_crossover(study_with):
    assert not study_with().study.is_crossover
