"""Flaws of a registry record: each rule is a small function, and `RULES` lists them all."""

from datetime import date

from trialwright.records.lint.arms import ARMS_AND_INTERVENTIONS
from trialwright.records.lint.design import (
    BLIND_WITHOUT_MASKING,
    CROSSOVER_OF_PARALLEL_GROUPS,
    MASKED_ROLES,
)
from trialwright.records.lint.eligibility import AGE_CONTRADICTED, AGE_GROUPS, SEX_CONTRADICTED
from trialwright.records.lint.enrollment import ENROLLMENT_DIFFERS
from trialwright.records.lint.finding import Finding, Rule
from trialwright.records.lint.lost_comparators import LOST_COMPARATOR
from trialwright.records.lint.outcomes import INCOMPLETE_OUTCOME, UNRANKED_OUTCOME
from trialwright.records.lint.sri import SRI_JOINED_BY_OR
from trialwright.records.lint.status import NO_REGISTRY_ID, RECRUITING_PAST_COMPLETION
from trialwright.records.record import Record

RULES: tuple[Rule, ...] = (
    LOST_COMPARATOR,
    SRI_JOINED_BY_OR,
    CROSSOVER_OF_PARALLEL_GROUPS,
    BLIND_WITHOUT_MASKING,
    RECRUITING_PAST_COMPLETION,
    INCOMPLETE_OUTCOME,
    ENROLLMENT_DIFFERS,
    AGE_CONTRADICTED,
    SEX_CONTRADICTED,
    NO_REGISTRY_ID,
    UNRANKED_OUTCOME,
    AGE_GROUPS,
    MASKED_ROLES,
    ARMS_AND_INTERVENTIONS,
)


def lint(record: Record, today: date) -> tuple[Finding, ...]:
    """Return the flaws of a record in the order of the rules.

    Args:
        record: the record as read.
        today: the day against which dates are held.
    """
    return tuple(
        Finding(
            code=rule.code,
            name=rule.name,
            line=flaw.line or record.line_of(flaw.section),
            section=flaw.section,
            criterion=flaw.criterion,
            words=flaw.words,
            reading=flaw.reading,
            reason=flaw.reason,
        )
        for rule in RULES
        for flaw in rule.check(record, today)
    )


__all__ = ["RULES", "Finding", "Rule", "lint"]
