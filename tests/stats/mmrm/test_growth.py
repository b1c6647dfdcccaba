"""The dental growth of Potthoff and Roy (Biometrika 1964;51:313) by five R programs and by SAS.

`growth.R` makes `growth.yaml`, which names the programs' versions. The figures of SAS's guide and of
Verbeke and Molenberghs are from memory (verified: false): the prints were not at hand.
"""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml

from trialwright.stats.mmrm import fit_mmrm, infer, mmrm
from trialwright.stats.repeated_measures import repeated_measures

MADE = yaml.safe_load(Path(__file__).with_name("growth.yaml").read_text(encoding="utf-8"))
COLUMNS = ["child", "girl", "age", "distance", "weight", "attended"]
GROWTH = pl.DataFrame(MADE["data"], schema=COLUMNS, orient="row")
# How far each program's search leaves it from the maximum: in estimates and errors, relative.
REACHED = {
    "nlme::gls": 2e-4,
    "glmmTMB": 2e-4,
    "lmerTest": 1e-5,
    "pbkrtest": 1e-5,
    "clubSandwich": 2e-4,
}


def fitted(case):
    data = GROWTH if case.get("data") == "complete" else GROWTH.filter("attended")
    return mmrm(
        data,
        "distance ~ girl*age",
        participant="child",
        visit="age",
        covariance=case["covariance"],
        restricted=case["restricted"],
        method=case.get("method", "satterthwaite"),
        errors=case.get("sandwich", "model"),
        weights="weight" if case.get("weighted") else None,
        group="girl" if case.get("grouped") else None,
    )


def named(case):
    settings = {k: v for k, v in case.items() if not isinstance(v, list | float | bool)}
    flags = [k for k, v in case.items() if v is True]
    return "-".join([*settings.values(), *flags])


@pytest.mark.parametrize("case", MADE["cases"], ids=named)
def test_r(case):
    found, reached = fitted(case), REACHED[case["program"]]
    estimates = list(found.estimates().values())
    for key, attribute in (
        ("estimates", "estimate"),
        ("errors", "standard_error"),
        ("freedom", "degrees_of_freedom"),
        ("p_values", "p_value"),
    ):
        mine = [getattr(each, attribute) for each in estimates]
        if key in case:
            expected = case[key]
            scale = 20 * reached if key == "p_values" else reached
            assert mine[: len(expected)] == pytest.approx(expected, rel=scale, abs=scale), key
    if "log_likelihood" in case:
        assert found.fit.log_likelihood == pytest.approx(case["log_likelihood"], abs=2e-6)


def test_the_program_of_plain_arrays_agrees_with_gls():
    (case,) = (
        case for case in MADE["cases"]
        if case["covariance"] == "us" and case["program"] == "nlme::gls" and len(case) == 6
        and case["restricted"]
    )  # fmt: skip
    fit = repeated_measures(
        GROWTH.filter("attended"), "distance ~ girl*age", participant="child", visit="age",
        levels={"age": [8, 10, 12, 14]},
    )  # fmt: skip
    assert fit.coefficients == pytest.approx(case["estimates"], rel=2e-4)
    assert np.sqrt(np.diag(fit.model_covariance)) == pytest.approx(case["errors"], rel=2e-4)


def line(covariance, *, means=False, parallel=False, data=GROWTH, **settings):
    """A line for boys and one for girls, or their means at each age, by full likelihood."""
    ages, girl = data["age"].to_numpy(), data["girl"].to_numpy()
    columns = [np.ones(len(ages)), girl, ages] if not means else []
    columns += [ages * girl] if not means and not parallel else []
    columns += [(ages == age) * (girl == one) for age in (8, 10, 12, 14) for one in (0, 1)] * means
    design = np.column_stack(columns).astype(float)
    fit = fit_mmrm(
        data["distance"], design, data["child"], (ages - 8) // 2,
        covariance=covariance, restricted=False, **settings,
    )  # fmt: skip
    return fit, design


PUBLISHED = [  # Jennrich and Schluchter's models 1 to 5 and 7: of all children, and of fewer visits
    ("us", {"means": True}, 416.509, 386.957),
    ("us", {}, 419.477, 393.288),
    ("us", {"parallel": True}, 426.153, 397.400),
    ("toep", {}, 424.643, 398.030),
    ("ar1", {}, 440.681, 409.523),
    ("cs", {}, 428.639, 401.313),
]
# Little and Rubin's incomplete data: these nine, low at age eight, have no record of age ten.
LOW = ["F03", "F06", "F09", "F10", "M02", "M05", "M12", "M13", "M16"]


@pytest.mark.parametrize(("covariance", "mean", "complete", "incomplete"), PUBLISHED)
def test_published_likelihoods(covariance, mean, complete, incomplete):
    """Minus twice the log likelihoods in Verbeke and Molenberghs, Linear Mixed Models for
    Longitudinal Data, 2000, chapters 17 and 24."""
    fewer = GROWTH.filter(~(pl.col("child").is_in(LOW) & (pl.col("age") == 10)))
    for data, expected in ((GROWTH, complete), (fewer, incomplete)):
        fit, _ = line(covariance, data=data, **mean)
        assert -2 * fit.log_likelihood == pytest.approx(expected, abs=5.1e-4)


def test_sas_unstructured():
    """SAS/STAT User's Guide, The MIXED Procedure, example Repeated Measures, first model."""
    fit, design = line("us")
    assert fit.visit_covariance[0][np.tril_indices(4)] == pytest.approx(
        [5.1192, 2.4409, 3.9279, 3.6105, 2.7175, 5.9798, 2.5222, 3.0624, 3.8235, 4.6180], abs=5.1e-5
    )
    found = infer(fit, design, "between-within").combinations(np.eye(4))
    for name, expected in (
        ("estimate", [15.8423, 1.5831, 0.8268, -0.3504]),
        ("standard_error", [0.9356, 1.4658, 0.07911, 0.1239]),
        ("statistic", [16.93, 1.08, 10.45, -2.83]),
    ):
        got = [getattr(each, name) for each in found]
        assert got == pytest.approx(expected, abs=5.1e-3 if name == "statistic" else 5.1e-5)
    # 27 children, the constant and the sex vary between them; 108 records less 27 less two slopes
    assert [each.degrees_of_freedom for each in found] == [79, 25, 79, 79]


def test_sas_compound_symmetry_of_each_sex():
    """The same example's last model: girls are alike within themselves, boys vary more."""
    fit, _ = line("cs", group=GROWTH["girl"])
    boys, girls = fit.visit_covariance
    assert [girls[0, 1], girls[0, 0] - girls[0, 1]] == pytest.approx([3.8804, 0.5900], abs=5.1e-5)
    assert [boys[0, 1], boys[0, 0] - boys[0, 1]] == pytest.approx([2.4463, 2.7577], abs=5.1e-5)
    assert -2 * fit.log_likelihood == pytest.approx(408.8, abs=0.051)
