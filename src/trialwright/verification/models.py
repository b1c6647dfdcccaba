"""The formula of a case applied to its data: complete rows, response, matrix, offset."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.stats.design import Design
from trialwright.stats.formulas import Formula, ModelMatrix, evaluate, model_matrix, parse_formula
from trialwright.stats.results import Floats
from trialwright.verification.cases import Case
from trialwright.verification.columns import column_named
from trialwright.verification.terms import factor_levels, formula_of_terms


@dataclass(frozen=True, slots=True)
class ModelInputs:
    """What a regression needs.

    Attributes:
        formula: taken apart.
        data: the rows without a missing value in a column that the formula uses.
        columns: those rows as arrays, by name, factors included.
        levels: of each factor, the reference first.
        response: shape (n,); empty if the formula has no response.
        matrix: of the fixed terms, with names.
        offset: shape (n,), zero without an offset.
    """

    formula: Formula
    data: pl.DataFrame
    columns: Mapping[str, npt.NDArray[Any]]
    levels: Mapping[str, Sequence[Any]]
    response: npt.NDArray[Any]
    matrix: ModelMatrix
    offset: Floats


def expected_terms(expect: Any) -> Iterator[str]:
    """The names of terms anywhere in the expected figures; no numbers are read."""
    if isinstance(expect, Mapping):
        named = expect.get("term", ())
        yield from [named] if isinstance(named, str) else [n for n in named if isinstance(n, str)]
        for value in expect.values():
            yield from expected_terms(value)
    elif isinstance(expect, list):
        for value in expect:
            yield from expected_terms(value)


def formula_of(case: Case, responses: Sequence[str]) -> str:
    """The formula of the spec, else that of the terms that the spec or `coef` names.

    Raises:
        UnusableInputError: if neither tells it.
    """
    given = case.spec.get("formula")
    if given:
        return str(given)
    rows = case.expect.get("coef", ()) if isinstance(case.expect, Mapping) else ()
    terms = case.spec.get("terms") or [row["term"] for row in rows]
    if not terms:
        raise UnusableInputError(
            "the spec has no 'formula', and no 'coef' is expected whose terms would tell it",
            where=case.id,
        )
    named = case.spec.get("response")
    response = column_named([str(named)] if named else responses, case.table(), case.id)
    return formula_of_terms(response, terms, case.table())


def levels_of(
    case: Case,
    formula: Formula,
    data: pl.DataFrame,
    terms: Iterable[str] = (),
    factors: Iterable[str] = (),
) -> dict[str, tuple[Any, ...]]:
    """The levels of each factor in a formula, the reference first: see `factor_levels`.

    The terms are those that the case expects, and further ones. The settings `levels`, if they are
    all those of a factor, and `reference` or `control`, if it is one of them, order it.
    """
    named = [*terms, *expected_terms(case.expect)]
    found = factor_levels(formula, data, named, [*factors, *case.spec.get("factors", ())])
    given = [str(each) for each in case.spec.get("levels", ())]
    first = str(case.spec.get("reference", case.spec.get("control"))).lower()
    for name, own in found.items():
        by_name = {str(each): each for each in own}
        if set(given) == set(by_name):
            found[name] = tuple(by_name[each] for each in given)
        else:
            found[name] = tuple(sorted(own, key=lambda each: str(each).lower() != first))
    return found


def halfway(design: Design) -> dict[str, float]:
    """Where covariates of two values are held for least-squares means of equal weights.

    R's emmeans takes such a covariate for a factor, and averages over its values.
    """
    values = {name: np.unique(design.columns[name]) for name in design.covariates}
    return {name: float(two.mean()) for name, two in values.items() if len(two) == 2}


def model_inputs(
    case: Case,
    formula: str,
    *,
    terms: Iterable[str] = (),
    factors: Iterable[str] = (),
    data: pl.DataFrame | None = None,
) -> ModelInputs:
    """Apply a formula to the data of a case.

    Args:
        case: its data, and the names of terms that it expects, which tell how factors are coded.
        formula: in the subset of `trialwright.stats.formulas`.
        terms: further names of terms in another program's spelling.
        factors: variables to take as factors whatever their name.
        data: rows to use instead of the case's, such as a filtered table.

    Raises:
        UnusableInputError: if the formula is not understood or names an absent column.
    """
    parsed = parse_formula(formula)
    rows = case.table() if data is None else data
    absent = [name for name in parsed.columns if name not in rows.columns]
    if absent:
        raise UnusableInputError(
            f"the data have no column {', '.join(absent)}",
            where=case.id,
            remedy=f"they have {', '.join(rows.columns)}",
        )
    complete = rows.drop_nulls(list(parsed.columns))
    levels = levels_of(case, parsed, complete, terms, factors)
    columns = {name: complete[name].to_numpy() for name in complete.columns}
    offset = np.zeros(complete.height)
    for expression in parsed.offsets:
        offset += evaluate(expression, columns)
    response = evaluate(parsed.response, columns) if parsed.response else np.empty(0)
    matrix = model_matrix(parsed.terms, columns, levels)
    return ModelInputs(parsed, complete, columns, levels, response, matrix, offset)
