"""Medical Subject Headings that a page shows without marks between them."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from trialwright.records.page import Page


@dataclass(frozen=True)
class MeshTerm:
    """A heading and the branch of the register that it is shown under."""

    term: str
    branch: Literal["condition", "intervention"]


@cache
def _vocabulary() -> tuple[MeshTerm, ...]:
    """Return the known headings, the longest first, so that a part never hides the whole."""
    text = files("trialwright.records").joinpath("mesh.json").read_text("utf-8")
    terms = (MeshTerm(entry["term"], entry["branch"]) for entry in json.loads(text)["headings"])
    return tuple(sorted(terms, key=lambda known: (-len(known.term), known.term)))


def split_mesh(words: str) -> tuple[MeshTerm, ...] | None:
    """Return the headings that the words consist of, or None if they hold anything else."""
    found: list[MeshTerm] = []
    rest = words.strip()
    while rest:
        for known in _vocabulary():
            if rest == known.term or rest.startswith(known.term + " "):
                found.append(known)
                rest = rest[len(known.term) :].lstrip()
                break
        else:
            return None
    return tuple(found)


def file_under_mesh(page: Page, terms: tuple[MeshTerm, ...]) -> None:
    """Put headings that name a condition or an intervention apart from their ancestors."""
    arms = page.get("armsInterventionsModule.interventions") or []
    names = {
        "condition": [_words(name) for name in page.get("conditionsModule.conditions") or []],
        "intervention": [_words(entry["name"]) for entry in arms],
    }
    for term in terms:
        own = _words(term.term) in names[term.branch]
        path = f"/derivedSection.{term.branch}BrowseModule.{'meshes' if own else 'ancestors'}"
        page.append(path, {"term": term.term})


def _words(name: str) -> frozenset[str]:
    """Return the words of a name, so that inverted headings equal plain names."""
    return frozenset(name.lower().replace(",", " ").split())
