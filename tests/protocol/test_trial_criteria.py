"""The criteria of both trials at their boundaries, as the registry words them.

Expected verdicts are read off the registry pages of NCT04077684 and NCT02932137, whose words stand
beside each group. A verdict says whether the criterion as written is met.
"""

import datetime as dt
from functools import cache
from pathlib import Path

import pytest

from trialwright.protocol import load_study
from trialwright.protocol.eligibility import criterion_rules
from trialwright.rules import Input

STUDIES = Path(__file__).parents[2] / "studies"
ON = dt.date(2026, 1, 20)
MET, NOT, UNKNOWN = "met", "not met", "unknown"


@cache
def rules(study):
    return criterion_rules(load_study(STUDIES / study / "study.yaml").study)


def judge(study, criterion, values):
    """Values by item; a pair is a value and the laboratory's upper limit, a triple adds the lower."""
    rule = rules(study)[criterion]
    assert rule is not None
    assert values.keys() <= rule.items, "the case speaks of items that the rule does not read"
    inputs = {}
    for name, given in values.items():
        value, upper, lower = (
            (*given, None, None)[:3] if isinstance(given, tuple) else (given, None, None)
        )
        inputs[name] = Input(value, upper_limit=upper, lower_limit=lower)
    return rule.evaluate(inputs, ON).kind


def day(text):
    return dt.date.fromisoformat(text)


DOSE_FINDING = [
    # "SLE disease activity index (SLEDAI) >= 8", its sign lost on the page
    ("I2", {"selena_sledai": 7}, NOT),
    ("I2", {"selena_sledai": 8}, MET),
    ("I2", {}, UNKNOWN),
    # "age: 18 to 75 years, weight 45-80 kg"
    ("I3", {"age": 18, "weight": 45}, MET),
    ("I3", {"age": 75, "weight": 80}, MET),
    ("I3", {"age": 17, "weight": 60}, NOT),
    ("I3", {"age": 76, "weight": 60}, NOT),
    ("I3", {"age": 40, "weight": 44.9}, NOT),
    ("I3", {"age": 40, "weight": 80.1}, NOT),
    ("I3", {"age": 40}, UNKNOWN),
    ("I3", {"weight": 90}, NOT),  # whatever the age is
    # "inadequate response to standard treatment for >= 3 months ... corticosteroids (<= 1.0 mg/kg)"
    ("I4", {"inadequate_response": True, "standard_treatment_started": day("2025-10-20"),
            "prednisone": 60, "weight": 60}, MET),
    ("I4", {"inadequate_response": True, "standard_treatment_started": day("2025-10-21"),
            "prednisone": 60, "weight": 60}, NOT),
    ("I4", {"inadequate_response": True, "standard_treatment_started": day("2025-10-20"),
            "prednisone": 60.1, "weight": 60}, NOT),
    ("I4", {"inadequate_response": True, "standard_treatment_started": day("2025-10-20"),
            "prednisone": 57.3, "weight": 57.3}, MET),
    ("I4", {"inadequate_response": True, "standard_treatment_started": day("2025-10-20"),
            "prednisone": 0, "weight": 60}, MET),
    ("I4", {"inadequate_response": False}, NOT),
    ("I4", {"inadequate_response": True, "prednisone": 30, "weight": 60}, UNKNOWN),
    # "Negative urine pregnancy test"
    ("I5", {"pregnancy_possible": True, "urine_pregnancy_test": "negative"}, MET),
    ("I5", {"pregnancy_possible": True, "urine_pregnancy_test": "positive"}, NOT),
    ("I5", {"pregnancy_possible": True}, UNKNOWN),
    ("I5", {"pregnancy_possible": False}, MET),
    # "Written informed consent form"
    ("I6", {"informed_consent": True}, MET),
    ("I6", {"informed_consent": False}, NOT),
    # "alanine aminotransferase or aspartate aminotransferase >= 2 times of the upper limit"
    ("E3", {"alt": (79.9, 40), "ast": (69.9, 35)}, NOT),
    ("E3", {"alt": (80, 40), "ast": (20, 35)}, MET),
    ("E3", {"alt": (20, 40), "ast": (70, 35)}, MET),
    ("E3", {"alt": (80, 40)}, MET),  # one enzyme settles it
    ("E3", {"alt": (20, 40)}, UNKNOWN),
    ("E3", {"alt": 80, "ast": (20, 35)}, UNKNOWN),  # no limit, no verdict
    # "pregnancy or lactation in females"
    ("E4", {"pregnancy_possible": True, "urine_pregnancy_test": "positive", "lactating": False}, MET),
    ("E4", {"pregnancy_possible": False, "lactating": False}, NOT),
    ("E4", {"lactating": True}, MET),
    # "Cancer or history of cancer cured for less than five years (except in situ carcinoma ...)"
    ("E5", {"cancer": "none"}, NOT),
    ("E5", {"cancer": "exempt"}, NOT),
    ("E5", {"cancer": "present"}, MET),
    ("E5", {"cancer": "cured", "cancer_cured_on": day("2021-01-20")}, NOT),
    ("E5", {"cancer": "cured", "cancer_cured_on": day("2021-01-21")}, MET),
    ("E5", {"cancer": "cured"}, UNKNOWN),
    # "Serious infection such as bacteremia, sepsis; history of chronic infection"
    ("E6", {"serious_infection": False, "chronic_infection": True}, MET),
    ("E6", {"serious_infection": False, "chronic_infection": False}, NOT),
    ("E6", {"serious_infection": False}, UNKNOWN),
    # "active infection (hepatitis B or C, Epstein-Barr, HIV or Mycobacterium tuberculosis)"
    ("E7", {"active_tuberculosis": True}, MET),
    ("E7", dict.fromkeys(["active_hepatitis_b", "active_hepatitis_c", "active_epstein_barr",
                          "active_hiv", "active_tuberculosis"], False), NOT),
    # "severe comorbidities including heart failure (>= grade III NYHA)"
    ("E9", {"nyha_class": "III"}, MET),
    ("E9", {"nyha_class": "IV"}, MET),
    ("E9", {"nyha_class": "II", "other_severe_comorbidity": False}, NOT),
    ("E9", {"nyha_class": "none", "other_severe_comorbidity": True}, MET),
    # "rituximab or other biologics within 6 months"
    ("E12", {"biologic_ever": False}, NOT),
    ("E12", {"biologic_ever": True, "last_biologic": day("2025-07-20")}, NOT),
    ("E12", {"biologic_ever": True, "last_biologic": day("2025-07-21")}, MET),
    ("E12", {"biologic_ever": True}, UNKNOWN),
    # "participate in other clinical trial within 4 weeks"
    ("E14", {"other_trial": True, "other_trial_ended_on": day("2025-12-23")}, NOT),  # 28 days ago
    ("E14", {"other_trial": True, "other_trial_ended_on": day("2025-12-24")}, MET),
    ("E14", {"other_trial": False}, NOT),
]  # fmt: skip

NEITHER = {"disease_associated_rash": False, "mouth_ulcer": False, "non_infectious_fever": False,
           "active_vasculitis": False, "neuropsychiatric_lupus": False}  # fmt: skip
ALL_NORMAL = {"ana_titer": 160, "anti_dsdna": (30, 30), "immunoglobulin_g": 20, "c3": (0.8, 1.5, 0.8),
              "c4": (0.2, 0.4, 0.2), "white_cells": 3, "platelets": 100}  # fmt: skip

INFECTION = [
    # "Under standard treatment (>= 2 months) at the time of inclusion"
    ("I2", {"standard_treatment_started": day("2025-11-20")}, MET),
    ("I2", {"standard_treatment_started": day("2025-11-21")}, NOT),
    # "at least one of ...: thrombocytopenia, ..., renal disorder (proteinuria > 0.5 g/day), ..."
    ("I4", NEITHER | {"platelets": 100, "urine_protein": 0.5}, NOT),
    ("I4", NEITHER | {"platelets": 99, "urine_protein": 0.5}, MET),
    ("I4", NEITHER | {"platelets": 100, "urine_protein": 0.51}, MET),
    ("I4", {"mouth_ulcer": True}, MET),
    ("I4", NEITHER | {"platelets": 100}, UNKNOWN),
    # "ANA > 1:160, anti-dsDNA, immunoglobulin > 20 g/L, decreased C3 or C4, leukopenia < 3,
    # thrombocytopenia < 100"
    ("I5", ALL_NORMAL, NOT),
    ("I5", ALL_NORMAL | {"ana_titer": 320}, MET),
    ("I5", ALL_NORMAL | {"anti_dsdna": (30.1, 30)}, MET),
    ("I5", ALL_NORMAL | {"immunoglobulin_g": 20.1}, MET),
    ("I5", ALL_NORMAL | {"c3": (0.79, 1.5, 0.8)}, MET),
    ("I5", ALL_NORMAL | {"c4": (0.19, 0.4, 0.2)}, MET),
    ("I5", ALL_NORMAL | {"white_cells": 2.99}, MET),
    ("I5", ALL_NORMAL | {"platelets": 99}, MET),
    ("I5", ALL_NORMAL | {"c3": 0.5}, UNKNOWN),  # low or not, by which limit?
    # "SLE disease activity index (SLEDAI) >= 8"
    ("I6", {"selena_sledai": 8}, MET),
    ("I6", {"selena_sledai": 7}, NOT),
    # "Negative for hepatitis B and C virus"
    ("I8", {"hepatitis_b_test": "negative", "hepatitis_c_test": "negative"}, MET),
    ("I8", {"hepatitis_b_test": "negative"}, UNKNOWN),
    ("I8", {"hepatitis_c_test": "positive"}, NOT),
    # "Ages eligible for study: 18 years to 60 years"
    ("I10", {"age": 18}, MET),
    ("I10", {"age": 60}, MET),
    ("I10", {"age": 61}, NOT),
    # "heart failure (>= grade III NYHA), hepatic insufficiency (transaminases > 3N)"
    ("E1", {"severe_organ_dysfunction": False, "nyha_class": "II", "alt": (120, 40),
            "ast": (105, 35)}, NOT),
    ("E1", {"alt": (120.1, 40)}, MET),
    ("E1", {"nyha_class": "III"}, MET),
    # "pulse therapy (> 1.5 mg/kg) or IV bolus of corticosteroids in the last 2 months"
    ("E4", {"high_dose_steroid_ever": True, "last_high_dose_steroid": day("2025-11-20")}, NOT),
    ("E4", {"high_dose_steroid_ever": True, "last_high_dose_steroid": day("2025-11-21")}, MET),
    ("E4", {"high_dose_steroid_ever": False}, NOT),
    # "Purified protein derivative (tuberculin) > 10 mm"
    ("E6", {"tuberculin_reaction": 10}, NOT),
    ("E6", {"tuberculin_reaction": 10.5}, MET),
    # "Inability to comply with IL-2 treatment regimen"
    ("E8", {"can_comply": True}, NOT),
    ("E8", {"can_comply": False}, MET),
]  # fmt: skip


@pytest.mark.parametrize(("criterion", "values", "verdict"), DOSE_FINDING)
def test_dose_finding(criterion, values, verdict):
    assert judge("il2-sle-dose-finding", criterion, values) == verdict


@pytest.mark.parametrize(("criterion", "values", "verdict"), INFECTION)
def test_infection(criterion, values, verdict):
    assert judge("il2-sle-infection", criterion, values) == verdict


SINGLE_ITEMS = [
    ("il2-sle-dose-finding", criterion) for criterion in ("E1", "E2", "E8", "E10", "E11", "E13")
] + [("il2-sle-infection", criterion) for criterion in ("I3", "I9", "E2", "E5", "E7")]


@pytest.mark.parametrize(("study", "criterion"), SINGLE_ITEMS)
def test_a_criterion_of_one_question_is_met_by_yes(study, criterion):
    rule = rules(study)[criterion]
    assert rule is not None
    (item,) = rule.items
    assert judge(study, criterion, {item: True}) == MET
    assert judge(study, criterion, {item: False}) == NOT
    assert judge(study, criterion, {}) == UNKNOWN


@pytest.mark.parametrize("study", ["il2-sle-dose-finding", "il2-sle-infection"])
def test_nothing_known_decides_nothing(study):
    assert {rule.evaluate({}, ON).kind for rule in rules(study).values() if rule} == {UNKNOWN}
