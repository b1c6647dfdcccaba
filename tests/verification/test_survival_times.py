"""How a case says which times, events, arms and strata it is about."""

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from trialwright.errors import UnusableInputError
from trialwright.verification.cases import Case
from trialwright.verification.compare import run_case
from trialwright.verification.survival import METHODS
from trialwright.verification.times import groups, observed, strata_names

ROWS = pl.DataFrame(
    {
        "days": [7, 14, 21, 28, 35, 42],
        "entry": [0, 0, 7, 0, 14, 0],
        "cause": [0, 1, 2, 3, 1, 0],
        "arm": ["b", "a", "b", "a", "b", "a"],
        "site": ["x", "x", "y", "y", None, "x"],
        "lost": [1, 0, 1, 0, 0, 1],
        "end": ["none", "flare", "stopped", "died", "flare", "none"],
        "flared": [False, True, False, False, True, False],
    }
)


def case_of(method: str = "log_rank", expect: Any = None, rows: pl.DataFrame = ROWS, **spec: Any):
    return Case(
        id="made up", method=method, data=rows, spec=spec, expect=expect or {}, tol_rel=1e-8
    )


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("cause", [0, 1, 0, 0, 1, 0]),
        ("cause == 1", [0, 1, 0, 0, 1, 0]),
        ("cause==2", [0, 0, 1, 0, 0, 0]),
        ("cause != 0", [0, 1, 1, 1, 1, 0]),
        ("cause > 1", [0, 0, 1, 1, 0, 0]),
        ("cause >= 3", [0, 0, 0, 1, 0, 0]),
        ("cause %in% c(2, 3)", [0, 0, 1, 1, 0, 0]),
        ("event = cause == 3", [0, 0, 0, 1, 0, 0]),
        ("cause < 2", [1, 1, 0, 0, 1, 1]),
        ("cause <= 2", [1, 1, 1, 0, 1, 1]),
        ("1 - lost", [0, 1, 0, 1, 1, 0]),  # ADaM's censoring turned round
        ("lost == 0", [0, 1, 0, 1, 1, 0]),
        ('end == "flare"', [0, 1, 0, 0, 1, 0]),
        ("end != 'none'", [0, 1, 1, 1, 1, 0]),
        ('end %in% c("flare", "stopped")', [0, 1, 1, 0, 1, 0]),
        ("flared", [0, 1, 0, 0, 1, 0]),
    ],
)
def test_the_event_is_what_the_formula_says(condition: str, expected: list[int]) -> None:
    data = observed(case_of(formula=f"Surv(days, {condition}) ~ arm"))
    assert data.event.tolist() == [bool(each) for each in expected]
    if "cause" in condition:
        assert data.code.tolist() == ROWS["cause"].to_list()


def test_times_may_be_computed_and_start_late() -> None:
    weeks = observed(case_of(formula="Surv(days / 7, cause) ~ arm"))
    assert weeks.time.tolist() == [1, 2, 3, 4, 5, 6]
    assert weeks.start is None
    late = observed(case_of(formula="Surv(entry, days, cause > 0) ~ arm"))
    assert late.start is not None
    assert late.start.tolist() == ROWS["entry"].to_list()
    gaps = observed(case_of(formula="Surv(days - entry, cause == 1) ~ arm"))
    assert gaps.time.tolist() == [7, 14, 14, 28, 21, 42]


def test_codes_one_and_two_are_those_of_r() -> None:
    rows = ROWS.with_columns(pl.Series("cause", [1, 2, 1, 2, 2, 1]))
    one_or_two = observed(case_of(rows=rows, formula="Surv(days, cause) ~ arm"))
    assert one_or_two.event.tolist() == [False, True, False, True, True, False]
    stated = observed(case_of(rows=rows, formula="Surv(days, cause) ~ arm", failcode=1))
    assert stated.event.tolist() == [True, False, True, False, False, True]


def test_columns_of_adam_are_known_and_censoring_is_no_event() -> None:
    adam = ROWS.select(AVAL="days", CNSR="lost", TRTP="arm", USUBJID=pl.int_range(6))
    data = observed(case_of(rows=adam))
    assert data.event.tolist() == [False, True, False, True, True, False]
    assert data.time.tolist() == ROWS["days"].to_list()
    assert groups(case_of(rows=adam)) == "TRTP"
    both = adam.with_columns(EVENT=1 - pl.col("CNSR"))
    assert observed(case_of(rows=both)).event.tolist() == data.event.tolist()
    assert observed(case_of(rows=both, event="CNSR")).event.sum() == 3  # as it is told


def test_only_rows_complete_in_what_is_used_are_kept() -> None:
    case = case_of(formula="Surv(days, cause == 1) ~ arm")
    assert len(observed(case).time) == 6
    assert observed(case, "site").time.tolist() == [7, 14, 21, 28, 42]
    assert len(observed(case, formula="arm + strata(site)").time) == 5


def test_groups_and_strata_are_those_of_the_formula_before_usual_names() -> None:
    assert groups(case_of(formula="Surv(days, cause) ~ site")) == "site"
    assert groups(case_of(time="days", event="cause")) == "arm"
    assert strata_names(case_of(formula="Surv(days, cause) ~ arm + strata(site)")) == ["site"]
    assert strata_names(case_of(strata="site")) == ["site"]


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"formula": "Surv(days, gone == 1) ~ arm"}, "no column gone"),
        ({"formula": "Surv(day, cause == 1) ~ arm"}, "no column day"),
        ({"formula": "Surv(days, cause = 1) ~ arm"}, "no event is understood"),
        ({"formula": "Surv(days, end) ~ arm"}, "no event is understood by words"),
        ({"formula": "Surv(days, end == 2) ~ arm"}, "no event is understood by == 2"),
        ({"formula": "Surv(days, cause == 'flare') ~ arm"}, "no event is understood by == 'flare'"),
        ({"time": "day"}, "no column of the time"),
        ({"time": "days"}, "no column of the event"),
        ({"formula": "Surv(days, cause) ~ arm", "arms": ["a", "c"]}, "no row has arm c"),
    ],
)
def test_what_is_not_understood_is_told(spec: dict[str, Any], words: str) -> None:
    with pytest.raises(UnusableInputError, match=words):
        observed(case_of(**spec))


def found(case: Case) -> dict[str, Any]:
    return {figure.path: figure.found for figure in run_case(case, METHODS).figures}


def test_settings_choose_arms() -> None:
    """Of three arms two are compared as if the third were not there."""
    rng = np.random.default_rng(5)
    rows = pl.DataFrame(
        {
            "time": rng.integers(1, 9, 60),
            "event": rng.integers(0, 2, 60),
            "arm": np.repeat(["low", "mid", "top"], 20),
        }
    )
    whole = case_of(rows=rows, expect={"chisq": 0}, arms=["low", "top"])
    fewer = case_of(rows=rows.filter(pl.col("arm") != "mid"), expect={"chisq": 0})
    assert found(whole) == found(fewer)
    pair = case_of(rows=rows, expect={"pairwise": [{"arm": "top", "chisq": 0}]}, arms="low, top")
    assert found(pair)["pairwise[0].chisq"] == found(whole)["chisq"]


def test_pairs_are_compared_with_the_arm_that_has_no_row() -> None:
    rng = np.random.default_rng(6)
    rows = pl.DataFrame(
        {
            "time": rng.integers(1, 9, 60),
            "event": rng.integers(0, 2, 60),
            "arm": np.repeat(["a", "b", "c"], 20),
        }
    )
    events = {name: int(rows.filter(pl.col("arm") == name)["event"].sum()) for name in "abc"}
    expect = {"pairwise": [{"arm": name, "obs": [0, 0]} for name in "ba"], "observed": [0, 0, 0]}
    figures = found(case_of(rows=rows, expect=expect))
    order = ["c", "b", "a"]
    assert [figures[f"observed[{k}]"] for k in range(3)] == [events[name] for name in order]
    assert [figures[f"pairwise[1].obs[{k}]"] for k in range(2)] == [events["c"], events["a"]]


def test_strata_of_the_formula_count_unless_a_stratified_figure_stands_beside() -> None:
    rng = np.random.default_rng(8)
    rows = pl.DataFrame(
        {
            "time": rng.integers(1, 20, 80),
            "event": rng.integers(0, 2, 80),
            "arm": np.tile(["a", "b"], 40),
            "site": np.repeat(["x", "y"], 40),
        }
    )
    formula = "Surv(time, event) ~ arm + strata(site)"
    alone = found(case_of(rows=rows, expect={"chisq": 0}, formula=formula))
    beside = found(case_of(rows=rows, expect={"chisq": 0, "stratified_chisq": 0}, formula=formula))
    plain = found(case_of(rows=rows, expect={"chisq": 0}))
    assert alone["chisq"] == beside["stratified_chisq"]
    assert beside["chisq"] == plain["chisq"] != alone["chisq"]


def test_robust_errors_over_participants_of_the_formula() -> None:
    """Everybody twice: over participants the error is that of everybody once (sandwich)."""
    rng = np.random.default_rng(9)
    once = pl.DataFrame(
        {
            "time": rng.exponential(9, 40),
            "event": rng.integers(0, 2, 40),
            "arm": np.tile([0, 1], 20),
            "who": np.arange(40),
        }
    )
    expect = {"coef": [{"term": "arm", "est": 0, "se": 0}], "naive_se": [0]}
    formula = "Surv(time, event) ~ arm + cluster(who)"
    spec: dict[str, Any] = {"formula": formula, "ties": "breslow"}
    one = found(case_of("cox", expect, once, **spec))
    two = found(case_of("cox", expect, pl.concat([once, once]), **spec))
    path = "coef[arm].se"
    assert two["coef[arm].est"] == pytest.approx(one["coef[arm].est"])
    assert two[path] == pytest.approx(one[path])
    assert two["naive_se[0]"] == pytest.approx(one["naive_se[0]"] / np.sqrt(2))


def test_one_curve_for_all() -> None:
    expect = {"at": [{"time": 20, "surv": 0, "n_risk": 0}], "rmst28": [0]}
    figures = found(case_of("kaplan_meier", expect, formula="Surv(days, cause > 0) ~ 1"))
    # By hand: six at risk; nobody has an event at 7, one of the five left has at 14.
    assert figures["at[0].surv"] == pytest.approx(4 / 5)
    assert figures["at[0].n_risk"] == 4
    assert figures["rmst28[0]"] == pytest.approx(14 + 7 * 4 / 5 + 7 * 3 / 5)


def test_recurrent_events_need_starts() -> None:
    expect = {"andersen_gill": {"est": [0]}}
    rows = ROWS.with_columns(id=pl.int_range(6))
    case = case_of("recurrent_events", expect, rows, formula="Surv(days, cause) ~ arm")
    (figure,) = run_case(case, METHODS).figures
    assert "need the start" in figure.problem


def worded(base: Case, what: str, **changes: Any) -> dict[str, Any]:
    return found(replace(base, what=what, **changes))


def test_the_rule_for_ties_may_stand_in_the_setting_the_id_or_the_words() -> None:
    rng = np.random.default_rng(2)
    rows = pl.DataFrame(
        {"time": rng.integers(1, 6, 60), "event": rng.integers(0, 2, 60), "x": rng.normal(size=60)}
    )
    base = case_of("cox", {"est": [0]}, rows, formula="Surv(time, event) ~ x")
    by_setting = {
        ties: found(replace(base, spec={**base.spec, "ties": ties}))
        for ties in ("efron", "breslow", "exact")
    }
    assert len({figures["est[0]"] for figures in by_setting.values()}) == 3
    for ties, figures in by_setting.items():
        assert worded(base, f"Cox regression, ties by {ties}") == figures
        assert found(replace(base, id=f"cox_{ties}")) == figures
    assert found(base) == by_setting["efron"]


def test_the_last_stratum_of_recurrent_events_may_stand_in_the_words() -> None:
    rng = np.random.default_rng(7)
    rows = pl.DataFrame(
        [
            {"id": who, "arm": who % 2, "start": 10 * k, "stop": 10 * k + int(length), "event": 1}
            for who in range(30)
            for k, length in enumerate(rng.integers(1, 10, 4))
        ]
    )
    base = case_of("recurrent_events", {"pwp_total_time": {"est": [0]}}, rows)
    two = found(replace(base, spec={"most_strata": 2}))
    assert worded(base, "conditional (PWP, strata capped at 2)") == two
    assert found(base) == found(replace(base, spec={"cap": 3})) != two


def test_without_a_formula_models_use_the_usual_columns_and_only_what_is_asked_for() -> None:
    rng = np.random.default_rng(4)
    rows = pl.DataFrame(
        {
            "time": rng.integers(1, 20, 80),
            "status": rng.integers(0, 3, 80),
            "trt": np.tile(["a", "b"], 40),
            "stratum": np.repeat(["x", "y"], 40),
        }
    )
    left = "Surv(time, status == 1)"
    expect = {"est": [0]}
    alone = found(case_of("cox", expect, rows))
    assert alone == found(case_of("cox", expect, rows, formula=f"{left} ~ trt"))
    within = found(case_of("cox_stratified", expect, rows))
    formula = f"{left} ~ trt + strata(stratum)"
    assert within == found(case_of("cox_stratified", expect, rows, formula=formula)) != alone
    # Gray's test needs no stratum, the regression beside it does
    both = {"gray": [{"cause": 1, "chisq": 0}] * 2, "fine_gray_crr": {"log_lik": 0}}
    outcome = run_case(case_of("competing_risks", both, rows.drop("stratum")), METHODS)
    assert [figure.path for figure in outcome.unusable] == ["fine_gray_crr.log_lik"]
    assert "no column of the strata" in outcome.unusable[0].problem
