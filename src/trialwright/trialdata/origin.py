"""Where the data of a directory come from: a file beside the tables that no table can hold."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from trialwright.errors import UnusableInputError

NAME: Final = "origin.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """How virtual participants were made. Data of a real trial have no such file.

    Attributes:
        study_sha256: of the study file's text that was simulated.
        reading: of the study, where it offers several.
        seed, scenario: the arguments of the simulation.
    """

    study_sha256: str
    reading: str | None
    seed: int
    scenario: str


def write_origin(origin: Origin, directory: Path) -> None:
    """Write the origin beside the tables."""
    text = json.dumps(asdict(origin), sort_keys=True, indent=1)
    (directory / NAME).write_text(text + "\n", encoding="utf-8")


def read_origin(directory: Path) -> Origin | None:
    """The origin of a directory's data; None if it has none, as data of a real trial.

    Raises:
        UnusableInputError: the file is there and cannot be read.
    """
    path = directory / NAME
    if not path.exists():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        origin = Origin(**found)
        if not isinstance(origin.seed, int) or not isinstance(origin.scenario, str):
            raise TypeError("seed or scenario")
    except (OSError, ValueError, TypeError) as error:
        raise UnusableInputError(
            "the origin of these data cannot be read",
            where=str(path),
            remedy="restore the file; do not delete it, for it says that participants are virtual",
        ) from error
    return origin
