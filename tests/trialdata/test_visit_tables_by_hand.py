"""Visit tables against a plain loop over the rows of item values."""

import datetime as dt
import itertools
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright import sle
from trialwright.errors import UnusableInputError
from trialwright.protocol import Study, load_study
from trialwright.trialdata import TABLES, TrialData, visit_table
from trialwright.trialdata.scores import known_visits, visit_type
from trialwright.trialdata.tables import empty_table

SMALL = Path(__file__).parents[1] / "protocol" / "small.yaml"
VISITS = ["screening", "baseline", "week-12"]
ITEMS = {item.key: item.weight for item in sle.instrument("selena-sledai").items}
OWN = ["age", "informed_consent", "sex", "last_biologic", "alt"]
FORM = dict.fromkeys(OWN[:4], "person") | {"alt": "laboratory"}


@cache
def study() -> Study:
    return load_study(SMALL).study


def trial(rows):
    """A trial with these item values: participant, visit, form, item, number, text."""
    columns = ["participant", "visit", "form", "item", "number", "text"]
    schema = TABLES["item_values"].columns
    values = pl.DataFrame(rows, schema={name: schema[name] for name in columns}, orient="row")
    rest = {name: pl.lit(None, dtype) for name, dtype in schema.items() if name not in columns}
    tables = {name: empty_table(name) for name in TABLES}
    return TrialData(**tables | {"item_values": values.with_columns(**rest).select(list(schema))})


def cell(item, draw):
    """What was captured of an item: number and text, both empty if it was not assessed."""
    return draw(
        {
            "age": st.sampled_from([(18.0, None), (61.5, None), (None, None)]),
            "informed_consent": st.sampled_from([(1.0, None), (0.0, None), (None, None)]),
            "sex": st.sampled_from([(None, "F"), (None, "M"), (None, None)]),
            "last_biologic": st.sampled_from([(None, "2025-07-31"), (None, None)]),
            "alt": st.sampled_from([(20.0, None), (None, None)]),
        }.get(item, st.sampled_from([(1.0, None), (0.0, None), (0.0, None), (0.0, None)]))
    )


@st.composite
def captured(draw):
    """Rows of some participants, visits and items; each SLEDAI form is whole but for one item."""
    rows = []
    for person, visit in itertools.product(["P1", "P2", "P10"], VISITS):
        for item in draw(st.sets(st.sampled_from(OWN))):
            rows.append((person, visit, FORM[item], item, *cell(item, draw)))
        if draw(st.booleans()):
            hidden = draw(st.sampled_from([None, None, *ITEMS]))
            never_asked = draw(st.booleans())
            for item in ITEMS:
                if item == hidden and never_asked:
                    continue
                found = (None, None) if item == hidden else cell(item, draw)
                rows.append((person, visit, "selena_sledai", item, *found))
    return draw(st.permutations(rows))


def plain(rows, person, visit, name):
    """The value under a rule's name, found by looking through all rows."""
    own = {
        (form, item): (number, text)
        for one, at, form, item, number, text in rows
        if (one, at) == (person, visit)
    }
    if name == "selena_sledai":
        found = [own.get(("selena_sledai", item), (None,))[0] for item in ITEMS]
        if None in found:
            return None
        return sum(weight for weight, one in zip(ITEMS.values(), found, strict=True) if one)
    if name.startswith("selena_sledai."):
        return own.get(("selena_sledai", name.split(".")[1]), (None,))[0]
    number, text = own.get((FORM[name], name), (None, None))
    if name == "informed_consent":
        return None if number is None else number == 1
    if name == "last_biologic":
        return None if text is None else dt.date.fromisoformat(text)
    return text if name == "sex" else number


@settings(max_examples=40, deadline=None)
@given(captured())
def test_a_visit_table_is_what_a_plain_loop_finds(rows):
    # when
    names = ["sex", "selena_sledai", "age", "selena_sledai.rash", "last_biologic",
             "informed_consent", "alt"]  # fmt: skip
    table = visit_table(study(), trial(rows), names)
    # then the rows are those with anything captured, in the order of names and of the protocol
    seen = {(person, visit) for person, visit, *_ in rows}
    expected = sorted(seen, key=lambda key: (key[0], VISITS.index(key[1])))
    assert table.select("participant", pl.col("visit").cast(pl.String)).rows() == expected
    assert table.columns == ["participant", "visit", *names]
    for row in table.iter_rows(named=True):
        for name in names:
            by_hand = plain(rows, row["participant"], row["visit"], name)
            assert row[name] == by_hand, (row["participant"], row["visit"], name)


@settings(max_examples=15, deadline=None)
@given(captured(), st.data())
def test_a_name_has_the_same_column_whatever_else_is_asked_for(rows, data):
    names = data.draw(st.lists(st.sampled_from([*OWN, "selena_sledai"]), min_size=1, max_size=4))
    together = visit_table(study(), trial(rows), names)
    assert together.columns[2:] == list(dict.fromkeys(names))
    for name in set(names):
        assert visit_table(study(), trial(rows), [name])[name].equals(together[name])


def test_no_rows_give_an_empty_table_of_the_right_types():
    table = visit_table(study(), trial([]), ["age", "informed_consent", "sex", "last_biologic"])
    assert table.is_empty()
    assert dict(table.schema) == {
        "participant": pl.String, "visit": visit_type(study()), "age": pl.Float64,
        "informed_consent": pl.Boolean, "sex": pl.String, "last_biologic": pl.Date,
    }  # fmt: skip


def test_an_item_of_the_same_name_on_another_form_is_not_taken():
    rows = [("P1", "baseline", "person", "alt", 5.0, None),
            ("P1", "baseline", "laboratory", "alt", 20.0, None)]  # fmt: skip
    assert visit_table(study(), trial(rows), ["alt"])["alt"].to_list() == [20.0]


def test_participants_are_kept_apart_though_their_names_begin_alike():
    rows = [(name, "baseline", "laboratory", "alt", float(place), None)
            for place, name in enumerate(["P1", "P10", "P", "p1"])]  # fmt: skip
    table = visit_table(study(), trial(rows), ["alt"])
    assert dict(table.select("participant", "alt").iter_rows()) == {
        "P1": 0.0, "P10": 1.0, "P": 2.0, "p1": 3.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "near"),
    [("selena_sledai.rush", "selena_sledai.rash"), ("agee", "age"), ("remark", ""),
     ("rash", ""), ("person", ""), ("", "")],
)  # fmt: skip
def test_a_name_that_nothing_collects_is_refused(name, near):
    with pytest.raises(UnusableInputError, match="no form of the study collects") as caught:
        visit_table(study(), trial([]), [name])
    assert near in caught.value.remedy
    assert caught.value.where == "study small"


def test_the_first_participant_at_a_strange_visit_is_named():
    rows = [("P1", "baseline", "laboratory", "alt", 1.0, None),
            ("P2", "week-13", "laboratory", "alt", 1.0, None),
            ("P3", "week-14", "laboratory", "alt", 1.0, None)]  # fmt: skip
    data = trial(rows)
    with pytest.raises(UnusableInputError, match="no visit 'week-13'") as caught:
        known_visits(study(), data.item_values)
    assert caught.value.where == "participant P2"
    assert "did you mean week-12?" in caught.value.remedy
    assert "screening, baseline, week-12" in caught.value.remedy
