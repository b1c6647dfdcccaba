"""Counts whose rates differ between participants, by negative binomial regression (NB2).

A count's variance is mu + alpha mu²; theta = 1 / alpha is the shape of the gamma law of rates.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import digamma, gammaln, polygamma

from trialwright.errors import UnusableInputError
from trialwright.stats.counts.design import checked_counts
from trialwright.stats.counts.poisson import maximize_poisson, poisson_regression
from trialwright.stats.results import Coefficients, Floats

MOST_STEPS = 200
CONVERGED = 1e-11
LARGEST_LOG_THETA = 16.0  # beyond, counts vary as Poisson ones
ERRORS = ("full", "theta-fixed")


@dataclass(frozen=True, slots=True, kw_only=True)
class NegativeBinomialFit(Coefficients):
    """A fitted negative binomial regression; exponentials of its coefficients are rate ratios.

    Attributes:
        alpha: the variance of the rates relative to their squared mean; zero if the counts vary no
            more than Poisson ones.
        theta: 1 / alpha; infinite if that is zero.
        theta_error: standard error of theta with the coefficients held fixed, as R's MASS has it;
            None if alpha is zero.
        log_alpha_error: standard error of log alpha from the full information; None likewise.
        largest_slope: of the log likelihood at the estimates, by coefficients and log theta.
    """

    log_likelihood: float
    alpha: float
    theta: float
    theta_error: float | None
    log_alpha_error: float | None
    largest_slope: float


def negative_binomial_regression(
    response: npt.ArrayLike,
    matrix: npt.ArrayLike,
    terms: Sequence[str],
    *,
    offset: npt.ArrayLike | None = None,
    errors: str = "full",
) -> NegativeBinomialFit:
    """Negative binomial regression with log link by maximum likelihood.

    Args:
        response: counts, shape (n,).
        matrix: shape (n, p), with an intercept column if one is wanted.
        terms: p names.
        offset: shape (n,), the logarithm of the exposure. Its unit changes only the intercept.
        errors: 'full' inverts the observed information of coefficients and theta together;
            'theta-fixed' takes theta as known, as R's MASS::glm.nb does.

    Returns:
        The fit. If the likelihood is largest without overdispersion, it is the Poisson fit with
        alpha zero, and a note says so.

    Raises:
        UnusableInputError: as `checked_counts`; or if the likelihood cannot be maximized.

    Programs:
        R's glmmTMB 1.1.5 stops within 4e-6 of the maximum in the trial of the oracles.

    References:
        Lawless JF. Negative binomial and mixed Poisson regression. Canadian Journal of Statistics
        1987;15:209-225.

    Example:
        >>> counts, arm = [0, 1, 7, 2, 0, 3, 9, 1], [0, 0, 0, 0, 1, 1, 1, 1]
        >>> fit = negative_binomial_regression(counts, [[1, a] for a in arm], ["1", "arm"])
        >>> f"{fit.of('arm').estimate:.4f} ({fit.of('arm').standard_error:.4f}) {fit.theta:.3f}"
        '0.2624 (0.8302) 0.976'
    """
    if errors not in ERRORS:
        raise UnusableInputError(f"there are no errors {errors!r}", remedy=f"use one of {ERRORS}")
    y, x, names, shift = checked_counts(response, matrix, terms, offset)
    beta, fitted = maximize_poisson(y, x, shift)
    start = _moment_log_theta(y, fitted)
    found = None if start is None else _maximize(y, x, shift, np.append(beta, start))
    counts = {"records": len(y), "events": int(y.sum())}
    if found is None:
        alone = poisson_regression(y, x, names, offset=shift)
        return NegativeBinomialFit(
            terms=names, estimates=alone.estimates, covariance=alone.covariance,
            log_likelihood=alone.log_likelihood, alpha=0.0, theta=float("inf"), theta_error=None,
            log_alpha_error=None, largest_slope=float(np.abs(x.T @ (y - alone.fitted)).max()),
            counts=counts, notes=("the counts vary no more than Poisson ones: Poisson regression",),
        )  # fmt: skip
    value, slope, information = _curves(y, x, shift, found)
    theta = float(np.exp(found[-1]))
    whole = np.asarray(np.linalg.inv(information), dtype=np.float64)
    fitted = np.exp(x @ found[:-1] + shift)
    weights = fitted * theta / (theta + fitted)
    known = np.asarray(np.linalg.inv((x * weights[:, None]).T @ x), dtype=np.float64)
    # The information of log theta is theta² times that of theta, where the slope is zero.
    return NegativeBinomialFit(
        terms=names,
        estimates=found[:-1],
        covariance=whole[:-1, :-1] if errors == "full" else known,
        log_likelihood=value,
        alpha=1 / theta,
        theta=theta,
        theta_error=float(theta / np.sqrt(information[-1, -1])),
        log_alpha_error=float(np.sqrt(whole[-1, -1])),
        largest_slope=float(np.abs(slope).max()),
        counts=counts,
        notes=() if errors == "full" else ("errors take theta as known",),
    )


def _moment_log_theta(y: Floats, fitted: Floats) -> float | None:
    """From the excess of squared residuals; None if the likelihood falls as alpha leaves zero."""
    excess = float(((y - fitted) ** 2 - y).sum())
    if excess <= 0:
        return None
    return float(np.clip(np.log((fitted**2).sum() / excess), -4, 6))


def _maximize(y: Floats, x: Floats, shift: Floats, at: Floats) -> Floats | None:
    """Coefficients and log theta at the maximum; None if theta grows without bound."""
    value, slope, information = _curves(y, x, shift, at)
    for _ in range(MOST_STEPS):
        roots, axes = np.linalg.eigh(information)
        # Away from the maximum the curvature may be that of a saddle: its size still scales.
        step = axes @ ((axes.T @ slope) / np.maximum(np.abs(roots), 1e-10))
        step *= min(1.0, 3.0 / float(np.abs(step).max()))
        size = 1.0
        while size > 1e-10:
            nearby = _curves(y, x, shift, at + size * step)
            if nearby[0] >= value - 1e-12 * abs(value):
                break
            size /= 2
        at = at + size * step
        gain = float(slope @ step)
        value, slope, information = nearby
        if at[-1] > LARGEST_LOG_THETA:
            return None
        hidden = size < 1 and gain <= CONVERGED * (1 + abs(value))  # by rounding, at a large theta
        if hidden or float(np.abs(step).max()) <= CONVERGED * (1 + float(np.abs(at).max())):
            return at
    raise UnusableInputError("the negative binomial likelihood could not be maximized")


def _curves(y: Floats, x: Floats, shift: Floats, at: Floats) -> tuple[float, Floats, Floats]:
    """Log likelihood, slope and observed information by coefficients and log theta."""
    theta = float(np.exp(at[-1]))
    mu = np.exp(np.clip(x @ at[:-1] + shift, -50, 50))
    total = theta + mu
    value = (
        gammaln(y + theta) - gammaln(theta) - gammaln(y + 1)
        + theta * np.log(theta / total) + y * np.log(mu / total)
    ).sum()  # fmt: skip
    by_linear = (y - mu) * theta / total
    by_theta = digamma(y + theta) - digamma(theta) + np.log(theta / total) + 1 - (y + theta) / total
    slope_theta = theta * float(by_theta.sum())
    curve_theta = theta**2 * float(
        (
            polygamma(1, y + theta) - polygamma(1, theta)
            + 1 / theta - 2 / total + (y + theta) / total**2
        ).sum()
    )  # fmt: skip
    cross = theta * (x.T @ ((y - mu) * mu / total**2))
    p = x.shape[1]
    information = np.empty((p + 1, p + 1))
    information[:p, :p] = (x * (mu * theta * (theta + y) / total**2)[:, None]).T @ x
    information[p, :p] = information[:p, p] = -cross
    information[p, p] = -(curve_theta + slope_theta)
    return float(value), np.append(x.T @ by_linear, slope_theta), information
