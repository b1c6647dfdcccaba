"""The mixed model beside its definition: one covariance of all records, and a general optimizer.

Nothing here is summed by participant or pattern: the covariance of every record with every other is
written down, inverted, and the restricted likelihood of Patterson and Thompson (Biometrika 1971;
58:545) evaluated as it stands.
"""

import numpy as np
import polars as pl
import pytest
from scipy.optimize import minimize

from trialwright.errors import UnusableInputError
from trialwright.stats.mmrm import fit_mmrm, infer, mmrm

VISITS = 3


@pytest.fixture(scope="module")
def trial():
    """Eighteen participants, three visits, some missed; the rows are shuffled."""
    rng = np.random.default_rng(5)
    who, visit = np.repeat(np.arange(18), VISITS), np.tile(np.arange(VISITS), 18)
    arm = (who % 2).astype(float)
    noise = rng.normal(size=(18, VISITS)).cumsum(axis=1).ravel() + rng.normal(size=18)[who]
    response = 1 + 0.7 * arm * visit + noise
    design = np.column_stack([np.ones(54), arm, visit == 1, visit == 2, arm * (visit == 2)])
    kept = rng.permutation(54)[rng.uniform(size=54) > 0.15]
    return {
        "response": response[kept],
        "design": design[kept].astype(float),
        "participant": who[kept],
        "visit": visit[kept],
    }


def covariance_of_visits(name, t):
    """Free parameters of each structure, any that keep it positive definite."""
    lag = np.abs(np.subtract.outer(np.arange(VISITS), np.arange(VISITS)))
    if name == "us":
        root = np.zeros((VISITS, VISITS))
        root[np.tril_indices(VISITS)] = t
        root[np.diag_indices(VISITS)] = np.exp(np.diag(root))
        return root @ root.T
    deviations = np.exp(t[:VISITS]) if name.endswith("h") else np.full(VISITS, np.exp(t[0]))
    r = np.tanh(t[-1])
    correlation = r**lag if name.startswith("ar1") else np.where(lag == 0, 1.0, r)
    return np.outer(deviations, deviations) * correlation


STARTS = {"us": 6, "cs": 2, "csh": 4, "ar1": 2, "ar1h": 4}


def everything(trial, matrix):
    same = trial["participant"][:, None] == trial["participant"]
    return np.where(same, matrix[np.ix_(trial["visit"], trial["visit"])], 0.0)


def minus_two_log_likelihood(trial, matrix, *, restricted):
    y, x, v = trial["response"], trial["design"], everything(trial, matrix)
    sign, determinant = np.linalg.slogdet(v)
    if sign <= 0 or np.linalg.eigvalsh(matrix)[0] <= 1e-9:
        return 1e10
    inverse = np.linalg.inv(v)
    information = x.T @ inverse @ x
    beta = np.linalg.solve(information, x.T @ inverse @ y)
    left = y - x @ beta
    value = determinant + left @ inverse @ left + len(y) * np.log(2 * np.pi)
    if restricted:
        value += np.linalg.slogdet(information)[1] - x.shape[1] * np.log(2 * np.pi)
    return value


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("name", STARTS)
def test_the_maximum_by_a_general_optimizer(trial, name, restricted):
    found = fit_mmrm(**trial, covariance=name, restricted=restricted)

    def height(t):
        return minus_two_log_likelihood(trial, covariance_of_visits(name, t), restricted=restricted)

    start = np.zeros(STARTS[name])
    start[-1] = 0.3
    best = minimize(height, start, method="BFGS", options={"gtol": 1e-7})
    best = minimize(height, best.x, method="Nelder-Mead",
                    options={"xatol": 1e-9, "fatol": 1e-11, "maxiter": 1500})  # fmt: skip
    assert -2 * found.log_likelihood == pytest.approx(best.fun, abs=1e-7)
    matrix = covariance_of_visits(name, best.x)
    assert found.visit_covariance[0] == pytest.approx(matrix, rel=2e-3, abs=2e-3)


@pytest.mark.parametrize("name", ["us", "cs", "ar1h"])
def test_coefficients_are_generalized_least_squares(trial, name):
    found = fit_mmrm(**trial, covariance=name)
    inverse = np.linalg.inv(everything(trial, found.visit_covariance[0]))
    x = trial["design"]
    covariance = np.linalg.inv(x.T @ inverse @ x)
    expected = covariance @ x.T @ inverse @ trial["response"]
    assert found.coefficients == pytest.approx(expected, rel=1e-9)
    assert found.model_covariance == pytest.approx(covariance, rel=1e-9)


@pytest.mark.parametrize("name", ["cs", "ar1h", "us"])
def test_satterthwaite_from_differences_of_the_large_matrix(trial, name):
    """2 v² / var(v), both by differences in the parameters above, not in those of the program."""
    found = fit_mmrm(**trial, covariance=name)
    x = trial["design"]

    def parameters():
        matrix = found.visit_covariance[0]
        if name == "us":
            root = np.linalg.cholesky(matrix)
            root[np.diag_indices(VISITS)] = np.log(np.diag(root))
            return root[np.tril_indices(VISITS)]
        deviations = np.sqrt(np.diag(matrix))
        r = matrix[0, 1] / deviations[0] / deviations[1]
        return np.append(np.log(deviations if name == "ar1h" else deviations[:1]), np.arctanh(r))

    def height(t):
        return minus_two_log_likelihood(trial, covariance_of_visits(name, t), restricted=True) / 2

    def variances(t):
        inverse = np.linalg.inv(everything(trial, covariance_of_visits(name, t)))
        return np.diag(np.linalg.inv(x.T @ inverse @ x))

    at, step = parameters(), 2e-4
    units = step * np.eye(len(at))
    curve = np.array([
        [(height(at + a + b) - height(at + a - b) - height(at - a + b) + height(at - a - b))
         / (4 * step**2) for b in units] for a in units
    ])  # fmt: skip
    slopes = np.array([(variances(at + u) - variances(at - u)) / (2 * step) for u in units])
    spread = np.einsum("ki,kl,li->i", slopes, np.linalg.inv(curve), slopes)
    expected = 2 * variances(at) ** 2 / spread
    freedom = infer(found, x).degrees_of_freedom(np.eye(x.shape[1]))
    assert freedom == pytest.approx(expected, rel=2e-4)


def balanced(people=10):
    rng = np.random.default_rng(9)
    who, visit = np.repeat(np.arange(people), 2), np.tile([0, 1], people)
    noise = rng.normal(size=people)[who] + 0.5 * rng.normal(size=2 * people)
    return pl.DataFrame(
        {"who": who, "visit": visit, "arm": np.array(["a", "b"])[who % 2], "y": noise + visit}
    )


@pytest.mark.parametrize("method", ["satterthwaite", "kenward-roger"])
def test_complete_data_give_the_tests_of_textbooks(method):
    """Compound symmetry, two visits, nobody missing: t tests on means and on differences.

    The mean of both visits compares arms by a two-sample t test on n − 2 degrees of freedom, and
    so do the changes (Student, by scipy.stats.ttest_ind).
    """
    from scipy.stats import ttest_ind

    table = balanced()
    found = mmrm(
        table, "y ~ arm*visit", participant="who", visit="visit", covariance="cs", method=method
    )
    names, rows = found.mean_weights(["arm", "visit"])
    of = dict(zip(names, rows, strict=True))
    changes = (of["b", "1"] - of["b", "0"]) - (of["a", "1"] - of["a", "0"])
    means = (of["b", "1"] + of["b", "0"] - of["a", "1"] - of["a", "0"]) / 2
    wide = table.pivot("visit", index=["who", "arm"], values="y")
    figures = {"change": wide["1"] - wide["0"], "mean": (wide["1"] + wide["0"]) / 2}
    for row, name in ((changes, "change"), (means, "mean")):
        value = figures[name].to_numpy()
        one, other = (value[(wide["arm"] == arm).to_numpy()] for arm in "ba")
        student = ttest_ind(one, other)
        (result,) = found.inference.combinations(row[None])
        assert result.statistic == pytest.approx(student.statistic, rel=1e-6)
        assert result.degrees_of_freedom == pytest.approx(8, rel=1e-6)
        assert result.p_value == pytest.approx(student.pvalue, rel=1e-6)


def test_weights_are_the_precision_of_a_record(trial):
    """A record of weight w has its row of the covariance divided by √w, its column too."""
    rng = np.random.default_rng(3)
    weights = rng.uniform(0.5, 2, size=len(trial["response"]))
    found = fit_mmrm(**trial, covariance="cs", weights=weights)
    v = everything(trial, found.visit_covariance[0]) / np.sqrt(np.outer(weights, weights))
    inverse, x = np.linalg.inv(v), trial["design"]
    covariance = np.linalg.inv(x.T @ inverse @ x)
    assert found.model_covariance == pytest.approx(covariance, rel=1e-8)
    left = trial["response"] - x @ covariance @ x.T @ inverse @ trial["response"]
    value = np.linalg.slogdet(v)[1] + left @ inverse @ left - np.linalg.slogdet(covariance)[1]
    value += (len(left) - x.shape[1]) * np.log(2 * np.pi)
    assert -2 * found.log_likelihood == pytest.approx(value, rel=1e-10)


def test_twice_the_participants_at_half_the_weight_are_as_likely_by_least_squares(trial):
    """Each participant doubled: the same coefficients; with ML the same covariance too."""
    twice = {name: np.concatenate([values, values]) for name, values in trial.items()}
    twice["participant"] = np.concatenate([trial["participant"], trial["participant"] + 100])
    one, two = (fit_mmrm(**data, covariance="ar1h", restricted=False) for data in (trial, twice))
    assert two.coefficients == pytest.approx(one.coefficients, rel=1e-6)
    assert two.visit_covariance == pytest.approx(one.visit_covariance, rel=1e-6)
    assert two.log_likelihood == pytest.approx(2 * one.log_likelihood, rel=1e-10)
    assert two.model_covariance == pytest.approx(one.model_covariance / 2, rel=1e-6)


BROKEN = {
    "a constant outcome": lambda t: t.with_columns(y=pl.lit(1.0)),
    "an infinite outcome": lambda t: t.with_columns(
        y=pl.when(pl.col("who") == 2).then(float("inf")).otherwise("y")
    ),
    "no outcome": lambda t: t.with_columns(y=pl.lit(None, dtype=pl.Float64)),
    "two records of a visit": lambda t: t.with_columns(visit=pl.lit(0)),
    "one participant per arm": lambda t: t.filter(pl.col("who") < 2),
    "an arm that is another column": lambda t: t.with_columns(site=pl.col("arm")),
    "nobody": lambda t: t.head(0),
}


@pytest.mark.parametrize("covariance", ["us", "cs"])
@pytest.mark.parametrize("broken", BROKEN)
def test_what_cannot_be_fitted_is_refused_or_said(broken, covariance):
    table = BROKEN[broken](balanced())
    formula = "y ~ arm*visit + site" if "site" in table.columns else "y ~ arm*visit"
    with pytest.raises(UnusableInputError):
        mmrm(table, formula, participant="who", visit="visit", covariance=covariance).differences(
            "arm"
        )
