"""What a case of dose response may name, in which words, and what is refused."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import integrate, special, stats

from trialwright.verification.cases import Case, read_cases
from trialwright.verification.compare import run_case
from trialwright.verification.dose_response import METHODS

ORACLES = Path(__file__).parents[1] / "stats" / "oracles"
CASES = {
    case.id: case
    for name in ("mcpmod", "mcpmod_exact")
    for case in read_cases(ORACLES / f"{name}.json")
}
WEEK_12 = {"filter": "week = 12 and chg present"}
TWO_CURVES = {"linear": None, "emax": 0.2}


def figures(case_id: str, **changes: Any) -> dict[str, Any]:
    outcome = run_case(replace(CASES[case_id], **changes), METHODS)
    assert outcome.figures
    assert not [f.problem for f in outcome.figures if f.problem.startswith("not computed")]
    return {figure.path: figure.found for figure in outcome.figures}


def values(found: dict[str, Any], start: str) -> list[float]:
    return [value for path, value in found.items() if path.startswith(start)]


# --- arms, doses and rows -------------------------------------------------------------------------


def logits_by_loop(data: pl.DataFrame, arms: list[Any]) -> list[float]:
    out = []
    for arm in arms:
        answers = [r["sri4_nri"] for r in data.iter_rows(named=True) if r["arm"] == arm]
        rate = sum(answers) / len(answers)
        out.append(float(np.log(rate / (1 - rate))))
    return out


@pytest.mark.parametrize(
    ("words", "with_dose", "levels"),
    [
        ({0: "Placebo", 1: "Low", 2: "Middle", 3: "High"}, True, None),
        ({0: "Placebo", 1: "A", 2: "B", 3: "C"}, False, None),
        ({0: "zero", 1: "one", 2: "two", 3: "three"}, False, ["zero", "one", "two", "three"]),
    ],
)
def test_arms_in_words_stand_in_the_order_of_their_doses(
    words: dict[int, str], with_dose: bool, levels: list[str] | None
) -> None:
    # Given arms in words: ordered by the data's doses, else with the control first, else by the spec
    case = CASES["mct_binary_logit"]
    data = case.table().with_columns(arm=pl.col("arm").replace_strict(words))
    data = data if with_dose else data.drop("dose")
    spec = {"levels": levels} if levels else {}
    found = figures("mct_binary_logit", data=data, spec=spec, expect={"mu": [0.0] * 4})
    assert list(found.values()) == pytest.approx(logits_by_loop(data, list(words.values())))


def test_doses_of_the_data_stand_for_those_of_the_spec() -> None:
    case = CASES["mct_binary_logit"]
    tenfold = case.table().with_columns(dose=pl.col("dose") * 10)
    spec = {"candidates": {"emax": 2.0, "sigEmax": [4.0, 3.0]}}
    expect = {"contrasts": [[0.0] * 4] * 2}
    of_data = figures("mct_binary_logit", data=tenfold, spec=spec, expect=expect)
    given = figures("mct_binary_logit", spec={**spec, "doses": [0, 2, 5, 10]}, expect=expect)
    # A curve whose ED50 is scaled with the doses is the same curve.
    small = {"candidates": {"emax": 0.2, "sigEmax": [0.4, 3.0]}}
    assert of_data == given
    assert of_data == pytest.approx(figures("mct_binary_logit", spec=small, expect=expect))


def test_a_dose_may_be_the_only_column_of_the_arms() -> None:
    data = CASES["mct_binary_logit"].table().drop("arm")
    found = figures("mct_binary_logit", data=data, spec={}, expect={"mu": [0.0] * 4})
    assert found == figures("mct_binary_logit", spec={}, expect={"mu": [0.0] * 4})


def test_rows_without_a_response_are_left_out_of_the_covariates_too() -> None:
    # Given a filter that does not say that the change must be present
    expect = {"n": 0, "adjusted_for_sledai0": {"df": 0, "t": [0.0, 0.0]}}
    spec = {"candidates": TWO_CURVES}
    said = figures("mct_normal", spec={**spec, **WEEK_12}, expect=expect)
    unsaid = figures("mct_normal", spec={**spec, "filter": "week = 12"}, expect=expect)
    assert said == unsaid
    assert said["n"] == 127


def test_t_of_a_contrast_by_its_formula() -> None:
    # Given means, sizes and the pooled variance at week 12 by plain sums
    case = CASES["mct_normal"]
    rows = [
        r for r in case.table().iter_rows(named=True) if r["week"] == 12 and r["chg"] is not None
    ]
    groups = [[-r["chg"] for r in rows if r["arm"] == arm] for arm in range(4)]
    n = np.array([len(g) for g in groups])
    means = np.array([sum(g) / len(g) for g in groups])
    pooled = sum(((np.array(g) - np.mean(g)) ** 2).sum() for g in groups) / (n.sum() - 4)
    # and the optimal contrast for a straight line: S^-1 (m - weighted mean of m)
    line = np.array([0.0, 0.2, 0.5, 1.0])
    contrast = n * (line - (n * line).sum() / n.sum())
    t = contrast @ means / np.sqrt(pooled * (contrast**2 / n).sum())
    found = figures(
        "mct_normal", spec={"candidates": {"linear": None}, **WEEK_12}, expect={"t": [0.0]}
    )
    assert found["t[0]"] == pytest.approx(t, rel=1e-10)


def test_the_sign_of_the_response() -> None:
    spec = {"candidates": TWO_CURVES, **WEEK_12}
    falling = figures("mct_normal", spec={**spec, "response": "-chg"}, expect={"t": [0.0, 0.0]})
    rising = figures("mct_normal", spec={**spec, "response": "chg"}, expect={"t": [0.0, 0.0]})
    assert values(rising, "t") == pytest.approx([-t for t in values(falling, "t")])


# --- candidates -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "parameters", "curve"),
    [
        ("linear", None, lambda d: d),
        ("quadratic", -0.7, lambda d: d - 0.7 * d**2),
        ("emax", 0.3, lambda d: d / (0.3 + d)),
        ("sigEmax", [0.4, 3], lambda d: d**3 / (0.4**3 + d**3)),
        ("exponential", 0.5, lambda d: np.expm1(d / 0.5)),
        ("logistic", [0.4, 0.12], lambda d: special.expit((d - 0.4) / 0.12)),
        ("betaMod", [1.2, 0.8], lambda d: (d / 1.2) ** 1.2 * (1 - d / 1.2) ** 0.8),
        ("linlog", None, lambda d: np.log(d + 0.01)),
    ],
)
def test_means_of_each_shape_by_its_formula(shape: str, parameters: Any, curve: Any) -> None:
    # Bornkamp, Pinheiro, Bretz. MCPMod. J Stat Softw 2009;29(7), table 1. The largest effect, which
    # may lie between the doses, is set to maxEff.
    doses = np.array([0, 0.2, 0.5, 1.0])
    raw = curve(doses) - curve(np.zeros(1))
    fine = np.linspace(0, 1, 400_001)
    effect = curve(fine) - curve(np.zeros(1))
    expected = 3 + 2 * raw / effect[np.argmax(np.abs(effect))]
    spec = {"candidates": {shape: parameters}, "placEff": 3, "maxEff": 2}
    found = figures("model_means", spec=spec, expect={"means": [[0.0] * 4], "models": [""]})
    assert found.pop("models[0]") == shape
    assert list(found.values()) == pytest.approx(expected.tolist(), abs=1e-8)


@pytest.mark.parametrize(
    "written",
    [
        {"emax": [0.1, 0.5], "linear": None},
        {"emax": [[0.1], [0.5]], "linear": []},
        [
            {"name": "emax1", "shape": "emax", "parameters": [0.1]},
            {"name": "emax2", "shape": "emax", "parameters": [0.5]},
            {"name": "linear"},
        ],
    ],
)
@pytest.mark.parametrize("key", ["candidates", "models"])
def test_candidates_in_several_spellings(written: Any, key: str) -> None:
    expect = {"models": [""] * 3, "means": [[0.0] * 4] * 3}
    usual = {"candidates": {"emax": [0.1, 0.5], "linear": None}}
    assert figures("model_means", spec={key: written}, expect=expect) == figures(
        "model_means", spec=usual, expect=expect
    )


def test_the_expected_names_choose_among_the_usual_candidates() -> None:
    found = figures(
        "model_means", spec={}, expect={"models": ["logistic", "emax2"], "means": [[0.0] * 4] * 2}
    )
    assert [found["models[0]"], found["models[1]"]] == ["logistic", "emax2"]
    assert found["means[1][2]"] == pytest.approx(
        1.5 * 0.5 / (0.5 + 0.5)
    )  # d / (ED50 + d) over 1 / 1.5


# --- covariances, sizes and levels ----------------------------------------------------------------


def test_one_size_for_all_doses_is_that_size_for_each() -> None:
    expect = {"contrasts": [[0.0] * 4] * 2}
    spec = {"candidates": TWO_CURVES}
    found = [
        figures("contrasts_equal_n", spec={**spec, **way}, expect=expect)
        for way in ({"w": 1}, {"w": [7, 7, 7, 7]}, {"n": 20}, {"S": [0.1] * 4}, {})
    ]
    for other in found[1:]:
        assert other == pytest.approx(found[0], rel=1e-12)


def test_power_for_sizes_of_each_dose_by_integration() -> None:
    # Given one contrast, so that the power is that of a one-sided t test: non-central t
    sizes = np.array([20, 10, 10, 15])
    line = np.array([0.0, 0.2, 0.5, 1.0])
    contrast = line - line.mean()
    shift = contrast @ line * 4 / np.sqrt(9 * (contrast**2 / sizes).sum())
    critical = stats.t.ppf(0.95, 51)
    expected = 1 - stats.nct.cdf(critical, 51, shift)
    spec = {"candidates": {"linear": None}, "n_per_arm": sizes.tolist(), "sigma": 3, "maxEff": 4}
    expect = {"normal_by_true_model": {"linear": 0.0}, "general_S_0.5": {"linear": 0.0}}
    found = figures("power_mct", spec={**spec, "alpha": 0.05}, expect=expect)
    assert found["normal_by_true_model.linear"] == pytest.approx(expected, rel=1e-7)
    # With a known covariance it is that of a normal test.
    shift = contrast @ line * 4 / np.sqrt((contrast**2).sum() * 0.5)
    assert found["general_S_0.5.linear"] == pytest.approx(
        stats.norm.sf(stats.norm.ppf(0.95) - shift), rel=1e-7
    )


def test_power_on_the_logit_scale_by_its_formula() -> None:
    start, end = special.logit(0.2), special.logit(0.6)
    rates = special.expit(start + (end - start) * np.array([0.0, 0.2, 0.5, 1.0]))
    contrast = np.array([0.0, 0.2, 0.5, 1.0]) - 0.425
    error = np.sqrt((contrast**2 / (30 * rates * (1 - rates))).sum())
    shift = contrast @ special.logit(rates) / error
    expect = {
        "binary_20_to_60_percent_n30": {"models": ["linear"], "p": [[0.0] * 4], "power": [0.0]}
    }
    found = figures("power_mct", spec={"candidates": {"linear": None}}, expect=expect)
    assert values(found, "binary_20_to_60_percent_n30.p[") == pytest.approx(rates.tolist())
    assert found["binary_20_to_60_percent_n30.power[0]"] == pytest.approx(
        stats.norm.sf(stats.norm.ppf(0.975) - shift), rel=1e-7
    )


def test_critical_values_of_two_equal_comparisons_by_integration() -> None:
    # Dunnett: given the control's mean, the two comparisons are independent.
    def below(q: float) -> float:
        def given(z: float) -> float:
            return float(stats.norm.cdf(np.sqrt(2) * q + z) ** 2 * stats.norm.pdf(z))

        return integrate.quad(given, -9, 9, epsabs=1e-12)[0]

    found = figures("dunnett_quantiles", spec={}, expect={"k2_dfInf_one_0.025": 0.0})
    assert below(found["k2_dfInf_one_0.025"]) == pytest.approx(0.975, abs=1e-9)
    # Independent comparisons: the critical value is a plain normal quantile.
    independent = figures(
        "dunnett_quantiles",
        spec={"rho": 0},
        expect={"k3_dfInf_one_0.05": 0.0, "k3_dfInf_two_0.05": 0.0},
    )
    assert independent["k3_dfInf_one_0.05"] == pytest.approx(
        stats.norm.ppf(0.95 ** (1 / 3)), abs=1e-8
    )
    assert independent["k3_dfInf_two_0.05"] == pytest.approx(
        stats.norm.ppf((1 + 0.95 ** (1 / 3)) / 2), abs=1e-8
    )


def test_one_comparison_of_one_arm_is_a_t_test() -> None:
    spec = {"t": [2.1], "n": [12, 14], "df": 24}
    expect = {
        "one_sided_single_step": [0.0],
        "two_sided_single_step": [0.0],
        "one_sided_step_down": [0.0],
    }
    found = figures("dunnett_p_values", spec=spec, expect=expect)
    assert found["one_sided_single_step[0]"] == pytest.approx(stats.t.sf(2.1, 24), rel=1e-7)
    assert found["two_sided_single_step[0]"] == pytest.approx(2 * stats.t.sf(2.1, 24), rel=1e-7)
    assert found["one_sided_step_down[0]"] == found["one_sided_single_step[0]"]


def test_an_alternative_of_two_sides_doubles_a_single_p_value() -> None:
    spec = {"candidates": {"linear": None}, "mu": [0.0, 0.3, 0.4, 1.0], "S": [0.1] * 4}
    one, two = (
        figures(
            "mct_binary_logit", spec={**spec, "alternative": side}, expect={"p_adjusted": [0.0]}
        )
        for side in ("one.sided", "two.sided")
    )
    assert two["p_adjusted[0]"] == pytest.approx(2 * one["p_adjusted[0]"], rel=1e-7)


# --- what is refused ------------------------------------------------------------------------------

UNUSABLE: list[tuple[str, dict[str, Any], dict[str, Any] | None, str]] = [
    ("model_means", {"candidates": {"cubic": [1]}}, None, "shape 'cubic'"),
    ("model_means", {"candidates": {"emax": None}}, None, "emax takes ed50"),
    ("model_means", {"candidates": {"sigEmax": [1]}}, None, "sigEmax takes ed50, h"),
    ("model_means", {"models": ["emax9"]}, None, "no parameters for emax9; give them as candidates"),
    ("model_means", {"doses": [0, 2, 1]}, None, "in rising order"),
    ("model_means", {"doses": [1]}, None, "at least two doses"),
    ("contrasts_equal_n", {"w": [1, 1]}, None, "[1, 1] are no sizes of 4 doses; give one positive"),
    ("contrasts_equal_n", {"w": [1, 1, 1, 0]}, None, "are no sizes of 4 doses"),
    ("contrasts_equal_n", {"S": [1, 1, 1, -1]}, None, "not positive definite"),
    ("contrasts_equal_n", {"S": [[1, 0], [0, 1]]}, None, "shape (2, 2) for 4 doses"),
    ("critical_values", {"correlation": [[1, 2], [2, 1]]}, {"z_one_sided_0.05": 2.0}, "Not a correlation"),
    ("critical_values", {}, {"z_three_sided_0.05": 2.0}, "not computed"),
    ("critical_values", {}, {"t0_one_sided_0.05": 2.0}, "Degrees of freedom must be positive"),
    ("dunnett_quantiles", {"rho": 2}, {"k3_df9_one_0.05": 2.0}, "Not a correlation"),
    ("mct_binary_logit", {"response": "sri5"}, None, "none of the columns sri5"),
    ("mct_binary_logit", {"response": "region"}, None, "column region holds no numbers"),
    ("mct_binary_logit", {"response": "sledai0"}, None, "other values than 0 and 1"),
    ("mct_binary_logit", {"arm": "cohort"}, None, "no arm cohort"),
    ("mct_binary_logit", {"doses": [0, 1, 2]}, None, "for 3 doses"),
    ("mct_binary_logit", {"alternative": "both"}, None, "no alternative 'both'; give 'one.sided'"),
    ("mct_normal", {**WEEK_12, "response": "-aval"}, None, "none of the columns aval"),
    ("mct_normal", WEEK_12, {"adjusted_for_bmi": {"df": 1}}, "none of the columns bmi"),
    ("fit_binary_logit", {}, {"cubic": {"coef": {"e0": 1.0}}}, "shape 'cubic'"),
    ("fit_binary_logit", {}, {"emax": {"td_for_x": 1.0}}, "not computed"),
    ("fit_binary_logit", {"bounds": {"emax": [[1, 0]]}}, {"emax": {"gaic": 1.0}}, "rising bounds"),
    ("power_mct", {"sigma": 2.5}, {"normal_by_true_model": {"linear": 0.5}}, "no 'n_per_arm'"),
    ("power_mct", {"n_per_arm": 40}, {"normal_by_true_model": {"linear": 0.5}}, "no 'sigma'"),
    ("power_mct", {"n_per_arm": -1, "sigma": 1}, {"normal_by_true_model": {"linear": 0.5}}, "no sizes"),
    ("power_mct", {}, {"general_S_0.15": {"emax": 0.5}}, "which curve 'emax' is; it has linear, emax1"),
    ("power_mct", {}, {"gamma": 0.5}, "not computed"),
    ("sample_size_mct", {}, None, "no 'sigma'"),
    ("optimal_design", {}, None, "no 'probs'"),
    ("optimal_design", {"probs": [1]}, None, "Each candidate needs a probability"),
    ("dunnett_williams", {"filter": "week = 12 and arm = 0"}, None, "there must be two doses"),
    ("dunnett_p_values", {"t": [1, 2], "n": [10, 10]}, None, "no sizes of a control and 2 arms"),
    ("dunnett_p_values", {"t": [1], "n": [10, 0]}, None, "no sizes of a control and 1 arms"),
]  # fmt: skip


@pytest.mark.parametrize(("case_id", "spec", "expect", "said"), UNUSABLE)
def test_a_spec_that_cannot_be_meant_is_out_with_its_reason(
    case_id: str, spec: dict[str, Any], expect: dict[str, Any] | None, said: str
) -> None:
    case = CASES[case_id]
    outcome = run_case(replace(case, spec=spec, expect=expect or case.expect), METHODS)
    assert len(outcome.out) == len(outcome.figures) > 0
    (reason,) = {figure.problem for figure in outcome.figures}
    assert said in reason


def test_a_wrong_key_does_not_hide_the_others() -> None:
    expect = {"k3_dfInf_one_0.025": 2.3489761025831974, "k0_dfInf_one_0.025": 1.0, "k3": 1.0}
    outcome = run_case(replace(CASES["dunnett_quantiles"], expect=expect), METHODS)
    assert [f.path for f in outcome.out] == ["k0_dfInf_one_0.025", "k3"]


def test_nobody_responded_at_a_dose() -> None:
    data = (
        CASES["mct_binary_logit"]
        .table()
        .with_columns(sri4_nri=pl.when(pl.col("arm") == 0).then(0).otherwise("sri4_nri"))
    )
    outcome = run_case(replace(CASES["mct_binary_logit"], data=data, expect={"z": [1.0]}), METHODS)
    assert "Nobody or everybody responded at a dose" in outcome.out[0].problem


def own(expect: Any, **spec: Any) -> Case:
    return Case(id="own", method="model_means", data=None, spec=spec, expect=expect, tol_rel=1e-9)


def test_a_case_without_data_takes_the_usual_doses() -> None:
    outcome = run_case(own({"means": [[0, 0.2, 0.5, 1]]}, candidates={"linear": None}), METHODS)
    assert outcome.out == ()
