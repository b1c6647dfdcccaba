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


CHANGE = "deterioration|worsening|increase|rise|reduction|decrease|decline|improvement|change"
ACTIVITY = (
    r"h?SLEDAI(?:-2K)?|BILAG|PGA|PhGA|physician'?s global assessment|disease activity|CLASI|"
    r"protein(?:uria)?|UPCR|UACR|anti-ds-?DNA|titers?"
)
NUMBER = "(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twice)"
STEROID = r"\b(?:steroids?|(?:gluco|cortico)\w*|predniso(?:lo)?ne)\b"
_LIVER_KIDNEY = (
    "bilirubin|creatinine(?! clearance)|ALT|AST|transaminases?|aminotransferase|QTc|INR|ECOG"
)
_COUNTS = (
    "h(?:a)?emoglobin|platelets?|neutrophils?|leu[ck]ocytes?|lymphocytes?|WBC|ANC|CD4|eGFR|GFR|"
    "clearance"
)
_UPPER_LIMIT = r"(?:times?\b|[x×]|-?fold)[^.;]{0,25}?(?:upper|ULN|normal)|(?:the )?upper limit|ULN"
_GRADE = "(?:grades?|class|stage|NYHA|CTCAE)"


def _ends(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{words})\s*$", re.IGNORECASE)


def _starts(words: str) -> re.Pattern[str]:
    return re.compile(rf"\s*(?:[\d.,]+|{NUMBER}\b)?\s*(?:{words})", re.IGNORECASE)


_CLUES: tuple[_Clue, ...] = (
    _Clue(
        "≤",
        "it follows “no … or”: at most this many are allowed",
        before=_ends(r"\bno\b[^.;]*\bor"),
        after=_starts("new|additional|more"),
    ),
    _Clue(
        "≤",
        "“at most” stands before it",
        before=_ends(r"\b(?:at most|up to|maximum of|not? more than)"),
    ),
    _Clue("≥", "“at least” stands before it", before=_ends(r"\b(?:at least|minimum of|more than)")),
    _Clue("≥", "the lower end of a range", before=_ends(r"\bbetween")),
    _Clue(
        "≤",
        "the upper end of a range",
        before=_ends(
            r"\b(?:age[ds]?|between|BMI|body mass index|weight)\b[^.;=]{0,20}[=≥]\s*\d[^.;=]{0,12}"
            r"\b(?:and|but|to)"
        ),
    ),
    _Clue(
        "≤",
        "a dose that is reached by tapering has an upper limit",
        before=_ends(rf"\b(?:achiev|reduc|taper)[^.;]*{STEROID}[^.;]{{0,30}}"),
        after=_starts("mg"),
    ),
    _Clue(
        "≥", "a change counts from this size on", before=_ends(rf"(?:{CHANGE})\b[^.;]*\b(?:by|of)")
    ),
    _Clue(
        "≥",
        "a response is a change of at least this size",
        after=_starts(rf"-?\s*(?:points?|%|fold|log)[^.;,]{{0,20}}\b(?:{CHANGE})"),
    ),
    _Clue(
        "≥",
        "a change counts from this size on",
        before=_ends(rf"\b(?:{CHANGE})\b(?![^.;:,]*\bto\b)[^.;:,]{{0,40}}"),
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
        after=_starts(rf"{_GRADE}\b"),
        kind="exclusion",
    ),
    _Clue(
        "≤",
        "mild grades are accepted",
        after=_starts(rf"{_GRADE}\b"),
        kind="inclusion",
    ),
    _Clue("≥", "severe grades are excluded", before=_ends(_GRADE), kind="exclusion"),
    _Clue("≤", "mild grades are accepted", before=_ends(_GRADE), kind="inclusion"),
    _Clue("≤", "a count that is low has an upper limit", before=_ends(r"\w+penia|an?emia")),
    _Clue(
        "≥",
        "active disease at entry: the value is a lower threshold",
        before=_ends(rf"\b(?:{ACTIVITY})[^.;]{{0,40}}"),
        kind="inclusion",
    ),
    _Clue("≥", "an age at entry is a lower limit", before=_ends(r"\bage[ds]?\b[\s:]*(?:is|of)?")),
    _Clue(
        "≤",
        "an accepted laboratory value has an upper limit",
        before=_ends(rf"\b(?:{_LIVER_KIDNEY})\b[^.;,]{{0,20}}"),
        kind="inclusion",
    ),
    _Clue(
        "≥",
        "a high laboratory value is excluded",
        before=_ends(rf"\b(?:{_LIVER_KIDNEY})\b[^.;,]{{0,20}}"),
        kind="exclusion",
    ),
    _Clue(
        "≥",
        "an accepted count has a lower limit",
        before=_ends(rf"\b(?:{_COUNTS})\b[^.;,]{{0,20}}"),
        kind="inclusion",
    ),
    _Clue(
        "≤",
        "a low count is excluded",
        before=_ends(rf"\b(?:{_COUNTS})\b[^.;,]{{0,20}}"),
        kind="exclusion",
    ),
    _Clue(
        "≤",
        "a background dose that is accepted has an upper limit",
        after=_starts(r"(?:mg|g|µg|mcg|IU|MIU)\b(?!/(?:d?l|ml|g)\b)"),
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
