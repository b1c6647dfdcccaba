"""What a page is made of: sections of blocks, each with text, figures, tables and notes."""

from dataclasses import dataclass

from trialwright.report.svg import Figure

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table; its first column names the row, and a row of one cell heads those after it."""

    caption: str
    headers: Row
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A part of a section."""

    title: str = ""
    paragraphs: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section of the page, with the id that the table of contents links to."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    lead: str = ""
