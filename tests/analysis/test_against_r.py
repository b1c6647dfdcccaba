"""Each comparison on data that R analyzed; the oracle files name the R program and its version.

The files are `tests/stats/oracles/*.json` with their data beside them, made by R 4.2.2.
"""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.trials import dose_finding
from trialwright.analysis.crossover import _contrasts
from trialwright.analysis.dose_trend import _test
from trialwright.analysis.exact_rates import _ratio
from trialwright.analysis.model_means import adjusted_at_visit
from trialwright.analysis.proportions import compare
from trialwright.analysis.results import ArmRate
from trialwright.stats.counts.exact_rates import poisson_rate

ORACLES = Path(__file__).parents[1] / "stats" / "oracles"
ARMS = ["0", "1", "2", "3"]


def expected(topic: str, case: str) -> dict:
    cases = json.loads((ORACLES / f"{topic}.json").read_text())["cases"]
    return next(each["expect"] for each in cases if each["id"] == case)


@pytest.fixture(scope="module")
def responses() -> pl.DataFrame:
    return pl.read_csv(ORACLES / "data" / "t1_sri4.csv").select(
        pl.col("arm").cast(pl.String),
        pl.col("sri4_nri").cast(pl.Boolean).alias("response"),
        pl.col("sledai_hi").cast(pl.String).alias("stratum:sledai"),
        pl.col("ocs_hi").cast(pl.String).alias("stratum:ocs"),
    )


def test_stratified_difference_and_test(responses):
    figures = expected("binary", "stratified_arm1_vs_placebo")
    found = compare(responses, "week-12", "1", "0", ["stratum:sledai", "stratum:ocs"], 0.95)
    assert found.p_value == pytest.approx(figures["cmh_no_cc"]["p"], rel=1e-9)
    score = figures["rd_stratified_miettinen_nurminen_mh"]
    assert found.estimate == pytest.approx(score["est"], rel=1e-9)
    assert found.lower == pytest.approx(score["lo"], rel=1e-8)
    assert found.upper == pytest.approx(score["hi"], rel=1e-8)
    assert found.participants == 80


@given(st.lists(st.tuples(*[st.integers(0, 12)] * 4), min_size=1, max_size=4))
@settings(max_examples=60)
def test_interval_and_test_never_contradict_each_other(cells):
    """Cells: responders and others of the arm, responders and others of the control."""
    rows = [
        (arm, str(number), response)
        for number, (a, b, c, d) in enumerate(cells)
        for arm, response, count in (
            ("1", True, a),
            ("1", False, b),
            ("0", True, c),
            ("0", False, d),
        )
        for _ in range(count)
    ]
    frame = pl.DataFrame(
        rows,
        schema={"arm": pl.String, "stratum:s": pl.String, "response": pl.Boolean},
        orient="row",
    )
    found = compare(frame, "week-12", "1", "0", ["stratum:s"], 0.95)
    if found.p_value is None or abs(found.p_value - 0.05) < 1e-6:
        return
    assert (found.p_value < 0.05) == (not found.lower <= 0 <= found.upper)


@pytest.mark.parametrize(
    ("strata", "case"), [((), "cochran_armitage_dose_scores"), (None, "cmh_trend_dose_scores")]
)
def test_trend_over_dose(responses, strata, case):
    figures = expected("binary", "four_arm_association")[case]
    analysis = next(each for each in dose_finding().analyses if each.id == "trend")
    wanted = ("sledai", "ocs") if strata is None else strata
    analysis = analysis.model_copy(update={"strata": wanted})
    found = _test(responses, "week-12", ARMS, [0, 0.2, 0.5, 1], analysis)
    assert found.statistic**2 == pytest.approx(figures["chisq"], rel=1e-9)
    assert found.p_value == pytest.approx(figures["p"], rel=1e-9)
    assert found.statistic > 0  # the share of responders rises with the dose


def test_analysis_of_covariance():
    figures = expected("rank_ancova", "ancova")
    rows = (
        pl.read_csv(ORACLES / "data" / "t1_sledai_long.csv", null_values="NA")
        .filter((pl.col("week") == 12) & pl.col("chg").is_not_null())
        .select(
            pl.col("arm").cast(pl.String),
            pl.col("sledai0").cast(pl.Float64).alias("baseline"),
            pl.col("chg").alias("change"),
            pl.col("ocs_hi").cast(pl.String),
            pl.col("region"),
        )
    )
    found = adjusted_at_visit(rows, "week-12", ARMS[1:], "0", ["ocs_hi", "region"], 0.95)
    for number, comparison in enumerate(found.comparisons):
        for ours, theirs in (
            (comparison.estimate, "est"),
            (comparison.standard_error, "se"),
            (comparison.lower, "lo"),
            (comparison.upper, "hi"),
            (comparison.p_value, "p"),
        ):
            assert ours == pytest.approx(figures["contrasts"][theirs][number], rel=1e-8)
        assert comparison.degrees_of_freedom == 119
    # Adjusted means differ between the arms as the contrasts do, whatever the weights.
    means = [mean.mean for mean in found.means]
    assert np.subtract(means[1:], means[0]) == pytest.approx(figures["contrasts"]["est"], rel=1e-8)


def test_crossover():
    figures = expected("crossover", "grizzle_sledai10")
    wide = (
        pl.read_csv(ORACLES / "data" / "t2_crossover.csv", null_values="NA")
        .pivot("period", index=["usubjid", "sequence"], values="sledai10")
        .rename({"1": "first", "2": "second", "sequence": "allocated_to"})
        .drop_nulls(["first", "second"])
    )
    treatment, tests, _ = _contrasts(wide, "AB", "BA", 0.95)
    assert len(wide) == figures["n_ab"] + figures["n_ba"]
    period, carry_over = tests
    for found, name in (
        (treatment, "treatment"),
        (period, "period_2_minus_1"),
        (carry_over, "carry_over_sum_ab_minus_ba"),
    ):
        assert found.estimate == pytest.approx(figures[name]["est"], rel=1e-8)
        assert found.lower == pytest.approx(figures[name]["lo"], rel=1e-8)
        assert found.upper == pytest.approx(figures[name]["hi"], rel=1e-8)
        assert found.p_value == pytest.approx(figures[name]["p"], rel=1e-8)
        assert found.statistic == pytest.approx(figures[name]["t"], rel=1e-8)


def test_exact_rates():
    one = expected("counts_tte", "exact_rate_placebo")
    found = poisson_rate(36, 8.58590006844627)
    assert found.lower == pytest.approx(one["lo"], rel=1e-9)
    assert found.upper == pytest.approx(one["hi"], rel=1e-9)

    ratio = expected("counts_tte", "exact_rate_ratio_arm1")
    arm, control = (
        ArmRate(
            arm=name,
            participants=40,
            participants_with_event=20,
            events=events,
            person_years=years,
            rate=events / years,
            lower=0.0,
            upper=0.0,
        )
        for name, events, years in (("1", 40, 8.63244353182752), ("0", 36, 8.58590006844627))
    )
    found = _ratio(arm, control, 80, 0.95)
    assert found.estimate == pytest.approx(ratio["rr"], rel=1e-9)
    assert found.lower == pytest.approx(ratio["lo"], rel=1e-9)
    assert found.upper == pytest.approx(ratio["hi"], rel=1e-9)
    # R's p-value adds the tables that are less likely; ours doubles the smaller tail, as the
    # interval does, and is larger here.
    assert found.p_value >= ratio["p"]
    assert (found.p_value < 0.05) == (not found.lower < 1 < found.upper)
