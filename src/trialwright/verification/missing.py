"""Cases of pooled, reference-based and multiple imputation, delta adjustment, failures imputed.

Settings: `formula` of the analysis of each completed data set, or `est` and `var` with `n` and `k`;
for reference-based imputation `strategy` (else the end of the case's name, or words such as 'under
JR'), `arms` (the reference first; a text such as '0 and 2 only' is read), `imputation_model`, and
`analysis`, the formula at a visit. Where data sets are drawn at random, `imputations` is how many
the other program drew; what `sampling` allows for chance is said beside the figure.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import numpy as np
import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.stats.formulas import parse_formula
from trialwright.stats.missing.bayesian_reference import bayesian_reference_imputation
from trialwright.stats.missing.multiple_imputation import multiple_imputation
from trialwright.stats.missing.pooling import PooledEstimate, pool
from trialwright.stats.missing.reference_based import STRATEGIES, reference_based_imputation
from trialwright.stats.missing.responses import non_responder_imputation
from trialwright.verification.cases import Case
from trialwright.verification.columns import ARMS, column_named, kept_rows, listed
from trialwright.verification.compare import Method
from trialwright.verification.completed import (
    analyses,
    completed_models,
    delta_adjusted,
    pooled_terms,
)
from trialwright.verification.estimates import estimate_figures
from trialwright.verification.levels import confidence_level
from trialwright.verification.longitudinal import longitudinal
from trialwright.verification.sampling import (
    DRAWS,
    generator,
    other_draws,
    pooled_figures,
    sampled_figures,
)

SHOWN: Final = ("est", "se", "lo", "hi", "p", "df")
MEANS: Final = {"trt": "difference", "lsm_ref": "reference_mean", "lsm_alt": "active_mean"}


def _rubin(case: Case) -> dict[str, Any]:
    if "est" not in case.spec:
        return completed_models(case)
    free = case.spec.get("dfcom")
    if free is None and "n" in case.spec and "k" in case.spec:
        free = float(case.spec["n"]) - float(case.spec["k"])
    variances = case.spec.get("var")
    if variances is None:
        variances = np.square(case.setting("se"))
    found = pool(
        case.spec["est"],
        variances,
        complete_degrees_of_freedom=free,
        level=confidence_level(case),
    )
    return pooled_figures(found) | {
        "qbar": found.estimate,
        "ubar": found.within,
        "b": found.between,
        "t": found.total,
        "r": found.relative_increase,
        "df_barnard_rubin": found.degrees_of_freedom,
        "df_large_sample": found.large_sample_degrees_of_freedom,
    }


def _reference_based(case: Case) -> dict[str, Any]:
    said = (case.id.rpartition("_")[2], case.said(r"\bunder (\w+)") or "")
    found = [name.upper() for name in said if name.upper() in STRATEGIES]
    strategy = str(case.first("strategy", default=found[0] if found else said[0])).upper()
    if strategy not in STRATEGIES:
        raise UnusableInputError(f"there is no strategy {strategy!r}", where=case.id)
    text = str(case.setting("imputation_model"))
    model = parse_formula(text.partition(",")[0])
    analysis = parse_formula(str(case.setting("analysis")))
    data = longitudinal(case, model.response, [*model.variables, *analysis.variables])
    present = [str(each) for each in data.table[data.arm].unique().sort().to_list()]
    arms = listed(case.spec.get("arms", [])) or [present[0], present[-1]]
    if str(case.spec.get("reference")) == arms[-1]:
        arms.reverse()
    if len(arms) != 2:
        raise UnusableInputError(f"two arms are compared, not {', '.join(arms)}", where=case.id)
    label = data.table[data.arm].cast(pl.String)
    kept = label.is_in(arms).to_numpy()
    names = data.covariates(model)
    x, owner = data.matrix(names)
    by_visit = [any({name, data.visit} <= set(term) for term in model.terms) for name in names]
    adjust = data.matrix(data.covariates(analysis))[0][kept]
    crossed = np.array(by_visit, dtype=bool)[owner]
    given = (data.outcomes[kept], (label == arms[1]).to_numpy()[kept], x[kept])
    about = f"{case.method} {case.id} {case.spec.get('method', '')} {case.what} {text}".lower()
    own = bool(re.search(r"own covariance|covariances? (?:for|of|in|per) each|per arm", about))

    @cache
    def at(visit: int) -> Any:
        settings: dict[str, Any] = {
            "strategy": strategy, "by_visit": crossed, "adjust_for": adjust, "visit": visit,
            "level": confidence_level(case),
        }  # fmt: skip
        if "bayes" not in about:
            return reference_based_imputation(*given, own_covariances=own, **settings)
        if own:
            raise UnusableInputError("drawn at random, arms share one covariance", where=case.id)
        return bayesian_reference_imputation(*given, generator(), imputations=DRAWS, **settings)

    free = float(kept.sum() - 2 - adjust.shape[1])

    def figures(parameter: str) -> dict[str, Any]:
        kind = next(name for name in MEANS if parameter.startswith(name))
        found = getattr(at(data.at(parameter)), MEANS[kind])
        if isinstance(found, PooledEstimate):
            return sampled_figures(found, other_draws(case), free)
        return estimate_figures(found)

    last = data.visits[data.at(analysis.response)]
    parameters = case.expect.get("parameters") or [f"{name}_{last}" for name in MEANS]
    rows = [figures(name) for name in parameters]
    return {"parameters": parameters, **{key: [row[key] for row in rows] for key in SHOWN}}


def _multiple_imputation(case: Case) -> dict[str, Any]:
    """Drawn from a normal model of all visits, in each arm unless `by_arm` is false.

    `covariates` are those of the imputation, else those of the analysis; `delta` is added to what
    was imputed in the arms of `delta_arms`.
    """
    formula = str(case.spec.get("analysis") or case.setting("formula"))
    parsed = parse_formula(formula)
    columns = [str(case.spec.get("response", "")), re.sub(r"_?\d+$", "", parsed.response)]
    response = column_named([name for name in columns if name], case.table(), case.id)
    data = longitudinal(case, response, parsed.variables)
    names = [str(each) for each in case.spec.get("covariates", data.covariates(parsed))]
    label = data.table[data.arm].cast(pl.String)
    sets = multiple_imputation(
        data.outcomes, label.to_numpy(), data.matrix(names)[0], generator(),
        imputations=DRAWS, by_arm=bool(case.spec.get("by_arm", True)),
    )  # fmt: skip
    visit = data.at(parsed.response)
    shifted = label.is_in(listed(case.spec.get("delta_arms", label.unique().to_list())))
    lost = np.isnan(data.outcomes[:, visit]) & shifted.to_numpy()
    outcomes = sets[:, :, visit] + float(case.spec.get("delta", 0.0)) * lost
    found = analyses(case, formula, [data.table], outcomes)
    return pooled_terms(
        case, found, lambda one: sampled_figures(one, other_draws(case), found.free)
    )


def _non_responders(case: Case) -> dict[str, Any]:
    """Responders and participants of each arm, the missing and those of `failed` as failures."""
    data = kept_rows(case, case.table())
    column = column_named(ARMS, data, case.id)
    response = column_named([str(case.setting("response"))], data, case.id)
    failed = np.zeros(data.height, dtype=bool)
    for name in listed(case.spec.get("failed", [])):
        column_named([name], data, case.id)
        failed |= data[name].fill_null(0).cast(pl.Float64).to_numpy() > 0
    imputed = non_responder_imputation(
        data[response].cast(pl.Float64).fill_null(float("nan")).to_numpy(), failed=failed
    )
    arms = data[column].unique().sort().to_list()
    rows = [(data[column] == arm).to_numpy() for arm in arms]
    return {
        "arms": arms,
        "responders": [int(imputed[own].sum()) for own in rows],
        "n": [int(own.sum()) for own in rows],
        "rates": [float(imputed[own].mean()) for own in rows],
    }


METHODS: Final[Mapping[str, Method]] = {
    "rubin*": _rubin,
    "reference_based*": _reference_based,
    "bayesian_reference*": _reference_based,
    "multiple_imputation*": _multiple_imputation,
    "delta*": delta_adjusted,
    "tipping*": delta_adjusted,
    "non_responder*": _non_responders,
}
