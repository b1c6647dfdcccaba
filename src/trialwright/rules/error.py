"""The error of a rule that cannot be read: it points at the place in the rule."""

from difflib import get_close_matches
from typing import TYPE_CHECKING

from trialwright.errors import UnusableInputError

if TYPE_CHECKING:
    from collections.abc import Iterable


class RuleError(UnusableInputError):
    """A rule that cannot be read, or whose types do not fit.

    Attributes:
        text: the rule.
        column: the place of the fault, counted from 1 over the whole text.
    """

    def __init__(self, what: str, *, text: str, column: int, remedy: str = "") -> None:
        self.text = text
        self.column = column
        line = text.count("\n", 0, column - 1) + 1
        within = column - self._line_start()
        where = f"line {line}, column {within}" if "\n" in text.strip() else f"column {within}"
        super().__init__(what, where=where, remedy=remedy)

    def _line_start(self) -> int:
        return self.text.rfind("\n", 0, self.column - 1) + 1

    def _message(self) -> str:
        start = self._line_start()
        line = self.text[start:].split("\n", 1)[0].replace("\t", " ")
        caret = " " * (self.column - 1 - start) + "^"
        lines = [f"{self.where}: {self.what}", f"  {line}", f"  {caret}"]
        return "\n".join([*lines, f"  {self.remedy}"] if self.remedy else lines)


def suggestion(word: str, known: "Iterable[str]") -> str:
    """A sentence that names the known word nearest to `word`, or empty if none is near."""
    names = sorted(known)
    ending = [name for name in names if name.endswith(f".{word}")]
    nearest = ending or get_close_matches(word, names, n=1)
    return f"did you mean {nearest[0]}?" if nearest else ""
