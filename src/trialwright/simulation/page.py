"""The reference page of scenarios and parameters, written from the data that the simulator reads.

`python -m trialwright.simulation.page > docs/reference/scenarios.md` writes it anew.
"""

import sys
from collections.abc import Iterator
from typing import Any

from trialwright.simulation.manifestations import manifestations
from trialwright.simulation.measures import measures
from trialwright.simulation.parameters import parameters, read_data
from trialwright.simulation.safety import events
from trialwright.simulation.scenarios import scenarios

INTRODUCTION = """\
# Scenarios and virtual participants

`trialwright rehearse STUDY --scenario NAME` runs a whole trial on virtual participants. A
scenario says what interleukin-2 does to them; everything else is the same in all scenarios. No
scenario is a forecast: the effect of the doses of these trials on lupus is not known.

A participant's manifestations wander around levels of their own. Those above a threshold are
active, and SLEDAI and BILAG items, laboratory values, the global assessment, prednisone, rescue
and leaving all follow from them, so that they never contradict each other. Standard care and
treatment lower the levels. Selecting those with a SLEDAI of 8 or more makes later scores fall by
itself, as in any trial.

This page is written from the data that the simulator reads, and a test compares the two.

## Scenarios

`clinical` is the full effect on disease activity in standard deviations of the latent level,
`infection` the logarithm of the ratio of infection rates at full effect, `immune` the share of
the full change of lymphocyte subsets. The columns by dose are shares of the full effect at that
dose, in million units an injection.
"""


def scenarios_page() -> str:
    """The page in Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield INTRODUCTION
    doses = (0.2, 0.5, 1.0)
    yield from _table(
        ["scenario", "what is assumed", "clinical", "infection", "immune", *map(str, doses)],
        [
            [
                f"`{each.name}`",
                each.title,
                each.clinical,
                each.infection,
                each.immune,
                *(f"{share:.2f}" for share in each.share(doses)),
            ]
            for each in scenarios().values()
        ],
    )
    for each in scenarios().values():
        yield f"- `{each.name}`: {_origin(each.source, each.reason)}"
    yield "\n## Parameters\n"
    yield from _table(
        ["parameter", "value", "unit", "where from"],
        [
            [f"`{name}`", _value(p.value), p.unit, _origin(p.source, p.reason)]
            for name, p in parameters().items()
        ],
    )
    yield "\n## Manifestations\n"
    for name, entry in read_data("manifestations.yaml")["columns"].items():
        origin = _origin(entry["source"], entry.get("reason", ""))
        yield f"- {name}: {entry['unit']}. {origin}"
    yield ""
    yield from _table(
        ["manifestation", "domain", "prevalence", "response", "SLEDAI item", "BILAG items"],
        [
            [m.key, m.domain, m.prevalence, m.response, m.sledai or "–", _value(m.bilag)]
            for m in manifestations()
        ],
    )
    yield "\n## Measures\n"
    yield from _table(
        ["measure", "unit", "at or around", "spread", "interleukin-2", "where from"],
        [
            [
                m.key,
                m.unit,
                f"{m.limit} where {m.manifestation} begins" if m.kind == "tied" else m.median,
                m.slope if m.kind == "tied" else m.log_sd,
                f"×{2.718281828459045**m.immune:.2f}" if m.immune else "–",
                _origin(m.source, m.reason),
            ]
            for m in measures().values()
        ],
    )
    yield "\n## Adverse events\n"
    yield "Per participant-year at prednisone below 7.5 mg a day and without an antimalarial.\n"
    yield from _table(
        ["event", "category", "rate", "added per MIU", "where from"],
        [
            [e.term, e.category, e.rate, e.per_dose or "–", _origin(e.source, e.reason)]
            for e in events()
        ],
    )
    yield "\n## Asked once\n"
    yield from _table(
        ["item", "answer", "where from"],
        [
            [f"`{name}`", _answer(entry), _origin(entry.get("source", ""), entry.get("reason", ""))]
            for name, entry in read_data("facts.yaml").items()
        ],
    )


def _table(header: list[str], rows: list[list[Any]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"|{'---|' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(str(cell).strip() for cell in row)} |"
    yield ""


def _origin(source: str, reason: str) -> str:
    """Source, then what is assumed and why."""
    assumed = f"Assumed: {reason}" if reason else ""
    return " ".join(part.strip() for part in (source and f"{source.strip()}.", assumed) if part)


def _value(value: Any) -> str:
    if hasattr(value, "items"):
        return ", ".join(f"{name} {share}" for name, share in value.items()) or "–"
    return str(value)


def _answer(entry: Any) -> str:
    shown = ("share", "shares", "mean", "sd", "median", "log_sd", "any", "when")
    parts = (f"{name} {_value(entry[name])}" for name in shown if name in entry)
    return f"{entry['kind']}: {'; '.join(parts)}"


if __name__ == "__main__":
    sys.stdout.write(scenarios_page())
