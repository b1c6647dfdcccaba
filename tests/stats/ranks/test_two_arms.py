"""Two arms against R, enumeration of all rank orders, and degenerate outcomes."""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.ranks import hodges_lehmann, student, welch, wilcoxon
from trialwright.stats.ranks.two_arms import _rank_sum_law

# R 4.2.2, stats::t.test and wilcox.test
ORACLES = Path(__file__).parents[1] / "oracles"
EXPECTED = json.loads((ORACLES / "rank_ancova.json").read_text())["cases"][0]["expect"]
SAMPLES = st.lists(st.integers(-1000, 1000), min_size=2, max_size=9, unique=True)


@pytest.fixture(scope="module")
def arms():
    week_12 = pl.read_csv(ORACLES / "data" / "t1_sledai_long.csv").filter(pl.col("week") == 12)
    return [week_12.filter(pl.col("arm") == k)["chg"].to_numpy() for k in (2, 0)]


def test_welch(arms):
    found, expected = welch(*arms), EXPECTED["welch"]
    assert found.estimate == pytest.approx(expected["est"], 1e-12)
    assert found.statistic == pytest.approx(expected["t"], 1e-12)
    assert found.degrees_of_freedom == pytest.approx(expected["df"], 1e-12)
    assert found.p_value == pytest.approx(expected["p"], 1e-12)
    assert (found.lower, found.upper) == pytest.approx((expected["lo"], expected["hi"]), 1e-10)
    assert found.estimate / found.standard_error == pytest.approx(found.statistic, 1e-12)
    assert list(found.counts.values()) == EXPECTED["n"]


def test_student(arms):
    found, expected = student(*arms), EXPECTED["student"]
    assert found.statistic == pytest.approx(expected["t"], 1e-12)
    assert found.degrees_of_freedom == expected["df"]
    assert found.p_value == pytest.approx(expected["p"], 1e-12)
    assert found.estimate / found.standard_error == pytest.approx(found.statistic, 1e-12)


def test_wilcoxon(arms):
    corrected = wilcoxon(*arms)
    assert corrected.statistic == EXPECTED["W"]
    assert corrected.p_value == pytest.approx(EXPECTED["p_normal_cc"], 1e-12)
    plain = wilcoxon(*arms, continuity=False)
    assert plain.p_value == pytest.approx(EXPECTED["p_normal"], 1e-12)
    exact = wilcoxon(*arms, exact=True)
    assert exact.p_value == pytest.approx(EXPECTED["p_exact"], 1e-12)


def test_hodges_lehmann(arms):
    found = hodges_lehmann(*arms)
    assert found.estimate == pytest.approx(EXPECTED["hodges_lehmann"], 1e-12)
    assert found.lower == pytest.approx(EXPECTED["hl_exact_lo"], 1e-12)
    assert found.upper == pytest.approx(EXPECTED["hl_exact_hi"], 1e-12)


@given(x=SAMPLES, y=SAMPLES)
@settings(max_examples=40, deadline=None)
def test_exchanging_the_arms_turns_everything_around(x, y):
    y = [value + 0.5 for value in y]  # no ties
    for method in (welch, student, hodges_lehmann):
        one, other = method(x, y), method(y, x)
        assert one.estimate == pytest.approx(-other.estimate)
        assert one.lower == pytest.approx(-other.upper)
        assert one.p_value == pytest.approx(other.p_value) if one.p_value is not None else True
    one, other = wilcoxon(x, y, exact=True), wilcoxon(y, x, exact=True)
    assert one.statistic + other.statistic == len(x) * len(y)
    assert one.p_value == pytest.approx(other.p_value)


@given(x=SAMPLES, y=SAMPLES, shift=st.integers(-50, 50), scale=st.integers(1, 20))
@settings(max_examples=30, deadline=None)
def test_units(x, y, shift, scale):
    moved = [scale * v + shift for v in x], [scale * v + shift for v in y]
    assert wilcoxon(*moved).p_value == pytest.approx(wilcoxon(x, y).p_value)
    one, other = hodges_lehmann(x, y), hodges_lehmann(*moved)
    assert (other.estimate, other.lower, other.upper) == pytest.approx(
        (scale * one.estimate, scale * one.lower, scale * one.upper)
    )


@pytest.mark.parametrize(("m", "n"), [(1, 1), (1, 4), (4, 1), (3, 5), (5, 4)])
def test_the_law_of_the_rank_sum_is_that_of_all_orders(m, n):
    orders = list(combinations(range(m + n), m))
    values = [sum(order) - m * (m - 1) // 2 for order in orders]
    counts = np.bincount(values, minlength=m * n + 1)
    assert _rank_sum_law(m, n) == pytest.approx(counts / len(orders), abs=1e-14)


def test_the_law_of_large_arms_keeps_its_moments():
    law = _rank_sum_law(120, 90)
    at = np.arange(len(law))
    assert law.sum() == pytest.approx(1, abs=1e-10)
    assert law @ at == pytest.approx(120 * 90 / 2, rel=1e-10)
    variance = law @ at**2 - (law @ at) ** 2
    assert variance == pytest.approx(120 * 90 * 211 / 12, rel=1e-8)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_the_interval_holds_the_shifts_that_the_exact_test_allows(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=9), rng.normal(size=11)
    found = hodges_lehmann(x, y)
    for inside, edge in ((1e-9, found.lower), (-1e-9, found.upper)):
        assert wilcoxon(x - edge - inside, y, exact=True).p_value > 0.05
        assert wilcoxon(x - edge + inside, y, exact=True).p_value <= 0.05


def test_large_arms_take_the_normal_law_near_the_exact_one(monkeypatch):
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=120), rng.normal(size=130)
    exact = hodges_lehmann(x, y)
    monkeypatch.setattr("trialwright.stats.ranks.two_arms.MOST_PAIRS", 100)
    normal = hodges_lehmann(x, y)
    assert "exact law" in exact.notes[0]
    assert "normal law" in normal.notes[0]
    assert (normal.lower, normal.upper) == pytest.approx((exact.lower, exact.upper), abs=0.01)


def test_missing_outcomes_are_left_out():
    found = welch([1.0, np.nan, 2.0, 4.0], [0.0, 1.0, np.nan])
    assert found.counts == {"treated": 3, "control": 2}


def test_ties_are_said():
    assert "ties" in wilcoxon([1, 2, 2], [2, 3, 4]).notes[1]
    assert "tied" in hodges_lehmann([1, 2, 2], [2, 3, 4]).notes[1]


def test_constant_outcomes_have_a_stated_result():
    found = welch([2, 2, 2], [1, 1])
    assert (found.estimate, found.standard_error, found.p_value) == (1, 0, None)
    assert "do not vary" in found.notes[0]
    assert wilcoxon([2, 2], [2, 2, 2]).p_value == 1.0


def test_one_participant_an_arm():
    found = hodges_lehmann([3.0], [1.0])
    assert (found.estimate, found.lower, found.upper) == (2, 2, 2)
    assert "attained level 0.0000" in found.notes[0]
    assert wilcoxon([3.0], [1.0], exact=True).p_value == 1.0


@pytest.mark.parametrize("method", [welch, student])
def test_a_variance_needs_two(method):
    with pytest.raises(UnusableInputError, match="control needs at least 2"):
        method([1.0, 2.0], [1.0, np.nan])


@pytest.mark.parametrize("method", [welch, wilcoxon, hodges_lehmann])
def test_infinite_outcomes_are_refused(method):
    with pytest.raises(UnusableInputError, match="finite"):
        method([1.0, np.inf], [1.0, 2.0])
