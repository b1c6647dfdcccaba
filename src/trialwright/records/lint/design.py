"""TWR003, TWR004, TWR013: fields of the design that the prose or another field contradicts."""

import re
from collections.abc import Iterator
from datetime import date

from trialwright.records.derive import masking_agrees
from trialwright.records.lint.finding import Flaw, Rule
from trialwright.records.lint.prose import arms, descriptions, quote
from trialwright.records.record import Record

_DESIGN = "protocolSection.designModule.designInfo"
_GROUPS = re.compile(
    r"\b(?:divided|randomi[sz]ed|assigned|allocated|split)\b[^.;]{0,40}?\b(?:in)?to\s+"
    r"(?:one of\s+)?(?:two|2|three|3|four|4)\b[^.;]{0,30}?\b(?:groups|arms)\b|"
    r"\bparallel[- ](?:group|arm|design)|"
    r"\bone (?:group )?(?:receiv|administ|get|is treated|was treated)\w*\b[^.;]{0,60}"
    r"\b(?:an)?other\b|\binto group A (?:or|and) (?:group )?B\b|"
    r"\b(?:intervention|treatment|experimental|study) group\b[^.]{0,80}\bcontrol group\b",
    re.IGNORECASE,
)
_CROSSING = re.compile(
    r"cross(?:ed|ing|es)?[- ]?over|wash[- ]?out|\bperiods?\b|\bsequences?\b|switch", re.IGNORECASE
)
_BLIND = re.compile(
    r"(?<!not )(?<!not a )\b(?:(?P<how>single|double|triple|quadruple)[- ]?(?:blind|mask)\w*|"
    r"(?:observer|evaluator|assessor|rater|investigator|physician|participant|patient)s?[- ]"
    r"(?:blind|mask)\w*|(?:are|is|be|were|,|randomi[sz]ed) (?:blinded|masked)\b)",
    re.IGNORECASE,
)


def _crossover(record: Record, _: date) -> Iterator[Flaw]:
    if record.study.protocol_section.design_module.design_info.intervention_model != "CROSSOVER":
        return
    prose = [*descriptions(record), *arms(record)]
    if any(_CROSSING.search(passage.text) for passage in prose):
        return
    for passage in prose:
        if found := _GROUPS.search(passage.text):
            yield Flaw(
                section=f"{_DESIGN}.interventionModel",
                line=record.line_of(f"{_DESIGN}.interventionModel"),
                words=f"CROSSOVER; {quote(passage.text, *found.span())}",
                reading="PARALLEL, or a description of the periods, their order and the washout",
                reason="the prose describes groups that each keep their treatment, "
                "and no period, sequence or switch",
            )
            return


def _masking(record: Record, _: date) -> Iterator[Flaw]:
    protocol = record.study.protocol_section
    masking = protocol.design_module.design_info.masking_info.masking
    titles = (
        protocol.identification_module.brief_title,
        protocol.identification_module.official_title,
    )
    for passage in descriptions(record):
        found = _BLIND.search(passage.text)
        # A record without masking may still speak of an earlier blinded part; its title may not.
        if found and (masking is None or (masking == "NONE" and passage.text in titles)):
            how = found["how"].upper() if found["how"] else "SINGLE or more"
            yield Flaw(
                section=f"{_DESIGN}.maskingInfo.masking",
                line=passage.line,
                words=quote(passage.text, *found.span()),
                reading=f"masking {how}, and who is masked",
                reason="the prose says that the study is masked, and "
                + ("the field says NONE" if masking else "no field does"),
            )
            return


def _who_masked(record: Record, _: date) -> Iterator[Flaw]:
    masking = record.study.protocol_section.design_module.design_info.masking_info
    if not masking_agrees(masking):
        yield Flaw(
            section=f"{_DESIGN}.maskingInfo.whoMasked",
            words=f"masking {masking.masking or 'not stated'}; "
            f"whoMasked {', '.join(masking.who_masked)}",
            reading="as many masked roles as the masking names",
            reason="single, double, triple and quadruple count the roles that are masked",
        )


CROSSOVER_OF_PARALLEL_GROUPS = Rule(
    "TWR003", "crossover model with arms described as parallel groups", _crossover
)
BLIND_WITHOUT_MASKING = Rule("TWR004", "blinding in prose without a masking field", _masking)
MASKED_ROLES = Rule("TWR013", "masking and masked roles disagree", _who_masked)
