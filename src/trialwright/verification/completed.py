"""Completed data sets of a case, each analyzed by the same formula, and pooled; also shifted."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.stats.ancova import fit_linear
from trialwright.stats.formulas import parse_formula
from trialwright.stats.missing.delta import tipping_delta
from trialwright.stats.missing.pooling import PooledEstimate, pool, pooled_wald_test
from trialwright.stats.results import Floats
from trialwright.verification.cases import Case
from trialwright.verification.columns import (
    ARMS,
    PARTICIPANTS,
    column_named,
    kept_rows,
    listed,
)
from trialwright.verification.levels import confidence_level
from trialwright.verification.models import levels_of
from trialwright.verification.sampling import pooled_figures
from trialwright.verification.terms import same_term

Show = Callable[[PooledEstimate], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Analyses:
    """The coefficients of every completed data set.

    Attributes:
        terms: p names.
        estimates: shape (m, p).
        covariances: shape (m, p, p).
        free: residual degrees of freedom.
        level: of the intervals.
    """

    terms: tuple[str, ...]
    estimates: Floats
    covariances: Floats
    free: float
    level: float

    def pooled(self, k: int) -> PooledEstimate:
        """One coefficient."""
        return pool(
            self.estimates[:, k],
            self.covariances[:, k, k],
            complete_degrees_of_freedom=self.free,
            level=self.level,
        )


def analyses(
    case: Case, formula: str, tables: Sequence[pl.DataFrame], outcomes: Floats
) -> Analyses:
    """Least squares of every data set.

    Args:
        case: the names of terms that it expects tell how factors are coded.
        formula: of the analysis; its response is not read from the tables.
        tables: one participant a row; one for each data set, or one for all.
        outcomes: shape (m, n).
    """
    parsed = parse_formula(formula)
    found = levels_of(case, parsed, tables[0])
    levels = {name: [str(each) for each in own] for name, own in found.items()}
    any_response = pl.Series("_response", np.arange(outcomes.shape[1]) % 7 + outcomes[0])
    model = replace(parsed, response="_response")
    fits = [fit_linear(table.with_columns(any_response), model, levels=levels) for table in tables]
    designs = [fit.design.matrix() for fit in fits]
    if any(len(x) != outcomes.shape[1] for x in designs):
        raise UnusableInputError("a covariate of the analysis is missing", where=case.id)
    x = np.array(designs)
    turned = x.transpose(0, 2, 1)
    inverse = np.linalg.inv(turned @ x)
    estimates = (inverse @ turned @ outcomes[:, :, None])[:, :, 0]
    free = float(x.shape[1] - x.shape[2])
    rest = outcomes - (x @ estimates[:, :, None])[:, :, 0]
    covariances = (rest**2).sum(axis=1)[:, None, None] / free * inverse
    return Analyses(
        fits[0].coefficients.terms, estimates, covariances, free, confidence_level(case)
    )


def pooled_terms(case: Case, found: Analyses, show: Show = pooled_figures) -> dict[str, Any]:
    """Each term pooled, and the joint tests that are expected, such as 'D1_arm'."""
    rows = [
        {"term": term, **show(found.pooled(k)), "dfcom": found.free}
        for k, term in enumerate(found.terms)
    ]
    tests = {}
    for key in case.expect:
        if match := re.fullmatch(r"D1_(\w+)", key):
            own = [k for k, term in enumerate(found.terms) if term.split("[")[0] == match[1]]
            tests[key] = _joint(found.estimates[:, own], found.covariances[:, own][:, :, own])
    return {"pooled": rows, "coef": rows, **tests}


def _joint(estimates: Floats, covariances: Floats) -> dict[str, Any]:
    test = pooled_wald_test(estimates, covariances)
    m, k = estimates.shape
    between = np.atleast_2d(np.cov(estimates, rowvar=False))
    trace = float(np.trace(np.linalg.solve(covariances.mean(axis=0), between)))
    return {
        "F": test.statistic,
        "df1": test.numerator,
        "df2": test.denominator,
        "r1": (1 + 1 / m) * trace / k,
        "p": test.p_value,
    }


def completed_models(case: Case) -> dict[str, Any]:
    """Completed data sets stacked in the data, told apart by the column `imputation`."""
    tables, outcomes, _ = _stacked(case)
    return pooled_terms(case, analyses(case, _formula(case), tables, outcomes))


def _formula(case: Case) -> str:
    """Of the analysis of each data set."""
    return str(case.first("formula", "analysis") or case.setting("formula"))


def _stacked(case: Case) -> tuple[list[pl.DataFrame], Floats, pl.DataFrame]:
    """The data sets, or one if their covariates agree; outcomes of each; what was missing."""
    formula = _formula(case)
    data, response = kept_rows(case, case.table()), parse_formula(formula).response
    names = [str(case.spec.get("imputation", "imputation")), ".imp", "imp", "_mult"]
    column = column_named(names, data, case.id)
    column_named([response], data, case.id)
    data = data.filter(pl.col(column).cast(pl.Int64) > 0)  # mice counts the incomplete one as 0
    who = [name for name in data.columns if name.lower() in PARTICIPANTS][:1]
    if who and not data.select(column, *who).is_duplicated().any():
        data = data.sort(who, maintain_order=True)  # data sets may be written in other orders
    parts = data.partition_by(column, maintain_order=True)
    if len({part.height for part in parts}) != 1:
        raise UnusableInputError("completed data sets differ in their numbers of rows")
    if data[response].null_count():
        raise UnusableInputError(f"{response} is missing in a completed data set", where=case.id)
    outcomes = np.array([part[response].cast(pl.Float64).to_numpy() for part in parts])
    used = [name for name in parse_formula(formula).columns if name in data.columns]
    covariates = [part.select(used).drop(response) for part in parts]
    alike = all(covariates[0].equals(other) for other in covariates[1:])
    lost = str(case.spec.get("missing", f"{response}_missing"))
    missing = parts[0].select(lost) if lost in data.columns else pl.DataFrame()
    return parts[:1] if alike else parts, outcomes, missing


def delta_adjusted(case: Case) -> dict[str, Any]:
    """Imputed values shifted, by every expected row's `delta` and `delta_reference`, and pooled.

    The setting `arm` names the arm that is shifted and compared (the last one if absent) with the
    first of the others or `reference`; `delta` is one shift, whose figures stand alone.
    """
    tables, outcomes, missing = _stacked(case)
    table = tables[0]
    if not missing.width:
        raise UnusableInputError("no column says what was imputed", where=case.id,
                                 remedy="name it in the setting 'missing'")  # fmt: skip
    lost = missing.to_series().cast(pl.Float64).to_numpy() > 0
    column = column_named(ARMS, table, case.id)
    labels = table[column].cast(pl.String).to_numpy()
    arms = listed(case.spec.get("arms", [])) or [
        str(each) for each in table[column].unique().sort().to_list()
    ]
    reference = str(case.spec.get("reference", arms[0]))
    reference = reference if reference in arms else arms[0]
    active = str(case.spec.get("arm", next(arm for arm in reversed(arms) if arm != reference)))
    formula = _formula(case)

    def at(row: Mapping[str, Any]) -> dict[str, Any]:
        shift = np.zeros(len(labels))
        shift[lost & (labels == active)] = float(row["delta"])
        shift[lost & (labels == reference)] = float(row.get("delta_reference", 0.0))
        found = analyses(case, formula, tables, outcomes + shift)
        named = [k for k, t in enumerate(found.terms) if same_term(f"{column}{active}", t)]
        if not named:
            raise UnusableInputError(
                f"arm {active} has no term", remedy="name the other arm in the setting 'reference'"
            )
        shown = pooled_figures(found.pooled(named[0]))
        return {**{key: row[key] for key in row if key not in shown}, **shown}

    def tipping() -> float | None:
        names = [n for n in parse_formula(formula).variables if n != column]
        if set(arms) != {active, reference}:
            raise UnusableInputError("a tipping point is sought between two arms", where=case.id)
        if len(tables) > 1:
            raise UnusableInputError("a tipping point needs the same covariates in every data set")
        return tipping_delta(
            outcomes, lost, labels == active, table.select(names).to_numpy(),
            bound=float(case.setting("bound")), level=confidence_level(case),
        ).delta  # fmt: skip

    figures: dict[str, Any] = {"tipping_point": tipping}
    if isinstance(case.spec.get("delta"), int | float):
        figures |= at(case.spec)
    for key, rows in case.expect.items():
        if _rows_of_shifts(rows):
            figures[key] = [at(row) for row in rows]
    return figures


def _rows_of_shifts(rows: Any) -> bool:
    return isinstance(rows, Sequence) and all(isinstance(r, Mapping) and "delta" in r for r in rows)
