"""The section on safety: adverse events by arm, and rates of the events that matter most."""

from trialwright.analysis.results import AnalysisResult, Results, SafetyRow
from trialwright.report.blocks import Block, Row, Section, Table
from trialwright.report.figures.forest import comparison_rows, forest
from trialwright.report.figures.shares import adverse_events
from trialwright.report.numbers import decimal, interval, percent
from trialwright.report.wording import comparison_sentence
from trialwright.report.words import Words, raised

FREQUENT = 0.05
"""Terms are listed from this share of any arm on; results.json has them all."""


def safety_section(words: Words, results: Results) -> Section:
    """Participants with events, and event rates."""
    safety = results.safety
    arms = list(safety.treated)
    summary = [row for row in safety.rows if row.group == "summary"]
    categories = [row for row in safety.rows if row.group == "category"]
    terms = [
        row
        for row in safety.rows
        if row.group == "term"
        and any(
            safety.treated[arm] and row.participants[arm] / safety.treated[arm] >= FREQUENT
            for arm in arms
        )
    ]
    rows: list[Row] = [_row(results, row) for row in summary]
    for heading, kind in (("By category", categories), ("Most frequent terms", terms)):
        if kind:
            rows += [(heading,), *(_row(results, row) for row in kind)]
    figure = adverse_events(words, safety, "adverse-events")
    table = Table(
        caption="Participants with at least one event (%), events",
        headers=(
            "Adverse events",
            *(f"{words.group(arm)} (n={safety.treated[arm]})" for arm in arms),
        ),
        rows=tuple(rows),
    )
    blocks = [Block(figures=(figure,) if figure else (), tables=(table,))]
    blocks += [_rates(words, result) for result in results.analyses if result.rates]
    return Section(
        id="safety",
        title="Safety",
        lead="Everybody who was treated, by the treatment received.",
        blocks=tuple(blocks),
    )


def _row(results: Results, row: SafetyRow) -> Row:
    treated = results.safety.treated
    return (
        raised(row.label),
        *(
            f"{row.participants[arm]} ({percent(row.participants[arm] / treated[arm])}),"
            f" {row.events[arm]}"
            if treated[arm]
            else "–"
            for arm in treated
        ),
    )


def _rates(words: Words, result: AnalysisResult) -> Block:
    rates = Table(
        caption="Events per participant-year",
        headers=("Arm", "Participants with an event", "Events", "Years", "Rate", words.interval),
        rows=tuple(
            (
                words.group(each.arm),
                f"{each.participants_with_event} of {each.participants}",
                str(each.events),
                decimal(each.person_years, 1),
                decimal(each.rate, 2),
                interval(each.lower, each.upper, 2),
            )
            for each in result.rates
        ),
    )
    headers, rows = comparison_rows(words, result)
    plot = forest(words, result, f"{result.id}-forest")
    return Block(
        title=result.title,
        paragraphs=tuple(comparison_sentence(words, result, each) for each in result.comparisons),
        figures=(plot,) if plot else (),
        tables=(rates, Table(caption="Ratio of rates", headers=headers, rows=rows)),
        notes=tuple(f"{raised(note)}." for note in result.notes),
    )
