"""What was found, in sentences that a rheumatologist reads without a statistician."""

from collections.abc import Sequence

from trialwright.analysis.results import AnalysisResult, ArmRate, Comparison, Reach
from trialwright.protocol import Study
from trialwright.protocol.outcomes import EventRate, SriResponse
from trialwright.report.numbers import (
    INFINITE,
    decimal,
    interval,
    level,
    p_equals,
    percent,
    places_for,
    share,
    signed,
)
from trialwright.report.words import Words, raised


def findings(study: Study, results: Sequence[AnalysisResult]) -> list[str]:
    """One headline and then one sentence per comparison of the analyses given."""
    words = Words(study)
    sentences = [
        comparison_sentence(words, result, comparison)
        for result in results
        for comparison in result.comparisons
    ]
    return [headline(words, results), *sentences]


def headline(words: Words, results: Sequence[AnalysisResult]) -> str:
    """What the procedure allows to claim, and no more."""
    claimed = [
        (result, comparison)
        for result in results
        for comparison in result.comparisons
        if comparison.claim
    ]
    tested = [each for result in results for each in result.comparisons if each.claim is not None]
    if not tested:
        return "No comparison was planned as a test."
    if not claimed:
        return f"No difference was shown in {count(len(tested), 'comparison')}. {CAUTION}"
    head = listed(_claims(words, claimed))
    rest = len(tested) - len(claimed)
    head = f"{raised(head)}."
    return f"{head} In {count(rest, 'other comparison')} no difference was shown." if rest else head


def _claims(words: Words, claimed: Sequence[tuple[AnalysisResult, Comparison]]) -> list[str]:
    """One clause per claim; those that differ in the arm or the measure alone share a clause."""
    arms: dict[tuple[str, str], list[str]] = {}
    measures: dict[tuple[str, str, str], list[str]] = {}
    for result, found in claimed:
        control = f"on {words.group(found.control)}"
        if found.quantity == "difference in means":
            key = (_course(found), words.group(found.arm), control)
            measures.setdefault(key, []).append(words.measure(result))
        else:
            arms.setdefault((_more(found), control), []).append(words.group(found.arm))
    return [
        *(f"{more} {listed(titles)} than {control}" for (more, control), titles in arms.items()),
        *(
            f"{listed(names)} {course} on {arm} than {control}"
            for (course, arm, control), names in measures.items()
        ),
    ]


def _more(found: Comparison) -> str:
    """'more participants responded on': a claim about shares or rates, before its arms."""
    if found.quantity == "rate ratio":
        return f"{'more' if (found.estimate or 0.0) > 1 else 'fewer'} events happened on"
    return f"{'more' if (found.estimate or 0.0) > 0 else 'fewer'} participants responded on"


def _course(found: Comparison) -> str:
    """A claim about means: the difference of changes does not tell which arm moved."""
    estimate = found.estimate or 0.0
    return "rose more (or fell less)" if estimate > 0 else "fell more (or rose less)"


CAUTION = "This does not show that there is none."


def comparison_sentence(words: Words, result: AnalysisResult, comparison: Comparison) -> str:
    """An arm against the control, with numbers, interval and p."""
    if comparison.quantity == "difference in proportions":
        return _proportions(words, result, comparison)
    if comparison.quantity == "rate ratio":
        return _rates(words, result, comparison)
    return _means(words, result, comparison)


def _proportions(words: Words, result: AnalysisResult, found: Comparison) -> str:
    arms = {each.arm: each for each in result.proportions if each.visit == found.visit}
    arm, control = (
        f"{share(each.responders, each.participants)} on {words.group(each.arm)}"
        for each in (arms[found.arm], arms[found.control])
    )
    head = f"{words.visit(str(found.visit))}: {arm} and {control} {response(words, result)}"
    if found.estimate is None:
        return f"{head}; {found.notes[0]}."
    return (
        f"{head}: a difference of {signed(found.estimate * 100)} percentage points"
        f" ({level(found.level)} interval {interval(_points(found.lower), _points(found.upper))};"
        f" {_p_values(found)})."
    )


def response(words: Words, result: AnalysisResult) -> str:
    """'responded by SRI-4', or the words for a part of the index."""
    variable = words.estimand(result).variable
    assert isinstance(variable, SriResponse)
    parts = {
        None: f"responded by SRI-{variable.points}",
        "sledai": f"had at least {variable.points} points less in the activity index",
        "bilag": "had no new organ involvement by BILAG",
        "pga": "were not worse by the physician's global assessment",
    }
    return parts[variable.component]


def _points(value: float | None) -> float | None:
    return None if value is None else value * 100


def _means(words: Words, result: AnalysisResult, found: Comparison) -> str:
    unit = words.unit(result)
    at = f"{words.visit(found.visit)}: " if found.visit else ""
    measure, arm = words.measure(result), words.group(found.arm)
    head = f"{at}{measure}, change on {arm} minus change on {words.group(found.control)}"
    if found.estimate is None:
        return f"{head}: {found.notes[0]}."
    places = places_for(found.estimate, found.lower, found.upper)
    return (
        f"{head}: {signed(found.estimate, places)} {unit}".rstrip()
        + f" ({level(found.level)} interval {interval(found.lower, found.upper, places)};"
        f" {_p_values(found)}; {found.participants} participants)."
    )


def _rates(words: Words, result: AnalysisResult, found: Comparison) -> str:
    rates = {each.arm: each for each in result.rates}
    arm, control = rates[found.arm], rates[found.control]
    head = (
        f"{_events(arm)} on {words.group(arm.arm)} and {_events(control)} on"
        f" {words.group(control.arm)}"
    )
    if found.estimate is None:
        return f"{head}; {found.notes[0]}."
    reach = (
        f"upwards of {decimal(found.lower, 2)}"
        if decimal(found.upper) == INFINITE
        else interval(found.lower, found.upper, 2)
    )
    return (
        f"{head}: a rate ratio of {decimal(found.estimate, 2)} ({level(found.level)} interval"
        f" {reach}; {_p_values(found)})."
    )


def _events(rate: ArmRate) -> str:
    years = decimal(rate.person_years, 1)
    return f"{count(rate.events, 'event')} in {years} participant-years"


def _p_values(found: Comparison) -> str:
    if found.adjusted_p_value is None:
        return p_equals(found.p_value)
    return f"{p_equals(found.p_value)}, adjusted {p_equals(found.adjusted_p_value)}"


def reach_sentence(words: Words, result: AnalysisResult, reach: Reach) -> str:
    """What this size of trial can and cannot show."""
    people = count(reach.participants, "participant")
    if reach.half_width is not None:
        unit = f" {words.unit(result)}".rstrip()
        places = places_for(reach.half_width, reach.detectable_difference)
        return (
            f"{words.measure(result)}: with {people} the interval reaches"
            f" {decimal(reach.half_width, places)}{unit} to either side. A true difference of"
            f" {decimal(reach.detectable_difference, places)}{unit} would be found with a chance of"
            " 80%; smaller ones would more often be missed."
        )
    variable = words.estimand(result).variable
    assert isinstance(variable, EventRate)
    kind = raised(variable.category)
    if not reach.expected_events:
        return f"{kind}: {people} had no event, so nothing can be said about a ratio of rates."
    expected = decimal(reach.expected_events, 1)
    head = f"{kind}: with {people}, {expected} events are to be expected on the control."
    if reach.detectable_ratio is None:
        return (
            f"{head} Even if treatment prevented every one of them, the chance to show it would be"
            f" {percent(reach.power_at_zero)}: this trial cannot show a lower rate."
        )
    return (
        f"{head} A rate ratio of {decimal(reach.detectable_ratio, 2)} or less would be found with"
        " a chance of 80%; a smaller effect would more often be missed."
    )


def count(number: int, noun: str) -> str:
    """`1 participant`, `3 participants`."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def listed(parts: Sequence[str]) -> str:
    """`a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
