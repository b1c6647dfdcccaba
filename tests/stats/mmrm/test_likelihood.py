"""Cross-products, likelihood and derivatives against sums over participants, one by one."""

import numpy as np
import pytest
from scipy import stats

from trialwright.stats.mmrm import fit_mmrm
from trialwright.stats.mmrm.structures import STRUCTURES

GROUPED = [(name, grouped) for name in ("us", "csh", "ad", "sp_exp") for grouped in (False, True)]


def fitted(records, name="us", grouped=False, restricted=True):
    given = {key: records[key] for key in ("response", "design", "participant", "visit")}
    group = records["group"] if grouped else None
    return fit_mmrm(**given, covariance=name, group=group, restricted=restricted)


def participants(fit, records, grouped):
    """Design, response, visits and group of each participant, on the scale of the fit."""
    for k in range(fit.participants):
        rows = fit.order[fit.start[k] : fit.start[k + 1]]
        x, visit = records["design"][rows], records["visit"][rows]
        y = fit.residuals[fit.start[k] : fit.start[k + 1]] + x @ fit.point.coefficients
        yield x, y, visit, records["group"][rows][0] if grouped else 0


def plainly(fit, records, parameters, grouped):
    """f by its definition, with the multivariate normal density."""
    covariance = fit.likelihood.covariance(parameters)
    people = list(participants(fit, records, grouped))
    inverses = [np.linalg.inv(covariance[g][np.ix_(v, v)]) for _, _, v, g in people]
    information = sum(x.T @ w @ x for (x, *_), w in zip(people, inverses, strict=True))
    pulled = sum(x.T @ w @ y for (x, y, *_), w in zip(people, inverses, strict=True))
    beta = np.linalg.solve(information, pulled)
    value = -sum(
        stats.multivariate_normal(x @ beta, covariance[g][np.ix_(v, v)]).logpdf(y)
        + len(y) / 2 * np.log(2 * np.pi)
        for x, y, v, g in people
    )
    return value + fit.restricted * np.linalg.slogdet(information)[1] / 2, beta, information


@pytest.mark.parametrize(("name", "grouped"), GROUPED)
@pytest.mark.parametrize("restricted", [True, False])
def test_value_and_mean(records, name, grouped, restricted):
    fit = fitted(records, name, grouped, restricted)
    moved = fit.point.parameters * 1.02
    point = fit.likelihood.at(moved)
    value, beta, information = plainly(fit, records, moved, grouped)
    assert point.value == pytest.approx(value, rel=1e-10)
    assert point.coefficients == pytest.approx(beta, rel=1e-8, abs=1e-10)
    assert point.phi == pytest.approx(np.linalg.inv(information), rel=1e-7, abs=1e-12)


@pytest.mark.parametrize(("name", "grouped"), GROUPED)
@pytest.mark.parametrize("restricted", [True, False])
def test_slope_and_curvature_are_differences(records, name, grouped, restricted):
    fit = fitted(records, name, grouped, restricted)
    moved = fit.point.parameters * 1.02
    point = fit.likelihood.at(moved)
    hessian, inner = fit.likelihood.curvature(point)
    step = 1e-5
    for k, unit in enumerate(np.eye(moved.size)):
        up, down = (
            fit.likelihood.at(moved + sign * step * unit.reshape(moved.shape)) for sign in (1, -1)
        )
        rise = (up.value - down.value) / (2 * step)
        assert point.slope[k] == pytest.approx(rise, rel=1e-5, abs=1e-5)
        assert hessian[k] == pytest.approx((up.slope - down.slope) / (2 * step), rel=1e-5, abs=1e-4)
        information = (np.linalg.inv(up.phi) - np.linalg.inv(down.phi)) / (2 * step)
        assert inner[k] == pytest.approx(-information, rel=1e-4, abs=1e-3)


@pytest.mark.parametrize("name", ["us", "toeph"])
def test_scoring_is_the_expected_curvature_without_the_mean(records, name):
    fit = fitted(records, name)
    point = fit.point
    slopes = STRUCTURES[name].slopes(point.parameters[0], fit.likelihood.distance)
    covariance = fit.likelihood.covariance(point.parameters)[0]
    expected = np.zeros((len(slopes), len(slopes)))
    for _, _, v, _ in participants(fit, records, False):
        inverse = np.linalg.inv(covariance[np.ix_(v, v)])
        turned = np.array([inverse @ slope[np.ix_(v, v)] for slope in slopes])
        expected += np.einsum("iab,jba->ij", turned, turned) / 2
    assert fit.likelihood.scoring(point) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_a_covariance_that_is_not_positive_has_no_likelihood(records):
    fit = fitted(records)
    negative = fit.point.parameters.copy()
    negative[0, 0] = -1.0
    assert fit.likelihood.at(negative) is None


def test_weighed_sums(records):
    fit = fitted(records)
    data = fit.likelihood.data
    summed = fit.likelihood.weighed(np.ones(data.block_start[-1]))
    expected = sum(
        np.outer(x.sum(axis=0), x.sum(axis=0)) for x, *_ in participants(fit, records, False)
    )
    assert summed == pytest.approx(expected, rel=1e-10, abs=1e-10)


def test_patterns_are_the_sets_of_visits(records):
    fit = fitted(records, grouped=True)
    data = fit.likelihood.data
    sets = {
        (tuple(visit.tolist()), int(group))
        for _, _, visit, group in participants(fit, records, True)
    }
    found = {
        (tuple(data.seen[data.seen_start[g] : data.seen_start[g + 1]].tolist()), int(data.group[g]))
        for g in range(len(data.size))
    }
    assert found == sets
    assert data.size.sum() == fit.participants


def test_copies_and_empty_columns_are_kept_once(records):
    data = fitted(records).likelihood.data
    # at visit 0: constant, baseline, arm, the last column; indicators and products are zero
    assert data.slots[0].tolist() == [0, 1, 2, -1, -1, -1, -1, -1, -1, 3, 4]
    # at visit 2 the second indicator equals the constant, its product with arm equals arm
    assert data.slots[2].tolist() == [0, 1, 2, -1, 0, -1, -1, 2, -1, 3, 4]
