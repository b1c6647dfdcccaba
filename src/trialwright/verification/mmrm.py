"""Cases with a mixed model for repeated measures, as R's mmrm and emmeans report it.

Settings of a case, all optional: `formula` (else that of the expected terms), which may hold the
covariance as mmrm writes it, 'us(week | usubjid)'; `covariance`, `group`, `weights` (a column or an
expression), `reml`, `method` and `vcov` by mmrm's names; `visit`, `participant`, `response`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.stats.f_tests import FTest
from trialwright.stats.formulas import evaluate, parse_formula
from trialwright.stats.mmrm import STRUCTURES, Mmrm, mmrm
from trialwright.stats.results import Estimate
from trialwright.verification.cases import Case
from trialwright.verification.compare import Method
from trialwright.verification.models import expected_terms
from trialwright.verification.terms import factor_levels, formula_of_terms, same_term

VISITS: Final = ("week", "visit", "avisit", "visitnum", "avisitn", "time", "month", "day")
PARTICIPANTS: Final = ("usubjid", "participant", "subject", "subjid", "id")
RESPONSES: Final = ("chg", "change", "response", "y", "aval", "value")
FIGURES: Final[Mapping[str, str]] = {
    "est": "estimate",
    "se": "standard_error",
    "df": "degrees_of_freedom",
    "t": "statistic",
    "p": "p_value",
    "lo": "lower",
    "hi": "upper",
}
METHODS_OF_MMRM: Final[Mapping[str, str]] = {
    "satterthwaite": "satterthwaite",
    "kenward-roger": "kenward-roger-second-order",
    "kenward-roger-linear": "kenward-roger",
    "between-within": "between-within",
    "residual": "residual",
}
ERRORS_OF_MMRM: Final[Mapping[str, str]] = {
    "empirical": "empirical",
    "empirical-jackknife": "jackknife",
    "empirical-bias-reduced": "bias-reduced",
}
STRUCTURE_CALL: Final = re.compile(
    rf"\+?\s*\b({'|'.join(sorted(STRUCTURES, key=len, reverse=True))})\s*\(([^()|]*)\|([^()]*)\)"
)


@dataclass(frozen=True, slots=True)
class Request:
    """What the settings of a case ask for: arguments of `mmrm`, and the arms' column."""

    formula: str
    data: pl.DataFrame
    settings: Mapping[str, Any]
    visit: str
    arm: str


def _mmrm(case: Case) -> dict[str, Any]:
    request = _request(case)
    fit = mmrm(request.data, request.formula, visit=request.visit, **request.settings)
    covariances = fit.fit.visit_covariance
    found: dict[str, Any] = {
        "log_lik": fit.fit.log_likelihood,
        "max_abs_gradient": fit.fit.largest_slope,
        "aic": fit.fit.aic,
        "bic": fit.fit.bic,
        "n_obs": fit.fit.records,
        "n_subjects": fit.fit.participants,
        "converged": fit.fit.converged,
        "coef": [{"term": n, **_figures(each)} for n, each in fit.estimates().items()],
        "sigma": covariances[0] if len(covariances) == 1 else covariances,
    }
    expected = case.expect if isinstance(case.expect, Mapping) else {}
    for key, value in expected.items():
        if key.startswith("lsmeans"):
            weights = "proportional" if "proportional" in key else "equal"
            found[key] = _means(fit, value, weights, case)
        elif key.startswith("contrasts"):
            found[key] = _contrasts(fit, value, request)
        elif key == "joint":
            found[key] = {name: _joint(fit, name, request) for name in value}
    return found


def _request(case: Case) -> Request:
    spec, data = case.spec, case.table()
    text = str(spec.get("formula") or _formula_of_expected(case))
    call = STRUCTURE_CALL.search(text)
    inside = call.groups() if call else (None, None, None)
    formula = STRUCTURE_CALL.sub("", text)
    if formula.rstrip().endswith("~"):
        formula += " 1"
    nested = [part.strip() for part in (inside[2] or "").split("/")]
    participant = spec.get("participant") or nested[-1] or _one_of(PARTICIPANTS, data, case)
    covariance = str(spec.get("covariance") or inside[0] or "us")
    spatial = covariance.startswith("sp_")
    called = "" if spatial else (inside[1] or "").strip()
    visit = spec.get("visit") or called or _visit(formula, data, case)
    group = spec.get("group") or (nested[0] if len(nested) == 2 else None)
    terms = list(expected_terms(case.expect))
    levels = factor_levels(parse_formula(formula), data, terms, spec.get("factors", ()))
    method = str(spec.get("method", "Satterthwaite")).lower()
    vcov = str(spec.get("vcov", "")).lower()
    if method.startswith("kenward-roger") and vcov == "kenward-roger-linear":
        method = vcov
    if method not in METHODS_OF_MMRM:
        raise UnusableInputError(f"mmrm has no method {spec['method']!r}", where=case.id)
    data, weights = _weighted(data, spec.get("weights"))
    position = (inside[1] or "").strip() if spatial else None
    return Request(
        formula,
        data,
        {
            "participant": participant,
            "covariance": covariance,
            "group": group,
            "weights": weights,
            "position": position if position in data.columns else None,
            "method": METHODS_OF_MMRM[method],
            "errors": ERRORS_OF_MMRM.get(vcov, "model"),
            "restricted": bool(spec.get("reml", True)),
            "levels": {name: [str(each) for each in own] for name, own in levels.items()},
        },
        visit,
        _arm(levels, visit),
    )


def _formula_of_expected(case: Case) -> str:
    response = case.spec.get("response") or _one_of(RESPONSES, case.table(), case)
    rows = case.expect.get("coef", ()) if isinstance(case.expect, Mapping) else ()
    return formula_of_terms(str(response), [row["term"] for row in rows], case.table())


def _one_of(names: Sequence[str], data: pl.DataFrame, case: Case) -> str:
    for name in names:
        if name in data.columns:
            return name
    raise UnusableInputError(f"the data have none of the columns {', '.join(names)}", where=case.id)


def _visit(formula: str, data: pl.DataFrame, case: Case) -> str:
    columns = parse_formula(formula).columns
    return next((name for name in VISITS if name in columns), "") or _one_of(VISITS, data, case)


def _arm(levels: Mapping[str, Any], visit: str) -> str:
    others = [name for name in levels if name != visit]
    named = [name for name in others if name.lower().startswith(("arm", "tr", "group"))]
    return next(iter((*named, *others)), "")


def _weighted(data: pl.DataFrame, weights: Any) -> tuple[pl.DataFrame, str | None]:
    """The data with a column of weights, from a column's name or an expression.

    Besides arithmetic, 'x mod 5' is a remainder and 'integer part of x' the digits in a text.
    """
    if weights is None or weights in data.columns:
        return data, weights
    text = str(weights)
    for name in re.findall(r"integer part of (\w+)", text):
        digits = pl.col(name).cast(pl.String).str.replace_all(r"^.*?(\d+)\D*$", "$1")
        data = data.with_columns(digits.cast(pl.Int64).alias(f"{name}_number"))
        text = text.replace(f"integer part of {name}", f"{name}_number")
    for name, base in re.findall(r"(\w+) mod (\d+)", text):
        data = data.with_columns((pl.col(name) % int(base)).alias(f"{name}_mod_{base}"))
        text = text.replace(f"{name} mod {base}", f"{name}_mod_{base}")
    columns = {name: data[name].to_numpy() for name in data.columns}
    return data.with_columns(case_weight=pl.Series(evaluate(text, columns))), "case_weight"


def _figures(estimate: Estimate) -> dict[str, Any]:
    return {key: getattr(estimate, name) for key, name in FIGURES.items()}


def _means(fit: Mmrm, rows: Iterable[Mapping[str, Any]], weights: str, case: Case) -> list[Any]:
    """One for each expected row, which names its levels."""
    asked = list(rows)
    over = [key for key in asked[0] if key not in FIGURES]
    column = {key: _factor(fit, key, case) for key in over}
    means = fit.ls_means([column[key] for key in over], weights=weights)
    return [
        {**{key: row[key] for key in over}, **_figures(means[tuple(str(row[k]) for k in over)])}
        for row in asked
    ]


def _factor(fit: Mmrm, name: str, case: Case) -> str:
    """The factor that a column of another program's table stands for, such as 'armf'."""
    for own in fit.design.levels:
        if own == name or name.startswith(own) or own.startswith(name):
            return own
    raise UnusableInputError(f"the model has no factor {name!r}", where=case.id)


def _contrasts(fit: Mmrm, rows: Iterable[Mapping[str, Any]], request: Request) -> list[Any]:
    """One for each expected row, named 'arm1 - arm0' or '1 - 0', at the visit that it names."""
    arm, level = request.arm, fit.design.levels[request.arm]
    by_visit = request.visit in fit.design.levels
    over = [arm, request.visit] if by_visit else [arm]
    names, weights = fit.mean_weights(over)
    place = {name: k for k, name in enumerate(names)}

    def row_of(part: str, visit: str) -> int:
        own = next(each for each in level if part == each or same_term(part, f"{arm}[{each}]"))
        return place[(own, visit) if by_visit else (own,)]

    found = []
    for row in rows:
        labels = {key: value for key, value in row.items() if key not in FIGURES}
        visit = str(next((v for key, v in labels.items() if key != "contrast"), ""))
        left, right = (part.strip(" ()") for part in str(labels["contrast"]).split(" - "))
        weight = weights[row_of(left, visit)] - weights[row_of(right, visit)]
        found.append({**labels, **_figures(fit.inference.combinations(weight)[0])})
    return found


def _joint(fit: Mmrm, name: str, request: Request) -> Callable[[], dict[str, Any]]:
    """'arm_by_week' is an interaction, 'arm_at_week12' all arms at a visit, 'arm' a main effect."""

    def compute() -> dict[str, Any]:
        factor, at, place = name.partition("_at_")
        if at:
            visit = place.removeprefix(request.visit).strip("_ ")
            return _f_figures(fit.at_visit(factor, visit))
        return _f_figures(fit.type_3()[name.replace("_by_", ":")])

    return compute


def _f_figures(test: FTest) -> dict[str, Any]:
    return {
        "num_df": test.numerator,
        "denom_df": test.denominator,
        "F": test.statistic,
        "p": test.p_value,
    }


METHODS: Final[Mapping[str, Method]] = {"mmrm": _mmrm}
