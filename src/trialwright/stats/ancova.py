"""Analysis of covariance: arms compared at one time, adjusted for baseline covariates.

Robust errors: MacKinnon JG, White H. Some heteroskedasticity-consistent covariance matrix
estimators with improved finite sample properties. Journal of Econometrics 1985;29:305-325.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.stats.design import Design, complete_records, refuse_collinear
from trialwright.stats.f_tests import FTest
from trialwright.stats.formulas import Formula, Term
from trialwright.stats.ls_means import ls_mean_weights
from trialwright.stats.results import Coefficients, Estimate, Floats

ERRORS = ("model", "HC0", "HC1", "HC2", "HC3")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearModel:
    """A least-squares fit.

    Attributes:
        design: the formula on the records that were analyzed.
        coefficients: with the covariance that `errors` asked for, and residual degrees of freedom.
        errors: 'model', or 'HC0' to 'HC3' for robust errors.
        residual_deviation: square root of the residual mean square.
        r_squared: share of the variation about the mean that the model explains; None if the
            outcome is constant.
        residuals: shape (n,).
    """

    design: Design
    coefficients: Coefficients
    errors: str
    residual_deviation: float
    r_squared: float | None
    residuals: Floats

    def ls_means(
        self,
        factor: str,
        *,
        weights: str = "equal",
        at: Mapping[str, float] | None = None,
        level: float = 0.95,
    ) -> dict[str, Estimate]:
        """The least-squares mean of each level of a factor; see `ls_mean_weights`."""
        names, rows = ls_mean_weights(self.design, [factor], weights=weights, at=at)
        return {
            name: self.coefficients.combination(row, level)
            for (name,), row in zip(names, rows, strict=True)
        }

    def differences(
        self,
        factor: str,
        *,
        weights: str = "equal",
        at: Mapping[str, float] | None = None,
        level: float = 0.95,
    ) -> dict[str, Estimate]:
        """Each other level of a factor minus its first, as differences of least-squares means."""
        names, rows = ls_mean_weights(self.design, [factor], weights=weights, at=at)
        return {
            name: self.coefficients.combination(row - rows[0], level)
            for (name,), row in zip(names[1:], rows[1:], strict=True)
        }

    def type_3(self) -> dict[str, FTest]:
        """A test of each term given all others, by name ('arm:week' for an interaction).

        It is the marginal test under sum-to-zero coding, so a main effect beside its interaction
        means the effect averaged over the levels of the other factor.
        """
        weights = type_3_weights(self.design)
        return {":".join(term): self.joint(rows) for term, rows in weights.items()}

    def joint(self, rows: Floats) -> FTest:
        """The F test that all combinations `rows`, shape (k, p), are zero."""
        effects = rows @ self.coefficients.estimates
        spread = rows @ self.coefficients.covariance @ rows.T
        exact = self.residual_deviation == 0.0
        return FTest(
            statistic=None
            if exact
            else float(effects @ np.linalg.solve(spread, effects)) / len(rows),
            numerator=float(len(rows)),
            denominator=float(self.coefficients.degrees_of_freedom or 0),
            counts=self.coefficients.counts,
            notes=self.coefficients.notes,
        )


def type_3_weights(design: Design) -> dict[Term, Floats]:
    """For each term but the constant, the combinations of coefficients that type III tests.

    Coded with sum-to-zero contrasts, a term's own columns span its type III hypothesis. The
    indicator of one of L levels is 1/L plus a sum-to-zero contrast, so a product of indicators is a
    sum over the terms inside it. Rows are combined so that each has a single one among the term's
    own coefficients: F tests with Satterthwaite degrees of freedom depend on that choice.

    Returns:
        By term, shape (columns of the term, p).

    Raises:
        UnusableInputError: if an interaction stands without the terms inside it.
    """
    owner = np.array(design.term_of_column)
    codes = [_codes(design, term) for term in design.terms]
    place = {frozenset(term): k for k, term in enumerate(design.terms)}
    change = np.zeros((len(owner), len(owner)))
    for k, term in enumerate(design.terms):
        own = np.flatnonzero(owner == k)
        for inside in _inside(design, term):
            j = place.get(inside)
            if j is None or len(own) != math.prod(len(design.levels[f]) - 1 for f in codes[k]):
                raise UnusableInputError(
                    "type III tests need the intercept, and every main effect of an interaction",
                    remedy="write 'arm*week' instead of 'arm:week'",
                )
            block = np.ones((int((owner == j).sum()), len(own)))
            for factor, level in codes[k].items():
                share = 1 / len(design.levels[factor])
                kept = factor in inside
                block *= (codes[j][factor][:, None] == level + 1) - share if kept else share
            change[np.ix_(owner == j, own)] = block
    return {
        term: np.linalg.solve(change[np.ix_(owner == k, owner == k)], change[owner == k])
        for k, term in enumerate(design.terms)
        if term
    }


def _codes(design: Design, term: Term) -> dict[str, npt.NDArray[np.int64]]:
    """Each factor's contrast, from 0, in each column of a term; the first factor runs fastest."""
    factors = [name for name in term if name in design.levels]
    sizes = [len(design.levels[name]) - 1 for name in factors]
    found = np.unravel_index(np.arange(math.prod(sizes)), sizes, order="F") if sizes else ()
    return dict(zip(factors, found, strict=True))


def _inside(design: Design, term: Term) -> Iterator[frozenset[str]]:
    """The term, and what is left of it without some of its factors."""
    factors = [name for name in term if name in design.levels]
    for count in range(len(factors) + 1):
        for gone in combinations(factors, count):
            yield frozenset(term) - set(gone)


def fit_linear(
    frame: pl.DataFrame,
    formula: str | Formula,
    *,
    levels: Mapping[str, Sequence[str]] | None = None,
    errors: str = "model",
) -> LinearModel:
    """Fit a linear model to the complete records of a table.

    Args:
        frame: one record a row.
        formula: such as 'change ~ arm + baseline + region'; text columns are factors.
        levels: levels of factors, reference first; a numeric column named here becomes a factor.
        errors: 'model', or robust: 'HC0', 'HC1', 'HC2', 'HC3'.

    Raises:
        UnusableInputError: if columns are missing or collinear, or too few records are complete.
    """
    if errors not in ERRORS:
        raise UnusableInputError(
            f"{errors!r} are no standard errors", remedy=f"choose among {', '.join(ERRORS)}"
        )
    records = complete_records(frame, formula, levels=levels)
    design, outcome = records.design, records.response
    names = design.names
    free = len(outcome) - len(names)
    if free < 1:
        raise UnusableInputError(
            f"{len(outcome)} complete records are too few for {len(names)} coefficients",
            remedy="take covariates out of the model",
        )
    x = design.matrix()
    refuse_collinear(x, names)
    q, r = np.linalg.qr(x)
    estimates = np.linalg.solve(r, q.T @ outcome)
    residuals = outcome - x @ estimates
    about_mean = float(((outcome - outcome.mean() * (() in design.terms)) ** 2).sum())
    exact = float(residuals @ residuals) <= 1e-26 * float(outcome @ outcome)
    residuals = np.zeros_like(residuals) if exact else residuals
    squares = float(residuals @ residuals)
    bread = np.linalg.inv(r.T @ r)
    return LinearModel(
        design=design,
        coefficients=Coefficients(
            terms=names,
            estimates=estimates,
            covariance=_covariance(x, residuals, bread, (q**2).sum(axis=1), errors),
            degrees_of_freedom=float(free),
            counts={"records": len(x), "left out": int((~records.used).sum())},
            notes=("the outcome is fitted without error",) if exact else (),
        ),
        errors=errors,
        residual_deviation=float(np.sqrt(squares / free)),
        r_squared=1 - squares / about_mean if about_mean > 0 else None,
        residuals=residuals,
    )


def ancova(
    response: npt.ArrayLike,
    arm: Sequence[str] | npt.NDArray[np.generic] | pl.Series,
    covariates: Mapping[str, pl.Series | npt.ArrayLike] | None = None,
    *,
    arms: Sequence[str] | None = None,
    errors: str = "model",
) -> LinearModel:
    """Compare arms by `response ~ arm + covariates`; `.differences('arm')` has the contrasts.

    Args:
        response: shape (n,), not-a-number where missing.
        arm: each participant's arm, shape (n,).
        covariates: by name (a Python identifier), shape (n,); text is a factor, numbers enter
            linearly. A participant with a missing covariate is left out and counted.
        arms: the arms, reference first; those present in order if not given.
        errors: 'model', or robust: 'HC0', 'HC1', 'HC2', 'HC3'.

    Raises:
        UnusableInputError: as for `fit_linear`.

    Example:
        >>> change = [-4.0, -6.0, -2.0, -1.0, -3.0, 0.0]
        >>> fit = ancova(change, ["il2", "il2", "il2", "placebo", "placebo", "placebo"],
        ...              {"baseline": [8, 12, 9, 8, 11, 9]}, arms=["placebo", "il2"])
        >>> round(fit.differences("arm")["il2"].estimate, 3)
        -2.425
    """
    given: dict[str, Any] = {"response": np.asarray(response, dtype=np.float64), "arm": arm}
    try:
        frame = pl.DataFrame(given | dict(covariates or {}), strict=False)
    except pl.exceptions.ShapeError as error:
        raise UnusableInputError("response, arm and covariates differ in length") from error
    terms = ((), ("arm",), *((name,) for name in covariates or {}))
    order = {} if arms is None else {"arm": arms}
    model = Formula(response="response", terms=terms, factors=frozenset({"arm"}))
    return fit_linear(frame, model, levels=order, errors=errors)


def _covariance(x: Floats, residuals: Floats, bread: Floats, leverage: Floats, kind: str) -> Floats:
    """Of the coefficients, shape (p, p); `bread` is the inverse of x'x."""
    n, p = x.shape
    if kind == "model":
        return np.asarray(bread * (residuals @ residuals) / (n - p))
    if kind in ("HC2", "HC3") and (leverage > 1 - 1e-10).any():
        raise UnusableInputError(
            f"{kind} errors are not defined: one record alone determines a coefficient",
            remedy="use HC1, or take the sparse factor out of the model",
        )
    squares = residuals**2
    if kind == "HC1":
        squares = squares * n / (n - p)
    elif kind == "HC2":
        squares = squares / (1 - leverage)
    elif kind == "HC3":
        squares = squares / (1 - leverage) ** 2
    return np.asarray(bread @ (x.T * squares) @ x @ bread)
