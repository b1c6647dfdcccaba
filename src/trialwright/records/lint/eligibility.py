"""TWR008, TWR009, TWR012: criteria and age groups that the fields of age and sex contradict."""

import re
from collections.abc import Iterator
from datetime import date

from trialwright.records.derive import age_in_years, standard_ages
from trialwright.records.lint.finding import Flaw, Rule
from trialwright.records.lint.prose import Passage, criteria
from trialwright.records.record import Record

_MODULE = "protocolSection.eligibilityModule"
_AGE = (
    r"(?:\bage[ds]?\b|\byears? (?:old|of age)\b|"
    r"\byears?(?: of age)? (?:or|and) (?:older|over|above)\b)"
)
_RANGE = re.compile(
    r"(?<![\d.])(?P<low>\d{1,3})\s*(?:years?)?\s*(?:to|-|–|and)\s*(?P<high>\d{1,3})(?![\d.]|"
    r"\s*(?:[mk]?g|[cm]m|%|points?|days?|weeks?|months?)\b)",
    re.IGNORECASE,
)
_LOW = re.compile(
    r"(?:≥|\\?>=|at least|minimum age of)\s*(?P<low>\d{1,3})\b(?=\s*years)|"
    r"\b(?P<older>\d{1,3})\s*years?(?: of age)? (?:or|and) (?:older|over|above)",
    re.IGNORECASE,
)
_YOUNGER = re.compile(
    r"(?:under|younger than|below|less than|\\?<)\s*(?:the age of\s*)?(?P<low>\d{1,3})\b"
    r"(?=\s*(?:years|$|\.))",
    re.IGNORECASE,
)
_ONE_SEX = re.compile(
    r"^(?:only |healthy |adult )*(?P<sex>females?|males?|women|woman|men|man)"
    r"(?: (?:adults?|patients?|participants?|subjects?|volunteers?|sex|only))*"
    r"(?=$|[.,;]|,? (?:aged?|between|with|from) |,? \d)",
    re.IGNORECASE,
)
_OTHER_SEX = re.compile(r"\b(?:(?P<f>fe)?males?|(?P<w>wo)?m[ae]n)\b", re.IGNORECASE)


def _limits(passage: Passage) -> tuple[int | None, int | None]:
    """Return the lowest and the highest age in years that the criterion admits, if it says so."""
    text = passage.text
    if passage.kind == "exclusion":
        younger = _YOUNGER.search(text) if re.search(r"\byears?\b|\bages?\b", text) else None
        return (int(younger["low"]) if younger and len(text) < 60 else None), None
    if not re.match(rf".{{0,60}}{_AGE}", text, re.IGNORECASE | re.DOTALL):
        return None, None
    if (found := _RANGE.search(text)) and _near_age(text, found):
        return int(found["low"]), int(found["high"])
    if (found := _LOW.search(text)) and _near_age(text, found):
        return int(found["low"] or found["older"]), None
    return None, None


def _near_age(text: str, found: re.Match[str]) -> bool:
    """Return whether the numbers are the ages of the criterion: the word stands close by.

    Ages in brackets belong to something else, such as a scale for children.
    """
    if text.count("(", 0, found.start()) > text.count(")", 0, found.start()):
        return False
    around = text[max(0, found.start() - 25) : found.end() + 15]
    return bool(re.search(_AGE, around, re.IGNORECASE))


def _ages(record: Record, _: date) -> Iterator[Flaw]:
    module = record.study.protocol_section.eligibility_module
    for passage in criteria(record):
        low, high = _limits(passage)
        for stated, field, key in (
            (low, module.minimum_age, "minimumAge"),
            (high, module.maximum_age, "maximumAge"),
        ):
            if stated is not None and (field is None or age_in_years(field) != stated):
                yield Flaw(
                    section=f"{_MODULE}.{key}",
                    criterion=passage.criterion,
                    line=passage.line,
                    words=passage.text[:100],
                    reading=f"{key} {stated} Years, or a criterion with {field or 'no limit'}",
                    reason=f"the field {key} says {field or 'no limit'}",
                )


def _sex(record: Record, _: date) -> Iterator[Flaw]:
    module = record.study.protocol_section.eligibility_module
    if module.sex is None:
        return
    for passage in criteria(record):
        found = _ONE_SEX.match(passage.text)
        if not found or re.search(r"child|pregnan|contracept|steril", passage.text, re.IGNORECASE):
            continue
        named = {_sex_of(word[0]) for word in _OTHER_SEX.finditer(passage.text)}
        if len(named) != 1 or (passage.kind == "exclusion" and len(passage.text) > 25):
            continue
        (sex,) = named
        if passage.kind == "exclusion":
            sex = "MALE" if sex == "FEMALE" else "FEMALE"
        if module.sex != sex:
            yield Flaw(
                section=f"{_MODULE}.sex",
                criterion=passage.criterion,
                line=passage.line,
                words=passage.text[:100],
                reading=f"sex {sex}, or a criterion that admits {module.sex.lower()}",
                reason=f"the field sex says {module.sex}",
            )


def _sex_of(word: str) -> str:
    return "FEMALE" if word.lower().startswith(("f", "w")) else "MALE"


def _age_groups(record: Record, _: date) -> Iterator[Flaw]:
    module = record.study.protocol_section.eligibility_module
    if module.std_ages and set(module.std_ages) != set(standard_ages(module)):
        yield Flaw(
            section=f"{_MODULE}.stdAges",
            words=", ".join(module.std_ages),
            reading=", ".join(standard_ages(module)),
            reason=f"ages reach from {module.minimum_age or 'birth'} "
            f"to {module.maximum_age or 'no limit'}",
        )


AGE_CONTRADICTED = Rule("TWR008", "criterion that contradicts the age fields", _ages)
SEX_CONTRADICTED = Rule("TWR009", "criterion that contradicts the sex field", _sex)
AGE_GROUPS = Rule("TWR012", "age groups that the age fields do not give", _age_groups)
