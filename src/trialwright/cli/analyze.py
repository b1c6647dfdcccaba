"""`trialwright analyze`: the analysis of a trial's data, as its study says."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trialwright.cli.steps import step
from trialwright.errors import UnusableInputError
from trialwright.files import whole_file
from trialwright.protocol import LoadedStudy, load_study

if TYPE_CHECKING:
    from trialwright.report import Provenance


def analyze(
    study: Annotated[Path, typer.Argument(help="The study file.")],
    data: Annotated[Path, typer.Argument(help="The directory of the trial's tables.")],
    out: Annotated[
        Path | None, typer.Option(help="Directory to write results.json and report.html into.")
    ] = None,
    reading: Annotated[
        str | None,
        typer.Option(help="The reading of the study; that of the data, or its default."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
) -> None:
    """Analyze the data of a trial, of virtual or real participants.

    The tables are Parquet or CSV files of the names that a rehearsal writes. The data of a
    rehearsal give the same results.json, byte for byte.

    Example: `trialwright analyze studies/il2-sle-infection/study.yaml out/il2-sle-infection/data`
    """
    from trialwright.analysis import analyze as analyzed
    from trialwright.cli.outputs import results_document
    from trialwright.report.wording import findings
    from trialwright.trialdata import read_data, read_origin

    origin = read_origin(data)
    loaded = load_study(study, reading or (origin.reading if origin else None))
    tables = read_data(data)
    with step("Analyzing"):
        results = analyzed(loaded.study, tables)
    document = results_document(loaded, results)
    if out:
        from trialwright.report import render

        _refuse_file(out)
        with step("Drawing the report"):
            page = render(loaded.study, results, _provenance(loaded, study, data))
        with whole_file(out / "report.html") as report, whole_file(out / "results.json") as numbers:
            for path, text in ((report, page), (numbers, document)):
                path.write_text(text, "utf-8")
                path.chmod(0o644)
    if as_json:
        typer.echo(document, nl=False)
        return
    typer.echo(loaded.study.identity.title)
    if origin:
        typer.echo(f"Virtual participants, scenario {origin.scenario}, seed {origin.seed}.")
    found = findings(loaded.study, results.primary())
    typer.echo(found[0])
    for sentence in found[1:]:
        typer.echo(f"  {sentence}")
    if out:
        typer.echo(f"report: {out / 'report.html'}")


def _refuse_file(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise UnusableInputError(
            "this is a file", where=str(out), remedy="name a directory with --out"
        )


def _provenance(loaded: LoadedStudy, study: Path, data: Path) -> "Provenance":
    from trialwright.cli.outputs import versions
    from trialwright.report import Provenance
    from trialwright.simulation import scenario
    from trialwright.trialdata import read_origin

    origin = read_origin(data)
    reading = f" --reading {loaded.reading}" if loaded.reading else ""
    return Provenance(
        study_sha256=loaded.sha256,
        record_sha256=loaded.record_sha256,
        reading=loaded.reading,
        seed=origin.seed if origin else None,
        scenario=origin.scenario if origin else None,
        scenario_title=scenario(origin.scenario).title if origin else None,
        versions=versions(),
        command=f"trialwright analyze {study} {data}{reading}",
    )
