"""Random well-typed rules, and rows of items of which some are unknown."""

import datetime as dt
from decimal import Decimal
from random import Random

import polars as pl
from hypothesis import strategies as st

from trialwright.rules import Input, ItemType
from trialwright.rules.syntax import (
    Arithmetic,
    Call,
    Comparison,
    Item,
    Literal,
    Logic,
    Membership,
    Negative,
    Node,
    Not,
)
from trialwright.rules.types import Value

ON = dt.date(2026, 2, 28)  # the last day of a short month, where months are hard

ITEMS = {
    "pga": ItemType("number"),
    "weight": ItemType("number", unit="kg"),
    "alt": ItemType("number"),
    "sledai.rash": ItemType("boolean"),
    "sledai.fever": ItemType("boolean"),
    "pregnant": ItemType("boolean"),
    "sex": ItemType("code", codes=("female", "male")),
    "hbsag": ItemType("code", codes=("negative", "positive", "it's open")),
    "last_biologic": ItemType("date"),
    "consented_on": ItemType("date"),
}
NUMBERS = ["pga", "alt"]
FLAGS = ["sledai.rash", "sledai.fever", "pregnant"]
DATES = ["last_biologic", "consented_on"]

_days = st.dates(dt.date(2024, 1, 1), dt.date(2026, 12, 31))
MONTH_ENDS = [
    dt.date(2024, 2, 29),
    dt.date(2025, 2, 28),
    dt.date(2025, 12, 31),
    dt.date(2026, 1, 31),
    ON,
]


class _Grower:
    """Grows one random rule; every step down spends some of the depth that is left.

    A count holds no other counts: as a table expression, each level would be four times the size.
    """

    def __init__(self, draw: st.DrawFn, assessed: bool) -> None:
        self._draw = draw
        self._assessed = assessed

    def boolean(self, depth: int) -> Node:
        shapes = [self._flag, self._flag, self._comparison, self._comparison, self._membership]
        if depth > 0:
            shapes += [self._logic, self._logic, self._not, self._agreement]
        if self._assessed:
            shapes.append(self._was_assessed)
        return self._draw(st.sampled_from(shapes))(depth)

    def _flag(self, depth: int) -> Node:
        constants = [Literal("boolean", True), Literal("boolean", False)]
        return self._draw(st.sampled_from([*map(Item, FLAGS), *map(Item, FLAGS), *constants]))

    def _was_assessed(self, depth: int) -> Node:
        return Call("assessed", (Item(self._draw(st.sampled_from(list(ITEMS)))),))

    def _logic(self, depth: int) -> Node:
        operator = self._draw(st.sampled_from(["and", "or"]))
        return Logic(operator, tuple(self.boolean(depth - 1) for _ in self._times(2, 3)))

    def _not(self, depth: int) -> Node:
        return Not(self.boolean(depth - 1))

    def _agreement(self, depth: int) -> Node:
        left, right = self.boolean(depth - 1), self.boolean(depth - 1)
        return Comparison(self._draw(st.sampled_from(["==", "!="])), left, right)

    def _comparison(self, depth: int) -> Node:
        operator = self._draw(st.sampled_from(["==", "!=", "<", "<=", ">", ">="]))
        sides = ["numbers", "numbers", "dates"] + ["count", "counts"] * (depth >= 0)
        match self._draw(st.sampled_from(sides)):
            case "numbers":
                return Comparison(operator, self.number(depth), self.number(depth))
            case "count":
                return Comparison(operator, self._count(depth), self._small())
            case "counts":
                return Comparison(operator, self._count(depth), self._count(depth))
            case _:
                return Comparison(operator, self._date(), self._date())

    def _membership(self, depth: int) -> Node:
        if self._draw(st.booleans()):
            return Membership(self.number(depth), tuple(self._small() for _ in self._times(1, 3)))
        codes = st.sampled_from(ITEMS["hbsag"].codes).map(lambda code: Literal("code", code))
        return Membership(Item("hbsag"), tuple(self._draw(codes) for _ in self._times(1, 2)))

    def number(self, depth: int) -> Node:
        shapes = [self._number_item, self._number_item, self._tenths, self._limit, self._since]
        if depth > 0:
            shapes += [self._arithmetic, self._arithmetic, self._function, self._count]
        return self._draw(st.sampled_from(shapes))(depth)

    def _number_item(self, depth: int) -> Node:
        return Item(self._draw(st.sampled_from(NUMBERS)))

    def _tenths(self, depth: int) -> Node:
        return Literal("number", Decimal(self._draw(st.integers(0, 40))) / 10)

    def _small(self) -> Literal:
        return Literal("number", Decimal(self._draw(st.integers(0, 4))))

    def _limit(self, depth: int) -> Node:
        return Call(self._draw(st.sampled_from(["uln", "lln"])), (Item("alt"),))

    def _since(self, depth: int) -> Node:
        function = self._draw(st.sampled_from(["days_since", "months_since", "years_since"]))
        return Call(function, (Item(self._draw(st.sampled_from(DATES))),))

    def _arithmetic(self, depth: int) -> Node:
        left, right = self.number(depth - 1), self.number(depth - 1)
        return Arithmetic(self._draw(st.sampled_from(list("+-*/"))), left, right)

    def _function(self, depth: int) -> Node:
        match self._draw(st.sampled_from(["-", "abs", "min", "max"])):
            case "-":
                return Negative(self.number(depth - 1))
            case "abs":
                return Call("abs", (self.number(depth - 1),))
            case name:
                return Call(name, tuple(self.number(depth - 1) for _ in self._times(1, 3)))

    def _count(self, depth: int) -> Node:
        return Call("count", tuple(self.boolean(-1) for _ in self._times(2, 4)))

    def _date(self) -> Node:
        if self._draw(st.booleans()):
            return Item(self._draw(st.sampled_from(DATES)))
        return Literal("date", self._draw(st.one_of(_days, st.sampled_from(MONTH_ENDS))))

    def _times(self, least: int, most: int) -> range:
        return range(self._draw(st.integers(least, most)))


@st.composite
def rules(draw: st.DrawFn, *, with_assessed: bool = True) -> Node:
    """Nodes of kind boolean, as the parser makes them: no chain or `any` is left in them."""
    return _Grower(draw, with_assessed).boolean(draw(st.integers(0, 2)))


def _value(type_: ItemType, random: Random) -> Value:
    match type_.kind:
        case "number":
            # tenths as binary floats: 0.3 and 2.3 - 2.0 must still be the same
            return random.choice([random.randint(-5, 40) / 10] * 15 + [1e16])
        case "boolean":
            return random.random() < 0.5
        case "code":
            return random.choice(type_.codes)
        case "date":
            some_day = dt.date(2024, 1, 1) + dt.timedelta(days=random.randrange(1096))
            return random.choice([some_day, *MONTH_ENDS])


def complete_row(random: Random) -> dict[str, Input]:
    """A value for every item, with limits, a source and, for some, a date."""
    return {
        name: Input(
            _value(type_, random),
            random.choice([None, ON]),
            "screening",
            *random.choices([0.5, 1.0, 2.5], k=2),
        )
        for name, type_ in ITEMS.items()
    }


def partial_row(random: Random) -> dict[str, Input]:
    """Some values known, some not assessed, some never asked for, some without limits."""
    row = {}
    for name, given in complete_row(random).items():
        match random.choice(["known", "known", "known", "not assessed", "absent", "no limits"]):
            case "known":
                row[name] = given
            case "not assessed":
                row[name] = Input(None, given.date, given.source)
            case "no limits":
                row[name] = Input(given.value)
    return row


# Rows come from a seed: drawing each value by itself would take most of the time of the tests.
_randoms = st.integers(0, 2**32 - 1).map(Random)


def complete_inputs() -> st.SearchStrategy[dict[str, Input]]:
    """One row with every item known."""
    return _randoms.map(complete_row)


def inputs() -> st.SearchStrategy[dict[str, Input]]:
    """One row, partly unknown."""
    return _randoms.map(partial_row)


def many_inputs() -> st.SearchStrategy[list[dict[str, Input]]]:
    """Forty rows, partly unknown."""
    return _randoms.map(lambda random: [partial_row(random) for _ in range(40)])


def table(rows: list[dict[str, Input]]) -> pl.DataFrame:
    """The same rows as a table, null where something is unknown."""
    types = {"number": pl.Float64, "boolean": pl.Boolean, "code": pl.String, "date": pl.Date}
    empty = Input(None)
    columns: dict[str, pl.Series] = {}
    for name, type_ in ITEMS.items():
        given = [row.get(name, empty) for row in rows]
        columns[name] = pl.Series([one.value for one in given], dtype=types[type_.kind])
        for side in ("lower_limit", "upper_limit"):
            limits = [getattr(one, side) for one in given]
            columns[f"{name}__{side}"] = pl.Series(limits, dtype=pl.Float64)
    return pl.DataFrame(columns)
