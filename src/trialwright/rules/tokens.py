"""A rule's text, cut into words and signs."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from trialwright.rules.error import RuleError

TokenKind = Literal["date", "number", "code", "word", "sign", "end"]

KEYWORDS: Final = frozenset({"and", "or", "not", "in", "true", "false"})

_TOKEN: Final = re.compile(
    r"""
      (?P<space>  \s+ )
    | (?P<date>   \d{4}-\d{2}-\d{2} (?![\w.]) )
    | (?P<number> \d+ (?: \.\d+ )? (?![\w.]) )
    | (?P<code>   "[^"\n]*" | '[^'\n]*' )
    | (?P<word>   [^\W\d]\w* (?: \.[^\W\d]\w* )* )
    | (?P<sign>   == | != | <= | >= | [<>()\[\],+*/-] )
    """,
    re.VERBOSE | re.ASCII,
)

_MEANT: Final = {
    "&&": "and", "||": "or", "<>": "!=", "=>": ">=", "=<": "<=", "=": "==", "≥": ">=", "≤": "<=",
    "≠": "!=", "×": "*", "÷": "/", "−": "-", "–": "-", "!": "not", "&": "and", "|": "or",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """One word or sign and the column that it starts at."""

    kind: TokenKind
    text: str
    column: int


def tokens_of(text: str) -> list[Token]:
    """Cut `text` into tokens; the last one is of kind `end`. Raise RuleError at a foreign sign."""
    tokens: list[Token] = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise _foreign(text, place)
        sign = match.group()
        if sign == "<" and text.startswith("<>", place):
            raise _foreign(text, place)
        if match.lastgroup != "space":
            # lastgroup is one of the names above, which are the kinds
            tokens.append(Token(match.lastgroup, sign, place + 1))  # type: ignore[arg-type]
        place = match.end()
    tokens.append(Token("end", "", len(text.rstrip()) + 1))
    return tokens


def _foreign(text: str, place: int) -> RuleError:
    rest = text[place:]
    meant = next((sign for sign in _MEANT if rest.startswith(sign)), None)
    if meant:
        what, remedy = f"{meant} is not a sign of this language", f"write {_MEANT[meant]}"
    elif rest[0] in "\"'":
        what, remedy = "the quote is never closed", f"end the code with {rest[0]}"
    elif rest[0].isascii() and rest[0].isdigit():
        word = re.match(r"[\w.]+", rest)
        what = f"{word.group() if word else rest[0]} is not a number"
        remedy = "write numbers like 12 or 0.3 and dates like 2026-01-31, without units"
    else:
        what, remedy = f"{rest[0]!r} is not a sign of this language", ""
    return RuleError(what, text=text, column=place + 1, remedy=remedy)
