"""Checks of a study: what contradicts itself, cannot be computed, or is not analyzed."""

from collections.abc import Iterator

from trialwright.protocol.checks.analysis import analysis_findings
from trialwright.protocol.checks.collection import collection_findings
from trialwright.protocol.checks.design import design_findings
from trialwright.protocol.checks.timing import timing_findings
from trialwright.protocol.finding import Finding
from trialwright.protocol.study import Study

__all__ = ["check_study", "unanswered"]


def check_study(study: Study) -> list[Finding]:
    """Every finding of a study under one reading, answered or not, in the order of the checks."""
    return [
        finding
        for findings in (design_findings, timing_findings, collection_findings, analysis_findings)
        for finding in findings(study)
    ]


def unanswered(
    study: Study, findings: list[Finding], families: tuple[str, ...] = ("TWP",)
) -> Iterator[Finding]:
    """The findings that the study does not answer by name, then answers that answer nothing.

    `families` are the beginnings of the codes that were looked for: an answer to a finding of a
    record, for example, cannot be judged when no record was given.
    """
    answers = {answer.finding for answer in study.answers}
    names = {finding.name for finding in findings}
    yield from (finding for finding in findings if finding.name not in answers)
    for answer in sorted(answers - names):
        if answer.startswith(families):
            remedy = "remove the answer"
            yield Finding("TWP901", "answers", f"no finding is called {answer!r}", remedy)
