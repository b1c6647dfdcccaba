"""The pooled comparison against R's mice, loops over data sets, and what must not matter."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from trialwright.errors import UnusableInputError
from trialwright.stats.missing.last_visit import compare_last_visit, comparison_matrix

# R 4.2.2, mice 3.15.0: summary(pool(as.mira(lapply(1:4, function(k) lm(s[k, ] ~ arm + xc)))),
# conf.int = TRUE) with xc = x - mean(x), and with I(1 - arm) for the active mean; pool(...)$pooled.
MICE = {
    "reference_mean": {
        "estimate": -2.253186813186813, "standard_error": 0.377228499128909,
        "statistic": -5.97300261881020, "degrees_of_freedom": 3.68295468229525,
        "p_value": 0.00511401897325348, "lower": -3.33707520095682, "upper": -1.169298425416811,
        "within": 0.0758805486066132, "between": 0.0531366335587488, "total": 0.1423013405550492,
        "relative_increase": 0.875333575838793, "share_missing": 0.466761533583313,
        "fraction_missing": 0.626343183247754,
    },
    "difference": {
        "estimate": -1.486483516483516, "standard_error": 0.480845607177209,
        "statistic": -3.09139460628512, "degrees_of_freedom": 4.98386603907424,
        "p_value": 0.02723289568024344, "lower": -2.72374099964716, "upper": -0.249226033319874,
        "within": 0.1519068811682823, "between": 0.0634444934186691, "total": 0.2312124979416187,
        "relative_increase": 0.522067309679551, "share_missing": 0.342998832153793,
        "fraction_missing": 0.507581044488204,
    },
    "active_mean": {
        "estimate": -3.73967032967033, "standard_error": 0.282732019723303,
        "statistic": -13.22690770338, "degrees_of_freedom": 8.8818215332722,
        "p_value": 3.80493842057495e-07,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", MICE)
def test_four_data_sets_in_mice(small, name) -> None:
    sets, _, arm, x = small
    found = getattr(compare_last_visit(sets, arm, x), name)
    assert {each: getattr(found, each) for each in MICE[name]} == pytest.approx(
        MICE[name], rel=1e-9
    )


def test_intervals_of_another_level_in_mice(small) -> None:
    """summary(pool(...), conf.int = TRUE, conf.level = 0.9)."""
    sets, _, arm, x = small
    found = compare_last_visit(sets, arm, x, level=0.9).difference
    assert (found.lower, found.upper, found.level) == pytest.approx(
        (-2.45610398569115, -0.516863047275885, 0.9), rel=1e-9
    )


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 300), st.integers(0, 3))
def test_each_data_set_is_least_squares_and_rubin_pools_them(seed, covariates) -> None:
    rng = np.random.Generator(np.random.Philox(seed))
    sets, arm = rng.normal(size=(5, 18)), np.append([False, True], rng.random(16) < 0.5)
    x = rng.normal(size=(18, covariates))
    q, u = [], []
    for y in sets:
        matrix = np.column_stack([np.ones(18), arm, x])
        inverse = np.linalg.inv(matrix.T @ matrix)
        beta = inverse @ matrix.T @ y
        q.append(beta[1])
        u.append(((y - matrix @ beta) ** 2).sum() / (16 - covariates) * inverse[1, 1])
    mean, within = sum(q) / 5, sum(u) / 5
    between = sum((each - mean) ** 2 for each in q) / 4
    total = within + 6 / 5 * between
    share = 6 / 5 * between / total
    complete = 16 - covariates
    observed = (complete + 1) / (complete + 3) * complete * (1 - share)
    free = 1 / (1 / (4 / share**2) + 1 / observed)
    found = compare_last_visit(sets, arm, x).difference
    assert found.estimate == pytest.approx(mean)
    assert found.standard_error == pytest.approx(np.sqrt(total))
    assert found.degrees_of_freedom == pytest.approx(free)
    assert found.p_value == pytest.approx(2 * stats.t.sf(abs(mean) / np.sqrt(total), free))


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(14)), st.sampled_from([1e-6, 2.0, 1e6]), st.floats(-50, 50))
def test_order_units_and_names_of_arms_do_not_matter(order, unit, level) -> None:
    rng = np.random.Generator(np.random.Philox(5))
    sets, arm, x = rng.normal(size=(3, 14)), np.arange(14) >= 6, rng.normal(size=(14, 2))
    one = compare_last_visit(sets, arm, x)
    other = compare_last_visit(
        unit * (sets[::-1, order] + level), ~arm[order], x[order] * [3, 1 / unit] + level
    )
    assert other.difference.estimate / unit == pytest.approx(-one.difference.estimate, rel=1e-6)
    assert other.difference.p_value == pytest.approx(one.difference.p_value, rel=1e-6)
    assert other.active_mean.estimate / unit - level == pytest.approx(
        one.reference_mean.estimate, abs=1e-6
    )


def test_the_columns_of_the_comparison_by_hand() -> None:
    found = comparison_matrix(np.array([False, True, True]), np.array([[1.0], [2.0], [6.0]]))
    assert found.tolist() == [[1, 0, -2], [1, 1, -1], [1, 1, 3]]


def test_one_participant_in_an_arm_is_compared_with_the_others_variance() -> None:
    """Mean 2 and variance 1 of three; the one at 5: difference 3, variance 1 + 1/3, 2 degrees."""
    found = compare_last_visit([[1.0, 2, 3, 5]] * 2, [0, 0, 0, 1], np.empty((4, 0))).difference
    assert found.estimate == pytest.approx(3)
    assert found.standard_error == pytest.approx(np.sqrt(4 / 3))
    # Barnard and Rubin's observed degrees of freedom: (2 + 1) / (2 + 3) * 2.
    assert found.degrees_of_freedom == pytest.approx(1.2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"completed": np.full((4, 14), 0.1)}, "the outcome is fitted without error"),
        ({"completed": np.zeros((4, 14))}, "the outcome is fitted without error"),
        ({"active": np.ones(14)}, "the term arm is a combination of the others"),
        ({"active": np.zeros(14)}, "the term arm is zero throughout"),
        ({"active": np.arange(14) % 3}, "'active' is either true or false for each participant"),
        ({"active": np.where(np.arange(14) > 6, np.nan, 0)}, "'active' is either true or false"),
        ({"active": ["new", "old"] * 7}, "'active' is either true or false"),
        ({"covariates": np.ones((14, 1))}, "the term covariate 0 is zero throughout"),
        ({"covariates": (np.arange(14.0) >= 7)[:, None]}, "the term covariate 0 is a combination"),
        (
            {"covariates": np.full((14, 1), np.inf)},
            "an outcome or a covariate is missing\n  impute it",
        ),
        ({"covariates": np.ones(14)}, "outcomes, arms and covariates differ in length"),
        ({"completed": np.ones(14)}, "outcomes, arms and covariates differ in length"),
        ({"completed": np.arange(14.0)[None] ** 2}, "two data sets or more"),
    ],
)
def test_what_cannot_be_compared_is_refused(small, change, words) -> None:
    arguments = {"completed": small[0], "active": small[2], "covariates": small[3]} | change
    with pytest.raises(UnusableInputError, match=words):
        compare_last_visit(**arguments)
