"""Estimates at the doses and their covariance: what MCP-Mod starts from."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.results import Floats, Integers


@dataclass(frozen=True, slots=True, eq=False)
class DoseEstimates:
    """Estimates at k doses.

    Attributes:
        estimates: shape (..., k): means, adjusted means or logits.
        unscaled_covariance: shape (k, k).
        scale: shape (...): what to multiply the covariance with: the residual variances, or one.
        degrees_of_freedom: of the residual variance; infinity if there is none.
        counts: shape (k,): participants at each dose.
    """

    estimates: Floats
    unscaled_covariance: Floats
    scale: Floats
    degrees_of_freedom: float
    counts: Integers

    @property
    def covariance(self) -> Floats:
        """The covariance of the estimates, shape (..., k, k)."""
        return self.unscaled_covariance * self.scale[..., None, None]


def normal_estimates(
    responses: npt.ArrayLike, dose_index: npt.ArrayLike, covariates: npt.ArrayLike | None = None
) -> DoseEstimates:
    """Fit a normal linear model with a mean per dose.

    Args:
        responses: shape (..., n): any number of trials with the same participants and doses.
        dose_index: shape (n,): 0 for the lowest dose, 1 for the next, and so on.
        covariates: shape (n,) or (n, c): adjusted for; estimates are at their means.

    Raises:
        UnusableInputError: a dose without participants, missing values, no residual degrees of
            freedom, or covariates that are confounded with the doses.

    >>> normal_estimates([1.0, 3.0, 4.0, 8.0], [0, 0, 1, 1]).estimates.round(6).tolist()
    [2.0, 6.0]
    """
    outcome = np.asarray(responses, dtype=float)
    index, counts = _dose_counts(dose_index, outcome.shape[-1] if outcome.ndim else 0)
    if not np.all(np.isfinite(outcome)):
        raise UnusableInputError("A response is missing", remedy="Leave out its participant.")
    design = (index[:, None] == np.arange(counts.size)).astype(float)
    if covariates is not None:
        adjusting = np.asarray(covariates, dtype=float)
        if adjusting.ndim not in {1, 2} or len(adjusting) != len(index):
            raise UnusableInputError("Every participant needs each covariate")
        adjusting = adjusting.reshape(len(index), -1)
        design = np.hstack([design, adjusting - adjusting.mean(axis=0)])
    if not np.all(np.isfinite(design)) or np.linalg.matrix_rank(design) < design.shape[1]:
        raise UnusableInputError("A covariate is missing, constant or confounded with the doses")
    degrees = len(index) - design.shape[1]
    if degrees < 1:
        raise UnusableInputError("As many parameters as participants: no residual variance")
    orthogonal, triangular = np.linalg.qr(design)
    scores = outcome @ orthogonal
    root = np.linalg.inv(triangular)[: counts.size]
    residual = np.square(outcome - scores @ orthogonal.T).sum(axis=-1) / degrees
    if np.any(residual <= 1e-24 * np.square(outcome).mean(axis=-1)):
        raise UnusableInputError("The responses do not vary within doses")
    return DoseEstimates(scores @ root.T, root @ root.T, np.asarray(residual), degrees, counts)


def logit_estimates(events: npt.ArrayLike, totals: npt.ArrayLike) -> DoseEstimates:
    """Give the logits of response rates, as an unadjusted logistic regression does.

    Args:
        events: shape (k,): responders at each dose.
        totals: shape (k,): participants.

    Raises:
        UnusableInputError: a dose where nobody or everybody responded, whose logit is infinite.

    >>> logit_estimates([10, 20], [40, 40]).estimates.round(4).tolist()
    [-1.0986, 0.0]
    """
    responders, participants = np.asarray(events, dtype=float), np.asarray(totals, dtype=float)
    if responders.ndim != 1 or responders.shape != participants.shape:
        raise UnusableInputError("Events and totals must hold one count per dose")
    if not np.all((responders > 0) & (responders < participants)):
        raise UnusableInputError(
            "Nobody or everybody responded at a dose: its logit is infinite",
            remedy="Estimate the logits by Firth's penalized likelihood instead.",
        )
    rate = responders / participants
    return DoseEstimates(
        np.log(rate / (1 - rate)),
        np.diag(1 / (participants * rate * (1 - rate))),
        np.ones(()),
        np.inf,
        participants.astype(np.int64),
    )


def _dose_counts(dose_index: npt.ArrayLike, participants: int) -> tuple[Integers, Integers]:
    index = np.asarray(dose_index)
    if index.shape != (participants,) or participants == 0 or index.dtype.kind not in "iu":
        raise UnusableInputError("Every response needs the index of its dose")
    if index.min() < 0:
        raise UnusableInputError("A dose index cannot be negative")
    counts = np.bincount(index)
    if counts.size < 2 or np.any(counts == 0):
        raise UnusableInputError("Every dose needs participants, and there must be two doses")
    return index.astype(np.int64), counts.astype(np.int64)
