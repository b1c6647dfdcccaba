"""The mixed model for repeated measures on a table: formula in, LS means and contrasts out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.stats.ancova import type_3_weights
from trialwright.stats.design import Design, complete_records, factor_codes
from trialwright.stats.f_tests import FTest
from trialwright.stats.formulas import parse_formula
from trialwright.stats.ls_means import ls_mean_weights
from trialwright.stats.mmrm.fit import CollinearDesignError, Fit, fit_mmrm
from trialwright.stats.mmrm.inference import Inference, infer
from trialwright.stats.results import Coefficients, Estimate, Floats, Integers


@dataclass(frozen=True, slots=True)
class Mmrm:
    """A mixed model for repeated measures, fitted.

    Attributes:
        design: the formula on the records that were analyzed.
        fit: the maximum of the likelihood; `fit.converged` says whether it was reached.
        inference: how uncertainty is stated.
        visit: name of the column of visits.
        visits: their names in order.
        left_out: records with a missing value.
    """

    design: Design
    fit: Fit
    inference: Inference
    visit: str
    visits: tuple[str, ...]
    left_out: int

    @property
    def coefficients(self) -> Coefficients:
        """The coefficients with the covariance that was chosen; `estimates` has their tests."""
        return Coefficients(
            terms=self.design.names,
            estimates=self.fit.coefficients,
            covariance=self.inference.covariance,
            log_likelihood=self.fit.log_likelihood,
            counts={**self.inference.counts, "left out": self.left_out},
            notes=self.inference.notes,
        )

    def estimates(self, level: float = 0.95) -> dict[str, Estimate]:
        """Each coefficient with its t interval and test."""
        names = self.design.names
        found = self.inference.combinations(np.eye(len(names)), level)
        return dict(zip(names, found, strict=True))

    def ls_means(
        self,
        over: Sequence[str],
        *,
        weights: str = "equal",
        at: Mapping[str, float] | None = None,
        level: float = 0.95,
    ) -> dict[tuple[str, ...], Estimate]:
        """Least-squares means by the levels of factors, such as ['arm', 'week'].

        See `ls_mean_weights` for `weights` and `at`.
        """
        names, rows = ls_mean_weights(self.design, over, weights=weights, at=at)
        return dict(zip(names, self.inference.combinations(rows, level), strict=True))

    def mean_weights(self, over: Sequence[str]) -> tuple[list[tuple[str, ...]], Floats]:
        """The weights of least-squares means, to be combined and given to `inference`."""
        return ls_mean_weights(self.design, over)

    def differences(
        self,
        arm: str,
        *,
        weights: str = "equal",
        at: Mapping[str, float] | None = None,
        level: float = 0.95,
    ) -> dict[tuple[str, ...], Estimate]:
        """Each arm minus the first one at each visit, by (arm, visit)."""
        names, rows = self._by_visit(arm, weights, at)
        reference = {visit: row for (name, visit), row in zip(names, rows, strict=True)
                     if name == self.design.levels[arm][0]}  # fmt: skip
        others = [k for k, (name, _) in enumerate(names) if name != self.design.levels[arm][0]]
        if not others:
            return {}
        contrasts = np.array([rows[k] - reference[names[k][1]] for k in others])
        found = self.inference.combinations(contrasts, level)
        return {names[k]: each for k, each in zip(others, found, strict=True)}

    def at_visit(self, arm: str, visit: str) -> FTest:
        """The joint test that all arms have the same mean at a visit."""
        if len(self.design.levels.get(arm, ())) == 1:
            raise UnusableInputError(f"{arm!r} has one level, so there is nothing to compare")
        names, rows = self._by_visit(arm, "equal", None)
        there = np.array([row for (_, each), row in zip(names, rows, strict=True) if each == visit])
        if not len(there):
            raise UnusableInputError(
                f"there is no visit {visit!r}", remedy=f"there are {', '.join(self.visits)}"
            )
        return self.inference.joint(there[1:] - there[0])

    def type_3(self) -> dict[str, FTest]:
        """A test of each term given all others, by name ('arm:week' for an interaction)."""
        weights = type_3_weights(self.design)
        return {":".join(term): self.inference.joint(rows) for term, rows in weights.items()}

    def _by_visit(
        self, arm: str, weights: str, at: Mapping[str, float] | None
    ) -> tuple[list[tuple[str, ...]], Floats]:
        over = [arm, self.visit] if self.visit in self.design.levels else [arm]
        names, rows = ls_mean_weights(self.design, over, weights=weights, at=at)
        if len(over) == 2:
            return names, rows
        repeated: list[tuple[str, ...]] = [
            (name, visit) for visit in self.visits for (name,) in names
        ]
        return repeated, np.tile(rows, (len(self.visits), 1))


def mmrm(
    frame: pl.DataFrame,
    formula: str,
    *,
    participant: str,
    visit: str,
    covariance: str = "us",
    group: str | None = None,
    weights: str | None = None,
    position: str | None = None,
    method: str = "satterthwaite",
    errors: str = "model",
    restricted: bool = True,
    levels: Mapping[str, Sequence[Any]] | None = None,
) -> Mmrm:
    """Fit a mixed model for repeated measures to the complete records of a table.

    Args:
        frame: one record a row: a participant at a visit.
        formula: such as 'change ~ baseline + arm*week'. The visit is a factor in it, whatever its
            type; text columns are factors, and numeric ones named in `levels`.
        participant, visit: columns that say whose record it is, and of which visit.
        covariance: among visits: 'us', 'cs', 'csh', 'ar1', 'ar1h', 'toep', 'toeph', 'ad', 'adh',
            'sp_exp' or 'sp_gau'.
        group: a column; each of its values has a covariance of its own.
        weights: a column; a record's variance is divided by its weight.
        position: a numeric column with the time of the record for a spatial covariance; the visit
            itself if not given.
        method: of the degrees of freedom, see `infer`.
        errors: 'model', 'empirical', 'jackknife' or 'bias-reduced'.
        restricted: REML, else ML.
        levels: of factors, the reference first.

    Raises:
        UnusableInputError: as `complete_records`, `fit_mmrm` and `infer`.

    Example:
        >>> table = pl.DataFrame({
        ...     "who": [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6], "week": [4, 8] * 6,
        ...     "arm": ["placebo"] * 6 + ["il2"] * 6,
        ...     "change": [-1.0, -2, 0, -3, -2, -1, -4, -6, -3, -5, -2, -7]})
        >>> fit = mmrm(table, "change ~ arm*week", participant="who", visit="week",
        ...            levels={"arm": ["placebo", "il2"]})
        >>> round(fit.differences("arm")["il2", "8"].estimate, 6)
        -4.0
    """
    parsed = parse_formula(formula)
    extra = [name for name in (group, weights, position) if name is not None]
    declared = dict(levels or {})
    if visit in parsed.columns and visit not in declared and visit in frame.columns:
        declared[visit] = _seen_levels(frame, visit, parsed.columns)
    records = complete_records(frame, parsed, levels=declared, needed=[participant, visit, *extra])
    mask = pl.Series(records.used)
    used = {name: frame[name].filter(mask) for name in (participant, visit, *extra)}
    if not len(used[visit]):
        raise UnusableInputError("no record is complete")
    visit_codes, visits = factor_codes(used[visit], declared.get(visit))
    positions = None
    if covariance.lower().startswith(("sp_", "spatial")):
        visit_codes, positions = _positions(used[position or visit])
    matrix = records.design.matrix()
    try:
        fit = fit_mmrm(
            records.response,
            matrix,
            _labels(used[participant]),
            visit_codes,
            covariance=covariance,
            group=None if group is None else factor_codes(used[group])[0],
            weights=None if weights is None else _numbers(used[weights]),
            positions=positions,
            restricted=restricted,
        )
    except CollinearDesignError as error:
        raise CollinearDesignError(error.columns, records.design.names) from error
    inference = infer(fit, matrix, method, errors)
    left_out = frame.height - fit.records
    return Mmrm(records.design, fit, inference, visit, visits, left_out)


def _seen_levels(frame: pl.DataFrame, visit: str, needed: Sequence[str]) -> list[Any]:
    """Visits in order; one that nobody attended is no level, since nothing can be said of it."""
    seen = frame.drop_nulls([name for name in needed if name in frame.columns])[visit]
    kind = frame[visit].dtype
    if isinstance(kind, pl.Enum):
        present = set(seen.unique())
        return [name for name in kind.categories if name in present]
    return seen.drop_nulls().unique().sort().to_list()


def _labels(participant: pl.Series) -> npt.NDArray[Any]:
    """Numbers that tell participants apart."""
    return (
        participant.to_numpy() if participant.dtype.is_numeric() else factor_codes(participant)[0]
    )


def _numbers(column: pl.Series) -> Floats:
    if not column.dtype.is_numeric():
        raise UnusableInputError(f"column {column.name!r} holds no numbers")
    return column.cast(pl.Float64).to_numpy()


def _positions(time: pl.Series) -> tuple[Integers, Floats]:
    if not time.dtype.is_numeric():
        raise UnusableInputError(
            f"column {time.name!r} is no time, so distances between visits are not known",
            remedy="name a numeric column as position",
        )
    places, codes = np.unique(time.cast(pl.Float64).to_numpy(), return_inverse=True)
    return codes, places
