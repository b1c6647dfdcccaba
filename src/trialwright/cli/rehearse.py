"""`trialwright rehearse`: one whole trial on virtual participants, to the final report."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from trialwright.cli.steps import step
from trialwright.errors import UnusableInputError
from trialwright.files import whole_directory

if TYPE_CHECKING:
    from trialwright.protocol import LoadedStudy

WRITTEN: Final = {"report.html", "results.json", "data"}


def rehearse(
    study: Annotated[Path, typer.Argument(help="The study file.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same trial.")] = 1,
    scenario: Annotated[
        str, typer.Option(help="What the treatment does to virtual participants.")
    ] = "emax",
    out: Annotated[
        Path | None, typer.Option(help="Directory to write; out/<study> if left away.")
    ] = None,
    reading: Annotated[
        str | None, typer.Option(help="The reading of the study; its default if left away.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, help="With 2, the renderer starts beside the simulation.")
    ] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Simulate a trial, analyze it, and write its report, results and data.

    Writes report.html, results.json and data/*.parquet. The same study, seed and scenario give the
    same results and data, byte for byte, on any number of workers.

    Example: `trialwright rehearse studies/il2-sle-dose-finding/study.yaml --seed 7 --scenario emax`
    """
    from trialwright.report.figures.style import warm_up

    with ThreadPoolExecutor(1) as second:
        if workers > 1:
            second.submit(warm_up)
        loaded, target, found = _run(study, reading, seed, scenario, out)
    report = target / "report.html"
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "study": loaded.study.id,
                    "reading": loaded.reading,
                    "seed": seed,
                    "scenario": scenario,
                    "finding": found[0],
                    "comparisons": found[1:],
                    "report": str(report),
                    "results": str(target / "results.json"),
                },
                indent=2,
                ensure_ascii=False,
            )
        )
        return
    typer.echo(f"{loaded.study.identity.title}")
    typer.echo(f"Virtual participants, scenario {scenario}, seed {seed}.")
    typer.echo(found[0])
    for sentence in found[1:]:
        typer.echo(f"  {sentence}")
    typer.echo(f"report: {report}")


def _refuse_foreign_files(target: Path) -> None:
    """The directory is replaced as a whole, so it may hold nothing but an earlier rehearsal."""
    if not target.exists():
        return
    strangers = {target.name} if target.is_file() else {p.name for p in target.iterdir()} - WRITTEN
    if strangers:
        raise UnusableInputError(
            f"{min(strangers)!r} is there, and a rehearsal would replace it",
            where=str(target),
            remedy="name a directory of its own with --out",
        )


def _run(
    path: Path,
    reading: str | None,
    seed: int,
    scenario: str,
    out: Path | None,
) -> tuple["LoadedStudy", Path, list[str]]:
    """Simulate, analyze, draw and write; the study, the directory, and the primary findings."""
    from trialwright.protocol import load_study
    from trialwright.simulation import scenario as scenario_of
    from trialwright.simulation import simulate
    from trialwright.trialdata import Origin, write_data, write_origin

    loaded = load_study(path, reading)
    target = out or Path("out") / loaded.study.id
    _refuse_foreign_files(target)
    title = scenario_of(scenario).title
    origin = Origin(
        study_sha256=loaded.sha256, reading=loaded.reading, seed=seed, scenario=scenario
    )
    with step(f"Simulating {loaded.study.design.enrollment.count} participants"):
        data = simulate(loaded.study, scenario, seed)
    with step("Analyzing and drawing the report"):
        from trialwright.analysis import analyze
        from trialwright.cli.outputs import results_document, versions
        from trialwright.report import Provenance, findings, render

        results = analyze(loaded.study, data)
        provenance = Provenance(
            study_sha256=loaded.sha256,
            record_sha256=loaded.record_sha256,
            reading=loaded.reading,
            seed=seed,
            scenario=scenario,
            scenario_title=title,
            versions=versions(),
            command=_command(loaded, path, seed, scenario),
        )
        page = render(loaded.study, results, provenance)
    with whole_directory(target) as directory:
        (directory / "data").mkdir()
        write_data(data, directory / "data")
        write_origin(origin, directory / "data")
        (directory / "results.json").write_text(results_document(loaded, results), "utf-8")
        (directory / "report.html").write_text(page, "utf-8")
    return loaded, target, findings(loaded.study, results.primary())


def _command(loaded: "LoadedStudy", path: Path, seed: int, scenario: str) -> str:
    reading = f" --reading {loaded.reading}" if loaded.reading else ""
    return f"trialwright rehearse {path} --seed {seed} --scenario {scenario}{reading}"
