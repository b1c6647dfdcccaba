"""The reference page of each instrument, written from its items, rules, facts and first case.

`python -m trialwright.sle.pages docs/reference/instruments` writes them; a test holds the committed
pages equal to what this module says.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from trialwright.files import whole_file
from trialwright.sle.cases import Case, cases, read_yaml
from trialwright.sle.instrument import Instrument, Item
from trialwright.sle.library import INSTRUMENTS


def pages() -> dict[str, str]:
    """File name to text: a page for each instrument, and the index."""
    written = {f"{key}.md": page(instrument) for key, instrument in INSTRUMENTS.items()}
    return {"index.md": _index(), **written}


def page(instrument: Instrument) -> str:
    """What an instrument measures, its items, rules, policies, facts, and an example."""
    sections = [
        f"# {instrument.title}",
        f"`{instrument.key}` · {instrument.version}",
        instrument.measures,
        "## Scores",
        _table(("column", "what it holds"), [(f"`{k}`", v) for k, v in instrument.columns.items()]),
        "## Rules",
        _bullets(instrument.rules),
        "## What was not assessed",
        _bullets(instrument.missing),
        *_options(instrument),
        "## Items",
        _items(instrument.items),
        *_raw(instrument),
        *_checks(instrument),
        "## Example",
        _example(instrument, cases(instrument)[0]),
        "## What is verified",
        *_facts(instrument),
        *(("## Not implemented", _bullets(instrument.left_out)) if instrument.left_out else ()),
    ]
    return "\n\n".join(sections) + "\n"


def write(folder: Path) -> None:
    """Write every page into `folder`."""
    for name, text in pages().items():
        with whole_file(folder / name) as temporary:
            temporary.write_text(text, encoding="utf-8")


def _index() -> str:
    rows = [
        (f"[{instrument.title}]({key}.md)", f"`{key}`", instrument.measures)
        for key, instrument in INSTRUMENTS.items()
    ]
    return (
        "\n\n".join(
            [
                "# Instruments",
                "`trialwright score KEY FILE.csv` scores a table with one row per participant and "
                "visit; "
                "from Python, `sle.score(KEY, frame)` does. An empty cell is an item that was not "
                "assessed. `<item>_attributed` may stand beside any item: no means that it was "
                "present "
                "for another cause, and it counts as absent. `<item>_unit` states the unit of a "
                "number.",
                _table(("instrument", "key", "what it measures"), rows),
                "Facts marked *from memory* were not yet checked against the primary document.",
                "## Tables larger than memory",
                "`trialwright score KEY visits.parquet --out scores.parquet` (from Python, "
                "`trialwright.sle.stream.score_file`) reads, scores and writes some participants "
                "at a time. The rows must stand in the order of participants, and each "
                "participant's in the order of visits: sort the file once, by "
                "`pl.scan_parquet(old).sort('participant', 'visit').sink_parquet(new)`. A file in "
                "another order is scored in memory. `sle.score` takes a LazyFrame too; instruments "
                "that look back to an earlier visit then hold its rows in memory.",
            ]
        )
        + "\n"
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    cells = ([str(cell).replace("|", "\\|").replace("\n", " ") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def _bullets(sentences: Sequence[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences)


def _options(instrument: Instrument) -> Iterator[str]:
    if instrument.options:
        rows = [
            (f"`{option.name}`", _choices(option.allowed), _word(option.default), option.meaning)
            for option in instrument.options
        ]
        yield "## Options"
        yield _table(("option", "choices", "default", "meaning"), rows)


def _choices(allowed: Sequence[Any]) -> str:
    return ", ".join(_word(one) for one in allowed) or "any"


def _word(value: Any) -> str:
    return "nothing" if value is None else f"`{value}`"


def _items(items: Sequence[Item]) -> str:
    weighted = any(item.weight for item in items)
    rows = [
        (
            number,
            f"`{item.key}`",
            item.group,
            *((item.weight,) if weighted else ()),
            _kind(item),
            f"{item.label}. {item.help}".strip(),
            f"{item.source}{'' if item.verified or item.source == 'memory' else ' (memory)'}",
        )
        for number, item in enumerate(items, start=1)
    ]
    weight = ("points",) if weighted else ()
    return _table(("", "key", "group", *weight, "answer", "what it is", "source"), rows)


def _raw(instrument: Instrument) -> Iterator[str]:
    if instrument.raw:
        rows = [
            (f"`{item.key}`", _kind(item), item.label, "yes" if item.unit_needed else "")
            for item in instrument.raw
        ]
        yield "## Raw values"
        yield (
            "An item whose column is absent, or whose cell is empty, is derived from these where "
            "the "
            "table has them. A value whose unit is needed stands beside `<key>_unit`."
        )
        yield _table(("key", "range and units", "what it is", "unit needed"), rows)


def _kind(item: Item) -> str:
    if item.kind == "code":
        return f"{item.codes[0]} … {item.codes[-1]}"
    if item.kind == "yes/no":
        return "yes/no"
    units = ", ".join(unit for unit in (item.unit, *item.units) if unit)
    return f"{item.low:g} to {item.high:g}{f' {units}' if units else ''}"


def _checks(instrument: Instrument) -> Iterator[str]:
    if instrument.checks:
        found = {
            check.code: re.sub(r"^\w+ is graded", "a system is graded", check.finding)
            for check in instrument.checks
        }
        yield "## Checks"
        yield _table(
            ("code", "finding"), [(f"`{code}`", finding) for code, finding in found.items()]
        )


def _example(instrument: Instrument, case: Case) -> str:
    score = instrument.score(case.frame, **case.options)
    last = score.row(-1, named=True)
    text = instrument.explain(case.frame, last["participant"], last["visit"], **case.options)
    absent = {item.key: item.absent for item in instrument.items}
    shown = [
        name
        for name in case.frame.columns
        if name not in absent or (case.frame[name] != absent[name]).fill_null(True).any()
    ]
    given = case.frame.select(shown).write_csv()
    return "\n\n".join(
        [
            f"*{case.name.capitalize()}.* {case.why}",
            f"```\n{given}```",
            "Items not shown are absent. `--explain` says of the last visit:",
            f"```\n{text}\n```",
            f"```\n{score.select(['participant', 'visit', *instrument.columns]).write_csv()}```",
        ]
    )


def _facts(instrument: Instrument) -> Iterator[str]:
    rows, tags = [], set()
    for entry in read_yaml(instrument, "sources.yaml"):
        status = "verified" if entry["verified"] else "from memory"
        if "assumed" in entry:
            status = f"assumed: {entry['assumed']}"
        rows.append((entry["fact"], entry["source"], status))
        tags |= set(re.findall(r"S\d+b?", entry["source"]))
    for item in instrument.items:
        tags |= set(re.findall(r"S\d+b?", item.source))
    known = bibliography()
    yield _table(("fact", "source", "status"), rows)
    yield _bullets([f"{tag}: {known[tag]}" for tag in sorted(tags, key=_number)])


def bibliography() -> dict[str, str]:
    """What each source tag stands for."""
    text = files("trialwright.sle").joinpath("bibliography.yaml").read_text(encoding="utf-8")
    loaded: dict[str, str] = YAML(typ="safe", pure=True).load(text)
    return loaded


def _number(tag: str) -> tuple[int, str]:
    return int(re.sub(r"\D", "", tag)), tag


if __name__ == "__main__":
    write(Path(sys.argv[1]))
