"""TWP3xx: what a rule or an outcome needs and the forms do not bring, in time or at all."""

from collections.abc import Iterator

from trialwright.protocol.finding import Finding
from trialwright.protocol.items import form_of
from trialwright.protocol.needs import estimand_items, gaps, rule_texts
from trialwright.protocol.stated_numbers import numbers, numbers_of_another_rule
from trialwright.protocol.study import Study
from trialwright.rules.parse import parse
from trialwright.rules.syntax import item_names


def collection_findings(study: Study) -> Iterator[Finding]:
    """Criteria without a rule, items that no form collects, and items collected too late."""
    for criterion in study.criteria:
        if criterion.rule is None:
            place = f"criteria.{criterion.id}"
            yield Finding("TWP301", place, "no rule decides this criterion", "write its rule")
        elif other := numbers_of_another_rule(numbers(criterion.text), numbers(criterion.rule)):
            stated = ", ".join(f"{number:g}" for number in sorted(other))
            message = f"the rule uses {stated}, which the text does not say"
            yield Finding("TWP306", f"criteria.{criterion.id}", message, "make the two agree")
    for gap in gaps(study):
        message = f"it needs {gap.item}, which no form collects"
        yield Finding("TWP302", gap.place, message, "add the item to a form")
    yield from _too_late(study)
    yield from _not_at_visit(study)
    yield from _unused_forms(study)


def _too_late(study: Study) -> Iterator[Finding]:
    """Rules are decided before randomization, at a screening visit or at the first baseline."""
    early = {form for visit in study.visits if visit.day <= 1 for form in visit.forms}
    for _, place, text in rule_texts(study):
        for item in sorted(item_names(parse(text))):
            form = form_of(study, item)
            if form and form.id not in early:
                message = f"{item} is not collected before randomization"
                yield Finding("TWP303", place, message, f"fill {form.id} at screening")


def _not_at_visit(study: Study) -> Iterator[Finding]:
    named = {(place, item) for _, place, item in estimand_items(study)}
    for estimand in study.estimands:
        variable = estimand.variable
        if variable.kind == "event rate":
            continue
        place = f"estimands.{estimand.id}"
        forms = {form.id for at, item in named if at == place and (form := form_of(study, item))}
        if variable.kind == "sri":
            forms |= {variable.sledai, variable.bilag}
        for visit in (variable.baseline, *variable.visits):
            for absent in sorted(forms - set(study.visit(visit).forms)):
                message = f"{visit} does not fill {absent}"
                yield Finding("TWP304", place, message, f"add {absent} to {visit}")


def _unused_forms(study: Study) -> Iterator[Finding]:
    filled = {form for visit in study.visits for form in visit.forms}
    for form in study.forms:
        if form.id not in filled:
            yield Finding("TWP305", f"forms.{form.id}", "no visit fills this form", "add it to one")
