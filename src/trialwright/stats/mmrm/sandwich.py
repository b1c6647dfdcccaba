"""Covariance of the coefficients from the participants' own residuals, and its degrees of freedom.

'empirical' takes residuals as they are (CR0), 'bias-reduced' and 'jackknife' inflate them by the
participants' leverage (CR2 and CR3), with the residuals made independent by the lower Cholesky
factor of the inverse covariance, as in R's mmrm.

Liang KY, Zeger SL. Longitudinal data analysis using generalized linear models. Biometrika
1986;73:13-22. Bell RM, McCaffrey DF. Bias reduction in standard errors for linear regression with
multi-stage samples. Survey Methodology 2002;28:169-181.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from trialwright.errors import UnusableInputError
from trialwright.stats.mmrm.fit import Fit
from trialwright.stats.results import Floats, Integers

SANDWICHES: Final = ("empirical", "jackknife", "bias-reduced")


@dataclass(frozen=True, slots=True)
class Sandwich:
    """A robust covariance with what its degrees of freedom need.

    Attributes:
        covariance: of the coefficients, shape (p, p).
        phi: the model's, on the scale of the fit, shape (p, p).
        independent: the design made independent, shape (n, p).
        inflated: the same times each participant's leverage factor, shape (n, p).
        start: where each participant's records start, shape (N + 1,).
    """

    covariance: Floats
    phi: Floats
    independent: Floats
    inflated: Floats
    start: Integers

    def degrees_of_freedom(self, rows: Floats) -> Floats:
        """Bell and McCaffrey's, of each combination of coefficients; `rows` of shape (k, p)."""
        along = self.phi @ rows.T
        own = self.inflated @ along  # shape (n, k)
        size = np.add.reduceat(own**2, self.start[:-1], axis=0)
        out = np.empty(len(rows))
        for k in range(len(rows)):
            pulled = np.add.reduceat(self.independent * own[:, k, None], self.start[:-1], axis=0)
            turned = pulled @ self.phi
            diagonal = size[:, k] - np.einsum("np,np->n", turned, pulled)
            crossed = pulled.T @ turned
            overlap = np.einsum("pq,qp->", crossed, crossed)
            squares = overlap + (size[:, k] ** 2).sum()
            squares -= 2 * (size[:, k] * (size[:, k] - diagonal)).sum()
            out[k] = diagonal.sum() ** 2 / squares
        return out


def sandwich(fit: Fit, kind: str) -> Sandwich:
    """The sandwich of that kind.

    Raises:
        UnusableInputError: if the kind is unknown, or the jackknife would leave out a participant
            who alone determines a coefficient.
    """
    if kind not in SANDWICHES:
        raise UnusableInputError(
            f"{kind!r} is no sandwich covariance", remedy=f"choose among {', '.join(SANDWICHES)}"
        )
    data, phi = fit.likelihood.data, fit.point.phi
    independent, inflated = np.empty_like(fit.design), np.empty_like(fit.design)
    scores = np.empty((fit.participants, fit.design.shape[1]))
    for pattern in range(len(data.size)):
        members = np.flatnonzero(data.pattern_of == pattern)
        visits = data.seen_start[pattern + 1] - data.seen_start[pattern]
        block = slice(data.block_start[pattern], data.block_start[pattern + 1])
        root = np.linalg.cholesky(fit.point.inverse[block].reshape(visits, visits))
        records = fit.start[members][:, None] + np.arange(visits)
        design = np.einsum("ab,nap->nbp", root, fit.design[records])
        residuals = fit.residuals[records] @ root
        factor = _leverage_factor(design, phi, kind)
        adjusted = factor @ design
        independent[records], inflated[records] = design, adjusted
        scores[members] = np.einsum("nap,na->np", adjusted, residuals)
    half = scores @ phi
    return Sandwich(fit.scale**2 * half.T @ half, phi, independent, inflated, fit.start)


def _leverage_factor(design: Floats, phi: Floats, kind: str) -> Floats:
    """(I - H)^-1, its root, or I, for each participant, shape (participants, visits, visits)."""
    visits = design.shape[1]
    if kind == "empirical":
        return np.broadcast_to(np.eye(visits), (len(design), visits, visits))
    left = np.eye(visits) - design @ phi @ design.transpose(0, 2, 1)
    values, vectors = np.linalg.eigh(left)
    tiny = values < 1e-10
    if kind == "jackknife":
        if tiny.any():
            raise UnusableInputError(
                "the jackknife is not defined: a coefficient rests on one participant",
                remedy="use 'empirical' or 'bias-reduced', or take the sparse factor out",
            )
        powers = 1 / values
    else:
        powers = np.where(tiny, 0.0, 1 / np.sqrt(np.where(tiny, 1.0, values)))
    return np.asarray((vectors * powers[:, None, :]) @ vectors.transpose(0, 2, 1))
