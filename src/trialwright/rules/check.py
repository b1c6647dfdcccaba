"""Whether the parts of a rule fit together: known items, kinds, codes and units."""

from collections.abc import Iterable, Mapping
from typing import NoReturn

from trialwright.rules.error import RuleError, suggestion
from trialwright.rules.functions import FUNCTIONS
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
    text_of,
)
from trialwright.rules.types import ItemType, Kind

Typed = tuple[Node, ItemType]
_BOOLEAN = ItemType("boolean")
_A = {"number": "a number", "boolean": "true or false", "code": "a code", "date": "a date"}


def check(node: Node, items: Mapping[str, ItemType], text: str) -> None:
    """Raise RuleError unless `node`, read from `text`, is a sound rule over `items`."""
    checker = _Checker(items, text)
    checker.expect("boolean", node, "a rule must be true or false")


def kind_of(node: Node, items: Mapping[str, ItemType]) -> Kind:
    """The kind of a part of a rule that was checked before."""
    match node:
        case Literal(kind):
            return kind
        case Item(name):
            return items[name].kind
        case Call(function):
            return FUNCTIONS[function].gives
        case Negative() | Arithmetic():
            return "number"
        case _:
            return "boolean"


class _Checker:
    def __init__(self, items: Mapping[str, ItemType], text: str) -> None:
        self._items = items
        self._text = text

    def type_of(self, node: Node) -> ItemType:
        match node:
            case Literal(kind):
                return ItemType(kind)
            case Item():
                return self._item(node)
            case Negative(operand):
                return self.expect("number", operand, "only a number has a sign")
            case Arithmetic():
                return self._arithmetic(node)
            case Comparison(operator, left, right):
                one = self.type_of(left)
                self._alike(node, (left, one), (right, self.type_of(right)))
                if operator not in ("==", "!=") and one.kind in ("boolean", "code"):
                    what = f"{_A[one.kind]} has no order"
                    self._refuse(what, node, "compare it with == or !=")
            case Membership(subject, options):
                one = self.type_of(subject)
                for option in options:
                    self._alike(option, (subject, one), (option, self.type_of(option)))
            case Not(operand):
                self.expect("boolean", operand, "not turns true and false around")
            case Logic(operator, operands):
                for operand in operands:
                    self.expect("boolean", operand, f"{operator} joins what is true or false")
            case Call():
                return self._call(node)
        return _BOOLEAN

    def expect(self, kind: Kind, node: Node, reason: str) -> ItemType:
        found = self.type_of(node)
        if found.kind != kind:
            self._refuse(f"{reason}; {text_of(node)} is {_A[found.kind]}", node)
        return found

    def _item(self, item: Item) -> ItemType:
        if item.name not in self._items:
            codes = ((name, type_.codes) for name, type_ in self._items.items())
            owner = next((name for name, allowed in codes if item.name in allowed), "")
            remedy = f'a code of {owner} is written in quotes: "{item.name}"' if owner else ""
            remedy = remedy or suggestion(item.name, self._items)
            self._refuse(f"no form collects {item.name}", item, remedy)
        return self._items[item.name]

    def _arithmetic(self, node: Arithmetic) -> ItemType:
        reason = f"{node.operator} takes numbers"
        left = self.expect("number", node.left, reason)
        right = self.expect("number", node.right, reason)
        if node.operator in ("+", "-"):
            return ItemType("number", self._common_unit(node, (left, right)))
        if isinstance(node.right, Literal):
            return left
        return (
            right if node.operator == "*" and isinstance(node.left, Literal) else ItemType("number")
        )

    def _call(self, node: Call) -> ItemType:
        function = FUNCTIONS[node.function]
        types = []
        for argument in node.arguments:
            if function.item_only and not isinstance(argument, Item):
                self._refuse(f"{node.function} takes the name of an item", argument)
            types.append(
                self.type_of(argument)
                if function.takes is None
                else self.expect(
                    function.takes, argument, f"{node.function} takes {_A[function.takes]}"
                )
            )
        unit = self._common_unit(node, types) if function.keeps_unit else None
        return ItemType(function.gives, unit)

    def _alike(self, place: Node, one: Typed, other: Typed) -> None:
        (left, left_type), (right, right_type) = one, other
        if left_type.kind != right_type.kind:
            kinds = left_type.kind, right_type.kind
            what = f"{text_of(left)} is {_A[kinds[0]]}, {text_of(right)} is {_A[kinds[1]]}"
            dated = set(kinds) == {"date", "code"}
            remedy = "dates are written without quotes: 2026-01-31" if dated else ""
            self._refuse(what, place, remedy)
        self._common_unit(place, (left_type, right_type))
        self._allowed(right, left_type)
        self._allowed(left, right_type)

    def _allowed(self, node: Node, other: ItemType) -> None:
        if not (isinstance(node, Literal) and node.kind == "code" and other.codes):
            return
        code = str(node.value)
        if code not in other.codes:
            near = suggestion(code, other.codes)
            self._refuse(
                f"{text_of(node)} is not one of the codes",
                node,
                near or f"the codes are {', '.join(other.codes)}",
            )

    def _common_unit(self, place: Node, types: Iterable[ItemType]) -> str | None:
        units = list(dict.fromkeys(type_.unit for type_ in types if type_.unit is not None))
        if len(units) > 1:
            self._refuse(f"{units[0]} and {units[1]} are different units", place)
        return units[0] if units else None

    def _refuse(self, what: str, node: Node, remedy: str = "") -> NoReturn:
        raise RuleError(what, text=self._text, column=node.column, remedy=remedy)
