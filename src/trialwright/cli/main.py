"""The program `trialwright`: its verbs and how an error ends it."""

import os
import sys
from importlib import import_module
from typing import Final

import typer
from rich.console import Console

from trialwright.errors import UnusableInputError

VERBS: Final = ("record", "check", "screen", "score", "randomize", "rehearse", "analyze", "verify")
"""Each verb is the function of its name in the module of its name, in the order of a trial."""


def run() -> None:
    """Run the program: exit code 0 fine, 1 findings, 2 unusable input."""
    # The matrices of a trial are small: threads would wait for each other. See stats/threads.py.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(run_words(sys.argv[1:]))


def run_words(words: list[str]) -> int:
    """Run the program with these words and return its exit code."""
    try:
        _program(words)(words, prog_name="trialwright")
    except SystemExit as end:  # the way in which Typer ends, well or not
        return end.code if isinstance(end.code, int) else 0
    except UnusableInputError as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(f"error: {error}", markup=False)
        return 2
    return 0


def _program(words: list[str]) -> typer.Typer:
    """The program with the verb that the words ask for, or with all of them for its help.

    Only what is asked for is imported: help in a blink, `check` without the statistics.
    """
    app = typer.Typer(
        help="Run a lupus trial from one protocol file.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="markdown",
        pretty_exceptions_enable=False,
    )
    app.callback()(_version)
    for verb in VERBS if not set(words[:1]) & set(VERBS) else words[:1]:
        app.command(verb)(getattr(import_module(f"trialwright.cli.{verb}"), verb))
    return app


def _version() -> None:
    """Run a lupus trial from one protocol file."""
