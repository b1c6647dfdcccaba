"""What reading a registry record gives: the study, and where each of its facts stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from trialwright.records.model import RegisteredStudy
from trialwright.records.model.base import JsonObject

RecordFormat = Literal["api-v2-json", "classic-page", "mirror-page"]
CriterionKind = Literal["inclusion", "exclusion"]


@dataclass(frozen=True)
class Criterion:
    """One eligibility criterion, numbered as in its list, and the line where it starts."""

    kind: CriterionKind
    number: int
    text: str
    line: int | None

    @property
    def name(self) -> str:
        """The criterion's name within the record, such as `inclusion 2`."""
        return f"{self.kind} {self.number}"


@dataclass(frozen=True)
class RelatedTrial:
    """A row of the table of related trials that a mirror page shows."""

    status: str
    nct_id: str
    title: str
    phase: str
    line: int


@dataclass(frozen=True)
class Unclaimed:
    """Text that no reader understood, or a JSON key that the schema does not know."""

    line: int | None
    text: str


@dataclass(frozen=True)
class Record:
    """A registry record as read.

    Attributes:
        study: the study in the register's own terms.
        format: which of the three formats the file has.
        sha256: hash of the file's bytes, in hexadecimal.
        criteria: eligibility criteria in the record's order.
        related_trials: rows of a mirror page's table; empty for other formats.
        unclaimed: what no reader understood.
        lines: path of a fact, such as `protocolSection.statusModule.overallStatus`, to the line
            (from 1) that states it.
    """

    study: RegisteredStudy
    format: RecordFormat
    sha256: str
    criteria: tuple[Criterion, ...]
    related_trials: tuple[RelatedTrial, ...]
    unclaimed: tuple[Unclaimed, ...]
    lines: Mapping[str, int]

    def line_of(self, path: str) -> int | None:
        """Return the line that states the fact at `path`, if the record states it."""
        return self.lines.get(path)

    def as_json(self) -> JsonObject:
        """Return the study as the API writes it, with nothing that the record leaves out."""
        return self.study.as_json()
