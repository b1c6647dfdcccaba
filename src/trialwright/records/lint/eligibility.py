"""TWR008, TWR009, TWR012: criteria and age groups that the fields of age and sex contradict."""

import re
from collections.abc import Iterator
from datetime import date

from trialwright.records.derive import age_in_years, standard_ages
from trialwright.records.lint.age_limits import age_limits
from trialwright.records.lint.finding import Flaw, Rule
from trialwright.records.lint.prose import Passage, criteria
from trialwright.records.record import Record

_MODULE = "protocolSection.eligibilityModule"
_ONE_SEX = re.compile(
    r"^(?:(?:only|healthy|adult|post-?menopausal|patients?|participants?|subjects?|must be|are|is|"
    r"sex|gender|SLE)[ :]+)*(?P<sex>females?|males?|women|woman|men|man)"
    r"(?: (?:adults?|patients?|participants?|subjects?|volunteers?|sex|gender|only|SLE|lupus))*"
    r"(?=$|[.,;]|,? (?:aged?|between|with|from) |,? \d)",
    re.IGNORECASE,
)
_BOTH_SEXES = re.compile(
    r"^.{0,20}\b(?:(?:fe)?males? ?(?:or|and|/) ?(?:fe)?males?|(?:wo)?men (?:or|and) (?:wo)?men|"
    r"(?:both|either|any) (?:sex|gender)(?:es|s)?)\b(?! partner)",
    re.IGNORECASE,
)
_OTHER_SEX = re.compile(r"\b(?:(?P<f>fe)?males?|(?P<w>wo)?m[ae]n)\b", re.IGNORECASE)


def _ages(record: Record, _: date) -> Iterator[Flaw]:
    module = record.study.protocol_section.eligibility_module
    fields = {"minimumAge": module.minimum_age, "maximumAge": module.maximum_age}
    for passage in criteria(record):
        for key, ages in age_limits(passage).items():
            field = fields[key]
            if field is None or age_in_years(field) not in ages:
                yield Flaw(
                    section=f"{_MODULE}.{key}",
                    criterion=passage.criterion,
                    line=passage.line,
                    words=passage.text[:100],
                    reading=f"{key} {ages[0]} Years, or a criterion with {field or 'no limit'}",
                    reason=f"the field {key} says {field or 'no limit'}",
                )


def _sex(record: Record, _: date) -> Iterator[Flaw]:
    module = record.study.protocol_section.eligibility_module
    if module.sex is None:
        return
    for passage in criteria(record):
        if module.sex != "ALL" and passage.kind == "inclusion" and _BOTH_SEXES.match(passage.text):
            yield _sex_flaw(passage, "ALL", module.sex)
            continue
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
            yield _sex_flaw(passage, sex, module.sex)


def _sex_flaw(passage: Passage, stated: str, field: str) -> Flaw:
    return Flaw(
        section=f"{_MODULE}.sex",
        criterion=passage.criterion,
        line=passage.line,
        words=passage.text[:100],
        reading=f"sex {stated}, or a criterion that admits {field.lower()}",
        reason=f"the field sex says {field}",
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
