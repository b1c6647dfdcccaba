"""Cases of two-period crossovers against tests of differences and plain likelihoods."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats
from scipy.optimize import minimize
from scipy.special import gammaln

from trialwright.verification.cases import Case
from trialwright.verification.compare import run_case
from trialwright.verification.crossover import METHODS

SIZE = 22


def trial(seed: int = 5) -> pl.DataFrame:
    """Twelve participants begin with the drug, ten with nothing; no two outcomes are the same."""
    rng = np.random.default_rng(seed)
    first = np.repeat(["DN", "ND"], [12, 10])
    own = rng.normal(0, 1.5, SIZE)
    parts = []
    for period in (1, 2):
        drug = (first == "DN") == (period == 1)
        mean = np.exp(0.9 + 0.4 * own - 0.6 * drug)
        parts.append(
            pl.DataFrame(
                {
                    "subjid": np.arange(SIZE), "seq": first, "aperiod": period,
                    "trta": np.where(drug, "drug", "nothing"),
                    "score": (9 + own - 1.2 * drug + 0.5 * period + rng.normal(0, 1, SIZE)).round(4),
                    "ill": rng.integers(0, 2, SIZE),
                    "attacks": rng.poisson(mean),
                    "days": rng.integers(60, 90, SIZE),
                }
            )
        )  # fmt: skip
    return pl.concat(parts)


DATA = trial()
ONE, TWO = (DATA.filter(pl.col("aperiod") == k) for k in (1, 2))
BEGAN = (ONE["seq"] == "DN").to_numpy()
SPEC = {"treatment": "trta", "active": "drug"}


def case(method: str, expect: Any, *, data: pl.DataFrame = DATA, **spec: Any) -> Case:
    return Case(
        id="two periods", method=method, data=data, spec={**SPEC, **spec}, expect=expect,
        tol_rel=1e-8,
    )  # fmt: skip


def found(given_: Case) -> dict[str, Any]:
    outcome = run_case(given_, METHODS)
    assert not outcome.unusable, outcome.unusable[0]
    return {figure.path: figure.found for figure in outcome.figures}


def problems(given_: Case) -> list[str]:
    return [f"{f.path}: {f.expected} {f.found} {f.problem}" for f in run_case(given_, METHODS).out]


def shown(test: Any, estimate: float) -> dict[str, float]:
    interval = test.confidence_interval(0.95)
    half = (interval.high - interval.low) / 2
    error = half / stats.t.ppf(0.975, test.df)
    return {"est": estimate, "se": error, "df": test.df, "t": estimate / error, "p": test.pvalue,
            "lo": estimate - half, "hi": estimate + half}  # fmt: skip


def test_the_classical_analysis_is_t_tests_of_differences_and_sums() -> None:
    one, two = ONE["score"].to_numpy(), TWO["score"].to_numpy()
    apart, total = one - two, one + two

    def compared(values: np.ndarray, scale: float = 1.0) -> dict[str, float]:
        test = stats.ttest_ind(scale * values[BEGAN], scale * values[~BEGAN])
        return shown(test, scale * (values[BEGAN].mean() - values[~BEGAN].mean()))

    paired = stats.ttest_1samp(np.where(BEGAN, apart, -apart), 0)
    expect = {
        "n_dn": 12, "n_nd": 10,
        "means": {"dn1": one[BEGAN].mean(), "dn2": two[BEGAN].mean(),
                  "nd1": one[~BEGAN].mean(), "nd2": two[~BEGAN].mean()},
        "treatment": compared(apart, 0.5),
        "period_2_minus_1": {"est": -(apart[BEGAN].mean() + apart[~BEGAN].mean()) / 2},
        "carry_over_sum_dn_minus_nd": compared(total),
        "first_period_only": compared(one),
        "paired_t_ignoring_period": {"est": np.where(BEGAN, apart, -apart).mean(),
                                     "t": paired.statistic, "df": 21, "p": paired.pvalue},
    }  # fmt: skip
    assert problems(case("crossover_grizzle", expect, response="score")) == []


def test_ranks_of_the_classical_analysis_are_wilcoxons() -> None:
    apart = (ONE["score"] - TWO["score"]).to_numpy()
    total = (ONE["score"] + TWO["score"]).to_numpy()

    def rank(a: np.ndarray, b: np.ndarray) -> dict[str, float]:
        exact = stats.mannwhitneyu(a, b, method="exact")
        normal = stats.mannwhitneyu(a, b, method="asymptotic", use_continuity=True)
        return {"W": exact.statistic, "p_exact": exact.pvalue, "p_normal_cc": normal.pvalue}

    expect = {
        "wilcoxon_treatment_on_differences": rank(apart[BEGAN], apart[~BEGAN]),
        "wilcoxon_period": rank(apart[BEGAN], -apart[~BEGAN]),
        "wilcoxon_carry_over": rank(total[BEGAN], total[~BEGAN]),
    }
    assert problems(case("crossover_grizzle", expect, response="score")) == []


def test_a_model_of_fixed_participants_is_the_classical_treatment_effect() -> None:
    classical = found(
        case("crossover_grizzle", {"treatment": {"est": 0, "se": 0, "p": 0}}, response="score")
    )
    expect = {
        "trta": {name: classical[f"treatment.{name}"] for name in ("est", "se", "p")},
        "df": SIZE - 2,
    }
    formula = "score ~ subjid + aperiod + trta"
    assert problems(case("fixed_patient_anova", expect, formula=formula)) == []


def test_of_complete_pairs_the_mixed_model_has_the_same_treatment_effect() -> None:
    # Jones and Kenward 2014, section 5.3: with sequence in the model nothing is recovered between
    classical = found(
        case("crossover_grizzle", {"treatment": {"est": 0, "se": 0, "df": 0}}, response="score")
    )
    row = {
        "term": "trtadrug", "est": classical["treatment.est"], "se_kr": classical["treatment.se"],
        "se_model": classical["treatment.se"], "df_kr": SIZE - 2, "df_satterthwaite": SIZE - 2,
    }  # fmt: skip
    formula = "score ~ trta + aperiod + seq + (1|subjid)"
    given_ = case("crossover_mixed", {"coef": [row], "n": 2 * SIZE}, formula=formula)
    assert problems(replace(given_, tol_rel=1e-5)) == []


def test_binary_outcomes_by_their_discordant_pairs() -> None:
    one, two = ONE["ill"].to_numpy(), TWO["ill"].to_numpy()
    changed = one != two
    table = [[int((changed & (row == BEGAN) & (one == y)).sum()) for y in (0, 1)]
             for row in (True, False)]  # fmt: skip
    drug, nothing = np.where(BEGAN, one, two), np.where(BEGAN, two, one)
    b, c = int((drug & ~nothing & 1).sum()), int((~drug & nothing & 1).sum())
    (a, d), (e, f) = table
    # With one parameter a sequence, Gart's model is saturated: log odds of the discordant pairs
    treatment = (math.log(d / a) - math.log(f / e)) / 2
    period = -(math.log(d / a) + math.log(f / e)) / 2
    expect = {
        "mainland_gart_table_rows_AB_BA_cols_y1_0_1": table,
        "mainland_gart_fisher_p": stats.fisher_exact(table).pvalue,
        "mcnemar": {"chisq": (b - c) ** 2 / (b + c), "p": stats.chi2.sf((b - c) ** 2 / (b + c), 1),
                    "p_exact": stats.binomtest(b, b + c).pvalue},
        "conditional_logistic": {"log_or_drug": treatment, "log_or_period2": period,
                                 "se": math.sqrt(sum(1 / n for row in table for n in row)) / 2},
    }  # fmt: skip
    assert min(a, d, e, f) > 0
    given_ = replace(case("crossover_binary", expect, response="ill"), tol_rel=1e-6)
    assert problems(given_) == []


def laplace(deviation: float, y: np.ndarray, fixed: np.ndarray) -> float:
    """Laplace's log-likelihood, the modes by Newton's steps; columns are participants."""
    u = np.zeros(y.shape[1])
    for _ in range(40):
        mean = np.exp(fixed + deviation * u)
        u += (deviation * (y - mean).sum(0) - u) / (deviation**2 * mean.sum(0) + 1)
    mean = np.exp(fixed + deviation * u)
    total = (y * np.log(mean) - mean - gammaln(y + 1)).sum() - (u**2).sum() / 2
    return float(total - np.log(deviation**2 * mean.sum(0) + 1).sum() / 2)


def test_counts_by_a_plain_search_of_laplaces_likelihood() -> None:
    y = DATA["attacks"].to_numpy().reshape(2, SIZE)  # periods by participants
    drug = (DATA["trta"] == "drug").to_numpy().astype(float)
    second = (DATA["aperiod"] == 2).to_numpy().astype(float)
    x, offset = np.column_stack([np.ones(2 * SIZE), drug, second]), np.log(DATA["days"].to_numpy())

    def loss(at: np.ndarray) -> float:
        return -laplace(at[-1], y, (x @ at[:-1] + offset).reshape(2, SIZE))

    options = {"xatol": 1e-9, "fatol": 1e-11, "maxiter": 4000, "maxfev": 4000}
    end = minimize(loss, [-3.5, -0.5, 0.0, 0.5], method="Nelder-Mead", options=options)
    figures = found(
        case("crossover_counts", {"random_intercept": {"est": [0, 0, 0], "sd": 0, "log_lik": 0}},
             formula="attacks ~ trta + aperiod + (1|subjid) + offset(log(days))")
    )  # fmt: skip
    got = [figures[f"random_intercept.est[{k}]"] for k in range(3)]
    # the drug is first by name, so that its effect is that of nothing turned round
    turned = [end.x[0] + end.x[1], -end.x[1], end.x[2]]
    assert got == pytest.approx(turned, abs=2e-6)
    assert figures["random_intercept.sd"] == pytest.approx(abs(end.x[3]), abs=2e-6)
    assert figures["random_intercept.log_lik"] == pytest.approx(-end.fun, abs=1e-8)


def test_a_titer_that_is_never_below_the_limit_is_a_normal_regression() -> None:
    # By hand: least squares, and the maximum likelihood scale without the correction of n − p
    data = ONE.with_columns(below_limit=pl.lit(0), titer=10 ** (pl.col("score") / 5))
    y = data["score"].to_numpy() / 5
    means = y[~BEGAN].mean(), y[BEGAN].mean()
    rest = y - np.where(BEGAN, means[1], means[0])
    scale = math.sqrt((rest**2).mean())
    expect = {
        "first": {
            "coef": [means[1], means[0] - means[1]], "scale": scale,
            "se": [scale / math.sqrt(12), scale * math.sqrt(1 / 12 + 1 / 10)],
            "log_lik": stats.norm.logpdf(rest, scale=scale).sum(),
        }
    }  # fmt: skip
    given_ = case("tobit", expect, data=data, first="log10(titer) ~ trta")
    assert problems(replace(given_, tol_rel=1e-6)) == []


def test_rows_in_any_order_and_other_labels_change_nothing() -> None:
    expect = {"treatment": {"est": 0, "se": 0, "p": 0}, "period_2_minus_1": {"est": 0}}
    base = case("crossover_grizzle", expect, response="score")
    other = DATA.sample(fraction=1, shuffle=True, seed=2).with_columns(
        pl.col("subjid").map_elements(lambda k: f"P{97 - k}", return_dtype=pl.String),
        pl.col("seq").replace_strict({"DN": "zz", "ND": "aa"}),
        pl.col("trta").replace_strict({"drug": "IL-2", "nothing": "alone"}),
        aperiod=pl.col("aperiod") * 10,
    )
    again = replace(base, data=other, spec={**base.spec, "active": "IL-2"})
    assert found(again) == pytest.approx(found(base))


@pytest.mark.parametrize(
    ("method", "spec", "data", "words"),
    [
        ("crossover_grizzle", {"response": "pain"}, DATA, "no column 'pain'"),
        ("crossover_grizzle", {"response": "score"}, ONE, "not two periods"),
        ("crossover_grizzle", {"response": "score"}, DATA.drop("seq"), "no column of the sequence"),
        ("crossover_grizzle", {"response": "score"}, DATA.drop("subjid"), "of the participant"),
        ("crossover_mixed", {}, DATA, "the spec has no 'formula'"),
        ("crossover_mixed", {"formula": "pain ~ trta"}, DATA, "no column pain"),
        ("tobit", {"first": "log10(score) ~ trta"}, DATA, "no column of censoring"),
        ("crossover_counts", {"formula": "attacks ~ trta + dose + (1|subjid)"}, DATA, "dose"),
        ("fixed_patient_anova", {"formula": "pain ~ subjid + trta"}, DATA, "pain"),
    ],
)
def test_what_a_case_lacks_is_told_for_each_figure(
    method: str, spec: dict[str, Any], data: pl.DataFrame, words: str
) -> None:
    expect = {"first": {"coef": [1.0]}, "treatment": {"est": 1.0}}
    out = run_case(case(method, expect, data=data, **spec), METHODS).out
    assert len(out) == 2
    assert all(words in figure.problem for figure in out)
    assert all(figure.unusable for figure in out)


@pytest.mark.parametrize(
    ("kept", "words"), [(0, "nobody has the other sequence"), (1, "has 1 participants")]
)
def test_a_sequence_of_one_or_none_ends_in_words(kept: int, words: str) -> None:
    few = DATA.filter((pl.col("seq") == "DN") | (pl.col("subjid") >= SIZE - kept))
    given_ = case("crossover_grizzle", {"treatment": {"se": 1.0}}, data=few, response="score")
    (figure,) = run_case(given_, METHODS).figures
    assert figure.found is None
    assert words in figure.problem
