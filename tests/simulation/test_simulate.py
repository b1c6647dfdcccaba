"""Whole trials: every table fits the others, the study, and the code that conducts a real trial."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from simulation.shipped import enlarged, load, trial
from trialwright import sle
from trialwright.errors import UnusableInputError
from trialwright.protocol.scheme import randomization_scheme
from trialwright.randomization import allocation_list, replay
from trialwright.simulation import simulate, simulated_list
from trialwright.trialdata import TABLES, visit_table, write_data


def randomized(data):
    return data.participants.filter("randomized")


def test_the_enrollment_is_reached_exactly(study, data):
    assert randomized(data).height == study.design.enrollment.count
    assert set(randomized(data)["participant"]) == set(data.allocations["participant"])
    assert data.participants.height > study.design.enrollment.count


def test_the_same_seed_gives_the_same_bytes(study, tmp_path):
    few = enlarged(study, 16)
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        write_data(simulate(few, "emax", 7, reasons=False), tmp_path / folder)
    for table in TABLES:
        one, two = (tmp_path / folder / f"{table}.parquet" for folder in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("other", [{"seed": 8}, {"seed": 7, "trial": 1}])
def test_another_seed_or_trial_gives_another_trial(other):
    study = enlarged(load("infection"), 16)
    one = simulate(study, "emax", 7, reasons=False)
    two = simulate(study, "emax", **other, reasons=False)
    assert not one.item_values.equals(two.item_values)
    assert not one.allocations["allocated_to"].equals(two.allocations["allocated_to"])


def test_a_larger_trial_begins_with_the_same_people():
    # given the same study with a quarter of the enrollment; the calendar alone is denser
    small = simulate(enlarged(load("dose-finding"), 40), "emax", 1, reasons=False)
    large = trial("dose-finding")
    known = ["participant", "sex", "age", "site", "randomized"]
    assert (
        large.participants.head(small.participants.height)
        .select(known)
        .equals(small.participants.select(known))
    )
    screening = (pl.col("visit") == "screening") & pl.col("number").is_not_null()
    people = small.participants["participant"].implode()
    columns = ["participant", "form", "item", "number"]
    assert (
        large.item_values.filter(screening & pl.col("participant").is_in(people))
        .select(columns)
        .equals(small.item_values.filter(screening).select(columns))
    )


def test_allocations_are_the_rows_of_the_list_in_the_order_of_the_first_dose(name, study, data):
    allocations = simulated_list(study, 1)
    given = data.allocations.sort("allocated_on", "participant")
    for (stratum,), rows in given.group_by("stratum", maintain_order=True):
        listed = allocations.rows.filter(pl.col("stratum") == stratum).head(rows.height)
        assert rows["allocated_to"].to_list() == listed["allocated_to"].to_list()
        assert rows["position"].to_list() == list(range(1, rows.height + 1))


def test_the_list_of_a_simulated_trial_is_a_list_of_the_study(study):
    scheme = randomization_scheme(study)
    with pytest.raises(UnusableInputError):  # its seed is not that of the simulation
        replay(simulated_list(study, 1), scheme, 1)
    assert simulated_list(study, 1).rows.columns == allocation_list(scheme, 1).rows.columns
    assert simulated_list(study, 1).sha256 == simulated_list(study, 1).sha256
    assert simulated_list(study, 1).sha256 != simulated_list(study, 1, trial=1).sha256


def test_arms_are_balanced_up_to_a_block_in_each_stratum(study, data):
    sizes, arms = study.randomization.block_sizes, len(study.randomization.ratio)
    for _, rows in data.allocations.group_by("stratum"):
        counts = rows["allocated_to"].value_counts()["count"].to_list()
        counts += [0] * (arms - len(counts))
        assert max(counts) - min(counts) <= max(sizes) // arms


def test_strata_are_those_of_site_and_baseline():
    data, study = trial("dose-finding"), load("dose-finding")
    sledai = visit_table(study, data, ["selena_sledai"]).filter(pl.col("visit") == "baseline")
    joined = data.allocations.join(data.participants, on="participant").join(
        sledai, on="participant"
    )
    for row in joined.iter_rows(named=True):
        activity = "below-12" if row["selena_sledai"] < 12 else "from-12"
        assert row["stratum"] == f"site={row['site']}; activity={activity}"


def test_who_is_randomized_meets_every_criterion_and_who_is_not_fails_one(study, data):
    kinds = {each.id: each.kind for each in study.criteria}
    wanted = (
        pl.when(pl.col("criterion").replace_strict(kinds) == "inclusion")
        .then(pl.lit("met"))
        .otherwise(pl.lit("not met"))
    )
    passed = data.criteria.group_by("participant").agg(
        (pl.col("verdict").cast(pl.String) == wanted).all().alias("passed"),
        pl.len().alias("criteria"),
    )
    joined = data.participants.join(passed, on="participant", how="left")
    assert joined["randomized"].equals(joined["passed"].alias("randomized"))
    assert (joined["criteria"] == len(study.criteria)).all()


def test_nobody_is_randomized_below_a_sledai_of_8(name, study, data):
    table = visit_table(study, data, ["selena_sledai"])
    people = randomized(data)["participant"].implode()
    baseline = next(visit.id for visit in study.visits if visit.day == 1)
    scores = table.filter(pl.col("participant").is_in(people), pl.col("visit") == baseline)
    assert scores["selena_sledai"].min() >= 8


def test_reasons_are_given_when_asked_for():
    study = load("infection")
    data = simulate(study, "emax", 1)
    assert data.criteria["reason"].null_count() == 0
    failed = data.criteria.filter((pl.col("criterion") == "I6") & (pl.col("verdict") == "not met"))
    assert failed.height
    assert failed["reason"].str.contains("selena_sledai").all()
    without = trial("infection").criteria
    assert without.drop("reason").equals(data.criteria.drop("reason"))


def test_screen_failures_end_before_treatment(study, data):
    failures = data.participants.filter(~pl.col("randomized"))
    for column in ("treatment_ended_on", "treatment_end_reason", "ended_on", "end_reason"):
        assert failures[column].null_count() == failures.height
    names = failures["participant"].implode()
    first = {visit.id for visit in study.visits if visit.day <= 1}
    assert set(data.visits.filter(pl.col("participant").is_in(names))["visit"]) <= first
    for table in ("allocations", "adverse_events", "exposures", "medications"):
        assert getattr(data, table).filter(pl.col("participant").is_in(names)).is_empty()


def test_some_fail_at_screening_and_some_at_baseline():
    data = trial("dose-finding")
    failures = data.participants.filter(~pl.col("randomized"))["participant"].implode()
    visits = data.visits.filter(pl.col("participant").is_in(failures))["visit"].value_counts()
    counts = dict(visits.iter_rows())
    assert counts["screening"] > counts["baseline"] > 0


def test_items_are_those_of_the_forms_of_the_visit(study, data):
    allowed = {(visit.id, form) for visit in study.visits for form in visit.forms}
    assert set(data.item_values.select("visit", "form").unique().iter_rows()) == allowed
    for form in study.forms:
        found = set(data.item_values.filter(pl.col("form") == form.id)["item"])
        if form.instrument:
            assert found == {item.key for item in sle.instrument(form.instrument).items}
        else:
            assert found <= {item.id for item in form.items}


def test_numbers_lie_in_their_range_with_their_decimals_and_unit(study, data):
    for form in study.forms:
        for item in form.items:
            rows = data.item_values.filter(pl.col("form") == form.id, pl.col("item") == item.id)
            if item.type == "code":
                assert set(rows["text"].drop_nulls()) <= {code.code for code in item.codes}
            if item.type == "date":
                assert rows["text"].drop_nulls().str.to_date("%Y-%m-%d").len() <= rows.height
            if item.type == "yes/no":
                assert set(rows["number"].drop_nulls()) <= {0, 1}
            if item.type != "number":
                continue
            numbers = rows["number"].drop_nulls()
            assert numbers.is_between(item.range.minimum, item.range.maximum).all()
            assert (rows["unit"] == item.unit).all()
            if item.decimals is not None:
                assert (numbers - numbers.round(item.decimals)).abs().max() < 1e-9
            if item.normal:
                assert rows["upper_limit"].unique().to_list() == [item.normal.upper]


def test_sledai_agrees_with_the_laboratory(name, study, data):
    items = ["c3", "c4", "anti_dsdna", "urine_protein", "platelets", "white_cells"]
    sledai = ["low_complement", "increased_dna_binding", "proteinuria", "thrombocytopenia",
              "leukopenia"]  # fmt: skip
    table = visit_table(study, data, [*items, *(f"selena_sledai.{key}" for key in sledai)])
    table = table.drop_nulls()
    assert table.height > 50
    limit = {item.id: item.normal for form in study.forms for item in form.items if item.normal}
    c3, c4, dna = limit["c3"].lower, limit["c4"].lower, limit["anti_dsdna"].upper
    expected = {
        "low_complement": (pl.col("c3") < c3) | (pl.col("c4") < c4),
        "increased_dna_binding": pl.col("anti_dsdna") > dna,
        "proteinuria": pl.col("urine_protein") > 0.5,
        "thrombocytopenia": pl.col("platelets") < 100,
        "leukopenia": pl.col("white_cells") < 3,
    }
    for key, rule in expected.items():
        agrees = table.select((pl.col(f"selena_sledai.{key}") == rule.cast(pl.Int8)).all()).item()
        assert agrees, key


def test_visits_stand_in_their_windows_and_none_is_after_the_end(study, data):
    windows = {visit.id: visit for visit in study.visits}
    ends = dict(data.participants.select("participant", "ended_on").iter_rows())
    for row in data.visits.iter_rows(named=True):
        visit = windows[row["visit"]]
        if row["study_day"] is None:
            continue
        day = row["study_day"]
        planned, found = (each if each < 0 else each - 1 for each in (visit.day, day))
        assert -visit.window.before <= found - planned <= visit.window.after
        assert row["visited_on"] <= ends[row["participant"]]


def test_each_visit_attended_has_its_forms_and_each_missed_has_none(study, data):
    seen = set(data.item_values.select("participant", "visit").unique().iter_rows())
    attended = data.visits.filter(pl.col("status") == "attended")
    assert set(attended.select("participant", "visit").iter_rows()) == seen
    missed = data.visits.filter(pl.col("status") == "missed")
    assert missed["visited_on"].null_count() == missed.height


def test_values_are_collected_on_the_day_of_their_visit(study, data):
    days = data.visits.select("participant", "visit", "visited_on")
    joined = data.item_values.join(days, on=["participant", "visit"])
    assert joined.height == data.item_values.height
    assert (joined["collected_on"] == joined["visited_on"]).all()


def test_doses_are_those_due_to_the_arm_until_treatment_ends():
    data = trial("dose-finding")
    joined = data.exposures.join(data.allocations, on="participant").join(
        data.participants, on="participant"
    )
    own = pl.col("intervention") == pl.col("allocated_to")
    assert joined.select(own.all()).item()
    assert (joined["due_on"] >= joined["allocated_on"]).all()
    assert (joined["due_on"] <= joined["treatment_ended_on"]).all()
    completed = joined.filter(pl.col("treatment_end_reason") == "completed")
    # By hand: days 1, 3 … 83 and 85, 92 … 162 are 42 + 12 doses.
    assert set(completed.group_by("participant").len()["len"]) == {54}
    given = joined["given"].mean()
    assert given == pytest.approx(0.97, abs=0.01)
    assert joined.filter(~pl.col("given"))["dose"].null_count() == (~joined["given"]).sum()


def test_in_a_crossover_each_participant_gets_interleukin_in_the_period_of_their_sequence():
    data = trial("crossover")
    joined = data.exposures.join(data.allocations, on="participant").with_columns(
        day=(pl.col("due_on") - pl.col("allocated_on")).dt.total_days() + 1
    )
    first = joined.filter(pl.col("allocated_to") == "il-2-first")["day"]
    second = joined.filter(pl.col("allocated_to") == "standard-first")["day"]
    assert first.max() <= 70
    assert second.min() == 99
    assert second.max() <= 168


def test_who_leaves_after_the_last_dose_has_completed_treatment():
    # given those who get interleukin-2 in the first period, which ends with a dose due on day 70
    data = trial("crossover")
    first = (
        data.allocations.filter(pl.col("allocated_to") == "il-2-first")
        .join(data.participants, on="participant")
        .with_columns(
            day=(pl.col("treatment_ended_on") - pl.col("allocated_on")).dt.total_days() + 1
        )
    )
    completed = first["treatment_end_reason"] == "completed"
    assert (first.filter(completed)["day"] == 70).all()
    assert (first.filter(~completed)["day"] <= 70).all()
    later = pl.col("ended_on") > pl.col("treatment_ended_on")
    gone = first.filter(later, pl.col("end_reason") != "completed")
    assert (gone["treatment_end_reason"] == "completed").all()


def test_medication_rows_follow_one_another_and_start_before_the_trial():
    data = trial("dose-finding")
    steroids = data.medications.filter(pl.col("medication_class") == "glucocorticoid")
    follows = steroids.with_columns(
        next=pl.col("started_on").shift(-1).over("participant")
    ).drop_nulls("next")
    assert (follows["ended_on"] + dt.timedelta(days=1) == follows["next"]).all()
    first = steroids.group_by("participant").agg(pl.col("started_on").min())
    joined = first.join(data.allocations, on="participant")
    assert (joined["started_on"] < joined["allocated_on"]).all()
    assert set(data.medications["medication_class"]) == {
        "glucocorticoid", "antimalarial", "immunosuppressant"
    }  # fmt: skip
    assert data.medications["dose"].null_count() == 0


def test_the_form_and_the_medications_state_the_same_prednisone():
    data, study = trial("dose-finding"), load("dose-finding")
    dose = visit_table(study, data, ["prednisone"]).drop_nulls()
    days = data.visits.select("participant", pl.col("visit"), "visited_on")
    asked = dose.with_columns(pl.col("visit").cast(pl.String)).join(
        days, on=["participant", "visit"]
    )
    steroids = data.medications.filter(pl.col("medication_class") == "glucocorticoid")
    found = asked.join(steroids, on="participant").filter(
        pl.col("visited_on").is_between(
            pl.col("started_on"), pl.col("ended_on").fill_null(dt.date(2100, 1, 1))
        )
    )
    assert found.height > 1000
    assert (found["prednisone"] == found["dose"]).all()


def test_dates_lie_between_start_and_completion(study, data):
    start = study.status.start.on
    assert data.participants["consented_on"].min() >= start
    # The calendar is drawn so that recruitment fits; a tenth more is bad luck, not a mistake.
    span = (study.status.primary_completion.on - start).days
    assert (data.visits["visited_on"].max() - start).days < 1.25 * span


def test_an_item_without_a_model_is_named():
    study = load("infection")
    form = study.forms[0]
    odd = form.items[0].model_copy(update={"id": "shoe_size", "cdisc": None})
    changed = form.model_copy(update={"items": (*form.items, odd)})
    broken = study.model_copy(update={"forms": (changed, *study.forms[1:])})
    with pytest.raises(UnusableInputError, match=r"can answer demography\.shoe_size") as caught:
        simulate(broken, "emax", 1)
    assert "measures.yaml" in caught.value.remedy


def test_a_unit_that_cannot_be_converted_is_named():
    study = load("infection")
    form = study.form("laboratory")
    place = [item.id for item in form.items].index("c3")
    items = list(form.items)
    items[place] = items[place].model_copy(update={"unit": "furlong"})
    forms = tuple(
        each.model_copy(update={"items": tuple(items)}) if each.id == form.id else each
        for each in study.forms
    )
    with pytest.raises(UnusableInputError, match="c3 is in furlong"):
        simulate(study.model_copy(update={"forms": forms}), "emax", 1)


def test_a_unit_that_can_be_converted_is():
    study = load("infection")
    form = study.form("laboratory")
    items = tuple(
        item.model_copy(
            update={
                "unit": "mg/dL",
                "range": item.range.model_copy(update={"maximum": 500.0}),
                "normal": item.normal.model_copy(update={"lower": 79.0, "upper": 152.0}),
            }
        )
        if item.id == "c3"
        else item
        for item in form.items
    )
    forms = tuple(
        each.model_copy(update={"items": items}) if each.id == form.id else each
        for each in study.forms
    )
    converted = simulate(study.model_copy(update={"forms": forms}), "emax", 1, reasons=False)
    c3 = pl.col("item") == "c3"
    one = converted.item_values.filter(c3)["number"]
    other = trial("infection").item_values.filter(c3)["number"]
    assert np.abs(one.to_numpy() - 100 * other.to_numpy()).max() < 0.51  # rounded to 0.01 g/L


def test_criteria_that_nobody_meets_are_an_error_and_not_an_endless_search():
    study = enlarged(load("infection"), 4)
    impossible = study.criteria[0].model_copy(update={"rule": "age > 200"})
    broken = study.model_copy(update={"criteria": (impossible, *study.criteria[1:])})
    with pytest.raises(
        UnusableInputError, match="of 256 virtual candidates only 0 are eligible, and 4 are"
    ):
        simulate(broken, "emax", 1)


def test_an_unknown_scenario_is_refused():
    with pytest.raises(UnusableInputError, match="there is no scenario 'hope'"):
        simulate(load("infection"), "hope", 1)
