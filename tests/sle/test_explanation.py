"""Finding the visit that an explanation is about, and telling mistakes at their place."""

import polars as pl
import pytest

from sle.every_visits import visits
from trialwright import sle
from trialwright.errors import UnusableInputError
from trialwright.sle.bilag_2004 import SYSTEMS
from trialwright.sle.explanation import history_of, one_visit

TABLE = pl.DataFrame({"participant": ["P1", "P1", "7"], "visit": [0, 4, 0], "score": [1, 2, 3]})


@pytest.mark.parametrize(
    ("participant", "visit", "score"), [("P1", 4, 2), ("P1", "4", 2), ("7", 0, 3), (7, "0", 3)]
)
def test_participant_and_visit_are_compared_as_text(participant, visit, score):
    assert one_visit(TABLE.lazy(), participant, visit)["score"] == score


def test_an_absent_visit_is_answered_with_those_there_are():
    with pytest.raises(UnusableInputError) as caught:
        one_visit(TABLE.lazy(), "P1", 5)
    assert caught.value.what == "participant and visit P1, 5 are not in the table"
    assert caught.value.remedy == "visits of P1: 0, 4"


def test_an_absent_participant_is_said_to_be_absent():
    with pytest.raises(UnusableInputError) as caught:
        one_visit(TABLE.lazy(), "P2", 0)
    assert caught.value.remedy == "no row has participant P2"


@pytest.mark.parametrize("participant", [1, "1"])
def test_the_history_is_one_participants_rows_in_their_order(participant):
    table = pl.DataFrame({"participant": [1, 2, 1, 10, 1], "visit": [4, 0, 2, 0, 0]})
    for given in (table, table.lazy()):
        assert history_of(given, participant)["visit"].to_list() == [4, 2, 0]


@pytest.mark.parametrize("key", sle.INSTRUMENTS)
def test_others_in_the_table_change_no_explanation(key: str):
    table = visits(key, 24)
    alone = table.filter(pl.col("participant") == 3)
    assert sle.explain(key, table, 3, 2) == sle.explain(key, alone, 3, 2)
    assert sle.explain(key, table.lazy(), "3", "2") == sle.explain(key, alone, 3, 2)


@pytest.mark.parametrize("key", sle.INSTRUMENTS)
def test_a_mistake_is_told_at_its_row_of_the_whole_table(key: str):
    """Participant 3 has rows 13 to 16; the mistake stands in the second of them."""
    item = next(item for item in sle.INSTRUMENTS[key].items if item.required)
    cell = pl.col(item.key).cast(pl.String)
    wrong = pl.when(pl.int_range(pl.len()) == 13).then(pl.lit("plenty")).otherwise(cell)
    table = visits(key, 24).with_columns(wrong.alias(item.key))
    with pytest.raises(UnusableInputError) as caught:
        sle.explain(key, table, 3, 2)
    assert caught.value.where == f"row 14, column {item.key} (participant 3, visit 1)"


@pytest.mark.parametrize("key", sle.INSTRUMENTS)
def test_a_table_without_participants_is_refused(key: str):
    with pytest.raises(UnusableInputError, match="column participant is missing"):
        sle.explain(key, visits(key, 8).drop("participant"), 1, 1)


def baseline_table(key: str) -> pl.DataFrame:
    total = "selena_sledai" if key == "sri" else "sledai_2k"
    rows = [
        {"participant": "P1", "visit": visit, total: points, "pga": pga, "treatment_failure": 0,
         **dict.fromkeys(SYSTEMS, "D"), "renal": letter}
        for visit, points, pga, letter in (
            (-2, 14, 2.0, "A"), (0, 12, 2.0, "B"), (4, 10, 2.2, "B"), (12, 6, 1.5, "C"))
    ]  # fmt: skip
    return pl.DataFrame(rows)


@pytest.mark.parametrize("key", ["sri", "bicla"])
class TestAgainstBaseline:
    """SRI and BICLA are explained against the baseline that is asked for."""

    def test_the_first_visit_unless_named(self, key: str):
        text = sle.explain(key, baseline_table(key), "P1", 12)
        assert text.startswith("participant P1, visit 12 against baseline -2")
        assert "renal A to C" in text
        assert "14 to 6" in text

    def test_a_named_one(self, key: str):
        text = sle.explain(key, baseline_table(key), "P1", 12, baseline=0)
        assert text.startswith("participant P1, visit 12 against baseline 0")
        assert "renal B to C" in text
        assert "12 to 6" in text

    def test_rows_may_stand_in_any_order(self, key: str):
        table = baseline_table(key)
        assert sle.explain(key, table.reverse(), "P1", 4) == sle.explain(key, table, "P1", 4)

    @pytest.mark.parametrize("visit", [-2, 0])
    def test_visits_up_to_baseline_have_no_verdict(self, key: str, visit: int):
        with pytest.raises(UnusableInputError) as caught:
            sle.explain(key, baseline_table(key), "P1", visit, baseline=0)
        assert caught.value.what == f"visit {visit} is not after baseline, visit 0"
        assert caught.value.remedy == "ask for a later visit"

    def test_a_baseline_that_is_not_there(self, key: str):
        with pytest.raises(UnusableInputError, match="P1 has no baseline visit 7"):
            sle.explain(key, baseline_table(key), "P1", 12, baseline=7)

    def test_by_how_much_a_component_failed(self, key: str):
        text = sle.explain(key, baseline_table(key), "P1", 4, baseline=0)
        assert "12 to 10" in text
        assert "a change of 0.2 of 3" in text
        assert {"sri": "SLEDAI fell too little", "bicla": "BILAG did not improve"}[key] in text
