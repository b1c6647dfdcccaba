"""A stack of trials against the same trials one by one."""

import numpy as np
import pytest

from trialwright.errors import UnusableInputError
from trialwright.stats.mmrm import fit_mmrm, infer, mmrm_batch

ROWS = np.eye(10)[[2, 8]]


@pytest.fixture(scope="module")
def stack(records):
    rng = np.random.default_rng(8)
    trials = records["response"] + rng.normal(size=(4, len(records["response"])))
    trials[1, ::9] = np.nan
    return trials


def batch(stack, records, design=None, **given):
    return mmrm_batch(
        stack, records["design"] if design is None else design, records["participant"],
        records["visit"], ROWS, **given,
    )  # fmt: skip


@pytest.mark.parametrize("method", ["satterthwaite", "kenward-roger"])
@pytest.mark.parametrize("covariance", ["us", "ar1h"])
def test_trials_one_by_one(stack, records, method, covariance):
    found = batch(stack, records, method=method, covariance=covariance)
    assert found.converged.all()
    for trial, response in enumerate(stack):
        seen = ~np.isnan(response)
        x = records["design"][seen]
        fit = fit_mmrm(
            response[seen], x, records["participant"][seen], records["visit"][seen],
            covariance=covariance,
        )  # fmt: skip
        alone = infer(fit, x, method).combinations(ROWS)
        for name, values in (
            ("estimate", found.estimates), ("standard_error", found.standard_errors),
            ("degrees_of_freedom", found.degrees_of_freedom), ("p_value", found.p_values),
        ):  # fmt: skip
            assert values[trial] == pytest.approx([getattr(e, name) for e in alone], rel=1e-7)


def test_the_start_changes_no_result(stack, records):
    plain, started = batch(stack, records), batch(stack, records, start=np.eye(4) + 1.0)
    assert started.p_values == pytest.approx(plain.p_values, rel=1e-7)


def test_a_design_for_each_trial(stack, records):
    designs = np.stack([records["design"]] * len(stack))
    designs[2, :, -1] *= -1
    found, plain = batch(stack, records, designs), batch(stack, records)
    assert found.p_values == pytest.approx(plain.p_values, rel=1e-7)


def test_a_trial_without_result_counts_and_says_why(stack, records):
    broken = stack.copy()
    broken[3, records["visit"] == 2] = np.nan
    found = batch(broken, records)
    assert found.converged.tolist() == [True, True, True, False]
    assert found.p_values[3].tolist() == [1, 1]
    assert list(found.reasons) == [3]


def test_arrays_that_do_not_fit_together(stack, records):
    with pytest.raises(UnusableInputError, match="a trial a row"):
        batch(stack[:, 1:], records)
    with pytest.raises(UnusableInputError, match="one row for each visit"):
        fit_mmrm(
            records["response"], records["design"], records["participant"], records["visit"],
            start=np.eye(3),
        )  # fmt: skip


def test_a_start_of_another_size_is_refused(stack, records):
    with pytest.raises(UnusableInputError, match="one row for each visit"):
        batch(stack, records, start=np.eye(3))


@pytest.mark.parametrize("method", ["satterthwaite", "kenward-roger"])
def test_order_of_records_does_not_matter(stack, records, method):
    order = np.random.default_rng(4).permutation(stack.shape[1])
    turned = {key: value[order] for key, value in records.items()}
    one = batch(stack, records, method=method)
    other = batch(stack[:, order], turned, method=method)
    assert other.standard_errors == pytest.approx(one.standard_errors, rel=1e-7)
    assert other.p_values == pytest.approx(one.p_values, rel=1e-7)


def test_what_the_compiled_trials_leave_is_said(stack, records):
    # given a start, so that every trial goes through the compiled loop first
    broken = np.vstack([stack, np.full_like(stack[:1], 3.0), np.full_like(stack[:1], np.nan)])
    broken[2, 5] = np.inf
    found = batch(broken, records, start=np.eye(4))
    assert found.converged.tolist() == [True, True, False, True, False, False]
    assert "no finite numbers" in found.reasons[2]
    assert "without error" in found.reasons[4]
    assert set(found.reasons) == {2, 4, 5}
    assert np.isinf(found.standard_errors[[2, 4, 5]]).all()
