"""Proportional hazards by Cox's partial likelihood.

Records are intervals (start, stop]; a participant may have several, so that covariates change or
events recur. Sums over those at risk are differences of running sums over sorted records: nothing
here loops over participants.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigvalsh
from scipy.stats import chi2

from trialwright.errors import UnusableInputError
from trialwright.stats.logistic.design import refuse_dependent
from trialwright.stats.results import Coefficients, Floats, Integers, TestResult
from trialwright.stats.survival.exact_ties import exact_rows
from trialwright.stats.survival.times import checked_times, numbered

TIES = ("efron", "breslow", "exact")
MOST_STEPS = 60
FLAT = 1e-10  # of a column's whole variance, what rounding leaves where it does not vary
LOST = 1e-7  # of the information at zero, what is left of it on the way to infinity
FAR = 600.0  # between log hazards of two records, likewise on the way to infinity
THIN = 1e-4  # of all who come later, what is at risk: less is no longer exact as a difference


@dataclass(frozen=True, slots=True)
class RiskSets:
    """The comparisons that a partial likelihood makes: one row for each event.

    Attributes:
        time: of the event, shape (events,).
        record: which had it, shape (events,).
        log_sum: logarithm of the sum of relative hazards it is compared with, shape (events,).
        mean: covariates expected of the one with the event, shape (events, p).
        spread: their covariance matrix, shape (events, p, p).
        weight: of the comparison, shape (events,).
        tie: share of the tied events' hazards that Efron's method takes off, shape (events,).
        stratum: shape (events,).
    """

    time: Floats
    record: Integers
    log_sum: Floats
    mean: Floats
    spread: Floats
    weight: Floats
    tie: Floats
    stratum: Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class CoxFit(Coefficients):
    """A fitted model; exponentials of its coefficients are hazard ratios.

    Attributes:
        null_log_likelihood: of all coefficients zero.
        naive_covariance: inverse of the information; equals `covariance` unless it is robust.
        score_test, likelihood_ratio_test: that all coefficients are zero.
        proportionality: the data that `proportionality_test` needs: risk sets at the estimates.
        survival_before: the survival of all records together just before each event, shape
            (events,).
    """

    log_likelihood: float
    null_log_likelihood: float
    naive_covariance: Floats
    score_test: TestResult
    likelihood_ratio_test: TestResult
    proportionality: RiskSets
    survival_before: Floats
    covariates: Floats


def cox_regression(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    matrix: npt.ArrayLike,
    terms: Sequence[str],
    *,
    start: npt.ArrayLike | None = None,
    strata: npt.ArrayLike | None = None,
    ties: str = "efron",
    cluster: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
) -> CoxFit:
    """Cox regression.

    Args:
        time: end of each record, shape (n,).
        event: whether it ended with the event, shape (n,), 0 or 1.
        matrix: shape (n, p), without an intercept.
        terms: p names.
        start: of each record, shape (n,); all from the beginning if not given.
        strata: labels, shape (n,), each with a baseline hazard of its own.
        ties: 'efron', 'breslow', or 'exact' (discrete time: all choices of the tied events).
        cluster: labels, shape (n,), such as the participant; if given, the covariance is robust
            (Lin and Wei 1989), with one term for each.
        weights: of the records, shape (n,), positive.

    Raises:
        UnusableInputError: as `checked_times`; if columns are dependent or do not vary among those
            compared, there is no event, an estimate is infinite, as when an arm has no event, or
            clusters do not outnumber terms.

    References:
        Cox DR. Regression models and life-tables. Journal of the Royal Statistical Society B
        1972;34:187-220. Efron B. The efficiency of Cox's likelihood function for censored data.
        Journal of the American Statistical Association 1977;72:557-565.

    Example:
        >>> fit = cox_regression([3, 5, 7, 9, 4, 8, 11, 12], [1, 1, 1, 0, 1, 1, 0, 0],
        ...                      [[a] for a in (0, 0, 0, 0, 1, 1, 1, 1)], ["arm"])
        >>> f"{fit.of('arm').estimate:.4f} ({fit.of('arm').standard_error:.4f})"
        '-0.7752 (0.9314)'
    """
    stop, code, begin = checked_times(time, event, start)
    x = np.asarray(matrix, dtype=np.float64)
    weight = np.ones(len(stop)) if weights is None else np.asarray(weights, dtype=np.float64)
    if x.ndim != 2 or len(x) != len(stop) or len(terms) != x.shape[1] or weight.shape != stop.shape:
        raise UnusableInputError("times, matrix, terms and weights differ in length")
    if not len(terms):
        raise UnusableInputError("there is no term, so nothing to estimate")
    if not np.isfinite(x).all() or not (weight > 0).all():
        raise UnusableInputError("a covariate is missing, or a weight not positive")
    if ties not in TIES:
        raise UnusableInputError(f"there are no ties by {ties!r}", remedy=f"use one of {TIES}")
    if ties == "exact" and not (weights is None and cluster is None):
        raise UnusableInputError(
            "exact ties allow neither weights nor robust errors", remedy="take Efron's ties"
        )
    if code.max() > 1 or not code.any():
        raise UnusableInputError("events are coded 0 or 1, and at least one is needed")
    constant = np.flatnonzero(np.ptp(x, axis=0) == 0)
    if len(constant):
        raise UnusableInputError(f"the term {terms[constant[0]]} is the same for all")
    refuse_dependent(x - x.mean(axis=0), list(terms))
    stratum, _ = numbered(strata, len(stop), "strata")
    center = x.mean(axis=0)
    data = (stop, code, begin, x - center, weight, stratum, ties)
    beta, null, first, value, information, rows = _maximize(data, terms)
    naive = np.asarray(np.linalg.inv(information), dtype=np.float64)
    covariance, counts = naive, {"records": len(stop), "events": int(code.sum())}
    if cluster is not None:
        whose, names = numbered(cluster, len(stop), "clusters")
        if len(names) <= len(terms):
            raise UnusableInputError(
                f"{len(names)} clusters are too few for robust errors of {len(terms)} terms",
                remedy="leave out terms, or take the model's errors",
            )
        residuals = score_residuals(data, beta, rows)
        sums = np.zeros((len(names), x.shape[1]))
        np.add.at(sums, whose, residuals * weight[:, None])
        covariance = naive @ (sums.T @ sums) @ naive
        counts["clusters"] = len(names)
    p = float(x.shape[1])
    return CoxFit(
        terms=tuple(terms),
        estimates=beta,
        covariance=covariance,
        naive_covariance=naive,
        log_likelihood=value,
        null_log_likelihood=null,
        score_test=_chi_square(first, p),
        likelihood_ratio_test=_chi_square(2 * (value - null), p),
        proportionality=rows,
        survival_before=_survival_before(stop, code, begin, rows.time),
        covariates=(x - center)[rows.record],
        counts=counts,
        notes=() if cluster is None else ("robust variance over clusters",),
    )


def _maximize(
    data: "Data", terms: Sequence[str]
) -> tuple[Floats, float, float, float, Floats, RiskSets]:
    """Coefficients; at zero the likelihood and score test; at the maximum its curves."""
    x = data[3]
    beta = np.zeros(x.shape[1])
    scale = x.std(axis=0)
    value, score, information, rows = curves(data, beta)
    null, at_zero = value, information
    _refuse_constant(information, rows.weight.sum() * scale**2, terms)
    first = float(score @ np.linalg.solve(information, score))
    for _ in range(MOST_STEPS):
        step = np.linalg.lstsq(information, score, rcond=None)[0]
        step = step * min(1.0, 5.0 / max(float(np.abs(step * scale).max()), 1e-300))
        while True:
            nearby = curves(data, beta + step)
            rises = value - 1e-11 * abs(value) <= nearby[0] < np.inf
            if rises or np.abs(step).max() < 1e-14:
                break
            step = step / 2
        beta = beta + step
        value, score, information, rows = nearby
        small = float(np.abs(step * scale).max()) < 1e-10 * (1 + float(np.abs(beta * scale).max()))
        lost = float(eigvalsh(information, at_zero)[0]) < LOST or np.ptp(x @ beta) > FAR
        if small or lost:
            break
    if not small or lost:
        worst = terms[int(np.argmax(np.abs(beta * scale)))]
        raise UnusableInputError(
            f"no finite estimate of {worst}: its groups have no event in common time",
            remedy="leave the term out, or use the log-rank test",
        )
    return beta, null, first, value, information, rows


def _refuse_constant(information: Floats, whole: Floats, terms: Sequence[str]) -> None:
    """Refuse a term that does not vary, or follows from the others, among those compared."""
    flat = np.flatnonzero(np.diag(information) <= FLAT * whole)
    if len(flat):
        raise UnusableInputError(
            f"the term {terms[flat[0]]} does not vary among those at risk at an event",
            remedy="leave it out; what defines strata cannot be a term as well",
        )
    refuse_dependent(information, list(terms))


def proportionality_test(fit: CoxFit, columns: Sequence[int] | None = None) -> TestResult:
    """Whether hazard ratios change with time, by a score test.

    Tested is the product of each covariate with one minus the survival of all participants just
    before (the 'km' transform of R's cox.zph).

    Args:
        fit: of `cox_regression`, with ties by Efron or Breslow.
        columns: positions of the coefficients to be tested together, such as those of an arm; all
            if not given.

    Reference:
        Grambsch PM, Therneau TM. Proportional hazards tests and diagnostics based on weighted
        residuals. Biometrika 1994;81:515-526.

    Example:
        >>> fit = cox_regression([3, 5, 7, 9, 4, 8, 11, 12], [1, 1, 1, 0, 1, 1, 0, 0],
        ...                      [[a] for a in (0, 0, 0, 0, 1, 1, 1, 1)], ["arm"])
        >>> round(proportionality_test(fit).p_value, 4)
        0.7712
    """
    rows = fit.proportionality
    chosen = np.arange(len(fit.terms)) if columns is None else np.asarray(columns, dtype=np.int64)
    by_time = (1 - fit.survival_before) - (1 - fit.survival_before).mean()
    # Efron's rows of one time share its events, so each record meets the mean of its rows.
    lead = (by_time * rows.weight) @ (fit.covariates - rows.mean)
    whole = np.einsum("e,eij->ij", rows.weight, rows.spread)
    cross = np.einsum("e,eij->ij", rows.weight * by_time, rows.spread)
    square = np.einsum("e,eij->ij", rows.weight * by_time**2, rows.spread)
    left = square - cross @ np.linalg.solve(whole, cross)
    information = left[np.ix_(chosen, chosen)]
    if np.linalg.matrix_rank(information, hermitian=True) < len(chosen):
        raise UnusableInputError("too few event times to tell whether hazard ratios change")
    statistic = float(lead[chosen] @ np.linalg.solve(information, lead[chosen]))
    return _chi_square(statistic, float(len(chosen)))


Data = tuple[Floats, Integers, Floats, Floats, Floats, Integers, str]


def curves(data: Data, beta: Floats) -> tuple[float, Floats, Floats, RiskSets]:
    """Log partial likelihood, score, information and risk sets at coefficients."""
    stop, code, begin, x, weight, stratum, ties = data
    eta = x @ beta
    parts = []
    for each in range(int(stratum.max()) + 1):
        members = np.flatnonzero(stratum == each)
        if code[members].any():
            make = exact_rows if ties == "exact" else _rows
            time, record, *rest = make(
                stop[members], code[members], begin[members], x[members], weight[members],
                eta[members], ties,
            )  # fmt: skip
            parts.append((time, members[record], *rest, np.full(len(time), each)))
    rows = RiskSets(*(np.concatenate(part) for part in zip(*parts, strict=True)))
    own = weight[rows.record]
    value = float(own @ eta[rows.record] - rows.weight @ rows.log_sum)
    score = own @ x[rows.record] - rows.weight @ rows.mean
    return value, score, np.einsum("e,eij->ij", rows.weight, rows.spread), rows


def _rows(
    stop: Floats, code: Integers, begin: Floats, x: Floats, weight: Floats, eta: Floats, ties: str
) -> tuple[Floats, Integers, Floats, Floats, Floats, Floats, Floats]:
    """The risk sets of one stratum, by running sums."""
    top = float(eta.max())
    hazard = weight * np.exp(eta - top)
    p = x.shape[1]
    sums = np.column_stack(
        [
            hazard,
            x * hazard[:, None],
            (x[:, :, None] * (x * hazard[:, None])[:, None, :]).reshape(len(x), -1),
        ]
    )
    events = np.flatnonzero(code == 1)
    events = events[np.argsort(stop[events], kind="stable")]
    times, first, size = np.unique(stop[events], return_index=True, return_counts=True)
    at_risk = _from_on(stop, sums, times)
    if np.isfinite(begin).any():
        later = at_risk
        at_risk = later - _from_on(begin, sums, times)
        for k in np.flatnonzero(at_risk[:, 0] < THIN * later[:, 0]):
            at_risk[k] = sums[(stop >= times[k]) & (begin < times[k])].sum(axis=0)
    which = np.repeat(np.arange(len(times)), size)
    order = np.arange(len(events)) - first[which]
    share = order / size[which] if ties == "efron" else np.zeros(len(events))
    tied, tied_weight = np.zeros((len(times), sums.shape[1])), np.zeros(len(times))
    np.add.at(tied, which, sums[events])
    np.add.at(tied_weight, which, weight[events])
    total = at_risk[which] - share[:, None] * tied[which]
    mean = total[:, 1 : p + 1] / total[:, :1]
    second = (total[:, p + 1 :] / total[:, :1]).reshape(-1, p, p)
    spread = second - mean[:, :, None] * mean[:, None, :]
    each = (tied_weight / size)[which]
    return times[which], events, np.log(total[:, 0]) + top, mean, spread, each, share


def _from_on(moment: Floats, sums: Floats, times: Floats) -> Floats:
    """Sums over the records whose moment is not before each time."""
    order = np.argsort(moment, kind="stable")
    running = np.vstack([np.cumsum(sums[order][::-1], axis=0)[::-1], np.zeros(sums.shape[1])])
    return np.asarray(running[np.searchsorted(moment[order], times, side="left")])


def score_residuals(data: Data, beta: Floats, rows: RiskSets) -> Floats:
    """Each record's part of the score, shape (n, p), per unit of its weight."""
    stop, code, begin, x, _, stratum, _ = data
    hazard = np.exp(x @ beta)
    inverse = rows.weight * np.exp(-rows.log_sum)
    out = np.zeros_like(x)
    for each in np.unique(rows.stratum):
        members, mine = np.flatnonzero(stratum == each), rows.stratum == each
        order = np.argsort(rows.time[mine], kind="stable")
        time, part = rows.time[mine][order], inverse[mine][order]
        mean, tie = rows.mean[mine][order], rows.tie[mine][order]
        running = np.cumsum(np.column_stack([part, part[:, None] * mean]), axis=0)
        running = np.vstack([np.zeros(running.shape[1]), running])
        until = running[np.searchsorted(time, stop[members], side="right")]
        since = running[np.searchsorted(time, begin[members], side="right")]
        exposed = until - since
        own = x[members]
        out[members] -= hazard[members, None] * (own * exposed[:, :1] - exposed[:, 1:])
        # At its own time, a record with the event meets the mean of the tied rows, and counts in
        # each only with the share that Efron's method leaves.
        moments, place, size = np.unique(time, return_inverse=True, return_counts=True)
        total = np.zeros((len(moments), mean.shape[1]))
        np.add.at(total, place, mean)
        back = np.zeros((len(moments), 1 + mean.shape[1]))
        np.add.at(back, place, np.column_stack([tie * part, (tie * part)[:, None] * mean]))
        events = members[code[members] == 1]
        at = np.searchsorted(moments, stop[events])
        out[events] += x[events] - total[at] / size[at][:, None]
        out[events] += hazard[events, None] * (x[events] * back[at, :1] - back[at, 1:])
    return out


def _survival_before(stop: Floats, code: Integers, begin: Floats, at: Floats) -> Floats:
    """The product-limit survival of all records together just before times."""
    times, deaths = np.unique(stop[code == 1], return_counts=True)
    ones = np.ones((len(stop), 1))
    risk = _from_on(stop, ones, times)[:, 0] - _from_on(begin, ones, times)[:, 0]
    survival = np.concatenate([[1.0], np.cumprod(1 - deaths / risk)])
    return np.asarray(survival[np.searchsorted(times, at, side="left")])


def _chi_square(statistic: float, free: float) -> TestResult:
    return TestResult(
        statistic=statistic, degrees_of_freedom=free, p_value=float(chi2.sf(statistic, free))
    )
