"""A rule for one participant: the truth, what decided it, and what is missing."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from trialwright.rules.calendar import elapsed
from trialwright.rules.check import kind_of
from trialwright.rules.describe import Describer, Side
from trialwright.rules.numbers import compare, within_reach
from trialwright.rules.ranges import Found, Range, Related, related
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
    item_names,
    text_of,
)
from trialwright.rules.types import Input, ItemType

_FLIPPED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


@dataclass(frozen=True, slots=True)
class Truth:
    """True, false or unknown (None), and why.

    Attributes:
        value: the truth.
        deciding: the items that settle it; empty if it is unknown.
        missing: what would have to be collected to settle it; empty if it is known.
        clauses: the reason, a clause for each part that counts.
    """

    value: bool | None
    deciding: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()


class Evaluation:
    """Evaluates the nodes of checked rules over one participant's inputs.

    Computes in decimals: enter `decimal.localcontext(DECIMAL)` before.
    """

    def __init__(
        self, inputs: Mapping[str, Input], types: Mapping[str, ItemType], on: dt.date
    ) -> None:
        self._inputs = inputs
        self._types = types
        self._on = on
        self._describe = Describer(inputs, types)

    # Truths -----------------------------------------------------------------------------------

    def truth(self, node: Node) -> Truth:
        """The truth of a node of kind boolean."""
        match node:
            case Literal():
                return Truth(
                    bool(node.value), clauses=(f"the rule says {str(node.value).lower()}",)
                )
            case Item(name):
                return self._flag(name)
            case Call(_, arguments):
                return self._assessed(item_names(*arguments)[0])
            case Not(operand):
                truth = self.truth(operand)
                return truth if truth.value is None else replace(truth, value=not truth.value)
            case Logic(operator, operands):
                return self._logic(operator == "or", operands)
            case Membership(subject, options):
                return self._membership(subject, options)
            case Comparison(operator, left, right):
                if isinstance(left, Literal) and not isinstance(right, Literal):
                    return self._comparison(_FLIPPED[operator], right, left)
                return self._comparison(operator, left, right)
            case _:
                raise AssertionError(f"not a truth: {node}")

    def _flag(self, name: str) -> Truth:
        value = self._value(name)
        if not isinstance(value, bool):
            return Truth(None, missing=(name,), clauses=(f"{name} is not known",))
        return Truth(value, (name,), clauses=(self._describe.flag(name),))

    def _assessed(self, name: str) -> Truth:
        known = self._value(name) is not None
        deciding = (name,) if name in self._inputs else ()
        return Truth(known, deciding, clauses=(self._describe.assessed(name, known),))

    def _logic(self, absorbing: bool, operands: tuple[Node, ...]) -> Truth:
        """`or` is settled by one truth that is true, `and` by one that is false."""
        truths = []
        for operand in operands:
            truth = self.truth(operand)
            if truth.value is absorbing:
                return truth
            truths.append(truth)
        unknown = [truth for truth in truths if truth.value is None]
        return _merged(None, unknown) if unknown else _merged(not absorbing, truths)

    def _membership(self, subject: Node, options: tuple[Literal, ...]) -> Truth:
        found = self._range(subject)
        tried = [related("==", found, self._range(option)) for option in options]
        settled = next(
            (one for one in tried if one.value),
            next((one for one in tried if one.value is None), tried[0]),
        )
        if settled.value is False:
            settled = Related(False, tuple(bound for one in tried for bound in one.bounds))
        return self._explained(settled, f"in {self._describe.options(options)}", subject, found)

    def _comparison(self, operator: str, left: Node, right: Node) -> Truth:
        if kind_of(left, self._types) == "boolean":
            return self._agreement(operator, self.truth(left), self.truth(right))
        one, other = self._range(left), self._range(right)
        settled = related(operator, one, other)
        return self._explained(settled, operator, left, one, right, other)

    def _agreement(self, operator: str, left: Truth, right: Truth) -> Truth:
        unknown = [truth for truth in (left, right) if truth.value is None]
        if unknown:
            return _merged(None, unknown)
        return _merged((left.value == right.value) == (operator == "=="), [left, right])

    def _explained(
        self,
        settled: Related,
        relation: str,
        left: Node,
        one: Range,
        right: Node | None = None,
        other: Range | None = None,
    ) -> Truth:
        if settled.value is None:
            missing = _unique(name for found in settled.bounds for name in found.missing)
            faults = _unique(fault for found in settled.bounds for fault in found.faults)
            return Truth(None, missing=missing, clauses=faults)
        deciding = _unique(name for found in settled.bounds for name in found.items)
        clause = self._describe.comparison(
            settled.value,
            relation,
            Side(left, one.low.value, one.high.value),
            None
            if right is None or other is None
            else Side(right, other.low.value, other.high.value),
            deciding,
        )
        return Truth(settled.value, deciding, clauses=(clause,))

    # Values -----------------------------------------------------------------------------------

    def _range(self, node: Node) -> Range:
        if isinstance(node, Call) and node.function == "count":
            return self._count(node.arguments)
        found = self._found(node)
        return Range(found, found)

    def _count(self, arguments: tuple[Node, ...]) -> Range:
        truths = [self.truth(argument) for argument in arguments]
        true = [truth for truth in truths if truth.value]
        false = [truth for truth in truths if truth.value is False]
        unknown = _merged(None, [truth for truth in truths if truth.value is None])
        at_most = len(truths) - len(false)
        return Range(
            Found(
                Decimal(len(true)), _merged(True, true).deciding, unknown.missing, unknown.clauses
            ),
            Found(
                Decimal(at_most), _merged(False, false).deciding, unknown.missing, unknown.clauses
            ),
        )

    def _found(self, node: Node) -> Found:
        match node:
            case Literal():
                return Found(node.value)
            case Item(name):
                value = self._value(name)
                if value is None:
                    return Found(None, (), (name,), (f"{name} is not known",))
                return Found(value, (name,))
            case Negative(operand):
                found = self._found(operand)
                number = found.value
                return replace(found, value=-number) if isinstance(number, Decimal) else found
            case Arithmetic():
                return self._arithmetic(node)
            case Call():
                return self._call(node)
            case _:
                raise AssertionError(f"not a value: {node}")

    def _arithmetic(self, node: Arithmetic) -> Found:
        numbers, found = self._numbers((node.left, node.right))
        if not numbers:
            return found
        left, right = numbers
        match node.operator:
            case "+":
                return replace(found, value=left + right)
            case "-":
                return replace(found, value=left - right)
            case "/" if compare("==", right, Decimal(0)):
                fault = f"{text_of(node.right)} is 0, and {text_of(node)} divides by it"
                return Found(None, faults=(fault,))
        number = left * right if node.operator == "*" else left / right
        if not within_reach(number):
            return Found(None, faults=(f"{text_of(node)} is 10^15 or more",))
        return replace(found, value=number)

    def _call(self, node: Call) -> Found:
        match node.function:
            case "uln" | "lln":
                return self._limit(node)
            case "days_since" | "months_since" | "years_since":
                found = self._found(node.arguments[0])
                if not isinstance(found.value, dt.date):
                    return found
                return replace(found, value=Decimal(elapsed(node.function, found.value, self._on)))
            case "count":
                count = self._count(node.arguments)
                if count.low.value != count.high.value:
                    return replace(count.low, value=None, items=())
                return replace(count.low, items=_unique(count.low.items + count.high.items))
            case _:
                return self._extreme(node)

    def _extreme(self, node: Call) -> Found:
        numbers, found = self._numbers(node.arguments)
        if not numbers:
            return found
        match node.function:
            case "abs":
                return replace(found, value=abs(numbers[0]))
            case "min":
                return replace(found, value=min(numbers))
            case _:
                return replace(found, value=max(numbers))

    def _numbers(self, nodes: Iterable[Node]) -> tuple[list[Decimal], Found]:
        """Several numbers, none if one is unknown, and what they rest on together."""
        parts = [self._found(node) for node in nodes]
        missing = _unique(name for part in parts for name in part.missing)
        faults = _unique(fault for part in parts for fault in part.faults)
        if missing or faults:
            return [], Found(None, (), missing, faults)
        numbers = [part.value for part in parts if isinstance(part.value, Decimal)]
        return numbers, Found(None, _unique(name for part in parts for name in part.items))

    def _limit(self, node: Call) -> Found:
        (name,) = item_names(node)
        given = self._inputs.get(name)
        limit = None
        if given is not None:
            limit = given.upper_limit if node.function == "uln" else given.lower_limit
        number = None if limit is None else Decimal(str(limit))
        if number is None or not within_reach(number):
            needed = f"{node.function}({name})"
            which = "upper" if node.function == "uln" else "lower"
            fault = f"the {which} limit of {name} is not known"
            return Found(None, (), (needed,), (fault,))
        return Found(number, (name,))

    def _value(self, name: str) -> Decimal | bool | str | dt.date | None:
        value = self._inputs[name].value if name in self._inputs else None
        if value is None or isinstance(value, bool | str | dt.date):
            return value
        number = Decimal(str(value))
        return number if within_reach(number) else None


def _merged(value: bool | None, truths: Iterable[Truth]) -> Truth:
    truths = list(truths)
    return Truth(
        value,
        _unique(name for truth in truths for name in truth.deciding),
        _unique(name for truth in truths for name in truth.missing),
        _unique(clause for truth in truths for clause in truth.clauses),
    )


def _unique(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
