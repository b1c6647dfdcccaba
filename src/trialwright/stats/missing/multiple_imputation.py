"""Longitudinal outcomes imputed many times, at random, from a multivariate normal model."""

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.logistic.design import label_codes
from trialwright.stats.missing.posterior import Gaps, completed, draw_posterior, refuse_unattended
from trialwright.stats.results import Floats


def multiple_imputation(
    outcomes: npt.ArrayLike,
    arm: npt.ArrayLike,
    covariates: npt.ArrayLike,
    generator: np.random.Generator,
    *,
    imputations: int = 100,
    by_arm: bool = True,
    sweeps: int = 100,
) -> Floats:
    """Complete data sets whose missing values are drawn under missing at random.

    Each data set has parameters of its own, drawn from their posterior; the missing values of a
    participant are drawn given its observed ones, whether missing from some visit on or in between.
    Analyze each and pool with `trialwright.stats.missing.pooling.pool`.

    Args:
        outcomes: shape (n, visits), not-a-number where missing.
        arm: labels, shape (n,).
        covariates: complete, shape (n, c); each has an effect of its own at each visit. A baseline
            value belongs here.
        generator: of random numbers, such as `numpy.random.Generator(numpy.random.Philox(1))`; the
            same state gives the same data sets.
        imputations: how many data sets.
        by_arm: whether each arm has its own covariate effects and covariance; else arms differ in
            their means at each visit only.
        sweeps: of data augmentation before each draw, as in `draw_posterior`.

    Returns:
        Shape (imputations, n, visits); observed values are as given.

    Raises:
        UnusableInputError: if shapes differ, a covariate or an arm is missing, an arm has a visit
            that nobody attended, or as `draw_posterior`, of an arm that is too small.

    References:
        Rubin DB. Multiple Imputation for Nonresponse in Surveys. 1987. Schafer JL. Analysis of
        Incomplete Multivariate Data. 1997.

    Example:
        >>> import numpy as np
        >>> generator = np.random.Generator(np.random.Philox(1))
        >>> outcomes = generator.normal(size=(40, 3)).cumsum(axis=1)
        >>> outcomes[:6, 2] = outcomes[5:8, 1] = np.nan
        >>> found = multiple_imputation(outcomes, ["a", "b"] * 20, outcomes[:, :0], generator,
        ...                             imputations=20)
        >>> found.shape, bool(np.isfinite(found).all())
        ((20, 40, 3), True)
    """
    y, x = np.asarray(outcomes, dtype=np.float64), np.asarray(covariates, dtype=np.float64)
    if y.ndim != 2 or x.ndim != 2 or len(y) != len(x):
        raise UnusableInputError("outcomes, arms and covariates differ in length")
    whose = label_codes(arm, len(y), "arms")
    if imputations < 1 or sweeps < 1:
        raise UnusableInputError("at least one imputation and one sweep are needed")
    if not np.isfinite(x).all():
        raise UnusableInputError("a covariate is missing", remedy="impute it, or leave it out")
    label = np.asarray(arm)
    refuse_unattended(y, {f"arm {label[whose == k][0]}": whose == k for k in np.unique(whose)})
    if not by_arm:
        effects = np.column_stack([whose[:, None] == np.unique(whose), x])
        return _imputed(y, effects, generator, imputations, sweeps)
    out = np.empty((imputations, *y.shape))
    for k in np.unique(whose):
        rows = whose == k
        effects = np.column_stack([np.ones(rows.sum()), x[rows]])
        try:
            out[:, rows] = _imputed(y[rows], effects, generator, imputations, sweeps)
        except UnusableInputError as error:
            raise UnusableInputError(
                f"arm {label[rows][0]} has no imputation model of its own: {error.what}",
                remedy="impute with by_arm=False, or with fewer covariates or visits",
            ) from error
    return out


def _imputed(
    y: Floats, effects: Floats, generator: np.random.Generator, imputations: int, sweeps: int
) -> Floats:
    """Completed data sets of a model in which each column of `effects` acts at each visit."""
    if not np.isnan(y).any():
        return np.repeat(y[None], imputations, axis=0)
    n, m = y.shape
    columns = np.einsum("nq,jk->njqk", effects, np.eye(m)).reshape(n, m, -1)
    drawn = draw_posterior(y, columns, generator, draws=imputations, sweeps=sweeps)
    mean = (drawn.coefficients @ columns.reshape(n * m, -1).T).reshape(imputations, n, m)
    return completed(y, mean, drawn.covariance, Gaps.of(y), generator)
