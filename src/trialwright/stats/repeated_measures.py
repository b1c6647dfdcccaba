"""The mixed model for repeated measures of one trial, with an unstructured covariance.

The same model as `trialwright.stats.mmrm`, which has more of everything and is compiled, so that
thousands of simulated trials are quick and the first one is not. This one is plain array algebra
over the patterns of attended visits: it needs nothing but NumPy, and agrees with the other.

Kenward MG, Roger JH. Small sample inference for fixed effects from restricted maximum likelihood.
Biometrics 1997;53:983-997.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from scipy import special

from trialwright.errors import UnusableInputError
from trialwright.stats.design import Design, complete_records, factor_codes, refuse_collinear
from trialwright.stats.ls_means import ls_mean_weights
from trialwright.stats.results import Estimate, Floats, Integers

STEPS: Final = 100
REACHED: Final = 1e-12
"""Twice the rise of the likelihood that the next step promises, below which the fit is done."""


@dataclass(frozen=True, slots=True)
class RepeatedMeasures:
    """A fitted model.

    Attributes:
        design: the formula on the records that were analyzed.
        visit: the column of visits.
        coefficients: shape (p,).
        model_covariance: of the coefficients, as if the covariance among visits were known.
        covariance: the same with Kenward and Roger's adjustment, shape (p, p).
        slopes: of `model_covariance` along each element of the covariance, shape (r, p, p).
        element_covariance: of the elements' estimates, shape (r, r).
        visit_covariance: among visits, shape (m, m).
        records, participants: how many were analyzed.
        steps: that the fit took.
    """

    design: Design
    visit: str
    coefficients: Floats
    model_covariance: Floats
    covariance: Floats
    slopes: Floats
    element_covariance: Floats
    visit_covariance: Floats
    records: int
    participants: int
    steps: int

    def combinations(self, rows: Floats, level: float = 0.95) -> list[Estimate]:
        """Estimate, t interval and test of each row of weights, shape (k, p)."""
        estimates = rows @ self.coefficients
        errors = np.sqrt(np.einsum("kp,pq,kq->k", rows, self.covariance, rows))
        variances = np.einsum("kp,pq,kq->k", rows, self.model_covariance, rows)
        along = np.einsum("kp,rpq,kq->kr", rows, self.slopes, rows) / variances[:, None]
        free = 2 / np.einsum("kr,rs,ks->k", along, self.element_covariance, along)
        half = special.stdtrit(free, (1 + level) / 2) * errors
        p_values = 2 * special.stdtr(free, -np.abs(estimates / errors))
        return [
            Estimate(
                estimate=float(estimates[k]),
                standard_error=float(errors[k]),
                lower=float(estimates[k] - half[k]),
                upper=float(estimates[k] + half[k]),
                statistic=float(estimates[k] / errors[k]),
                degrees_of_freedom=float(free[k]),
                p_value=float(p_values[k]),
                level=level,
                counts={"records": self.records, "participants": self.participants},
            )
            for k in range(len(rows))
        ]

    def ls_means(
        self, arm: str, *, weights: str = "equal", level: float = 0.95
    ) -> dict[tuple[str, ...], Estimate]:
        """Least-squares means by arm and visit; see `ls_mean_weights`."""
        names, rows = ls_mean_weights(self.design, [arm, self.visit], weights=weights)
        return dict(zip(names, self.combinations(rows, level), strict=True))

    def differences(self, arm: str, *, level: float = 0.95) -> dict[tuple[str, ...], Estimate]:
        """Each arm minus the first one at each visit, by arm and visit."""
        names, rows = ls_mean_weights(self.design, [arm, self.visit])
        first = self.design.levels[arm][0]
        at = dict(zip(names, rows, strict=True))
        others = [(name, visit) for name, visit in names if name != first]
        weights = [at[name, visit] - at[first, visit] for name, visit in others]
        apart = np.reshape(weights, (len(others), rows.shape[1]))
        return dict(zip(others, self.combinations(apart, level), strict=True))


def repeated_measures(
    frame: pl.DataFrame,
    formula: str,
    *,
    participant: str,
    visit: str,
    levels: Mapping[str, Sequence[Any]],
) -> RepeatedMeasures:
    """Fit the model by restricted maximum likelihood to the complete records of a table.

    Args:
        frame: one record a row: a participant at a visit.
        formula: such as 'change ~ baseline*visit + arm*visit', with the visit as a factor.
        participant, visit: columns that say whose record it is, and of which visit.
        levels: of factors, the reference first; of the visit, those that have records.

    Raises:
        UnusableInputError: if the design is collinear, nobody has records of two of the visits, the
            response is fitted exactly, or no maximum is found.

    Example:
        >>> table = pl.DataFrame({
        ...     "who": [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6], "week": [4, 8] * 6,
        ...     "arm": ["placebo"] * 6 + ["il2"] * 6,
        ...     "change": [-1.0, -2, 0, -3, -2, -1, -4, -6, -3, -5, -2, -7]})
        >>> fit = repeated_measures(table, "change ~ arm*week", participant="who", visit="week",
        ...                         levels={"arm": ["placebo", "il2"], "week": [4, 8]})
        >>> round(fit.differences("arm")["il2", "8"].estimate, 6)
        -4.0
    """
    if visit not in levels:
        raise UnusableInputError(f"the levels of the visit {visit!r} are not given")
    records = complete_records(frame, formula, levels=levels, needed=[participant, visit])
    used = frame.filter(pl.Series(records.used))
    who = factor_codes(used[participant])[0]
    visits = factor_codes(used[visit], levels[visit])[0]
    x, y = records.design.matrix(), records.response
    if len(y) <= x.shape[1]:
        raise UnusableInputError(f"{len(y)} records are too few for {x.shape[1]} coefficients")
    refuse_collinear(x, records.design.names)
    # What least squares leaves, in units of its spread, is fitted: far from zero digits are lost.
    first = np.linalg.lstsq(x, y, rcond=None)[0]
    left = y - x @ first
    scale = float(np.sqrt(np.mean(left**2)))
    if scale <= 1e-10 * float(np.abs(y).max()):
        raise UnusableInputError("the response is fitted without error")
    residuals = left / scale
    data = _patterns(x, residuals, who, visits, len(levels[visit]))
    start = np.diag([float(np.mean(residuals[visits == k] ** 2)) for k in range(data.visits)])
    point, information, steps = _maximum(data, _Point(data, start))
    weights = _inverse(information)
    missed = point.missed_variance(weights)
    return RepeatedMeasures(
        design=records.design,
        visit=visit,
        coefficients=first + scale * point.coefficients,
        model_covariance=scale**2 * point.phi,
        covariance=scale**2 * (point.phi + 2 * point.phi @ missed @ point.phi),
        slopes=scale**2 * point.phi @ point.first()[:, :-1, :-1] @ point.phi,
        element_covariance=weights,
        visit_covariance=scale**2 * point.sigma,
        records=len(y),
        participants=int(who.max()) + 1,
        steps=steps,
    )


@dataclass(frozen=True, slots=True)
class _Pattern:
    """The participants who have records of the same visits.

    `products` are the sums over participants of the design's and the response's cross-products for
    each pair of visits, shape (v, v, p + 1, p + 1).
    """

    seen: Integers
    count: int
    products: Floats


@dataclass(frozen=True, slots=True)
class _Data:
    """The patterns and their products, one pair of visits a row, shape (pairs, (p + 1) ** 2).

    `elements` are those of the covariance, shape (r, m, m) of zeros and ones.
    """

    patterns: tuple[_Pattern, ...]
    products: Floats
    elements: Floats
    visits: int


def _patterns(x: Floats, y: Floats, who: Integers, visits: Integers, m: int) -> _Data:
    order = np.lexsort((visits, who))
    values = np.column_stack([x, y])[order]
    present = np.zeros((int(who.max()) + 1, m), dtype=bool)
    present[who, visits] = True
    if present.sum() != len(y):
        raise UnusableInputError("a participant has two records of a visit")
    met = present.T.astype(float) @ present
    if (met == 0).any():
        raise UnusableInputError("nobody has records of two of the visits")
    kinds, kind_of = np.unique(present, axis=0, return_inverse=True)
    owner = kind_of.ravel()[who[order]]
    patterns = []
    for kind, seen in enumerate(kinds):
        rows = values[owner == kind].reshape(-1, int(seen.sum()), values.shape[1])
        products = np.einsum("iap,ibq->abpq", rows, rows, optimize=True)
        patterns.append(_Pattern(np.flatnonzero(seen), len(rows), products))
    pairs = [(a, b) for a in range(m) for b in range(a + 1)]
    elements = np.zeros((len(pairs), m, m))
    for row, (a, b) in enumerate(pairs):
        elements[row, a, b] = elements[row, b, a] = 1
    flat = np.vstack([each.products.reshape(-1, values.shape[1] ** 2) for each in patterns])
    return _Data(tuple(patterns), flat, elements, m)


class _Point:
    """The restricted likelihood at a covariance among visits, with what its slopes are made of."""

    def __init__(self, data: _Data, sigma: Floats) -> None:
        self.data, self.sigma = data, sigma
        self._inverses = [
            _inverse(sigma[np.ix_(pattern.seen, pattern.seen)]) for pattern in data.patterns
        ]
        weighed = self._weighed([inverse[None] for inverse in self._inverses])[0]
        self.phi = _inverse(weighed[:-1, :-1])
        self.coefficients: Floats = self.phi @ weighed[:-1, -1]
        #: of (design, response) columns, the combination that is the residual
        self._residual = np.append(-self.coefficients, 1.0)
        logs = sum(
            p.count * np.linalg.slogdet(sigma[np.ix_(p.seen, p.seen)])[1] for p in data.patterns
        )
        rest = float(self._residual @ weighed @ self._residual)
        self.value = -0.5 * (float(logs) - np.linalg.slogdet(self.phi)[1] + rest)

    def _weighed(self, weights: Sequence[Floats]) -> Floats:
        """The sum over records of weights times cross-products, for stacks of weights."""
        width = self.data.patterns[0].products.shape[-1]
        flat = np.hstack([weight.reshape(len(weight), -1) for weight in weights])
        total: Floats = (flat @ self.data.products).reshape(-1, width, width)
        return total

    def slopes(self) -> tuple[Floats, Floats, Floats]:
        """The score, the expected and the observed information of the elements of `sigma`."""
        rest = self._residual
        number = len(self.data.elements)
        score, expected, squares = np.zeros(number), *np.zeros((2, number, number))
        for pattern, half, whole in self._by_pattern():
            spread = np.einsum("abpq,pq->ab", pattern.products[..., :-1, :-1], self.phi)
            square = rest @ pattern.products @ rest
            second = _second(half, whole).reshape(number, number, -1)
            score += (whole.reshape(number, -1) @ (square + spread).ravel()) / 2
            score -= pattern.count * np.trace(half, axis1=1, axis2=2) / 2
            expected += pattern.count * np.einsum("rab,sba->rs", half, half) / 2
            expected -= second @ spread.ravel()
            squares += second @ square.ravel()
        first = self.first()
        shared = (self.phi @ first[:, :-1, :-1]).reshape(number, -1)
        turned = (first[:, :-1, :-1] @ self.phi).reshape(number, -1)
        expected += shared @ turned.T / 2
        pulls = (first @ rest)[:, :-1]
        return score, expected, squares - pulls @ self.phi @ pulls.T - expected

    def first(self) -> Floats:
        """X'V⁻¹GV⁻¹X for each element G, with the response as the last column of X."""
        return self._weighed([whole for _, _, whole in self._by_pattern()])

    def missed_variance(self, weights: Floats) -> Floats:
        """Half of what Kenward and Roger add, before it is put between two `phi`.

        Args:
            weights: the covariance of the elements' estimates, shape (r, r).
        """
        seconds = [
            np.tensordot(weights.ravel(), _second(half, whole), axes=1)[None]
            for _, half, whole in self._by_pattern()
        ]
        first = self.first()[:, :-1, :-1]
        mixed = np.tensordot(weights, first, axes=1) @ self.phi @ first
        missed: Floats = self._weighed(seconds)[0, :-1, :-1] - mixed.sum(axis=0)
        return missed

    def _by_pattern(self) -> Iterator[tuple[_Pattern, Floats, Floats]]:
        """Each pattern with V⁻¹G and V⁻¹GV⁻¹ for all elements, shape (r, v, v)."""
        for pattern, inverse in zip(self.data.patterns, self._inverses, strict=True):
            own = self.data.elements[:, pattern.seen[:, None], pattern.seen[None, :]]
            half = inverse @ own
            yield pattern, half, half @ inverse


def _inverse(matrix: Floats) -> Floats:
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def _second(half: Floats, whole: Floats) -> Floats:
    """V⁻¹GV⁻¹HV⁻¹ for all pairs of elements, shape (r r, v, v)."""
    pairs: Floats = half[:, None] @ whole[None]
    return pairs.reshape(-1, *half.shape[1:])


def _maximum(data: _Data, point: _Point) -> tuple[_Point, Floats, int]:
    """Newton's steps, of expected information where the observed one does not lead upwards."""
    for step in range(STEPS):
        score, expected, observed = point.slopes()
        along, promise = _step(score, observed)
        if promise < REACHED and along is not None:
            return point, observed, step
        if along is None:
            along, promise = _step(score, expected)
        if along is None:
            raise UnusableInputError("these data do not determine the covariance among visits")
        point = _climbed(data, point, along)
    raise UnusableInputError(f"the fit did not converge in {STEPS} steps")


def _step(score: Floats, information: Floats) -> tuple[Floats | None, float]:
    """The step and what it promises; None if the information is not positive definite."""
    try:
        np.linalg.cholesky(information)
    except np.linalg.LinAlgError:
        return None, np.inf
    along = np.asarray(np.linalg.solve(information, score), dtype=np.float64)
    return along, float(score @ along)


def _climbed(data: _Data, point: _Point, along: Floats) -> _Point:
    """The first of ever shorter steps at which the likelihood is no less.

    A step that leaves less than a tenth of the way to the edge, where a covariance has no inverse,
    is too long: from there the slopes lead nowhere.
    """
    least = np.linalg.eigvalsh(point.sigma)[0] / 10
    change = np.einsum("r,rab->ab", along, data.elements)
    for halving in range(40):
        sigma = point.sigma + change / 2**halving
        if np.linalg.eigvalsh(sigma)[0] > least:
            found = _Point(data, sigma)
            if found.value >= point.value - 1e-10 * abs(point.value):
                return found
    raise UnusableInputError("the likelihood has no maximum among covariances of these visits")
