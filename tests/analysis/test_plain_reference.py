"""The primary analysis again, written another way: loops over participants, from the raw items."""

import math
from collections import defaultdict

import polars as pl
import pytest

from analysis.rehearsals import rehearsal
from trialwright import sle

WEEK_12 = "week-12"


@pytest.fixture(scope="module")
def data():
    return rehearsal("dose finding").data


@pytest.fixture(scope="module")
def results():
    return rehearsal("dose finding").results


def sledai_totals(data):
    """Points by participant and visit; a total with an unassessed item is not known."""
    weights = {item.key: item.weight for item in sle.instrument("selena-sledai").items}
    totals, known = defaultdict(int), defaultdict(int)
    rows = data.item_values.filter(pl.col("form") == "selena_sledai")
    for row in rows.iter_rows(named=True):
        if row["number"] is not None:
            totals[row["participant"], row["visit"]] += weights[row["item"]] * int(row["number"])
            known[row["participant"], row["visit"]] += 1
    return {key: total for key, total in totals.items() if known[key] == len(weights)}


def test_the_activity_component_counted_by_hand(data, results):
    totals = sledai_totals(data)
    counts = defaultdict(lambda: [0, 0])
    for row in data.allocations.iter_rows(named=True):
        base = totals.get((row["participant"], "baseline"))
        now = totals.get((row["participant"], WEEK_12))
        counts[row["allocated_to"]][1] += 1
        counts[row["allocated_to"]][0] += base is not None and now is not None and base - now >= 4
    found = results.analysis("sledai-component").proportions
    assert {each.arm: [each.responders, each.participants] for each in found} == dict(counts)


def stopped_before(row, visited_on):
    on, reason = row["treatment_ended_on"], row["treatment_end_reason"]
    return on is not None and reason != "completed" and on < visited_on


def test_nobody_who_stopped_before_the_visit_responds(data, results):
    days = {
        row["participant"]: row["visited_on"]
        for row in data.visits.filter(pl.col("visit") == WEEK_12).iter_rows(named=True)
        if row["visited_on"]
    }
    failed = sum(
        stopped_before(row, days[row["participant"]])
        for row in data.participants.filter("randomized").iter_rows(named=True)
        if row["participant"] in days
    )
    assert sum(each.failures for each in results.analysis("primary").proportions) >= failed


def test_responders_never_outnumber_those_of_any_part(results):
    whole = {each.arm: each.responders for each in results.analysis("primary").proportions}
    for part in ("sledai-component", "bilag-component", "pga-component", "literal-or"):
        for each in results.analysis(part).proportions:
            assert each.responders >= whole[each.arm], part


def test_cochran_mantel_haenszel_by_its_formula(data, results):
    """The test of the activity component, summed over the strata by hand."""
    totals = sledai_totals(data)
    cells = defaultdict(lambda: {"x": defaultdict(int), "n": defaultdict(int)})
    for row in data.allocations.iter_rows(named=True):
        level = row["stratum"].split("activity=")[1]
        base = totals.get((row["participant"], "baseline"))
        now = totals.get((row["participant"], WEEK_12))
        fell = base is not None and now is not None and base - now >= 4
        cells[level]["x"][row["allocated_to"]] += fell
        cells[level]["n"][row["allocated_to"]] += 1
    for each in results.analysis("sledai-component").comparisons:
        deviation = variance = top = bottom = 0.0
        for cell in cells.values():
            x1, n1 = cell["x"][each.arm], cell["n"][each.arm]
            x0, n0 = cell["x"]["placebo"], cell["n"]["placebo"]
            n, m = n1 + n0, x1 + x0
            deviation += x1 - n1 * m / n
            variance += n1 * n0 * m * (n - m) / (n * n * (n - 1))
            top += (x1 * n0 - x0 * n1) / n
            bottom += n1 * n0 / n
        # The upper tail of chi-square with one degree of freedom is the error function's.
        assert each.p_value == pytest.approx(math.erfc(abs(deviation) / math.sqrt(2 * variance)))
        assert each.estimate == pytest.approx(top / bottom)


def test_hochberg_over_the_three_doses(results):
    comparisons = results.analysis("primary").comparisons
    ranked = sorted(comparisons, key=lambda each: -each.p_value)
    least = 1.0
    for factor, each in enumerate(ranked, 1):
        least = min(least, factor * each.p_value)
        assert each.adjusted_p_value == pytest.approx(least)
        assert each.claim == (least <= 0.05)


def test_infections_counted_by_hand(data, results):
    arm_of = dict(data.allocations.select("participant", "allocated_to").iter_rows())
    counts = defaultdict(int)
    for row in data.adverse_events.filter(pl.col("category") == "infection").iter_rows(named=True):
        if row["participant"] in arm_of:
            counts[arm_of[row["participant"]]] += 1
    for each in results.analysis("infections").rates:
        assert each.events == counts[each.arm]


def test_the_flow_adds_up(data, results):
    flow = results.flow
    assert flow.screened == len(data.participants)
    assert flow.randomized == sum(arm.allocated for arm in flow.arms) == 160
    assert flow.screened - flow.randomized == sum(flow.not_randomized.values())
    for arm in flow.arms:
        assert arm.allocated == arm.completed + arm.ongoing + sum(arm.ended_early.values())
