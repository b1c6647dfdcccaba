"""Screening against judging one participant by one criterion at a time, for random studies."""

import datetime as dt
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.protocol import Study, load_study, rule_items
from trialwright.protocol.criteria import Criterion
from trialwright.protocol.eligibility import screen
from trialwright.rules import Input, parse_rule

ON = dt.date(2026, 1, 20)
LIMIT = 40.0  # of alt, from the study

RULES = [
    None,
    "age >= 18",
    "selena_sledai >= 8",
    "alt >= 2 * uln(alt)",
    "informed_consent",
    'sex == "F"',
    "months_since(last_biologic) >= 6",
    "age >= 18 and not informed_consent",
    "alt < uln(alt) or selena_sledai > 11",
    "not assessed(last_biologic)",
]


@cache
def small() -> Study:
    return load_study(Path(__file__).with_name("small.yaml")).study


@st.composite
def studies(draw):
    """The small study with other criteria, in any order and of either kind."""
    chosen = draw(st.lists(st.sampled_from(RULES), min_size=1, max_size=6))
    kinds = st.sampled_from(["inclusion", "exclusion"])
    criteria = tuple(
        Criterion(id=f"{kind[0].upper()}{place}", kind=kind, text="Stated.", rule=rule)
        for place, rule in enumerate(chosen, 1)
        if (kind := draw(kinds))
    )
    return small().model_copy(update={"criteria": criteria})


@st.composite
def people(draw):
    """Rows of participants, any cell of which may be unknown."""
    cells = {
        "age": st.sampled_from([17.0, 18.0, 60.0]),
        "selena_sledai": st.sampled_from([7.0, 8.0, 12.0]),
        "alt": st.sampled_from([39.9, 40.0, 79.0, 80.0, 120.0]),
        "alt__upper_limit": st.sampled_from([30.0, 60.0]),
        "informed_consent": st.booleans(),
        "sex": st.sampled_from(["F", "M"]),
        "last_biologic": st.sampled_from([dt.date(2025, 7, 20), dt.date(2025, 7, 21)]),
        "screening_date": st.sampled_from([ON, dt.date(2026, 1, 21)]),
    }
    rows = [
        {name: draw(st.none() | cell) for name, cell in cells.items()}
        for _ in range(draw(st.integers(1, 5)))
    ]
    return [{"participant": f"P{place}", **row} for place, row in enumerate(rows)]


def as_table(rows):
    dates, flags = {"last_biologic", "screening_date"}, {"informed_consent"}
    texts = {"participant", "sex"}
    types = {
        name: pl.Date
        if name in dates
        else pl.Boolean
        if name in flags
        else pl.String
        if name in texts
        else pl.Float64
        for name in rows[0]
    }
    return pl.DataFrame(rows, schema=types, orient="row")


def verdict_of(study, criterion, row):
    """One rule for one participant; the study's limit stands in for the laboratory's."""
    if criterion.rule is None:
        return "unknown"
    items = rule_items(study)
    limit = row["alt__upper_limit"]
    inputs = {name: Input(row[name]) for name in ("age", "selena_sledai", "informed_consent",
                                                  "sex", "last_biologic")}  # fmt: skip
    inputs["alt"] = Input(row["alt"], upper_limit=LIMIT if limit is None else limit)
    return parse_rule(criterion.rule, items).evaluate(inputs, row["screening_date"] or ON).kind


def eligibility_of(study, verdicts):
    """As a physician would tell it: one reason to refuse suffices, and one doubt to wait."""
    for criterion in study.criteria:
        if verdicts[criterion.id] == ("not met" if criterion.kind == "inclusion" else "met"):
            return "ineligible"
    return "unknown" if "unknown" in verdicts.values() else "eligible"


@settings(max_examples=60, deadline=None)
@given(studies(), people(), st.booleans())
def test_screening_is_one_rule_after_the_other_for_one_participant_after_the_other(
    study, rows, reasons
):
    # when
    screening = screen(study, as_table(rows), ON, reasons=reasons)
    # then
    by_hand = {
        row["participant"]: {each.id: verdict_of(study, each, row) for each in study.criteria}
        for row in rows
    }
    found = screening.criteria.select("participant", "criterion", "verdict").rows()
    assert found == [
        (name, id_, verdict) for name, own in by_hand.items() for id_, verdict in own.items()
    ]
    assert screening.eligibility.select("participant", "eligibility").rows() == [
        (name, eligibility_of(study, own)) for name, own in by_hand.items()
    ]
    days = [row["screening_date"] or ON for row in rows]
    assert screening.eligibility["assessed_on"].to_list() == days
    if not reasons:
        assert screening.to_collect.is_empty()


@settings(max_examples=40, deadline=None)
@given(studies(), people())
def test_what_to_collect_is_asked_of_unknown_verdicts_only(study, rows):
    screening = screen(study, as_table(rows), ON)
    unknown = screening.criteria.filter(verdict="unknown").select("participant", "criterion")
    ruled = {each.id for each in study.criteria if each.rule}
    asked = set(screening.to_collect.select("participant", "criterion").rows())
    assert asked == {pair for pair in unknown.rows() if pair[1] in ruled}
    for name, _, item in screening.to_collect.rows():
        row = next(row for row in rows if row["participant"] == name)
        assert row[item] is None


@settings(max_examples=30, deadline=None)
@given(studies(), people(), st.randoms())
def test_the_order_of_participants_and_columns_changes_nothing(study, rows, random):
    table = as_table(rows)
    columns = random.sample(table.columns, len(table.columns))
    mixed = screen(study, table.reverse().select(columns), ON).criteria
    straight = screen(study, table, ON).criteria
    order = ["participant", "criterion"]
    assert mixed.sort(order).equals(straight.sort(order))


@settings(max_examples=30, deadline=None)
@given(studies(), people())
def test_knowing_more_never_turns_who_was_decided(study, rows):
    # given rules that do not ask whether something was assessed
    kept = tuple(each for each in study.criteria if "assessed" not in (each.rule or ""))
    if not kept:
        return
    study = study.model_copy(update={"criteria": kept})
    known = {"age": 18.0, "selena_sledai": 8.0, "alt": 40.0, "alt__upper_limit": LIMIT,
             "informed_consent": True, "sex": "F", "last_biologic": dt.date(2025, 7, 20),
             "screening_date": ON}  # fmt: skip
    filled = [
        {name: known.get(name, value) if value is None else value for name, value in row.items()}
        for row in rows
    ]
    before = screen(study, as_table(rows), ON, reasons=False).eligibility["eligibility"]
    after = screen(study, as_table(filled), ON, reasons=False).eligibility["eligibility"]
    for one, other in zip(before, after, strict=True):
        assert one in ("unknown", other)


@pytest.mark.parametrize(
    ("column", "dtype", "fits"),
    [
        # a number in any numeric column, a flag as 0 and 1, a code as text or an enumeration
        ("age", pl.Int8, True), ("age", pl.Float32, True), ("age", pl.Null, True),
        ("age", pl.Boolean, False), ("age", pl.String, False), ("age", pl.Date, False),
        ("informed_consent", pl.Int64, True), ("informed_consent", pl.Float64, False),
        ("informed_consent", pl.String, False), ("sex", pl.Enum(["F"]), True),
        ("sex", pl.Categorical, True), ("sex", pl.Int8, False),
        ("last_biologic", pl.String, False), ("last_biologic", pl.Datetime, False),
        ("alt__upper_limit", pl.Int32, True), ("alt__upper_limit", pl.String, False),
    ],
)  # fmt: skip
def test_a_column_is_read_only_if_it_is_of_its_items_type(column, dtype, fits):
    rules = ["age >= 18", "informed_consent", 'sex == "F"', "months_since(last_biologic) > 1",
             "alt > uln(alt)"]  # fmt: skip
    criteria = tuple(
        Criterion(id=f"I{place}", kind="inclusion", text="Stated.", rule=rule)
        for place, rule in enumerate(rules, 1)
    )
    study = small().model_copy(update={"criteria": criteria})
    table = pl.DataFrame({"participant": ["P1"]}).with_columns(pl.lit(None, dtype).alias(column))
    if fits:
        assert screen(study, table, ON).eligibility["eligibility"].to_list() == ["unknown"]
        return
    with pytest.raises(UnusableInputError, match="cannot be read as") as caught:
        screen(study, table, ON)
    assert caught.value.where == f"column {column}"
