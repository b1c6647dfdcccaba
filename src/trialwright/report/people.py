"""The sections on the participants: their flow, who they were, and where the protocol was left."""

from trialwright.analysis.results import BaselineCell, BaselineRow, Deviation, Results
from trialwright.report.blocks import Block, Row, Section, Table
from trialwright.report.consort import consort
from trialwright.report.numbers import NOTHING, decimal, share
from trialwright.report.words import Words, raised, readable_unit

DEVIATIONS_LISTED = 40


def flow_section(words: Words, results: Results) -> Section:
    """The CONSORT diagram, with all reasons for not randomizing beside it."""
    return Section(
        id="flow",
        title="Flow of participants",
        blocks=(Block(figures=(consort(words, results.flow),)),),
    )


def baseline_section(words: Words, results: Results) -> Section:
    """Who the randomized were."""
    groups = [cell.group for cell in results.baseline[0].cells]
    sizes = {cell.group: cell.participants for cell in results.baseline[1].cells}
    rows: list[Row] = []
    group = ""
    for row in results.baseline:
        if row.group != group:
            rows.append((row.group,))
            group = row.group
        rows.append((_label(row), *(_cell(row, cell) for cell in row.cells)))
    sized = (f"{words.group(each)} (n={sizes[each]})" for each in groups)
    table = Table(
        caption="Number (%), or median (quartiles)",
        headers=("Characteristic", *sized),
        rows=tuple(rows),
    )
    return Section(
        id="baseline",
        title="Participants at baseline",
        lead="Differences between the arms are chance, so they are not tested.",
        blocks=(Block(tables=(table,)),),
    )


def deviations_section(words: Words, results: Results) -> Section:
    """Departures from the protocol, counted and listed."""
    counts = results.deviation_counts
    arms = list(counts[0].participants)
    listed = results.deviations[:DEVIATIONS_LISTED]
    more = len(results.deviations) - len(listed)
    tables = [
        Table(
            caption="Participants with at least one deviation (deviations)",
            headers=("Deviation", *(words.group(arm) for arm in arms)),
            rows=tuple(
                (
                    raised(each.kind),
                    *(f"{each.participants[arm]} ({each.deviations[arm]})" for arm in arms),
                )
                for each in counts
            ),
        )
    ]
    if listed:
        tables.append(
            Table(
                caption="Each deviation",
                headers=("Participant", "Group", "Deviation", "Where", "What"),
                rows=tuple(_deviation(words, each) for each in listed),
            )
        )
    note = f"{more} more are in results.json." if more else ""
    return Section(
        id="deviations",
        title="Protocol deviations",
        lead="Derived from the data: windows, missed visits and doses, criteria, medication.",
        blocks=(Block(tables=tuple(tables), notes=(note,) if note else ()),),
    )


def _label(row: BaselineRow) -> str:
    unit = "%" if row.unit == "%" else readable_unit(row.unit)
    return f"{row.characteristic}, {unit}" if unit else row.characteristic


def _cell(row: BaselineRow, cell: BaselineCell) -> str:
    if row.kind == "count":
        return share(cell.count or 0, cell.participants)
    if cell.median is None:
        return NOTHING
    places = _places(row)
    low, high = (decimal(each, places) for each in (cell.lower_quartile, cell.upper_quartile))
    return f"{decimal(cell.median, places)} ({low} to {high})"


def _places(row: BaselineRow) -> int:
    """The same for the whole row: none for large numbers, two digits at least for small ones."""
    largest = max((abs(cell.median or 0.0) for cell in row.cells), default=0.0)
    if largest >= 100:
        return 0
    return 1 if largest >= 2 else 2


def _deviation(words: Words, each: Deviation) -> Row:
    study = words.study
    titles = {visit.id: visit.title for visit in study.visits}
    titles |= {intervention.id: intervention.name for intervention in study.interventions}
    titles |= {event.id: event.title for event in study.intercurrent_events}
    return (
        each.participant,
        words.group(each.arm),
        raised(each.kind),
        titles.get(each.place, each.place),
        each.detail or NOTHING,
    )
