"""A formula on the records that it is fitted to: the design matrix, and its rows elsewhere."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.stats.formulas import (
    Formula,
    ModelMatrix,
    Term,
    evaluate,
    model_matrix,
    parse_formula,
)
from trialwright.stats.results import Floats, Integers

MOST_COMBINATIONS: Final = 256
"""Above so many combinations of levels, only those present are computed."""


@dataclass(frozen=True, slots=True)
class Design:
    """The terms of a model with the data that they are computed from.

    Attributes:
        terms: as in `Formula.terms`; `()` is the intercept.
        columns: by name, shape (n,) each, complete; a factor holds positions in its levels.
        levels: the names of each factor's levels, the reference first.
        records: n, which a model of the intercept alone has no column to tell of.
    """

    terms: tuple[Term, ...]
    columns: Mapping[str, npt.NDArray[Any]]
    levels: Mapping[str, tuple[str, ...]]
    records: int = 1

    @property
    def covariates(self) -> tuple[str, ...]:
        """The columns in the terms that are no factors."""
        return tuple(name for name in self.columns if name not in self.levels)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the p columns: '(Intercept)', 'sledai0', 'arm[1]', 'arm[1]:week[8]'."""
        return self._first_row().names

    @property
    def term_of_column(self) -> tuple[int, ...]:
        """For each of the p columns, the position of its term in `terms`."""
        return self._first_row().terms

    def _first_row(self) -> ModelMatrix:
        one: dict[str, npt.NDArray[Any]] = {"": np.ones(1)}
        one |= {name: np.ones(1) for name in self.covariates}
        one |= {name: np.array(levels[:1]) for name, levels in self.levels.items()}
        return model_matrix(self.terms, one, self.levels)

    def matrix(self, columns: Mapping[str, npt.ArrayLike] | None = None) -> Floats:
        """The design matrix of the records, or of other `columns`, shape (rows, p).

        The factors' part is looked up in a table of all combinations of their levels.
        """
        alone = self.records if columns is None else 1
        chosen = self.columns if columns is None else columns
        given = {name: np.atleast_1d(column) for name, column in chosen.items()}
        rows = max((len(column) for column in given.values()), default=alone)
        combination = np.zeros(rows, dtype=np.int64)
        for name, levels in self.levels.items():
            combination = combination * len(levels) + given[name].astype(np.int64)
        sizes = tuple((name, len(levels)) for name, levels in self.levels.items())
        present = None
        if math.prod(size for _, size in sizes) > MOST_COMBINATIONS:
            found, combination = np.unique(combination, return_inverse=True)
            present = tuple(found.tolist())
        made = _factors_part(self.terms, sizes, present)
        covariates = {each for term in self.terms for each in term if each not in self.levels}
        out: Floats = made.matrix[combination]
        value = {each: evaluate(each, given) for each in covariates}
        for column, term in enumerate(made.terms):
            for each in self.terms[term]:
                if each in value:
                    out[:, column] *= value[each]
        return out


@lru_cache(maxsize=32)
def _factors_part(
    terms: tuple[Term, ...], sizes: tuple[tuple[str, int], ...], present: tuple[int, ...] | None
) -> ModelMatrix:
    """The columns of a model by combination of its factors' levels, with all covariates at one.

    A model is asked for it twice, by its fit and by its least-squares means, and a simulation by
    every trial.

    Args:
        terms: as in `Design`.
        sizes: each factor with the number of its levels.
        present: the combinations wanted, counted with the last factor fastest; None for all.
    """
    numbers = [size for _, size in sizes]
    wanted = np.arange(math.prod(numbers)) if present is None else np.array(present, dtype=np.int64)
    codes = np.unravel_index(wanted, numbers) if sizes else ()
    names = [name for name, _ in sizes]
    table: dict[str, npt.ArrayLike] = dict(zip(names, codes, strict=True))
    table |= {"": np.ones(len(wanted))}
    # Stand-ins with the value one keep a covariate's place in a term's name and coding.
    covariates = {each for term in terms for each in term} - set(names)
    stand_in = {each: f"_{k}" for k, each in enumerate(sorted(covariates))}
    table |= {name: np.ones(len(wanted)) for name in stand_in.values()}
    renamed = [tuple(stand_in.get(each, each) for each in term) for term in terms]
    return model_matrix(renamed, table, {name: range(size) for name, size in sizes})


@dataclass(frozen=True, slots=True)
class Records:
    """The complete records of a table, ready to be fitted.

    Attributes:
        design: the right side of the formula on them.
        response: shape (n,).
        used: which rows of the table they are, shape (rows,).
    """

    design: Design
    response: Floats
    used: npt.NDArray[np.bool_]


def complete_records(
    frame: pl.DataFrame,
    formula: str | Formula,
    *,
    levels: Mapping[str, Sequence[Any]] | None = None,
    needed: Iterable[str] = (),
) -> Records:
    """The rows of a table that have every column of a formula, and those `needed` besides.

    Text columns are factors, with their levels in the order of the alphabet (of a Polars Enum, in
    its own order); numbers enter linearly unless named in `levels`. Levels that no record has are
    kept if they were given, so that an empty arm is noticed.

    Args:
        frame: one record a row.
        formula: such as 'change ~ sledai0 + arm*week'.
        levels: of factors, the reference first.
        needed: further columns that must not be missing.

    Raises:
        UnusableInputError: if a column is absent, or holds an infinite number, or a value that is
            none of its levels; or if the formula has no response, a part that no such model has, or
            an expression without a finite value.
    """
    parsed = parse_formula(formula) if isinstance(formula, str) else formula
    _refuse_parts(parsed)
    given = dict(levels or {})
    wanted = list(dict.fromkeys((*parsed.columns, *needed)))
    absent = [name for name in wanted if name not in frame.columns]
    if absent:
        raise UnusableInputError(
            f"the data have no column {', '.join(absent)}",
            remedy=f"they have {', '.join(frame.columns)}",
        )
    used = np.ones(frame.height, dtype=bool)
    for name in wanted:
        if frame[name].null_count():
            used &= frame[name].is_not_null().to_numpy()
        if frame[name].dtype.is_float():
            numbers = frame[name].to_numpy()
            used &= ~np.isnan(numbers)
            if np.isinf(numbers).any():
                raise UnusableInputError(f"column {name} holds an infinite number")
    mask = pl.Series(used)
    rows = {name: frame[name].filter(mask) for name in wanted}
    columns: dict[str, npt.NDArray[Any]] = {}
    names: dict[str, tuple[str, ...]] = {}
    inside = [part for term in parsed.terms for each in term for part in _columns(each)]
    for name in dict.fromkeys(inside):
        series = rows[name]
        factor = name in given or name in parsed.factors
        if factor or not (series.dtype.is_numeric() or series.dtype == pl.Boolean):
            columns[name], names[name] = factor_codes(series, given.get(name))
        else:
            columns[name] = series.to_numpy().astype(np.float64)
    values = {
        name: (row.cast(pl.Float64) if row.dtype.is_decimal() else row).to_numpy()
        for name, row in rows.items()
    }
    response = evaluate(parsed.response, values)
    if response.dtype.kind not in "biuf":
        raise UnusableInputError(f"the response {parsed.response} holds no numbers")
    for expression in (parsed.response, *parsed.variables):
        if expression not in values:
            _refuse_infinite(expression, evaluate(expression, values))
    design = Design(parsed.terms, columns, names, int(used.sum()))
    return Records(design, response.astype(np.float64), used)


def _refuse_infinite(expression: str, value: npt.NDArray[Any]) -> None:
    lost = value.size - int(np.isfinite(value).sum())
    if lost:
        raise UnusableInputError(
            f"{expression} has no finite value in {lost} records",
            remedy="look for zeros and negative numbers, or leave these records out",
        )


def _refuse_parts(formula: Formula) -> None:
    if not formula.response:
        raise UnusableInputError("the formula has no response", remedy="write it left of '~'")
    for kind, parts in (
        ("offset(...)", formula.offsets),
        ("strata(...)", formula.strata),
        ("cluster(...)", formula.clusters),
        ("(1|...)", formula.groups),
    ):
        if parts:
            raise UnusableInputError(
                f"this model has no {kind}, but the formula has: {', '.join(parts)}",
                remedy="take it out, or choose a model that has it",
            )


def factor_codes(
    series: pl.Series, levels: Sequence[Any] | None = None
) -> tuple[Integers, tuple[str, ...]]:
    """Positions of a complete column's values in its levels, shape (n,), and the levels' names.

    Values and levels are compared by their names, so that 1 and '1' are the same.

    Raises:
        UnusableInputError: if a value is none of the levels.
    """
    kind = series.dtype
    if levels is None and isinstance(kind, pl.Enum):
        levels = kind.categories.to_list()
    if kind.is_numeric() or kind == pl.Boolean:
        present, codes = np.unique(series.to_numpy(), return_inverse=True)
        values = [str(value) for value in present.tolist()]
    else:
        coded = series.cast(pl.String).cast(pl.Categorical)
        physical = coded.to_physical().to_numpy()
        present, first, codes = np.unique(physical, return_index=True, return_inverse=True)
        values = [str(series[int(k)]) for k in first]
    names = tuple(str(each) for each in (sorted(values) if levels is None else levels))
    if levels is None and kind.is_numeric():
        names = tuple(values)
    unknown = sorted(set(values) - set(names))
    if unknown:
        raise UnusableInputError(
            f"column {series.name!r} has values that are none of its levels: {', '.join(unknown)}",
            remedy=f"its levels are {', '.join(names)}",
        )
    place = {name: position for position, name in enumerate(names)}
    return np.array([place[value] for value in values], dtype=np.int64)[codes], names


def _columns(expression: str) -> tuple[str, ...]:
    return Formula(response="", terms=((expression,),)).columns


def refuse_collinear(x: Floats, names: Sequence[str]) -> None:
    """Raise `UnusableInputError` naming the columns of `x` that the ones before them explain."""
    scale = np.sqrt((x**2).sum(axis=0))
    unit = np.divide(x, scale, out=np.zeros_like(x), where=scale > 0)
    left = np.abs(np.diag(np.linalg.qr(unit, mode="r")))
    explained = [name for name, size in zip(names, left, strict=True) if size < 1e-9]
    if explained:
        raise UnusableInputError(
            f"columns of the design follow from the others: {', '.join(explained)}",
            remedy="take them out, or join levels that no record has",
        )
