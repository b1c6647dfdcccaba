"""`trialwright record`: a registry record for people, or as JSON, with its flaws on request."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from trialwright.records.describe import facts, sections
from trialwright.records.lint import Finding, lint
from trialwright.records.read import read_record
from trialwright.records.record import Record


def record(
    file: Annotated[Path, typer.Argument(help="The record: API v2 JSON or a saved page.")],
    flaws: Annotated[bool, typer.Option("--lint", help="List flaws; exit with 1 if any.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Show a registry record, or what is wrong with it.

    Example: `trialwright record NCT02932137.json --lint`
    """
    read = read_record(file)
    if flaws or as_json:
        _warn_of_unclaimed(read)
    if flaws:
        findings = lint(read, datetime.now(UTC).date())
        if as_json:
            _print_json([asdict(found) for found in findings])
        else:
            _print_findings(findings)
        raise typer.Exit(1 if findings else 0)
    if as_json:
        _print_json(read.as_json())
    else:
        _print_record(read)


def _warn_of_unclaimed(read: Record) -> None:
    """Name on stderr the lines of a page that no reader claimed; JSON keeps its unknown keys."""
    if read.format == "api-v2-json":
        return
    for left in read.unclaimed:
        typer.echo(f"warning: line {left.line} is claimed by no reader: {left.text}", err=True)


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def _print_record(read: Record) -> None:
    names = read.study.protocol_section.identification_module
    _print(names.brief_title or names.official_title or "Untitled")
    _print_rows(list(facts(read)))
    for heading, lines in sections(read):
        _print("")
        _print(heading)
        for line in lines:
            _print("  " if line else "", line)


def _print_findings(findings: tuple[Finding, ...]) -> None:
    for found in findings:
        line = f"line {found.line}" if found.line else ""
        _print(f"{found.code} {found.name}")
        _print_rows(
            [
                ("  where", ", ".join(filter(None, (line, found.section, found.criterion)))),
                ("  says", found.words),
                ("  reading", found.reading),
                ("  because", found.reason),
            ]
        )
        _print("")
    count = len(findings)
    _print("", "1 finding" if count == 1 else f"{count or 'No'} findings")


def _print_rows(rows: list[tuple[str, str]]) -> None:
    width = max(len(label) for label, _ in rows)
    for label, words in rows:
        _print(f"{label.ljust(width)}  ", words)


def _print(label: str, words: str = "") -> None:
    """Print a line: whole in a pipe; on a terminal wrapped, with the words in their column."""
    console = Console(highlight=False)
    if console.is_terminal and label and words:
        grid = Table.grid()
        grid.add_column(no_wrap=True, min_width=len(label), style="bold")
        grid.add_column(overflow="fold")
        grid.add_row(label, Text(words))
        console.print(grid)
    else:
        text = Text.assemble((label, "bold"), words)
        console.print(text, soft_wrap=not console.is_terminal)
