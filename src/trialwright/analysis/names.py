"""The items and scores of a study that its analysis reads, under the names that rules use."""

from dataclasses import dataclass

from trialwright.protocol import Study, rule_items
from trialwright.protocol.outcomes import Change, SriResponse
from trialwright.sle import bilag_2004


@dataclass(frozen=True, slots=True)
class BaselineItem:
    """A number of the baseline table: its name, and how the table presents it."""

    name: str
    group: str
    label: str
    unit: str


def estimand_names(study: Study) -> list[str]:
    """What the variables of the estimands are made of, without repetition."""
    names: list[str] = []
    for estimand in study.estimands:
        match estimand.variable:
            case SriResponse() as index:
                letters = [f"{index.bilag}.{system}" for system in bilag_2004.SYSTEMS]
                names += [index.sledai, index.global_assessment, *letters]
            case Change() as change:
                names.append(change.item)
    return list(dict.fromkeys(names))


def visits_to_baseline(study: Study) -> list[str]:
    """The visits up to the first baseline visit."""
    first = next((n for n, visit in enumerate(study.visits) if visit.kind == "baseline"), 0)
    return [visit.id for visit in study.visits[: first + 1]]


def baseline_items(study: Study) -> list[BaselineItem]:
    """The total of each instrument, then each number, of the forms filled up to baseline.

    Age is left out: the table of participants has it.
    """
    visits = visits_to_baseline(study)
    filled = {form for visit in study.visits if visit.id in visits for form in visit.forms}
    forms = [form for form in study.forms if form.id in filled]
    known = rule_items(study)
    totals = [
        BaselineItem(form.id, "Disease activity", form.title, "points")
        for form in forms
        if form.instrument and form.id in known and known[form.id].kind == "number"
    ]
    numbers = [
        BaselineItem(item.id, form.title, item.label, "" if item.unit == "1" else item.unit or "")
        for form in forms
        for item in form.items
        if item.type == "number" and item.id != "age"
    ]
    return [*totals, *numbers]
