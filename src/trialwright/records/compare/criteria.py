"""TWC6xx: eligibility criteria, and the ages and the sex that the record's fields admit."""

import re
from collections.abc import Iterator

from trialwright.protocol import Finding, Study
from trialwright.protocol.criteria import Criterion as StudyCriterion
from trialwright.records.compare.words import grades, numbers, numerals, roman, stems
from trialwright.records.lint.lost_comparators import lost_signs
from trialwright.records.lint.prose import Passage, criteria
from trialwright.records.record import Record

_SIGNED = re.compile(r"(?P<sign>\\?[<>]=?|[≤≥])\s*(?P<value>\d+(?:\.\d+)?)")
_RULE_SIGN = re.compile(r"(?P<sign>[<>]=?)\s*(?P<value>\d+(?:\.\d+)?)")
_RULE_SIGN_BEFORE = re.compile(r"(?<![\w.])(?P<value>\d+(?:\.\d+)?)\s*(?P<sign>[<>]=?)")
_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def criterion_findings(study: Study, record: Record) -> Iterator[Finding]:
    """Yield criteria that the study leaves out or states differently."""
    registered = {passage.criterion: passage for passage in criteria(record)}
    ours = {name: _from(study, name) for name in registered}
    for name, passage in registered.items():
        place = f"criteria.{name[0].upper()}{name.split()[1]}"
        if not ours[name]:
            yield Finding(
                "TWC601",
                place,
                f"no criterion of the study comes from {name} of the record, {passage.text[:80]!r}",
                f"add a criterion with kind: {name.split()[0]}, record_number: {name.split()[1]}",
            )
        else:
            yield from _differences(place, passage, ours[name])
    yield from _unknown_numbers(study, set(registered))
    yield from _fields(study, record)


def _from(study: Study, name: str) -> list[StudyCriterion]:
    return [each for each in study.criteria if f"{each.kind} {each.record_number}" == name]


def _differences(place: str, passage: Passage, ours: list[StudyCriterion]) -> Iterator[Finding]:
    text = " ".join(each.text for each in ours)
    rules = " ".join(each.rule or "" for each in ours)
    said = f"{text} {rules}"
    lost = sorted(numerals(passage.text) - numbers(said))
    unnamed = sorted(grades(passage.text) - roman(said))
    if lost or unnamed:
        what = [*(f"{number:g}" for number in lost), *unnamed]
        yield Finding(
            "TWC602",
            place,
            f"the record's {', '.join(what)} does not occur in the study's criterion",
            f"the record says {passage.text[:120]!r}",
        )
    if not stems(passage.text) & stems(said):
        yield Finding(
            "TWC603",
            place,
            "no word in common with the record's criterion of this number",
            f"the record says {passage.text[:120]!r}",
        )
    comparisons = _rule_comparisons(rules)
    for sign, value in _signed(passage):
        used = {other for other, number in comparisons if number == value}
        if used and sign not in used:
            yield Finding(
                "TWC604",
                f"{place}.{value:g}",
                f"the record says {sign} {value:g}, the rule {', '.join(sorted(used))} {value:g}",
                "correct the rule, or answer why the record is read otherwise",
            )


def _signed(passage: Passage) -> Iterator[tuple[str, float]]:
    """Yield the comparators of a criterion with their numbers; lost signs as they are proposed."""
    text = passage.text
    for lost in reversed(lost_signs(passage)):
        text = f"{text[: lost.start]}{lost.comparator}{text[lost.end :]}"
    for found in _SIGNED.finditer(text):
        sign = found["sign"].removeprefix("\\").replace("≥", ">=").replace("≤", "<=")
        yield sign, float(found["value"])


def _rule_comparisons(rules: str) -> set[tuple[str, float]]:
    """Return the comparators of a rule with their numbers, each as `item sign number`."""
    after = {(found["sign"], float(found["value"])) for found in _RULE_SIGN.finditer(rules)}
    before = {
        (_MIRRORED[found["sign"]], float(found["value"]))
        for found in _RULE_SIGN_BEFORE.finditer(rules)
    }
    return after | before


def _unknown_numbers(study: Study, registered: set[str]) -> Iterator[Finding]:
    for each in study.criteria:
        if each.record_number and f"{each.kind} {each.record_number}" not in registered:
            yield Finding(
                "TWC605",
                f"criteria.{each.id}",
                f"the record has no {each.kind} criterion {each.record_number}",
                "correct or remove the record_number",
            )


def _fields(study: Study, record: Record) -> Iterator[Finding]:
    """Compare the fields of age and sex with the rules on the items `age` and `sex`."""
    module = record.study.protocol_section.eligibility_module
    rules = [each.rule or "" for each in study.criteria]
    ages = {
        value
        for rule in rules
        if re.search(r"\bage\b", rule)
        for _, value in _rule_comparisons(rule)
    }
    for key, age in (("minimumAge", module.minimum_age), ("maximumAge", module.maximum_age)):
        if age and float(age.split()[0]) not in ages:
            yield Finding(
                "TWC606",
                f"criteria.{key}",
                f"the record's {key} is {age}, and no rule on age says so",
                "add a criterion on age",
            )
    if module.sex in {"FEMALE", "MALE"} and not any(re.search(r"\bsex\b", rule) for rule in rules):
        yield Finding(
            "TWC607",
            "criteria.sex",
            f"the record admits {module.sex.lower()} participants only, and no rule on sex says so",
            "add a criterion on sex",
        )
