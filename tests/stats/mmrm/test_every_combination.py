"""Structures, weights, groups and kinds of likelihood in every combination, by `Dense`."""

import numpy as np
import pytest

from stats.mmrm.dense import POSITIONS, Dense, made_trial
from trialwright.stats.mmrm import STRUCTURES, fit_mmrm, infer

ROWS = np.array([[0, 0, 1.0, 0, 0, 0], [0, 0, 1.0, 0, 0, 3.0], [0, 1.0, 0, 0.5, 0.5, 0]])
SANDWICHES = {"empirical": 0, "bias-reduced": -0.5, "jackknife": -1}


@pytest.fixture(scope="module")
def trial():
    return made_trial(31, people=36)


SETTINGS = [  # with the fourth, of neither kind, in `test_one_large_matrix`
    {"weighted": True, "grouped": False, "restricted": True},
    {"weighted": False, "grouped": True, "restricted": True},
    {"weighted": True, "grouped": True, "restricted": False},
]


def named(setting):
    return "-".join(word for word, on in setting.items() if on)


@pytest.fixture(scope="module", params=SETTINGS, ids=named)
def setting(request):
    return request.param


@pytest.fixture(scope="module", params=STRUCTURES)
def pair(trial, setting, request):
    """A fit, the plain model at its covariance, and the covariance of its parameters."""
    name = request.param
    arrays = {key: trial[key] for key in ("response", "design", "participant", "visit")}
    fit = fit_mmrm(
        **arrays,
        covariance=name,
        positions=POSITIONS,
        restricted=setting["restricted"],
        group=trial["group"] if setting["grouped"] else None,
        weights=trial["weights"] if setting["weighted"] else None,
    )
    plain = Dense(trial, name, fit.visit_covariance, **setting)
    return fit, plain, plain.omega()


def joint_freedom(each):
    """Fai and Cornelius: from the mean of independent F statistics."""
    expectation = (each / (each - 2)).sum()
    return 2 * expectation / (expectation - len(each))


def independent(covariance):
    values, vectors = np.linalg.eigh(ROWS @ covariance @ ROWS.T)
    return (vectors / np.sqrt(values)).T @ ROWS


def wald(covariance, fit):
    effects = ROWS @ fit.coefficients
    return effects @ np.linalg.solve(ROWS @ covariance @ ROWS.T, effects) / len(ROWS)


def test_the_likelihood_is_the_definition_and_flat_at_the_fit(pair):
    fit, plain, omega = pair
    phi, beta, *_ = plain.mean(plain.at)
    assert fit.converged
    assert -fit.log_likelihood == pytest.approx(plain.height(plain.at), rel=1e-10)
    assert np.abs(plain.slope()).max() < 1e-6
    assert np.linalg.eigvalsh(omega)[0] > 0  # a maximum, not a saddle
    assert fit.coefficients == pytest.approx(beta, rel=1e-8, abs=1e-10)
    assert fit.model_covariance == pytest.approx(phi, rel=1e-8, abs=1e-12)


def test_satterthwaite(pair, trial):
    fit, plain, omega = pair
    phi, slopes = plain.mean(plain.at)[0], plain.variance_slopes()

    def free(row):
        rise = slopes @ row @ row
        return 2 * (row @ phi @ row) ** 2 / (rise @ omega @ rise)

    found = infer(fit, trial["design"])
    assert found.degrees_of_freedom(ROWS) == pytest.approx([free(r) for r in ROWS], rel=1e-3)
    each = np.array([free(row) for row in independent(phi)])
    joint = found.joint(ROWS)
    assert joint.denominator == pytest.approx(joint_freedom(each), rel=2e-3)
    assert joint.statistic == pytest.approx(wald(phi, fit), rel=1e-7)


@pytest.mark.parametrize("setting", SETTINGS[:2], ids=named, indirect=True)
@pytest.mark.parametrize("second_order", [False, True])
def test_kenward_roger(pair, trial, second_order):
    fit, plain, omega = pair
    method = "kenward-roger-second-order" if second_order else "kenward-roger"
    found = infer(fit, trial["design"], method)
    expected = plain.kenward_roger(omega, second_order=second_order)
    assert found.covariance == pytest.approx(expected, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("kind", SANDWICHES)
def test_sandwiches(pair, trial, kind):
    fit, plain, _ = pair
    covariance, free = plain.sandwich(SANDWICHES[kind])
    found = infer(fit, trial["design"], errors=kind)
    assert found.covariance == pytest.approx(covariance, rel=1e-7, abs=1e-11)
    assert found.degrees_of_freedom(ROWS) == pytest.approx([free(r) for r in ROWS], rel=1e-7)
    each = np.array([free(row) for row in independent(covariance)])
    joint = found.joint(ROWS)
    assert joint.denominator == pytest.approx(joint_freedom(each), rel=1e-6)
    assert joint.statistic == pytest.approx(wald(covariance, fit), rel=1e-7)
