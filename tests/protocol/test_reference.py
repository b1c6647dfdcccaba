"""The reference page of study files is the one of the model, and leaves no key out."""

from pathlib import Path

from trialwright.protocol.reference import study_reference
from trialwright.protocol.study import Reading, Study

PAGE = Path(__file__).parents[2] / "docs/reference/study-file.md"


def test_the_page_is_current():
    assert PAGE.read_text() == study_reference(), "run `make docs`"


def test_every_section_of_a_study_has_its_table():
    page = study_reference()
    for name in (*Study.model_fields, *Reading.model_fields):
        assert name in {"assumed", "reason", "source"} or f"| `{name}` |" in page


def test_allowed_values_and_inner_elements_are_told():
    page = study_reference()
    assert "| `model` | `single group`, `parallel`, `crossover`" in page
    assert "list of [Visit](#visit)" in page
    assert "[SriResponse](#sriresponse) or [Change](#change) or [EventRate](#eventrate)" in page
