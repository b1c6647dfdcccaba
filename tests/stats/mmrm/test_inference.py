"""Degrees of freedom and covariances against plain programs that loop over participants."""

import numpy as np
import pytest
from scipy import linalg

from trialwright.errors import UnusableInputError
from trialwright.stats.mmrm import fit_mmrm, infer
from trialwright.stats.mmrm.kenward_roger import adjusted_covariance
from trialwright.stats.mmrm.sandwich import SANDWICHES, sandwich

ARRAYS = ("response", "design", "participant", "visit")
ROWS = np.eye(10)[[2, 6, 7, 8]]


def fitted(records, name="us", **given):
    return fit_mmrm(**{key: records[key] for key in ARRAYS}, covariance=name, **given)


def blocks(fit):
    """Design, residuals and inverse covariance of each participant, on the scale of the fit."""
    covariance = fit.visit_covariance / fit.scale**2
    groups = fit.likelihood.data.group[fit.likelihood.data.pattern_of]
    for k in range(fit.participants):
        rows = slice(fit.start[k], fit.start[k + 1])
        visit = fit.visit[rows]
        inverse = np.linalg.inv(covariance[groups[k]][np.ix_(visit, visit)])
        yield fit.design[rows], fit.residuals[rows], inverse, visit


def theirs(name, t, m):
    """V from the parameters that mmrm documents."""
    if name == "us":
        root = np.eye(m)
        root[np.tril_indices(m, -1)] = t[m:]
        root = np.exp(t[:m])[:, None] * root
        return root @ root.T
    deviations = np.exp(t[:m]) if name.endswith("h") else np.full(m, np.exp(t[0]))
    rest = t[m:] if name.endswith("h") else t[1:]
    lag = np.abs(np.subtract.outer(np.arange(m), np.arange(m)))
    if name.startswith("cs"):
        a = 1 / (m - 1)
        correlation = np.where(lag == 0, 1.0, (1 + a) / (1 + np.exp(-rest[0])) - a)
    else:
        mapped = np.concatenate([[1.0], rest / np.sqrt(1 + rest**2)])
        correlation = mapped[1] ** lag if name.startswith("ar1") else mapped[lag]
    return np.outer(deviations, deviations) * correlation


def their_parameters(name, covariance):
    m = len(covariance)
    if name == "us":
        root = np.linalg.cholesky(covariance)
        scale = np.diag(root)
        return np.concatenate([np.log(scale), (root / scale[:, None])[np.tril_indices(m, -1)]])
    deviations = np.sqrt(np.diag(covariance))
    correlation = (covariance / np.outer(deviations, deviations))[0]
    logs = np.log(deviations if name.endswith("h") else deviations[:1])
    if name.startswith("cs"):
        share = (correlation[1] + 1 / (m - 1)) / (1 + 1 / (m - 1))
        return np.append(logs, np.log(share / (1 - share)))
    kept = correlation[1:2] if name.startswith("ar1") else correlation[1:]
    return np.concatenate([logs, kept / np.sqrt(1 - kept**2)])


def kenward_roger(fit, name, second_order):
    """The adjusted covariance by its definition, derivatives by differences."""
    m = fit.visit_covariance.shape[1]
    at = their_parameters(name, fit.visit_covariance[0] / fit.scale**2)
    k, step = len(at), 1e-3
    units = step * np.eye(k)

    def v(t):
        return theirs(name, t, m)

    first = np.array([
        (8 * (v(at + u) - v(at - u)) - (v(at + 2 * u) - v(at - 2 * u))) / (12 * step)
        for u in units
    ])  # fmt: skip
    second = np.array([
        [(v(at + a + b) - v(at + a - b) - v(at - a + b) + v(at - a - b)) / (4 * step**2)
         for b in units] for a in units
    ])  # fmt: skip
    ours = fit.likelihood.structure.slopes(fit.point.parameters[0], fit.likelihood.distance)
    change = np.linalg.lstsq(ours.reshape(len(ours), -1).T, first.reshape(k, -1).T)[0]
    back = np.linalg.inv(change)
    omega = back @ fit.parameter_covariance @ back.T
    p = len(fit.coefficients)
    pull, crossed, bent = np.zeros((k, p, p)), np.zeros((p, p)), np.zeros((p, p))
    for x, _, w, visit in blocks(fit):
        d = first[:, visit][:, :, visit]
        for i in range(k):
            pull[i] -= x.T @ w @ d[i] @ w @ x
            for j in range(k):
                crossed += omega[i, j] * x.T @ w @ d[i] @ w @ d[j] @ w @ x
                bent += omega[i, j] * x.T @ w @ second[i, j][np.ix_(visit, visit)] @ w @ x
    phi = fit.point.phi
    within = sum(omega[i, j] * pull[i] @ phi @ pull[j] for i in range(k) for j in range(k))
    middle = crossed - within - second_order * bent / 4
    return fit.scale**2 * (phi + 2 * phi @ middle @ phi)


@pytest.mark.parametrize("name", ["us", "cs", "csh", "ar1h", "toep"])
@pytest.mark.parametrize("second_order", [False, True])
def test_kenward_roger_covariance(records, name, second_order):
    fit = fitted(records, name)
    found = adjusted_covariance(fit, second_order=second_order)
    expected = kenward_roger(fit, name, second_order)
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-7)


def test_kenward_roger_with_groups_adds_up(records):
    # two groups with the same covariance parameters apart: the adjustment is symmetric and larger
    fit = fitted(records, "ar1", group=records["group"])
    found = adjusted_covariance(fit)
    assert found == pytest.approx(found.T, rel=1e-12)
    assert (np.diag(found) > np.diag(fit.model_covariance)).all()


def test_kenward_roger_needs_restricted_likelihood(records):
    fit = fitted(records, restricted=False)
    with pytest.raises(UnusableInputError, match="restricted"):
        infer(fit, records["design"], "kenward-roger")


@pytest.mark.parametrize("name", ["us", "csh"])
def test_satterthwaite_by_differences(records, name):
    fit = fitted(records, name)
    found = infer(fit, records["design"]).degrees_of_freedom(ROWS)
    at, step = fit.point.parameters, 1e-5
    units = step * np.eye(at.size).reshape(-1, *at.shape)
    rise = np.array([
        np.diag(ROWS @ (fit.likelihood.at(at + u).phi - fit.likelihood.at(at - u).phi) @ ROWS.T)
        for u in units
    ]) / (2 * step)  # fmt: skip
    variance = np.diag(ROWS @ fit.point.phi @ ROWS.T)
    expected = 2 * variance**2 / np.einsum("ki,kl,li->i", rise, fit.parameter_covariance, rise)
    assert found == pytest.approx(expected, rel=1e-5)


def plain_sandwich(fit, kind):
    """Meat by participants, and Bell and McCaffrey's G with the whole projection matrix."""
    phi, meat, parts, roots = fit.point.phi, 0.0, [], []
    for x, r, w, _ in blocks(fit):
        root = np.linalg.cholesky(w)
        design = root.T @ x
        left = np.eye(len(r)) - design @ phi @ design.T
        power = {"empirical": 0, "jackknife": -1, "bias-reduced": -0.5}[kind]
        factor = linalg.fractional_matrix_power(left, power).real
        score = design.T @ factor @ root.T @ r
        meat = meat + np.outer(score, score)
        parts.append(factor @ design @ phi)
        roots.append(design)
    whole = np.vstack(roots)
    projection = np.eye(len(whole)) - whole @ phi @ whole.T
    return fit.scale**2 * phi @ meat @ phi, projection, linalg.block_diag(*parts), len(parts)


@pytest.mark.parametrize("kind", SANDWICHES)
@pytest.mark.parametrize("name", ["us", "ar1"])
def test_sandwich(records, kind, name):
    fit = fitted(records, name)
    found = sandwich(fit, kind)
    covariance, projection, parts, people = plain_sandwich(fit, kind)
    assert found.covariance == pytest.approx(covariance, rel=1e-7, abs=1e-12)
    for row, df in zip(ROWS, found.degrees_of_freedom(ROWS), strict=True):
        g = projection @ parts @ np.kron(np.eye(people), row[:, None])
        inner = g.T @ g
        assert df == pytest.approx(np.trace(inner) ** 2 / (inner**2).sum(), rel=1e-7)


def test_leverage_orders_the_sandwiches(records):
    fit = fitted(records)
    small, middle, large = (
        np.diag(sandwich(fit, kind).covariance)
        for kind in ("empirical", "bias-reduced", "jackknife")
    )
    assert (small < middle).all()
    assert (middle < large).all()


def test_the_jackknife_needs_every_participant_to_be_spared(records):
    alone = (records["participant"] == 3).astype(float)
    design = np.column_stack([records["design"], alone])
    fit = fit_mmrm(
        records["response"], design, records["participant"], records["visit"], covariance="cs"
    )
    with pytest.raises(UnusableInputError, match="rests on one participant"):
        infer(fit, design, errors="jackknife")
    assert np.isfinite(infer(fit, design, errors="bias-reduced").covariance).all()


def test_between_and_within(records):
    fit = fitted(records)
    found = infer(fit, records["design"], "between-within")
    # by hand: constant, baseline and arm are between; six products of visits and the last within
    n, people = len(records["response"]), 30
    between, within = people - 3, n - people - 7
    assert found.degrees_of_freedom(np.eye(10)).tolist() == [
        within, between, between, *[within] * 7
    ]  # fmt: skip
    assert found.degrees_of_freedom(np.array([[0.0, 0, 1, 0, 0, 0, 1, 0, 0, 0]])) == [between]


@pytest.mark.parametrize("method", ["satterthwaite", "kenward-roger", "between-within", "residual"])
def test_one_row_jointly_is_the_t_test(records, method):
    found = infer(fitted(records), records["design"], method)
    single, joint = found.combinations(ROWS[:1])[0], found.joint(ROWS[:1])
    assert joint.statistic == pytest.approx(single.statistic**2, rel=1e-9)
    assert joint.denominator == pytest.approx(single.degrees_of_freedom, rel=1e-9)
    assert joint.p_value == pytest.approx(single.p_value, rel=1e-8)


def test_other_rows_of_the_same_hypothesis_give_the_same_kenward_roger_test(records):
    found = infer(fitted(records), records["design"], "kenward-roger")
    turn = np.random.default_rng(1).normal(size=(4, 4))
    one, other = found.joint(ROWS), found.joint(turn @ ROWS)
    assert other.statistic == pytest.approx(one.statistic, rel=1e-8)
    assert other.denominator == pytest.approx(one.denominator, rel=1e-8)


def test_robust_joint_tests_use_robust_degrees_of_freedom(records):
    found = infer(fitted(records), records["design"], errors="empirical")
    assert (
        found.joint(ROWS).denominator
        < infer(fitted(records), records["design"]).joint(ROWS).denominator
    )


@pytest.mark.parametrize(
    ("method", "errors", "match"),
    [
        ("welch", "model", "no method for degrees of freedom"),
        ("residual", "HC3", "no standard errors"),
        ("kenward-roger", "empirical", "adjusts the model's"),
    ],
)
def test_choices_that_do_not_exist_or_fit(records, method, errors, match):
    with pytest.raises(UnusableInputError, match=match):
        infer(fitted(records), records["design"], method, errors)


def test_empty_and_repeated_hypotheses_are_refused(records):
    found = infer(fitted(records), records["design"])
    with pytest.raises(UnusableInputError, match="no variance"):
        found.combinations(np.zeros((1, 10)))
    with pytest.raises(UnusableInputError, match="follow from each other"):
        found.joint(np.vstack([ROWS, ROWS[:1]]))
