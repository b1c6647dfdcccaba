"""The parts that a rule is made of, and their text.

Each node keeps the column that it stands at, counted from 1; equality ignores it.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from trialwright.rules.types import Kind


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, true or false, a quoted code or a date."""

    kind: Kind  # keeps `true` apart from 1, which Python holds equal
    value: Decimal | bool | str | dt.date
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Item:
    """The value of an item."""

    name: str
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Negative:
    """A number with its sign turned."""

    operand: "Node"
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """A sum, difference, product or quotient."""

    operator: str
    left: "Node"
    right: "Node"
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison; a chain such as `45 <= weight <= 80` is an `and` of two."""

    operator: str
    left: "Node"
    right: "Node"
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Membership:
    """Whether a value is one of a list."""

    subject: "Node"
    options: tuple[Literal, ...]
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a truth."""

    operand: "Node"
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Logic:
    """All (`and`) or any (`or`) of several truths."""

    operator: str
    operands: tuple["Node", ...]
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function of its arguments."""

    function: str
    arguments: tuple["Node", ...]
    column: int = field(default=0, compare=False)


Node = Literal | Item | Negative | Arithmetic | Comparison | Membership | Not | Logic | Call


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below `node`."""
    match node:
        case Literal() | Item():
            return ()
        case Negative(operand) | Not(operand):
            return (operand,)
        case Arithmetic(_, left, right) | Comparison(_, left, right):
            return (left, right)
        case Membership(subject, options):
            return (subject, *options)
        case Logic(_, nodes) | Call(_, nodes):
            return nodes


def walk(node: Node) -> Iterator[Node]:
    """`node` and all nodes below it, in the order of the text."""
    yield node
    for child in children(node):
        yield from walk(child)


def item_names(*nodes: Node) -> tuple[str, ...]:
    """The items that `nodes` speak of, each once, in the order of the text."""
    names = (part.name for node in nodes for part in walk(node) if isinstance(part, Item))
    return tuple(dict.fromkeys(names))


def text_of(node: Node) -> str:
    """The rule in its plain form; parsing it gives the same nodes again."""
    match node:
        case Literal("boolean", value):
            return "true" if value else "false"
        case Literal("code", value):
            return f"'{value}'" if '"' in str(value) else f'"{value}"'
        case Literal("number", value):
            return f"{value:f}"
        case Literal(_, value):
            return str(value)
        case Item(name):
            return name
        case Negative(operand):
            return f"-{_inside(operand, _strength(node))}"
        case Arithmetic(operator, left, right):
            own = _strength(node)
            return f"{_inside(left, own)} {operator} {_inside(right, own + 1)}"
        case Comparison(operator, left, right):
            own = _strength(node) + 1
            return f"{_inside(left, own)} {operator} {_inside(right, own)}"
        case Membership(subject, options):
            listed = ", ".join(map(text_of, options))
            return f"{_inside(subject, _strength(node) + 1)} in [{listed}]"
        case Not(operand):
            return f"not {_inside(operand, _strength(node))}"
        case Logic(operator, operands):
            own = _strength(node) + 1
            return f" {operator} ".join(_inside(operand, own) for operand in operands)
        case Call(function, arguments):
            return f"{function}({', '.join(map(text_of, arguments))})"


def _strength(node: Node) -> int:
    """How tightly a node holds its operands together; the parser climbs the same ladder."""
    match node:
        case Logic("or"):
            return 1
        case Logic():
            return 2
        case Not():
            return 3
        case Comparison() | Membership():
            return 4
        case Arithmetic("+" | "-"):
            return 5
        case Arithmetic():
            return 6
        case Negative():
            return 7
        case _:
            return 8


def _inside(node: Node, least: int) -> str:
    text = text_of(node)
    return text if _strength(node) >= least else f"({text})"
