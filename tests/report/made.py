"""Results made by hand, so that a test states the numbers that a page or figure must show."""

from typing import Any

from analysis.trials import dose_finding
from trialwright.analysis.results import (
    AnalysisResult,
    ArmMean,
    ArmProportion,
    Comparison,
)
from trialwright.protocol import Study

DOSES = ("il-2-0.2-miu", "il-2-0.5-miu", "il-2-1-miu")


def analysis(name: str, study: Study | None = None, **parts: Any) -> AnalysisResult:
    """The analysis of this id with these parts."""
    study = study or dose_finding()
    chosen = next(each for each in study.analyses if each.id == name)
    estimand = study.estimand(chosen.estimand)
    return AnalysisResult(
        id=chosen.id,
        title=chosen.title,
        role=chosen.role,
        method=chosen.method,
        estimand=estimand.id,
        estimand_title=estimand.title,
        population=estimand.population,
        **parts,
    )


def difference(arm: str, estimate: float | None, **more: Any) -> Comparison:
    """A difference in proportions from placebo at week 12, without limits unless given."""
    given = {
        "visit": "week-12",
        "arm": arm,
        "control": "placebo",
        "quantity": "difference in proportions",
        "estimate": estimate,
        "lower": None,
        "upper": None,
        "level": 0.95,
        "p_value": None,
        "participants": 80,
    }
    return Comparison(**(given | more))


def responded(
    arm: str, responders: int, of: int, visit: str = "week-12", **more: Any
) -> ArmProportion:
    """So many responders of so many; limits are left out unless given."""
    given = {"missing": 0, "failures": 0, "lower": None, "upper": None}
    return ArmProportion(
        visit=visit,
        arm=arm,
        responders=responders,
        participants=of,
        proportion=responders / of if of else None,
        **(given | more),
    )


def mean(arm: str, visit: str, value: float | None, **more: Any) -> ArmMean:
    """An observed mean of 20 participants."""
    return ArmMean(
        **(
            {"visit": visit, "arm": arm, "kind": "observed", "participants": 20, "mean": value}
            | more
        )
    )
