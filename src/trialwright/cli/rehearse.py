"""`trialwright rehearse`: one whole trial on virtual participants, to the final report."""

import json
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from trialwright.cli.steps import step
from trialwright.errors import UnusableInputError
from trialwright.files import whole_directory

if TYPE_CHECKING:
    from trialwright.protocol import LoadedStudy
    from trialwright.trialdata import Origin, TrialData

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
        int, typer.Option(min=1, help="With 2, a second process gets ready to analyze and draw.")
    ] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Simulate a trial, analyze it, and write its report, results and data.

    Writes report.html, results.json and data/*.parquet. The same study, seed and scenario give the
    same results and data, byte for byte, on any number of workers.

    Example: `trialwright rehearse studies/il2-sle-dose-finding/study.yaml --seed 7 --scenario emax`
    """
    if workers == 1:
        loaded, target, found = _run(study, reading, seed, scenario, out, analyze_and_draw)
    else:
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            pool.submit(get_ready)
            loaded, target, found = _run(
                study,
                reading,
                seed,
                scenario,
                out,
                lambda *given: pool.submit(analyze_and_draw, *given).result(),
            )
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


def get_ready() -> None:
    """Load what analyzing and drawing need, while another process simulates."""
    import_module("trialwright.analysis")
    import_module("trialwright.report.figures.style").warm_up()


@dataclass(frozen=True, slots=True)
class Concluded:
    """What comes of a trial's data: the two files, and the findings in sentences."""

    document: str
    page: str
    findings: list[str]


def analyze_and_draw(
    loaded: "LoadedStudy", data: "TrialData", origin: "Origin", scenario_title: str, command: str
) -> Concluded:
    """From a trial's data to its results and report."""
    from trialwright.analysis import analyze
    from trialwright.cli.outputs import results_document, versions
    from trialwright.report import Provenance, findings, render

    results = analyze(loaded.study, data)
    provenance = Provenance(
        study_sha256=loaded.sha256,
        record_sha256=loaded.record_sha256,
        reading=loaded.reading,
        seed=origin.seed,
        scenario=origin.scenario,
        scenario_title=scenario_title,
        versions=versions(),
        command=command,
    )
    return Concluded(
        document=results_document(loaded, results),
        page=render(loaded.study, results, provenance),
        findings=findings(loaded.study, results.primary()),
    )


def _run(
    path: Path,
    reading: str | None,
    seed: int,
    scenario: str,
    out: Path | None,
    conclude: Callable[["LoadedStudy", "TrialData", "Origin", str, str], Concluded],
) -> tuple["LoadedStudy", Path, list[str]]:
    """Simulate, analyze and write; the study, the directory, and the primary findings."""
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
        command = _command(loaded, path, seed, scenario)
        concluded = conclude(loaded, data, origin, title, command)
    with whole_directory(target) as directory:
        (directory / "data").mkdir()
        write_data(data, directory / "data")
        write_origin(origin, directory / "data")
        (directory / "results.json").write_text(concluded.document, "utf-8")
        (directory / "report.html").write_text(concluded.page, "utf-8")
    return loaded, target, concluded.findings


def _command(loaded: "LoadedStudy", path: Path, seed: int, scenario: str) -> str:
    reading = f" --reading {loaded.reading}" if loaded.reading else ""
    return f"trialwright rehearse {path} --seed {seed} --scenario {scenario}{reading}"
