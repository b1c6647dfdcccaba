"""A crossover by a linear mixed model: a normal random intercept for each participant.

Participants with one period only are kept: between participants they tell of the arms as well.
Small trials need degrees of freedom, for which there are three schools.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.crossover.fixed_participants import checked_records, deviations, sums
from trialwright.stats.logistic.design import refuse_dependent
from trialwright.stats.mmrm import Fit, fit_mmrm, infer
from trialwright.stats.results import Coefficients, Estimate, Floats, Integers, refuse_not_a_number

METHODS = ("kenward-roger", "satterthwaite", "containment")
DROPPED = "the variance between participants is estimated as zero or below: it is left out"
AT_ZERO = {
    "kenward-roger": "the expected information at zero still counts it as estimated",
    "satterthwaite": "the degrees of freedom are those of the residual",
    "containment": "the degrees of freedom are counted as if it were there",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedModel:
    """A fitted random-intercept model.

    Attributes:
        terms: p names.
        estimates: shape (p,).
        covariance: of the coefficients as `method` states it, shape (p, p).
        degrees_of_freedom: of each coefficient, shape (p,).
        participant_variance: between participants; zero if it was left out.
        residual_variance: within participants.
        log_likelihood: restricted, as R's lme4 reports it.
        participants, records: how many were fitted.
        notes: what a reader must know about this result.
    """

    terms: tuple[str, ...]
    estimates: Floats
    covariance: Floats
    degrees_of_freedom: Floats
    participant_variance: float
    residual_variance: float
    log_likelihood: float
    participants: int
    records: int
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        refuse_not_a_number(self)

    @property
    def standard_errors(self) -> Floats:
        """Square roots of the diagonal of the covariance, shape (p,)."""
        return np.sqrt(np.diag(self.covariance))

    def of(self, term: str, level: float = 0.95) -> Estimate:
        """The estimate of one term with its t interval and test."""
        free = dict(zip(self.terms, self.degrees_of_freedom.tolist(), strict=True))
        return Coefficients(
            terms=self.terms,
            estimates=self.estimates,
            covariance=self.covariance,
            degrees_of_freedom=free.get(term),
            counts={"participants": self.participants, "records": self.records},
            notes=self.notes,
        ).of(term, level)


def random_intercept_model(
    response: npt.ArrayLike,
    matrix: npt.ArrayLike,
    terms: Sequence[str],
    participant: npt.ArrayLike,
    *,
    method: str = "kenward-roger",
) -> MixedModel:
    """Fit a linear model with a random intercept for each participant, by REML.

    Args:
        response: shape (n,), one value a participant and period.
        matrix: shape (n, p): intercept, treatment, period, sequence, covariates.
        terms: p names.
        participant: shape (n,), labels.
        method: 'kenward-roger' adjusts the covariance and takes the degrees of freedom from the
            expected information, as R's pbkrtest; 'satterthwaite' takes them from the observed
            information, as R's lmerTest; 'containment' counts them, as R's nlme: records within
            participants for what varies within, participants for what does not, the larger number
            for a constant.

    Returns:
        The fit. If the variance between participants is estimated as zero, that of least squares,
        and a note says so. The degrees of freedom then follow the program of each method: from the
        expected information at zero (pbkrtest), of the residual (lmerTest, which lets them jump, so
        rather use Kenward and Roger's there), or counted (nlme).

    Raises:
        UnusableInputError: if shapes differ, values are missing, columns are dependent, the method
            is unknown, nobody has two records, there is one participant only, there are fewer than
            two records more than terms, or participants' records are fitted without error.

    References:
        Kenward MG, Roger JH. Small sample inference for fixed effects from restricted maximum
        likelihood. Biometrics 1997;53:983-997. Jones B, Kenward MG. Design and Analysis of
        Cross-over Trials, 3rd edition, 2014, chapter 5.

    Example:
        >>> y = [4, 8, 6, 9, 5, 9, 9, 6, 8, 6, 10, 5]
        >>> active = [1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1]
        >>> x = [[1, a, k % 2] for k, a in enumerate(active)]
        >>> who = [k // 2 for k in range(12)]
        >>> fit = random_intercept_model([v + 3 * w for v, w in zip(y, who)], x,
        ...                              ["1", "active", "period"], who)
        >>> round(fit.of("active").estimate, 3), round(fit.of("active").degrees_of_freedom, 3)
        (-3.5, 4.0)
    """
    y, x, whose, order = _checked(response, matrix, terms, participant, method)
    fit = fit_mmrm(y, x, whose, order, covariance="cs")
    between = float(fit.visit_covariance[0, 0, 1])
    if between <= 1e-10 * fit.visit_covariance[0, 0, 0]:
        return _least_squares(y, x, tuple(terms), whose, method)
    within = float(fit.visit_covariance[0, 0, 0]) - between
    if within <= 1e-9 * between:
        raise UnusableInputError("no variance is left within participants")
    covariance, free = _uncertainty(fit, x, whose, between, within, method)
    # R's mmrm and nlme::gls count the restricted likelihood alike; so does lme4.
    return MixedModel(
        terms=tuple(terms),
        estimates=fit.coefficients,
        covariance=covariance,
        degrees_of_freedom=free,
        participant_variance=between,
        residual_variance=within,
        log_likelihood=fit.log_likelihood,
        participants=fit.participants,
        records=fit.records,
        notes=() if fit.converged else ("the fit did not converge",),
    )


def _checked(
    response: npt.ArrayLike,
    matrix: npt.ArrayLike,
    terms: Sequence[str],
    participant: npt.ArrayLike,
    method: str,
) -> tuple[Floats, Floats, Integers, Integers]:
    """Response, matrix, participants' numbers, and the position of each record among theirs."""
    y, x, whose = checked_records(response, matrix, terms, participant)
    if method not in METHODS:
        raise UnusableInputError(f"there is no method {method!r}", remedy=f"use one of {METHODS}")
    refuse_dependent(x, list(terms))
    sizes = np.bincount(whose)
    if sizes.max() < 2:
        raise UnusableInputError("nobody has two records, so nothing is known within participants")
    if len(sizes) < 2:
        raise UnusableInputError("one participant tells no variance between participants")
    if len(y) < x.shape[1] + 2:
        raise UnusableInputError("two variances need two records more than terms")
    by_person = np.argsort(whose, kind="stable")
    position = np.empty(len(y), dtype=np.int64)
    starts = np.cumsum(sizes) - sizes
    position[by_person] = np.arange(len(y)) - np.repeat(starts, sizes)
    return y, x, whose, position


def _least_squares(
    y: Floats, x: Floats, terms: tuple[str, ...], whose: Integers, method: str
) -> MixedModel:
    """The model without the random intercept."""
    n, p = x.shape
    beta = np.linalg.lstsq(x, y, rcond=None)[0]
    squares = float(((y - x @ beta) ** 2).sum())
    if n <= p or squares == 0:
        raise UnusableInputError("the response is fitted without error: no variance is left")
    bread = np.linalg.inv(x.T @ x)
    variance = squares / (n - p)
    determinant = float(np.linalg.slogdet(x.T @ x)[1])
    covariance, free = bread * variance, np.full(p, float(n - p))
    if method == "kenward-roger":
        covariance, free = _kenward_roger(x, whose, 0.0, variance)
    elif method == "containment":
        free = _containment(x, whose)
    return MixedModel(
        terms=terms,
        estimates=np.asarray(beta, dtype=np.float64),
        covariance=covariance,
        degrees_of_freedom=free,
        participant_variance=0.0,
        residual_variance=variance,
        log_likelihood=float(-0.5 * ((n - p) * (np.log(2 * np.pi * variance) + 1) + determinant)),
        participants=int(whose.max()) + 1,
        records=n,
        notes=(f"{DROPPED}; {AT_ZERO[method]}",),
    )


def _uncertainty(
    fit: Fit, x: Floats, whose: Integers, between: float, within: float, method: str
) -> tuple[Floats, Floats]:
    """Covariance and degrees of freedom of the coefficients."""
    if method == "kenward-roger":
        return _kenward_roger(x, whose, between, within)
    if method == "satterthwaite":
        inference = infer(fit, x, "satterthwaite")
        return inference.covariance, inference.degrees_of_freedom(np.eye(x.shape[1]))
    return fit.model_covariance, _containment(x, whose)


def _containment(x: Floats, whose: Integers) -> Floats:
    """Of columns that vary within some participant and of those that do not, as nlme counts them.

    A constant gets the larger number; without one, participants' means are no loss within.
    """
    people = int(whose.max()) + 1
    inner, constant = deviations(x, whose).any(axis=0), np.ptp(x, axis=0) == 0
    within = int(len(x) - people - inner.sum() + (not constant.any()))
    between = int(people - (~inner).sum())
    free = np.where(constant, max(within, between), np.where(inner, within, between))
    return np.asarray(free, dtype=np.float64)


def _kenward_roger(
    x: Floats, whose: Integers, between: float, within: float
) -> tuple[Floats, Floats]:
    """The adjusted covariance and degrees of freedom, with the expected information.

    V = between J + within I for each participant, so both derivatives are constant and powers of
    its inverse act on two spaces only: participants' means and deviations from them.
    """
    n, p = x.shape
    size = np.bincount(whose).astype(np.float64)
    means = sums(x, whose) / size[:, None]
    about = x - means[whose]
    spread = within + size * between
    products = about.T @ about

    def weighted(power: int, derivative: int) -> Floats:
        """X' V^-1 (dV V^-1)... X, with `power` inverses and `derivative` J's, the rest I's."""
        near = products / within**power if derivative == 0 else np.zeros((p, p))
        far = size ** (1 + derivative) / spread**power
        return np.asarray(near + (means * far[:, None]).T @ means)

    def traced(derivative: int) -> float:
        near = (n - len(size)) / within**2 if derivative == 0 else 0.0
        return float(near + (size**derivative / spread**2).sum())

    phi = np.linalg.inv(weighted(1, 0))
    p_of = [-weighted(2, 1), -weighted(2, 0)]
    q_of = [[weighted(3, 2 - r - s) for s in range(2)] for r in range(2)]
    information = np.empty((2, 2))
    for r in range(2):
        for s in range(2):
            information[r, s] = 0.5 * (
                traced(2 - r - s)
                - 2 * np.trace(phi @ q_of[r][s])
                + np.trace(phi @ p_of[r] @ phi @ p_of[s])
            )
    w = np.linalg.inv(information)
    inner = sum(
        w[r, s] * (q_of[r][s] - p_of[r] @ phi @ p_of[s]) for r in range(2) for s in range(2)
    )
    slopes = np.array([np.diag(phi @ each @ phi) for each in p_of])
    variance_of_variance = np.einsum("rk,rs,sk->k", slopes, w, slopes)
    return phi + 2 * phi @ inner @ phi, 2 * np.diag(phi) ** 2 / variance_of_variance
