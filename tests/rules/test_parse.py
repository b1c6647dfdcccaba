"""Rules are read with the precedence that people expect, and refused at the right column."""

import datetime as dt
from decimal import Decimal

import pytest

from trialwright.rules import RuleError
from trialwright.rules.parse import DEEPEST, LONGEST, parse
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
    item_names,
    text_of,
)

A, B, C = Item("a"), Item("b"), Item("c")


def number(text: str) -> Literal:
    return Literal("number", Decimal(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", A),
        ("selena_sledai.psychosis", Item("selena_sledai.psychosis")),
        ("true", Literal("boolean", True)),
        ("false", Literal("boolean", False)),
        ("0.30", number("0.3")),
        ('"negative"', Literal("code", "negative")),
        ("'it is \"so\"'", Literal("code", 'it is "so"')),
        ("2026-01-31", Literal("date", dt.date(2026, 1, 31))),
        ("a or b and c", Logic("or", (A, Logic("and", (B, C))))),
        ("(a or b) and c", Logic("and", (Logic("or", (A, B)), C))),
        ("a and b and c", Logic("and", (A, B, C))),
        ("a and (b and c)", Logic("and", (A, Logic("and", (B, C))))),
        ("not a and b", Logic("and", (Not(A), B))),
        ("not a == b", Not(Comparison("==", A, B))),
        ("(not a) == b", Comparison("==", Not(A), B)),
        ("not not a", Not(Not(A))),
        ("a - b - c", Arithmetic("-", Arithmetic("-", A, B), C)),
        ("a - (b - c)", Arithmetic("-", A, Arithmetic("-", B, C))),
        ("a + b * c", Arithmetic("+", A, Arithmetic("*", B, C))),
        ("-a * b", Arithmetic("*", Negative(A), B)),
        ("a - -b", Arithmetic("-", A, Negative(B))),
        ("a < 2 * b", Comparison("<", A, Arithmetic("*", number("2"), B))),
        (
            "45 <= a <= 80",
            Logic("and", (Comparison("<=", number("45"), A), Comparison("<=", A, number("80")))),
        ),
        ("a in [1, -2]", Membership(A, (number("1"), number("-2")))),
        ('a not in ["x"]', Not(Membership(A, (Literal("code", "x"),)))),
        ("uln(a)", Call("uln", (A,))),
        ("count(a, b or c)", Call("count", (A, Logic("or", (B, C))))),
        ("any(a, b)", Logic("or", (A, B))),
        ("all(a, b)", Logic("and", (A, B))),
        ("any(a)", A),
        ("  a\n  and b ", Logic("and", (A, B))),
        ("android", Item("android")),  # begins with a keyword and is none
        ("2026-1-4", Arithmetic("-", Arithmetic("-", number("2026"), number("1")), number("4"))),
    ],
)
def test_reads(text, expected):
    assert parse(text) == expected
    assert parse(text_of(expected)) == expected


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("", 1, "the rule ends where an item"),
        ("a and", 6, "the rule ends where an item"),
        ("a b", 3, "b stands where and, or"),
        ("a == not b", 6, "not stands where an item"),
        ("(a", 3, "the rule ends where )"),
        ("a)", 2, ") stands where and, or"),
        ("a < < b", 5, "< stands where an item"),
        ("in", 1, "in stands where an item"),
        ("a in 3", 6, "3 stands where ["),
        ("a in []", 7, "] stands where an item"),
        ("a in [b]", 7, "a list holds numbers, codes or dates only"),
        ('a in [-"x"]', 7, "a list holds numbers, codes or dates only"),
        ("a not 3", 7, "3 stands where in"),
        ("a < b in [1]", 7, "in stands where and, or"),
        ("a = 3", 3, "write =="),
        ("a <> 3", 3, "write !="),
        ("a => 3", 3, "write >="),
        ("a =< 3", 3, "write <="),
        ("a ≥ 3", 3, "write >="),
        ("a ≤ 3", 3, "write <="),
        ("a && b", 3, "write and"),
        ("a || b", 3, "write or"),
        ("!a", 1, "write not"),
        ("a − b", 3, "write -"),
        ("a ; b", 3, "';' is not a sign"),
        ("a > 3kg", 5, "3kg is not a number"),
        ("a > 1.2.3", 5, "1.2.3 is not a number"),
        ("a > 1e3", 5, "1e3 is not a number"),
        ("a > 1,5", 6, ", stands where"),
        ('a == "x', 6, 'end the code with "'),
        ("a == '", 6, "end the code with '"),
        ("a > 2026-02-30", 5, "2026-02-30 is no day"),
        ("a > 1000000000000000", 5, "stay below 10^15"),
        ("moths_since(a) > 3", 1, "did you mean months_since?"),
        ("__import__('os')", 1, "there is no function __import__"),
        ("abs(a, b)", 1, "abs takes 1 argument only"),
        ("count()", 7, ") stands where an item"),
        ("a.", 2, "'.' is not a sign"),
        ("ä > 3", 1, "is not a sign"),
    ],
)
def test_refuses_at_the_column(text, column, words):
    with pytest.raises(RuleError) as caught:
        parse(text)
    assert caught.value.column == column
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000 + "a" + ")" * 10_000,
        "not " * 10_000 + "a",
        "-" * 10_000 + "a > 0",
        "abs(" * 10_000 + "a" + ")" * 10_000,
        "+".join(["a"] * 10_000) + " > 0",
    ],
)
def test_a_rule_cannot_exhaust_the_stack(text):
    with pytest.raises(RuleError, match=f"more than {DEEPEST} levels"):
        parse(text)


def test_a_rule_of_many_parts_is_refused():
    # each level of a chain holds its middle twice: 2^20 parts out of 20 short levels
    chain = "a"
    for _ in range(20):
        chain = f"a == ({chain}) == a"
    with pytest.raises(RuleError, match=f"more than {LONGEST} parts"):
        parse(chain)


def test_a_long_flat_rule_is_fine():
    assert len(item_names(parse(" or ".join(f"item_{number}" for number in range(2000))))) == 2000


def test_every_node_knows_its_column():
    rule = parse("a or not b < 3")
    assert isinstance(rule, Logic)
    negation = rule.operands[1]
    assert isinstance(negation, Not)
    assert (rule.column, negation.column, negation.operand.column) == (1, 6, 12)


def test_items_are_named_once_in_the_order_of_the_text():
    assert item_names(parse("b > 1 and a > 2 or count(b > 3, c.d) > 0")) == ("b", "a", "c.d")
