"""The library as a whole: keys, options, laziness, and what every instrument promises."""

import polars as pl
import pytest

from trialwright import sle
from trialwright.errors import UnusableInputError
from trialwright.sle.cases import cases

EVERY = pytest.mark.parametrize("key", sle.INSTRUMENTS)


def example(key: str) -> tuple[pl.DataFrame, dict]:
    case = cases(sle.INSTRUMENTS[key])[0]
    return case.frame, case.options


def test_an_unknown_instrument_is_refused_with_the_nearest():
    with pytest.raises(UnusableInputError) as caught:
        sle.score("sledai2k", pl.DataFrame())
    assert caught.value.remedy == "did you mean sledai-2k?"
    with pytest.raises(UnusableInputError, match="choose one of"):
        sle.instrument("zzz")


@EVERY
def test_an_unknown_option_is_refused(key: str):
    frame, options = example(key)
    with pytest.raises(UnusableInputError, match="there is no option policy"):
        sle.score(key, frame, **options, policy="strict")


@EVERY
def test_a_score_has_the_columns_that_the_instrument_names(key: str):
    frame, options = example(key)
    scored = sle.score(key, frame, **options)
    assert scored.columns[:2] == ["participant", "visit"]
    assert set(sle.INSTRUMENTS[key].columns) <= set(scored.columns)


@EVERY
def test_a_lazy_table_gives_a_lazy_score(key: str):
    frame, options = example(key)
    lazy = sle.score(key, frame.lazy(), **options)
    assert isinstance(lazy, pl.LazyFrame)
    assert lazy.collect().equals(sle.score(key, frame, **options))


@EVERY
def test_the_last_visit_of_each_case_can_be_explained(key: str):
    for case in cases(sle.INSTRUMENTS[key])[:8]:
        for row in sle.score(key, case.frame, **case.options).tail(1).to_dicts():
            text = sle.explain(key, case.frame, row["participant"], row["visit"], **case.options)
            assert text.startswith(f"participant {row['participant']}, visit {row['visit']}")
            assert len(text.splitlines()) >= 2


@EVERY
def test_an_absent_visit_cannot_be_explained(key: str):
    frame, options = example(key)
    with pytest.raises(UnusableInputError, match="not in the table"):
        sle.explain(key, frame, "P1", 999, **options)


@EVERY
def test_a_missing_column_is_refused(key: str):
    frame, options = example(key)
    needed = next(
        item.key for item in sle.INSTRUMENTS[key].items if item.required and item.key in frame
    )
    with pytest.raises(UnusableInputError, match=f"column {needed} is missing"):
        sle.score(key, frame.drop(needed), **options)


@EVERY
def test_two_rows_for_one_visit_are_refused(key: str):
    frame, options = example(key)
    with pytest.raises(UnusableInputError, match="appear a second time"):
        sle.score(key, pl.concat([frame, frame]), **options)


@EVERY
def test_checks_run_on_the_instruments_own_table(key: str):
    frame, options = example(key)
    found = sle.check(key, frame, **options)
    assert found.columns == ["participant", "visit", "code", "finding"]


@EVERY
def test_item_keys_are_words_and_unique_and_each_states_its_source(key: str):
    items = sle.INSTRUMENTS[key].items
    assert len({item.key for item in items}) == len(items)
    for item in items:
        assert item.key.isidentifier()
        assert item.key == item.key.lower()
        assert item.label
        assert item.source
        assert item.low <= (item.absent if isinstance(item.absent, int | float) else 0) <= item.high


def test_checks_without_their_columns_are_left_out():
    keys = [item.key for item in sle.INSTRUMENTS["selena-sledai"].items]
    row = {"participant": "P1", "visit": 0, **dict.fromkeys(keys, 1)}
    bare = pl.DataFrame([row])
    beside = bare.with_columns(
        protein_24h=pl.lit(0.2), protein_24h_unit=pl.lit("g"), joint_count=pl.lit(0)
    )
    assert sle.check("selena-sledai", bare).is_empty()
    assert sle.check("selena-sledai", beside)["code"].to_list() == [
        "SLEDAI-JOINTS",
        "SLEDAI-PROTEIN",
    ]
