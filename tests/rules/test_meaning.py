"""What rules mean, by a second evaluator written from the reference page alone.

It knows nothing of decimals, deciding inputs or reasons: truths are True, False or None, numbers
are exact fractions, a count is the pair of what is sure and what is possible. Random rules over
random participants must mean the same to it as to the program, in either use of a rule.
"""

import datetime as dt
import operator
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings

from rules.strategies import ITEMS, ON, many_inputs, rules, table
from trialwright.rules import Input, ItemType, parse_rule
from trialwright.rules.syntax import (
    Arithmetic,
    Call,
    Comparison,
    Item,
    Literal,
    Logic,
    Membership,
    Negative,
    Not,
    text_of,
    walk,
)

RELATIONS = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
             ">": operator.gt, ">=": operator.ge}  # fmt: skip
FAR = Fraction(10**15)
NEAR = Fraction(1, 10**6)  # closer than this the page gives numbers some slack


class TooCloseError(Exception):
    """Two numbers differ by next to nothing: what the slack is for, tested with the numbers."""


class Meaning:
    """The truth of a rule for one participant."""

    def __init__(self, row, on):
        self.row, self.on = row, on

    def truth(self, node):
        match node:
            case Literal(_, value):
                return value
            case Item(name):
                return self.given(name)
            case Not(operand):
                found = self.truth(operand)
                return None if found is None else not found
            case Logic(word, operands):
                found = [self.truth(each) for each in operands]
                decisive = word == "or"
                if decisive in found:
                    return decisive
                return None if None in found else not decisive
            case Call("assessed", (item,)):
                return self.given(item.name) is not None
            case Membership(subject, options):
                found = [self.related("==", subject, option) for option in options]
                return True if True in found else None if None in found else False
            case Comparison(relation, left, right):
                return self.related(relation, left, right)
        raise AssertionError(node)

    def related(self, relation, left, right):
        """True or false only if every pair of values that are still possible agrees."""
        ones, others = self.possible(left), self.possible(right)
        if ones is None or others is None:
            return None
        found = {self.holds(relation, one, other) for one in ones for other in others}
        return found.pop() if len(found) == 1 else None

    def holds(self, relation, one, other):
        if isinstance(one, Fraction) and 0 < abs(one - other) < NEAR:
            raise TooCloseError
        return RELATIONS[relation](one, other)

    def possible(self, node):
        """The values that a side of a comparison may still turn out to have; None if any."""
        match node:
            case Call("count", arguments):
                found = [self.truth(each) for each in arguments]
                sure = sum(each is True for each in found)
                return [Fraction(n) for n in range(sure, sure + found.count(None) + 1)]
            case Call("assessed", _):
                value = self.truth(node)
            case Item() | Literal() | Negative() | Arithmetic() | Call():
                value = self.value(node)
            case _:
                value = self.truth(node)
        return None if value is None else [value]

    def value(self, node):
        match node:
            case Literal("number", value):
                return Fraction(value)
            case Literal(_, value):
                return value
            case Item(name):
                return self.given(name)
            case Negative(operand):
                number = self.value(operand)
                return None if number is None else -number
            case Arithmetic(sign, left, right):
                return self.arithmetic(sign, self.value(left), self.value(right))
            case Call("uln" | "lln" as limit, (item,)):
                given = self.row.get(item.name)
                side = "upper_limit" if limit == "uln" else "lower_limit"
                return given and self.within(getattr(given, side))
            case Call("count", _):
                values = self.possible(node)
                return values[0] if len(values) == 1 else None
            case Call("days_since" | "months_since" | "years_since" as unit, (item,)):
                since = self.given(item.name)
                return None if since is None else Fraction(self.elapsed(unit, since))
            case Call(name, arguments):
                numbers = [self.value(each) for each in arguments]
                if None in numbers:
                    return None
                return {"abs": lambda: abs(numbers[0]), "min": lambda: min(numbers),
                        "max": lambda: max(numbers)}[name]()  # fmt: skip
        raise AssertionError(node)

    def arithmetic(self, sign, left, right):
        if left is None or right is None:
            return None
        if sign in "+-":
            return left + right if sign == "+" else left - right
        if sign == "/":
            if 0 < abs(right) < NEAR:
                raise TooCloseError
            if right == 0:
                return None
        number = left * right if sign == "*" else left / right
        return number if abs(number) < FAR else None

    def elapsed(self, unit, since):
        """By stepping through the months one at a time, as the page defines it."""
        if unit == "days_since":
            return self.on.toordinal() - since.toordinal()
        months = -60
        while self.after_months(since, months + 1) <= self.on:
            months += 1
        return months if unit == "months_since" else months // 12

    def after_months(self, day, months):
        number = day.year * 12 + day.month - 1 + months
        first = dt.date(number // 12, number % 12 + 1, 1)
        following = dt.date((number + 1) // 12, (number + 1) % 12 + 1, 1)
        return first + dt.timedelta(days=min(day.day, (following - first).days) - 1)

    def given(self, name):
        found = self.row.get(name)
        value = None if found is None else found.value
        if ITEMS[name].kind != "number":
            return value
        return self.within(value)

    def within(self, value):
        number = None if value is None else Fraction(str(value))
        return None if number is None or abs(number) >= FAR else number


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(rules(), many_inputs())
def test_a_rule_means_what_the_page_says(node, rows):
    # given a rule and forty participants of whom something is unknown
    try:
        expected = [Meaning(row, ON).truth(node) for row in rows]
    except TooCloseError:
        assume(False)
    # when
    rule = parse_rule(text_of(node), ITEMS)
    kinds = {"met": True, "not met": False, "unknown": None}
    # then
    assert [kinds[rule.evaluate(row, ON).kind] for row in rows] == expected
    at_once = table(rows).select(rule.expression(ON)).to_series().to_list()
    assert at_once * (len(rows) if len(at_once) == 1 else 1) == expected


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(rules())
def test_a_rule_names_the_items_and_columns_that_it_reads_and_no_others(node):
    rule = parse_rule(text_of(node), ITEMS)
    assert rule.items == {part.name for part in walk(node) if isinstance(part, Item)}
    read = set(rule.expression(ON).meta.root_names())
    assert read <= rule.columns
    assert rule.columns - read <= rule.limits  # of some items the limits alone are read


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(rules(with_assessed=False))
def test_nothing_known_never_meets_a_rule_that_reads_something_in_every_part(node):
    # given only rules without constants: then not one of their parts is known
    assume(not any(isinstance(p, Literal) and p.kind == "boolean" for p in walk(node)))
    assume(any(isinstance(part, Item) for part in walk(node)))
    verdict = parse_rule(text_of(node), ITEMS).evaluate({}, ON)
    assert Meaning({}, ON).truth(node) is {"met": True, "not met": False}.get(verdict.kind)
    if verdict.kind == "unknown":
        assert set(verdict.collect) <= {
            name if not limit else f"{limit}({name})" for name in ITEMS for limit in ("", "uln", "lln")
        }  # fmt: skip


UNITS = {
    "weight": ItemType("number", unit="kg"),
    "ideal": ItemType("number", unit="kg"),
    "alt": ItemType("number", unit="U/L"),
    "ratio": ItemType("number"),
}


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        # a sum, a comparison, the least and the greatest need one unit; products make a new one
        ("weight > ideal", True),
        ("weight > alt", False),
        ("weight + ideal > 3", True),
        ("weight + alt > 3", False),
        ("weight - alt > 3", False),
        ("weight * alt > ideal", True),
        ("weight / ideal > 1.2", True),
        ("2 * weight > ideal", True),
        ("2 * weight > alt", False),
        ("weight * 2 > alt", False),
        ("weight / 2 > alt", False),
        ("-weight > alt", False),
        ("abs(weight) > alt", False),
        ("min(weight, ideal) > 3", True),
        ("max(weight, alt) > 3", False),
        ("weight > uln(weight)", True),
        ("weight > lln(alt)", False),
        ("alt in [1, 2]", True),
        ("ratio > alt", True),  # an item without a unit compares with any
        ("weight > ratio + alt", False),
        ("40 < weight < alt", False),
        ("count(weight > 3, alt > 3) > ratio", True),
    ],
)
def test_units_that_do_not_fit_are_refused(text, fits):
    if fits:
        assert parse_rule(text, UNITS).text == text
        return
    with pytest.raises(Exception, match="are different units"):
        parse_rule(text, UNITS)


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize("value", [7.999, 8, 8.001])
def test_each_relation_below_on_and_above_its_boundary(relation, value):
    for text, expected in (
        (f"ratio {relation} 8", RELATIONS[relation](value, 8)),
        (f"8 {relation} ratio", RELATIONS[relation](8, value)),
    ):
        rule = parse_rule(text, UNITS)
        assert (rule.evaluate({"ratio": Input(value)}, ON).kind == "met") is expected
        column = pl.DataFrame({"ratio": [float(value)]}).select(rule.expression(ON))
        assert column.item() is expected
