"""The sections on what was found: primary, over time, parts of the index, sensitivity, reach."""

import re
from collections.abc import Iterable

from trialwright.analysis.results import AnalysisResult, Results, TippingPoint
from trialwright.protocol.outcomes import SriResponse
from trialwright.report.blocks import Block, Row, Section, Table
from trialwright.report.figures.forest import comparison_rows, forest
from trialwright.report.figures.over_time import means_over_time, responders_over_time
from trialwright.report.figures.shares import index_parts, responder_curve
from trialwright.report.numbers import (
    NOTHING,
    decimal,
    interval,
    level,
    p_value,
    percent,
    places_for,
    share,
    signed,
)
from trialwright.report.wording import comparison_sentence, count, reach_sentence
from trialwright.report.words import Words, raised, within


def primary_section(words: Words, results: Results) -> Section:
    """The primary analyses, each with its forest plot."""
    study = words.study
    tested = sum(c.claim is not None for r in results.analyses for c in r.comparisons)
    method, alpha = study.multiplicity.method, level(study.multiplicity.alpha)
    sides = "two-sided" if study.multiplicity.sides == 2 else "one-sided, with two-sided p-values"
    if not tested:
        lead = "Estimates with intervals; no comparison was planned as a test."
    elif method == "none":
        lead = f"Tested at {alpha}, {sides}, without adjustment."
    else:
        procedure = "a" if method == "fixed sequence" else "the procedure of"
        name = method if method == "fixed sequence" else method.capitalize()
        lead = (
            f"Tested at {alpha}, {sides}; the p-values of {count(tested, 'comparison')} are"
            f" adjusted together by {procedure} {name}."
        )
    return Section(
        id="primary",
        title="Primary result",
        lead=lead,
        blocks=tuple(result_block(words, result) for result in results.primary()),
    )


def other_section(words: Words, results: Results) -> Section | None:
    """Secondary and supplementary analyses that no other section shows."""
    own = [
        result
        for result in results.analyses
        if result.role in ("secondary", "supplementary")
        and not result.rates
        and _component(words, result) is None
    ]
    blocks = [result_block(words, result) for result in own]
    return (
        Section(id="secondary", title="Further results", blocks=tuple(blocks)) if blocks else None
    )


def index_section(words: Words, results: Results) -> Section | None:
    """The parts of the responder index, and the responders that they turned down."""
    if not results.vetoes:
        return None
    whole = next(
        r
        for r in sorted(results.analyses, key=lambda each: each.role != "primary")
        if r.proportions and _component(words, r) is None
    )
    parts = [r for r in results.analyses if _component(words, r) is not None]
    several = len({each.visit for each in results.vetoes}) > 1
    vetoes = Table(
        caption="Of those whose activity fell enough, turned down by the other parts",
        headers=("Arm", "SLEDAI fell enough", "By BILAG", "By PGA", "By either", "Failed by event"),
        rows=tuple(
            (
                f"{words.visit(each.visit)}, " * several + words.group(each.arm),
                str(each.sledai_responders),
                str(each.vetoed_by_bilag),
                str(each.vetoed_by_pga),
                share(each.vetoed, each.sledai_responders),
                str(each.failed_by_event),
            )
            for each in results.vetoes
        ),
    )
    figures = [index_parts(words, [whole, *parts], "index-parts")] if parts else []
    if results.improvement and results.improvement.shares:
        figures.append(responder_curve(words, results.improvement, "responder-curve"))
    blocks = [Block(figures=tuple(figures), tables=(vetoes,))]
    if parts:
        blocks.append(
            Block(title="Each part, arm against control", tables=(_together(words, parts),))
        )
    return Section(
        id="index",
        title="Parts of the responder index",
        lead="Which part carries the response, and which turns responders down.",
        blocks=tuple(blocks),
    )


def sensitivity_section(words: Words, results: Results) -> Section | None:
    """How much hangs on the assumptions."""
    blocks = [result_block(words, r) for r in results.analyses if r.role == "sensitivity"]
    if not blocks:
        return None
    return Section(
        id="sensitivity",
        title="How much hangs on the assumptions",
        blocks=tuple(blocks),
    )


def reach_section(words: Words, results: Results) -> Section | None:
    """What a trial of this size can and cannot show."""
    if not results.reach:
        return None
    sentences = tuple(
        reach_sentence(words, results.analysis(each.analysis), each) for each in results.reach
    )
    return Section(
        id="reach",
        title=f"What {count(results.flow.randomized, 'participant')} can and cannot show",
        lead="Computed from the spread and the rates of this trial itself.",
        blocks=(Block(paragraphs=sentences),),
    )


def result_block(words: Words, result: AnalysisResult) -> Block:
    """An analysis: its estimand in words, its figures, its tables, its notes."""
    estimand = words.estimand(result)
    sentences = [f"{estimand.title}, in the {words.population(result.population)}."]
    figures, tables = [], []
    if result.tipping_points:
        tables.append(_tipping(words, result.tipping_points))
        sentences.append(_tipping_sentence(words, result.tipping_points))
    elif result.proportions and len({each.visit for each in result.proportions}) > 1:
        figures.append(responders_over_time(words, result, f"{result.id}-over-time"))
    elif result.proportions and not result.tests:
        tables.append(_proportions(words, result))
    if result.means:
        figures.append(means_over_time(words, result, f"{result.id}-means"))
    if any(each.kind == "adjusted change" for each in result.means):
        tables.append(_adjusted_means(words, result))
    if result.comparisons:
        if len(result.comparisons) <= 6:
            if result.role != "primary":  # whose sentences stand at the top of the page
                sentences += [comparison_sentence(words, result, c) for c in result.comparisons]
            plot = forest(words, result, f"{result.id}-forest")
            figures += [plot] if plot else []
        tables.append(_comparisons(words, result))
    if result.tests:
        tables.append(_tests(words, result))
    own = (_with_visit_titles(words, note) for note in result.notes)
    notes = (*own, *_comparison_notes(words, result), *_test_notes(result))
    return Block(
        title=result.title,
        paragraphs=tuple(sentences),
        figures=tuple(figures),
        tables=tuple(tables),
        notes=tuple(f"{raised(note)}." for note in notes),
    )


def _component(words: Words, result: AnalysisResult) -> str | None:
    variable = words.estimand(result).variable
    return variable.component if isinstance(variable, SriResponse) else None


def _comparison_notes(words: Words, result: AnalysisResult) -> Iterable[str]:
    """Each note once, after the comparisons that it belongs to."""
    several = len({each.visit for each in result.comparisons}) > 1
    said: dict[str, list[str]] = {}
    for each in result.comparisons:
        at = f", {words.visit(each.visit)}" if several and each.visit else ""
        for note in each.notes:
            said.setdefault(note, []).append(f"{words.group(each.arm)}{at}")
    for note, whom in said.items():
        everywhere = 1 < len(whom) == len(result.comparisons)
        yield f"{'every comparison' if everywhere else '; '.join(whom)}: {note}"


def _with_visit_titles(words: Words, text: str) -> str:
    """The text with visits by their titles: `week-1` is no part of `week-12`."""
    for visit in words.study.visits:
        title = within(visit.title).replace("\\", r"\\")  # which re.sub reads as an escape
        text = re.sub(rf"(?<![\w-]){re.escape(visit.id)}(?![\w-])", title, text)
    return text


def _test_notes(result: AnalysisResult) -> Iterable[str]:
    """Each note of a test once, unless it stands by a comparison already."""
    said = {note for each in result.comparisons for note in each.notes}
    return dict.fromkeys(note for each in result.tests for note in each.notes if note not in said)


def _adjusted_means(words: Words, result: AnalysisResult) -> Table:
    """The model's mean changes, a row a visit and a column an arm."""
    found = {(m.visit, m.arm): m for m in result.means if m.kind == "adjusted change"}
    arms = list(dict.fromkeys(arm for _, arm in found))
    rows: list[Row] = []
    for visit in dict.fromkeys(visit for visit, _ in found):
        cells = []
        for mean in (found[visit, arm] for arm in arms):
            places = places_for(mean.mean, mean.lower, mean.upper)
            reach = interval(mean.lower, mean.upper, places)
            known = mean.mean is not None
            cells.append(f"{signed(mean.mean, places)} ({reach})" if known else NOTHING)
        rows.append((words.visit(visit), *cells))
    unit = words.unit(result)
    return Table(
        caption=f"Adjusted mean change{f', {unit}' if unit else ''} ({words.interval})",
        headers=("Visit", *(words.group(arm) for arm in arms)),
        rows=tuple(rows),
    )


def _comparisons(words: Words, result: AnalysisResult) -> Table:
    headers, rows = comparison_rows(words, result)
    caption = {
        "difference in proportions": "Difference in percentage points",
        "difference in means": f"Difference in {words.unit(result) or 'means'}",
        "rate ratio": "Ratio of rates",
    }[result.comparisons[0].quantity]
    return Table(caption=caption, headers=headers, rows=rows)


def _together(words: Words, results: list[AnalysisResult]) -> Table:
    """The comparisons of several results in one table, each under its title."""
    rows: list[Row] = []
    for result in results:
        headers, own = comparison_rows(words, result)
        rows += [(result.title,), *own]
    return Table(caption="Difference in percentage points", headers=headers, rows=tuple(rows))


def _proportions(words: Words, result: AnalysisResult) -> Table:
    return Table(
        caption=f"Responders at {within(words.visit(result.proportions[0].visit))}",
        headers=("Arm", "Responders", words.interval, "Missing", "Failed by event"),
        rows=tuple(
            (
                words.group(each.arm),
                share(each.responders, each.participants),
                NOTHING
                if each.lower is None
                else f"{percent(each.lower)} to {percent(each.upper)}",
                str(each.missing),
                str(each.failures),
            )
            for each in result.proportions
        ),
    )


def _tests(words: Words, result: AnalysisResult) -> Table:
    unit = words.unit(result)
    estimates = any(each.estimate is not None for each in result.tests)
    rows: list[Row] = []
    for each in result.tests:
        places = places_for(each.estimate, each.lower, each.upper)
        numbers = (
            (signed(each.estimate, places), interval(each.lower, each.upper, places))
            if estimates
            else ()
        )
        name = _with_visit_titles(words, each.name)
        rows.append((raised(name), *numbers, decimal(each.statistic, 2), p_value(each.p_value)))
    middle = (f"Estimate, {unit}" if unit else "Estimate", words.interval) if estimates else ()
    return Table(caption="Tests", headers=("Test", *middle, "Statistic", "p"), rows=tuple(rows))


def _tipping(words: Words, points: Iterable[TippingPoint]) -> Table:
    rows = []
    for arm, mine in _by_arm(points).items():
        grid = {(each.arm_responders, each.control_responders): each.p_value for each in mine}
        some = mine[0]
        rows.append(
            (
                words.group(arm),
                f"{some.arm_missing} and {some.control_missing}",
                p_value(grid[(0, 0)]),
                p_value(grid[(0, some.control_missing)]),
                p_value(grid[(some.arm_missing, 0)]),
            )
        )
    return Table(
        caption="p of the comparison, before adjustment, if the missing had answered otherwise",
        headers=(
            "Arm",
            "Missing in arm and control",
            "None responded",
            "Only those of the control responded",
            "Only those of the arm responded",
        ),
        rows=tuple(rows),
    )


def _tipping_sentence(words: Words, points: Iterable[TippingPoint]) -> str:
    alpha = 1 - words.level  # of the two-sided p-values
    tips = []
    for arm, mine in _by_arm(points).items():
        base = mine[0].p_value is not None and mine[0].p_value <= alpha
        changed = [each for each in mine if (_known(each.p_value) <= alpha) != base]
        if changed:
            least = min(changed, key=lambda each: each.arm_responders + each.control_responders)
            tips.append(
                f"{words.group(arm)}: the comparison would cross {alpha:g} if"
                f" {least.arm_responders} of {least.arm_missing} missing in the arm and"
                f" {least.control_responders} of {least.control_missing} in the control had"
                " responded."
            )
        else:
            tips.append(
                f"{words.group(arm)}: no answer of the missing brings p across {alpha:g}, before"
                " adjustment."
            )
    return " ".join(tips)


def _by_arm(points: Iterable[TippingPoint]) -> dict[str, list[TippingPoint]]:
    arms: dict[str, list[TippingPoint]] = {}
    for each in points:
        arms.setdefault(each.arm, []).append(each)
    return arms


def _known(p: float | None) -> float:
    return 1.0 if p is None else p
