"""The mixed model against R's three schools, and Kenward and Roger's formulas with dense matrices."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from trialwright.errors import UnusableInputError
from trialwright.stats.crossover.mixed import METHODS, random_intercept_model

TERMS = ("1", "active", "period 2", "period 3")
SEEDS = st.integers(0, 300)


def made(seed: int, people: int = 9):
    """Three periods, some of them missed; arms in random order."""
    rng = np.random.Generator(np.random.Philox(seed))
    who, period = np.repeat(np.arange(people), 3), np.tile([0, 1, 2], people)
    active = rng.permuted(np.tile([0, 1, 1], (people, 1)), axis=1).ravel()
    x = np.column_stack([np.ones(3 * people), active, period == 1, period == 2])
    y = x @ [5.0, -1.0, 0.3, 0.6] + 1.5 * rng.normal(size=people)[who] + rng.normal(size=3 * people)
    kept = rng.random(3 * people) < 0.85
    return y[kept], x[kept], who[kept]


# lmerTest 3.1-3 over lme4 1.1-31 and pbkrtest 0.5.2, R 4.2.2:
#   f <- lmer(y ~ active + p2 + p3 + (1 | who), control = lmerControl("bobyqa", rhoend = 1e-12))
#   coef(summary(f)); coef(summary(f, ddf = "Kenward-Roger")); logLik(f)
# and nlme 3.1-162 for containment: lme(y ~ active + p2 + p3, random = ~ 1 | who).
R_ESTIMATES = [6.871963470365656, -1.778677794433062, 0.401497568560487, 0.683928740781945]
R_NUMBERS = {
    "kenward-roger": (
        [0.468737413142996, 0.187195003846077, 0.220054041446493, 0.231784189220281],
        [11.0560056596418, 11.2691383873711, 11.3104043220216, 11.2053927954313],
        [1.36503909295027e-08, 1.01866018182301e-06, 9.45760953807397e-02, 1.29553094030281e-02],
    ),
    "satterthwaite": (
        [0.468615631957575, 0.186349181674712, 0.218918135630937, 0.230977899900033],
        [11.2528034937385, 11.4648669427967, 11.5059050693369, 11.4014600117568],
        [1.10278948767103e-08, 8.49754439846043e-07, 9.26278413942471e-02, 1.25021574554655e-02],
    ),
}


@pytest.mark.parametrize("method", R_NUMBERS)
def test_the_records_of_three_periods_in_r(unequal, method) -> None:
    y, x, who = unequal
    fit = random_intercept_model(y, x, TERMS, who, method=method)
    errors, free, p_values = R_NUMBERS[method]
    assert fit.estimates == pytest.approx(R_ESTIMATES, rel=1e-6)
    assert fit.standard_errors == pytest.approx(errors, rel=1e-6)
    assert fit.degrees_of_freedom == pytest.approx(free, rel=1e-5)
    assert [fit.of(term).p_value for term in TERMS] == pytest.approx(p_values, rel=1e-4)
    assert fit.participant_variance == pytest.approx(1.876848473606742, rel=1e-5)
    assert fit.residual_variance == pytest.approx(0.175003902408227, rel=1e-5)
    assert fit.log_likelihood == pytest.approx(-29.1822115553616, rel=1e-9)
    assert (fit.participants, fit.records, fit.notes) == (10, 24, ())


# nlme 3.1-162, summary(lme(formula, random = ~ 1 | who))$tTable: 24 records less 10 participants and the
# columns that vary within; 10 less those that do not; a constant gets the larger number, and without
# one there is one more within.
@pytest.mark.parametrize(
    ("columns", "free", "p_values"),
    [
        (lambda x, who: x, [11, 11, 11, 11], [1.44583421362424e-08, 1.17515816564460e-06, 0.0938234592299, 0.0129517941117]),
        (lambda x, who: x - np.outer(x[:, 1], [1, 0, 0, 0]), [11, 11, 11, 11],
         [1.44583421362e-08, 3.48064739186e-07, 0.0938234592299, 0.0129517941117]),
        (lambda x, who: np.column_stack([x[:, :2], who % 2 == 0]), [13, 13, 8],
         [1.91824511661e-08, 3.61802443581e-06, 0.0725091592565]),
    ],
    ids=["y ~ active + p2 + p3", "y ~ 0 + control + active + p2 + p3", "y ~ active + even"],
)  # fmt: skip
def test_containment_in_nlme(unequal, columns, free, p_values) -> None:
    y, x, who = unequal
    wide = columns(x, who)
    terms = "abcd"[: wide.shape[1]]
    fit = random_intercept_model(y, wide, terms, who, method="containment")
    assert fit.degrees_of_freedom.tolist() == free
    assert [fit.of(term).p_value for term in terms] == pytest.approx(p_values, rel=1e-4)


def paper(x, who, between: float, within: float):
    """Kenward and Roger 1997, sections 2 to 4, with n by n matrices and one coefficient at a time."""
    n, p = x.shape
    parts = [np.array([[float(a == b) for b in who] for a in who]), np.eye(n)]
    v = between * parts[0] + within * parts[1]
    inverse = np.linalg.inv(v)
    phi = np.linalg.inv(x.T @ inverse @ x)
    slope = [-x.T @ inverse @ g @ inverse @ x for g in parts]
    curve = [[x.T @ inverse @ g @ inverse @ h @ inverse @ x for h in parts] for g in parts]
    information = np.zeros((2, 2))
    for i in range(2):
        for j in range(2):
            information[i, j] = (
                np.trace(inverse @ parts[i] @ inverse @ parts[j])
                - 2 * np.trace(phi @ curve[i][j])
                + np.trace(phi @ slope[i] @ phi @ slope[j])
            ) / 2
    w = np.linalg.inv(information)
    middle = sum(
        w[i, j] * (curve[i][j] - slope[i] @ phi @ slope[j]) for i in range(2) for j in range(2)
    )
    free = []
    for k in range(p):
        along = np.eye(p)[:, [k]]
        theta = along @ np.linalg.inv(along.T @ phi @ along) @ along.T
        turned = [theta @ phi @ each @ phi for each in slope]
        a1 = sum(
            w[i, j] * np.trace(turned[i]) * np.trace(turned[j]) for i in range(2) for j in range(2)
        )
        a2 = sum(w[i, j] * np.trace(turned[i] @ turned[j]) for i in range(2) for j in range(2))
        b, g = (a1 + 6 * a2) / 2, (2 * a1 - 5 * a2) / (3 * a2)
        c1, c2, c3 = (each / (3 + 2 * (1 - g)) for each in (g, 1 - g, 3 - g))
        mean = 1 / (1 - a2)
        variance = 2 * (1 + c1 * b) / ((1 - c2 * b) ** 2 * (1 - c3 * b))
        free.append(4 + 3 / (variance / (2 * mean**2) - 1))
    return phi + 2 * phi @ middle @ phi, free


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_kenward_and_roger_s_paper(seed) -> None:
    y, x, who = made(seed)
    fit = random_intercept_model(y, x, TERMS, who)
    covariance, free = paper(x, who, fit.participant_variance, fit.residual_variance)
    assert fit.covariance == pytest.approx(covariance, rel=1e-7, abs=1e-9)
    assert fit.degrees_of_freedom == pytest.approx(free, rel=1e-6)


def restricted(x, y, who, between: float, within: float) -> float:
    v = between * (who[:, None] == who) + within * np.eye(len(y))
    inverse = np.linalg.inv(v)
    information = x.T @ inverse @ x
    r = y - x @ np.linalg.solve(information, x.T @ inverse @ y)
    return -0.5 * float(
        np.linalg.slogdet(v)[1] + np.linalg.slogdet(information)[1] + r @ inverse @ r
    )


@pytest.mark.parametrize("seed", [3, 4, 6])
def test_satterthwaite_from_differences_of_the_likelihood(seed) -> None:
    """2 v^2 / (g' H^-1 g): v the variance of a coefficient, g its gradient, H from differences."""
    y, x, who = made(seed)
    fit = random_intercept_model(y, x, TERMS, who, method="satterthwaite")
    at = np.array([fit.participant_variance, fit.residual_variance])
    assert at[0] > 0.2
    steps = np.diag(1e-4 * at)

    def height(point):
        return restricted(x, y, who, *point)

    def variance(point):
        v = point[0] * (who[:, None] == who) + point[1] * np.eye(len(y))
        return np.diag(np.linalg.inv(x.T @ np.linalg.inv(v) @ x))

    hessian = [
        [(height(at + a + b) - height(at + a - b) - height(at - a + b) + height(at - a - b))
         / (4 * a.sum() * b.sum()) for b in steps] for a in steps
    ]  # fmt: skip
    slopes = np.array([(variance(at + a) - variance(at - a)) / (2 * a.sum()) for a in steps])
    spread = np.einsum("ik,ij,jk->k", slopes, np.linalg.inv(-np.array(hessian)), slopes)
    assert fit.degrees_of_freedom == pytest.approx(2 * variance(at) ** 2 / spread, rel=1e-3)


@settings(max_examples=12, deadline=None)
@given(SEEDS, st.sampled_from(METHODS))
def test_names_of_arms_and_people_and_the_order_of_records_do_not_matter(seed, method) -> None:
    y, x, who = made(seed)
    one = random_intercept_model(y, x, TERMS, who, method=method)
    order = np.random.Generator(np.random.Philox(seed + 1)).permutation(len(y))
    swapped = x * [1, -1, 1, 1] + [0, 1, 0, 0]
    other = random_intercept_model(
        y[order], swapped[order], TERMS, [f"T{9 - k}" for k in who[order]], method=method
    )
    same, turned = one.of("active", level=0.9), other.of("active", level=0.9)
    assert turned.estimate == pytest.approx(-same.estimate, rel=1e-5)
    assert (turned.lower, turned.upper) == pytest.approx((-same.upper, -same.lower), rel=1e-5)
    assert turned.degrees_of_freedom == pytest.approx(same.degrees_of_freedom, rel=1e-5)
    assert other.of("period 3").p_value == pytest.approx(one.of("period 3").p_value, rel=1e-4)


@pytest.mark.parametrize("unit", [1e-7, 1e6])
@pytest.mark.parametrize("method", METHODS)
def test_the_unit_of_a_column_does_not_matter(unequal, unit, method) -> None:
    y, x, who = unequal
    one = random_intercept_model(y, x, TERMS, who, method=method).of("active")
    other = random_intercept_model(y, x * [1, unit, 1, 1], TERMS, who, method=method).of("active")
    assert unit * other.estimate == pytest.approx(one.estimate, rel=1e-6)
    assert other.p_value == pytest.approx(one.p_value, rel=1e-4)


def test_an_estimate_is_told_with_its_t_interval(unequal) -> None:
    y, x, who = unequal
    fit = random_intercept_model(y, x, TERMS, who)
    found, law = fit.of("active", level=0.8), stats.t(fit.degrees_of_freedom[1])
    reach = law.ppf(0.9) * fit.standard_errors[1]
    assert (found.lower, found.upper) == pytest.approx(
        (fit.estimates[1] - reach, fit.estimates[1] + reach)
    )
    assert found.statistic == pytest.approx(fit.estimates[1] / fit.standard_errors[1])
    assert dict(found.counts) == {"participants": 10, "records": 24}
    with pytest.raises(UnusableInputError, match="no term 'dose'\n  it has 1, active, period 2"):
        fit.of("dose")


@pytest.mark.parametrize("method", METHODS)
def test_a_sequence_of_one_participant_is_enough(method) -> None:
    """Two periods; four began with the active arm, one with the control: the sum by hand.

    Half differences: active first -2, -1.5, -2.5, -2; control first 1.5. So the treatment effect is
    -2 - 1.5 = -3.5, and its variance 0.5 / 3 * (1/4 + 1) with 3 degrees of freedom.
    """
    first, second = [4, 6, 5, 9, 11], [8, 9, 10, 13, 8]
    y = np.ravel(np.column_stack([first, second])) + np.repeat([0, 7, -9, 12, 3], 2)
    active = np.ravel([(1, 0)] * 4 + [(0, 1)])
    x = np.column_stack([np.ones(10), active, np.tile([0, 1], 5), np.arange(10) > 7])
    terms = ["1", "active", "period", "sequence"]
    found = random_intercept_model(y, x, terms, np.arange(10) // 2, method=method).of("active")
    assert found.estimate == pytest.approx(-3.5)
    assert found.standard_error == pytest.approx(np.sqrt(0.5 / 3 * 1.25), rel=1e-6)
    assert found.degrees_of_freedom == pytest.approx(3, rel=1e-5)


@pytest.mark.parametrize("value", [0.1, 5.1, 1e5 + 0.1, -3.3, 0.0])
def test_a_constant_outcome_has_no_variance(unequal, value) -> None:
    _, x, who = unequal
    with pytest.raises(UnusableInputError, match="the response is fitted without error"):
        random_intercept_model([value] * 24, x, TERMS, who)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"who": [1] * 24}, "one participant tells no variance between participants"),
        ({"who": [None] * 24}, "a label is missing among the participants"),
        ({"who": [np.nan] * 24}, "a label is missing among the participants"),
        ({"who": [1, 2, 3]}, "participants and responses differ in length"),
        ({"period": 2}, "the term period 2 is zero throughout"),
        ({"x": np.ones((24, 4))}, "the term active is a combination of the others"),
    ],
)
def test_what_determines_no_model_is_refused(unequal, change, words) -> None:
    y, x, who = unequal
    if "period" in change:  # nobody came to the second period
        y, x, who = y[x[:, 2] == 0], x[x[:, 2] == 0], who[x[:, 2] == 0]
    with pytest.raises(UnusableInputError, match=words):
        random_intercept_model(y, change.get("x", x), TERMS, change.get("who", who))
