"""A formula on the records that it is fitted to: the design matrix, and its rows elsewhere."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.stats.formulas import Formula, Term, evaluate, model_matrix, parse_formula
from trialwright.stats.results import Floats, Integers


@dataclass(frozen=True, slots=True)
class Design:
    """The terms of a model with the data that they are computed from.

    Attributes:
        terms: as in `Formula.terms`; `()` is the intercept.
        columns: by name, shape (n,) each, complete; a factor holds positions in its levels.
        levels: the names of each factor's levels, the reference first.
    """

    terms: tuple[Term, ...]
    columns: Mapping[str, npt.NDArray[Any]]
    levels: Mapping[str, tuple[str, ...]]

    @property
    def covariates(self) -> tuple[str, ...]:
        """The columns in the terms that are no factors."""
        return tuple(name for name in self.columns if name not in self.levels)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the p columns: '(Intercept)', 'sledai0', 'arm[1]', 'arm[1]:week[8]'."""
        one = {name: np.ones(1) for name in self.covariates}
        one |= {name: np.array(levels[:1]) for name, levels in self.levels.items()}
        return model_matrix(self.terms, one, self.levels).names if one else ("(Intercept)",)

    def matrix(self, columns: Mapping[str, npt.ArrayLike] | None = None) -> Floats:
        """The design matrix of the records, or of other `columns`, shape (rows, p)."""
        given = self.columns if columns is None else columns
        codes = {name: range(len(levels)) for name, levels in self.levels.items()}
        # A column of ones keeps the number of rows when the intercept is all there is.
        rows = max((len(np.atleast_1d(column)) for column in given.values()), default=1)
        return model_matrix(self.terms, {"": np.ones(rows), **given}, codes).matrix


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
        UnusableInputError: if a column is absent, or holds a value that is none of its levels.
    """
    parsed = parse_formula(formula) if isinstance(formula, str) else formula
    given = dict(levels or {})
    wanted = list(dict.fromkeys((*parsed.columns, *needed)))
    absent = [name for name in wanted if name not in frame.columns]
    if absent:
        raise UnusableInputError(
            f"the data have no column {', '.join(absent)}",
            remedy=f"they have {', '.join(frame.columns)}",
        )
    rows = frame.select(pl.col(name).fill_nan(None) if frame[name].dtype.is_float()
                        else pl.col(name) for name in wanted)  # fmt: skip
    used = ~np.array(rows.select(pl.any_horizontal(pl.all().is_null())).to_series(), dtype=bool)
    rows = rows.filter(used)
    columns: dict[str, npt.NDArray[Any]] = {}
    names: dict[str, tuple[str, ...]] = {}
    for name in {part for term in parsed.terms for each in term for part in _columns(each)}:
        series = rows[name]
        factor = name in given or name in parsed.factors
        if factor or not (series.dtype.is_numeric() or series.dtype == pl.Boolean):
            columns[name], names[name] = factor_codes(series, given.get(name))
        else:
            columns[name] = series.cast(pl.Float64).to_numpy()
    response = evaluate(parsed.response, {n: rows[n].to_numpy() for n in rows.columns})
    ordered = {name: columns[name] for name in wanted if name in columns}
    return Records(Design(parsed.terms, ordered, names), response.astype(np.float64), used)


def factor_codes(
    series: pl.Series, levels: Sequence[Any] | None = None
) -> tuple[Integers, tuple[str, ...]]:
    """Positions of a column's values in its levels, shape (n,), and the levels' names.

    Raises:
        UnusableInputError: if a value is none of the levels.
    """
    if levels is None and isinstance(series.dtype, pl.Enum):
        levels = series.dtype.categories.to_list()
    if levels is None:
        levels = series.unique().sort().to_list()
    names = tuple(str(level) for level in levels)
    values = series.cast(pl.String)
    unknown = sorted(set(values.unique()) - set(names))
    if unknown:
        raise UnusableInputError(
            f"column {series.name!r} has values that are none of its levels: {', '.join(unknown)}",
            remedy=f"its levels are {', '.join(names)}",
        )
    codes = values.replace_strict(list(names), range(len(names)), return_dtype=pl.Int64)
    return codes.to_numpy(), names


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
