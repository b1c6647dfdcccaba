"""From a rule's text to its nodes, by recursive descent.

or  <  and  <  not  <  == != < <= > >= in  <  + -  <  * /  <  unary -  <  ( ) and words
"""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from itertools import islice
from typing import Final

from trialwright.rules.error import RuleError, suggestion
from trialwright.rules.functions import FUNCTIONS
from trialwright.rules.numbers import BEYOND
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
    walk,
)
from trialwright.rules.tokens import KEYWORDS, Token, tokens_of

DEEPEST: Final = 50  # levels; a rule that people can read needs a handful
LONGEST: Final = 5000  # parts; the middle of a chain counts twice
_COMPARISONS: Final = ("==", "!=", "<", "<=", ">", ">=")


def parse(text: str) -> Node:
    """The nodes of `text`; raise RuleError with the column where it stops making sense."""
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens_of(text)
        self._place = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._disjunction()
        if self._next.kind != "end":
            raise self._unexpected("and, or, a comparison or the end")
        if sum(1 for _ in islice(walk(node), LONGEST + 1)) > LONGEST:
            raise self._error(
                f"the rule has more than {LONGEST} parts", self._tokens[0], "split it in several"
            )
        return node

    # The ladder, loosest first ---------------------------------------------------------------

    def _disjunction(self) -> Node:
        return self._joined("or", self._conjunction)

    def _conjunction(self) -> Node:
        return self._joined("and", self._negation)

    def _joined(self, operator: str, operand: Callable[[], Node]) -> Node:
        first = operand()
        operands = [first]
        while self._accept(operator):
            operands.append(operand())
        return first if len(operands) == 1 else Logic(operator, tuple(operands), first.column)

    def _negation(self) -> Node:
        token = self._next
        if not self._accept("not"):
            return self._relation()
        with _Deeper(self, token):
            return Not(self._negation(), token.column)

    def _relation(self) -> Node:
        left = self._sum()
        links: list[Node] = []
        while True:
            token = self._next
            if self._accept(*_COMPARISONS):
                right = self._sum()
                links.append(Comparison(token.text, left, right, token.column))
                left = right
            elif token.text in ("in", "not") and not links:
                return self._membership(left)
            else:
                break
        if not links:
            return left
        return links[0] if len(links) == 1 else Logic("and", tuple(links), links[0].column)

    def _membership(self, subject: Node) -> Node:
        opposite = self._next
        negated = self._accept("not")
        token = self._expect("in")
        self._expect("[")
        options = [self._option()]
        while self._accept(","):
            options.append(self._option())
        self._expect("]")
        node = Membership(subject, tuple(options), token.column)
        return Not(node, opposite.column) if negated else node

    def _option(self) -> Literal:
        token = self._next
        negative = self._accept("-")
        literal = self._primary()
        if isinstance(literal, Literal) and not negative:
            return literal
        if isinstance(literal, Literal) and isinstance(literal.value, Decimal):
            return Literal("number", -literal.value, token.column)
        raise self._error("a list holds numbers, codes or dates only", token)

    def _sum(self) -> Node:
        return self._chained(("+", "-"), self._product)

    def _product(self) -> Node:
        return self._chained(("*", "/"), self._signed)

    def _chained(self, operators: tuple[str, ...], operand: Callable[[], Node]) -> Node:
        node = operand()
        length = 0
        while (token := self._next).text in operators:
            self._accept(*operators)
            length += 1
            if length > DEEPEST:
                raise self._too_deep(token)
            node = Arithmetic(token.text, node, operand(), token.column)
        return node

    def _signed(self) -> Node:
        token = self._next
        if not self._accept("-"):
            return self._primary()
        with _Deeper(self, token):
            return Negative(self._signed(), token.column)

    def _primary(self) -> Node:
        token = self._next
        if token.kind in ("number", "date", "code") or token.text in ("true", "false"):
            self._place += 1
            return self._literal(token)
        if token.kind == "word" and token.text not in KEYWORDS:
            self._place += 1
            return self._call(token) if self._next.text == "(" else Item(token.text, token.column)
        if self._accept("("):
            with _Deeper(self, token):
                node = self._disjunction()
            self._expect(")")
            return node
        raise self._unexpected("an item, a number, a code, a date or a function")

    # Words ------------------------------------------------------------------------------------

    def _literal(self, token: Token) -> Literal:
        match token.kind:
            case "number":
                number = Decimal(token.text)
                if number >= BEYOND:
                    raise self._error("numbers of this language stay below 10^15", token)
                return Literal("number", number, token.column)
            case "date":
                try:
                    return Literal("date", dt.date.fromisoformat(token.text), token.column)
                except ValueError:
                    raise self._error(f"{token.text} is no day of the calendar", token) from None
            case "code":
                return Literal("code", token.text[1:-1], token.column)
            case _:
                return Literal("boolean", token.text == "true", token.column)

    def _call(self, name: Token) -> Node:
        if name.text not in FUNCTIONS:
            remedy = suggestion(name.text, FUNCTIONS) or f"there are {', '.join(FUNCTIONS)}"
            raise self._error(f"there is no function {name.text}", name, remedy)
        self._expect("(")
        with _Deeper(self, name):
            arguments = [self._disjunction()]
            while self._accept(","):
                arguments.append(self._disjunction())
        self._expect(")")
        function = FUNCTIONS[name.text]
        if function.most is not None and len(arguments) > function.most:
            raise self._error(f"{name.text} takes {function.most} argument only", name)
        if function.logic is None:
            return Call(name.text, tuple(arguments), name.column)
        if len(arguments) == 1:
            return arguments[0]
        return Logic(function.logic, tuple(arguments), name.column)

    # Tokens -----------------------------------------------------------------------------------

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    def _accept(self, *texts: str) -> bool:
        if self._next.text not in texts:  # a code's text has its quotes, so it is never a sign
            return False
        self._place += 1
        return True

    def _expect(self, text: str) -> Token:
        token = self._next
        if not self._accept(text):
            raise self._unexpected(text)
        return token

    def _unexpected(self, wanted: str) -> RuleError:
        token = self._next
        found = "the rule ends" if token.kind == "end" else f"{token.text} stands"
        return self._error(f"{found} where {wanted} should be", token)

    def _too_deep(self, token: Token) -> RuleError:
        return self._error(
            f"the rule is nested more than {DEEPEST} levels deep", token, "split it in several"
        )

    def _error(self, what: str, token: Token, remedy: str = "") -> RuleError:
        return RuleError(what, text=self._text, column=token.column, remedy=remedy)


class _Deeper:
    """Counts the levels of nesting, so that no rule can exhaust the stack."""

    def __init__(self, parser: _Parser, token: Token) -> None:
        self._parser = parser
        self._token = token

    def __enter__(self) -> None:
        self._parser._depth += 1
        if self._parser._depth > DEEPEST:
            raise self._parser._too_deep(self._token)

    def __exit__(self, *_: object) -> None:
        self._parser._depth -= 1
