"""Every table of the dose-finding trial against a recount in plain loops.

The trial is simulated, so that it has what trials have: visits missed, items not assessed, doses
left out, people who stopped, events before, during and after treatment.
"""

import statistics
from collections import Counter, defaultdict
from datetime import timedelta

import pytest

from analysis.recount import Recount
from analysis.rehearsals import rehearsal

ARMS = ["placebo", "il-2-0.2-miu", "il-2-0.5-miu", "il-2-1-miu"]


@pytest.fixture(scope="module")
def recount() -> Recount:
    study, data, _ = rehearsal("dose finding")
    return Recount(study, data)


@pytest.fixture(scope="module")
def results():
    return rehearsal("dose finding").results


HOW = {
    "primary": {},
    "over-time": {},
    "literal-or": {"clauses": "or"},
    "sledai-component": {"component": "sledai", "composite": False},
    "bilag-component": {"component": "bilag", "composite": False},
    "pga-component": {"component": "pga", "composite": False},
}


@pytest.mark.parametrize("analysis", HOW)
def test_responders_missing_and_failures_of_each_arm(recount, results, analysis):
    found = results.analysis(analysis).proportions
    for each in found:
        mine = [who for who in recount.arm if recount.arm[who] == each.arm]
        judged = [recount.judged(who, each.visit, **HOW[analysis]) for who in mine]
        counts = [sum(column) for column in zip(*judged, strict=True)]
        got = [each.responders, each.missing, each.failures]
        assert got == counts, (each.visit, each.arm)
        assert each.participants == len(mine)
        assert each.proportion == pytest.approx(counts[0] / len(mine))
    assert sum(each.missing for each in found) > 0  # the trial does have gaps


def test_wilson_by_its_formula(results):
    z = statistics.NormalDist().inv_cdf(0.975)
    for each in results.analysis("over-time").proportions:
        n, p = each.participants, each.responders / each.participants
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        reach = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
        assert each.lower == pytest.approx(max(0, middle - reach), abs=1e-12)
        assert each.upper == pytest.approx(min(1, middle + reach), abs=1e-12)


def test_the_curve_of_improvement(recount, results):
    falls = {
        who: base - now
        for who in recount.arm
        for base, now in [(recount.total(who, "baseline"), recount.total(who, "week-12"))]
        if None not in (base, now)
    }
    sizes = Counter(recount.arm.values())
    for each in results.improvement.shares:
        fell = [
            who
            for who, fall in falls.items()
            if recount.arm[who] == each.arm and fall >= each.points
        ]
        assert each.share == pytest.approx(len(fell) / sizes[each.arm])


def test_who_was_turned_down_though_activity_fell(recount, results):
    for each in results.vetoes:
        fell = [
            (recount.parts(who, each.visit), recount.judged(who, each.visit)[2])
            for who in recount.arm
            if recount.arm[who] == each.arm
        ]
        fell = [(parts, failed) for parts, failed in fell if parts["sledai"]]
        assert each.sledai_responders == len(fell)
        assert each.vetoed_by_bilag == sum(parts["bilag"] is False for parts, _ in fell)
        assert each.vetoed_by_pga == sum(parts["pga"] is False for parts, _ in fell)
        both = [False in (parts["bilag"], parts["pga"]) for parts, _ in fell]
        assert each.vetoed == sum(both)
        assert each.failed_by_event == sum(failed for _, failed in fell)


# People


def treated(recount: Recount) -> list[str]:
    return [who for who in recount.arm if any(dose["given"] for dose in recount.doses[who])]


def test_the_flow(recount, results):
    inclusion = {each.id for each in recount.study.criteria if each.kind == "inclusion"}
    order = [each.id for each in recount.study.criteria]
    failed = defaultdict(list)
    for row in recount.criteria:
        against = "not met" if row["criterion"] in inclusion else "met"
        if row["verdict"] == against:
            failed[row["participant"]].append(row["criterion"])
    away = [who for who in recount.people if who not in recount.arm]
    first = Counter(min(failed[who], key=order.index) if failed[who] else "other" for who in away)
    got = results.flow
    assert got.screened == len(recount.people)
    assert {k.removesuffix(" reason"): v for k, v in got.not_randomized.items()} == first
    assert list(got.not_randomized) == sorted(
        got.not_randomized, key=lambda k: order.index(k) if k in order else len(order)
    )
    for each in got.arms:
        mine = [who for who in recount.arm if recount.arm[who] == each.allocated_to]
        ends = Counter(recount.people[who]["end_reason"] for who in mine)
        assert each.allocated == each.analyzed == len(mine)
        assert each.treated == len(set(mine) & set(treated(recount)))
        assert each.completed == ends.pop("completed", 0)
        assert each.ongoing == ends.pop(None, 0)
        assert each.ended_early == dict(ends)


def quartiles(values: list[float]) -> list[float]:
    """Type 7, as R's default: linear between order statistics."""
    ordered = sorted(values)

    def at(share: float) -> float:
        place = share * (len(ordered) - 1)
        low = int(place)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (place - low) * (ordered[high] - ordered[low])

    return [at(0.25), at(0.5), at(0.75)]


def assert_describes(cell, values: list[float]) -> None:
    assert cell.participants == len(values)
    low, middle, high = quartiles(values)
    assert cell.lower_quartile == pytest.approx(low)
    assert cell.median == pytest.approx(middle)
    assert cell.upper_quartile == pytest.approx(high)
    assert cell.mean == pytest.approx(statistics.fmean(values))
    assert cell.standard_deviation == pytest.approx(statistics.stdev(values))


def members(recount: Recount, group: str) -> list[str]:
    return [who for who, arm in recount.arm.items() if group in (arm, "all")]


def row(results, label: str):
    return next(each for each in results.baseline if each.characteristic == label)


def test_age_and_sex_and_sites_at_baseline(recount, results):
    for cell in row(results, "Age").cells:
        mine = members(recount, cell.group)
        assert_describes(cell, [recount.people[who]["age"] for who in mine])
    for cell in row(results, "Female").cells:
        mine = members(recount, cell.group)
        assert cell.participants == len(mine)
        assert cell.count == sum(recount.people[who]["sex"] == "female" for who in mine)
    for each in (one for one in results.baseline if one.group == "Site"):
        site = next(s.id for s in recount.study.sites if s.name == each.characteristic)
        for cell in each.cells:
            mine = members(recount, cell.group)
            assert cell.count == sum(recount.people[who]["site"] == site for who in mine)


def test_strata_at_baseline(recount, results):
    factor = next(f for f in recount.study.randomization.strata if f.levels != "sites")
    for level in factor.levels:
        for cell in row(results, f"{factor.title}: {level.title}").cells:
            mine = members(recount, cell.group)
            named = f"{factor.id}={level.id}"
            assert cell.count == sum(named in recount.stratum[who].split("; ") for who in mine)


def test_activity_at_baseline(recount, results):
    title = next(f.title for f in recount.study.forms if f.instrument == "selena-sledai")
    for cell in row(results, title).cells:
        last = [
            next(
                (t for v in ("baseline", "screening") if (t := recount.total(who, v)) is not None),
                None,
            )
            for who in members(recount, cell.group)
        ]
        assert_describes(cell, [total for total in last if total is not None])


# Safety


def under_treatment(recount: Recount, who: str) -> list[dict]:
    return [e for e in recount.events[who] if e["started_on"] >= recount.day_1[who]]


IS = {
    "Any adverse event": lambda e: True,
    "Related to treatment": lambda e: e["related"],
    "Grade 3 or more": lambda e: e["grade"] >= 3,
    "Serious": lambda e: e["serious"],
    "Of special interest": lambda e: e["special_interest"],
    "Fatal (grade 5)": lambda e: e["grade"] == 5,
}


def test_adverse_events_of_every_kind_category_and_term(recount, results):
    safety = results.safety
    groups = Counter(each.group for each in safety.rows)
    events = [e for who in treated(recount) for e in under_treatment(recount, who)]
    assert groups["summary"] == len(IS)
    assert groups["category"] == len({e["category"] for e in events})
    assert groups["term"] == len({e["term"] for e in events})
    for each in safety.rows:
        for arm in ARMS:
            mine = [
                e
                for e in events
                if recount.arm[e["participant"]] == arm
                and (IS[each.label](e) if each.group == "summary" else e[each.group] == each.label)
            ]
            assert each.events[arm] == len(mine), (each.label, arm)
            assert each.participants[arm] == len({e["participant"] for e in mine})


def stay(recount: Recount, who: str) -> tuple:
    last_visit = max(visit.day for visit in recount.study.visits)
    planned = recount.day_1[who] + timedelta(days=last_visit - 1)
    return recount.day_1[who], recount.people[who]["ended_on"] or planned


def test_time_at_risk_and_rates_of_infection(recount, results):
    for each in results.analysis("infections").rates:
        mine = [who for who in treated(recount) if recount.arm[who] == each.arm]
        days = infections = 0
        struck = set()
        for who in mine:
            first, last = stay(recount, who)
            days += (last - first).days + 1
            for event in recount.events[who]:
                if event["category"] == "infection" and first <= event["started_on"] <= last:
                    infections += 1
                    struck.add(who)
        assert each.participants == results.safety.treated[each.arm] == len(mine)
        assert (each.events, each.participants_with_event) == (infections, len(struck))
        assert each.person_years == pytest.approx(days / 365.25)
        assert results.safety.person_years[each.arm] == pytest.approx(days / 365.25)
        assert each.rate == pytest.approx(infections / (days / 365.25))


# Deviations


def departures(recount: Recount) -> set[tuple]:
    found = set()
    kinds = {each.id: each.kind for each in recount.study.criteria}
    for each in recount.criteria:
        who, against = each["participant"], "not met"
        if kinds[each["criterion"]] == "exclusion":
            against = "met"
        if who in recount.arm and each["verdict"] == against:
            found.add(("randomized although ineligible", who, each["criterion"]))
        if who in recount.arm and each["verdict"] == "unknown":
            found.add(("randomized with a criterion unknown", who, each["criterion"]))
    for (who, visit), each in recount.visits.items():
        if who not in recount.arm:
            continue
        if each["status"] == "missed":
            found.add(("visit missed", who, visit))
        elif each["study_day"] is not None:
            planned, window = recount.study.visit(visit).day, recount.study.visit(visit).window
            # Study days have no 0: from -1 to 1 is one day.
            days = [d - 1 if d > 0 else d for d in (each["study_day"], planned)]
            if not -window.before <= days[0] - days[1] <= window.after:
                found.add(("visit outside its window", who, visit))
    for who in recount.arm:
        for drug in {dose["intervention"] for dose in recount.doses[who]}:
            if not all(d["given"] for d in recount.doses[who] if d["intervention"] == drug):
                found.add(("doses missed", who, drug))
        if list(recount.rescued(who)):
            found.add(("prohibited medication", who, "rescue"))
        if list(recount.raised(who)):
            found.add(("prohibited medication", who, "more-prednisone"))
    return found


def test_deviations(recount, results):
    want = departures(recount)
    got = {(each.kind, each.participant, each.place) for each in results.deviations}
    assert got == want
    assert len(got) == len(results.deviations)
    assert len({kind for kind, *_ in got}) >= 3
    for each in results.deviations:
        assert each.arm == recount.arm[each.participant]
    for each in results.deviation_counts:
        for arm in ARMS:
            mine = [who for kind, who, _ in want if kind == each.kind and recount.arm[who] == arm]
            assert each.deviations[arm] == len(mine)
            assert each.participants[arm] == len(set(mine))
