"""Cases with a regression of a binary outcome."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from trialwright.errors import UnusableInputError
from trialwright.stats.formulas import model_matrix
from trialwright.stats.logistic.firth import firth_regression
from trialwright.stats.logistic.gee import gee_logistic
from trialwright.stats.logistic.likelihood import (
    likelihood_ratio_test,
    logistic_regression,
    profile_intervals,
)
from trialwright.stats.logistic.random_intercept import random_intercept_logistic
from trialwright.stats.logistic.risk_ratio import modified_poisson
from trialwright.stats.logistic.standardization import StandardizedRisks, standardized_risks
from trialwright.stats.results import Coefficients
from trialwright.verification.binary import RESPONSES, control_first
from trialwright.verification.cases import Case
from trialwright.verification.columns import ARMS, PARTICIPANTS, VISITS, by_kind, column_named
from trialwright.verification.compare import Method
from trialwright.verification.levels import confidence_level
from trialwright.verification.models import ModelInputs, formula_of, model_inputs
from trialwright.verification.terms import CODES, same_term

Rows = list[dict[str, Any]]


def _rows(fit: Coefficients, **names: str) -> Rows:
    """A row for each term; `names` maps attributes of `Estimate` to keys."""
    rows = []
    for term in fit.terms:
        result = fit.of(term)
        row = {key: getattr(result, name) for name, key in names.items()}
        rows.append({"term": term, "est": result.estimate, **row})
    return rows


def _inputs(case: Case, terms: Sequence[str] = (), *, offset: bool = False) -> ModelInputs:
    """What a model needs; an offset is refused where the model has none."""
    inputs = model_inputs(case, formula_of(case, RESPONSES), terms=terms)
    if inputs.formula.offsets and not offset:
        raise UnusableInputError(f"{case.method} takes no offset", where=case.id)
    return inputs


def _logistic(case: Case) -> dict[str, Any]:
    inputs = _inputs(case, offset=True)
    fit = logistic_regression(
        inputs.response, inputs.matrix.matrix, inputs.matrix.names, offset=inputs.offset
    )

    def without(*variables: str) -> Callable[[], dict[str, Any]]:
        """The test of all terms that hold the variables, R's drop1 for the highest of them."""

        def compute() -> dict[str, Any]:
            terms = [t for t in inputs.formula.terms if not set(variables) <= set(t)]
            matrix = model_matrix(terms, inputs.columns, inputs.levels)
            smaller = logistic_regression(
                inputs.response, matrix.matrix, matrix.names, offset=inputs.offset
            )
            test = likelihood_ratio_test(fit, smaller)
            return {"chisq": test.statistic, "df": test.degrees_of_freedom, "p": test.p_value}

        return compute

    return {
        "coef": _rows(fit, standard_error="se", statistic="z", p_value="p"),
        "deviance": fit.deviance,
        "null_deviance": fit.null_deviance,
        "log_lik": fit.log_likelihood,
        "aic": fit.aic,
        **{f"lrt_{name}": without(name) for name in inputs.formula.variables},
        **{f"lrt_{':'.join(term)}": without(*term) for term in inputs.formula.terms if term},
    }


def _logistic_profile(case: Case) -> dict[str, Any]:
    """The figures are lists in the order of `terms`."""
    inputs, wanted = _by_terms(case)
    x, names = inputs.matrix.matrix, inputs.matrix.names
    fit = logistic_regression(inputs.response, x, names)
    level = confidence_level(case)
    limits = profile_intervals(inputs.response, x, names, level=level)
    order = [next(i for i, name in enumerate(names) if same_term(term, name)) for term in wanted]
    return {
        "est": fit.estimates[order].tolist(),
        "se": fit.standard_errors[order].tolist(),
        "profile": limits[order].tolist(),
        "log_lik": fit.log_likelihood,
    }


def _by_terms(case: Case) -> tuple[ModelInputs, list[str]]:
    """Inputs from `formula`, or from `terms` and the response; and the order of the terms."""
    terms = list(case.spec.get("terms", ()))
    inputs = _inputs(case, terms)
    return inputs, terms or list(inputs.matrix.names)


def _firth(case: Case) -> dict[str, Any]:
    inputs = _inputs(case)
    level = confidence_level(case)
    fit = firth_regression(inputs.response, inputs.matrix.matrix, inputs.matrix.names, level=level)
    return {
        "coef": [
            {
                "term": term,
                "est": float(fit.estimates[j]),
                "se": float(fit.augmented_errors[j]),
                "se_information": float(fit.standard_errors[j]),
                "profile_lo": float(fit.lower[j]),
                "profile_hi": float(fit.upper[j]),
                "p_penalised_lr": float(fit.p_values[j]),
            }
            for j, term in enumerate(fit.terms)
        ],
        "log_lik": [fit.log_likelihood, fit.null_log_likelihood],
    }


def _marginal_standardization(case: Case) -> dict[str, Any]:
    inputs = _inputs(case)
    variance = str(case.spec.get("vcov", "HC0"))
    fixed = _standardized(case, inputs, variance)
    ye = _standardized(case, inputs, "ye")
    arms = range(1, len(fixed.risks))
    found: dict[str, Any] = {
        "risk": fixed.risks.tolist(),
        "risk_se": np.sqrt(np.diag(fixed.covariance)).tolist(),
        "beeca_ye_est": [ye.difference(arm).estimate for arm in arms],
        "beeca_ye_se": [ye.difference(arm).standard_error for arm in arms],
    }
    contrasts = {
        "rd": StandardizedRisks.difference,
        "log_rr": StandardizedRisks.log_risk_ratio,
        "log_or": StandardizedRisks.log_odds_ratio,
    }
    for name, contrast in contrasts.items():
        found[name] = [contrast(fixed, arm).estimate for arm in arms]
        found[f"{name}_se"] = [contrast(fixed, arm).standard_error for arm in arms]
    for key in case.expect:
        match = re.fullmatch(r"robincar2_(simple|permuted_block|pocock_simon)(?:_by_(\w+))?", key)
        if match:
            found[key] = _scheme(case, inputs, match[1], match[2])
    return found


def _scheme(
    case: Case, inputs: ModelInputs, scheme: str, by: str | None
) -> Callable[[], dict[str, Any]]:
    names = {
        "simple": "simple", "permuted_block": "permuted-block", "pocock_simon": "minimization"
    }  # fmt: skip

    def compute() -> dict[str, Any]:
        result = _standardized(case, inputs, "ye", names[scheme], by)
        contrasts = [result.difference(arm) for arm in range(1, len(result.risks))]
        return {
            "est": [contrast.estimate for contrast in contrasts],
            "se": [contrast.standard_error for contrast in contrasts],
            "mean": result.risks.tolist(),
            "mean_se": np.sqrt(np.diag(result.covariance)).tolist(),
        }

    return compute


def _standardized(
    case: Case, inputs: ModelInputs, variance: str, scheme: str = "simple", by: str | None = None
) -> StandardizedRisks:
    """With everyone in each arm in turn; the arm is the factor named as one, else the first."""
    names = (case.spec.get("arm"), *ARMS, *CODES)
    named = [arm for name in names for arm in inputs.levels if arm.lower() == str(name).lower()]
    if not inputs.levels:
        raise UnusableInputError(
            "the formula has no factor whose levels could be the arms", where=case.id
        )
    arm = (named or list(inputs.levels))[0]
    actual = inputs.columns[arm]
    own = control_first(inputs.levels[arm])
    levels = [by_kind(inputs.data, arm, label) for label in case.spec.get("levels", own)]
    if set(levels) != set(own):
        raise UnusableInputError(f"levels {levels} are not the arms {own}", where=case.id)
    everyone = [
        model_matrix(
            inputs.formula.terms,
            {**inputs.columns, arm: np.full(len(actual), level)},
            inputs.levels,
        ).matrix
        for level in levels
    ]
    index = np.array([levels.index(value) for value in actual])
    strata = None if by is None else inputs.columns[_column(by, inputs)]
    return standardized_risks(
        inputs.response,
        index,
        np.array(everyone),
        inputs.matrix.names,
        variance=variance,
        scheme=scheme,
        strata=strata,
    )


def _column(name: str, inputs: ModelInputs) -> str:
    """The column of that name, or the one in the formula whose name starts with it."""
    for candidate in (name, *inputs.formula.variables, *inputs.data.columns):
        if candidate in inputs.columns and candidate.startswith(name):
            return candidate
    raise UnusableInputError(f"the data have no column {name!r}")


def _modified_poisson(case: Case) -> dict[str, Any]:
    inputs = _inputs(case, offset=True)
    fit = modified_poisson(
        inputs.response, inputs.matrix.matrix, inputs.matrix.names, offset=inputs.offset
    )
    return {"coef": _rows(fit, standard_error="se", statistic="z", p_value="p")}


def _gee(case: Case) -> dict[str, Any]:
    inputs = _inputs(case)
    who = _who(case, inputs)
    named = case.spec.get("visit")
    when = column_named([str(named)] if named else VISITS, inputs.data, case.id)
    structure = str(case.spec.get("corstr", "exchangeable"))
    fit = gee_logistic(
        inputs.response,
        inputs.matrix.matrix,
        inputs.matrix.names,
        inputs.columns[who],
        inputs.columns[when],
        structure=structure,
    )
    rows = _rows(fit, standard_error="robust_se", statistic="wald", p_value="p")
    for row in rows:
        row["wald"] = row["wald"] ** 2
    pairs = fit.correlation[np.triu_indices(len(fit.correlation), 1)].tolist()
    alpha = {"independence": [], "unstructured": pairs}.get(structure, pairs[:1])
    return {"coef": rows, "alpha": alpha, "phi": fit.scale}


def _who(case: Case, inputs: ModelInputs) -> str:
    """The column that identifies participants."""
    named = case.spec.get("id", case.spec.get("participant"))
    names = [str(named)] if named else [*inputs.formula.groups, *PARTICIPANTS]
    return column_named(names, inputs.data, case.id)


def _random_intercept(case: Case) -> dict[str, Any]:
    inputs = _inputs(case)
    fit = random_intercept_logistic(
        inputs.response,
        inputs.matrix.matrix,
        inputs.matrix.names,
        inputs.columns[_who(case, inputs)],
        nodes=int(case.spec.get("nAGQ", 1)),
    )
    return {
        "coef": _rows(fit, standard_error="se", statistic="z", p_value="p"),
        "sd_intercept": fit.standard_deviation,
        "log_lik": fit.log_likelihood,
    }


METHODS: Final[Mapping[str, Method]] = {
    "logistic": _logistic,
    "logistic_profile": _logistic_profile,
    "firth_logistic": _firth,
    "marginal_standardization": _marginal_standardization,
    "modified_poisson": _modified_poisson,
    "gee_logistic": _gee,
    "random_intercept_logistic": _random_intercept,
}
