"""Draws from the posterior against conjugate theory and conditional laws written out."""

import numpy as np
import pytest

from trialwright.errors import UnusableInputError
from trialwright.stats.missing.posterior import Gaps, _wishart, completed, draw_posterior
from trialwright.stats.mmrm import fit_mmrm


def philox(seed: int = 1) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(seed))


def outcomes(n: int = 60, m: int = 3, seed: int = 2):
    rng = philox(seed)
    return rng.normal(size=(n, m)).cumsum(axis=1) + np.arange(m)


def test_without_gaps_the_posterior_is_the_conjugate_one() -> None:
    """Flat and Jeffreys': means about the averages, the covariance inverse-Wishart (n - 1)."""
    y = outcomes()
    n, m = y.shape
    columns = np.broadcast_to(np.eye(m), (n, m, m))
    drawn = draw_posterior(y, columns, philox(), draws=4000, sweeps=12)
    squares = (y - y.mean(axis=0)).T @ (y - y.mean(axis=0))
    expected = squares / (n - 1 - m - 1)
    # Four thousand draws: their mean is within 4.5 Monte Carlo errors.
    for found, truth in (
        (drawn.coefficients, y.mean(axis=0)),
        (drawn.covariance, expected),
    ):
        error = found.std(axis=0) / np.sqrt(len(found))
        assert (np.abs(found.mean(axis=0) - truth) < 4.5 * error).all()
    # The marginal law of a mean is t: its variance is that of the mean with this covariance.
    assert np.cov(drawn.coefficients.T) == pytest.approx(expected / n, rel=0.12)


def test_precisions_have_the_moments_of_a_wishart() -> None:
    squares = np.array([[2.0, 0.5, 0.1], [0.5, 1.0, -0.3], [0.1, -0.3, 3.0]])
    free, inverse = 12, np.linalg.inv(squares)
    drawn = _wishart(philox(), free, np.repeat(squares[None], 20_000, axis=0))
    variance = free * (inverse**2 + np.outer(np.diag(inverse), np.diag(inverse)))
    error = np.sqrt(variance / len(drawn))
    assert (np.abs(drawn.mean(axis=0) - free * inverse) < 4.5 * error).all()
    assert drawn.var(axis=0) == pytest.approx(variance, rel=0.07)


def test_missing_values_have_the_conditional_mean_and_covariance() -> None:
    """Rows that miss the end, a middle visit, everything, and nothing; NumPy's solve beside."""
    sigma = np.array([[2.0, 1.2, 0.8], [1.2, 2.5, 1.5], [0.8, 1.5, 3.0]])
    mean = np.array([[1.0, 2, 3]] * 5)
    y = np.array(
        [[1.5, np.nan, np.nan], [0.2, np.nan, 4.0], [np.nan] * 3, [1, 2, 3], [2.5, np.nan, np.nan]]
    )
    draws = 20_000
    found = completed(
        y, np.repeat(mean[None], draws, axis=0), np.repeat(sigma[None], draws, axis=0),
        Gaps.of(y), philox(),
    )  # fmt: skip
    for row, values in enumerate(y):
        kept, lost = np.flatnonzero(~np.isnan(values)), np.flatnonzero(np.isnan(values))
        assert (found[:, row, kept] == values[kept]).all()
        pull = sigma[np.ix_(lost, kept)] @ np.linalg.inv(sigma[np.ix_(kept, kept)])
        expected = mean[row, lost] + pull @ (values[kept] - mean[row, kept])
        spread = sigma[np.ix_(lost, lost)] - pull @ sigma[np.ix_(kept, lost)]
        reach = 4.5 * np.sqrt(np.diag(spread) / draws)
        assert (np.abs(found[:, row, lost].mean(axis=0) - expected) < reach).all()
        if len(lost):
            seen = np.atleast_2d(np.cov(found[:, row, lost].T))
            assert seen == pytest.approx(spread, rel=0.06, abs=0.05)


def test_gaps_list_what_is_seen_before_what_is_not() -> None:
    y = np.array([[1, np.nan, 3], [1, 2, 3], [np.nan, np.nan, 3], [4, np.nan, 5]])
    gaps = Gaps.of(y)
    assert sorted(gaps.rows.tolist()) == [0, 2, 3]
    for row, visits, seen in zip(gaps.rows, gaps.visits, gaps.seen, strict=True):
        assert sorted(visits.tolist()) == [0, 1, 2]
        assert np.isfinite(y[row, visits[:seen]]).all()
        assert np.isnan(y[row, visits[seen:]]).all()
    kind = dict(zip(gaps.rows.tolist(), gaps.kind.tolist(), strict=True))
    assert kind[0] == kind[3] != kind[2]


def test_with_gaps_draws_lie_about_the_likelihood_s_maximum() -> None:
    y = outcomes(200)
    y[:40, 2] = y[30:60, 1] = y[150:170, 0] = np.nan
    columns = np.broadcast_to(np.eye(3), (200, 3, 3))
    seen = ~np.isnan(y)
    who, visit = np.nonzero(seen)
    fit = fit_mmrm(y[seen], columns[seen], who, visit)
    drawn = draw_posterior(y, columns, philox(), draws=2000, sweeps=40)
    error = np.sqrt(np.diag(fit.model_covariance))
    assert np.abs(drawn.coefficients.mean(axis=0) - fit.coefficients).max() < 0.12 * error.min()
    assert drawn.coefficients.std(axis=0) == pytest.approx(error, rel=0.08)


def test_the_start_is_forgotten_and_the_seed_is_everything() -> None:
    y = outcomes(40)
    y[:8, 2] = np.nan
    columns = np.broadcast_to(np.eye(3), (40, 3, 3))
    one, same, other = (
        draw_posterior(y, columns, philox(seed), draws=5, sweeps=10) for seed in (1, 1, 2)
    )
    assert one.coefficients.tolist() == same.coefficients.tolist()
    assert (one.covariance != other.covariance).any()
    assert (np.linalg.eigvalsh(one.covariance) > 0).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"columns": np.ones((5, 3, 1))}, "differ in length"),
        ({"draws": 0}, "at least one draw"),
        ({"outcomes": outcomes(4), "columns": np.tile(np.eye(3), (4, 1, 2))}, "too few"),
        ({"outcomes": np.full((60, 3), np.nan)}, "."),
        ({"outcomes": outcomes() * [1, 1, np.nan]}, "columns of the design follow"),
    ],
)
def test_what_determines_no_posterior_is_refused(change, words) -> None:
    arguments = {
        "outcomes": outcomes(), "columns": np.broadcast_to(np.eye(3), (60, 3, 3)),
        "generator": philox(), "draws": 3,
    } | change  # fmt: skip
    with pytest.raises(UnusableInputError, match=words):
        draw_posterior(**arguments)
