"""A study held against its registry record: what it leaves out or states differently."""

from trialwright.protocol import Finding, Study
from trialwright.records.compare.arms import arm_findings
from trialwright.records.compare.criteria import criterion_findings
from trialwright.records.compare.dates import date_findings
from trialwright.records.compare.design import design_findings
from trialwright.records.compare.identity import identity_findings
from trialwright.records.compare.outcomes import outcome_findings
from trialwright.records.record import Record

__all__ = ["compare"]


def compare(study: Study, record: Record) -> list[Finding]:
    """Return what the record states and the study leaves out or states differently.

    What the record does not state is no finding. Each name (code and place) is stable, so that a
    study can answer it.
    """
    return [
        finding
        for findings in (
            identity_findings,
            date_findings,
            design_findings,
            arm_findings,
            outcome_findings,
            criterion_findings,
        )
        for finding in findings(study, record)
    ]
