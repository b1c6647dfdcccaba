"""Model formulas as statisticians write them, and the matrices that they stand for.

Understood: `+`, `:`, `*`, `^n`, `-`, `1` and `0`; `factor(x)`; `offset(...)`, `strata(...)`,
`cluster(...)` and `(1|g)`, which are set aside; and arithmetic of columns with log, log10, log2,
exp, sqrt and I (Wilkinson & Rogers 1973, Applied Statistics 22:392). Factors are coded as in R: by
contrasts with the first level where the term's margin is in a term before, by one indicator a level
where it is not; and by one indicator a level where the first factor stands in a model without
intercept.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, product
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.results import Floats

Term = tuple[str, ...]
INTERCEPT: Final = "(Intercept)"
FUNCTIONS: Final[Mapping[str, Any]] = {
    "log": np.log, "log10": np.log10, "log2": np.log2, "exp": np.exp, "sqrt": np.sqrt,
    "I": np.asarray, "abs": np.abs,
}  # fmt: skip
FACTOR_CALLS: Final = frozenset({"factor", "C"})
ASIDE: Final = frozenset({"offset", "strata", "cluster"})
NO_INTERCEPT: Final[tuple[Term, ...]] = (("0",), ("-1",))
ARITHMETIC: Final[Mapping[type[ast.operator], Any]] = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide,
    ast.Pow: np.power,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula taken apart.

    Attributes:
        response: the expression left of '~'; empty if there is none.
        terms: the terms in R's order; `()` is the intercept.
        factors: variables written as `factor(x)`.
        offsets: the expressions inside `offset(...)`, added up.
        strata: the variables inside `strata(...)`.
        clusters: the variables inside `cluster(...)`.
        groups: the variables g of random intercepts `(1|g)`.
    """

    response: str
    terms: tuple[Term, ...]
    factors: frozenset[str] = frozenset()
    offsets: tuple[str, ...] = ()
    strata: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    @property
    def variables(self) -> tuple[str, ...]:
        """The expressions in the terms, each once, in order of appearance."""
        return tuple(dict.fromkeys(name for term in self.terms for name in term))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of data that any part of the formula needs, each once."""
        aside = (*self.offsets, *self.strata, *self.clusters, *self.groups)
        parts = (self.response, *self.variables, *aside)
        return tuple(dict.fromkeys(name for part in parts if part for name in _names(part)))


@dataclass(frozen=True, slots=True)
class ModelMatrix:
    """The columns of a model.

    Attributes:
        matrix: shape (n, p).
        names: p names, such as '(Intercept)', 'sledai0', 'arm[1]', 'arm[1]:week[8]'.
        terms: for each of the p columns, the position of its term in the formula.
    """

    matrix: Floats
    names: tuple[str, ...]
    terms: tuple[int, ...]


def parse_formula(text: str) -> Formula:
    """Take a formula apart.

    Raises:
        UnusableInputError: if the text is no formula of the kind described above.

    Example:
        >>> parse_formula("response ~ arm*week + (1|participant)").terms
        ((), ('arm',), ('week',), ('arm', 'week'))
    """
    left, _, right = text.rpartition("~")
    # ':' and '^' take the place of Python's power, which binds as tightly as they do in R.
    tree = _tree(right.replace("^", "**").replace(":", "**"), text)
    terms = _expand(tree, text)
    said = [term for term in terms if term in ((), *NO_INTERCEPT)]  # the last one counts, as in R
    plain: list[list[str]] = [] if said and said[-1] else [[]]
    aside: dict[str, list[str]] = {"offset": [], "strata": [], "cluster": [], "|": []}
    factors = set()
    for term in terms:
        kind = _kind(term)
        if kind in aside:
            aside[kind].extend(_inside(term[0]))
        elif term not in said:
            factors |= {_plain(name) for name in term if _is_factor_call(name)}
            plain.append([_plain(name) for name in term])
    # Variables stand in a term as they first stand in the formula, whatever the term's own order.
    order = list(dict.fromkeys(_plain(leaf) for leaf in _leaves(tree)))
    unique = dict.fromkeys(tuple(sorted(set(term), key=order.index)) for term in plain)
    return Formula(
        response=left.strip(),
        terms=tuple(sorted(unique, key=len)),
        factors=frozenset(factors),
        offsets=tuple(aside["offset"]),
        strata=tuple(aside["strata"]),
        clusters=tuple(aside["cluster"]),
        groups=tuple(aside["|"]),
    )


def model_matrix(
    terms: Sequence[Term],
    columns: Mapping[str, npt.ArrayLike],
    levels: Mapping[str, Sequence[Any]],
) -> ModelMatrix:
    """The matrix of some terms.

    Args:
        terms: as in `Formula.terms`.
        columns: arrays of length n, without missing values.
        levels: of each factor, in order, the reference first; other variables are numbers.

    Raises:
        UnusableInputError: if a column is absent, or a factor has a value that is no level.

    Example:
        >>> matrix = model_matrix([(), ("arm",)], {"arm": [0, 1, 2]}, {"arm": [0, 1, 2]})
        >>> matrix.names
        ('(Intercept)', 'arm[1]', 'arm[2]')
    """
    rows = len(np.asarray(next(iter(columns.values()))))
    matrix, names, origin = [], [], []
    factors = [(term, name) for term in terms for name in term if name in levels]
    whole = factors[0] if factors and () not in terms else None
    for position, term in enumerate(terms):
        coded = []
        for name in term:
            margin = set(term) - {name}
            reduced = not margin or any(margin <= set(before) for before in terms[:position])
            coded.append(_coded(name, columns, levels, reduced and (term, name) != whole))
        # The first factor's levels run fastest, as in R.
        for choice in product(*reversed(coded)):
            parts = tuple(reversed(choice))
            names.append(":".join(label for label, _ in parts) or INTERCEPT)
            matrix.append(np.prod([np.ones(rows), *(values for _, values in parts)], axis=0))
            origin.append(position)
    stacked = np.column_stack(matrix) if matrix else np.empty((rows, 0))
    return ModelMatrix(stacked, tuple(names), tuple(origin))


def evaluate(expression: str, columns: Mapping[str, npt.ArrayLike]) -> npt.NDArray[Any]:
    """The value of an expression such as `log(days / 365.25)` or `status == 1`, by row.

    Raises:
        UnusableInputError: if a column is absent, or holds text to compute with, or the expression
            is not understood.

    Example:
        >>> evaluate("log10(titer) + 1", {"titer": [10.0, 100.0]})
        array([2., 3.])
    """
    tree = _tree(expression.replace("^", "**"), expression)
    try:
        with np.errstate(all="ignore"):  # the logarithm of nothing is for the caller to refuse
            return np.asarray(_value(tree, columns, expression))
    except TypeError as error:
        raise UnusableInputError("a column holds no numbers", where=expression) from error


def _value(node: ast.expr, columns: Mapping[str, npt.ArrayLike], text: str) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name() | ast.Attribute():
            name = ast.unparse(node)
            if name not in columns:
                raise UnusableInputError(f"there is no column {name!r}", where=text)
            return np.asarray(columns[name])
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, columns, text)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
            compute = ARITHMETIC[type(op)]
            return compute(_value(left, columns, text), _value(right, columns, text))
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
            return _value(left, columns, text) == _value(right, columns, text)
        case ast.Call(func=ast.Name(id=name), args=[argument]) if name in FUNCTIONS:
            return FUNCTIONS[name](_value(argument, columns, text))
    raise UnusableInputError(f"{ast.unparse(node)!r} is not understood", where=text)


def _coded(
    name: str,
    columns: Mapping[str, npt.ArrayLike],
    levels: Mapping[str, Sequence[Any]],
    reduced: bool,
) -> list[tuple[str, Floats]]:
    values = evaluate(name, columns)
    if name not in levels:
        if values.dtype.kind not in "biuf":
            raise UnusableInputError(f"{name!r} holds text but is not declared a factor")
        return [(name, values.astype(np.float64))]
    order = list(levels[name])
    if not np.isin(values, order).all():
        raise UnusableInputError(f"a value of {name!r} is none of its levels {order}")
    shown = order[1:] if reduced else order
    return [(f"{name}[{level}]", (values == level).astype(np.float64)) for level in shown]


@lru_cache(maxsize=1024)
def _tree(code: str, text: str) -> ast.expr:
    try:
        return ast.parse(code.strip() or "1", mode="eval").body
    except SyntaxError as error:
        raise UnusableInputError("is no formula", where=text) from error


def _expand(node: ast.expr, text: str) -> list[Term]:
    match node:
        case ast.Constant(value=1):
            return [()]
        case ast.Constant(value=0):
            return [("0",)]
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1)):
            return [("-1",)]
        case ast.Name() | ast.Attribute() | ast.Call() | ast.BinOp(op=ast.BitOr()):
            return [(_spelled(node),)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [*_expand(left, text), *_expand(right, text)]
        case ast.BinOp(left=left, op=ast.Sub(), right=ast.Constant(value=1)):
            return [*_expand(left, text), ("-1",)]
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            gone = [frozenset(term) for term in _expand(right, text)]
            return [term for term in _expand(left, text) if frozenset(term) not in gone]
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            one, two = _expand(left, text), _expand(right, text)
            return [*one, *two, *_crossed(one, two)]
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int(power))) if power > 0:
            every = _expand(left, text)
            base = [term for term in every if term not in NO_INTERCEPT]
            chosen = [c for size in range(1, power + 1) for c in combinations(base, size)]
            crossed = [tuple(name for term in each for name in term) for each in chosen]
            return [*(term for term in every if term in NO_INTERCEPT), *crossed]
        case ast.BinOp(left=left, op=ast.Pow(), right=right) if not isinstance(
            right, ast.Constant | ast.UnaryOp
        ):
            return _crossed(_expand(left, text), _expand(right, text))
    raise UnusableInputError(f"{ast.unparse(node)!r} is not understood", where=text)


def _spelled(node: ast.expr) -> str:
    """An expression as R prints it: 'I(x^2)', 'log(days/365.25)'."""
    return ast.unparse(node).replace(" ** ", "^").replace(" / ", "/")


def _crossed(one: Sequence[Term], two: Sequence[Term]) -> list[Term]:
    both = product(*([each for each in side if each not in NO_INTERCEPT] for side in (one, two)))
    return [(*first, *second) for first, second in both]


def _leaves(node: ast.expr) -> list[str]:
    """The variables of a formula from left to right."""
    match node:
        case ast.BinOp(left=left, op=op, right=right) if not isinstance(op, ast.BitOr):
            return [*_leaves(left), *_leaves(right)]
        case ast.Name() | ast.Attribute() | ast.Call() | ast.BinOp():
            return [_spelled(node)]
    return []


def _plain(name: str) -> str:
    """A variable without the `factor(...)` around it."""
    if not _is_factor_call(name):
        return name
    inside = _inside(name)
    if len(inside) != 1 or _names(inside[0]) != inside:
        raise UnusableInputError("a factor is made of one column", where=name)
    return inside[0]


def _kind(term: Term) -> str:
    if len(term) != 1:
        return ""
    node = _tree(term[0], term[0])
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return "|"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ASIDE:
        return node.func.id
    return ""


def _is_factor_call(name: str) -> bool:
    node = _tree(name, name)
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in FACTOR_CALLS
    )


def _inside(name: str) -> list[str]:
    node = _tree(name, name)
    if isinstance(node, ast.Call):
        return [ast.unparse(argument) for argument in node.args]
    if isinstance(node, ast.BinOp) and isinstance(node.left, ast.Constant) and node.left.value == 1:
        return [ast.unparse(node.right)]
    raise UnusableInputError("only random intercepts (1|g) are understood", where=name)


def _names(expression: str) -> list[str]:
    nodes = list(ast.walk(_tree(expression.replace("^", "**"), expression)))
    inside = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    inside |= {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    return [
        ast.unparse(node)
        for node in nodes
        if isinstance(node, ast.Name | ast.Attribute) and id(node) not in inside
    ]
