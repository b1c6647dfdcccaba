"""Cases of times to an event against plain loops over participants, under made-up names."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, norm

from trialwright.verification.cases import Case
from trialwright.verification.compare import run_case
from trialwright.verification.survival import METHODS

Rows = list[tuple[float, int, str, str]]
rows_of_a_trial = st.lists(
    st.tuples(
        st.integers(1, 9), st.integers(0, 2), st.sampled_from(["low", "top"]),
        st.sampled_from(["x", "y"]),
    ),
    min_size=12, max_size=40,
).filter(lambda rows: {row[2] for row in rows if row[1] == 1} == {"low", "top"})  # fmt: skip


def case(rows: Rows, method: str, expect: Any, **spec: Any) -> Case:
    data = pl.DataFrame(rows, schema=["weeks", "cause", "dose_group", "clinic"], orient="row")
    return Case(id="made up", method=method, data=data, spec=spec, expect=expect, tol_rel=1e-8)


def found(given_: Case) -> dict[str, Any]:
    outcome = run_case(given_, METHODS)
    assert not outcome.unusable, outcome.unusable[0]
    return {figure.path: figure.found for figure in outcome.figures}


def steps(rows: Rows, cause: int = 1) -> list[tuple[float, int, int]]:
    """Each time of an event, with the number at risk and the number of events, by counting."""
    times = sorted({time for time, code, *_ in rows if code == cause})
    return [
        (t, sum(r[0] >= t for r in rows), sum(r[0] == t and r[1] == cause for r in rows))
        for t in times
    ]


@settings(max_examples=25, deadline=None)
@given(rows_of_a_trial, st.integers(1, 10))
def test_kaplan_meier_by_counting(rows: Rows, day: int) -> None:
    expect = {
        "at": [{"arm": arm, "time": day, "surv": 0, "se": 0, "n_risk": 0, "lo_plain": 0, "hi_log": 0}
               for arm in ("top", "low")],
        "rmst6": [0, 0], "q50": [0, 0],
    }  # fmt: skip
    figures = found(
        case(rows, "kaplan_meier", expect, formula="Surv(weeks, cause == 1) ~ dose_group")
    )
    for k, arm in enumerate(("top", "low")):
        own = [row for row in rows if row[2] == arm]
        survival, greenwood, curve = 1.0, 0.0, [(0.0, 1.0)]
        at_day = (1.0, 0.0)
        for t, risk, events in steps(own):
            survival *= 1 - events / risk
            greenwood += events / (risk * (risk - events)) if risk > events else math.inf
            curve.append((t, survival))
            if t <= day:
                at_day = survival, greenwood
        at = {
            name: figures[f"at[{k}].{name}"]
            for name in ("surv", "se", "n_risk", "lo_plain", "hi_log")
        }
        assert at["n_risk"] == sum(row[0] >= day for row in own)
        assert at["surv"] == pytest.approx(at_day[0], abs=1e-12)
        if at_day[0] > 0:
            error = at_day[0] * math.sqrt(at_day[1])
            assert at["se"] == pytest.approx(error, abs=1e-12)
            assert at["lo_plain"] == pytest.approx(max(at_day[0] - norm.isf(0.025) * error, 0))
            upper = at_day[0] * math.exp(norm.isf(0.025) * math.sqrt(at_day[1]))
            assert at["hi_log"] == pytest.approx(min(upper, 1))
        ends = [min(t, 6.0) for t, _ in curve[1:]] + [6.0]
        area = sum(s * (end - min(t, 6.0)) for (t, s), end in zip(curve, ends, strict=True))
        assert figures[f"rmst6[{k}]"] == pytest.approx(area)
        half = next((t for t, s in curve if s < 0.5 - 1e-9), None)
        exactly = [t for t, s in curve if abs(s - 0.5) <= 1e-9]
        if not exactly:
            assert figures[f"q50[{k}]"] == half


def log_rank(rows: Rows, rho: float) -> tuple[float, float, float, float]:
    """Events, expected events and variance of arm 'top', and all events, weighted by S^rho."""
    survival, observed, expected, variance = 1.0, 0.0, 0.0, 0.0
    for t, risk, events in steps(rows):
        weight = survival**rho
        own = sum(r[0] >= t and r[2] == "top" for r in rows)
        hit = sum(r[0] == t and r[1] == 1 and r[2] == "top" for r in rows)
        share = own / risk
        observed += weight * hit
        expected += weight * events * share
        if risk > 1:
            spread = events * share * (1 - share) * (risk - events) / (risk - 1)
            variance += weight**2 * spread
        survival *= 1 - events / risk
    return observed, expected, variance, 0.0


@settings(max_examples=25, deadline=None)
@given(rows_of_a_trial, st.sampled_from([0.0, 0.5, 1.0]))
def test_the_log_rank_test_by_counting(rows: Rows, rho: float) -> None:
    expect = {"chisq": 0, "p": 0, "stratified_chisq": 0, "observed": [0, 0], "expected": [0, 0]}
    spec = {"formula": "Surv(weeks, cause == 1) ~ dose_group", "strata": "clinic", "rho": rho}
    observed, expected, variance, _ = log_rank(rows, rho)
    if variance < 1e-9:
        return
    outcome = run_case(case(rows, "log_rank", expect, **spec), METHODS)
    figures = {figure.path: figure.found for figure in outcome.figures}
    assert figures["observed[1]"] == pytest.approx(observed)
    assert figures["expected[1]"] == pytest.approx(expected)
    chisq = (observed - expected) ** 2 / variance
    assert figures["chisq"] == pytest.approx(chisq, abs=1e-9)
    assert figures["p"] == pytest.approx(chi2.sf(chisq, 1))


@settings(max_examples=20, deadline=None)
@given(rows_of_a_trial)
def test_log_rank_statistics_of_strata_add_up(rows: Rows) -> None:
    formula = "Surv(weeks, cause == 1) ~ dose_group + strata(clinic)"
    parts = [log_rank([row for row in rows if row[3] == clinic], 0.0) for clinic in "xy"]
    apart = sum(part[0] - part[1] for part in parts)
    variance = sum(part[2] for part in parts)
    if variance < 1e-9:
        return
    (figure,) = run_case(case(rows, "log_rank", {"chisq": 0}, formula=formula), METHODS).figures
    assert figure.found == pytest.approx(apart**2 / variance, abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(rows_of_a_trial)
def test_cumulative_incidence_by_counting(rows: Rows) -> None:
    causes = sorted({row[1] for row in rows} - {0})
    labels = [f"{arm} {cause}" for cause in causes for arm in ("low", "top")]
    expect = {"cuminc_rows": labels, "cuminc_at_3_7": [[0, 0]] * len(labels)}
    spec = {"formula": "Surv(weeks, cause) ~ dose_group"}
    figures = found(case(rows, "competing_risks", expect, **spec))
    for k, label in enumerate(labels):
        arm, cause = label.split()[0], int(label.split()[1])
        own = [row for row in rows if row[2] == arm]
        for j, day in enumerate((3, 7)):
            free, reached = 1.0, 0.0
            for t in range(1, day + 1):
                risk = sum(row[0] >= t for row in own)
                if not risk:
                    break
                hit = sum(row[0] == t and row[1] == cause for row in own)
                reached += free * hit / risk
                free *= 1 - sum(row[0] == t and row[1] > 0 for row in own) / risk
            assert figures[f"cuminc_at_3_7[{k}][{j}]"] == pytest.approx(reached, abs=1e-12)


def test_a_curve_that_ends_early_goes_on_as_in_r() -> None:
    # R 4.2.2, survival 3.5-3: summary(survfit(Surv(t, e) ~ 1, d), rmean = 8)$table, and rmean = 5
    rows = pl.DataFrame({"t": [1, 2, 3, 4, 5], "e": [1, 0, 1, 0, 0]})
    expect = {
        "rmst8": 5.266667,
        "rmst8_se": 1.447552,
        "rmst5": 3.6666667,
        "rmst5_se": 0.7383666,
        "median": None,
        "median_lo": 3,
        "median_hi": None,
        "n": 5,
        "events": 2,
        "rmst2.5": 1 + 1.5 * 0.8,
    }  # by hand
    given_ = Case(
        id="early", method="kaplan_meier", data=rows, expect=expect, tol_rel=3e-7,
        spec={"formula": "Surv(t, e) ~ 1", "conf.type": "log"},
    )  # fmt: skip
    assert run_case(given_, METHODS).out == ()


def test_one_figure_of_a_curve_that_cannot_be_had_leaves_the_others() -> None:
    rows = [(float(k + 1), 1, "low", "x") for k in range(6)]
    expect = {"at": [{"arm": "dose_group=low", "time": 2, "surv": 4 / 6}], "q0": [1], "n": [6]}
    given_ = case(rows, "kaplan_meier", expect, formula="Surv(weeks, cause == 1) ~ dose_group")
    assert [figure.path for figure in run_case(given_, METHODS).out] == ["q0[0]"]


def test_a_cox_fit_by_the_partial_likelihood_of_four() -> None:
    # Times 1 to 4, events at 1, 2 and 3, dose 1, 0, 1, 0. By hand, with h = exp(beta):
    # L = h/(2h+2) · 1/(h+2) · h/(h+1), greatest where 2/h − 2/(h+1) − 1/(h+2) = 0: h = (1 + √17) / 2
    rows = pl.DataFrame({"days": [1, 2, 3, 4], "hit": [1, 1, 1, 0], "dose": [1, 0, 1, 0]})
    ratio = (1 + 17**0.5) / 2
    expect = {"coef": [{"term": "dose", "hr": ratio}], "n": 4, "n_events": 3,
              "log_lik": [-math.log(4 * 3 * 2),
                          math.log(ratio**2 / (2 * (ratio + 1) ** 2 * (ratio + 2)))]}  # fmt: skip
    given_ = Case(
        id="four", method="cox", data=rows, spec={"formula": "Surv(days, hit) ~ dose"},
        expect=expect, tol_rel=1e-9,
    )  # fmt: skip
    assert run_case(given_, METHODS).out == ()
    # the test at zero: U = 3·½ … by hand: 1 − ½, −⅓, 1 − ½ give ⅔ over ¼ + 2⁄9 + ¼
    score = {"score_test": (2 / 3) ** 2 / (1 / 4 + 2 / 9 + 1 / 4)}
    assert run_case(replace(given_, expect=score), METHODS).out == ()


@pytest.mark.parametrize("ties", ["efron", "breslow", "exact"])
def test_without_ties_every_rule_for_ties_agrees(ties: str) -> None:
    rng = np.random.default_rng(3)
    rows = pl.DataFrame(
        {"t": rng.permutation(40) + 1, "e": rng.integers(0, 2, 40), "x": rng.normal(size=40)}
    )
    spec = {"formula": "Surv(t, e) ~ x"}
    expect = {"coef": [{"term": "x", "est": 0, "se": 0, "lo": 0, "hr_hi": 0}], "wald_test": 0}
    base = Case(id="a", method="cox", data=rows, spec=spec, expect=expect, tol_rel=1e-9)
    one, other = found(base), found(replace(base, spec={**spec, "ties": ties}))
    assert other == pytest.approx(one, rel=1e-9)
    z = one["coef[x].est"] / one["coef[x].se"]
    assert one["wald_test"] == pytest.approx(z**2)
    assert one["coef[x].lo"] == pytest.approx(
        one["coef[x].est"] - norm.isf(0.025) * one["coef[x].se"]
    )


def test_rows_in_any_order_and_arms_of_any_name_give_the_same() -> None:
    rng = np.random.default_rng(12)
    rows = pl.DataFrame(
        {"t": rng.integers(1, 12, 60), "e": rng.integers(0, 2, 60),
         "arm": np.repeat(["a", "b", "c"], 20)}
    )  # fmt: skip
    expect = {"chisq": 0, "df": 0, "p": 0, "peto_chisq": 0}
    base = Case(
        id="a", method="log_rank", data=rows, spec={"formula": "Surv(t, e) ~ arm"},
        expect=expect, tol_rel=1e-9,
    )  # fmt: skip
    other = rows.sample(fraction=1, shuffle=True, seed=1).with_columns(
        pl.col("arm").replace_strict({"a": "z 1", "b": "placebo", "c": "IL-2 0.5"})
    )
    assert found(replace(base, data=other)) == pytest.approx(found(base))
    assert found(base)["df"] == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cause": [0] * 12}, ""),
        ({"weeks": [None] * 12}, "not computed"),
        ({"dose_group": ["low"] * 12}, "not computed"),
    ],
)
def test_degenerate_times_end_in_words_or_a_stated_result(
    change: dict[str, list[Any]], words: str
) -> None:
    rows: Rows = [(k % 5 + 1, k % 2, "low" if k % 3 else "top", "x") for k in range(12)]
    base = case(rows, "log_rank", {"chisq": 1.0}, formula="Surv(weeks, cause == 1) ~ dose_group")
    data = base.table().with_columns(**{k: pl.Series(k, v) for k, v in change.items()})
    (figure,) = run_case(replace(base, data=data), METHODS).out
    assert words in figure.problem
    assert figure.found is None or math.isfinite(figure.found)
