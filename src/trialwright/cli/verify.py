"""`trialwright verify`: expected numbers of other programs, checked on this installation."""

import dataclasses
import json
import math
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from trialwright.errors import UnusableInputError
from trialwright.verification.cases import read_cases
from trialwright.verification.compare import Figure, Outcome, run_case
from trialwright.verification.methods import METHODS


def verify(
    cases: Annotated[Path, typer.Argument(help="A JSON file of cases.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Compute every case of a file and print each figure: expected, found, relative difference.

    A figure that passes outside its tolerance says why, and the summary counts it apart.
    Exit code 0 if all are within their tolerance, 1 if one is out, 2 if the file or a case in it
    is unusable: an unknown method, a column that the data lack, a figure that no method has.

    Example: `trialwright verify tests/stats/oracles/mmrm.json`
    """
    outcomes = [run_case(case, METHODS) for case in read_cases(cases)]
    console = Console(highlight=False, soft_wrap=True, markup=False)
    if as_json:
        console.out(
            json.dumps([_plain(outcome) for outcome in outcomes], indent=1, allow_nan=False)
        )
    else:
        for outcome in outcomes:
            for line in _lines(outcome):
                console.out(line)
        console.out(_summary(outcomes))
    unusable = [outcome.case for outcome in outcomes if outcome.unusable]
    if unusable:
        raise UnusableInputError(
            f"not computed as written: {', '.join(unusable)}",
            where=str(cases),
            remedy="the lines of the case say what it lacks",
        )
    if any(outcome.out for outcome in outcomes):
        raise typer.Exit(1)


def _plain(outcome: Outcome) -> dict[str, object]:
    return {
        "case": outcome.case,
        "method": outcome.method,
        "tolerance": outcome.tolerance,
        "within": not outcome.out,
        "figures": [
            {name: _plain_value(value) for name, value in dataclasses.asdict(figure).items()}
            for figure in outcome.figures
        ],
    }


def _plain_value(value: object) -> object:
    """As JSON can hold it: infinities as R writes them."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Inf" if value > 0 else "-Inf")
    return value if isinstance(value, str | int | float | None) else str(value)


def _lines(outcome: Outcome) -> list[str]:
    head = f"{outcome.case} ({outcome.method}): {_verdict(outcome)}"
    reasons = {figure.problem for figure in outcome.figures}
    if len(reasons) == 1 and len(outcome.unusable) == len(outcome.figures):
        return [f"{outcome.case} ({outcome.method}): {reasons.pop()}"]
    width = max((len(figure.path) for figure in outcome.figures), default=0)
    return [head, *(_line(figure, width) for figure in outcome.figures)]


def _verdict(outcome: Outcome) -> str:
    count, allowed, out = len(outcome.figures), len(outcome.allowed), len(outcome.out)
    within = "all" if not allowed + out else f"{count - allowed - out} of"
    parts = [f"{within} {count} within {outcome.tolerance:g}"]
    parts += [f"{allowed} allowed as stated"] if allowed else []
    parts += [f"{out} out"] if out else []
    return ", ".join(parts)


def _line(figure: Figure, width: int) -> str:
    difference = "" if figure.difference is None else f"{figure.difference:.1e}"
    return (
        f"  {figure.path:<{width}}  expected {_shown(figure.expected):<20} "
        f"found {_shown(figure.found):<20} {difference:>8}  {figure.problem or figure.allowed}"
    ).rstrip()


def _shown(value: object) -> str:
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _summary(outcomes: list[Outcome]) -> str:
    figures = sum(len(outcome.figures) for outcome in outcomes)
    allowed = sum(len(outcome.allowed) for outcome in outcomes)
    out = sum(len(outcome.out) for outcome in outcomes)
    apart = f", {allowed} outside but allowed as stated" if allowed else ""
    return (
        f"{len(outcomes)} cases, {figures} figures: {figures - allowed - out} within, "
        f"{out} out{apart}"
    )
