"""Flow, baseline, safety, deviations and the parts of the index, counted by hand."""

import pytest

from analysis.trials import SLEDAI_12, Found, Person, dose_finding, infection, trial
from trialwright.analysis.baseline import baseline
from trialwright.analysis.dataset import prepare
from trialwright.analysis.deviations import KINDS, count_by_arm, deviations
from trialwright.analysis.flow import flow
from trialwright.analysis.index_parts import improvement, responder_estimand, vetoes
from trialwright.analysis.safety import safety


def dataset(*people, study=None, **more):
    study = study or dose_finding()
    return prepare(study, trial(study, people, **more))


def test_flow_counts_everyone_once():
    found = flow(
        dataset(
            Person("S1", None, failed_criteria={"E3": "met", "I2": "not met"}),
            Person("S2", None, failed_criteria={"E3": "met"}),
            Person("S3", None),
            Person("S4", None, failed_criteria={"I4": "unknown"}),
            Person("P1", "placebo"),
            Person("P2", "placebo", ended=(40, "lost to follow-up"), doses=[False]),
            Person("P3", "placebo", ended=None),
            Person("D1", "il-2-1-miu", ended=(40, "death")),
        )
    )
    assert found.screened == 8
    assert found.not_randomized == {"I2": 1, "E3": 1, "other reason": 2}
    assert found.randomized == 4
    placebo, *_, highest = found.arms
    assert (placebo.allocated, placebo.treated, placebo.analyzed) == (3, 2, 3)
    assert (placebo.completed, placebo.ongoing) == (1, 1)
    assert placebo.ended_early == {"lost to follow-up": 1}
    assert highest.ended_early == {"death": 1}
    assert [arm.allocated for arm in found.arms] == [3, 0, 0, 1]
    assert found.screened == found.randomized + sum(found.not_randomized.values())


def test_flow_of_a_crossover_follows_the_sequences():
    found = flow(dataset(Person("A", "standard-first"), study=infection("crossover")))
    assert [arm.allocated_to for arm in found.arms] == ["il-2-first", "standard-first"]


def test_baseline_by_hand():
    rows = baseline(
        dataset(
            Person("P1", "placebo", {"baseline": Found(numbers={"alt": 10})}, age=20),
            Person("P2", "placebo", {"baseline": Found(sledai=SLEDAI_12)}, age=40, sex="male"),
            Person("D1", "il-2-1-miu", {"screening": Found(numbers={"alt": 30})}, age=33),
        )
    )
    by_name = {(row.group, row.characteristic): row for row in rows}

    def cells(group, name):
        return {cell.group: cell for cell in by_name[(group, name)].cells}

    ages = cells("Participants", "Age")
    assert ages["placebo"].mean == 30
    assert ages["placebo"].standard_deviation == pytest.approx(200**0.5)  # 20 and 40
    assert (ages["placebo"].lower_quartile, ages["placebo"].upper_quartile) == (25, 35)
    assert ages["all"].mean == 31
    assert ages["il-2-0.5-miu"].participants == 0
    assert ages["il-2-0.5-miu"].mean is None
    assert ages["il-2-1-miu"].standard_deviation is None
    assert cells("Participants", "Female")["all"].count == 2
    activity = cells("Disease activity", "SELENA-SLEDAI")
    assert activity["placebo"].mean == 10  # 8 and 12
    # The last value up to the first dose: one from baseline, one from screening.
    alt = cells("Laboratory", "Alanine aminotransferase")
    assert (alt["placebo"].mean, alt["placebo"].participants) == (10, 1)
    assert alt["il-2-1-miu"].mean == 30
    assert cells("Strata", "SELENA-SLEDAI at baseline: 8 to 11")["all"].count == 3


def test_baseline_leaves_later_values_out():
    later = Found(numbers={"alt": 99})
    rows = baseline(dataset(Person("P1", "placebo", {"week-4": later})))
    alt = next(row for row in rows if row.characteristic == "Alanine aminotransferase")
    assert alt.cells[0].participants == 0


def event(participant, started, **more):
    return {"participant": participant, "started": started, **more}


def test_safety_counts_participants_and_events():
    found = safety(
        dataset(
            Person("P1", "placebo"),
            Person("P2", "placebo", doses=[False]),
            Person("D1", "il-2-1-miu", ended=(91, "completed")),
            adverse_events=[
                event("P1", 5),
                event("P1", 9, term="Fever", category="reaction", grade=3, serious=True),
                event("P1", -3),  # before the first dose
                event("P2", 5),  # never treated
                event("D1", 5, related=True),
            ],
        )
    )
    rows = {(row.group, row.label): row for row in found.rows}
    assert found.treated["placebo"] == 1
    assert found.person_years["il-2-1-miu"] == pytest.approx(91 / 365.25)
    assert rows[("summary", "Any adverse event")].participants == {
        "placebo": 1,
        "il-2-0.2-miu": 0,
        "il-2-0.5-miu": 0,
        "il-2-1-miu": 1,
    }
    assert rows[("summary", "Any adverse event")].events["placebo"] == 2
    assert rows[("summary", "Serious")].events["placebo"] == 1
    assert rows[("summary", "Related to treatment")].events["il-2-1-miu"] == 1
    assert rows[("summary", "Grade 3 or more")].participants["il-2-1-miu"] == 0
    categories = [row.label for row in found.rows if row.group == "category"]
    assert categories == ["infection", "reaction"]  # the more frequent first


def test_an_event_in_the_washout_counts_for_the_period_before():
    study = infection("crossover")
    people = [Person("A", "il-2-first", ended=(170, "completed"), stratum="all participants")]
    days = {5: "il-2", 80: "il-2", 99: "standard-therapy", 169: "standard-therapy"}
    for started, arm in days.items():
        found = safety(dataset(*people, study=study, adverse_events=[event("A", started)]))
        assert found.rows[0].events[arm] == 1, started


def test_no_event_at_all_gives_zeros():
    found = safety(dataset(Person("P1", "placebo")))
    assert {row.group for row in found.rows} == {"summary"}
    assert all(set(row.events.values()) == {0} for row in found.rows)


def test_deviations_name_participant_place_and_detail():
    made = dataset(
        Person(
            "P1",
            "placebo",
            {"week-4": Found(days_late=4), "week-8": None, "week-12": Found(days_late=-3)},
            failed_criteria={"E3": "met", "I4": "unknown"},
            doses=[True, False, False],
        ),
        Person("D1", "il-2-1-miu", {"week-4": Found(days_late=-4), "week-8": Found(days_late=3)}),
        Person("S1", None, failed_criteria={"I2": "not met"}),
        medications=[
            {
                "participant": "D1",
                "medication": "rituximab",
                "medication_class": "biologic",
                "started": 20,
            }
        ],
    )
    found = deviations(made)
    assert [(each.kind, each.participant, each.place, each.detail) for each in found] == [
        ("randomized although ineligible", "P1", "E3", "E3 read"),
        ("randomized with a criterion unknown", "P1", "I4", "I4 read"),
        ("visit outside its window", "D1", "week-4", "4 days early"),
        ("visit outside its window", "P1", "week-4", "4 days late"),
        ("visit missed", "P1", "week-8", ""),
        ("doses missed", "P1", "il-2", "2 of 3 doses due"),
        (
            "prohibited medication",
            "D1",
            "rescue",
            "A new immunosuppressant or biologic on 2026-01-24",
        ),
    ]
    counts = {each.kind: each for each in count_by_arm(made, found)}
    assert tuple(counts) == KINDS
    assert counts["visit outside its window"].deviations["il-2-1-miu"] == 1
    assert counts["visit outside its window"].participants["placebo"] == 1
    assert counts["visit missed"].deviations["il-2-0.2-miu"] == 0


FELL = ("arthritis",)


def responders():
    def person(name, arm, week_12, **more):
        return Person(name, arm, {"baseline": Found(), "week-12": week_12}, **more)

    return dataset(
        person("P1", "placebo", Found(sledai=FELL)),
        person("P2", "placebo", Found(sledai=FELL, bilag={"skin_eruption_severe": 4}, pga=2.9)),
        person("P3", "placebo", Found(sledai=FELL, pga=2.5)),
        person("P4", "placebo", Found(sledai=())),
        person("P5", "placebo", None),
        person("P6", "placebo", Found(sledai=SLEDAI_12)),
        person("D1", "il-2-1-miu", Found(sledai=FELL), treatment_ended=(20, "adverse event")),
    )


def test_vetoes_count_who_was_turned_down_and_why():
    made = responders()
    estimand = responder_estimand(made)
    assert estimand.id == "sri-4-week-12"
    placebo, *_, highest = vetoes(made, estimand)
    assert placebo.sledai_responders == 4
    assert (placebo.vetoed_by_bilag, placebo.vetoed_by_pga, placebo.vetoed) == (1, 2, 2)
    assert (highest.sledai_responders, highest.vetoed, highest.failed_by_event) == (1, 0, 1)


def test_the_responder_curve_counts_the_missing_as_not_improved():
    made = responders()
    curve = improvement(made, responder_estimand(made))
    shares = {(each.arm, each.points): each.share for each in curve.shares}
    assert shares[("placebo", 4)] == pytest.approx(4 / 6)
    assert shares[("placebo", 5)] == pytest.approx(1 / 6)
    assert shares[("placebo", 8)] == pytest.approx(1 / 6)
    assert ("placebo", 9) not in shares  # nobody fell further
    assert ("il-2-0.2-miu", 1) not in shares  # an arm without anybody
    for arm in ("placebo", "il-2-1-miu"):
        steps = [shares[(arm, points)] for points in range(1, 9)]
        assert steps == sorted(steps, reverse=True)


def test_a_study_without_the_index_has_no_responders():
    assert responder_estimand(dataset(Person("A", "il-2"), study=infection())) is None
