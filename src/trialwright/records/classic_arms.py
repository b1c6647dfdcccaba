"""The table of arms and interventions of a classic record page, whose cells run over lines."""

import re
from typing import Any

from trialwright.records import wording
from trialwright.records.page import TABLE_RULE, Page

_ARM = re.compile(rf"^(?P<type>{'|'.join(wording.ARM_TYPE)})\s*: (?P<label>.+)$")
_INTERVENTION = re.compile(rf"^(?P<type>{'|'.join(wording.INTERVENTION_TYPE)})\s*: (?P<name>.+)$")
_OTHER_NAME = re.compile(r"^Other Names?\s*:\s*(?P<name>.*)$")
_END = re.compile(r"^((-|\d+\.) .*\[ ?Time Frame:|.*Outcome Measures\s*:?$|Go to$)")

ARMS = "armsInterventionsModule.armGroups"
INTERVENTIONS = "armsInterventionsModule.interventions"


def read_interventions(page: Page, cell: str, line: int) -> None:
    """Read the interventions of a cell, one a line, such as `Drug: Interleukin-2`."""
    for words in filter(None, (part.strip() for part in cell.split("\n"))):
        found = _INTERVENTION.match(words)
        if not found:
            raise ValueError(words)
        _intervention(page, found, line)


def _intervention(page: Page, found: re.Match[str], line: int) -> dict[str, Any]:
    """Return the intervention of this type and name, added to the page if it is new."""
    kind, name = wording.INTERVENTION_TYPE[found["type"]], found["name"].strip()
    for known in page.get(INTERVENTIONS) or ():
        if (known["type"], known["name"]) == (kind, name):
            return known  # type: ignore[no-any-return]  # facts are JSON
    added: dict[str, Any] = {"type": kind, "name": name}
    page.append(INTERVENTIONS, added, line=line)
    return added


def read_arms(page: Page, _: re.Match[str]) -> None:
    """Read the rows: an arm's cell ends with a bar, then its interventions' cell does too.

    An empty cell of interventions leaves no trace in the saved text, so an arm may follow an arm.
    """
    page.at += 1
    while TABLE_RULE.match(page.line):
        page.at += 1
    while not page.done and not _END.match(page.line):
        if not page.line:
            page.at += 1
            continue
        if not (found := _ARM.match(page.line.rstrip("| "))):
            return
        arm = _read_arm_cell(page, found)
        _read_intervention_cell(page, arm)


def _read_arm_cell(page: Page, found: re.Match[str]) -> dict[str, Any]:
    arm: dict[str, Any] = {"label": found["label"].strip()}
    arm["type"] = wording.ARM_TYPE[found["type"]]
    page.append(ARMS, arm)
    description: list[str] = []
    closed = page.take().endswith("|")
    while not closed and not page.done:
        line = page.take()
        closed = line.endswith("|")
        description.append(line.rstrip("| "))
    if text := "\n".join(description).strip():
        arm["description"] = text
    return arm


def _read_intervention_cell(page: Page, arm: dict[str, Any]) -> None:
    current: dict[str, Any] | None = None
    naming = closed = False
    while not closed and not page.done and not _END.match(page.line):
        line = page.line.rstrip("| ")
        if found := _INTERVENTION.match(line):
            current, naming = _intervention(page, found, page.at + 1), False
            current.setdefault("armGroupLabels", []).append(arm["label"])
            arm.setdefault("interventionNames", []).append(f"{found['type']}: {current['name']}")
        elif current is None:
            return  # the cell was empty: this line starts the next row
        elif other := _OTHER_NAME.match(line):
            naming = True
            _add_name(current, other["name"])
        elif naming and line:
            _add_name(current, line.removeprefix("- "))
        elif line and line not in current.get("description", ""):
            text = [current["description"], line] if "description" in current else [line]
            current["description"] = "\n".join(text)
        closed = page.take().endswith("|")


def _add_name(intervention: dict[str, Any], name: str) -> None:
    names = intervention.setdefault("otherNames", [])
    if name and name not in names:
        names.append(name)
