"""Rows of visits side by side: one row for each participant."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.formulas import parse_formula
from trialwright.verification.cases import Case
from trialwright.verification.longitudinal import longitudinal

LONG = pl.DataFrame(
    {
        "subjid": ["b", "b", "a", "a", "c"],
        "visit": [12, 4, 4, 12, 4],
        "arm": ["new", "new", "old", "old", "new"],
        "chg": [-3.0, -1.0, 0.5, None, 2.0],
        "base": [9, 9, 7, 7, 8],
        "region": ["n", "n", "s", "s", "w"],
    }
)


def case(data: pl.DataFrame = LONG, **spec: Any) -> Case:
    return Case(id="wide", method="m", data=data, spec=spec, expect={"x": 1}, tol_rel=1e-6)


def by_participant(found: Any) -> dict[str, list[float]]:
    return dict(zip(found.table["subjid"].to_list(), found.outcomes.tolist(), strict=True))


def test_outcomes_stand_by_participant_and_visit_and_what_is_missing_is_no_number() -> None:
    found = longitudinal(case(), "chg", ["base"])
    assert (found.visits, found.arm, found.visit) == (("4", "12"), "arm", "visit")
    rows = by_participant(found)
    assert rows["b"] == [-1.0, -3.0]
    assert rows["a"][0] == 0.5
    assert np.isnan([rows["a"][1], rows["c"][1]]).all()
    assert dict(found.table.select("subjid", "base").iter_rows()) == {"a": 7, "b": 9, "c": 8}


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(random: Any) -> None:
    order = list(range(LONG.height))
    random.shuffle(order)
    found = longitudinal(case(LONG[order]), "chg")
    rows = by_participant(found)
    assert found.visits == ("4", "12")
    assert rows["b"] == [-1.0, -3.0]
    assert rows["a"][0] == 0.5


@pytest.mark.parametrize(
    ("spec", "participants", "visits"),
    [
        ({"weeks": [4]}, 3, ("4",)),
        ({"visits": "12 only"}, 2, ("12",)),
        ({"arms": ["new"]}, 2, ("4", "12")),
    ],
)
def test_settings_choose_arms_and_visits(
    spec: dict[str, Any], participants: int, visits: tuple[str, ...]
) -> None:
    found = longitudinal(case(**spec), "chg")
    assert (found.table.height, found.visits) == (participants, visits)


@pytest.mark.parametrize(
    ("name", "position"), [("chg4", 0), ("chg12", 1), ("trt_12", 1), ("lsm_ref_4", 0), ("chg", 1)]
)
def test_a_name_that_ends_with_a_visit_means_it(name: str, position: int) -> None:
    assert longitudinal(case(), "chg").at(name) == position


def test_visit_2_is_not_the_end_of_12() -> None:
    long = LONG.with_columns(visit=pl.col("visit").replace({4: 2}))
    assert longitudinal(case(long), "chg").at("chg12") == 1
    assert longitudinal(case(long), "chg").at("chg2") == 0


def test_covariates_are_neither_arm_nor_visit() -> None:
    found = longitudinal(case(), "chg")
    formula = parse_formula("chg ~ arm*visit + base + region + trt:base")
    assert found.covariates(formula) == ["base", "region"]


def test_text_becomes_indicators_of_all_levels_but_the_first() -> None:
    found = longitudinal(case(), "chg", ["base", "region"])
    matrix, owner = found.matrix(["base", "region"])
    order = found.table["subjid"].to_list()
    assert owner.tolist() == [0, 1, 1]
    rows = dict(zip(order, matrix.tolist(), strict=True))
    assert rows == {"a": [7, 1, 0], "b": [9, 0, 0], "c": [8, 0, 1]}
    none, nobody = found.matrix([])
    assert (none.shape, nobody.shape) == ((3, 0), (0,))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (LONG.drop("chg"), "the data have no column chg"),
        (LONG.drop("visit"), "none of the columns week, visit"),
        (LONG.drop("arm"), "none of the columns arm"),
        (LONG.drop("subjid"), "none of the columns usubjid"),
        (pl.concat([LONG, LONG.head(1)]), "a participant has two rows of a visit"),
        (LONG.with_columns(arm=pl.Series(["new", "old", "old", "old", "new"])),
         "a participant has two arms, or two baselines"),
    ],
)  # fmt: skip
def test_rows_that_cannot_stand_side_by_side_are_refused(data: pl.DataFrame, words: str) -> None:
    with pytest.raises(UnusableInputError, match=words):
        longitudinal(case(data), "chg")


def test_a_covariate_that_is_absent_is_told_when_it_is_used() -> None:
    with pytest.raises(UnusableInputError, match=r"covariates: .* weight"):
        longitudinal(case(), "chg").matrix(["weight"])
