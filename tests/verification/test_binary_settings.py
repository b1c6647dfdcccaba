"""What a case with a binary outcome may name, and in which words; and what is refused."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from trialwright.errors import UnusableInputError
from trialwright.verification.binary import (
    METHODS as BINARY_METHODS,
)
from trialwright.verification.binary import (
    arm_column,
    arm_named,
    arms_in_name,
    arms_in_order,
    by_arm,
    compared_arms,
    control_first,
)
from trialwright.verification.binary_models import METHODS as MODEL_METHODS
from trialwright.verification.cases import read_cases
from trialwright.verification.compare import run_case

METHODS = {**BINARY_METHODS, **MODEL_METHODS}
ORACLES = Path(__file__).parents[1] / "stats" / "oracles"
CASES = {
    case.id: case for name in ("binary", "exact") for case in read_cases(ORACLES / f"{name}.json")
}


def figures(case_id: str, **changes: Any) -> dict[str, Any]:
    outcome = run_case(replace(CASES[case_id], **changes), METHODS)
    assert outcome.figures
    assert not any(figure.problem.startswith("not computed") for figure in outcome.figures)
    return {figure.path: figure.found for figure in outcome.figures}


def problems(case_id: str, **changes: Any) -> set[str]:
    """Of a case none of whose figures may pass."""
    outcome = run_case(replace(CASES[case_id], **changes), METHODS)
    assert len(outcome.out) == len(outcome.figures) > 0
    return {figure.problem for figure in outcome.figures}


TABLE = "risk_difference_arm1_vs_placebo"
TESTS = "two_by_two_tests_arm1"
STRATA = "stratified_arm1_vs_placebo"
ALL_ARMS = "four_arm_association"
POWER = "four_arm_power_0.25_0.35_0.45_0.5"
FORMULA = "sri4_nri ~ arm + sledai0"

UNUSABLE: list[tuple[str, dict[str, Any], str]] = [
    # a column that the data lack, whatever it is for
    ("counts", {"response": "sri5"}, "none of the columns sri5"),
    ("counts", {"strata": "center"}, "no strata 'center'"),
    ("counts", {"strata": ["region", "center"]}, "no strata ['region', 'center']"),
    ("counts", {"arm": "treatment"}, "no arm treatment; they have 0, 1, 2, 3"),
    ("logistic", {"formula": "sri4_nri ~ bmi"}, "no column bmi; they have usubjid, site"),
    ("gee_exchangeable", {"formula": "resp ~ arm", "visit": "day"}, "none of the columns day"),
    ("gee_exchangeable", {"formula": "resp ~ arm", "id": "patient"}, "none of the columns patient"),
    ("glmm_nagq1", {"formula": "resp ~ arm + (1|family)"}, "no column family"),
    # an arm that the data lack
    (STRATA, {"strata": "st", "arm": 9}, "no arm 9; they have 0, 1, 2, 3"),
    (STRATA, {"strata": "st", "reference": 9}, "no arm 9; they have 0, 1, 2, 3"),
    (STRATA, {"strata": "st", "arms": [1, 9]}, "no arm 9"),
    (STRATA, {"strata": "st", "arms": [0, 1, 2]}, "3 arms where two are compared"),
    (ALL_ARMS, {"levels": [0, 1, 2]}, "levels [0, 1, 2] are not the arms [0, 1, 2, 3]"),
    # counts that are none
    ("one_proportion_arm0", {"x": 10}, "the spec has no 'n'"),
    ("one_proportion_arm0", {"x": 10.5, "n": 40}, "x is a count, not 10.5"),
    ("one_proportion_arm0", {"x": "ten", "n": 40}, "x is a count, not 'ten'"),
    ("one_proportion_arm0", {"x": -1, "n": 40}, "x is a count, not -1"),
    ("one_proportion_arm0", {"x": 41, "n": 40}, "41 events among 40 participants"),
    (TABLE, {"x1": 14, "n1": 40, "x0": 10}, "the spec has no 'n0'"),
    ("stratified_exact_arm1", {"strata_x1_n1_x0_n0": [[1, 2, 3]]}, "a row of strata_x1_n1_x0_n0"),
    ("stratified_exact_arm1", {"strata_x1_n1_x0_n0": [[5, 2, 3, 4]]}, "5 events among 2"),
    # formulas and models that are none
    ("standardisation_ye", {}, "the spec has no 'formula'"),
    ("logistic", {"formula": "sri4_nri ~ arm +"}, "is no formula"),
    ("logistic", {"formula": "sledai0 ~ arm"}, "the response holds 0 or 1"),
    ("gee_exchangeable", {"formula": "resp ~ arm", "corstr": "banded"}, "correlation 'banded'"),
    ("glmm_nagq1", {"formula": "resp ~ arm + (week|usubjid)"}, "only random intercepts"),
    ("standardisation_ye", {"formula": "sri4_nri ~ age"}, "no factor whose levels could be the arms"),
    ("standardisation_ye", {"formula": FORMULA, "levels": [0, 1]}, "[0, 1] are not the arms"),
    ("standardisation_delta_model", {"formula": FORMULA, "vcov": "HC9"}, "no variance 'HC9'"),
    # powers
    (POWER, {}, "the spec has no 'rates'"),
    (POWER, {"rates": [0.2]}, "two or more risks"),
    (ALL_ARMS, {"scores": [0, 1]}, "scores differ in shape"),
]  # fmt: skip


@pytest.mark.parametrize(("case_id", "spec", "said"), UNUSABLE)
def test_a_spec_that_cannot_be_meant_is_out_with_one_reason(
    case_id: str, spec: dict[str, Any], said: str
) -> None:
    found = problems(case_id, spec=spec)
    reasons = {problem for problem in found if said in problem}
    assert len(reasons) == 1, found
    assert found == reasons


@pytest.mark.parametrize(
    ("case_id", "changes", "said"),
    [
        (POWER, {"expect": {"dunnett": {"any": 0.5}}}, "'dunnett' names no critical value"),
        (TABLE, {"spec": {}, "data": None}, "needs data"),
        ("standardisation_ye", {"expect": {"robincar2_permuted_block_by_zz": {"est": [0.1]}}}, "'zz'"),
        ("standardisation_ye", {"expect": {"robincar2_urn_by_ocs": {"est": [0.1]}}}, "not computed"),
        ("one_proportion_arm0", {"expect": {"bayes": {"lo": 0.1}}}, "not computed"),
        ("logistic", {"expect": {"coef": [{"term": "weight", "est": 1.0}]}}, "no term weight"),
    ],
)  # fmt: skip
def test_a_figure_that_is_not_known_is_out(
    case_id: str, changes: dict[str, Any], said: str
) -> None:
    (problem,) = problems(case_id, **changes)
    assert said in problem


@pytest.mark.parametrize(
    ("label", "arm"),
    [(2, 2), ("2", 2), ("arm2", 2), ("Arm 2", 2), ("ARM_2", 2), ("placebo", 0), ("Control", 0)],
)
def test_an_arm_by_any_of_its_labels(label: Any, arm: int) -> None:
    assert arm_named(label, [0, 1, 2], "case") == arm


def test_a_control_that_is_an_arm_of_its_own_is_that_arm() -> None:
    assert arm_named("placebo", ["Standard", "Placebo"], "case") == "Placebo"
    with pytest.raises(
        UnusableInputError, match=r"case: the data have no arm low\n  they have A, B"
    ):
        arm_named("low", ["A", "B"], "case")


@pytest.mark.parametrize(
    ("name", "arms", "found"),
    [
        ("stratified_arm2_vs_placebo", [0, 1, 2], ("2", "placebo")),
        ("arm_3_vs_arm_1", [0, 1, 3], ("3", "1")),
        ("two_groups_arm3", [0, 3], ("3", None)),
        ("two_groups_arm_high", ["High", "Placebo"], ("high", None)),
        ("two_groups_arm9", [0, 3], ("9", None)),
        ("four_arm_association", [0, 1], (None, None)),
        ("per_arm_counts", [0, 1], (None, None)),
        ("alarm2", [0, 2], (None, None)),
    ],
)
def test_arms_in_a_name(name: str, arms: list[Any], found: tuple[str | None, str | None]) -> None:
    assert arms_in_name(name, arms) == found


def test_the_setting_arm_is_a_column_or_the_active_arm() -> None:
    case = CASES[STRATA]
    assert arm_column(replace(case, spec={"arm": "region"})) == "region"
    assert arm_column(replace(case, spec={"arm": "arm3"})) == "arm"
    assert by_arm(replace(case, spec={"arm": "region"}))["arm"].unique().sort().to_list() == [
        "AME", "ASIA", "EUR",
    ]  # fmt: skip
    assert compared_arms(replace(case, spec={"arm": "arm3"})) == (3, 0)
    assert compared_arms(replace(case, spec={"active": "3", "control": "arm1"})) == (3, 1)


def test_two_arms_need_no_names() -> None:
    data = CASES[STRATA].table().filter(pl.col("arm").is_in([0, 2]))
    assert compared_arms(replace(CASES[STRATA], id="any", data=data, spec={})) == (2, 0)


def test_the_order_of_arms() -> None:
    assert control_first(["Low", "Placebo", "High"]) == ["Placebo", "High", "Low"]
    assert control_first([3, 1, 0]) == [0, 1, 3]
    given = replace(CASES[ALL_ARMS], spec={"levels": ["3", "0", "2", "1"]})
    assert arms_in_order(given, by_arm(given)) == [3, 0, 2, 1]


def test_the_expected_shape_of_an_interval() -> None:
    # Wilson's limits for 10 of 40 are those of the public case, written as a pair and by name.
    limits = CASES["one_proportion_arm0"].expect["wilson"]
    pair = {"wilson": [limits["lo"], limits["hi"]]}
    assert figures("one_proportion_arm0", expect=pair) == pytest.approx(
        {"wilson[0]": limits["lo"], "wilson[1]": limits["hi"]}, rel=1e-6
    )


def test_a_table_from_the_data_is_that_of_the_spec() -> None:
    # 10 of 40 on placebo and 14 of 40 on the first dose, as the public spec says
    data = {"spec": {"arms": ["arm1", "placebo"]}}
    for case_id in (TABLE, TESTS):
        assert figures(case_id, **data) == figures(case_id)


@pytest.mark.parametrize(("x1", "n1", "x0", "n0"), [(7, 12, 2, 14), (1, 9, 6, 8), (12, 20, 5, 20)])
def test_the_statistics_of_unconditional_tests(x1: int, n1: int, x0: int, n0: int) -> None:
    # Given the two Wald statistics by their formulas
    p1, p0, p = x1 / n1, x0 / n0, (x1 + x0) / (n1 + n0)
    pooled = (p1 - p0) / np.sqrt(p * (1 - p) * (1 / n1 + 1 / n0))
    unpooled = (p1 - p0) / np.sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)
    # when a case asks for them as R's Exact prints them
    expect = {
        "z_pooled_unconditional": {"z": 0.0},
        "z_unpooled_unconditional": {"z": 0.0, "nuisance": {"nuisance parameter": [0.0, 0.0]}},
    }
    spec = {"x1": x1, "n1": n1, "x0": x0, "n0": n0}
    found = figures(TESTS, spec=spec, expect=expect)
    # then each test has its own, and the two places of a maximum are one
    assert found["z_pooled_unconditional.z"] == pytest.approx(pooled, rel=1e-12)
    assert found["z_unpooled_unconditional.z"] == pytest.approx(unpooled, rel=1e-12)
    place = "z_unpooled_unconditional.nuisance.nuisance parameter"
    assert found[f"{place}[0]"] == found[f"{place}[1]"]


def test_an_unconditional_p_value_by_loops_over_tables_and_risks() -> None:
    # Given z for every table of 12 and 14, and those as far out as 7 of 12 against 2 of 14
    n1, n0 = 12, 14

    def z(x1: int, x0: int) -> float:
        p = (x1 + x0) / (n1 + n0)
        error = np.sqrt(p * (1 - p) * (1 / n1 + 1 / n0))
        return float(abs(x1 / n1 - x0 / n0) / error) if error else 0.0

    far = [
        (x1, x0)
        for x1 in range(n1 + 1)
        for x0 in range(n0 + 1)
        if z(x1, x0) >= z(7, 2) * (1 - 1e-12)
    ]
    # when their probability is added up at 4,001 common risks
    risks = np.linspace(0, 1, 4001)
    chance = sum(stats.binom.pmf(x1, n1, risks) * stats.binom.pmf(x0, n0, risks) for x1, x0 in far)
    # then the largest is the p-value
    spec = {"x1": 7, "n1": n1, "x0": 2, "n0": n0}
    found = figures(TESTS, spec=spec, expect={"barnard_z_pooled": {"p": 0.0}})
    assert found["barnard_z_pooled.p"] == pytest.approx(float(np.max(chance)), rel=1e-5)


def test_no_events_at_all_are_stated_not_computed() -> None:
    expect = {"chisq": {"stat": None, "p": None}, "z_pooled_unconditional": {"z": None, "p": 1.0}}
    outcome = run_case(
        replace(CASES[TESTS], spec={"x1": 0, "n1": 8, "x0": 0, "n0": 9}, expect=expect), METHODS
    )
    assert outcome.out == ()


def test_a_confidence_level_reaches_every_interval() -> None:
    # z at 80% instead of 95% makes every symmetric interval narrower by the ratio of quantiles.
    ratio = stats.norm.ppf(0.9) / stats.norm.ppf(0.975)
    expect = {"wald": {"lo": 0.0, "hi": 0.0}}
    wide = figures(TABLE, expect=expect)
    narrow = figures(TABLE, spec={**CASES[TABLE].spec, "level": 80}, expect=expect)
    assert narrow["wald.hi"] - narrow["wald.lo"] == pytest.approx(
        ratio * (wide["wald.hi"] - wide["wald.lo"]), rel=1e-12
    )
    strata = {"rd_mh_sato": {"lo": 0.0, "hi": 0.0}, "common_or_mh_rbg": {"lo": 0.0, "hi": 0.0}}
    wide = figures(STRATA, expect=strata)
    narrow = figures(STRATA, spec={"strata": "st", "conf.level": 0.8}, expect=strata)
    assert narrow["rd_mh_sato.hi"] - narrow["rd_mh_sato.lo"] == pytest.approx(
        ratio * (wide["rd_mh_sato.hi"] - wide["rd_mh_sato.lo"]), rel=1e-12
    )
    logs = [
        np.log(each["common_or_mh_rbg.hi"] / each["common_or_mh_rbg.lo"]) for each in (narrow, wide)
    ]
    assert logs[0] == pytest.approx(ratio * logs[1], rel=1e-12)


def test_counts_of_any_arms_and_strata() -> None:
    case = CASES["counts"]
    data = case.table()
    found = figures("counts", spec={"arm": "region", "strata": "ocs_hi"}, expect={
        "x": [0, 0, 0], "n": [0, 0, 0], "x_by_stratum": [{"x": 0, "arm": "", "st": ""}] * 6})  # fmt: skip
    # Counted by plain loops
    rows = list(zip(data["region"], data["ocs_hi"], data["sri4_nri"], strict=True))
    arms = sorted({row[0] for row in rows})
    for k, arm in enumerate(arms):
        assert found[f"n[{k}]"] == sum(row[0] == arm for row in rows)
        assert found[f"x[{k}]"] == sum(row[0] == arm and row[2] for row in rows)
    cells = [(stratum, arm) for stratum in (0, 1) for arm in arms]
    for k, (stratum, arm) in enumerate(cells):
        assert found[f"x_by_stratum[{k}].x"] == sum(
            row[:2] == (arm, stratum) and row[2] for row in rows
        )
        assert found[f"x_by_stratum[{k}].arm"] == arm


def test_the_arm_of_standardized_risks_is_the_factor_of_that_name() -> None:
    # Given two factors, the arms second in the formula: risks are still those of the four arms.
    expect = {"risk": [0.0] * 4}
    first = figures(
        "standardisation_delta_HC0", spec={"formula": "sri4_nri ~ arm + region"}, expect=expect
    )
    second = figures(
        "standardisation_delta_HC0", spec={"formula": "sri4_nri ~ region + arm"}, expect=expect
    )
    assert second == pytest.approx(first, rel=1e-10)
    regions = figures(
        "standardisation_delta_HC0",
        spec={"formula": "sri4_nri ~ arm + region", "arm": "region"},
        expect={"risk": [0.0] * 3},
    )
    # A saturated model of one factor gives its plain proportions.
    alone = figures("standardisation_delta_HC0", spec={"formula": "sri4_nri ~ region", "arm": "region"},
                    expect={"risk": [0.0] * 3})  # fmt: skip
    data = CASES["counts"].table().group_by("region").agg(pl.col("sri4_nri").mean()).sort("region")
    assert list(alone.values()) == pytest.approx(data["sri4_nri"].to_list(), rel=1e-9)
    assert regions != alone


def test_levels_of_standardized_risks_give_their_order() -> None:
    spec = {"formula": "sri4_nri ~ arm + age", "vcov": "HC0"}
    expect = {"risk": [0.0] * 4, "rd": [0.0] * 3, "log_rr": [0.0] * 3, "log_or": [0.0] * 3}
    plain = figures("standardisation_delta_HC0", spec=spec, expect=expect)
    turned = figures(
        "standardisation_delta_HC0", spec={**spec, "levels": ["3", "2", "1", "0"]}, expect=expect
    )
    assert [turned[f"risk[{k}]"] for k in range(4)] == pytest.approx(
        [plain[f"risk[{3 - k}]"] for k in range(4)], rel=1e-10
    )
    assert turned["rd[2]"] == pytest.approx(-plain["rd[2]"], rel=1e-10)
    risks = [plain[f"risk[{k}]"] for k in range(4)]
    for k in (1, 2, 3):
        assert plain[f"rd[{k - 1}]"] == pytest.approx(risks[k] - risks[0], rel=1e-9)
        assert plain[f"log_rr[{k - 1}]"] == pytest.approx(np.log(risks[k] / risks[0]), rel=1e-9)
        odds = [r / (1 - r) for r in risks]
        assert plain[f"log_or[{k - 1}]"] == pytest.approx(np.log(odds[k] / odds[0]), rel=1e-9)


def test_profile_limits_at_another_level_and_in_another_order() -> None:
    terms = ["AME", "ocs_hi", "1", "arm3", "arm1", "EUR", "arm2"]
    case = CASES["logistic_profile"]
    order = [case.spec["terms"].index(term) for term in terms]
    full = {"terms": case.spec["terms"]}
    expect = {"est": [0.0] * 8, "profile": [[0.0, 0.0]] * 8}
    wide = figures("logistic_profile", spec=full, expect=expect)
    formula = "sri4_nri ~ arm + sledai0 + ocs_hi + region"
    some = figures(
        "logistic_profile",
        spec={"formula": formula, "terms": terms, "level": 0.8},
        expect={"est": [0.0] * 7, "profile": [[0.0, 0.0]] * 7},
    )
    for here, there in enumerate(order):
        assert some[f"est[{here}]"] == pytest.approx(wide[f"est[{there}]"], rel=1e-9)
        assert some[f"profile[{here}][0]"] > wide[f"profile[{there}][0]"]
        assert some[f"profile[{here}][1]"] < wide[f"profile[{there}][1]"]


def test_a_likelihood_ratio_of_a_term_or_of_all_terms_with_a_variable() -> None:
    # Given that arm*ocs_hi with and without the interaction differ by three coefficients
    spec = {"formula": "sri4_nri ~ arm*ocs_hi"}
    expect = {"deviance": 0.0, "lrt_arm:ocs_hi": {"chisq": 0.0, "df": 0}, "lrt_arm": {"df": 0}}
    both = figures("logistic", spec=spec, expect=expect)
    plain = figures(
        "logistic", spec={"formula": "sri4_nri ~ arm + ocs_hi"}, expect={"deviance": 0.0}
    )
    assert both["lrt_arm:ocs_hi.chisq"] == pytest.approx(plain["deviance"] - both["deviance"])
    assert (both["lrt_arm:ocs_hi.df"], both["lrt_arm.df"]) == (3, 6)


def test_a_formula_may_follow_from_the_expected_terms() -> None:
    # Given no formula: the response is one of the usual names, the terms are those expected
    case = CASES["logistic"]
    outcome = run_case(replace(case, spec={}, expect={"coef": case.expect["coef"]}), METHODS)
    assert outcome.out == ()
    other = run_case(
        replace(case, spec={"response": "rescue"}, expect={"coef": case.expect["coef"]}), METHODS
    )
    assert len(other.out) == len(other.figures)


@pytest.mark.parametrize(
    "case_id",
    ["firth_logistic", "logistic_profile", "standardisation_ye", "gee_exchangeable", "glmm_nagq1"],
)
def test_an_offset_is_refused_where_the_model_has_none(case_id: str) -> None:
    response = "resp" if "resp" in CASES[case_id].table().columns else "sri4_nri"
    spec = {"formula": f"{response} ~ arm + offset(log(dose + 1))"}
    (reason,) = problems(case_id, spec=spec)
    assert reason == f"not computed: {CASES[case_id].method} takes no offset"
