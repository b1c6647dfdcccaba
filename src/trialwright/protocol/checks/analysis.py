"""TWP4xx: outcomes and estimands that no analysis reaches, or that do not fit together."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from trialwright.protocol.finding import Finding
from trialwright.protocol.study import Study

SUMMARIES: Final[Mapping[str, frozenset[str]]] = {
    "sri": frozenset({"difference in proportions", "trend in proportions"}),
    "change": frozenset({"difference in means"}),
    "event rate": frozenset({"rate ratio"}),
}
"""The summaries that fit each kind of variable."""

METHODS: Final[Mapping[str, frozenset[str]]] = {
    "difference in proportions": frozenset(
        {"stratified comparison of proportions", "tipping point"}
    ),
    "trend in proportions": frozenset({"trend in proportions"}),
    "difference in means": frozenset(
        {"mixed model for repeated measures", "analysis of covariance", "crossover comparison"}
    ),
    "rate ratio": frozenset({"exact rates"}),
}
"""The methods that estimate each summary."""


STRATEGIES: Final[Mapping[str, tuple[str, ...]]] = {
    "sri": ("treatment policy", "composite", "hypothetical", "while on treatment"),
    "change": ("treatment policy", "hypothetical", "while on treatment"),
    "event rate": ("treatment policy", "hypothetical", "while on treatment"),
}
"""The strategies that the analysis has for each kind of variable.

A change or a rate has no value that means failure, so it takes no composite strategy. A principal
stratum is nobody's: who would have had the event in the other arm is not seen.
"""


def analysis_findings(study: Study) -> Iterator[Finding]:
    """Outcomes without analysis, and estimands, methods and multiplicity that do not fit."""
    yield from _unanalyzed(study)
    yield from _measured_otherwise(study)
    yield from _estimands(study)
    yield from _methods(study)
    yield from _multiplicity(study)


def _unanalyzed(study: Study) -> Iterator[Finding]:
    analyzed = {analysis.estimand for analysis in study.analyses}
    for estimand in study.estimands:
        if estimand.id not in analyzed:
            place = f"estimands.{estimand.id}"
            yield Finding("TWP402", place, "no analysis estimates it", "add an analysis")
    reached = {estimand.outcome for estimand in study.estimands if estimand.id in analyzed}
    for outcome in study.outcomes:
        if outcome.id not in reached:
            place = f"outcomes.{outcome.id}"
            yield Finding("TWP401", place, "no analysis reaches this outcome", "add an estimand")


def _measured_otherwise(study: Study) -> Iterator[Finding]:
    """Outcomes whose words name other weeks than their visits, or another SRI than estimated."""
    titles = {visit.id: visit.title for visit in study.visits}
    for outcome in study.outcomes:
        place = f"outcomes.{outcome.id}"
        weeks = _weeks(outcome.time_frame)
        visited = set().union(*(_weeks(titles[name]) for name in outcome.visits))
        if weeks and visited and weeks != visited:
            message = f"the time frame is {outcome.time_frame}, yet its visits are others"
            yield Finding("TWP410", place, message, "make the two agree")
        named = set(re.findall(r"\bSRI-(\d+)", outcome.measure))
        for estimand in study.estimands:
            variable = estimand.variable
            if estimand.outcome != outcome.id or variable.kind != "sri" or not named:
                continue
            if f"{variable.points:g}" not in named:
                message = f"it takes {variable.points:g} points, its outcome SRI-{max(named)}"
                yield Finding("TWP411", f"estimands.{estimand.id}", message, "make the two agree")


def _weeks(words: str) -> set[str]:
    """Return the numbers behind the word week; none where they are the ends of a span."""
    if re.search(r"\b(?:to|through|until|every)\b|[-–]", words):
        return set()
    listed = re.findall(r"\bweeks? (\d+(?:(?:, and|,| and) \d+)*)", words.casefold())
    return {number for numbers in listed for number in re.findall(r"\d+", numbers)}


def _estimands(study: Study) -> Iterator[Finding]:
    for estimand in study.estimands:
        place = f"estimands.{estimand.id}"
        variable = estimand.variable
        if estimand.control in estimand.arms:
            message = f"{estimand.control} is compared with itself"
            yield Finding("TWP403", place, message, "list the control as control only")
        if estimand.summary not in SUMMARIES[variable.kind]:
            message = f"a {estimand.summary} does not summarize the variable {variable.kind}"
            remedy = f"take {' or '.join(sorted(SUMMARIES[variable.kind]))}"
            yield Finding("TWP404", place, message, remedy)
        allowed = STRATEGIES[variable.kind]
        for each in estimand.intercurrent_events:
            if each.strategy not in allowed:
                message = f"{each.strategy} for {each.event} cannot be analyzed for {variable.kind}"
                yield Finding("TWP412", place, message, f"take {' or '.join(allowed)}")
        if estimand.summary == "trend in proportions":
            without = [a for a in (estimand.control, *estimand.arms) if study.arm(a).dose is None]
            if without:
                message = f"a trend over dose needs the dose of {', '.join(without)}"
                yield Finding("TWP405", place, message, "state the dose of each arm")


def _methods(study: Study) -> Iterator[Finding]:
    for analysis in study.analyses:
        place = f"analyses.{analysis.id}"
        summary = study.estimand(analysis.estimand).summary
        if analysis.method not in METHODS[summary]:
            message = f"{analysis.method} does not estimate a {summary}"
            remedy = f"take {' or '.join(sorted(METHODS[summary]))}"
            yield Finding("TWP406", place, message, remedy)
        if (analysis.method == "crossover comparison") != study.is_crossover and summary == (
            "difference in means"
        ):
            message = f"{analysis.method} does not fit a {study.design.model} design"
            yield Finding("TWP407", place, message, "choose the method of the design")


def _multiplicity(study: Study) -> Iterator[Finding]:
    primary = {analysis.id for analysis in study.analyses if analysis.role == "primary"}
    if not primary:
        yield Finding("TWP408", "analyses", "no analysis is primary", "mark one as primary")
    for name in sorted(primary - set(study.multiplicity.analyses)):
        message = f"the primary analysis {name} stands outside the procedure"
        yield Finding("TWP409", "multiplicity", message, "add it to the family")
