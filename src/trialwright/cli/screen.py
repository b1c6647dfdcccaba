"""`trialwright screen`: who is eligible, why, and what to collect next."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import polars as pl
import typer
from rich.console import Console
from rich.progress import track

from trialwright.protocol import Study, load_study
from trialwright.protocol.eligibility import Screening
from trialwright.protocol.eligibility import screen as judge
from trialwright.protocol.participants import read_participants

_WORDS: Final = {"eligible": "eligible", "ineligible": "ineligible", "unknown": "undecided"}
_SLICE: Final = 500  # participants; half a second or so


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
    day = on.date() if on else dt.date.today()
    screening = (
        judge(loaded, table, day, reasons=False) if brief else _explained(loaded, table, day)
    )
    people = _people(loaded, screening)
    if as_json:
        typer.echo(json.dumps(people, indent=2, ensure_ascii=False))
    else:
        _print(people)
    raise typer.Exit(0 if (screening.eligibility["eligibility"] == "eligible").all() else 1)


def _explained(study: Study, table: pl.DataFrame, day: dt.date) -> Screening:
    """The screening with reasons, slice by slice, so that a long one shows its progress."""
    slices = track(
        list(table.iter_slices(_SLICE)),
        "Screening",
        console=Console(stderr=True),
        transient=True,
        disable=len(table) <= _SLICE,
    )
    parts = [judge(study, part, day) for part in slices]
    return Screening(
        pl.concat(part.criteria for part in parts),
        pl.concat(part.eligibility for part in parts),
        pl.concat(part.to_collect for part in parts),
    )


def _people(study: Study, screening: Screening) -> list[dict[str, Any]]:
    """Each participant with eligibility, criteria and what to collect, as plain values.

    `criteria` is left out if the screening gave no reasons.
    """
    kinds = {criterion.id: criterion.kind for criterion in study.criteria}
    unwanted = {id_: "not met" if kind == "inclusion" else "met" for id_, kind in kinds.items()}
    failed = _lists(
        screening.criteria.filter(
            pl.col("verdict").cast(pl.String)
            == pl.col("criterion").replace_strict(unwanted, return_dtype=pl.String)
        ),
        "criterion",
    )
    explained = screening.criteria.drop_nulls("reason").with_columns(
        kind=pl.col("criterion").replace_strict(kinds, return_dtype=pl.String)
    )
    criteria = explained.join(
        screening.to_collect.group_by("participant", "criterion", maintain_order=True).agg(
            collect="item"
        ),
        on=["participant", "criterion"], how="left", maintain_order="left",
    ).with_columns(pl.col("collect").fill_null([]))  # fmt: skip
    rows = _lists(
        criteria.with_columns(each=pl.struct("criterion", "kind", "verdict", "reason", "collect")),
        "each",
    )
    return [
        {
            "participant": participant,
            "eligibility": eligibility,
            "assessed_on": str(assessed_on),
            "failed": failed.get(participant, []),
        }
        | ({"criteria": rows[participant]} if participant in rows else {})
        for participant, eligibility, assessed_on in screening.eligibility.iter_rows()
    ]


def _lists(table: pl.DataFrame, column: str) -> dict[str, list[Any]]:
    """The values of a column by participant."""
    return dict(table.group_by("participant", maintain_order=True).agg(column).iter_rows())


def _print(people: list[dict[str, Any]]) -> None:
    lines = [line for person in people for line in _told(person)]
    counts = Counter(person["eligibility"] for person in people)
    parts = ", ".join(f"{counts[word]} {told}" for word, told in _WORDS.items())
    lines.append((f"{len(people)} screened: {parts}", "bold"))
    console = Console(highlight=False)
    if not console.is_terminal:
        typer.echo("\n".join(words for words, _ in lines))
        return
    for words, style in lines:
        console.print(words, style=style, markup=False)


def _told(person: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The lines about one participant, each with its style."""
    because = f": {', '.join(person['failed'])}" if person["failed"] else ""
    yield f"{person['participant']} is {_WORDS[person['eligibility']]}{because}", "bold"
    wanted: dict[str, None] = {}
    for each in person.get("criteria", ()):
        wanted |= dict.fromkeys(each["collect"])
        style = "yellow" if each["verdict"] == "unknown" else ""
        style = "red" if each["criterion"] in person["failed"] else style
        yield f"  {each['criterion']:<4}{each['verdict']:<8} {each['reason']}", style
    if wanted and person["eligibility"] == "unknown":
        yield f"  collect next: {', '.join(wanted)}", ""
