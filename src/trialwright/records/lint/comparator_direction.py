"""Which comparator a lost sign was: at least or at most, told from the words around it."""

import re
from dataclasses import dataclass

from trialwright.records.record import CriterionKind

UNDECIDED = "≥ or ≤"


@dataclass(frozen=True)
class _Clue:
    """Words around a sign that decide it, with the reason; a pattern that is None always fits."""

    comparator: str
    reason: str
    before: re.Pattern[str] | None = None
    after: re.Pattern[str] | None = None
    kind: CriterionKind | None = None

    def fits(self, kind: CriterionKind | None, before: str, after: str) -> bool:
        return (
            (self.kind is None or self.kind == kind)
            and (self.before is None or bool(self.before.search(before)))
            and (self.after is None or bool(self.after.match(after)))
        )


def _ends(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{words})\s*$", re.IGNORECASE)


def _starts(words: str) -> re.Pattern[str]:
    return re.compile(rf"\s*[\d.,]*\s*(?:{words})", re.IGNORECASE)


_CHANGE = "deterioration|worsening|increase|rise|reduction|decrease|decline|improvement|change"
_ACTIVITY = (
    r"SLEDAI(?:-2K)?|BILAG|PGA|PhGA|physician'?s global assessment|disease activity|"
    r"protein(?:uria)?"
)
_LIVER_KIDNEY = "bilirubin|creatinine|ALT|AST|transaminases?|aminotransferase"
_COUNTS = "h(?:a)?emoglobin|platelets?|neutrophils?|leu[ck]ocytes?|WBC|ANC|eGFR|GFR|clearance"
_UPPER_LIMIT = r"(?:times?\b|[x×]|-?fold)[^.;]{0,25}?(?:upper|ULN|normal)|ULN"

_CLUES: tuple[_Clue, ...] = (
    _Clue(
        "≤",
        "it follows “no … or”: at most this many are allowed",
        before=_ends(r"\bno\b[^.;]*\bor"),
        after=_starts("new|additional|more"),
    ),
    _Clue(
        "≥", "a change counts from this size on", before=_ends(rf"(?:{_CHANGE})\b[^.;]*\b(?:by|of)")
    ),
    _Clue(
        "≥",
        "a response is a change of at least this size",
        after=_starts(rf"-?\s*(?:points?|%|fold|log)[^.;,]{{0,20}}\b(?:{_CHANGE})"),
    ),
    _Clue("≤", "“within” sets a limit of time", before=_ends("within(?: the (?:last|past))?")),
    _Clue(
        "≥",
        "values above the upper limit of normal are excluded",
        after=_starts(_UPPER_LIMIT),
        kind="exclusion",
    ),
    _Clue(
        "≤",
        "values above the upper limit of normal are not accepted",
        after=_starts(_UPPER_LIMIT),
        kind="inclusion",
    ),
    _Clue(
        "≥",
        "severe grades are excluded",
        after=_starts(r"(?:grade|class|stage|NYHA|CTCAE)\b"),
        kind="exclusion",
    ),
    _Clue(
        "≤",
        "mild grades are accepted",
        after=_starts(r"(?:grade|class|stage|NYHA|CTCAE)\b"),
        kind="inclusion",
    ),
    _Clue(
        "≥",
        "active disease at entry: the value is a lower threshold",
        before=_ends(rf"(?:{_ACTIVITY})[^.;]{{0,40}}"),
        kind="inclusion",
    ),
    _Clue("≥", "an age at entry is a lower limit", before=_ends(r"\bage[ds]?\b[\s:]*(?:is|of)?")),
    _Clue(
        "≤",
        "an accepted laboratory value has an upper limit",
        before=_ends(rf"(?:{_LIVER_KIDNEY})\b[^.;,]{{0,20}}"),
        kind="inclusion",
    ),
    _Clue(
        "≥",
        "a high laboratory value is excluded",
        before=_ends(rf"(?:{_LIVER_KIDNEY})\b[^.;,]{{0,20}}"),
        kind="exclusion",
    ),
    _Clue(
        "≥",
        "an accepted count has a lower limit",
        before=_ends(rf"(?:{_COUNTS})\b[^.;,]{{0,20}}"),
        kind="inclusion",
    ),
    _Clue(
        "≤",
        "a low count is excluded",
        before=_ends(rf"(?:{_COUNTS})\b[^.;,]{{0,20}}"),
        kind="exclusion",
    ),
    _Clue(
        "≤",
        "a background dose that is accepted has an upper limit",
        after=_starts(r"(?:mg|g|µg|mcg|IU|MIU)\b"),
        kind="inclusion",
    ),
    _Clue(
        "≥",
        "doses from this on are excluded",
        after=_starts(r"(?:mg|g|µg|mcg|IU|MIU)(?:/(?:kg|day|d)\b)+"),
        kind="exclusion",
    ),
    _Clue(
        "≥",
        "a treatment or condition must have lasted at least this long",
        after=_starts("(?:day|week|month|year)s?"),
        kind="inclusion",
    ),
)


def direction(kind: CriterionKind | None, before: str, after: str) -> tuple[str, str]:
    """Return the comparator proposed for a lost sign, and the reason.

    Args:
        kind: inclusion or exclusion; None outside of criteria.
        before: the text before the sign.
        after: the text behind it.
    """
    for clue in _CLUES:
        if clue.fits(kind, before[-160:], after[:80]):
            return clue.comparator, clue.reason
    return UNDECIDED, "the words around it do not say which: ask the sponsor"
