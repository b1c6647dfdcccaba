"""TWC6xx: eligibility criteria, and the ages and the sex that the record's fields admit."""

import re
from collections.abc import Iterator

from trialwright.protocol import Finding, Study
from trialwright.protocol.criteria import Criterion as StudyCriterion
from trialwright.protocol.stated_numbers import numbers_of_another_rule
from trialwright.records.compare.words import grades, names, numbers, numerals, roman, stems
from trialwright.records.derive import age_in_years
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
            said = " ".join(f"{each.text} {each.rule or ''}" for each in ours[name])
            if (other := _nearest(registered, name, said)) != name:
                yield Finding(
                    "TWC610",
                    place,
                    f"it reads like {other} of the record, not like {name}",
                    _said(passage),
                )
    yield from _unknown_numbers(study, set(registered))
    yield from _fields(study, record)


def _said(passage: Passage) -> str:
    return f"the record says {passage.text[:120]!r}"


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
            _said(passage),
        )
    else:
        yield from _rule_differences(place, passage, rules)
    if not stems(passage.text) & stems(said):
        yield Finding(
            "TWC603",
            place,
            "no word in common with the record's criterion of this number",
            _said(passage),
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


def _rule_differences(place: str, passage: Passage, rules: str) -> Iterator[Finding]:
    """Compare numbers, grades and names of the record with those that the rule uses."""
    if not rules:
        return
    other = numbers_of_another_rule(numbers(passage.text), numbers(rules))
    used = [f"{number:g}" for number in sorted(other)]
    if roman(rules) and grades(passage.text) - roman(rules):
        used += sorted(roman(rules))
    if used:
        yield Finding(
            "TWC608",
            place,
            f"the rule uses {', '.join(used)}, which the record's criterion does not say",
            _said(passage),
        )
    absent = sorted(name for name in names(passage.text) if name not in rules.casefold())
    if absent and len(absent) < len(names(passage.text)):
        yield Finding(
            "TWC609",
            place,
            f"the record names {', '.join(absent).upper()}, the rule does not",
            _said(passage),
        )


def _nearest(registered: dict[str, Passage], name: str, said: str) -> str:
    """Return the criterion of the record, of the same kind, that shares most with what is said.

    A word counts the more, the fewer criteria have it. Another criterion must share more than
    twice as much as that of the same number.
    """
    kind = name.split()[0]
    words = {
        other: stems(each.text) for other, each in registered.items() if other.startswith(kind)
    }
    common = {word: sum(word in theirs for theirs in words.values()) for word in stems(said)}
    scores = {
        other: sum(1 / common[word] for word in theirs if word in common)
        for other, theirs in words.items()
    }
    nearest = max(scores, key=scores.__getitem__)
    return nearest if scores[nearest] > 2 * scores[name] else name


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
        comparison
        for rule in rules
        if re.search(r"\bage\b", rule)
        for comparison in _rule_comparisons(rule)
    }
    for key, age, within, beyond, step in (
        ("minimumAge", module.minimum_age, ">=", ">", -1),
        ("maximumAge", module.maximum_age, "<=", "<", 1),
    ):
        if not age:
            continue
        years = age_in_years(age)
        if not ages & {(within, years), (beyond, years + step)}:
            yield Finding(
                "TWC606",
                f"criteria.{key}",
                f"the record's {key} is {age}, and no rule on age says so",
                f"add a criterion with the rule age {within} {years:g}",
            )
    if module.sex in {"FEMALE", "MALE"} and not any(re.search(r"\bsex\b", rule) for rule in rules):
        yield Finding(
            "TWC607",
            "criteria.sex",
            f"the record admits {module.sex.lower()} participants only, and no rule on sex says so",
            "add a criterion on sex",
        )
