"""`trialwright screen`: who is eligible, why, and what to collect next."""

import datetime as dt
import json
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.console import Console

from trialwright.protocol import Study, load_study
from trialwright.protocol.eligibility import Screening
from trialwright.protocol.eligibility import screen as judge
from trialwright.protocol.participants import read_participants


def screen(
    study: Annotated[Path, typer.Argument(help="The study file.")],
    participants: Annotated[Path, typer.Argument(help="CSV, one row per participant.")],
    on: Annotated[
        dt.datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="The day of assessment where no screening_date is given; today if left away.",
        ),
    ] = None,
    reading: Annotated[str | None, typer.Option(help="The reading of the study to take.")] = None,
    brief: Annotated[
        bool, typer.Option("--brief", help="Eligibility only, without criteria and reasons.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Tell who is eligible, by which criteria and why, and what to collect next.

    The file has the column `participant` and a column per item; beside an item may stand
    `<item>_date`, `<item>_source`, `<item>_lower_limit` and `<item>_upper_limit`. An empty cell
    is not known. Exits with 1 unless every participant is eligible.

    Example: `trialwright screen studies/il2-sle-dose-finding/study.yaml participants.csv`
    """
    loaded = load_study(study, reading).study
    table = read_participants(participants, loaded)
    day = on.date() if on else dt.datetime.now(dt.UTC).date()
    screening = judge(loaded, table, day, reasons=not brief)
    people = _people(loaded, screening)
    if as_json:
        typer.echo(json.dumps(people, indent=2, ensure_ascii=False))
    else:
        _print(people, screening.eligibility)
    raise typer.Exit(0 if (screening.eligibility["eligibility"] == "eligible").all() else 1)


def _people(study: Study, screening: Screening) -> list[dict[str, Any]]:
    """Each participant with eligibility, criteria and what to collect, as plain values."""
    kinds = {criterion.id: criterion.kind for criterion in study.criteria}
    collect: dict[tuple[str, str], list[str]] = {}
    for participant, criterion, item in screening.to_collect.iter_rows():
        collect.setdefault((participant, criterion), []).append(item)
    people = []
    rows = screening.criteria.iter_rows()
    for participant, eligibility, assessed_on in screening.eligibility.iter_rows():
        criteria = []
        for id_ in kinds:
            _, _, verdict, reason, _ = next(rows)
            criteria.append(
                {
                    "criterion": id_,
                    "kind": kinds[id_],
                    "verdict": verdict,
                    "reason": reason,
                    "collect": collect.get((participant, id_), []),
                }
            )
        people.append(
            {
                "participant": participant,
                "eligibility": eligibility,
                "assessed_on": str(assessed_on),
                "failed": [each["criterion"] for each in criteria if _fails(each)],
                "criteria": criteria,
            }
        )
    return people


def _fails(criterion: dict[str, Any]) -> bool:
    unwanted = "not met" if criterion["kind"] == "inclusion" else "met"
    return bool(criterion["verdict"] == unwanted)


def _print(people: list[dict[str, Any]], eligibility: pl.DataFrame) -> None:
    console = Console(highlight=False)
    soft = not console.is_terminal
    for person in people:
        because = f": {', '.join(person['failed'])}" if person["failed"] else ""
        console.print(
            f"{person['participant']} is {_WORDS[person['eligibility']]}{because}",
            style="bold", markup=False, soft_wrap=soft,
        )  # fmt: skip
        for each in person["criteria"]:
            if each["reason"] is None:
                continue
            console.print(
                f"  {each['criterion']:<4}{each['verdict']:<8} {each['reason']}",
                style="red" if _fails(each) else "yellow" if each["verdict"] == "unknown" else "",
                markup=False, soft_wrap=soft,
            )  # fmt: skip
        wanted = dict.fromkeys(item for each in person["criteria"] for item in each["collect"])
        if wanted and person["eligibility"] == "unknown":
            console.print(f"  collect next: {', '.join(wanted)}", markup=False, soft_wrap=soft)
    counts = dict(eligibility["eligibility"].value_counts().iter_rows())
    parts = ", ".join(f"{counts.get(word, 0)} {_WORDS[word]}" for word in _WORDS)
    console.print(f"{len(people)} screened: {parts}", style="bold", markup=False, soft_wrap=soft)


_WORDS = {
    "eligible": "eligible",
    "ineligible": "ineligible",
    "unknown": "undecided",
}
