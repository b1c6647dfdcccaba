"""`trialwright check`: what a study contradicts, leaves out, or cannot compute."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from trialwright.protocol import Finding, LoadedStudy, load_study
from trialwright.protocol.checks import check_study, unanswered
from trialwright.records.compare import compare
from trialwright.records.read import read_record
from trialwright.records.record import Record


def check(
    study: Annotated[Path, typer.Argument(help="The study file.")],
    record: Annotated[
        Path | None, typer.Option(help="A registry record to hold the study against.")
    ] = None,
    reading: Annotated[
        str | None, typer.Option(help="The reading to check; all of them if left away.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """List what a study contradicts, leaves out or cannot compute; exit with 1 if anything.

    Example: `trialwright check studies/il2-sle-dose-finding/study.yaml`
    """
    registered = read_record(record) if record else None
    first = load_study(study, reading, gaps_allowed=True)
    names = [first.reading] if reading or not first.study.readings else list(first.study.readings)
    loaded = [load_study(study, name, gaps_allowed=True) for name in names]
    findings = {each.reading: _open_findings(each, registered) for each in loaded}
    if as_json:
        rows = [
            {"reading": name, "name": finding.name, **asdict(finding)}
            for name, found in findings.items()
            for finding in found
        ]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        for each in loaded:
            _print(each, findings[each.reading])
    raise typer.Exit(1 if any(findings.values()) else 0)


def _open_findings(loaded: LoadedStudy, record: Record | None) -> list[Finding]:
    findings = check_study(loaded.study)
    if record is None:
        return list(unanswered(loaded.study, findings))
    findings += compare(loaded.study, record)
    return list(unanswered(loaded.study, findings, families=("TWP", "TWC")))


def _print(loaded: LoadedStudy, findings: list[Finding]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    title = loaded.study.id + (f", reading {loaded.reading}" if loaded.reading else "")
    answered = len(loaded.study.answers)
    answers = f", {answered} answered in the study" if answered else ""
    console.print(f"{title}: {len(findings)} findings{answers}", style="bold", markup=False)
    for finding in findings:
        console.print(f"  {finding.name}: {finding.message}", markup=False)
        if finding.remedy:
            console.print(f"    {finding.remedy}", style="dim", markup=False)
