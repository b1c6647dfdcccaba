"""Names of model terms in other programs' output, and the coding of factors that they imply.

R writes `armf1:wk8` or `regionEUR` where this package writes `arm[1]:week[8]` and `region[EUR]`.
The stem may be an abbreviation of the variable, or have letters added. A level of a factor that has
no term is its reference.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import permutations
from typing import Any, Final

import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.stats.formulas import Formula

INTERCEPT: Final = "(Intercept)"
INTERCEPTS: Final = frozenset({INTERCEPT, "Intercept", "intercept", "const", "1"})
# Columns that hold codes, not amounts, when nothing else tells.
CODES: Final = frozenset(
    {
        "arm",
        "armf",
        "treatment",
        "trt",
        "group",
        "week",
        "visit",
        "period",
        "per",
        "sequence",
        "seq",
    }
)


def same_term(expected: str, found: str) -> bool:
    """Whether a term in another program's spelling is our term `found`."""
    if expected == found:
        return True
    if expected in INTERCEPTS or found == INTERCEPT:
        return expected in INTERCEPTS and found == INTERCEPT
    theirs, ours = expected.split(":"), found.split(":")
    return len(theirs) == len(ours) and any(
        all(map(_same_component, theirs, order)) for order in permutations(ours)
    )


def factor_levels(
    formula: Formula, data: pl.DataFrame, terms: Iterable[str] = (), factors: Iterable[str] = ()
) -> dict[str, tuple[Any, ...]]:
    """The levels, reference first, of each factor in a formula.

    A variable is a factor if a term names one of its levels, if `factors` holds it, if its values
    are text, or if its name says that it holds codes; not if a term is its bare name. The reference
    is the one level without a term; else the first in order.
    """
    components = [part for term in terms for part in term.split(":")]
    found = {}
    for variable in formula.variables:
        if variable not in data.columns:
            continue
        values = sorted(data[variable].drop_nulls().unique().to_list())
        named = [v for v in values if any(_names_level(c, variable, str(v)) for c in components)]
        chosen = variable in factors or variable in formula.factors
        coded = data[variable].dtype == pl.String or variable.lower() in CODES
        if variable in components and not chosen and data[variable].dtype != pl.String:
            continue
        if chosen or named or coded:
            found[variable] = _reference_first(values, named)
    return found


def _reference_first(values: Sequence[Any], named: Sequence[Any]) -> tuple[Any, ...]:
    unnamed = [value for value in values if value not in named]
    if len(unnamed) != 1:
        return tuple(values)
    return (unnamed[0], *(value for value in values if value != unnamed[0]))


def _same_component(theirs: str, ours: str) -> bool:
    if theirs == ours:
        return True
    match = re.fullmatch(r"(.+)\[(.+)\]", ours)
    return match is not None and _names_level(theirs, match[1], match[2])


def _names_level(component: str, variable: str, level: str) -> bool:
    if component == variable:
        return False
    plain = re.sub(r"^(?:C|factor|as\.factor)\((\w+)[^)]*\)", r"\1", component)
    plain = re.sub(r"\[(?:T\.)?(.+)\]$", r"\1", plain)
    if not plain.endswith(level):
        return False
    stem = plain.removesuffix(level).rstrip("_.")
    if not stem:
        return not level.isdigit()
    if stem != variable and stem[-1].isdigit() and level[0].isdigit():
        return False  # armf11 is level 11, not level 1 of armf1
    return _abbreviates(stem, variable) or _abbreviates(variable, stem)


def _abbreviates(short: str, long: str) -> bool:
    letters = iter(long.lower())
    return short[0].lower() == long[0].lower() and all(
        letter in letters for letter in short.lower()
    )


def formula_of_terms(response: str, terms: Iterable[str], data: pl.DataFrame) -> str:
    """A formula whose matrix has the given terms, in another program's spelling.

    Raises:
        UnusableInputError: if a term is neither a column nor a level of one.
    """
    parts: dict[str, None] = {}
    for term in terms:
        if term not in INTERCEPTS:
            owners = [_owner(component, data) for component in term.split(":")]
            parts[":".join(owners)] = None
    return f"{response} ~ {' + '.join(parts) or '1'}"


def _owner(component: str, data: pl.DataFrame) -> str:
    """The column that a component of a term is, or is a level of."""
    if component in data.columns:
        return component
    coded = [name for name in data.columns if data[name].dtype == pl.String or _is_code(name)]
    others = [name for name in data.columns if name not in coded]
    for name in (*coded, *others):
        levels = data[name].drop_nulls().unique().to_list()
        if any(_names_level(component, name, str(level)) for level in levels):
            return name
    raise UnusableInputError(f"the data have no column for the term {component!r}")


def _is_code(name: str) -> bool:
    return name.lower() in CODES
