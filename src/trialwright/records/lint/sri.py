"""TWR002: clauses of the SLE Responder Index joined by “or”."""

import re
from collections.abc import Iterator
from datetime import date

from trialwright.records.lint.finding import Flaw, Rule
from trialwright.records.lint.prose import passages, quote
from trialwright.records.record import Record

_ALLOWANCE = r"(?:[=≤]|<=|\\<=|no more than|not more than|at most|up to|fewer than|less than|<)"
_BILAG_OR = re.compile(
    rf"no new (?:BILAG )?A\b[^.;,]{{0,40}}?\b(?P<or>or\b\s*{_ALLOWANCE})[^.;,]{{0,20}}\bB\b",
    re.IGNORECASE,
)
_CLAUSES_OR = re.compile(
    r"SLEDAI\b[^.;]{0,60}?(?:,\s*|\s)(?P<or>or)\s+(?:\(?[2b]\)\s*)?no new (?:BILAG )?A\b",
    re.IGNORECASE,
)


def _check(record: Record, _: date) -> Iterator[Flaw]:
    for passage in passages(record):
        for pattern, joined in ((_BILAG_OR, "and no more than"), (_CLAUSES_OR, "and")):
            for found in pattern.finditer(passage.text):
                start, end = found.span("or")
                marked = f"{passage.text[:start]}{joined}{passage.text[end:]}"
                yield Flaw(
                    section=passage.section,
                    criterion=passage.criterion,
                    line=passage.line,
                    words=quote(passage.text, start, end),
                    reading=quote(marked, start, start + len(joined)),
                    reason="a responder meets every clause of the SRI (Furie et al. 2009); "
                    "with “or” a participant with a new BILAG A could respond",
                )


SRI_JOINED_BY_OR = Rule("TWR002", "SRI clauses joined by “or”", _check)
