"""Every structure beside one large matrix: slopes, curvature, degrees of freedom, adjusted errors.

The covariance of all records with all others is written down from free parameters of its own, and
every derivative is a difference of it. Nothing is taken from the fit but its covariance of visits.
Formulas: Kenward & Roger, Biometrics 1997;53:983; Fai & Cornelius, JSCS 1996;54:363.
"""

import numpy as np
import pytest

from trialwright.stats.mmrm import fit_mmrm, infer

VISITS, PEOPLE = 4, 22
POSITIONS = np.array([0.0, 1.0, 3.0, 4.5])  # uneven, for the spatial structures
LAG = np.abs(np.subtract.outer(np.arange(VISITS), np.arange(VISITS)))
ROWS = np.array([[0, 0, 1.0, 0, 0, 0], [0, 0, 1.0, 0, 0, 1.0], [0, 1.0, 0, 0.5, 0.5, 0]])


@pytest.fixture(scope="module")
def trial():
    """Twenty-two participants, two arms, some visits missed, one weight a record."""
    rng = np.random.default_rng(31)
    who, visit = np.repeat(np.arange(PEOPLE), VISITS), np.tile(np.arange(VISITS), PEOPLE)
    arm, base = (who % 2).astype(float), rng.normal(size=PEOPLE)[who]
    noise = 0.8 * rng.normal(size=(PEOPLE, VISITS)).cumsum(axis=1).ravel()
    noise += rng.normal(size=PEOPLE)[who] + 0.7 * rng.normal(size=len(who))
    design = np.column_stack([np.ones(len(who)), base, arm, visit == 2, visit == 3, arm * visit])
    kept = rng.permutation(np.flatnonzero(rng.uniform(size=len(who)) > 0.15))
    return {
        "response": (1 + base + noise - arm * visit / 2)[kept],
        "design": design[kept].astype(float),
        "participant": who[kept],
        "visit": visit[kept],
        "weights": rng.uniform(0.5, 2, size=len(who))[kept],
        "group": (who % 2)[kept],
    }


def correlation(name, rest):
    kind = name.removesuffix("h")
    if kind == "cs":
        return np.where(LAG == 0, 1.0, rest[0])
    if kind == "ar1":
        return rest[0] ** LAG
    if kind == "toep":
        return np.concatenate([[1.0], rest])[LAG]
    if kind == "ad":
        return np.array([[np.prod(rest[min(i, j) : max(i, j)]) for j in range(VISITS)]
                         for i in range(VISITS)])  # fmt: skip
    apart = np.abs(np.subtract.outer(POSITIONS, POSITIONS))
    return np.exp(-rest[0] * apart ** (2 if kind == "sp_gau" else 1))


def rebuilt(name, t):
    """The covariance of visits from variances, one or each, and correlations as they are."""
    if name == "us":
        out = np.zeros((VISITS, VISITS))
        out[np.tril_indices(VISITS)] = t
        return out + np.tril(out, -1).T
    count = VISITS if name.endswith("h") else 1
    deviations = np.sqrt(np.broadcast_to(t[:count], VISITS))
    return np.outer(deviations, deviations) * correlation(name, t[count:])


def parameters(name, matrix):
    if name == "us":
        return matrix[np.tril_indices(VISITS)]
    variances = np.diag(matrix) if name.endswith("h") else np.diag(matrix)[:1]
    scale = np.sqrt(np.diag(matrix))
    r = matrix / np.outer(scale, scale)
    rest = {
        "cs": r[0, 1:2], "ar1": r[0, 1:2], "toep": r[0, 1:], "ad": np.diag(r, 1),
        "sp_exp": -np.log(r[0, 1:2]), "sp_gau": -np.log(r[0, 1:2]),
    }[name.removesuffix("h")]  # fmt: skip
    return np.concatenate([variances, rest])


class Dense:
    """All records at once, as a function of the free parameters of each group in turn."""

    def __init__(self, trial, name, fit, *, grouped=False, weighted=False, restricted=True):
        self.trial, self.name, self.restricted = trial, name, restricted
        self.group = trial["group"] if grouped else np.zeros(len(trial["visit"]), int)
        self.weight = trial["weights"] if weighted else np.ones(len(trial["visit"]))
        self.at = np.concatenate([parameters(name, each) for each in fit.visit_covariance])
        self.groups = len(fit.visit_covariance)
        self.x, self.y = trial["design"], trial["response"]

    def v(self, t):
        who, visit = self.trial["participant"], self.trial["visit"]
        each = np.array([rebuilt(self.name, part) for part in np.split(t, self.groups)])
        whole = each[self.group[:, None], visit[:, None], visit[None, :]]
        return np.where(who[:, None] == who, whole, 0.0) / np.sqrt(
            np.outer(self.weight, self.weight)
        )

    def height(self, t):
        """Minus the log likelihood."""
        v = self.v(t)
        w = np.linalg.inv(v)
        information = self.x.T @ w @ self.x
        left = self.y - self.x @ np.linalg.solve(information, self.x.T @ w @ self.y)
        value = np.linalg.slogdet(v)[1] + left @ w @ left
        free = len(self.y)
        if self.restricted:
            value += np.linalg.slogdet(information)[1]
            free -= self.x.shape[1]
        return (value + free * np.log(2 * np.pi)) / 2

    def steps(self):
        return 2e-4 * np.diag(np.maximum(np.abs(self.at), 0.1))

    def slope(self):
        return np.array(
            [(self.height(self.at + u) - self.height(self.at - u)) / 2 for u in self.steps()]
        )

    def omega(self):
        """Inverse of the curvature."""
        h, at, steps = self.height, self.at, 5 * self.steps()
        size = np.diag(steps)
        curve = np.array([
            [(h(at + a + b) - h(at + a - b) - h(at - a + b) + h(at - a - b)) / 4 for b in steps]
            for a in steps
        ])  # fmt: skip
        return np.linalg.inv(curve / np.outer(size, size))

    def pieces(self):
        """Phi, its P, and the sum that Kenward and Roger's adjustment needs, linear form."""
        w = np.linalg.inv(self.v(self.at))
        phi = np.linalg.inv(self.x.T @ w @ self.x)
        steps = self.steps()
        d = [(self.v(self.at + u) - self.v(self.at - u)) / (2 * u.sum()) for u in steps]
        turned = [w @ each @ w @ self.x for each in d]
        p = np.array([-self.x.T @ each for each in turned])
        omega = self.omega()
        middle = sum(
            omega[i, j] * (self.x.T @ w @ d[i] @ turned[j] - p[i] @ phi @ p[j])
            for i in range(len(d)) for j in range(len(d))
        )  # fmt: skip
        return phi, p, omega, phi + 2 * phi @ middle @ phi


ALL = ("us", "cs", "csh", "ar1", "ar1h", "toep", "toeph", "ad", "adh", "sp_exp", "sp_gau")
PLAIN = [(name, {}) for name in ALL]
OTHERS = [
    ("cs", {"grouped": True}), ("ar1h", {"weighted": True}),
    ("csh", {"grouped": True, "weighted": True}), ("us", {"weighted": True}),
]  # fmt: skip


def both(trial, name, settings, *, restricted=True):
    given = {key: trial[key] for key in ("response", "design", "participant", "visit")}
    if settings.get("grouped"):
        given["group"] = trial["group"]
    if settings.get("weighted"):
        given["weights"] = trial["weights"]
    fit = fit_mmrm(**given, covariance=name, positions=POSITIONS, restricted=restricted)
    return fit, Dense(trial, name, fit, restricted=restricted, **settings)


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize(("name", "settings"), PLAIN + OTHERS)
def test_the_maximum_of_the_likelihood_of_all_records(trial, name, settings, restricted):
    fit, dense = both(trial, name, settings, restricted=restricted)
    assert fit.converged
    shapes = [rebuilt(name, part) for part in np.split(dense.at, dense.groups)]
    assert np.array(shapes) == pytest.approx(fit.visit_covariance, rel=1e-9)
    value = -fit.log_likelihood
    assert dense.height(dense.at) == pytest.approx(value, rel=1e-11)
    assert np.abs(dense.slope()).max() < 1e-7
    rng = np.random.default_rng(2)
    for _ in range(6):  # no better place nearby
        away = dense.at * (1 + 0.02 * rng.normal(size=len(dense.at)))
        assert dense.height(away) > value


@pytest.mark.parametrize(("name", "settings"), PLAIN + OTHERS)
def test_satterthwaite(trial, name, settings):
    """2 v² / var(v) for each row; for all rows at once the mean of independent squares of t."""
    fit, dense = both(trial, name, settings)
    phi, p, omega, _ = dense.pieces()
    slopes = -phi @ p @ phi

    def free(row):
        g = np.array([row @ each @ row for each in slopes])
        return 2 * (row @ phi @ row) ** 2 / (g @ omega @ g)

    found = infer(fit, trial["design"])
    expected = [free(row) for row in ROWS]
    assert found.degrees_of_freedom(ROWS) == pytest.approx(expected, rel=2e-4)
    values, vectors = np.linalg.eigh(ROWS @ phi @ ROWS.T)
    each = np.array([free(vector @ ROWS) for vector in vectors.T])
    expectation = (each / (each - 2)).sum()
    joint = found.joint(ROWS)
    assert joint.denominator == pytest.approx(2 * expectation / (expectation - 3), rel=1e-3)
    effects = vectors.T @ ROWS @ fit.coefficients
    assert joint.statistic == pytest.approx((effects**2 / values).mean(), rel=1e-6)


@pytest.mark.parametrize(("name", "settings"), PLAIN + OTHERS)
def test_kenward_roger(trial, name, settings):
    """The linear form has no second derivatives, so it is the same in any parameters."""
    fit, dense = both(trial, name, settings)
    phi, p, omega, adjusted = dense.pieces()
    found = infer(fit, trial["design"], "kenward-roger")
    assert found.covariance == pytest.approx(adjusted, rel=2e-4, abs=1e-6)
    count = len(ROWS)
    theta = ROWS.T @ np.linalg.solve(ROWS @ phi @ ROWS.T, ROWS)
    turned = [theta @ phi @ each @ phi for each in p]
    pairs = [(i, j) for i in range(len(p)) for j in range(len(p))]
    a1 = sum(omega[i, j] * np.trace(turned[i]) * np.trace(turned[j]) for i, j in pairs)
    a2 = sum(omega[i, j] * np.trace(turned[i] @ turned[j]) for i, j in pairs)
    b = (a1 + 6 * a2) / (2 * count)
    g = ((count + 1) * a1 - (count + 4) * a2) / ((count + 2) * a2)
    c = np.array([g, count - g, count + 2 - g]) / (3 * count + 2 * (1 - g))
    mean = 1 / (1 - a2 / count)
    variance = 2 / count * (1 + c[0] * b) / ((1 - c[1] * b) ** 2 * (1 - c[2] * b))
    ratio = variance / (2 * mean**2)
    free = 4 + (count + 2) / (count * ratio - 1)
    effects = ROWS @ fit.coefficients
    wald = effects @ np.linalg.solve(ROWS @ adjusted @ ROWS.T, effects) / count
    joint = found.joint(ROWS)
    assert joint.denominator == pytest.approx(free, rel=1e-3)
    assert joint.statistic == pytest.approx(free / (mean * (free - 2)) * wald, rel=1e-3)


@pytest.mark.parametrize("name", ["us", "csh", "toep", "sp_exp"])
def test_sandwiches(trial, name):
    """The jackknife's error of a participant is exact for a covariance held fixed."""
    fit, dense = both(trial, name, {})
    w, x, y = np.linalg.inv(dense.v(dense.at)), dense.x, dense.y
    beta = np.linalg.solve(x.T @ w @ x, x.T @ w @ y)
    without = []
    for one in range(PEOPLE):
        kept = trial["participant"] != one
        part = w[np.ix_(kept, kept)]  # participants are independent, so their blocks stand alone
        left = np.linalg.solve(x[kept].T @ part @ x[kept], x[kept].T @ part @ y[kept])
        without.append(left - beta)
    assert infer(fit, x, errors="jackknife").covariance == pytest.approx(
        np.array(without).T @ np.array(without), rel=1e-6, abs=1e-9
    )
    scores = np.array([
        x[own].T @ w[np.ix_(own, own)] @ (y - x @ beta)[own]
        for own in (trial["participant"] == one for one in range(PEOPLE))
    ])  # fmt: skip
    phi = np.linalg.inv(x.T @ w @ x)
    assert infer(fit, x, errors="empirical").covariance == pytest.approx(
        phi @ scores.T @ scores @ phi, rel=1e-6, abs=1e-9
    )
