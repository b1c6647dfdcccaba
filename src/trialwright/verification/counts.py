"""Cases of counts: exact Poisson rates, Poisson and negative binomial regression.

Settings of a regression: `formula`, or `terms` in the spelling of R with `offset`. If the formula
is not written out, it is made of the expected terms, with the offset of the exposure column. The
figure `lr_x` compares with the model without x and all its interactions, unlike R's `drop1`, which
keeps a factor that an interaction needs.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from trialwright.stats.counts.exact_rates import poisson_rate, poisson_rate_ratio
from trialwright.stats.counts.negative_binomial import (
    NegativeBinomialFit,
    negative_binomial_regression,
)
from trialwright.stats.counts.poisson import PoissonFit, poisson_regression
from trialwright.verification.cases import Case
from trialwright.verification.columns import column_named
from trialwright.verification.compare import Approximate, Method
from trialwright.verification.estimates import estimate_figures, ratio_figures
from trialwright.verification.levels import confidence_level
from trialwright.verification.models import ModelInputs, expected_terms, model_inputs
from trialwright.verification.terms import formula_of_terms

GLMMTMB_ERROR: Final = 1e-5
"""R's glmmTMB stops short of the maximum by about 4e-6 in the coefficients."""
THETA_STEP: Final = 1.3e-4
"""R's theta.ml takes the error of theta one step before its end, a step of up to 1.22e-4."""
RESPONSES: Final = ("n_inf", "n_events", "events", "count", "n", "y")
EXPOSURES: Final = ("exposure_days", "days", "exposure")


def _rate(case: Case) -> dict[str, Any]:
    found = poisson_rate(case.setting("events"), case.setting("py"), level=confidence_level(case))
    return {"rate": found.estimate, "lo": found.lower, "hi": found.upper}


def _rate_ratio(case: Case) -> dict[str, Any]:
    (events, control), (years, control_years) = case.setting("events"), case.setting("py")
    found = poisson_rate_ratio(
        events, years, control, control_years, tails="likelihood", level=confidence_level(case)
    )
    return {
        "rr": found.estimate,
        "lo": found.lower,
        "hi": found.upper,
        "p": found.p_value,
        "p_central": poisson_rate_ratio(events, years, control, control_years).p_value,
        "crude_log_rr_se": found.standard_error,
    }


def _inputs(case: Case) -> ModelInputs:
    formula, terms = str(case.spec.get("formula", "")), case.spec.get("terms")
    listed = list(terms) if terms else list(dict.fromkeys(expected_terms(case.expect)))
    if "~" not in formula:
        data = case.table()
        response = case.spec.get("response") or column_named(RESPONSES, data, case.id)
        offset = case.spec.get("offset") or f"log({column_named(EXPOSURES, data, case.id)}/365.25)"
        formula = f"{formula_of_terms(str(response), listed, data)} + offset({offset})"
    return model_inputs(case, formula, terms=listed)


def _poisson(case: Case) -> dict[str, Any]:
    inputs = _inputs(case)

    def fitted(errors: str) -> PoissonFit:
        return poisson_regression(
            inputs.response,
            inputs.matrix.matrix,
            inputs.matrix.names,
            offset=inputs.offset,
            errors=errors,
        )

    fit, robust = fitted("model"), fitted("HC0")
    return {
        "coef": [
            {
                "term": term,
                **estimate_figures(one),
                **ratio_figures("rr", one),
                "se_hc0": robust.of(term).standard_error,
            }
            for term in fit.terms
            for one in [fit.of(term, confidence_level(case))]
        ],
        "pearson_dispersion": fit.pearson_dispersion,
        "log_lik": fit.log_likelihood,
        "aic": 2 * len(fit.terms) - 2 * fit.log_likelihood,
    }


def _negative_binomial(case: Case) -> dict[str, Any]:
    inputs = _inputs(case)
    whole, known = _fit(inputs, "full"), _fit(inputs, "theta-fixed")

    def without(factor: str) -> float:
        kept = [k for k, name in enumerate(inputs.matrix.names) if not _is_of(name, factor)]
        names = [inputs.matrix.names[k] for k in kept]
        smaller = negative_binomial_regression(
            inputs.response, inputs.matrix.matrix[:, kept], names, offset=inputs.offset
        )
        return 2 * (whole.log_likelihood - smaller.log_likelihood)

    found: dict[str, Any] = {
        "est": whole.estimates,
        "se": whole.standard_errors,
        "alpha": whole.alpha,
        "theta": whole.theta,
        "se_theta": _roughly(whole.theta_error),
        "se_log_alpha": whole.log_alpha_error,
        "log_lik": whole.log_likelihood,
        "aic": 2 * (len(whole.terms) + 1) - 2 * whole.log_likelihood,
        "max_abs_gradient": whole.largest_slope,
        "glm_nb": [
            {
                "term": term,
                "est": known.of(term).estimate,
                "se_theta_fixed": known.of(term).standard_error,
                "p": known.of(term).p_value,
            }
            for term in known.terms
        ],
        "glmmTMB": [
            {
                "term": term,
                "est": Approximate(float(estimate), GLMMTMB_ERROR),
                "se_full_information": Approximate(float(error), GLMMTMB_ERROR),
            }
            for term, estimate, error in zip(
                whole.terms, whole.estimates, whole.standard_errors, strict=True
            )
        ],
        "theta_glmmTMB": Approximate(whole.theta, GLMMTMB_ERROR),
    }
    for key in case.expect if isinstance(case.expect, Mapping) else ():
        if match := re.fullmatch(r"lr_(\w+)", key):
            found[key] = without(match[1])
    return found


def _roughly(error: float | None) -> Approximate | None:
    return None if error is None else Approximate(error, THETA_STEP)


def _fit(inputs: ModelInputs, errors: str) -> NegativeBinomialFit:
    return negative_binomial_regression(
        inputs.response,
        inputs.matrix.matrix,
        inputs.matrix.names,
        offset=inputs.offset,
        errors=errors,
    )


def _is_of(term: str, factor: str) -> bool:
    return any(part.split("[")[0] == factor for part in term.split(":"))


METHODS: Final[Mapping[str, Method]] = {
    "exact_rate": _rate,
    "exact_rate_ratio": _rate_ratio,
    "poisson": _poisson,
    "negative_binomial": _negative_binomial,
}
