"""Cases of pooled and of reference-based imputation.

Settings: `formula` of the analysis of each completed data set, or `est` and `var` with `n` and `k`;
for reference-based imputation `strategy` (else the end of the case's name), `arms` (the reference
first; a text such as '0 and 2 only' is read) and `analysis`, the formula at the last visit.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.stats.ancova import fit_linear
from trialwright.stats.formulas import parse_formula
from trialwright.stats.missing.pooling import PooledEstimate, pool, pooled_wald_test
from trialwright.stats.missing.reference_based import STRATEGIES, reference_based_imputation
from trialwright.verification.cases import Case
from trialwright.verification.compare import Method
from trialwright.verification.models import expected_terms
from trialwright.verification.terms import factor_levels


def _rubin(case: Case) -> dict[str, Any]:
    if "est" in case.spec:
        free = None
        if "n" in case.spec and "k" in case.spec:
            free = float(case.spec["n"]) - float(case.spec["k"])
        found = pool(case.spec["est"], case.setting("var"), complete_degrees_of_freedom=free)
        return _figures(found) | {
            "qbar": found.estimate,
            "ubar": found.within,
            "b": found.between,
            "t": found.total,
            "r": found.relative_increase,
            "df_barnard_rubin": found.degrees_of_freedom,
            "df_large_sample": found.large_sample_degrees_of_freedom,
        }
    return _pooled_models(case)


def _pooled_models(case: Case) -> dict[str, Any]:
    data, formula = case.table(), str(case.setting("formula"))
    column = str(case.spec.get("imputation", "imputation"))
    parsed = parse_formula(formula)
    found = factor_levels(parsed, data, list(expected_terms(case.expect)))
    levels = {name: [str(each) for each in own] for name, own in found.items()}
    fits = [
        fit_linear(part, formula, levels=levels).coefficients
        for part in data.partition_by(column, maintain_order=True)
    ]
    estimates = np.array([fit.estimates for fit in fits])
    covariances = np.array([fit.covariance for fit in fits])
    free, terms = fits[0].degrees_of_freedom, fits[0].terms
    rows = []
    for k, term in enumerate(terms):
        pooled = pool(estimates[:, k], covariances[:, k, k], complete_degrees_of_freedom=free)
        rows.append({"term": term, **_figures(pooled), "dfcom": free})
    tests: dict[str, Any] = {}
    for key in case.expect:
        if match := re.fullmatch(r"D1_(\w+)", key):
            own = [k for k, term in enumerate(terms) if term.split("[")[0] == match[1]]
            test = pooled_wald_test(estimates[:, own], covariances[:, own][:, :, own])
            tests[key] = {
                "F": test.statistic,
                "df1": test.numerator,
                "df2": test.denominator,
                "r1": _increase(estimates[:, own], covariances[:, own][:, :, own]),
                "p": test.p_value,
            }
    return {"pooled": rows, **tests}


def _increase(estimates: Any, covariances: Any) -> float:
    """The mean relative increase in variance."""
    m, k = estimates.shape
    between = np.atleast_2d(np.cov(estimates, rowvar=False))
    trace = float(np.trace(np.linalg.solve(covariances.mean(axis=0), between)))
    return float((1 + 1 / m) * trace / k)


def _figures(found: PooledEstimate) -> dict[str, Any]:
    return {
        "est": found.estimate,
        "se": found.standard_error,
        "t": found.statistic,
        "df": found.degrees_of_freedom,
        "p": found.p_value,
        "lo": found.lower,
        "hi": found.upper,
        "within": found.within,
        "between": found.between,
        "total": found.total,
        "riv": found.relative_increase,
        "lambda": found.share_missing,
        "fmi": found.fraction_missing,
    }


def _reference_based(case: Case) -> dict[str, Any]:
    data = case.table()
    arms = case.spec.get("arms", [])
    listed = re.findall(r"\d+", arms) if isinstance(arms, str) else [str(arm) for arm in arms]
    present = [str(arm) for arm in data["arm"].unique().sort().to_list()]
    reference, active = listed if len(listed) == 2 else (present[0], present[-1])
    strategy = str(case.spec.get("strategy") or case.id.rpartition("_")[2]).upper()
    if strategy not in STRATEGIES:
        raise UnusableInputError(f"there is no strategy {strategy!r}", where=case.id)
    model, analysis = str(case.setting("imputation_model")), str(case.setting("analysis"))
    names = [name for name in parse_formula(analysis).variables if name not in ("trt", "arm")]
    crossed = [bool(re.search(rf"{n}\s*[*:]\s*week|week\s*[*:]\s*{n}", model)) for n in names]
    response = model.partition("~")[0].strip()
    who = str(case.spec.get("participant", "usubjid"))
    kept = data.filter(pl.col("arm").cast(pl.String).is_in([reference, active]))
    wide = kept.pivot("week", index=[who, "arm", *names], values=response, sort_columns=False)
    weeks = [str(week) for week in sorted(kept["week"].unique().to_list())]
    found = reference_based_imputation(
        wide.select(pl.col(weeks).cast(pl.Float64)).fill_null(float("nan")).to_numpy(),
        (wide["arm"].cast(pl.String) == active).to_numpy(),
        wide.select(names).to_numpy(),
        strategy=strategy,
        by_visit=crossed,
    )
    each = (found.difference, found.reference_mean, found.active_mean)
    last = weeks[-1]
    return {
        "parameters": [f"trt_{last}", f"lsm_ref_{last}", f"lsm_alt_{last}"],
        "est": [one.estimate for one in each],
        "se": [one.standard_error for one in each],
        "lo": [one.lower for one in each],
        "hi": [one.upper for one in each],
        "p": [one.p_value for one in each],
    }


METHODS: Final[Mapping[str, Method]] = {
    "rubin": _rubin,
    "reference_based_imputation": _reference_based,
}
