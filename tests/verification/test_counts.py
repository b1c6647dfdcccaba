"""Cases of counts against closed forms, and what their settings may leave out."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import gammaln
from scipy.stats import beta, binom, chi2, norm

from trialwright.verification.cases import Case
from trialwright.verification.compare import run_case
from trialwright.verification.counts import METHODS

DATA = pl.DataFrame(
    {
        "n_events": [2, 0, 3, 1, 4, 0, 5, 2, 1, 6],
        "exposure_days": [300, 210, 365, 120, 400, 90, 365, 200, 180, 365],
        "trt": ["pbo", "pbo", "pbo", "pbo", "il2", "il2", "il2", "il2", "il2", "il2"],
        "female": [1, 0, 1, 1, 0, 1, 0, 1, 1, 0],
    }
)


def case(method: str, expect: Any, *, data: pl.DataFrame | None = None, **spec: Any) -> Case:
    return Case(id="counted", method=method, data=data, spec=spec, expect=expect, tol_rel=1e-7)


def found(given_: Case) -> dict[str, Any]:
    outcome = run_case(given_, METHODS)
    assert not outcome.unusable, outcome.unusable[0]
    return {figure.path: figure.found for figure in outcome.figures}


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 60), st.floats(0.5, 50), st.sampled_from([0.8, 0.95, 0.99]))
def test_an_exact_rate_by_the_chi_squared_distribution(
    events: int, years: float, level: float
) -> None:
    # Garwood, Biometrika 1936;28:437: chi-squared quantiles with 2x and 2x + 2 degrees of freedom
    tail = (1 - level) / 2
    lower = chi2.ppf(tail, 2 * events) / 2 / years if events else 0.0
    upper = chi2.isf(tail, 2 * events + 2) / 2 / years
    expect = {"rate": events / years, "lo": lower, "hi": upper}
    assert run_case(case("exact_rate", expect, events=events, py=years, level=level),
                    METHODS).out == ()  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 30), st.integers(1, 30), st.floats(1, 20), st.floats(1, 20))
def test_an_exact_rate_ratio_by_the_binomial_law_of_the_split(
    one: int, other: int, years: float, others: float
) -> None:
    total, share = one + other, years / (years + others)

    def ratio(chance: float) -> float:
        return chance / (1 - chance) * others / years

    lower = ratio(beta.ppf(0.025, one, other + 1)) if one else 0.0
    upper = ratio(beta.ppf(0.975, one + 1, other))
    chances = binom.pmf(np.arange(total + 1), total, share)
    p = chances[chances <= chances[one] * (1 + 1e-7)].sum()
    central = min(1.0, 2 * min(binom.cdf(one, total, share), binom.sf(one - 1, total, share)))
    figures = found(case("exact_rate_ratio", dict.fromkeys(["rr", "lo", "hi", "p", "p_central"], 0),
                         events=[one, other], py=[years, others]))  # fmt: skip
    assert figures["rr"] == pytest.approx(one / years / (other / others))
    assert figures["lo"] == pytest.approx(lower, abs=1e-12)
    assert figures["hi"] == pytest.approx(upper)
    assert figures["p"] == pytest.approx(p)
    assert figures["p_central"] == pytest.approx(central)


TERMS = ["(Intercept)", "trtpbo"]


def test_poisson_rates_of_two_arms_in_closed_form() -> None:
    # With arms alone, fitted rates are events over time, errors 1/events, the sandwich the squares
    # of events minus expectations over events squared, by hand.
    arms = {name: DATA.filter(pl.col("trt") == name) for name in ("il2", "pbo")}
    events = {name: own["n_events"].sum() for name, own in arms.items()}
    years = {name: own["exposure_days"].sum() / 365.25 for name, own in arms.items()}
    rates = {name: events[name] / years[name] for name in arms}
    squares, pearson = {}, 0.0
    for name, own in arms.items():
        means = own["exposure_days"].to_numpy() / 365.25 * rates[name]
        apart = own["n_events"].to_numpy() - means
        squares[name] = (apart**2).sum() / events[name] ** 2
        pearson += (apart**2 / means).sum()
    figures = found(
        case("poisson", {"coef": [{"term": t, "est": 0, "se": 0, "se_hc0": 0, "p": 0} for t in TERMS],
                         "pearson_dispersion": 0, "log_lik": 0, "aic": 0},
             data=DATA, formula="as above"))  # fmt: skip
    difference = math.log(rates["pbo"] / rates["il2"])
    error = math.sqrt(1 / events["il2"] + 1 / events["pbo"])
    assert figures["coef[(Intercept)].est"] == pytest.approx(math.log(rates["il2"]))
    assert figures["coef[(Intercept)].se"] == pytest.approx(events["il2"] ** -0.5)
    assert figures["coef[trtpbo].est"] == pytest.approx(difference)
    assert figures["coef[trtpbo].se"] == pytest.approx(error)
    assert figures["coef[trtpbo].se_hc0"] == pytest.approx(
        math.sqrt(squares["il2"] + squares["pbo"])
    )
    assert figures["coef[trtpbo].p"] == pytest.approx(2 * norm.sf(abs(difference) / error))
    assert figures["pearson_dispersion"] == pytest.approx(pearson / 8)
    assert figures["aic"] == pytest.approx(4 - 2 * figures["log_lik"])


NEW = pl.DataFrame(
    {
        "flares": [0, 7, 1, 0, 3, 9, 2, 0, 0, 1, 4, 12, 0, 5, 2, 1, 8, 0, 3, 6, 0, 2, 15, 1],
        "months": [6, 9, 12, 3, 12, 12, 8, 5, 7, 12, 10, 12, 4, 9, 12, 6, 12, 2, 11, 12, 5, 9, 12, 8],
        "dose": [0, 1] * 12,
        "site": ["n", "n", "s", "s"] * 6,
    }
)  # fmt: skip


def best(columns: list[list[float]]) -> tuple[float, float]:
    """The largest negative binomial log-likelihood and its alpha, by a search without derivatives."""
    y = NEW["flares"].to_numpy()
    x, offset = np.column_stack(columns), np.log(NEW["months"].to_numpy())

    def loss(at: np.ndarray) -> float:
        size = math.exp(-at[-1])
        mean = np.exp(x @ at[:-1] + offset)
        terms = gammaln(y + size) - gammaln(size) - gammaln(y + 1)
        terms += size * np.log(size / (size + mean)) + y * np.log(mean / (size + mean))
        return -float(terms.sum())

    start = np.append(np.zeros(len(columns)), 0.0)
    options = {"xatol": 1e-9, "fatol": 1e-12, "maxiter": 20000, "maxfev": 20000}
    end = minimize(loss, start, method="Nelder-Mead", options=options)
    return -end.fun, math.exp(end.x[-1])


def test_negative_binomial_figures_by_a_plain_search() -> None:
    one = [1.0] * 24
    dose, south = [float(k % 2) for k in range(24)], [float(k % 4 > 1) for k in range(24)]
    both = [a * b for a, b in zip(dose, south, strict=True)]
    log_lik, alpha = best([one, dose, south, both])
    # dropping a factor drops its interactions too, unlike R's drop1
    figures = found(
        case("negative_binomial", dict.fromkeys(
            ["log_lik", "alpha", "theta", "aic", "lr_dose", "lr_site"], 0),
            data=NEW, formula="flares ~ dose * site + offset(log(months))"))  # fmt: skip
    assert figures["log_lik"] == pytest.approx(log_lik, rel=1e-8)
    assert figures["alpha"] == pytest.approx(alpha, rel=1e-4)
    assert figures["theta"] == pytest.approx(1 / alpha, rel=1e-4)
    assert figures["aic"] == pytest.approx(10 - 2 * log_lik, rel=1e-8)
    assert figures["lr_dose"] == pytest.approx(2 * (log_lik - best([one, south])[0]), abs=1e-6)
    assert figures["lr_site"] == pytest.approx(2 * (log_lik - best([one, dose])[0]), abs=1e-6)


def test_what_the_spec_leaves_out_is_made_of_the_terms_and_usual_columns() -> None:
    expect = {"coef": [{"term": t, "est": 0} for t in [*TERMS, "female"]]}
    written = "n_events ~ trt + female + offset(log(exposure_days/365.25))"
    whole = found(case("poisson", expect, data=DATA, formula=written))
    assert found(case("poisson", expect, data=DATA)) == whole
    listed = found(case("poisson", expect, data=DATA, terms=[*TERMS, "female"]))
    assert listed == whole
    named = DATA.rename({"n_events": "k", "exposure_days": "d"})
    renamed = found(case("poisson", expect, data=named, response="k", offset="log(d/365.25)"))
    assert renamed == whole


def test_the_reference_arm_is_the_one_without_a_term_or_the_one_stated() -> None:
    by_term = {"coef": [{"term": "trtil2", "est": 0}]}
    turned = found(case("poisson", by_term, data=DATA))["coef[trtil2].est"]
    plain = found(case("poisson", {"coef": [{"term": "trtpbo", "est": 0}]}, data=DATA))
    assert turned == pytest.approx(-plain["coef[trtpbo].est"])
    formula = "n_events ~ trt + offset(log(exposure_days/365.25))"
    given_ = case("negative_binomial", {"est": [0, 0]}, data=DATA, formula=formula)
    stated = found(replace(given_, spec={**given_.spec, "reference": "pbo"}))
    assert stated["est[1]"] == pytest.approx(-found(given_)["est[1]"], rel=1e-6)


def test_missing_exposures_and_row_order_change_nothing_else() -> None:
    expect = {"coef": [{"term": t, "est": 0, "se_hc0": 0} for t in TERMS], "log_lik": 0}
    whole = found(case("poisson", expect, data=DATA))
    gap = DATA.head(1).with_columns(pl.lit(None).cast(pl.Int64).alias("exposure_days"))
    more = pl.concat([gap, DATA.reverse()])
    assert found(case("poisson", expect, data=more)) == pytest.approx(whole)


@pytest.mark.parametrize("scale", [10.0, 365.25])
def test_another_unit_of_time_moves_the_intercept_alone(scale: float) -> None:
    expect = {"coef": [{"term": t, "est": 0, "se": 0} for t in TERMS]}
    one, other = (
        found(case("poisson", expect, data=DATA, formula=f"n_events ~ trt + offset(log({d}))"))
        for d in ("exposure_days", f"exposure_days/{scale}")
    )
    moved = other.pop("coef[(Intercept)].est") - one.pop("coef[(Intercept)].est")
    assert moved == pytest.approx(math.log(scale))
    assert other == pytest.approx(one)


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        (case("exact_rate", {"rate": 1}, py=3), "the spec has no 'events'; it has py"),
        (case("exact_rate_ratio", {"rr": 1}, events=[1, 2, 3], py=[1, 2]), "ValueError"),
        (case("poisson", {"log_lik": 1}), "needs data"),
        (case("poisson", {"coef": [{"term": "trtpbo", "est": 1}]}, data=DATA.drop("n_events")),
         "none of the columns n_inf, n_events"),
        (case("poisson", {"coef": [{"term": "trtpbo", "est": 1}]},
              data=DATA.drop("exposure_days")), "none of the columns exposure_days, days, exposure"),
        (case("poisson", {"coef": [{"term": "weight", "est": 1}]}, data=DATA), "weight"),
        (case("poisson", {"log_lik": 1}, data=DATA, formula="n_events ~ trt + bmi"), "bmi"),
    ],
)  # fmt: skip
def test_what_a_case_lacks_is_told(given_: Case, words: str) -> None:
    (figure,) = run_case(given_, METHODS).out
    assert words in figure.problem


def test_arms_without_any_event_end_in_words() -> None:
    none = DATA.with_columns(
        pl.when(pl.col("trt") == "pbo").then(0).otherwise(pl.col("n_events")).alias("n_events")
    )
    expect = {"coef": [{"term": "trtpbo", "est": -1.0}]}
    (figure,) = run_case(case("poisson", expect, data=none), METHODS).out
    assert figure.found is None
    assert figure.unusable
