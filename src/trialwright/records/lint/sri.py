"""TWR002: clauses of the SLE Responder Index joined by “or”."""

import re
from collections.abc import Iterator
from datetime import date

from trialwright.records.lint.finding import Flaw, Rule
from trialwright.records.lint.prose import miswritten, passages
from trialwright.records.record import Record

_ALLOWANCE = r"(?:[=≤]|<=|\\<=|no more than|not more than|at most|up to|fewer than|less than|<)"
_NO_A = r"no (?:new )?(?:BILAG )?A\b"
_CLAUSE_MARK = r"(?:\(?[23bc]\)\s*)?"
_NOT_WORSE = (
    rf"{_CLAUSE_MARK}no (?:worsening|deterioration|increase)\b[^.;]{{0,40}}?\b(?:PGA|PhGA|global)\b"
)
# What stands around the “or”, and the words that are meant instead of it.
_JOINED = (
    (
        rf"{_NO_A}[^.;,]{{0,40}}?\b(?P<or>or\b\s*{_ALLOWANCE})[^.;,]{{0,20}}\bB\b",
        "and no more than",
    ),
    (rf"{_ALLOWANCE}[^.;,]{{0,20}}\bB\b[^.;,]{{0,20}}?\b(?P<or>or)\s+{_NO_A}", "and"),
    (rf"SLEDAI\b[^.;]{{0,60}}?(?:,\s*|\s)(?P<or>or)\s+{_CLAUSE_MARK}no new (?:BILAG )?A\b", "and"),
    (rf"\b(?:SLEDAI|B)\b[^.;]{{0,60}}?(?:,\s*|\s)(?P<or>or)\s+{_NOT_WORSE}", "and"),
)
_REASON = (
    "a responder meets every clause of the SRI (Furie et al. 2009); "
    "with “or” a participant with a new BILAG A could respond"
)
_PATTERNS = tuple((re.compile(words, re.IGNORECASE), joined) for words, joined in _JOINED)


def _check(record: Record, _: date) -> Iterator[Flaw]:
    for passage in passages(record):
        for pattern, joined in _PATTERNS:
            for found in pattern.finditer(passage.text):
                yield miswritten(passage, *found.span("or"), joined, _REASON)


SRI_JOINED_BY_OR = Rule("TWR002", "SRI clauses joined by “or”", _check)
