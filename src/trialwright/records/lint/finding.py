"""What a lint rule reports, and what a rule is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from trialwright.records.record import Record


@dataclass(frozen=True)
class Flaw:
    """One flaw of a record.

    Attributes:
        section: path of the fact in the register's terms.
        words: what the record says.
        reading: what is proposed instead.
        reason: why.
        criterion: name of the criterion, such as `inclusion 2`; empty outside of criteria.
        line: line of the file, if it is not that of the section.
    """

    section: str
    words: str
    reading: str
    reason: str
    criterion: str = ""
    line: int | None = None


@dataclass(frozen=True)
class Rule:
    """A kind of flaw: its stable code, its name and the function that finds it."""

    code: str
    name: str
    check: Callable[[Record, date], Iterator[Flaw]]


@dataclass(frozen=True)
class Finding:
    """A flaw with the rule that found it and the line of the file, if known."""

    code: str
    name: str
    line: int | None
    section: str
    criterion: str
    words: str
    reading: str
    reason: str
