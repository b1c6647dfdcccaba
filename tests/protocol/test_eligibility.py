"""Screening: every criterion over a whole table, Kleene's eligibility, and reasons that agree."""

import datetime as dt
from pathlib import Path
from random import Random

import polars as pl
import pytest

from trialwright.errors import UnusableInputError
from trialwright.protocol import load_study
from trialwright.protocol.eligibility import STAND_IN, criterion_rules, screen
from trialwright.rules import Input
from trialwright.trialdata.tables import check_table

ON = dt.date(2026, 1, 20)
STUDIES = Path(__file__).parents[2] / "studies"

# The small study asks for age >= 18, selena_sledai >= 8, and not alt >= 2 * uln(alt).
PEOPLE = pl.DataFrame(
    {
        "participant": ["fits", "young", "calm", "liver", "unseen", "young and unseen"],
        "age": [34, 17, 34, 34, None, 17],
        "selena_sledai": [8, 8, 7, 8, 8, None],
        "alt": [79, 79, 79, 80, 79, None],
        "alt__upper_limit": [40, 40, 40, 40, 40, None],
    }
)


@pytest.fixture
def small(study_with):
    return study_with().study


def verdicts(screening, participant):
    rows = screening.criteria.filter(participant=participant)
    return dict(rows.select("criterion", "verdict").iter_rows())


def test_a_verdict_says_whether_the_criterion_as_written_is_met(small):
    screening = screen(small, PEOPLE, ON)

    assert verdicts(screening, "fits") == {"I1": "met", "I2": "met", "E1": "not met"}
    assert verdicts(screening, "young") == {"I1": "not met", "I2": "met", "E1": "not met"}
    assert verdicts(screening, "liver") == {"I1": "met", "I2": "met", "E1": "met"}
    assert verdicts(screening, "unseen") == {"I1": "unknown", "I2": "met", "E1": "not met"}


def test_one_failed_criterion_settles_eligibility_whatever_is_unknown(small):
    eligibility = screen(small, PEOPLE, ON).eligibility

    assert dict(eligibility.select("participant", "eligibility").iter_rows()) == {
        "fits": "eligible",
        "young": "ineligible",
        "calm": "ineligible",
        "liver": "ineligible",
        "unseen": "unknown",
        "young and unseen": "ineligible",
    }


def test_the_verdicts_are_the_criteria_table_of_a_trial(small):
    screening = screen(small, PEOPLE, ON)

    check_table("criteria", screening.criteria)
    check_table("criteria", screen(small, PEOPLE, ON, reasons=False).criteria)
    assert (
        screening.criteria["participant"].unique(maintain_order=True).equals(PEOPLE["participant"])
    )
    assert screening.criteria["criterion"].to_list() == ["I1", "I2", "E1"] * len(PEOPLE)


def test_reasons_and_what_to_collect(small):
    screening = screen(small, PEOPLE, ON)

    reasons = screening.criteria.filter(participant="young and unseen")["reason"].to_list()
    assert reasons == [
        "age is 17 years, not >= 18",
        "selena_sledai is not known",
        "alt is not known",  # the study has limits of its own, so those are not asked for
    ]
    assert screening.to_collect.rows() == [
        ("unseen", "I1", "age"),
        ("young and unseen", "I2", "selena_sledai"),
        ("young and unseen", "E1", "alt"),
    ]


def test_without_reasons_the_verdicts_are_the_same(small):
    with_reasons, without = screen(small, PEOPLE, ON), screen(small, PEOPLE, ON, reasons=False)

    assert without.criteria.drop("reason").equals(with_reasons.criteria.drop("reason"))
    assert without.eligibility.equals(with_reasons.eligibility)
    assert without.criteria["reason"].null_count() == len(without.criteria)
    assert without.to_collect.is_empty()
    assert without.to_collect.schema == with_reasons.to_collect.schema


def test_limits_of_the_study_stand_in_for_those_of_the_laboratory_and_are_named(small):
    people = pl.DataFrame(
        {
            "participant": ["own", "stand-in"],
            "alt": [100, 100],
            "alt__upper_limit": [60, None],
            "alt__source": ["laboratory", "laboratory"],
        }
    )
    screening = screen(small, people, ON)

    assert verdicts(screening, "own")["E1"] == "not met"
    assert verdicts(screening, "stand-in")["E1"] == "met"
    own, stand_in = screening.criteria.filter(criterion="E1")["reason"]
    assert STAND_IN not in own
    assert f"alt is 100 U/L (laboratory, {STAND_IN}), >= 2 * uln(alt), which is 80" in stand_in


def test_without_any_limit_the_limit_is_what_to_collect(study_with):
    study = study_with({"normal: {upper: 40}, ": ""}).study
    people = pl.DataFrame({"participant": ["P1"], "alt": [100.0]})
    screening = screen(study, people, ON)

    assert verdicts(screening, "P1")["E1"] == "unknown"
    assert ("P1", "E1", "alt_upper_limit") in screening.to_collect.rows()


def test_dates_and_sources_are_quoted(small):
    people = pl.DataFrame(
        {
            "participant": ["P1"],
            "selena_sledai": [6],
            "selena_sledai__date": [dt.date(2026, 1, 4)],
            "selena_sledai__source": ["visit screening"],
        }
    )
    reason = screen(small, people, ON).criteria.row(1, named=True)["reason"]

    assert reason == "selena_sledai is 6 (2026-01-04, visit screening), not >= 8"


def test_each_participant_is_assessed_on_the_own_day(study_with):
    study = study_with({"rule: age >= 18": "rule: months_since(last_biologic) >= 6"}).study
    people = pl.DataFrame(
        {
            "participant": ["day before", "day of", "no day"],
            "last_biologic": [dt.date(2025, 7, 20)] * 3,
            "screening_date": [dt.date(2026, 1, 19), dt.date(2026, 1, 20), None],
        }
    )
    criteria = screen(study, people, ON).criteria.filter(criterion="I1")

    assert criteria["verdict"].to_list() == ["not met", "met", "met"]
    assert criteria["assessed_on"].to_list() == [dt.date(2026, 1, 19), ON, ON]
    assert criteria["reason"][0].startswith("months_since(last_biologic) is 5 ")


def test_a_criterion_without_a_rule_is_unknown_and_nothing_can_be_collected_for_it(study_with):
    study = study_with({"text: Adult., rule: age >= 18": "text: Adult."}).study
    screening = screen(study, PEOPLE.head(1), ON)

    row = screening.criteria.row(0, named=True)
    assert (row["verdict"], "a person has to judge" in row["reason"]) == ("unknown", True)
    assert screening.eligibility["eligibility"].to_list() == ["unknown"]
    assert screening.to_collect.is_empty()
    assert criterion_rules(study)["I1"] is None


def test_no_participants_give_no_verdicts(small):
    screening = screen(small, PEOPLE.clear(), ON)

    assert (len(screening.criteria), len(screening.eligibility)) == (0, 0)
    check_table("criteria", screening.criteria)


@pytest.mark.parametrize(
    ("column", "values"),
    [("age", ["34"]), ("informed_consent", ["yes"]), ("sex", [1]), ("last_biologic", ["today"])],
)
def test_a_column_of_another_type_is_refused(study_with, column, values):
    study = study_with({"rule: age >= 18": f"rule: assessed({column})"}).study
    people = pl.DataFrame({"participant": ["P1"], column: values})
    with pytest.raises(UnusableInputError, match=f"column {column}"):
        screen(study, people, ON)


@pytest.mark.parametrize("name", ["il2-sle-dose-finding", "il2-sle-infection"])
def test_both_trials_judge_a_table_as_they_judge_one_by_one(name):
    # given: 60 participants with a tenth of the values unknown
    study = load_study(STUDIES / name / "study.yaml").study
    rules = {id_: rule for id_, rule in criterion_rules(study).items() if rule}
    random = Random(7)
    types = {item: type_ for rule in rules.values() for item, type_ in rule.types.items()}
    rows = []
    for number in range(60):
        row = {"participant": f"P{number}"}
        for item, type_ in types.items():
            value = {
                "number": lambda: float(random.randint(0, 120)),
                "boolean": lambda: random.random() < 0.5,
                "code": lambda codes=type_.codes: random.choice(codes),
                "date": lambda: ON - dt.timedelta(days=random.randint(-10, 2500)),
            }[type_.kind]()
            row[item] = None if random.random() < 0.1 else value
            if type_.kind == "number":
                row[f"{item}__lower_limit"], row[f"{item}__upper_limit"] = 5.0, 40.0
        rows.append(row)
    # when
    criteria = screen(study, pl.DataFrame(rows, infer_schema_length=None), ON).criteria
    # then
    for row in rows:
        judged = dict(
            criteria.filter(participant=row["participant"])
            .select("criterion", "verdict")
            .iter_rows()
        )
        for id_, rule in rules.items():
            inputs = {
                item: Input(row[item], None, "", row.get(f"{item}__lower_limit"),
                            row.get(f"{item}__upper_limit"))
                for item in rule.items
            }  # fmt: skip
            assert judged[id_] == rule.evaluate(inputs, ON).kind, id_
    assert set(criteria["verdict"]) == {"met", "not met", "unknown"}
