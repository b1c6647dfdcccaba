"""Crossover outcomes with a constant for each participant: only comparisons within count."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.logistic.design import label_codes, refuse_dependent
from trialwright.stats.results import Coefficients, Floats, Integers

MOST_STEPS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class WithinParticipants(Coefficients):
    """Least squares within participants.

    Attributes:
        residual_variance: the residual mean square.
    """

    residual_variance: float


def fixed_participant_model(
    response: npt.ArrayLike,
    matrix: npt.ArrayLike,
    terms: Sequence[str],
    participant: npt.ArrayLike,
) -> WithinParticipants:
    """Least squares with a constant for each participant.

    Args:
        response: shape (n,).
        matrix: shape (n, p), columns that vary within participants: treatment, period; no constant.
        terms: p names.
        participant: shape (n,), labels. One who has one record only tells nothing.

    Raises:
        UnusableInputError: if shapes differ, values are missing, a column does not vary within
            participants beside the others, or no residual or degree of freedom is left.

    Example:
        >>> x = [[1, 0], [0, 1]] * 3 + [[0, 0], [1, 1]] * 3
        >>> y = [4, 8, 6, 9, 5, 9, 9, 6, 8, 6, 10, 5]
        >>> fit = fixed_participant_model(y, x, ["active", "period"], [k // 2 for k in range(12)])
        >>> round(fit.of("active").estimate, 4), fit.degrees_of_freedom
        (-3.5, 4.0)
    """
    y, x, whose = checked_records(response, matrix, terms, participant)
    size = np.bincount(whose)
    informative = size[whose] > 1
    if not informative.any():
        raise UnusableInputError("nobody has two records, so nothing is known within participants")
    largest = float(np.abs(y).max())
    x, y = deviations(x, whose), deviations(y[:, None], whose)[:, 0]
    refuse_dependent(x, list(terms))
    free = int(len(y) - len(size) - x.shape[1])
    if free < 1:
        raise UnusableInputError("no residual degree of freedom is left within participants")
    beta = np.linalg.lstsq(x, y, rcond=None)[0]
    variance = float(((y - x @ beta) ** 2).sum() / free)
    if np.sqrt(variance) <= 1e-12 * largest:
        raise UnusableInputError(
            "the response is fitted without error: no variance is left within participants"
        )
    return WithinParticipants(
        terms=tuple(terms),
        estimates=np.asarray(beta, dtype=np.float64),
        covariance=np.asarray(np.linalg.inv(x.T @ x) * variance, dtype=np.float64),
        degrees_of_freedom=float(free),
        residual_variance=variance,
        counts={
            "participants": int((size > 1).sum()),
            "records": int(informative.sum()),
            "participants with one record": int((size == 1).sum()),
        },
    )


def conditional_poisson(
    response: npt.ArrayLike,
    matrix: npt.ArrayLike,
    terms: Sequence[str],
    participant: npt.ArrayLike,
    *,
    offset: npt.ArrayLike | None = None,
) -> Coefficients:
    """Counts compared within participants, each one's total being given.

    Args:
        response: counts, shape (n,).
        matrix: shape (n, p), columns that vary within participants: treatment, period; no constant.
        terms: p names.
        participant: shape (n,), labels. One without events, or with one record, tells nothing.
        offset: shape (n,), the logarithm of the exposure.

    Returns:
        Log rate ratios; they equal those of Poisson regression with a constant for each
        participant.

    Raises:
        UnusableInputError: if shapes differ, values are missing, or no finite estimate exists.

    References:
        Hausman J, Hall BH, Griliches Z. Econometric models for count data with an application to
        the patents–R&D relationship. Econometrica 1984;52:909-938.

    Example:
        >>> fit = conditional_poisson([4, 8, 6, 9, 9, 6, 8, 2], [[1], [0]] * 2 + [[0], [1]] * 2,
        ...                           ["active"], [0, 0, 1, 1, 2, 2, 3, 3])
        >>> round(fit.of("active").estimate, 4), round(float(np.log(18 / 34)), 4)
        (-0.636, -0.636)
    """
    y, x, whose = checked_records(response, matrix, terms, participant)
    shift = np.zeros(len(y)) if offset is None else np.asarray(offset, dtype=np.float64)
    if shift.shape != y.shape or not np.isfinite(shift).all():
        raise UnusableInputError("an offset is missing or infinite")
    if (y < 0).any() or (y != np.floor(y)).any():
        raise UnusableInputError("the response holds counts")
    total = np.bincount(whose, y)
    kept = (total[whose] > 0) & (np.bincount(whose)[whose] > 1)
    if not kept.any():
        raise UnusableInputError("no finite estimate: nobody with two records has an event")
    y, x, shift = y[kept], x[kept], shift[kept]
    whose = np.unique(whose[kept], return_inverse=True)[1].astype(np.int64)
    total = np.bincount(whose, y)
    x = deviations(x, whose)
    refuse_dependent(x, list(terms))
    unit = np.ptp(x, axis=0)
    x = x / unit
    highest = np.full(len(total), -np.inf)
    np.maximum.at(highest, whose, shift)
    shift = shift - highest[whose]
    beta = np.zeros(x.shape[1])
    for _ in range(MOST_STEPS):
        weight = np.exp(x @ beta + shift)
        share = weight / np.bincount(whose, weight)[whose]
        expected = total[whose] * share
        about = x - sums(x * share[:, None], whose)[whose]
        information = (about * expected[:, None]).T @ about
        step = np.linalg.lstsq(information, x.T @ (y - expected), rcond=None)[0]
        longest = float(np.abs(step).max())
        beta = beta + step * min(1.0, 2.0 / max(longest, 1e-300))
        if longest < 1e-12 * (1 + float(np.abs(beta).max())) or np.abs(beta).max() > 30:
            break
    if longest > 1e-8 or np.abs(beta).max() > 15:
        raise UnusableInputError(
            "no finite estimate: events within participants lie in one arm or period only",
            remedy="use an exact test, or leave a term out",
        )
    return Coefficients(
        terms=tuple(terms),
        estimates=np.asarray(beta / unit, dtype=np.float64),
        covariance=np.asarray(np.linalg.inv(information) / np.outer(unit, unit), dtype=np.float64),
        counts={"participants": len(total), "events": int(y.sum())},
    )


def checked_records(
    response: npt.ArrayLike, matrix: npt.ArrayLike, terms: Sequence[str], participant: npt.ArrayLike
) -> tuple[Floats, Floats, Integers]:
    """Response, matrix, and participants' numbers, fit for a model.

    Raises:
        UnusableInputError: if shapes differ or a value is missing.
    """
    y, x = np.asarray(response, dtype=np.float64), np.asarray(matrix, dtype=np.float64)
    if x.ndim != 2 or y.shape != x.shape[:1] or len(terms) != x.shape[1]:
        raise UnusableInputError("response, matrix and terms differ in length")
    whose = label_codes(participant, len(y), "participants")
    if not (np.isfinite(y).all() and np.isfinite(x).all()):
        raise UnusableInputError("a value is missing", remedy="leave such records out")
    return y, x, whose


def sums(values: Floats, whose: Integers) -> Floats:
    """Sums by participant, shape (participants, p)."""
    out = np.zeros((int(whose.max()) + 1, values.shape[1]))
    np.add.at(out, whose, values)
    return out


def deviations(values: Floats, whose: Integers) -> Floats:
    """From each participant's mean, shape (n, p); zero where nothing is left but rounding."""
    about = values - (sums(values, whose) / np.bincount(whose)[:, None])[whose]
    return np.where(np.abs(about) <= 1e-12 * np.abs(values).max(axis=0), 0.0, about)
