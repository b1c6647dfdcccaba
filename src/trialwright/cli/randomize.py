"""`trialwright randomize`: the allocation list of a study, from a seed."""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from trialwright.protocol import load_study
from trialwright.protocol.scheme import randomization_scheme
from trialwright.randomization import allocation_list, write_list

KEEP_APART = (
    "Keep the list and the seed apart from the study, with those who may know the allocations: "
    "whoever sees them can foretell the next one."
)


def randomize(
    study: Annotated[Path, typer.Argument(help="The study file.")],
    seed: Annotated[int, typer.Option(min=0, help="A number that nobody can guess.")],
    out: Annotated[
        Path | None, typer.Option(help="CSV file to write; its hash goes beside it.")
    ] = None,
    reading: Annotated[
        str | None, typer.Option(help="The reading of the study; its default if left away.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Make the allocation list; the same study and seed always give the same list.

    Example: `trialwright randomize studies/il2-sle-dose-finding/study.yaml --seed 7 --out list.csv`
    """
    loaded = load_study(study, reading)
    scheme = randomization_scheme(loaded.study)
    allocations = allocation_list(scheme, seed)
    if out:
        write_list(allocations, out)
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "study": loaded.study.id,
                    "study_sha256": loaded.sha256,
                    "reading": loaded.reading,
                    "sha256": allocations.sha256,
                    "file": str(out) if out else None,
                    "rows": None if out else allocations.rows.to_dicts(),
                },
                indent=2,
                ensure_ascii=False,
            )
        )
        return
    if not out:
        typer.echo(allocations.canonical_form().decode(), nl=False)
        typer.echo(f"sha256 {allocations.sha256}", err=True)
        typer.echo(KEEP_APART, err=True)
        return
    rows = Counter(allocations.rows["stratum"])
    shared = ", ".join(f"{share} × {arm}" for arm, share in scheme.arms.items())
    typer.echo(f"{out}: {allocations.rows.height} rows, blocks of {_sizes(scheme.block_sizes)}")
    typer.echo(f"  each block holds, once or several times, {shared}")
    for stratum, count in rows.items():
        typer.echo(f"  {stratum}: {count} rows")
    typer.echo(f"sha256 {allocations.sha256} (also in {out.name}.sha256)")
    typer.echo(KEEP_APART)


def _sizes(sizes: tuple[int, ...]) -> str:
    return " or ".join(str(size) for size in sorted(sizes))
