"""Marginal risks of each arm from a logistic model: standardization over the participants."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import expit
from scipy.stats import norm

from trialwright.errors import UnusableInputError
from trialwright.stats.logistic.design import label_codes
from trialwright.stats.logistic.likelihood import logistic_regression
from trialwright.stats.proportions.tables import normal_quantile
from trialwright.stats.results import Estimate, Floats, Integers, refuse_not_a_number

VARIANCES = ("model", "HC0", "HC3", "ye")
SCHEMES = ("simple", "permuted-block", "minimization")


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardizedRisks:
    """The risk of each arm, had all participants been in it.

    Attributes:
        risks: shape (arms,).
        covariance: shape (arms, arms).
        counts: participants used.
        notes: what a reader must know.
    """

    risks: Floats
    covariance: Floats
    counts: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        refuse_not_a_number(self)

    def risk(self, arm: int, *, level: float = 0.95) -> Estimate:
        """The risk of one arm."""
        weights = np.zeros(len(self.risks))
        weights[arm] = 1
        return self._contrast(float(self.risks[arm]), weights, level)

    def difference(self, arm: int, control: int = 0, *, level: float = 0.95) -> Estimate:
        """Risk of an arm minus risk of the control arm."""
        weights = self._gradient(arm, control, 1.0, 1.0)
        return self._contrast(float(self.risks[arm] - self.risks[control]), weights, level)

    def log_risk_ratio(self, arm: int, control: int = 0, *, level: float = 0.95) -> Estimate:
        """Logarithm of the ratio of an arm's risk to the control arm's."""
        p1, p0 = (float(value) for value in self.risks[[arm, control]])
        weights = self._gradient(arm, control, 1 / p1, 1 / p0)
        return self._contrast(math.log(p1 / p0), weights, level)

    def log_odds_ratio(self, arm: int, control: int = 0, *, level: float = 0.95) -> Estimate:
        """Logarithm of the marginal odds ratio of an arm to the control arm."""
        p1, p0 = (float(value) for value in self.risks[[arm, control]])
        weights = self._gradient(arm, control, 1 / (p1 * (1 - p1)), 1 / (p0 * (1 - p0)))
        return self._contrast(math.log(p1 / (1 - p1)) - math.log(p0 / (1 - p0)), weights, level)

    def _gradient(self, arm: int, control: int, active: float, other: float) -> Floats:
        weights = np.zeros(len(self.risks))
        weights[arm] += active
        weights[control] -= other
        return weights

    def _contrast(self, estimate: float, weights: Floats, level: float) -> Estimate:
        error = math.sqrt(max(float(weights @ self.covariance @ weights), 0.0))
        reach = normal_quantile(level) * error
        statistic = estimate / error if error > 0 else None
        return Estimate(
            estimate=estimate,
            standard_error=error,
            lower=estimate - reach,
            upper=estimate + reach,
            level=level,
            statistic=statistic,
            p_value=None if statistic is None else float(2 * norm.sf(abs(statistic))),
            counts=self.counts,
            notes=self.notes,
        )


def standardized_risks(
    response: npt.ArrayLike,
    arm: npt.ArrayLike,
    counterfactual: npt.ArrayLike,
    terms: Sequence[str],
    *,
    variance: str = "ye",
    scheme: str = "simple",
    strata: npt.ArrayLike | None = None,
) -> StandardizedRisks:
    """Standardized risks of all arms from a logistic regression fitted by maximum likelihood.

    Args:
        response: shape (n,), 0 or 1.
        arm: shape (n,), the arm of each participant as 0 … arms − 1.
        counterfactual: shape (arms, n, p): the model matrix, were everyone in arm a. The row that a
            participant had is that of the own arm.
        terms: p names.
        variance: 'model', 'HC0' or 'HC3': delta method from that covariance of the coefficients,
            the participants' covariates taken as fixed; 'ye': robust to a wrong model, covariates
            random.
        scheme: for 'ye', how participants were randomized: 'simple', 'permuted-block' within
            `strata` (the variance loses what balance removes), or 'minimization' (Pocock and
            Simon: risks are first corrected for each stratum's mean residual).
        strata: shape (n,), the strata that the scheme balances.

    Raises:
        UnusableInputError: if shapes differ, an arm or a stratum of an arm has too few
            participants, the scheme or variance is unknown, or the regression can't be fitted.

    References:
        Ge et al. 2011, Drug Information Journal 45:481 (delta method); Ye, Bannick, Yi & Shao 2023,
        Statistical Theory and Related Fields 7:159 (variance); Bannick et al. 2025, Biometrika
        (schemes); agrees with R's beeca 0.2.0 and RobinCar2 0.2.3.

    Example:
        >>> import numpy as np
        >>> arm = np.repeat([0, 1], 20)
        >>> response = np.r_[np.repeat([0, 1], [14, 6]), np.repeat([0, 1], [9, 11])]
        >>> matrices = [[[1, a]] * 40 for a in (0, 1)]
        >>> result = standardized_risks(response, arm, matrices, ["1", "arm"]).difference(1)
        >>> f"{result.estimate:.3f} ({result.lower:.3f} to {result.upper:.3f})"
        '0.250 (-0.054 to 0.554)'
    """
    matrices = np.asarray(counterfactual, dtype=np.float64)
    which = np.asarray(arm)
    if matrices.ndim != 3 or which.shape != matrices.shape[1:2]:
        raise UnusableInputError("counterfactual matrices have the shape (arms, n, p)")
    if not np.isin(which, np.arange(len(matrices))).all():
        raise UnusableInputError(f"arms are numbered 0 to {len(matrices) - 1}")
    which = which.astype(np.int64)
    if np.bincount(which, minlength=len(matrices)).min() < 2:
        raise UnusableInputError("each arm needs at least two participants")
    if variance not in VARIANCES or scheme not in SCHEMES:
        raise UnusableInputError(f"there is no variance {variance!r} with scheme {scheme!r}")
    actual = matrices[which, np.arange(len(which))]
    fit = logistic_regression(response, actual, terms)
    y = np.asarray(response, dtype=np.float64)
    predicted = expit(matrices @ fit.estimates)
    if variance != "ye":
        gradient = ((predicted * (1 - predicted))[:, :, np.newaxis] * matrices).mean(axis=1)
        covariance = coefficient_covariance(y, actual, fit.fitted, variance)
        spread = gradient @ covariance @ gradient.T
    else:
        labels = _labels(strata, len(y), scheme)
        if scheme == "minimization":
            predicted = predicted + _stratum_residuals(y, which, predicted, labels)[:, labels]
        spread = _ye(y, which, predicted)
        if scheme == "permuted-block":
            spread = spread - _balanced(y, which, predicted, labels)
    return StandardizedRisks(
        risks=predicted.mean(axis=1),
        covariance=spread,
        counts=dict(fit.counts),
    )


def coefficient_covariance(y: Floats, x: Floats, fitted: Floats, kind: str) -> Floats:
    """Covariance of logistic coefficients: 'model', 'HC0', or 'HC3' (MacKinnon & White 1985)."""
    weights = fitted * (1 - fitted)
    information = (x * weights[:, np.newaxis]).T @ x
    bread = np.asarray(np.linalg.inv(information), dtype=np.float64)
    if kind == "model":
        return bread
    residual = y - fitted
    if kind == "HC3":
        residual = residual / (1 - weights * np.einsum("ij,jk,ik->i", x, bread, x))
    meat = x * residual[:, np.newaxis]
    return np.asarray(bread @ (meat.T @ meat) @ bread)


def _labels(strata: npt.ArrayLike | None, n: int, scheme: str) -> Integers:
    if strata is None:
        if scheme != "simple":
            raise UnusableInputError(f"the scheme {scheme} needs its strata")
        return np.zeros(n, dtype=np.int64)
    return label_codes(strata, n, "strata")


def _ye(y: Floats, arm: Integers, predicted: Floats) -> Floats:
    """Covariance of the risks under simple randomization, equations of Ye et al."""
    arms, n = predicted.shape
    share = np.bincount(arm, minlength=arms) / n
    everyone = np.atleast_2d(np.cov(predicted))
    within = np.empty((arms, arms))  # of the responses of arm a with the predictions for arm b
    own = np.empty(arms)
    for a in range(arms):
        seen = arm == a
        joint = np.cov(y[seen], predicted[:, seen])
        own[a], within[a] = joint[0, 0], joint[0, 1:]
    cross = within + within.T - everyone
    same = np.diag(within)
    cross[np.diag_indices(arms)] = (own - 2 * same + np.diag(everyone)) / share
    cross[np.diag_indices(arms)] += 2 * same - np.diag(everyone)
    return np.asarray(cross / n)


def _stratum_residuals(y: Floats, arm: Integers, predicted: Floats, labels: Integers) -> Floats:
    """Mean residual of each arm in each stratum, shape (arms, strata)."""
    arms, strata = len(predicted), int(labels.max()) + 1
    means = np.empty((arms, strata))
    for a in range(arms):
        for s in range(strata):
            seen = (arm == a) & (labels == s)
            if not seen.any():
                raise UnusableInputError(f"stratum {s} has no participant of arm {a}")
            means[a, s] = (y - predicted[a])[seen].mean()
    return means


def _balanced(y: Floats, arm: Integers, predicted: Floats, labels: Integers) -> Floats:
    """What balance of the arms within strata takes off the covariance."""
    n = len(y)
    share = np.bincount(arm, minlength=len(predicted)) / n
    scaled = _stratum_residuals(y, arm, predicted, labels) / share[:, np.newaxis]
    weight = np.bincount(labels) / n
    simple = np.diag(share) - np.outer(share, share)
    return np.asarray((scaled * weight) @ scaled.T * simple / n)
