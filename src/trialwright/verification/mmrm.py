"""Cases with a mixed model for repeated measures, as R's mmrm and emmeans report it.

Settings of a case, all optional: `formula` (else that of the expected terms), which may hold the
covariance as mmrm writes it, 'us(week | usubjid)'; `covariance`, `group`, `weights` (a column or an
expression), `reml`, `method` and `vcov` by mmrm's names; `visit`, `participant`, `response`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.stats.design import factor_codes
from trialwright.stats.f_tests import FTest
from trialwright.stats.formulas import evaluate, parse_formula
from trialwright.stats.ls_means import ls_mean_weights
from trialwright.stats.mmrm import STRUCTURES, Mmrm, mmrm
from trialwright.verification.cases import Case
from trialwright.verification.columns import (
    PARTICIPANTS,
    RESPONSES,
    VISITS,
    column_named,
    kept_rows,
)
from trialwright.verification.compare import Method
from trialwright.verification.estimates import FIGURES, estimate_figures
from trialwright.verification.levels import confidence_level
from trialwright.verification.models import formula_of, halfway, levels_of
from trialwright.verification.terms import same_term

METHODS_OF_MMRM: Final[Mapping[str, str]] = {
    "satterthwaite": "satterthwaite",
    "kenward-roger": "kenward-roger-second-order",
    "kenward-roger-linear": "kenward-roger",
    "between-within": "between-within",
    "residual": "residual",
}
ERRORS_OF_MMRM: Final[Mapping[str, str]] = {
    "": "model",
    "asymptotic": "model",
    "kenward-roger": "model",
    "kenward-roger-linear": "model",
    "empirical": "empirical",
    "empirical-jackknife": "jackknife",
    "empirical-bias-reduced": "bias-reduced",
}
STRUCTURE_CALL: Final = re.compile(
    rf"\+?\s*\b({'|'.join(sorted(STRUCTURES, key=len, reverse=True))})\s*\(([^()|]*)\|([^()]*)\)"
)


@dataclass(frozen=True, slots=True)
class Request:
    """What the settings of a case ask for: arguments of `mmrm`, the arms' column, and the labels
    of the covariance groups."""

    formula: str
    data: pl.DataFrame
    settings: Mapping[str, Any]
    visit: str
    arm: str
    groups: Sequence[str]


def _mmrm(case: Case) -> dict[str, Any]:
    request = _request(case)
    fit = mmrm(request.data, request.formula, visit=request.visit, **request.settings)
    covariances = fit.fit.visit_covariance
    level = confidence_level(case)
    found: dict[str, Any] = {
        "log_lik": fit.fit.log_likelihood,
        "deviance": -2 * fit.fit.log_likelihood,
        "max_abs_gradient": fit.fit.largest_slope,
        "aic": fit.fit.aic,
        "bic": fit.fit.bic,
        "n_obs": fit.fit.records,
        "n_subjects": fit.fit.participants,
        "converged": fit.fit.converged,
        "coef": [{"term": n, **estimate_figures(each)} for n, each in fit.estimates(level).items()],
        "beta_vcov": fit.coefficients.covariance,
        "n_theta": len(fit.fit.point.slope),
        "sigma": covariances[0] if len(covariances) == 1 else covariances,
    }
    expected = case.expect if isinstance(case.expect, Mapping) else {}
    for key, value in expected.items():
        weights = "proportional" if "proportional" in key else "equal"
        if key.startswith("lsmeans"):
            found[key] = partial(_means, fit, value, weights, case)
        elif key.startswith("contrasts"):
            found[key] = partial(_contrasts, fit, value, weights, request, case)
        elif key == "joint":
            found[key] = {name: _joint(fit, name, request, case) for name in value}
        elif key == "sigma" and isinstance(value, Mapping):
            found[key] = dict(zip(request.groups, covariances, strict=True))
    return found


def _request(case: Case) -> Request:
    spec, data = case.spec, kept_rows(case, case.table())
    text = formula_of(case, RESPONSES)
    call = STRUCTURE_CALL.search(text)
    structure, time, who = (part.strip() for part in call.groups()) if call else ("", "", "")
    left, _, right = STRUCTURE_CALL.sub("", text).rpartition("~")
    formula = f"{left}~ {right.strip().removeprefix('+') or '1'}"
    covariance = str(spec.get("covariance") or structure or "us")
    *outer, inner = (part.strip() for part in who.split("/"))
    spatial = covariance.startswith("sp_")
    visit = spec.get("visit") or ("" if spatial else time) or _visit(formula, data, case)
    group = spec.get("group") or next(iter(outer), None)
    for name in (time, visit, group):
        if name:
            column_named([name], data, case.id)
    levels = levels_of(case, parse_formula(formula), data)
    method, errors = _method_and_errors(case)
    data, weights = _weighted(data, spec.get("weights"))
    return Request(
        formula,
        data,
        {
            "participant": spec.get("participant")
            or inner
            or column_named(PARTICIPANTS, data, case.id),
            "covariance": covariance,
            "group": group,
            "weights": weights,
            "position": time if spatial and time else None,
            "method": method,
            "errors": errors,
            "restricted": bool(spec.get("reml", True)),
            "levels": {name: [str(each) for each in own] for name, own in levels.items()},
        },
        visit,
        _arm(levels, visit),
        [] if group is None else factor_codes(data[group].drop_nulls())[1],
    )


def _method_and_errors(case: Case) -> tuple[str, str]:
    """In this package's names; mmrm's linear Kenward-Roger form is chosen by its `vcov`."""
    method = str(case.spec.get("method", "Satterthwaite")).lower()
    vcov = str(case.spec.get("vcov") or "").lower()
    if method.startswith("kenward-roger") and vcov == "kenward-roger-linear":
        method = vcov
    for kind, name, known in (
        ("method", method, METHODS_OF_MMRM), ("vcov", vcov, ERRORS_OF_MMRM)
    ):  # fmt: skip
        if name not in known:
            raise UnusableInputError(
                f"mmrm has no {kind} {case.spec[kind]!r}",
                where=case.id,
                remedy=f"it has {', '.join(filter(None, known))}",
            )
    return METHODS_OF_MMRM[method], ERRORS_OF_MMRM[vcov]


def _visit(formula: str, data: pl.DataFrame, case: Case) -> str:
    columns = parse_formula(formula).columns
    named = (name for name in columns if name.lower() in VISITS)
    return next(named, "") or column_named(VISITS, data, case.id)


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
    values = np.broadcast_to(evaluate(text, columns), data.height)
    return data.with_columns(case_weight=pl.Series(values)), "case_weight"


def _means(fit: Mmrm, rows: Iterable[Mapping[str, Any]], weights: str, case: Case) -> list[Any]:
    """One for each expected row, which names its levels."""
    asked = list(rows)
    over = [key for key in asked[0] if key not in FIGURES]
    column = {key: _factor(fit, key, case) for key in over}
    means = fit.ls_means(
        [column[key] for key in over],
        weights=weights,
        at=_held(fit, weights),
        level=confidence_level(case),
    )
    return [
        {
            **{key: row[key] for key in over},
            **estimate_figures(_of_levels(means, [row[key] for key in over], case)),
        }
        for row in asked
    ]


def _held(fit: Mmrm, weights: str) -> dict[str, float]:
    return halfway(fit.design) if weights == "equal" else {}


def _of_levels(found: Mapping[tuple[str, ...], Any], levels: Iterable[Any], case: Case) -> Any:
    named = tuple(str(level) for level in levels)
    if named not in found:
        levels_there = "; ".join(
            ", ".join(dict.fromkeys(each)) for each in zip(*found, strict=True)
        )
        raise UnusableInputError(
            f"the model has no mean of {', '.join(named)}",
            where=case.id,
            remedy=f"its levels are {levels_there}",
        )
    return found[named]


def _factor(fit: Mmrm, name: str, case: Case) -> str:
    """The factor that a column of another program's table stands for, such as 'armf'."""
    for own in fit.design.levels:
        if own == name or name.startswith(own) or own.startswith(name):
            return own
    raise UnusableInputError(f"the model has no factor {name!r}", where=case.id)


def _contrasts(
    fit: Mmrm, rows: Iterable[Mapping[str, Any]], weights: str, request: Request, case: Case
) -> list[Any]:
    """One for each expected row: 'arm1 - arm0' or '1 - 0', at the levels that it names."""
    found = []
    for row in rows:
        labels = {key: value for key, value in row.items() if key not in FIGURES}
        text = str(labels.get("contrast"))
        at = {
            _factor(fit, key, case): str(value)
            for key, value in labels.items()
            if key != "contrast" and (key != request.visit or key in fit.design.levels)
        }
        factor, pair = _compared(fit, text, [request.arm, request.visit], set(at), case)
        names, means = ls_mean_weights(
            fit.design, [factor, *at], weights=weights, at=_held(fit, weights)
        )
        rows_of_means = dict(zip(names, means, strict=True))
        one, other = (_of_levels(rows_of_means, (level, *at.values()), case) for level in pair)
        (difference,) = fit.inference.combinations(one - other, confidence_level(case))
        found.append({**labels, **estimate_figures(difference)})
    return found


def _compared(
    fit: Mmrm, text: str, first: Sequence[str], held: set[str], case: Case
) -> tuple[str, tuple[str, str]]:
    """The factor two of whose levels a contrast names, and the two levels."""
    left, minus, right = (part.strip(" ()") for part in text.partition(" - "))
    if not minus:
        raise UnusableInputError(f"{text!r} is no contrast such as 'b - a'", where=case.id)
    factors = dict.fromkeys([*first, *fit.design.levels])
    for factor in factors:
        levels = () if factor in held else fit.design.levels.get(factor, ())
        pair = [_level(part, factor, levels) for part in (left, right)]
        if pair[0] is not None and pair[1] is not None:
            return factor, (pair[0], pair[1])
    raise UnusableInputError(f"no factor has both levels of {text!r}", where=case.id)


def _level(part: str, factor: str, levels: Sequence[str]) -> str | None:
    """The level that a part of a contrast names, with or without its factor."""
    if part in levels:
        return part
    alike = [each for each in levels if same_term(part.replace(" ", ""), f"{factor}[{each}]")]
    return max(alike, key=len, default=None)


def _joint(fit: Mmrm, name: str, request: Request, case: Case) -> Callable[[], dict[str, Any]]:
    """'arm_by_week' is an interaction, 'arm_at_week12' all arms at a visit, 'arm' a main effect."""

    def compute() -> dict[str, Any]:
        factor, at, place = name.partition("_at_")
        if at:
            visit = place.strip("_ ")
            if visit not in fit.visits:
                visit = visit.removeprefix(request.visit).strip("_ ")
            return _f_figures(fit.at_visit(_factor(fit, factor, case), visit))
        wanted = set(re.split(r"_by_|:", name))
        tests = fit.type_3()
        same = (term for term in tests if set(term.split(":")) == wanted)
        term = next(same, None) or ":".join(_factor(fit, each, case) for each in wanted)
        return _f_figures(tests[term])

    return compute


def _f_figures(test: FTest) -> dict[str, Any]:
    return {
        "num_df": test.numerator,
        "denom_df": test.denominator,
        "F": test.statistic,
        "p": test.p_value,
    }


METHODS: Final[Mapping[str, Method]] = {"mmrm": _mmrm}
