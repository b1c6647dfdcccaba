import polars as pl
import pytest

from analysis.trials import SLEDAI_12, Found, Person, dose_finding, trial
from trialwright.errors import UnusableInputError
from trialwright.trialdata import TrialData, visit_table


@pytest.fixture(scope="module")
def data() -> TrialData:
    return trial(
        dose_finding(),
        [
            Person(
                "P2",
                "placebo",
                {
                    "screening": Found(numbers={"weight": 60.5, "informed_consent": 1.0}),
                    "week-4": Found(sledai=(), pga=None, bilag={"skin_eruption_mild": 2}),
                    "baseline": Found(sledai=SLEDAI_12, bilag={"skin_eruption_severe": 4}),
                },
            ),
            Person("P1", "placebo", {"baseline": Found(bilag=None), "week-4": None}),
        ],
    )


def row(table: pl.DataFrame, participant: str, visit: str) -> dict[str, object]:
    return table.row(
        by_predicate=(pl.col("participant") == participant) & (pl.col("visit") == visit), named=True
    )


def test_scores_and_items_stand_under_the_names_of_rules(data):
    # SLEDAI 12: arthritis, hematuria and proteinuria, 4 points each. BILAG-2004: a severe eruption
    # at grade 4 is A, a mild one at 2 is B.
    names = ["selena_sledai", "bilag_2004.mucocutaneous", "selena_sledai.arthritis", "pga"]
    table = visit_table(dose_finding(), data, names)
    assert table.columns == ["participant", "visit", *names]
    assert row(table, "P2", "baseline") == {
        "participant": "P2",
        "visit": "baseline",
        "selena_sledai": 12,
        "bilag_2004.mucocutaneous": "A",
        "selena_sledai.arthritis": 1.0,
        "pga": 2.0,
    }
    assert row(table, "P2", "week-4")["selena_sledai"] == 0
    assert row(table, "P2", "week-4")["bilag_2004.mucocutaneous"] == "B"


def test_rows_stand_in_the_order_of_the_protocol(data):
    table = visit_table(dose_finding(), data, ["pga"])
    assert table.select("participant", pl.col("visit").cast(pl.String)).rows() == [
        ("P1", "baseline"),
        ("P2", "screening"),
        ("P2", "baseline"),
        ("P2", "week-4"),
    ]


def test_what_was_not_assessed_is_null(data):
    table = visit_table(dose_finding(), data, ["pga", "bilag_2004.renal", "weight"])
    assert row(table, "P2", "week-4")["pga"] is None
    assert row(table, "P1", "baseline")["bilag_2004.renal"] is None
    assert row(table, "P1", "baseline")["weight"] is None
    assert row(table, "P2", "screening")["weight"] == 60.5


def test_yes_and_no_are_truth_values(data):
    table = visit_table(dose_finding(), data, ["informed_consent", "cancer", "last_biologic"])
    assert table.schema["informed_consent"] == pl.Boolean
    assert table.schema["cancer"] == pl.String
    assert table.schema["last_biologic"] == pl.Date
    assert row(table, "P2", "screening")["informed_consent"] is True


def test_an_unassessed_item_leaves_the_score_open(data):
    hidden = data.item_values.with_columns(
        number=pl.when(pl.col("item") == "rash").then(None).otherwise("number")
    )
    without = TrialData(**(data.tables() | {"item_values": hidden}))
    table = visit_table(dose_finding(), without, ["selena_sledai"])
    assert row(table, "P2", "baseline")["selena_sledai"] is None


def test_the_order_of_rows_does_not_matter(data):
    names = ["selena_sledai", "bilag_2004.mucocutaneous", "pga"]
    shuffled = data.item_values.sample(fraction=1, shuffle=True, seed=7)
    other = TrialData(**(data.tables() | {"item_values": shuffled}))
    assert visit_table(dose_finding(), data, names).equals(
        visit_table(dose_finding(), other, names)
    )


def test_an_unknown_name_suggests_the_nearest(data):
    with pytest.raises(UnusableInputError, match="selena_sledia") as caught:
        visit_table(dose_finding(), data, ["selena_sledia"])
    assert "did you mean selena_sledai?" in caught.value.remedy


def test_a_visit_of_another_protocol_is_named(data):
    strange = data.item_values.with_columns(visit=pl.lit("week-5"))
    other = TrialData(
        **(data.tables() | {"item_values": strange.unique(["participant", "item", "form"])})
    )
    with pytest.raises(UnusableInputError, match="no visit 'week-5'") as caught:
        visit_table(dose_finding(), other, ["pga"])
    assert "did you mean week-" in caught.value.remedy


def test_an_item_that_the_instrument_does_not_have_is_named(data):
    strange = data.item_values.with_columns(item=pl.col("item").replace({"rash": "rush"}))
    other = TrialData(**(data.tables() | {"item_values": strange}))
    with pytest.raises(UnusableInputError, match="no item 'rush'"):
        visit_table(dose_finding(), other, ["selena_sledai"])
