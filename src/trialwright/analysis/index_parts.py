"""What the parts of the SLE Responder Index add: who is turned down, and how far activity falls."""

import polars as pl

from trialwright.analysis.dataset import Dataset
from trialwright.analysis.response import components, responses
from trialwright.analysis.results import Improvement, ImprovementShare, Veto
from trialwright.protocol.outcomes import Estimand, SriResponse

HIGHEST_POINTS = 16


def responder_estimand(dataset: Dataset) -> Estimand | None:
    """The estimand of the first analysis of the whole index, primary ones first."""
    analyses = sorted(dataset.study.analyses, key=lambda each: each.role != "primary")
    estimands = (dataset.study.estimand(each.estimand) for each in analyses)
    return next(
        (
            each
            for each in estimands
            if isinstance(each.variable, SriResponse) and each.variable.component is None
        ),
        None,
    )


def vetoes(dataset: Dataset, estimand: Estimand) -> tuple[Veto, ...]:
    """Of those whose disease activity fell enough, how many did not respond, and why."""
    assert isinstance(estimand.variable, SriResponse)
    parts = components(dataset, estimand.variable)
    judged = responses(dataset, estimand).select("participant", "visit", "arm", "failed")
    fell = parts.join(judged, on=["participant", "visit"]).filter(pl.col("sledai"))
    turned_down = ~pl.all_horizontal(pl.col("bilag", "pga").fill_null(True))
    found = []
    for visit in estimand.variable.visits:
        for arm in (estimand.control, *estimand.arms):
            rows = fell.filter((pl.col("visit") == visit) & (pl.col("arm") == arm))
            found.append(
                Veto(
                    visit=visit,
                    arm=arm,
                    sledai_responders=len(rows),
                    vetoed_by_bilag=len(rows.filter(~pl.col("bilag"))),
                    vetoed_by_pga=len(rows.filter(~pl.col("pga"))),
                    vetoed=len(rows.filter(turned_down)),
                    failed_by_event=len(rows.filter("failed")),
                )
            )
    return tuple(found)


def improvement(dataset: Dataset, estimand: Estimand) -> Improvement:
    """The share of each arm whose activity index fell by at least 1, 2, 3 … points.

    At the last visit of the estimand, of its whole population; who has no value counts as not
    having improved.
    """
    assert isinstance(estimand.variable, SriResponse)
    visit = estimand.variable.visits[-1]
    members = dataset.members(estimand.population).select(
        "participant", pl.col("allocated_to").alias("arm")
    )
    falls = members.join(
        components(dataset, estimand.variable).filter(pl.col("visit") == visit),
        on="participant",
        how="left",
    )
    largest = int(falls["reduction"].max() or 0)  # type: ignore[arg-type]  # a number
    shares = []
    for arm in (estimand.control, *estimand.arms):
        mine = falls.filter(pl.col("arm") == arm)["reduction"]
        if len(mine) == 0:
            continue
        shares += [
            ImprovementShare(
                arm=arm,
                points=points,
                share=int((mine >= points).fill_null(False).sum()) / len(mine),
            )
            for points in range(1, min(max(largest, 1), HIGHEST_POINTS) + 1)
        ]
    return Improvement(visit=visit, item=estimand.variable.sledai, shares=tuple(shares))
