"""Every name that a study uses must be defined in it, once."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Final

from trialwright.protocol.capture import Code
from trialwright.protocol.design import Arm, Sequence
from trialwright.protocol.element import Element
from trialwright.protocol.outcomes import Handling
from trialwright.protocol.study import Study
from trialwright.sle import INSTRUMENTS

Location = tuple[str | int, ...]
Fault = tuple[Location, str, str]
"""Where in the file, what is wrong, and the remedy."""


def broken_references(study: Study) -> Iterator[Fault]:
    """Names that are used and not defined, or defined or listed twice."""
    if study.default_reading:
        yield from _one(("default_reading",), "reading", study.default_reading, study.readings)
    yield from _duplicates(study)
    yield from _repeats(study, ())
    yield from _design_faults(study)
    yield from _capture_faults(study)
    yield from _outcome_faults(study)
    yield from _analysis_faults(study)


def _duplicates(study: Study) -> Iterator[Fault]:
    for section in (
        "sites", "arms", "interventions", "periods", "sequences", "visits", "forms", "criteria",
        "outcomes", "intercurrent_events", "analysis_sets", "estimands", "analyses",
    ):  # fmt: skip
        seen: set[str] = set()
        for number, element in enumerate(getattr(study, section)):
            if element.id in seen:
                yield (section, number, "id"), f"{element.id!r} is defined twice", "rename one"
            seen.add(element.id)
    items: set[str] = {form.id for form in study.forms}
    for form_number, form in enumerate(study.forms):
        for number, item in enumerate(form.items):
            if item.id in items:
                location = ("forms", form_number, "items", number, "id")
                yield location, f"{item.id!r} names another item or form too", "rename one"
            items.add(item.id)


_TOLD_APART_BY: Final[dict[type, str]] = {
    Handling: "event", Code: "code", Arm: "title", Sequence: "title",
}  # fmt: skip


def _repeats(element: Element, path: Location) -> Iterator[Fault]:
    """What a list says twice: only a sequence may come back to an arm.

    A comparison that is listed twice would count twice in its family, and a role in the masking.
    """
    for name in type(element).model_fields:
        value = getattr(element, name)
        if isinstance(value, Element):
            yield from _repeats(value, (*path, name))
        if not isinstance(value, tuple):
            continue
        seen: list[object] = []
        for number, part in enumerate(value):
            here = (*path, name, number)
            said = _TOLD_APART_BY.get(type(part), "")
            told = getattr(part, said) if said else part
            if told in seen and not isinstance(element, Sequence):
                at, remedy = (
                    ((*here, said), "rename one") if said == "title" else (here, "keep one")
                )
                what = "the same" if isinstance(told, Element) else repr(told)
                yield at, f"{what} is there twice", remedy
            seen.append(told)
            if isinstance(part, Element):
                yield from _repeats(part, here)


def _design_faults(study: Study) -> Iterator[Fault]:
    interventions = [each.id for each in study.interventions]
    arms = [arm.id for arm in study.arms]
    for number, arm in enumerate(study.arms):
        yield from _each(
            ("arms", number, "interventions"), "intervention", arm.interventions, interventions
        )
    for number, sequence in enumerate(study.sequences):
        yield from _each(("sequences", number, "arms"), "arm", sequence.arms, arms)
    what = "sequence" if study.is_crossover else "arm"
    allocated = [each.id for each in (study.sequences if study.is_crossover else study.arms)]
    for name in study.randomization.ratio:
        if name not in allocated:
            yield _unknown(("randomization", "ratio", name), what, name, allocated)
    for name in allocated:
        if name not in study.randomization.ratio:
            fault = f"the {what} {name!r} has no share in the ratio"
            yield ("randomization", "ratio"), fault, f"give {name} a whole number"


def _capture_faults(study: Study) -> Iterator[Fault]:
    for number, form in enumerate(study.forms):
        if form.instrument:
            at: Location = ("forms", number, "instrument")
            yield from _one(at, "instrument", form.instrument, INSTRUMENTS)
    forms = [form.id for form in study.forms]
    periods = [period.id for period in study.periods]
    for number, visit in enumerate(study.visits):
        yield from _each(("visits", number, "forms"), "form", visit.forms, forms)
        if visit.period and visit.period not in periods:
            yield _unknown(("visits", number, "period"), "period", visit.period, periods)


def _outcome_faults(study: Study) -> Iterator[Fault]:
    visits = [visit.id for visit in study.visits]
    for number, outcome in enumerate(study.outcomes):
        yield from _each(("outcomes", number, "visits"), "visit", outcome.visits, visits)
    arms = [arm.id for arm in study.arms]
    sets = [each.id for each in study.analysis_sets]
    outcomes = [each.id for each in study.outcomes]
    for number, estimand in enumerate(study.estimands):
        at: Location = ("estimands", number)
        yield from _each((*at, "arms"), "arm", estimand.arms, arms)
        yield from _one((*at, "control"), "arm", estimand.control, arms)
        yield from _one((*at, "population"), "analysis set", estimand.population, sets)
        if estimand.outcome:
            yield from _one((*at, "outcome"), "outcome", estimand.outcome, outcomes)
        variable = estimand.variable
        if variable.kind != "event rate":
            yield from _one((*at, "variable", "baseline"), "visit", variable.baseline, visits)
            yield from _each((*at, "variable", "visits"), "visit", variable.visits, visits)
        if variable.kind == "sri":
            forms = [form.id for form in study.forms]
            yield from _one((*at, "variable", "sledai"), "form", variable.sledai, forms)
            yield from _one((*at, "variable", "bilag"), "form", variable.bilag, forms)


def _analysis_faults(study: Study) -> Iterator[Fault]:
    events = [event.id for event in study.intercurrent_events]
    for number, estimand in enumerate(study.estimands):
        for place, handling in enumerate(estimand.intercurrent_events):
            at: Location = ("estimands", number, "intercurrent_events", place, "event")
            yield from _one(at, "intercurrent event", handling.event, events)
    estimands = [estimand.id for estimand in study.estimands]
    for number, analysis in enumerate(study.analyses):
        yield from _one(("analyses", number, "estimand"), "estimand", analysis.estimand, estimands)
    factors = [factor.id for factor in study.randomization.strata]
    for number, analysis in enumerate(study.analyses):
        yield from _each(
            ("analyses", number, "strata"), "stratification factor", analysis.strata, factors
        )
    analyses = [analysis.id for analysis in study.analyses]
    yield from _each(
        ("multiplicity", "analyses"), "analysis", study.multiplicity.analyses, analyses
    )


def _each(at: Location, what: str, names: Iterable[str], known: Iterable[str]) -> Iterator[Fault]:
    for number, name in enumerate(names):
        yield from _one((*at, number), what, name, known)


def _one(at: Location, what: str, name: str, known: Iterable[str]) -> Iterator[Fault]:
    if name not in known:
        yield _unknown(at, what, name, known)


def _unknown(at: Location, what: str, name: str, known: Iterable[str]) -> Fault:
    known = list(known)
    near = get_close_matches(name, known, n=1)
    remedy = f"did you mean {near[0]}? " if near else ""
    return at, f"there is no {what} {name!r}", f"{remedy}defined: {', '.join(known) or 'none'}"
