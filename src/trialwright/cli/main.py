"""The program `trialwright`: its verbs and how an error ends it."""

import sys

import typer
from rich.console import Console

from trialwright.cli import score
from trialwright.errors import UnusableInputError

app = typer.Typer(
    help="Run a lupus trial from one protocol file.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)


def run() -> None:
    """Run the program: exit code 0 fine, 1 findings, 2 unusable input."""
    try:
        app()
    except UnusableInputError as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(
            f"error: {error}", markup=False
        )
        sys.exit(2)
