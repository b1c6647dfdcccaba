"""The public cases with a binary outcome, and cases of the same shape that they do not hold."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from trialwright.errors import UnusableInputError
from trialwright.verification.binary import compared_arms, response_name, with_strata
from trialwright.verification.cases import Case, read_cases
from trialwright.verification.compare import Outcome, run_case
from trialwright.verification.methods import METHODS

ORACLES = Path(__file__).parents[1] / "stats" / "oracles"
BINARY = {case.id: case for case in read_cases(ORACLES / "binary.json")}
EXACT = {case.id: case for case in read_cases(ORACLES / "exact.json")}
OWN = [*BINARY.values(), *(c for c in EXACT.values() if c.method != "negative_binomial")]


def report(outcome: Outcome) -> str:
    return "\n".join(
        f"{f.path}: expected {f.expected}, found {f.found}, {f.problem}" for f in outcome.out
    )


@pytest.mark.parametrize("case", OWN, ids=lambda case: case.id)
def test_public_cases_are_within_their_tolerance(case: Case) -> None:
    outcome = run_case(case, METHODS)
    assert outcome.figures
    assert not outcome.out, report(outcome)


def test_a_wrong_expectation_is_out() -> None:
    case = BINARY["risk_difference_arm1_vs_placebo"]
    wrong = replace(case, expect={"wald": {"lo": -0.0996}})
    assert [f.path for f in run_case(wrong, METHODS).out] == ["wald.lo"]


def variant(case: Case, **changes: object) -> Case:
    return replace(case, **changes)  # type: ignore[arg-type]  # a test's shorthand


# What R 4.2.2 (stats) gives for the same data with other arms, strata, references and formulas:
# mantelhaen.test, glm (epsilon 1e-14), sandwich by its formula; geepack 1.3.9 geeglm (epsilon
# 1e-12), lme4 1.1-31 glmer (tolPwrss 1e-12, bobyqa).
UNSEEN = [
    variant(
        BINARY["stratified_arm1_vs_placebo"],
        id="stratified_arm2_vs_placebo",
        expect={
            "cmh_no_cc": {"chisq": 6.1366399662311055, "p": 0.0132408681265686},
            "cmh_cc": {"chisq": 4.9988078659326414, "p": 0.0253647837056308},
            "common_or_mh_rbg": {
                "est": 3.4409759598134193,
                "lo": 1.2723021618337769,
                "hi": 9.3062135011610465,
            },
        },
    ),
    variant(
        BINARY["stratified_arm1_vs_placebo"],
        id="stratified_arm3_vs_arm1_by_region",
        spec={"strata": "region"},
        expect={
            "cmh_no_cc": {"chisq": 0.0284376979663683, "p": 0.8660839009912796},
            "cmh_cc": {"chisq": 0.0284376979663683, "p": 0.8660839009912796},
            "common_or_mh_rbg": {
                "est": 1.0823998276604914,
                "lo": 0.4275986463081955,
                "hi": 2.7399277267005848,
            },
        },
    ),
    variant(
        BINARY["four_arm_association"],
        id="four_arm_association_by_region",
        spec={"strata": "region"},
        expect={
            "cmh_general_association": {"M2": 8.0193388306388158, "df": 3, "p": 0.0456137165686927}
        },
    ),
    variant(
        BINARY["logistic"],
        id="logistic_with_interaction_and_another_reference",
        spec={"formula": "rescue ~ arm*ocs_hi + log(age)"},
        expect={
            "coef": [
                {"term": "(Intercept)", "est": -5.3800729888964254, "se": 3.233263906237061},
                {"term": "armf0", "est": 1.4169180351792579, "se": 1.219196418247628},
                {"term": "armf1", "est": 2.2945749177990136, "se": 1.166254196637903},
                {"term": "armf3", "est": 0.4987097619175633, "se": 1.262889421107324},
                {"term": "ocs_hi", "est": 0.0104050310660304, "se": 1.456656524491090},
                {"term": "log(age)", "est": 0.6817222894991516, "se": 0.870728160686793},
                {"term": "armf0:ocs_hi", "est": -0.8689589497627376, "se": 1.763804102625832},
                {"term": "armf1:ocs_hi", "est": -1.7835065028115604, "se": 1.720447315740840},
                {"term": "armf3:ocs_hi", "est": -0.1354803528211926, "se": 1.932424201978915},
            ],
            "deviance": 99.4023140572119,
            "null_deviance": 108.3528029225798,
            "aic": 117.4023140572118,
            "log_lik": -49.7011570286059,
            "lrt_log(age)": {"chisq": 0.633905087301926, "df": 1, "p": 0.425926509973468},
        },
    ),
    variant(
        BINARY["modified_poisson"],
        id="modified_poisson_observed",
        spec={"formula": "sri4_obs ~ arm + age"},
        expect={
            "coef": [
                {"term": "(Intercept)", "est": -1.67088369772837919, "se": 0.46608351105819196},
                {"term": "factor(arm)1", "est": 0.38633278889429484, "se": 0.34509371740371902},
                {"term": "factor(arm)2", "est": 0.80471249367824926, "se": 0.30468373650048458},
                {"term": "factor(arm)3", "est": 0.44050803512240649, "se": 0.34183585760630336},
                {"term": "age", "est": 0.00815235895485888, "se": 0.00993185730162095},
            ]
        },
    ),
    variant(
        BINARY["logistic"],
        id="logistic_with_offset",
        spec={"formula": "sri4_obs ~ arm + offset(age/100)"},
        expect={
            "coef": [
                {"term": "(Intercept)", "est": -1.442433645539151, "se": 0.367235770414387},
                {"term": "factor(arm)1", "est": 0.556047484413896, "se": 0.498280468968234},
                {"term": "factor(arm)2", "est": 1.344155270657458, "se": 0.489246352848068},
                {"term": "factor(arm)3", "est": 0.642492097838308, "se": 0.501997840683826},
            ]
        },
    ),
    variant(
        BINARY["gee_exchangeable"],
        id="gee_ar1_other_reference",
        spec={"formula": "resp ~ arm + week + sledai_hi", "corstr": "ar1"},
        expect={
            "coef": [
                {"term": "(Intercept)", "est": -0.6520741720635009, "robust_se": 0.280566461345807},
                {"term": "armf0", "est": 0.0564290633558749, "robust_se": 0.317679272575993},
                {"term": "armf2", "est": 0.1918401416528641, "robust_se": 0.346632107465857},
                {"term": "armf3", "est": 0.0497306266782307, "robust_se": 0.296278374202619},
                {"term": "wk8", "est": 0.2358477132862036, "robust_se": 0.224147015775038},
                {"term": "wk12", "est": 0.5832160937395995, "robust_se": 0.228897160615305},
                {"term": "sledai_hi", "est": -0.2878100520211515, "robust_se": 0.227877856447890},
            ],
            "alpha": 0.182978390486118,
            "phi": 1.000304952238293,
        },
    ),
    variant(
        BINARY["gee_exchangeable"],
        id="gee_exchangeable_other_reference",
        spec={"formula": "resp ~ arm + week + sledai_hi", "corstr": "exchangeable"},
        expect={
            "coef": [
                {"term": "(Intercept)", "est": -0.6329135723894357, "robust_se": 0.280345129622280},
                {"term": "armf0", "est": 0.0304562910791059, "robust_se": 0.316490459707676},
                {"term": "armf2", "est": 0.1816014317965736, "robust_se": 0.346201203355138},
                {"term": "armf3", "est": 0.0451333848082618, "robust_se": 0.295963825577750},
                {"term": "wk8", "est": 0.2346365240458294, "robust_se": 0.224383950795468},
                {"term": "wk12", "est": 0.5914536963143596, "robust_se": 0.228624381260493},
                {"term": "sledai_hi", "est": -0.3040849846926208, "robust_se": 0.227751623998789},
            ],
            "alpha": 0.154148219387421,
            "phi": 1.000929435376587,
        },
    ),
    variant(
        BINARY["glmm_nagq1"],
        id="glmm_nagq1_other_formula",
        spec={"formula": "resp ~ arm + sledai_hi + (1|usubjid)", "nAGQ": 1},
        expect={
            "coef": [
                {"term": "(Intercept)", "est": -0.4128741349649004, "se": 0.278643001980279},
                {"term": "armf0", "est": 0.0254769935428881, "se": 0.342946263484672},
                {"term": "armf2", "est": 0.1997414876178814, "se": 0.348262481270562},
                {"term": "armf3", "est": 0.0441225506794575, "se": 0.350393428678346},
                {"term": "sledai_hi", "est": -0.3368017228496858, "se": 0.251400253863520},
            ],
            "sd_intercept": 0.763686408094215,
            "log_lik": -284.021694818003994,
        },
    ),
    variant(
        BINARY["glmm_nagq1"],
        id="glmm_nagq9_other_formula",
        spec={"formula": "resp ~ arm + sledai_hi + (1|usubjid)", "nAGQ": 9},
        expect={
            "coef": [
                {"term": "(Intercept)", "est": -0.4227197951331682, "se": 0.296032479692365},
                {"term": "armf0", "est": 0.0285255559387240, "se": 0.364468378143133},
                {"term": "armf2", "est": 0.2034005079305793, "se": 0.370625838983134},
                {"term": "armf3", "est": 0.0472047620465809, "se": 0.372078241678027},
                {"term": "sledai_hi", "est": -0.3501597358301001, "se": 0.267258432307856},
            ],
            "sd_intercept": 0.905082447714202,
            "log_lik": -283.030574145630339,
        },
    ),
    variant(
        EXACT["one_proportion_10_40"],
        id="one_proportion_7_33_at_90",
        spec={"x": 7, "n": 33, "level": 0.9},
        expect={
            "clopper-pearson": [0.104036778144744, 0.361764266228630],
            "wilson": {"lo": 0.119306833768045, "hi": 0.348562909639523},
            "wilsoncc": {"lo": 0.108071809050086, "hi": 0.365132334924414},
        },
    ),
]


@pytest.mark.parametrize("case", UNSEEN, ids=lambda case: case.id)
def test_unseen_cases(case: Case) -> None:
    outcome = run_case(case, METHODS)
    assert not outcome.out, report(outcome)


def arms(case_id: str, **spec: object) -> tuple[object, object]:
    case = variant(BINARY["stratified_arm1_vs_placebo"], id=case_id, spec=spec)
    return compared_arms(case)


def test_arms_come_from_the_spec_else_from_the_id() -> None:
    assert arms("stratified_arm3_vs_placebo") == (3, 0)
    assert arms("arm3_vs_arm1") == (3, 1)
    assert arms("anything", arms=[2, 1]) == (2, 1)
    assert arms("anything", active=2) == (2, 0)
    with pytest.raises(UnusableInputError, match="which arms"):
        arms("anything")


@pytest.mark.parametrize("column", ["arm", "TRTP", "TRT01A", "treatment"])
def test_arms_in_words_are_found_under_usual_names_and_placebo_is_the_control(column: str) -> None:
    words = {0: "Placebo", 1: "High", 2: "Low", 3: "Middle"}
    case = BINARY["stratified_arm1_vs_placebo"]
    data = case.table().with_columns(pl.col("arm").replace_strict(words)).rename({"arm": column})
    named = variant(case, id="any", data=data, spec={**case.spec, "active": "high"})
    assert compared_arms(named) == ("High", "Placebo")
    outcome = run_case(named, METHODS)
    assert not outcome.out, report(outcome)


def test_an_arm_that_the_data_lack_is_refused_not_replaced_by_the_first() -> None:
    assert arms("any", active=2, control="placebo") == (2, 0)
    for spec in ({"active": 7}, {"active": 2, "control": 9}, {"arms": [2, 9]}):
        with pytest.raises(UnusableInputError, match=r"no arm [79]"):
            arms("any", **spec)
    with pytest.raises(UnusableInputError, match="3 arms where two"):
        arms("any", arms=[0, 1, 2])


def test_a_participant_without_a_response_is_counted_nowhere() -> None:
    case = BINARY["counts"]
    first = pl.int_range(pl.len()) == 0  # arm 3, no response, in cell S0O0
    data = case.table().with_columns(sri4_nri=pl.when(~first).then("sri4_nri"))
    expect = {"x": case.expect["x"], "n": [40, 40, 40, 39]}
    assert not run_case(variant(case, data=data, expect=expect), METHODS).out


@pytest.mark.parametrize(
    "strata", ["region", ["sledai_hi", "ocs_hi"], "sledai_hi*ocs_hi", "sledai_hi x ocs_hi"]
)
def test_strata_may_be_columns_or_their_cells(strata: object) -> None:
    case = variant(BINARY["counts"], spec={"strata": strata})
    cells = with_strata(case)["stratum"].n_unique()
    assert cells == (3 if strata == "region" else 4)


def test_absent_strata_and_responses_are_refused() -> None:
    with pytest.raises(UnusableInputError, match="no strata"):
        with_strata(variant(BINARY["counts"], spec={"strata": "site_group"}))
    with pytest.raises(UnusableInputError, match="none of the columns sri5"):
        response_name(variant(BINARY["counts"], spec={"response": "sri5"}))


def test_a_table_may_come_from_the_data() -> None:
    case = variant(BINARY["risk_difference_arm1_vs_placebo"], spec={"arms": [1, 0]})
    assert not run_case(case, METHODS).out


def test_the_level_may_be_another() -> None:
    case = variant(EXACT["one_proportion_10_40"], spec={"x": 10, "n": 40, "level": 0.9})
    assert len(run_case(case, METHODS).out) == 4


def test_other_codings_of_the_same_data_give_the_same_contrasts() -> None:
    case = BINARY["logistic"]
    renamed = case.table().with_columns(
        arm=pl.col("arm").replace_strict({0: "placebo", 1: "low", 2: "mid", 3: "high"})
    )
    names = {"armf1": "armlow", "armf2": "armmid", "armf3": "armhigh"}
    coefficients = [
        {**row, "term": names.get(row["term"], row["term"])} for row in case.expect["coef"]
    ]
    other = variant(case, data=renamed, expect={**case.expect, "coef": coefficients})
    outcome = run_case(other, METHODS)
    assert not outcome.out, report(outcome)


def test_rows_in_another_order_change_nothing() -> None:
    for name in ("gee_exchangeable", "firth_logistic", "standardisation_ye"):
        case = BINARY[name]
        shuffled = variant(case, data=case.table().sample(fraction=1, shuffle=True, seed=5))
        assert not run_case(shuffled, METHODS).out


def test_powers_at_other_bounds_and_sizes() -> None:
    case = variant(
        EXACT["four_arm_power_0.25_0.35_0.45_0.5"],
        spec={"rates": [0.0, 0.5], "n": [5, 4]},
        expect={"any_bound_2.0": {"any": 5 / 16, "each": [5 / 16], "all": 5 / 16}},
    )
    # By hand: against 0/5, three and four of four reach z = 2 (2.37, 3.00), two of four do not (1.79).
    assert not run_case(case, METHODS).out
