"""Counts with a random intercept: R, quadrature by loops, invariances, and data without events."""

import numpy as np
import pytest
from scipy import stats

from trialwright.errors import UnusableInputError
from trialwright.stats.counts.poisson import poisson_regression
from trialwright.stats.crossover.random_intercept_counts import (
    NO_INTERCEPT,
    random_intercept_poisson,
)

TERMS = ("1", "active", "period 2")
# Ten participants, the first five began with the active arm.
COUNT = np.array([1, 3, 0, 2, 4, 9, 0, 0, 2, 2, 5, 1, 3, 3, 8, 4, 1, 0, 2, 1])
DAYS = [70, 84, 66, 80, 70, 84, 70, 40, 71, 84, 70, 84, 69, 83, 55, 84, 70, 84, 70, 80]
OFFSET = np.log(np.array(DAYS) / 28)
COLUMNS = np.column_stack([np.ones(20), [1, 0] * 5 + [0, 1] * 5, [0, 1] * 10])
WHO = np.arange(20) // 2


@pytest.fixture(scope="module")
def fitted():
    return random_intercept_poisson(COUNT, COLUMNS, TERMS, WHO, offset=OFFSET)


# R 4.2.2: glmer(n ~ on + two + (1 | who) + offset(log(days / 28)), poisson, lme4 1.1-31, bobyqa with
# rhoend 1e-11, tolPwrss 1e-13), and glmmTMB 1.1.5 of the same formula.
@pytest.mark.parametrize(
    ("estimates", "errors", "deviation", "log_likelihood"),
    [
        ([0.187458282918251, -0.852648530141011, -0.190066943909315],
         [0.330731190841562, 0.302931673903071, 0.296654355724192], 0.684398224610977, -36.2899173881667),
        ([0.187456213282067, -0.852648151254044, -0.190065921807754],
         [0.330733311245120, 0.302932476822669, 0.296655161064603], 0.684398354165357, -36.2899173394487),
    ],
    ids=["lme4", "glmmTMB"],
)  # fmt: skip
def test_the_counts_in_r(fitted, estimates, errors, deviation, log_likelihood) -> None:
    assert fitted.estimates == pytest.approx(estimates, abs=5e-6)
    assert fitted.standard_errors == pytest.approx(errors, rel=2e-5)
    assert fitted.standard_deviation == pytest.approx(deviation, rel=2e-6)
    assert fitted.log_likelihood == pytest.approx(log_likelihood, abs=1e-7)
    assert fitted.of("active").p_value == pytest.approx(0.004883, abs=1e-6)
    assert dict(fitted.counts) == {"participants": 10, "records": 20, "events": 51}


def integrated(y, eta, deviation: float, who) -> float:
    """The likelihood itself: each participant's integral by the trapezoid rule."""
    grid = np.linspace(-8, 8, 8001)
    total = 0.0
    for person in np.unique(who):
        height = stats.norm.pdf(grid)
        for count, linear in zip(y[who == person], eta[who == person], strict=True):
            height = height * stats.poisson.pmf(count, np.exp(linear + deviation * grid))
        total += np.log(np.trapezoid(height, grid))
    return total


def test_laplace_is_near_the_integral_the_nearer_the_more_events(fitted) -> None:
    """Its error falls as 1 over the events of a participant."""
    eta = COLUMNS @ fitted.estimates + OFFSET
    few = integrated(COUNT, eta, fitted.standard_deviation, WHO) - fitted.log_likelihood
    assert abs(few) < 0.1
    rng = np.random.Generator(np.random.Philox(2))
    mean = np.exp(4 + COLUMNS @ [0.0, -0.5, 0.1] + 0.5 * rng.normal(size=10)[WHO])
    many_counts = rng.poisson(mean)
    fit = random_intercept_poisson(many_counts, COLUMNS, TERMS, WHO)
    many = integrated(many_counts, COLUMNS @ fit.estimates, fit.standard_deviation, WHO)
    assert abs(many - fit.log_likelihood) < 0.01
    assert abs(many - fit.log_likelihood) < abs(few)


@pytest.mark.parametrize(("seed", "unit"), [(1, 1e-8), (2, 1e5)])
def test_order_names_and_units_do_not_matter(fitted, seed, unit) -> None:
    one = fitted
    order = np.random.Generator(np.random.Philox(seed)).permutation(20)
    other = random_intercept_poisson(
        COUNT[order], COLUMNS[order] * [1, unit, 1 / unit], TERMS, [f"T{9 - k}" for k in WHO[order]],
        offset=OFFSET[order],
    )  # fmt: skip
    assert other.estimates * [1, unit, 1 / unit] == pytest.approx(one.estimates, abs=1e-5)
    assert other.of("active").p_value == pytest.approx(one.of("active").p_value, rel=1e-3)
    assert other.standard_deviation == pytest.approx(one.standard_deviation, rel=1e-5)


def test_exchanging_the_arms_turns_the_rate_ratio_about(fitted) -> None:
    other = random_intercept_poisson(
        COUNT, COLUMNS * [1, -1, 1] + [0, 1, 0], TERMS, WHO, offset=OFFSET
    )
    assert other.of("active").estimate == pytest.approx(-fitted.of("active").estimate, abs=1e-6)
    assert other.of("period 2").estimate == pytest.approx(fitted.of("period 2").estimate, abs=1e-6)
    assert other.log_likelihood == pytest.approx(fitted.log_likelihood, abs=1e-8)


def test_the_unit_of_exposure_moves_the_intercept_only(fitted) -> None:
    yearly = random_intercept_poisson(
        COUNT, COLUMNS, TERMS, WHO, offset=np.log(np.array(DAYS) / 365.25)
    )
    move = [np.log(365.25 / 28), 0, 0]
    assert yearly.estimates - move == pytest.approx(fitted.estimates, abs=1e-6)
    assert yearly.standard_errors == pytest.approx(fitted.standard_errors, rel=1e-5)


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_without_likeness_it_is_poisson_regression_in_any_unit(unit) -> None:
    y, x = [3, 2, 3, 2, 2, 3, 2, 3], np.column_stack([np.ones(8), np.tile([unit, 0], 4)])
    fit = random_intercept_poisson(y, x, ["1", "active"], np.arange(8) // 2)
    plain = poisson_regression(y, x / [1, unit], ["1", "active"])
    assert (fit.standard_deviation, fit.notes) == (0.0, (NO_INTERCEPT,))
    assert fit.estimates * [1, unit] == pytest.approx(plain.estimates, abs=1e-9)
    assert fit.standard_errors * [1, unit] == pytest.approx(plain.standard_errors)
    # Ten events in each arm: the rate ratio is 1, and its error the root of 1/10 + 1/10.
    assert unit * fit.standard_errors[1] == pytest.approx(np.sqrt(0.2))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"response": np.zeros(20)}, "no finite estimate: there are no events"),
        ({"response": COUNT * (1 - COLUMNS[:, 1])}, "no events where active is one"),
        ({"response": COUNT - 1}, "the response holds counts"),
        ({"response": COUNT + 0.5}, "the response holds counts"),
        ({"offset": np.where(COUNT > 3, -np.inf, 0)}, "leave out records without exposure"),
        ({"participant": [None] * 20}, "a label is missing among the participants"),
        ({"participant": WHO[:4]}, "participants and responses differ in length"),
        ({"matrix": COLUMNS[:, [0, 1, 1]]}, "the term period 2 is a combination of the others"),
    ],
)
def test_counts_that_determine_nothing_are_refused(change, words) -> None:
    arguments = {"response": COUNT, "matrix": COLUMNS, "terms": TERMS, "participant": WHO} | change
    with pytest.raises(UnusableInputError, match=words):
        random_intercept_poisson(**arguments)
