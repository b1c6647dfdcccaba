"""Censored titers: R, scores and sandwich by loops, one mean by hand, and what cannot be told."""

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import brentq

from trialwright.errors import UnusableInputError
from trialwright.stats.crossover.titers import tobit_regression

TERMS = ("1", "active", "period 2")
# Twelve participants; log10 titers, 2 where they lie below the limit of quantification.
TITER = np.array(
    [
        2,
        2.6,
        2.3,
        2.9,
        2,
        2,
        2.1,
        3.4,
        2.5,
        2.2,
        2,
        2.7,
        3.1,
        2,
        2.8,
        2.4,
        3.6,
        2.9,
        2.2,
        2,
        2,
        2,
        3.0,
        2.3,
    ]
)
BELOW = TITER <= 2
COLUMNS = np.column_stack([np.ones(24), [1, 0] * 6 + [0, 1] * 6, [0, 1] * 12])
WHO = np.repeat(np.arange(12), 2)


def test_the_titers_in_r() -> None:
    """R 4.2.2, survival 3.5-3:

    a <- survreg(Surv(y, y > 2, type = "left") ~ on + two, dist = "gaussian",
                 control = survreg.control(rel.tolerance = 1e-15)); summary(a)$table
    and the same with cluster(who): sqrt(diag(a$var)), sqrt(diag(a$naive.var)).
    """
    fit = tobit_regression(TITER, BELOW, COLUMNS, TERMS)
    estimates = [2.6725372984246696, -0.6790085307766466, -0.0186681881431031]
    naive = [0.202263870694533, 0.243608124233756, 0.239603714933750]
    assert fit.estimates == pytest.approx(estimates, rel=1e-9)
    assert fit.standard_errors == pytest.approx(naive, rel=1e-9)
    assert fit.scale == pytest.approx(0.554550451956527, rel=1e-9)
    assert fit.log_likelihood == pytest.approx(-19.6566270131666, rel=1e-12)
    assert fit.of("active").p_value == pytest.approx(5.31495156712556e-03, rel=1e-8)
    assert fit.notes == ()
    robust = tobit_regression(TITER, BELOW, COLUMNS, TERMS, participant=WHO)
    assert robust.estimates.tolist() == fit.estimates.tolist()
    assert robust.naive_errors == pytest.approx(naive, rel=1e-9)
    assert robust.standard_errors == pytest.approx(
        [0.182551013412375, 0.157921678404678, 0.162745148252254], rel=1e-9
    )
    assert dict(robust.counts) == {"records": 24, "below the limit": 8, "participants": 12}
    assert robust.notes == ("errors are robust over participants",)


def record(y: float, low: bool, row, at):
    """One record's log likelihood, and its derivatives by the coefficients and the log scale."""
    scale = np.exp(at[-1])
    z = (y - row @ at[:-1]) / scale
    if low:
        mills = stats.norm.pdf(z) / stats.norm.cdf(z)
        return stats.norm.logcdf(z), np.append(-row * mills / scale, -mills * z)
    return stats.norm.logpdf(z) - at[-1], np.append(row * z / scale, z * z - 1)


def made(seed: int):
    """Forty records of ten participants, about a third of them below their own limits."""
    rng = np.random.Generator(np.random.Philox(seed))
    x = np.column_stack([np.ones(40), np.tile([0.0, 1.0], 20), rng.normal(size=40)])
    y = x @ [0.5, -0.4, 0.3] + rng.normal(size=40)
    limit = rng.choice([-0.4, 0.3], 40)
    return np.maximum(y, limit), y <= limit, x, np.repeat(np.arange(10), 4)


@pytest.mark.parametrize("seed", [1, 2])
def test_scores_vanish_and_make_the_sandwich(seed) -> None:
    y, low, x, who = made(seed)
    fit = tobit_regression(y, low, x, TERMS, participant=who)
    at = np.append(fit.estimates, np.log(fit.scale))
    found = [record(*each, at) for each in zip(y, low, x, strict=True)]
    scores = np.array([each[1] for each in found])
    assert fit.log_likelihood == pytest.approx(sum(each[0] for each in found))
    assert scores.sum(axis=0) == pytest.approx(np.zeros(4), abs=1e-8)
    information = np.zeros((4, 4))
    for k in range(4):  # the observed information, from differences of the scores
        step = 1e-5 * np.eye(4)[k]
        for one in zip(y, low, x, strict=True):
            information[k] -= (record(*one, at + step)[1] - record(*one, at - step)[1]) / 2e-5
    bread, meat = np.linalg.inv(information), np.zeros((4, 4))
    for person in range(10):
        total = scores[who == person].sum(axis=0)
        meat += np.outer(total, total)
    assert fit.covariance == pytest.approx((bread @ meat @ bread)[:3, :3], rel=1e-5, abs=1e-8)
    assert fit.naive_errors == pytest.approx(np.sqrt(np.diag(bread)[:3]), rel=1e-6)


def test_one_mean_with_half_of_the_titers_below_a_limit_of_zero() -> None:
    """The likelihood's two equations, solved for the mean with the scale put in (Cohen 1959).

    With k of n at or below zero, the others' mean a and mean square b: s^2 = b - m a, and
    (n - k)(a - m) = k s phi(m / s) / Phi(-m / s).
    """
    above = np.array([0.4, 1.1, 0.7, 2.0])
    a, b = above.mean(), (above**2).mean()

    def balance(m: float) -> float:
        s = np.sqrt(b - m * a)
        return 4 * (a - m) - 4 * s * stats.norm.pdf(m / s) / stats.norm.cdf(-m / s)

    mean = brentq(balance, -1.0, 0.9, xtol=1e-14)
    fit = tobit_regression([*above, 0, 0, 0, 0], [0] * 4 + [1] * 4, np.ones((8, 1)), ["1"])
    assert fit.estimates[0] == pytest.approx(mean)
    assert fit.scale == pytest.approx(np.sqrt(b - mean * a))


@pytest.mark.parametrize("unit", [1e-9, 1e-3, 1e6, 1e18])
@pytest.mark.parametrize("level", [0.0, 40.0, -3e4])
def test_units_and_levels_of_outcome_and_column_do_not_matter(unit, level) -> None:
    one = tobit_regression(TITER, BELOW, COLUMNS, TERMS, participant=WHO)
    other = tobit_regression(
        unit * (TITER + level), BELOW, COLUMNS * [1, 10, 1 / unit], TERMS, participant=WHO
    )
    rel = 1e-6 if level else 1e-9
    for name, factor in (("active", 10 / unit), ("period 2", 1 / unit**2)):
        assert factor * other.of(name).estimate == pytest.approx(
            one.of(name).estimate, rel=1e3 * rel
        )
        assert other.of(name).p_value == pytest.approx(one.of(name).p_value, rel=1e3 * rel)
    assert other.scale / unit == pytest.approx(one.scale, rel=rel)
    assert other.of("1").estimate / unit - level == pytest.approx(one.of("1").estimate, rel=rel)


def test_names_of_arms_and_people_and_the_order_of_records_do_not_matter() -> None:
    order = np.random.Generator(np.random.Philox(1)).permutation(24)
    swapped = (COLUMNS * [1, -1, 1] + [0, 1, 0])[order]
    one = tobit_regression(TITER, BELOW, COLUMNS, TERMS, participant=WHO)
    other = tobit_regression(
        TITER[order], BELOW[order], swapped, TERMS, participant=[f"T{k}" for k in WHO[order]]
    )
    assert other.of("active").estimate == pytest.approx(-one.of("active").estimate)
    assert other.of("active").standard_error == pytest.approx(one.of("active").standard_error)
    assert other.of("period 2").p_value == pytest.approx(one.of("period 2").p_value)


def test_everybody_twice_halves_the_variance() -> None:
    one = tobit_regression(TITER, BELOW, COLUMNS, TERMS, participant=WHO)
    two = tobit_regression(
        np.tile(TITER, 2), np.tile(BELOW, 2), np.tile(COLUMNS, (2, 1)), TERMS,
        participant=[*WHO, *(WHO + 12)],
    )  # fmt: skip
    assert two.covariance == pytest.approx(one.covariance / 2)
    assert two.log_likelihood == pytest.approx(2 * one.log_likelihood)


ACTIVE = COLUMNS[:, 1] == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"below": np.ones(24)}, "too few outcomes lie above the limit of quantification"),
        ({"below": BELOW | ACTIVE}, "compare the proportions above the limit instead"),
        (
            {"response": np.full(24, 0.1)},
            "the response is fitted without error: no variance is left",
        ),
        ({"response": 1.3 + 0.2 * ACTIVE}, "the response is fitted without error"),
        ({"response": np.where(ACTIVE, np.nan, 2)}, "a value is missing\n  leave such records out"),
        ({"below": BELOW[:5]}, "response, censoring, matrix and terms differ in length"),
        ({"terms": ("1", "active")}, "response, censoring, matrix and terms differ in length"),
        ({"matrix": COLUMNS[:, [0, 1, 1]]}, "the term period 2 is a combination of the others"),
        (
            {"participant": np.zeros(24)},
            "1 participants are too few for robust errors of 4 parameters",
        ),
        ({"participant": WHO % 4}, "4 participants are too few for robust errors of 4 parameters"),
        ({"participant": [None] * 24}, "a label is missing among the participants"),
        ({"participant": WHO[:7]}, "participants and responses differ in length"),
    ],
)
def test_titers_that_determine_nothing_are_refused(change, words) -> None:
    arguments = {"response": TITER, "below": BELOW, "matrix": COLUMNS, "terms": TERMS} | change
    with pytest.raises(UnusableInputError, match=words):
        tobit_regression(**arguments)
