"""Longitudinal outcomes imputed by their conditional mean, at random or after the reference arm.

Each missing value becomes what a mixed model expects of it, given the participant's observed ones.
After an intercurrent event the model's mean is exchanged for one made from the reference arm. The
uncertainty comes from leaving out participants one by one: nothing is random.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.missing.last_visit import Flags, arm_flags, comparison_matrix
from trialwright.stats.missing.posterior import refuse_unattended
from trialwright.stats.mmrm import fit_mmrm
from trialwright.stats.results import Coefficients, Estimate, Floats, Integers

STRATEGIES: Final[Mapping[str, str]] = {
    "MAR": "missing at random: the own arm's mean throughout",
    "JR": "jump to reference: the reference arm's mean from the event on",
    "CR": "copy reference: the reference arm's mean throughout",
    "CIR": "copy increments: from the event on, changes as in the reference arm",
    "LMCF": "last mean carried forward: from the event on, the own arm's last mean",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceBased:
    """A comparison at the last visit after imputation.

    Attributes:
        difference: active minus reference, adjusted for the covariates.
        reference_mean, active_mean: at the covariates' means.
        imputed: the outcomes with missing ones filled in, shape (n, visits).
        strategy: the assumption about what came after the event.
    """

    difference: Estimate
    reference_mean: Estimate
    active_mean: Estimate
    imputed: Floats
    strategy: str


def reference_based_imputation(
    outcomes: npt.ArrayLike,
    active: npt.ArrayLike,
    covariates: npt.ArrayLike,
    *,
    strategy: str = "MAR",
    by_visit: npt.ArrayLike | None = None,
    event_visit: npt.ArrayLike | None = None,
    adjust_for: npt.ArrayLike | None = None,
    own_covariances: bool = False,
    visit: int = -1,
    level: float = 0.95,
) -> ReferenceBased:
    """Impute by the conditional mean, compare two arms at a visit, and jackknife.

    The imputation model has a mean for each arm and visit and an unstructured covariance, by REML;
    the comparison is an analysis of covariance at the last visit, or at `visit`.

    Args:
        outcomes: shape (n, visits), not-a-number where missing.
        active: whether in the active arm, shape (n,).
        covariates: complete, shape (n, c).
        strategy: 'MAR', 'JR', 'CR', 'CIR' or 'LMCF'. Missing values before the event are taken as
            missing at random, except that 'CR' copies the reference arm's mean there as well.
            Participants of the reference arm follow their own arm.
        by_visit: which covariates have an effect of their own at each visit, shape (c,); none if
            not given.
        event_visit: position of the first visit after each participant's intercurrent event, shape
            (n,), as many as visits for none; the first one after the last observed if not given.
            What was observed from then on is kept in the comparison and tells of the missing
            values of the same participant. Under a strategy other than 'MAR' the model is fitted
            without it, in both arms, since it would mix the means before and after an event.
        adjust_for: complete covariates of the comparison, shape (n, k); those of the imputation if
            not given.
        own_covariances: whether each arm has a covariance of its own; else they share one.
        visit: position of the visit at which the arms are compared.
        level: of the intervals.

    Returns:
        Normal intervals and tests, with the jackknife's standard errors. If the event comes before
        the first visit, copy increments is copy reference, and last mean carried forward keeps the
        own arm's mean at the first visit.

    Raises:
        UnusableInputError: if shapes differ, a covariate is missing, an arm is neither true nor
            false or has a visit that nobody attended, the strategy is unknown, a position is no
            visit's, or `fit_mmrm` cannot determine the model, with or without one participant.

    References:
        Wolbers M, et al. Standard and reference-based conditional mean imputation. Pharmaceutical
        Statistics 2022;21:1246-1257. Carpenter JR, Roger JH, Kenward MG. Analysis of longitudinal
        trials with protocol deviation. Journal of Biopharmaceutical Statistics 2013;23:1352-1371.

    Example:
        >>> import numpy as np
        >>> rng = np.random.default_rng(1)
        >>> arm = np.arange(40) % 2 == 1
        >>> outcomes = rng.normal(size=(40, 3)).cumsum(axis=1) - np.outer(arm, [0.5, 1, 2])
        >>> outcomes[1:12:2, 2] = np.nan
        >>> found = reference_based_imputation(outcomes, arm, outcomes[:, :0], strategy="JR")
        >>> round(found.difference.estimate, 4), round(found.difference.standard_error, 4)
        (-1.5625, 0.4504)
    """
    y, arm, x, crossed, event = checked_inputs(
        outcomes, active, covariates, strategy, by_visit, event_visit, visit
    )
    adjusted = checked_adjustment(adjust_for, x)

    def estimates(rows: Flags) -> tuple[Floats, Floats]:
        filled = _imputed(
            y[rows], arm[rows], x[rows], crossed, event[rows], strategy, own_covariances
        )
        return _compared(filled[:, visit], arm[rows], adjusted[rows]), filled

    everyone = np.ones(len(y), dtype=bool)
    found, filled = estimates(everyone)
    n = len(y)
    left = np.empty((n, len(found)))
    for k in range(n):
        try:
            left[k] = estimates(np.arange(n) != k)[0]
        except UnusableInputError as error:
            raise UnusableInputError(
                f"the jackknife fails without the participant in row {k}: {error.what}",
                remedy="join arms, or leave out a visit or covariate that hangs on one participant",
            ) from error
    about = left - left.mean(axis=0)
    compared = Coefficients(
        terms=("difference", "reference", "active"),
        estimates=found,
        covariance=(n - 1) / n * about.T @ about,
        counts={"participants": n, "imputed at the visit": int(np.isnan(y[:, visit]).sum())},
        notes=(STRATEGIES[strategy], "errors by the jackknife over participants"),
    )
    return ReferenceBased(
        difference=compared.of("difference", level),
        reference_mean=compared.of("reference", level),
        active_mean=compared.of("active", level),
        imputed=filled,
        strategy=strategy,
    )


def checked_inputs(
    outcomes: npt.ArrayLike, active: npt.ArrayLike, covariates: npt.ArrayLike, strategy: str,
    by_visit: npt.ArrayLike | None, event_visit: npt.ArrayLike | None, visit: int,
) -> tuple[Floats, Flags, Floats, Flags, Integers]:  # fmt: skip
    """Outcomes, arms, covariates, which act by visit, and visits of events, fit for imputation."""
    y, x = np.asarray(outcomes, dtype=np.float64), np.asarray(covariates, dtype=np.float64)
    arm = arm_flags(active)
    if y.ndim != 2 or x.ndim != 2 or not len(y) == len(x) == len(arm):
        raise UnusableInputError("outcomes, arms and covariates differ in length")
    if not np.isfinite(x).all():
        raise UnusableInputError("a covariate is missing", remedy="impute it, or leave it out")
    if strategy not in STRATEGIES:
        raise UnusableInputError(
            f"there is no strategy {strategy!r}", remedy=f"use one of {', '.join(STRATEGIES)}"
        )
    crossed = np.zeros(x.shape[1], bool) if by_visit is None else np.asarray(by_visit).astype(bool)
    at = np.asarray(after_last_observed(y) if event_visit is None else event_visit, np.float64)
    if crossed.shape != (x.shape[1],) or at.shape != (len(y),):
        raise UnusableInputError("covariates by visit, or visits of events, differ in length")
    m = y.shape[1]
    if not ((at >= 0) & (at == np.floor(at))).all():
        raise UnusableInputError(
            "the visit of an event is not a position from zero on",
            remedy=f"give {m} to participants without an event",
        )
    event = np.minimum(at, m).astype(np.int64)
    told = fitted_outcomes(y, event, strategy)
    refuse_unattended(told, {"the reference arm": ~arm, "the active arm": arm})
    if not -m <= visit < m:
        raise UnusableInputError(f"there is no visit at position {visit}: there are {m}")
    return y, arm, x, crossed, event


def checked_adjustment(adjust_for: npt.ArrayLike | None, x: Floats) -> Floats:
    """The covariates of the comparison: those given, else those of the imputation."""
    if adjust_for is None:
        return x
    adjusted = np.asarray(adjust_for, dtype=np.float64)
    if adjusted.ndim != 2 or len(adjusted) != len(x) or not np.isfinite(adjusted).all():
        raise UnusableInputError("covariates of the comparison are missing, or differ in length")
    return adjusted


def after_last_observed(y: Floats) -> Integers:
    """The visit after the last observed one."""
    seen = ~np.isnan(y)
    last = y.shape[1] - np.argmax(seen[:, ::-1], axis=1)
    return np.where(seen.any(axis=1), last, 0)


def fitted_outcomes(y: Floats, event: Integers, strategy: str) -> Floats:
    """What the imputation model is fitted to: under 'MAR' all, else what came before the event."""
    after = (np.arange(y.shape[1]) >= event[:, None]) & (strategy != "MAR")
    return np.asarray(np.where(after, np.nan, y))


def imputation_columns(arm: Flags, x: Floats, crossed: Flags, m: int) -> Floats:
    """The imputation model's columns, shape (n, visits, p)."""
    visit = np.eye(m)
    n = len(arm)
    parts = [np.broadcast_to(visit, (n, m, m)), arm[:, None, None] * visit]
    parts += [x[:, k, None, None] * visit for k in np.flatnonzero(crossed)]
    parts += [np.broadcast_to(x[:, k, None, None], (n, m, 1)) for k in np.flatnonzero(~crossed)]
    return np.concatenate(parts, axis=2).astype(np.float64)


def _imputed(
    y: Floats, arm: Flags, x: Floats, crossed: Flags,
    event: Integers, strategy: str, own_covariances: bool,
) -> Floats:  # fmt: skip
    """The outcomes completed, participants alike in visits, arm and event together."""
    n, m = y.shape
    seen = ~np.isnan(y)
    columns = imputation_columns(arm, x, crossed, m)
    fitted = ~np.isnan(fitted_outcomes(y, event, strategy))
    who, visit = np.nonzero(fitted)
    group = arm[who].astype(np.int64) if own_covariances else None
    fit = fit_mmrm(y[fitted], columns[fitted], who, visit, group=group)
    if not fit.converged:
        raise UnusableInputError("the imputation model did not converge")
    reference_sigma, active_sigma = fit.visit_covariance[[0, -1]]
    own = columns @ fit.coefficients
    reference = imputation_columns(np.zeros(n, dtype=bool), x, crossed, m) @ fit.coefficients
    mean = strategy_mean(own, reference, event, strategy)
    filled = y.copy()
    kinds = np.column_stack([seen, arm, event])
    for kind in np.unique(kinds[~seen.all(axis=1)], axis=0):
        rows, pattern = (kinds == kind).all(axis=1), kind[:m] == 1
        gap = ~pattern
        sigma = reference_sigma
        if kind[m]:
            sigma = strategy_covariance(active_sigma, reference_sigma, int(kind[-1]), strategy)
        pull = np.linalg.solve(sigma[np.ix_(pattern, pattern)], sigma[np.ix_(pattern, gap)])
        about = y[np.ix_(rows, pattern)] - mean[np.ix_(rows, pattern)]
        filled[np.ix_(rows, gap)] = mean[np.ix_(rows, gap)] + about @ pull
    return filled


def strategy_covariance(own: Floats, reference: Floats, event: int, strategy: str) -> Floats:
    """The covariance from which missing values are imputed, shape (m, m) as the arms'.

    Where the mean jumps, visits before the event vary as in the own arm, and later ones given them
    as in the reference arm (Carpenter, Roger & Kenward 2013).
    """
    if event >= len(own) or strategy in ("MAR", "LMCF"):
        return own
    if strategy == "CR":
        return reference
    pull = np.linalg.solve(reference[:event, :event], reference[:event, event:])
    made = np.empty_like(own)
    made[:event, :event] = own[:event, :event]
    made[:event, event:] = own[:event, :event] @ pull
    made[event:, :event] = made[:event, event:].T
    less = reference[:event, :event] - own[:event, :event]
    made[event:, event:] = reference[event:, event:] - pull.T @ less @ pull
    return made


def strategy_mean(own: Floats, reference: Floats, event: Integers, strategy: str) -> Floats:
    """The mean from which missing values are imputed, shape (..., n, visits) as the arms' means."""
    n, m = own.shape[-2:]
    after = np.arange(m) >= event[:, None]
    had_event = (event < m)[:, None]
    before = (..., np.arange(n), np.maximum(event - 1, 0))
    if strategy == "JR":
        return np.where(after, reference, own)
    if strategy == "CR":
        return np.where(had_event, reference, own)
    if strategy == "CIR":
        gained = np.where(event > 0, own[before] - reference[before], 0.0)
        return np.where(after, reference + gained[..., None], own)
    if strategy == "LMCF":
        return np.where(after, own[before][..., None], own)
    return own


def _compared(last: Floats, arm: Flags, x: Floats) -> Floats:
    """Difference, and the two arms' means at the covariates' means."""
    beta = np.linalg.lstsq(comparison_matrix(arm, x), last, rcond=None)[0]
    return np.array([beta[1], beta[0], beta[0] + beta[1]])
