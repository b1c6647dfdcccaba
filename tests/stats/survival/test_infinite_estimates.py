"""Cox regression is refused exactly where a linear program shows that no finite estimate exists.

The partial likelihood rises forever along a direction in which, at every event, who had it lies no
lower than anybody at risk (with exact ties: than anybody at risk who had none); it is flat along
one in which all are level (Jacobsen 1989, Scandinavian Journal of Statistics 16:335).
"""

import numpy as np
import pytest
from scipy.optimize import linprog

from trialwright.errors import UnusableInputError
from trialwright.stats.survival.cox import TIES, cox_regression
from trialwright.stats.survival.fine_gray import fine_gray


def made(seed: int):
    """Few records with late entry, strata and covariates of several laws."""
    rng = np.random.Generator(np.random.Philox(seed))
    n, p = int(rng.integers(4, 22)), int(rng.integers(1, 4))
    stop = np.ceil(rng.exponential(6, n)) + 1
    event = rng.random(n) < rng.uniform(0.2, 1)
    event[0] = True
    start = np.where(rng.random(n) < 0.3, np.floor(stop * rng.random(n) * 0.99), -1.0)
    z = rng.normal(size=(n, p))
    x = [rng.integers(0, 2, (n, p)), z.round(1), np.exp(1.5 * z).round(1)]
    return stop, event, start, x[seed % 3].astype(float), rng.integers(0, 1 + seed % 4, n)


def truth(stop, event, start, x, stratum, ties: str) -> str:
    higher = [np.zeros((0, x.shape[1]))]
    for k in np.flatnonzero(event):
        others = (stratum == stratum[k]) & (stop >= stop[k]) & (start < stop[k])
        if ties == "exact":
            others &= ~(event & (stop == stop[k]))
        higher.append(x[k] - x[others])
    away = np.vstack(higher)
    if np.linalg.matrix_rank(away, tol=1e-9) < x.shape[1]:
        return "flat"
    best = linprog(-away.sum(axis=0), A_ub=-away, b_ub=np.zeros(len(away)), bounds=(-1, 1))
    return "infinite" if -best.fun > 1e-7 else "finite"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("seed", [*range(25), 47, 65, 370, 1514])
def test_an_estimate_is_given_exactly_where_one_exists(seed: int, ties: str) -> None:
    stop, event, start, x, stratum = made(seed)
    terms = [f"x{k}" for k in range(x.shape[1])]
    found = "finite"
    try:
        fit = cox_regression(stop, event, x, terms, start=start, strata=stratum, ties=ties)
        assert (fit.standard_errors > 0).all()
    except UnusableInputError as refused:
        found = "infinite" if "no finite estimate" in str(refused) else "flat"
    assert found == truth(stop, event, start, x, stratum, ties)


def rare_group():
    """Five of 1000 in a group without events, beside a covariate."""
    rng = np.random.Generator(np.random.Philox(1))
    rare = np.arange(1000) < 5
    event = (rng.random(1000) < 0.7) & ~rare
    return rng.exponential(10, 1000), event, np.column_stack([rare, rng.normal(size=1000)])


def test_a_rare_group_without_events_is_found_beside_other_terms() -> None:
    """Steps once ended at -31 with an error of 2,400,000, where rounding hides the slope."""
    time, event, x = rare_group()
    with pytest.raises(UnusableInputError, match="no finite estimate of rare") as refused:
        cox_regression(time, event, x, ["rare", "z"])
    assert "leave the term out, or use the log-rank test" in str(refused.value)
    with pytest.raises(UnusableInputError, match="no finite estimate of rare"):
        fine_gray(time, np.where(event, 1, 2 * (x[:, 0] == 1)), np.fliplr(x), ["z", "rare"])


def test_one_event_of_the_rare_group_makes_its_estimate_finite() -> None:
    """Without covariates: log of observed over expected, near the log-rank's 1 / E (Peto)."""
    time, event, x = rare_group()
    event[0] = True
    fit = cox_regression(time, event, x, ["rare", "z"])
    assert -4 < fit.estimates[0] < 2
    assert 0.9 < fit.standard_errors[0] < 1.1  # about the square root of one over one event


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("shift", [0.0, 0.1, 1 / 3, 1e6])
def test_what_defines_the_strata_is_no_term(shift: float) -> None:
    """Rounding left a variance of 1e-17, an estimate of 0 and an error of 80,000,000."""
    rng = np.random.Generator(np.random.Philox(2))
    time, event, stratum = rng.exponential(9, 40), rng.random(40) < 0.7, rng.integers(0, 3, 40)
    level = rng.normal(size=3)[stratum] + shift
    arm = np.arange(40) % 2
    for x, terms in (
        (level[:, None], ["level"]),
        (np.column_stack([arm, level]), ["arm", "level"]),
    ):
        with pytest.raises(UnusableInputError, match="level does not vary among those") as refused:
            cox_regression(time, event, x, terms, strata=stratum)
        assert "what defines strata cannot be a term" in str(refused.value)
    both = np.column_stack([arm, arm + level])
    with pytest.raises(UnusableInputError, match="combination of the others"):
        cox_regression(time, event, both, ["arm", "sum"], strata=stratum)


@pytest.mark.parametrize("value", [1.0, 0.1, -7.3])
def test_a_constant_term_is_named(value: float) -> None:
    x = np.column_stack([[0, 1, 0, 1], np.full(4, value)])
    with pytest.raises(UnusableInputError, match="the term size is the same for all"):
        cox_regression([1, 2, 3, 4], [1, 1, 1, 1], x, ["arm", "size"])


def test_a_late_entry_of_high_hazard_hides_nobody() -> None:
    """Who enters late with a hazard e^40 times as high is no part of earlier risk sets.

    As a difference of running sums, the early ones came out as zero. By hand at coefficient one: at
    day 1, 2 and 3, risk sets of three, two and one of the early; at day 9 and 10, two and one.
    """
    x = np.array([0.3, -0.2, 0.1, 40.0, 39.5])[:, None]
    stop, start = np.array([1.0, 2, 3, 9, 10]), np.array([0.0, 0, 0, 5, 5])
    hazard = np.exp(x[:, 0])

    def by_hand(b: float) -> float:
        sets = [hazard[:3], hazard[1:3], hazard[2:3], hazard[3:], hazard[4:]]
        own = hazard[[0, 1, 2, 3, 4]]
        return float(
            sum(b * np.log(h) - np.log((s**b).sum()) for h, s in zip(own, sets, strict=True))
        )

    fit = cox_regression(stop, np.ones(5), x, ["x"], start=start)
    assert fit.log_likelihood == pytest.approx(by_hand(fit.estimates[0]), rel=1e-10)
    slope = by_hand(fit.estimates[0] + 1e-4) - by_hand(fit.estimates[0] - 1e-4)
    assert slope == pytest.approx(0, abs=1e-9)
