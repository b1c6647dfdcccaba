import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.proportions.difference import risk_difference
from trialwright.stats.stratified.mantel_haenszel import cmh_test
from trialwright.stats.stratified.risk_difference import (
    mantel_haenszel_weights,
    stratified_newcombe,
    stratified_risk_difference,
    stratified_risk_difference_batch,
)
from trialwright.stats.stratified.tables import tabulate

T1 = [(3, 9, 0, 6), (2, 9, 1, 9), (3, 7, 6, 10), (6, 15, 3, 15)]
ARM = st.integers(1, 20).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
STRATUM = st.tuples(ARM, ARM).map(lambda arms: (*arms[0], *arms[1]))
TABLES = st.lists(STRATUM, min_size=2, max_size=4)


@pytest.mark.parametrize(
    ("weights", "estimate", "lower", "upper"),
    [
        # R 4.2.2, ratesci 1.0.0.
        ("mantel-haenszel", 0.126491646778043, -0.075472691038157, 0.312538864680391),
        ("miettinen-nurminen", 0.129001799141406, -0.076971782342297, 0.316686134174232),
    ],
)
def test_agrees_with_ratesci(weights: str, estimate: float, lower: float, upper: float) -> None:
    result = stratified_risk_difference(T1, weights=weights)
    assert (result.estimate, result.lower, result.upper) == pytest.approx(
        (estimate, lower, upper), abs=1e-10
    )


def test_newcombe_agrees_with_tern() -> None:
    # R's tern, stratified Newcombe with CMH weights.
    result = stratified_newcombe(T1)
    assert (result.lower, result.upper) == pytest.approx(
        (-0.0737516189520271, 0.315933694132553), abs=1e-12
    )


@given(stratum=STRATUM)
@settings(max_examples=25, deadline=None)
def test_one_stratum_is_the_unstratified_interval(stratum: tuple[int, int, int, int]) -> None:
    crude = risk_difference(*stratum)
    for weights in ("mantel-haenszel", "miettinen-nurminen"):
        result = stratified_risk_difference([stratum], weights=weights)
        assert (result.lower, result.upper) == pytest.approx((crude.lower, crude.upper), abs=1e-9)
    newcombe = stratified_newcombe([stratum])
    plain = risk_difference(*stratum, method="newcombe")
    assert (newcombe.lower, newcombe.upper) == pytest.approx((plain.lower, plain.upper), abs=1e-9)


@given(tables=TABLES)
@settings(max_examples=20, deadline=None)
@pytest.mark.parametrize("weights", ["mantel-haenszel", "miettinen-nurminen"])
def test_exchanging_the_arms_turns_the_sign(
    weights: str, tables: list[tuple[int, int, int, int]]
) -> None:
    result = stratified_risk_difference(tables, weights=weights)
    turned = stratified_risk_difference([(c, m, a, n) for a, n, c, m in tables], weights=weights)
    assert (-turned.upper, -turned.lower) == pytest.approx((result.lower, result.upper), abs=1e-6)
    assert -1 <= result.lower <= result.upper <= 1


@given(tables=TABLES)
@settings(max_examples=20, deadline=None)
def test_its_score_test_is_the_cmh_test(tables: list[tuple[int, int, int, int]]) -> None:
    # At no difference the restricted variances with N / (N − 1) are hypergeometric.
    cmh = cmh_test(tables)
    statistic = stratified_risk_difference(tables).statistic
    if cmh.statistic is not None and all(n + m > 2 for _, n, _, m in tables):
        assert statistic**2 == pytest.approx(cmh.statistic, abs=1e-9)


def test_an_empty_stratum_is_left_out_and_said() -> None:
    result = stratified_risk_difference([*T1, (2, 4, 0, 0)])
    assert result.lower == pytest.approx(stratified_risk_difference(T1).lower)
    assert "left out" in result.notes[0]
    assert "left out" in stratified_newcombe([*T1, (2, 4, 0, 0)]).notes[0]


@pytest.mark.parametrize("tables", [[(0, 9, 0, 8), (0, 5, 0, 6)], [(9, 9, 8, 8)], [(1, 1, 0, 1)]])
def test_no_events_all_events_and_one_participant_per_arm(
    tables: list[tuple[int, int, int, int]],
) -> None:
    for result in (stratified_risk_difference(tables), stratified_newcombe(tables)):
        assert -1 <= result.lower < result.upper <= 1


def test_a_batch_is_the_single_interval_many_times() -> None:
    generator = np.random.default_rng(7)
    sizes = generator.integers(1, 15, size=(20, 4, 2))
    events = generator.binomial(sizes, 0.3)
    tables = np.stack([events[..., 0], sizes[..., 0], events[..., 1], sizes[..., 1]], axis=-1)
    batch = stratified_risk_difference_batch(tables, level=0.9)
    for i, trial in enumerate(tables):
        single = stratified_risk_difference(trial, level=0.9)
        assert (batch.estimate[i], batch.lower[i], batch.upper[i]) == pytest.approx(
            (single.estimate, single.lower, single.upper), abs=1e-12
        )


def test_a_trial_without_both_arms_is_never_significant_in_a_batch() -> None:
    batch = stratified_risk_difference_batch([[(1, 4, 0, 0)], [(0, 0, 0, 0)]])
    assert batch.lower.tolist() == [-1, -1]
    assert batch.upper.tolist() == [1, 1]


def test_weights_are_those_of_the_oracle() -> None:
    weights = mantel_haenszel_weights(np.array(T1, dtype=float))
    # Weights of the oracle file 'binary', arm 1 v placebo.
    assert weights / weights.sum() == pytest.approx(
        [0.182577565632458, 0.228221957040573, 0.208830548926014, 0.380369928400955]
    )


@given(
    rows=st.lists(
        st.tuples(st.booleans(), st.booleans(), st.sampled_from("abc")), min_size=1, max_size=40
    )
)
@settings(max_examples=30, deadline=None)
def test_tabulate_counts_rows(rows: list[tuple[bool, bool, str]]) -> None:
    event, arm, stratum = zip(*rows, strict=True)
    expected = [
        [
            sum(e and a for e, a, t in rows if t == s), sum(a for _, a, t in rows if t == s),
            sum(e and not a for e, a, t in rows if t == s),
            sum(not a for _, a, t in rows if t == s),
        ]
        for s in sorted(set(stratum))
    ]  # fmt: skip
    assert tabulate(event, arm, stratum).tolist() == expected


def test_unusable_input() -> None:
    with pytest.raises(UnusableInputError, match="no weights"):
        stratified_risk_difference(T1, weights="inverse")
    with pytest.raises(UnusableInputError, match="trials"):
        stratified_risk_difference_batch(T1)
    with pytest.raises(UnusableInputError, match="lengths"):
        tabulate([1, 0], [1], ["a"])
    with pytest.raises(UnusableInputError, match="0 or 1"):
        tabulate([1, np.nan], [1, 0])
