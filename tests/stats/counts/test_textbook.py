"""Ship damage (McCullagh & Nelder 1989) and days absent from school (Quine; Venables & Ripley 2002),
from R 4.2.2's MASS 7.3-58.2: the published figures and those of R, by the calls beside them.
"""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from scipy.stats import nbinom

from trialwright.stats.counts.exact_rates import poisson_rate, poisson_rate_ratio
from trialwright.stats.counts.negative_binomial import negative_binomial_regression
from trialwright.stats.counts.poisson import poisson_regression

FOLDER = Path(__file__).parent / "data"


def coded(table: pl.DataFrame, **levels: list) -> tuple[np.ndarray, list[str]]:
    """An intercept, and an indicator for each level but the first of each factor."""
    names = [(column, level) for column, all_ in levels.items() for level in all_[1:]]
    columns = [(table[column] == level).to_numpy() for column, level in names]
    matrix = np.column_stack([np.ones(table.height), *columns]).astype(float)
    return matrix, ["1", *(f"{column}{level}" for column, level in names)]


@pytest.fixture(scope="module")
def ships() -> SimpleNamespace:
    """34 groups of ships with months of service; `long` has no year of construction."""
    table = pl.read_csv(FOLDER / "ships.csv")
    kinds, periods = list("ABCDE"), [60, 75]
    x, terms = coded(table, type=kinds, year=[60, 65, 70, 75], period=periods)
    short, fewer = coded(table, type=kinds, period=periods)
    return SimpleNamespace(
        y=table["incidents"].to_numpy(), offset=np.log(table["service"].to_numpy()),
        x=x, terms=terms, short=short, fewer=fewer,
    )  # fmt: skip


@pytest.fixture(scope="module")
def quine() -> SimpleNamespace:
    table = pl.read_csv(FOLDER / "quine.csv")
    x, terms = coded(
        table, Eth=["A", "N"], Sex=["F", "M"], Age=["F0", "F1", "F2", "F3"], Lrn=["AL", "SL"]
    )
    return SimpleNamespace(y=table["Days"].to_numpy(), x=x, terms=terms)


def test_ship_damage_as_published(ships) -> None:
    """McCullagh & Nelder, section 6.3.2: log rates to two digits, and a dispersion of 1.69."""
    fit = poisson_regression(ships.y, ships.x, ships.terms, offset=ships.offset)
    assert [round(float(each), 2) for each in fit.estimates] == [
        -6.41, -0.54, -0.69, -0.08, 0.33, 0.70, 0.82, 0.45, 0.38,
    ]  # fmt: skip
    assert round(fit.pearson_dispersion, 2) == 1.69
    scaled = fit.standard_errors * np.sqrt(fit.pearson_dispersion)
    assert [round(float(each), 2) for each in scaled] == [
        0.28, 0.23, 0.43, 0.38, 0.31, 0.19, 0.22, 0.30, 0.15,
    ]  # fmt: skip


def test_ship_damage_of_r(ships) -> None:
    """glm(incidents ~ type + factor(year) + factor(period) + offset(log(service)), poisson),
    and sandwich 3.0-2 vcovHC(..., "HC0").
    """
    fit = poisson_regression(ships.y, ships.x, ships.terms, offset=ships.offset)
    assert fit.estimates == pytest.approx(
        [-6.40590156104885, -0.54334430119392, -0.68740164744982, -0.07596142187713,
         0.32557945622395, 0.69714042670051, 0.81842657720175, 0.45342663880050, 0.38446695821207],
        rel=1e-10,
    )  # fmt: skip
    assert fit.standard_errors == pytest.approx(
        [0.2174441062478, 0.1775899073622, 0.3290472161270, 0.2905786587724, 0.2358794025855,
         0.1496413925195, 0.1697736492903, 0.2331704777729, 0.1182721626233], rel=1e-9,
    )  # fmt: skip
    assert fit.log_likelihood == pytest.approx(-68.280771429590, rel=1e-11)
    assert fit.pearson_dispersion == pytest.approx(1.691010124781, rel=1e-10)
    robust = poisson_regression(ships.y, ships.x, ships.terms, offset=ships.offset, errors="HC0")
    assert robust.standard_errors == pytest.approx(
        [0.12111793144350, 0.08756870233930, 0.49551641270178, 0.37214319923888, 0.23774500471860,
         0.10805983900710, 0.14152414196471, 0.19515069470002, 0.09955992037474], rel=1e-9,
    )  # fmt: skip
    assert robust.notes == ("sandwich variance HC0",)
    assert fit.counts == robust.counts == {"records": 34, "events": 356}


def test_ship_damage_negative_binomial(ships) -> None:
    """glm.nb(incidents ~ type + factor(period) + offset(log(service))), theta known."""
    fit = negative_binomial_regression(
        ships.y, ships.short, ships.fewer, offset=ships.offset, errors="theta-fixed"
    )
    assert fit.estimates == pytest.approx(
        [-5.7100324617633, -0.6869820197697, -0.6912676295560, -0.1329404144710, 0.4733195280421,
         0.3427328906239], rel=1e-8,
    )  # fmt: skip
    assert fit.standard_errors == pytest.approx(
        [0.2515610178435, 0.2520211604775, 0.3770288443652, 0.3620044683445, 0.3120408006666,
         0.1914330795923], rel=1e-7,
    )  # fmt: skip
    assert (fit.theta, fit.theta_error) == pytest.approx(
        (10.968173227722, 6.749659234635), rel=1e-6
    )
    assert fit.log_likelihood == pytest.approx(-76.455349533766, rel=1e-11)
    assert fit.notes == ("errors take theta as known",)


def test_days_absent_as_published(quine) -> None:
    """Venables & Ripley 2002, section 7.4: theta of the main effects 1.275, its error 0.161."""
    fit = negative_binomial_regression(quine.y, quine.x, quine.terms)
    assert (round(fit.theta, 3), round(fit.theta_error, 3)) == (1.275, 0.161)
    assert round(2 * fit.log_likelihood, 3) == -1093.151


def test_days_absent_of_r(quine) -> None:
    """glm.nb(Days ~ Eth + Sex + Age + Lrn, quine); errors of all together by glmmTMB 1.1.5,
    which stops near the maximum (its estimates are 1e-5 off). The error of theta is MASS's, which
    takes the curvature at the step before the last one, and SciPy's law, differentiated.
    """
    fit = negative_binomial_regression(quine.y, quine.x, quine.terms)
    assert fit.estimates == pytest.approx(
        [2.89457999024941, -0.56937169735819, 0.08232028414579, -0.44842814987756,
         0.08808015211397, 0.35690097142941, 0.29210915703370], rel=1e-7,
    )  # fmt: skip
    assert fit.theta == pytest.approx(1.2748926450536, rel=1e-9)
    assert fit.theta_error == pytest.approx(0.1610351787735, rel=1e-5)
    mean = np.exp(quine.x @ fit.estimates)
    values = [
        nbinom.logpmf(quine.y, theta, theta / (theta + mean)).sum()
        for theta in (fit.theta - 1e-3, fit.theta, fit.theta + 1e-3)
    ]
    curvature = -(values[0] - 2 * values[1] + values[2]) / 1e-6
    assert fit.theta_error == pytest.approx(1 / np.sqrt(curvature), rel=1e-5)
    assert fit.standard_errors == pytest.approx(
        [0.2279264809949, 0.1576085234264, 0.1646846479672, 0.2376021093706, 0.2415478380040,
         0.2466202861483, 0.1829367194710], rel=2e-4,
    )  # fmt: skip
    assert fit.log_alpha_error == pytest.approx(0.1263214512055, rel=2e-4)
    known = negative_binomial_regression(quine.y, quine.x, quine.terms, errors="theta-fixed")
    assert known.standard_errors == pytest.approx(
        [0.2284246147819, 0.1533333592827, 0.1599150146483, 0.2397465925553, 0.2361930286536,
         0.2483243627995, 0.1864747101004], rel=1e-7,
    )  # fmt: skip
    assert known.of("EthN").p_value == pytest.approx(2.045797641919e-04, rel=1e-6)


def test_days_absent_vary_more_than_poisson_counts(quine) -> None:
    """glm(..., poisson) and sandwich 3.0-2 HC0: robust errors are three to four times as large."""
    fit = poisson_regression(quine.y, quine.x, quine.terms)
    robust = poisson_regression(quine.y, quine.x, quine.terms, errors="HC0")
    assert fit.pearson_dispersion == pytest.approx(13.16684262747, rel=1e-10)
    assert fit.log_likelihood == pytest.approx(-1142.59181514268, rel=1e-12)
    assert fit.of("EthN").standard_error == pytest.approx(0.04188310584939, rel=1e-9)
    assert robust.of("EthN").standard_error == pytest.approx(0.1533250717345, rel=1e-9)
    assert robust.of("AgeF1").standard_error == pytest.approx(0.2666663919217, rel=1e-9)


@pytest.mark.parametrize(
    ("events", "exposure", "level", "lower", "upper"),
    [
        (0, 7.5, 0.90, 0.0, 0.39943096980720),
        (0, 7.5, 0.95, 0.0, 0.49185059388186),
        (0, 7.5, 0.99, 0.0, 0.70644231553974),
        (1, 0.4, 0.90, 0.12823323596888, 11.859661295976),
        (1, 0.4, 0.95, 0.063294519960725, 13.929108477347),
        (1, 0.4, 0.99, 0.012531354558861, 18.575323750700),
        (9, 120, 0.90, 0.039126896169537, 0.130876803517629),
        (9, 120, 0.95, 0.034294775811486, 0.142373362095160),
        (9, 120, 0.99, 0.02610335285211, 0.16665352630391),
        (300, 41.5, 0.90, 6.5563864383924, 7.9540782906435),
        (300, 41.5, 0.95, 6.4339584393486, 8.0949668807848),
        (300, 41.5, 0.99, 6.1991432348154, 8.3750630174592),
    ],
)
def test_exact_limits_of_epidemiologists(events, exposure, level, lower, upper) -> None:
    """epiR 2.0.57: epi.conf(c(events, exposure), ctype = "inc.rate", method = "exact",
    conf.level = level); R's poisson.test has the same.
    """
    found = poisson_rate(events, exposure, level=level)
    assert found.estimate == pytest.approx(events / exposure)
    assert (found.lower, found.upper) == pytest.approx((lower, upper), rel=1e-11)
    assert (found.counts, found.level) == ({"events": events}, level)


@pytest.mark.parametrize(
    ("counts", "ratio", "wide", "narrow", "p_value"),
    [
        ((41, 28010, 15, 19017), 1.855758657622278, (1.005684062689258, 3.609300311077905),
         (1.098010354797787, 3.247029890964721), 0.040852026286502),
        ((0, 10, 4, 8), 0.0, (0.0, 1.211893487492696), (0.0, 0.891794021504902), 0.039018442310623),
        ((5, 10, 0, 8), np.inf, (0.733084685852368, np.inf), (0.974938946946206, np.inf),
         0.070263679317177),
        ((2, 1, 9, 3), 0.66666666666667, (0.070093923159148, 3.220915307489856),
         (0.10340295874428, 2.66130452292790), 1.0),
        ((60, 100.5, 60, 100.5), 1.0, (0.68739139747379, 1.45477526148141),
         (0.72833209206961, 1.37300005160891), 1.0),
    ],
)  # fmt: skip
def test_exact_ratios(counts, ratio, wide, narrow, p_value) -> None:
    """poisson.test(c(a, b), c(t, u), conf.level = 0.95 and 0.9); the first is the breast cancer of
    R's own example (Rothman & Boice), 41 events in 28,010 and 15 in 19,017 person-years.
    """
    for level, limits in ((0.95, wide), (0.9, narrow)):
        found = poisson_rate_ratio(*counts, level=level, tails="likelihood")
        assert found.estimate == pytest.approx(ratio, rel=1e-12)
        assert (found.lower, found.upper) == pytest.approx(limits, rel=1e-10)
        assert found.p_value == pytest.approx(p_value, rel=1e-10)
        assert found.counts == {"events": counts[0], "control events": counts[2]}
