"""Remission times of leukemia (Gehan 1965) and other small textbook data: the published figures,
and those of R 4.2.2 with survival 3.5-3 and cmprsk 2.2-11, by the calls that stand beside them.

Figures called published are from memory (verified: false); R gives the same where both stand.
"""

import numpy as np
import pytest

from trialwright.stats.survival.cox import cox_regression, proportionality_test
from trialwright.stats.survival.kaplan_meier import kaplan_meier
from trialwright.stats.survival.log_rank import log_rank_test


@pytest.fixture
def leukemia(textbook):
    """42 children, 21 on 6-MP; the term is 1 for the control."""
    data = textbook("gehan")
    data.control = (data.treat == "control").astype(float)
    return data


@pytest.fixture
def six_mp(leukemia):
    active = leukemia.control == 0
    return kaplan_meier(leukemia.time[active], leukemia.cens[active])


def test_survival_on_6_mp_as_published(six_mp) -> None:
    """Kalbfleisch & Prentice 1980, and every textbook since: .857, .807, .753, .690, ..."""
    days = [6, 7, 10, 13, 16, 22, 23]
    found = [six_mp.at(day) for day in days]
    assert [round(each.estimate, 3) for each in found] == [
        0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448,
    ]  # fmt: skip
    assert [round(each.standard_error, 3) for each in found] == [
        0.076, 0.087, 0.096, 0.107, 0.114, 0.128, 0.135,
    ]  # fmt: skip
    assert [each.counts["at risk"] for each in found] == [21, 17, 15, 12, 11, 7, 6]


@pytest.mark.parametrize(
    ("interval", "day", "lower", "upper"),
    [
        ("log-log", 6, 0.619717955, 0.951551748),
        ("log-log", 16, 0.367510856, 0.804912189),
        ("log-log", 23, 0.188052006, 0.680142628),
        ("log", 6, 0.719817084, 1.0),
        ("log", 16, 0.439393925, 0.895994939),
        ("log", 23, 0.248788227, 0.807372046),
        ("plain", 6, 0.707479312, 1.0),
        ("plain", 16, 0.403909512, 0.850992449),
        ("plain", 23, 0.184384864, 0.711973680),
    ],
)
def test_limits_of_survival(six_mp, interval, day, lower, upper) -> None:
    """summary(survfit(Surv(time, cens) ~ 1, gehan[6-MP], conf.type = interval))."""
    found = six_mp.at(day, interval=interval)
    assert (found.lower, found.upper) == pytest.approx((lower, upper), abs=5e-10)


@pytest.mark.parametrize(
    ("interval", "share", "expected"),
    [
        ("log-log", 0.25, (13, 6, 22)),
        ("log-log", 0.5, (23, 13, np.inf)),
        ("log", 0.25, (13, 6, np.inf)),
        ("log", 0.5, (23, 16, np.inf)),
        ("plain", 0.25, (13, 6, 23)),
        ("plain", 0.5, (23, 13, np.inf)),
    ],
)
def test_quantiles_of_remission(six_mp, interval, share, expected) -> None:
    """quantile(survfit(...), share), where R prints NA for a limit that was not reached."""
    found = six_mp.quantile(share, interval=interval)
    assert (found.estimate, found.lower, found.upper) == expected


def test_quantiles_of_both_arms_of_aml(textbook) -> None:
    """quantile(survfit(Surv(time, status) ~ x, aml, conf.type = "log-log"), c(.25, .5, .75))."""
    data = textbook("aml")
    expected = {
        "Maintained": [(18, 9, 34), (31, 13, np.inf), (48, 31, np.inf)],
        "Nonmaintained": [(8, 5, 23), (23, 5, 33), (33, 23, np.inf)],
    }
    for name, rows in expected.items():
        arm = data.x == name
        curve = kaplan_meier(data.time[arm], data.status[arm])
        for share, row in zip((0.25, 0.5, 0.75), rows, strict=True):
            found = curve.quantile(share)
            assert (found.estimate, found.lower, found.upper) == row


def test_restricted_means(six_mp, leukemia, textbook) -> None:
    """summary(survfit(...), rmean = horizon)$table; no control was censored, so at 20 by hand:

    the 19 times below 22 (their sum is 137) and two of 20 make 177 / 21 = 8.428571.
    """
    for horizon, mean, error in [
        (35, 23.287394957983, 2.827467623371), (20, 16.116526610644, 1.251560196005),
    ]:  # fmt: skip
        found = six_mp.restricted_mean(horizon)
        assert (found.estimate, found.standard_error) == pytest.approx((mean, error), rel=1e-11)
    control = leukemia.control == 1
    found = kaplan_meier(leukemia.time[control], leukemia.cens[control]).restricted_mean(20)
    assert (found.estimate, found.standard_error) == pytest.approx(
        (177 / 21, 1.268082682504), rel=1e-11
    )
    data = textbook("aml")
    for name, mean, error in [
        ("Maintained", 24.60227272727, 2.313149377319),
        ("Nonmaintained", 19.69444444444, 3.054197930718),
    ]:
        arm = data.x == name
        found = kaplan_meier(data.time[arm], data.status[arm]).restricted_mean(30)
        assert (found.estimate, found.standard_error) == pytest.approx((mean, error), rel=1e-11)


@pytest.mark.parametrize(
    ("rho", "observed", "expected", "variance", "statistic"),
    [
        (0.0, 21.0, 10.749499051969, 6.256960573675, 16.792940989217),
        (1.0, 14.552851692068, 7.675806654496, 3.271304909371, 14.457150818717),
        (0.5, 17.221944480322, 8.977056539453, 4.328057729554, 15.706393353609),
    ],
)
def test_log_rank_family(leukemia, rho, observed, expected, variance, statistic) -> None:
    """survdiff(Surv(time, cens) ~ control, gehan, rho = rho); the log-rank 16.79 is Collett's."""
    found = log_rank_test(leukemia.time, leukemia.cens, leukemia.control, rho=rho)
    assert (found.observed[1], found.expected[1]) == pytest.approx((observed, expected), rel=1e-11)
    assert found.variance == pytest.approx(variance * np.array([[1, -1], [-1, 1]]), rel=1e-11)
    assert found.statistic == pytest.approx(statistic, rel=1e-11)


def test_log_rank_within_pairs(leukemia) -> None:
    """survdiff(... + strata(pair)). By hand: of 21 pairs, the control relapsed first in 18 and the
    6-MP child in 3, so observed minus expected is 7.5, the variance 21/4, and 56.25 / 5.25.
    """
    found = log_rank_test(leukemia.time, leukemia.cens, leukemia.control, strata=leukemia.pair)
    assert found.observed[1] - found.expected[1] == pytest.approx(7.5)
    assert found.variance[1, 1] == pytest.approx(5.25)
    assert found.statistic == pytest.approx(56.25 / 5.25)


@pytest.mark.parametrize(
    ("ties", "estimate", "error", "log_likelihoods", "score"),
    [
        ("efron", 1.5721251488291, 0.4123967177095, (-93.1842699968477, -85.0084245773717), 17.2465367957166),
        ("breslow", 1.5091914125859, 0.4095644063667, (-93.9850504782452, -86.3796220711456), 15.9305395640327),
        ("exact", 1.6282439516724, 0.4331312964924, (-82.6692792527922, -74.5431011645186), 16.7929409892165),
    ],
)  # fmt: skip
def test_cox_by_each_way_of_ties(leukemia, ties, estimate, error, log_likelihoods, score) -> None:
    """coxph(Surv(time, cens) ~ control, gehan, ties = ties); 1.51, 1.57 and 1.63 are published."""
    fit = cox_regression(
        leukemia.time, leukemia.cens, leukemia.control[:, None], ["control"], ties=ties
    )
    found = fit.of("control")
    assert (found.estimate, found.standard_error) == pytest.approx((estimate, error), rel=1e-9)
    assert (fit.null_log_likelihood, fit.log_likelihood) == pytest.approx(
        log_likelihoods, rel=1e-12
    )
    assert fit.score_test.statistic == pytest.approx(score, rel=1e-10)
    assert fit.likelihood_ratio_test.statistic == pytest.approx(
        2 * (log_likelihoods[1] - log_likelihoods[0]), rel=1e-9
    )


def test_cox_within_pairs(leukemia) -> None:
    """coxph(... + strata(pair)). By hand: the hazard ratio is 18 / 3, its log has 1/18 + 1/3."""
    fit = cox_regression(
        leukemia.time, leukemia.cens, leukemia.control[:, None], ["control"], strata=leukemia.pair
    )
    assert fit.estimates[0] == pytest.approx(np.log(6), rel=1e-10)
    assert fit.standard_errors[0] == pytest.approx(np.sqrt(1 / 18 + 1 / 3), rel=1e-9)
    assert fit.log_likelihood == pytest.approx(18 * np.log(6 / 7) + 3 * np.log(1 / 7), rel=1e-12)


@pytest.mark.parametrize(
    ("ties", "robust", "statistic"),
    [
        ("efron", 0.3911361673167, 0.02286337805282),
        ("breslow", 0.3759766915341, 0.06417968638102),
    ],
)
def test_errors_over_pairs_and_proportionality(leukemia, ties, robust, statistic) -> None:
    """coxph(Surv(time, cens) ~ control, gehan, cluster = pair, ties = ties); cox.zph without."""
    x = leukemia.control[:, None]
    fit = cox_regression(leukemia.time, leukemia.cens, x, ["c"], cluster=leukemia.pair, ties=ties)
    assert fit.standard_errors[0] == pytest.approx(robust, rel=1e-9)
    assert fit.counts == {"records": 42, "events": 30, "clusters": 21}
    plain = cox_regression(leukemia.time, leukemia.cens, x, ["c"], ties=ties)
    assert fit.naive_covariance == pytest.approx(plain.covariance, rel=1e-12)
    assert proportionality_test(plain).statistic == pytest.approx(statistic, rel=1e-8)


def test_cox_of_ovarian_cancer(textbook) -> None:
    """coxph(Surv(futime, fustat) ~ age + rx + resid.ds, ovarian), its tests, and cox.zph."""
    data = textbook("ovarian")
    x = np.column_stack([data.age, data.rx, data.resid_ds])
    fit = cox_regression(data.futime, data.fustat, x, ["age", "rx", "residual"])
    assert fit.estimates == pytest.approx(
        [0.1285465195830, -0.8488986403279, 0.6963858576335], rel=1e-9
    )
    assert fit.standard_errors == pytest.approx(
        [0.04729755700855, 0.63920479749442, 0.75853293019199], rel=1e-9
    )
    assert fit.of("age").p_value == pytest.approx(0.006571242970458, rel=1e-8)
    assert fit.score_test.statistic == pytest.approx(20.75732583528, rel=1e-10)
    ratio = fit.likelihood_ratio_test
    assert (ratio.statistic, ratio.degrees_of_freedom) == pytest.approx((16.76757299668, 3))
    assert ratio.p_value == pytest.approx(7.889436536576e-04, rel=1e-8)
    single = [proportionality_test(fit, [k]).statistic for k in range(3)]
    assert single == pytest.approx([0.2096685624540, 0.6307971523132, 1.1203448698356], rel=1e-8)
    together = proportionality_test(fit)
    assert (together.statistic, together.p_value) == pytest.approx(
        (1.9583950199154, 0.5810867217968), rel=1e-8
    )


def test_lung_cancer_of_veterans_in_strata_of_four_cells(textbook) -> None:
    """Surv(time, status) ~ trt + karno + age + strata(celltype), veteran: coxph and cox.zph."""
    data = textbook("veteran")
    x = np.column_stack([data.trt, data.karno, data.age])
    fit = cox_regression(data.time, data.status, x, ["trt", "karno", "age"], strata=data.celltype)
    assert fit.estimates == pytest.approx(
        [0.29143861255566, -0.03749769388983, -0.01183195254542], rel=1e-8
    )
    assert fit.standard_errors == pytest.approx(
        [0.207374168501516, 0.005742942895004, 0.009744827968563], rel=1e-8
    )
    assert (fit.null_log_likelihood, fit.log_likelihood) == pytest.approx(
        (-338.7362072262, -316.8582596583), rel=1e-12
    )
    found = [proportionality_test(fit, columns).statistic for columns in ([0], [1], [2], None)]
    assert found == pytest.approx(
        [0.00465549745363, 6.72046454447685, 2.52332333669141, 12.18403089110676], rel=1e-7
    )


@pytest.mark.parametrize(
    ("ties", "estimates", "robust", "naive", "log_likelihood"),
    [
        ("efron", [0.24587511100538, -0.03334151795668], [0.197549669302392, 0.005226463470577],
         [0.14891986353825, 0.00405841359877], -805.4110893621),
        ("breslow", [0.24226508056523, -0.03317200280883], [0.196230365249278, 0.005184433355227],
         [0.14888237031169, 0.00405770612552], -806.3757696681),
    ],
)  # fmt: skip
def test_weighted_records(textbook, ties, estimates, robust, naive, log_likelihood) -> None:
    """coxph(Surv(time, status) ~ trt + karno, veteran, weights = w, robust = TRUE, ties = ties),
    where w runs through 1.5, 2 and 1.
    """
    data = textbook("veteran")
    n = len(data.time)
    fit = cox_regression(
        data.time, data.status, np.column_stack([data.trt, data.karno]), ["trt", "karno"],
        ties=ties, weights=np.resize([1.5, 2.0, 1.0], n), cluster=np.arange(n),
    )  # fmt: skip
    assert fit.estimates == pytest.approx(estimates, rel=1e-9)
    assert fit.standard_errors == pytest.approx(robust, rel=1e-8)
    assert np.sqrt(np.diag(fit.naive_covariance)) == pytest.approx(naive, rel=1e-8)
    assert fit.log_likelihood == pytest.approx(log_likelihood, rel=1e-11)


def test_clusters_across_strata(textbook) -> None:
    """coxph(... ~ trt + karno + strata(celltype), veteran, cluster = diagtime)."""
    data = textbook("veteran")
    fit = cox_regression(
        data.time, data.status, np.column_stack([data.trt, data.karno]), ["trt", "karno"],
        strata=data.celltype, cluster=data.diagtime,
    )  # fmt: skip
    assert fit.standard_errors == pytest.approx([0.16364590447387, 0.00583560841313], rel=1e-8)


@pytest.mark.parametrize(
    ("rho", "observed", "expected", "statistic", "p_value"),
    [
        (0.0, [31, 45, 26, 26], [47.65467767248, 30.10207932681, 15.69376461436, 34.54947838635],
         25.40370034579, 1.271245939006e-05),
        (1.0, [13.390472642597, 28.425433149340, 16.065991320284, 9.562312372249],
         [20.15110956401, 19.00591434953, 10.80677228100, 17.48041328994],
         19.70962245806, 1.949615885905e-04),
    ],
)  # fmt: skip
def test_four_kinds_of_cells(textbook, rho, observed, expected, statistic, p_value) -> None:
    """survdiff(Surv(time, status) ~ celltype, veteran, rho = rho), R's order of levels."""
    data = textbook("veteran")
    found = log_rank_test(data.time, data.status, data.celltype, rho=rho)
    place = [found.arms.index(name) for name in ("squamous", "smallcell", "adeno", "large")]
    assert found.observed[place] == pytest.approx(observed, rel=1e-11)
    assert found.expected[place] == pytest.approx(expected, rel=1e-11)
    assert (found.statistic, found.p_value) == pytest.approx((statistic, p_value), rel=1e-9)
    assert found.degrees_of_freedom == 3


def test_treatment_within_kinds_of_cells(textbook) -> None:
    """survdiff(Surv(time, status) ~ trt + strata(celltype), veteran)."""
    data = textbook("veteran")
    found = log_rank_test(data.time, data.status, data.trt, strata=data.celltype)
    assert found.expected == pytest.approx([68.2075529768725, 59.7924470231275], rel=1e-11)
    assert found.variance[0, 0] == pytest.approx(25.2278872793025, rel=1e-11)
    assert found.statistic == pytest.approx(0.7017433468443, rel=1e-10)
