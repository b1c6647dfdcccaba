"""Several arms against R, and the trend's moments against all permutations."""

import json
from itertools import permutations
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.ranks import jonckheere_terpstra, kruskal_wallis, wilcoxon
from trialwright.stats.ranks.several_arms import jonckheere_moments

# R 4.2.2, stats::kruskal.test and coin 1.4.2
ORACLES = Path(__file__).parents[1] / "oracles"
EXPECTED = json.loads((ORACLES / "rank_ancova.json").read_text())["cases"][1]["expect"]


@pytest.fixture(scope="module")
def arms():
    week_12 = pl.read_csv(ORACLES / "data" / "t1_sledai_long.csv").filter(pl.col("week") == 12)
    return [week_12.filter(pl.col("arm") == k)["chg"].drop_nulls().to_numpy() for k in range(4)]


def test_kruskal_wallis(arms):
    found = kruskal_wallis(arms)
    assert found.statistic == pytest.approx(EXPECTED["kruskal"]["H"], 1e-10)
    assert found.p_value == pytest.approx(EXPECTED["kruskal"]["p"], 1e-10)
    assert found.degrees_of_freedom == 3


def test_jonckheere_terpstra(arms):
    expected = EXPECTED["jonckheere"]
    assert jonckheere_moments(arms) == pytest.approx(
        (expected["J"], expected["mean"], expected["var"]), rel=1e-12
    )
    assert jonckheere_terpstra(arms).statistic == pytest.approx(expected["z"], 1e-12)


@pytest.mark.parametrize(
    "values", [(1, 2, 3, 4, 5, 6), (1, 1, 2, 3, 3, 3), (1, 1, 1, 1, 2, 2), (0, 0, 1, 1, 2, 2)]
)
def test_moments_are_those_of_all_permutations(values):
    js = [jonckheere_moments([np.array(p[:1]), np.array(p[1:3]), np.array(p[3:])])[0]
          for p in permutations(values)]  # fmt: skip
    sizes = [np.array(values[:1]), np.array(values[1:3]), np.array(values[3:])]
    _, mean, variance = jonckheere_moments(sizes)
    assert mean == pytest.approx(np.mean(js))
    assert variance == pytest.approx(np.var(js))


def test_two_arms_are_wilcoxons_test(arms):
    trend = jonckheere_terpstra([arms[0], arms[2]])
    plain = wilcoxon(arms[2], arms[0], continuity=False)
    assert trend.p_value == pytest.approx(plain.p_value, 1e-10)
    assert kruskal_wallis([arms[0], arms[2]]).p_value == pytest.approx(plain.p_value, 1e-10)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_reversing_the_arms_reverses_the_trend(seed):
    rng = np.random.default_rng(seed)
    arms = [rng.integers(0, 9, size=rng.integers(1, 7)) for _ in range(4)]
    one, other = jonckheere_terpstra(arms), jonckheere_terpstra(arms[::-1])
    assert one.statistic == pytest.approx(-other.statistic)
    greater = jonckheere_terpstra(arms, alternative="greater").p_value
    less = jonckheere_terpstra(arms[::-1], alternative="less").p_value
    assert greater == pytest.approx(less)
    turned = kruskal_wallis([arms[k] for k in rng.permutation(4)])
    assert turned.statistic == pytest.approx(kruskal_wallis(arms).statistic, abs=1e-12)


def test_equal_outcomes_are_no_difference():
    assert kruskal_wallis([[1, 1], [1], [1, 1]]).p_value == 1
    assert jonckheere_terpstra([[1, 1], [1], [1, 1]]).p_value == 1


def test_one_participant_an_arm_has_a_trend():
    # by hand: J 1 of 1, mean 1/2, variance 1/4
    assert jonckheere_terpstra([[1.0], [2.0]]).statistic == 1


@pytest.mark.parametrize("method", [kruskal_wallis, jonckheere_terpstra])
def test_arms_are_needed(method):
    with pytest.raises(UnusableInputError, match="two or more arms"):
        method([[1.0, 2.0]])
    with pytest.raises(UnusableInputError, match="arm 1 needs at least 1"):
        method([[1.0, 2.0], [np.nan]])


def test_an_unknown_alternative_is_refused():
    with pytest.raises(UnusableInputError, match="no alternative"):
        jonckheere_terpstra([[1.0], [2.0]], alternative="rising")
