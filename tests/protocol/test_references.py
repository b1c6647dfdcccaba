"""Every name that a study uses and does not define is found, and every name defined twice."""

from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from trialwright.protocol import Study, load_study
from trialwright.protocol.references import broken_references
from trialwright.protocol.source import plain, read_source

STUDIES = Path(__file__).parents[2] / "studies"
SHIPPED = [
    (STUDIES / "il2-sle-dose-finding/study.yaml", None),
    (STUDIES / "il2-sle-infection/study.yaml", "parallel"),
    (STUDIES / "il2-sle-infection/study.yaml", "crossover"),
]
SECTIONS = ("sites", "arms", "interventions", "periods", "sequences", "visits", "forms", "criteria",
            "outcomes", "intercurrent_events", "analysis_sets", "estimands", "analyses")  # fmt: skip
OWN = ("id", "kind", "role", "rank", "title")  # what an element says of itself only


@cache
def load(path: Path, reading: str | None) -> Study:
    return load_study(path, reading).study


def renamed(study: Study, section: str, number: int) -> Study:
    """The study in which one element got another name and whoever speaks of it did not notice."""
    elements = list(getattr(study, section))
    elements[number] = elements[number].model_copy(update={"id": "somebody-else"})
    return study.model_copy(update={section: tuple(elements)})


def spoken_of(study: Study, name: str) -> int:
    """How often a plain walk through the study meets a name, other than as somebody's own."""

    def walk(value: object) -> int:
        if isinstance(value, dict):
            return sum(walk(part) for key, part in value.items() if key not in OWN)
        if isinstance(value, list | tuple):
            return sum(walk(part) for part in value)
        return value == name

    dump = study.model_dump()
    named = {key: dump[key] for key in SECTIONS} | {
        "ratio": list(dump["randomization"]["ratio"]),
        "multiplicity": dump["multiplicity"]["analyses"],
    }
    return walk(named)


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda each: f"{each[0].parent.name} {each[1]}")
def test_the_shipped_studies_speak_of_nothing_undefined(shipped):
    assert list(broken_references(load(*shipped))) == []


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda each: f"{each[0].parent.name} {each[1]}")
def test_each_use_of_a_name_that_went_away_is_found(shipped):
    study = load(*shipped)
    checked = 0
    for section in ("arms", "visits", "intercurrent_events", "analysis_sets", "estimands",
                    "outcomes", "analyses"):  # fmt: skip
        for number, element in enumerate(getattr(study, section)):
            if section == "outcomes" and any(element.id == e.id for e in study.estimands):
                continue  # a name of two things: the walk cannot tell which one is meant
            faults = [
                what
                for _, what, _ in broken_references(renamed(study, section, number))
                if repr(element.id) in what
            ]
            shadowed = sum(
                element.id == other.id
                for elsewhere in SECTIONS
                for other in getattr(study, elsewhere)
            )
            if shadowed == 1:
                assert len(faults) == spoken_of(study, element.id), (section, element.id)
                checked += 1
    assert checked >= 6


@pytest.mark.parametrize("section", SECTIONS)
def test_an_element_defined_twice_is_found_at_the_second(section):
    study = load(*SHIPPED[2])
    elements = getattr(study, section)
    assert elements, f"the study has no {section}"
    twice = study.model_copy(update={section: (*elements, elements[0])})
    faults = [fault for fault in broken_references(twice) if "defined twice" in fault[1]]
    assert faults == [
        ((section, len(elements), "id"), f"{elements[0].id!r} is defined twice", "rename one")
    ]


def test_an_item_may_not_be_called_as_another_item_or_form():
    study = load(*SHIPPED[0])
    forms = [form for form in study.forms if form.items]
    for taken in (forms[0].id, forms[0].items[0].id, study.forms[-1].id):
        last = forms[1].model_copy(
            update={"items": (*forms[1].items, forms[1].items[0].model_copy(update={"id": taken}))}
        )
        changed = tuple(last if form.id == last.id else form for form in study.forms)
        found = list(broken_references(study.model_copy(update={"forms": changed})))
        assert [f"{taken!r} names another item or form too" in what for _, what, _ in found] == [
            True
        ]


def test_a_fault_points_at_its_line_in_the_file(tmp_path):
    # given the shipped study written again with a visit of the first outcome misspelled
    document = plain(read_source(SHIPPED[0][0]).document)
    document["outcomes"][0]["visits"] = ["week-1200"]
    target = tmp_path / "study.yaml"
    with target.open("w") as file:
        YAML().dump(document, file)
    # when
    source = read_source(target)
    ((location, what, remedy),) = broken_references(Study.model_validate(plain(source.document)))
    # then
    assert location == ("outcomes", 0, "visits", 0)
    assert what == "there is no visit 'week-1200'"
    assert "did you mean week-" in remedy
    assert "week-1200" in target.read_text().splitlines()[source.line(location) - 1]


def test_a_crossover_shares_out_sequences_and_a_parallel_study_arms():
    crossover, parallel = load(*SHIPPED[2]), load(*SHIPPED[1])
    mixed = crossover.model_copy(update={"randomization": parallel.randomization})
    whats = [what for _, what, _ in broken_references(mixed)]
    for arm in parallel.randomization.ratio:
        assert f"there is no sequence {arm!r}" in whats
    for sequence in crossover.sequences:
        assert f"the sequence {sequence.id!r} has no share in the ratio" in whats
