"""The study's multiplicity procedure over the comparisons of the analyses that it names."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, cast

from trialwright.analysis.results import AnalysisResult, Comparison
from trialwright.protocol.outcomes import Multiplicity
from trialwright.stats.multiplicity import AdjustmentMethod, adjust

UNTESTABLE: Final = "the p-value is not determined: it counts as 1 in the family"


def confidence_level(multiplicity: Multiplicity) -> float:
    """Of the two-sided intervals that agree with a test at the study's alpha."""
    return 1 - multiplicity.alpha * (1 if multiplicity.sides == 2 else 2)


def with_adjusted(
    results: Sequence[AnalysisResult], multiplicity: Multiplicity
) -> tuple[AnalysisResult, ...]:
    """The results with adjusted p-values and claims in the family's comparisons.

    The family is all comparisons of the named analyses, in the order in which the study names them;
    a fixed sequence tests them in this order. P-values are two-sided; where the study tests one
    side, they are compared with twice its alpha.
    """
    family = [
        (result.id, number)
        for analysis in multiplicity.analyses
        for result in results
        if result.id == analysis
        for number in range(len(result.comparisons))
    ]
    by_id = {result.id: result for result in results}
    raw = [by_id[analysis].comparisons[number].p_value for analysis, number in family]
    if not family:
        return tuple(results)
    adjusted = _adjusted([1.0 if p is None else p for p in raw], multiplicity)
    alpha = 1 - confidence_level(multiplicity)
    settled = {
        place: _settle(by_id[place[0]].comparisons[place[1]], p, alpha)
        for place, p in zip(family, adjusted, strict=True)
    }
    return tuple(
        replace(
            result,
            comparisons=tuple(
                settled.get((result.id, number), comparison)
                for number, comparison in enumerate(result.comparisons)
            ),
        )
        for result in results
    )


def _adjusted(raw: list[float], multiplicity: Multiplicity) -> list[float]:
    if multiplicity.method == "none":
        return raw
    method = cast("AdjustmentMethod", multiplicity.method.replace(" ", "-"))
    return [float(p) for p in adjust(raw, method).adjusted]


def _settle(comparison: Comparison, adjusted: float, alpha: float) -> Comparison:
    if comparison.p_value is None:
        return replace(comparison, claim=False, notes=(*comparison.notes, UNTESTABLE))
    # An alpha of 0.05 is 1 − 0.95, which is a little more: compare within rounding.
    return replace(
        comparison, adjusted_p_value=adjusted, claim=round(adjusted, 12) <= round(alpha, 12)
    )
