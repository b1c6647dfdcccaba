"""Changes of a study, or of its record, at one place."""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from trialwright.protocol import Finding, Study
from trialwright.records.compare import compare
from trialwright.records.read import read_content

SAMPLES = Path(__file__).parents[1] / "samples"
RECORD = json.loads((SAMPLES / "study.json").read_text("utf-8"))


def replaced(node: Any, path: str, value: object) -> Any:
    """A copy of JSON or of a model with the value at a path; in JSON None removes."""
    head, _, rest = path.partition(".")
    if isinstance(node, tuple | list):
        at = int(head)
        kept = [replaced(node[at], rest, value)] if rest else [value] * (value is not None)
        return type(node)((*node[:at], *kept, *node[at + 1 :]))
    if isinstance(node, dict):
        kept = {key: inner for key, inner in node.items() if key != head}
        if rest:
            return {**kept, head: replaced(node[head], rest, value)}
        return kept if value is None else {**kept, head: value}
    assert isinstance(node, BaseModel)
    assert head in type(node).model_fields
    new = replaced(getattr(node, head), rest, value) if rest else value
    return node.model_copy(update={head: new})


def against(study: Study, changes: dict[str, Any]) -> list[Finding]:
    """Compare with the record, changed below its protocol section."""
    document = RECORD
    for path, value in changes.items():
        document = replaced(document, f"protocolSection.{path}", value)
    return compare(study, read_content(json.dumps(document).encode()))
