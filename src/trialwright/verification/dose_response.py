"""Cases of dose response: MCP-Mod, Dunnett, Williams."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
import polars as pl
from scipy import special

from trialwright.errors import UnusableInputError
from trialwright.stats.dose_response import (
    SHAPES,
    Candidate,
    ContrastTest,
    DoseEstimates,
    candidate_means,
    contrast_correlation,
    contrast_power,
    contrast_sample_size,
    contrast_test,
    dunnett,
    fit_curve,
    logit_estimates,
    normal_estimates,
    optimal_allocation,
    optimal_contrasts,
    williams,
)
from trialwright.stats.multiplicity import JointLaw
from trialwright.stats.results import Floats
from trialwright.verification.cases import Case
from trialwright.verification.compare import Approximate, Method

DOSES: Final = (0.0, 0.2, 0.5, 1.0)
CANDIDATES: Final = (
    Candidate("linear", "linear"),
    Candidate("emax1", "emax", (0.15,)),
    Candidate("emax2", "emax", (0.5,)),
    Candidate("sigEmax", "sigEmax", (0.4, 3)),
    Candidate("quadratic", "quadratic", (-0.7,)),
    Candidate("exponential", "exponential", (0.5,)),
    Candidate("betaMod", "betaMod", (1.2, 0.8)),
    Candidate("logistic", "logistic", (0.4, 0.12)),
)
"""What a case means that names no doses and no candidates."""

SAMPLED: Final = 1e-4
SAMPLED_POWER: Final = 5e-4
SAMPLED_QUANTILE: Final = 2e-3
"""Errors of DoseFinding and multcomp, which sample the joint law: of p-values; of power, which
inherits that of a sampled critical value; and of multcomp's critical value and, times their
standard error, limits. (An adaptive integral over the common factor sides with us.)"""


def _candidates(case: Case) -> list[Candidate]:
    """Give the candidates of the spec, or those of `expect`'s names, or all usual ones.

    A spec writes them as DoseFinding's `Mods` does, {"emax": [0.1, 0.5], "sigEmax": [0.4, 3]}, or
    as rows with name, shape and parameters.
    """
    given = case.spec.get("candidates", case.spec.get("models"))
    if isinstance(given, Mapping):
        return [one for shape, values in given.items() for one in _of_shape(shape, values)]
    if isinstance(given, Sequence) and given and isinstance(given[0], Mapping):
        return [
            Candidate(row["name"], row.get("shape", row["name"]), tuple(row.get("parameters", ())))
            for row in given
        ]
    names = given or (case.expect.get("models") if isinstance(case.expect, Mapping) else None)
    return _named(names) if names else list(CANDIDATES)


def _of_shape(shape: str, values: Any) -> list[Candidate]:
    """Give the candidates of one shape; several sets of parameters are numbered."""
    count = len(SHAPES[shape].parameters) if shape in SHAPES else 0
    if count == 0 or values is None:
        return [Candidate(shape, shape)]
    sets = np.atleast_1d(np.asarray(values, dtype=float)).reshape(-1, count)
    names = [shape] if len(sets) == 1 else [f"{shape}{n + 1}" for n in range(len(sets))]
    return [
        Candidate(name, shape, tuple(float(x) for x in row))
        for name, row in zip(names, sets, strict=True)
    ]


def _named(names: Sequence[str]) -> list[Candidate]:
    usual = {candidate.name: candidate for candidate in CANDIDATES}
    missing = [name for name in names if name not in usual]
    if missing:
        raise UnusableInputError(f"the spec gives no parameters for {', '.join(missing)}")
    return [usual[name] for name in names]


def _doses(case: Case) -> Floats:
    return np.asarray(case.spec.get("doses", DOSES), dtype=float)


def _means(case: Case) -> Floats:
    return candidate_means(
        _candidates(case),
        _doses(case),
        placebo=float(case.spec.get("placEff", 0)),
        largest_effect=float(case.spec.get("maxEff", 1)),
    )


def _unit_covariance(case: Case) -> Floats:
    if "S" in case.spec:
        return np.asarray(case.spec["S"], dtype=float)
    weights = case.spec.get("w", case.spec.get("n", np.ones(_doses(case).size)))
    return 1 / np.broadcast_to(np.asarray(weights, dtype=float), _doses(case).shape)


def _model_means(case: Case) -> Mapping[str, Any]:
    return {"models": [c.name for c in _candidates(case)], "means": _means(case)}


def _optimal_contrasts(case: Case) -> Mapping[str, Any]:
    contrasts = optimal_contrasts(_means(case), _unit_covariance(case))
    return {
        "models": [c.name for c in _candidates(case)],
        "contrasts": contrasts,
        "correlation": contrast_correlation(contrasts, _unit_covariance(case)),
    }


def _critical_values(case: Case) -> Mapping[str, Any]:
    """Keys say what is meant: t156_one_sided_0.025, z_two_sided_0.05."""
    given = case.spec.get("correlation")
    if isinstance(given, Sequence) and not isinstance(given, str):
        correlation = np.asarray(given, dtype=float)
    else:
        covariance = _unit_covariance(case)
        correlation = contrast_correlation(optimal_contrasts(_means(case), covariance), covariance)
    return {
        key: _critical(correlation, *parts)
        for key in case.expect
        if (parts := _parts(r"(?:t([\d.]+)|z)_(one|two)_sided_([\d.]+)", key))
    }


def _dunnett_quantiles(case: Case) -> Mapping[str, Any]:
    """Keys say what is meant: k3_df156_one_0.025, k3_dfInf_two_0.05."""
    rho = float(case.spec.get("rho", 0.5))

    def equal(count: int) -> Floats:
        return np.full((count, count), rho) + (1 - rho) * np.eye(count)

    return {
        key: _critical(equal(int(parts[0])), *parts[1:])
        for key in case.expect
        if (parts := _parts(r"k(\d+)_df([\d.]+|Inf)_(one|two)_([\d.]+)", key))
    }


def _critical(
    correlation: Floats, degrees: str | None, sides: str, alpha: str
) -> Callable[[], float]:
    law = JointLaw(correlation, float(degrees) if degrees else np.inf)
    return lambda: law.critical_value(float(alpha), two_sided=sides == "two")


def _parts(pattern: str, key: str) -> tuple[str, ...]:
    found = re.fullmatch(pattern, key)
    return found.groups() if found else ()


def _rows(case: Case) -> pl.DataFrame:
    """The data where the spec's filter holds, such as 'week = 12 and chg present'."""
    data = case.table()
    for part in str(case.spec.get("filter", "")).split(" and "):
        if equal := re.fullmatch(r"\s*(\w+)\s*==?\s*(\S+)\s*", part):
            name, value = equal.groups()
            data = data.filter(pl.col(name).cast(pl.String) == value.strip("'\""))
        elif present := re.fullmatch(r"\s*(\w+)\s+present\s*", part):
            data = data.filter(pl.col(present.group(1)).is_not_null())
        elif part.strip():
            raise UnusableInputError(f"cannot read the filter {part.strip()!r}", where=case.id)
    return data


def _response(case: Case, default: str) -> tuple[Floats, np.ndarray[Any, np.dtype[np.int64]]]:
    """Give the response, with its sign, and the index of each participant's arm."""
    named = str(case.spec.get("response", default))
    sign, name = (-1.0, named[1:]) if named.startswith("-") else (1.0, named)
    rows = _rows(case).drop_nulls(name)
    arms = rows[str(case.spec.get("arm", "arm"))].to_numpy()
    return sign * rows[name].to_numpy().astype(float), np.unique(arms, return_inverse=True)[1]


def _tested(case: Case, found: DoseEstimates) -> ContrastTest:
    return contrast_test(
        found.estimates,
        found.unscaled_covariance,
        optimal_contrasts(_means(case), found.unscaled_covariance),
        degrees_of_freedom=found.degrees_of_freedom,
        scale=found.scale,
        two_sided=case.spec.get("alternative") == "two.sided",
    )


def _sampled(values: Floats, error: float = SAMPLED) -> list[Approximate]:
    return [Approximate(float(value), error) for value in values]


def _logits(case: Case) -> DoseEstimates:
    if "mu" in case.spec and "S" in case.spec:
        covariance = np.asarray(case.spec["S"], dtype=float)
        matrix = np.diag(covariance) if covariance.ndim == 1 else covariance
        counts = np.zeros(len(matrix), dtype=np.int64)
        return DoseEstimates(np.asarray(case.spec["mu"]), matrix, np.ones(()), np.inf, counts)
    response, arm = _response(case, "sri4_nri")
    return logit_estimates(np.bincount(arm, weights=response), np.bincount(arm))


def _mct_binary(case: Case) -> Mapping[str, Any]:
    found = _logits(case)
    test = _tested(case, found)
    return {
        "mu": found.estimates,
        "S_diag": np.diag(found.covariance),
        "models": [c.name for c in _candidates(case)],
        "contrasts": test.contrasts,
        "correlation": test.correlation,
        "z": test.statistics,
        "p_adjusted": lambda: _sampled(test.adjusted_p),
        "critical_value": lambda: test.critical_value(float(case.spec.get("alpha", 0.025))),
    }


def _mct_normal(case: Case) -> Mapping[str, Any]:
    response, arm = _response(case, "-chg")

    def figures(covariate: str | None) -> Mapping[str, Any]:
        adjusting = None if covariate is None else _rows(case)[covariate].to_numpy()
        found = normal_estimates(response, arm, adjusting)
        test = _tested(case, found)
        return {
            "n": len(response),
            "df": found.degrees_of_freedom,
            "t": test.statistics,
            "p_adjusted": lambda: _sampled(test.adjusted_p),
        }

    adjusted = {
        key: partial(figures, key.removeprefix("adjusted_for_"))
        for key in case.expect
        if key.startswith("adjusted_for_")
    }
    return {**figures(None), **adjusted}


def _fit_binary(case: Case) -> Mapping[str, Any]:
    found, doses = _logits(case), _doses(case)

    def fitted(shape: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        bounds = case.spec.get("bounds", {}).get(shape)
        fit = fit_curve(shape, doses, found.estimates, found.covariance, bounds=bounds)
        box = SHAPES[shape].default_bounds(float(doses[-1])) if bounds is None else bounds
        targets = {
            key: partial(fit.target_dose, float(key.removeprefix("td_for_")))
            for key in asked
            if key.startswith("td_for_")
        }
        return {
            "coef": dict(zip(fit.names, fit.coefficients.tolist(), strict=True)),
            # A perfect fit leaves what the other optimizer stopped at
            "rss_general": Approximate(fit.criterion, 1e-10),
            "gaic": fit.generalized_aic,
            "pred": fit.mean(doses),
            "bounds": np.asarray(box) if len(box) else None,
            **targets,
        }

    return {shape: partial(fitted, shape, asked) for shape, asked in case.expect.items()}


def _power_mct(case: Case) -> Mapping[str, Any]:
    """Keys say which truth is meant, as in general_S_0.15 and binary_25_to_50_percent_n40."""
    alpha = float(case.spec.get("alpha", 0.025))
    doses, everyone, means = _doses(case), _candidates(case), _means(case)
    contrasts = optimal_contrasts(means, _unit_covariance(case))
    truths = dict(zip((candidate.name for candidate in everyone), means, strict=True))

    def power(name: str, covariance: Floats, degrees: float) -> Callable[[], Approximate]:
        def compute() -> Approximate:
            if name not in truths:
                raise UnusableInputError(f"the spec does not say which curve {name!r} is")
            found = contrast_power(
                truths[name],
                covariance,
                contrasts,
                alpha=alpha,
                degrees_of_freedom=degrees,
            )
            return Approximate(float(found), SAMPLED_POWER)

        return compute

    figures: dict[str, Any] = {}
    for key, asked in case.expect.items():
        if key == "normal_by_true_model":
            size = float(case.setting("n_per_arm"))
            variance = np.full(doses.size, float(case.setting("sigma")) ** 2 / size)
            degrees = doses.size * (size - 1)
            figures[key] = {name: power(name, variance, degrees) for name in asked}
        elif parts := _parts(r"general_S_([\d.]+)", key):
            variance = np.full(doses.size, float(parts[0]))
            figures[key] = {name: power(name, variance, np.inf) for name in asked}
        elif parts := _parts(r"binary_([\d.]+)_to_([\d.]+)_percent_n(\d+)", key):
            low, high, size = (float(part) for part in parts)
            curves = {curve.name: curve for curve in everyone}
            chosen = [curves[name] for name in asked["models"]]
            figures[key] = _binary_power(doses, chosen, low, high, size, alpha)
    return figures


def _binary_power(
    doses: Floats, curves: list[Candidate], low: float, high: float, size: float, alpha: float
) -> Mapping[str, Any]:
    start, end = (float(special.logit(percent / 100)) for percent in (low, high))
    logits = candidate_means(curves, doses, placebo=start, largest_effect=end - start)
    rates = special.expit(logits)
    contrasts = optimal_contrasts(candidate_means(curves, doses), np.ones(doses.size))
    powers = [
        contrast_power(logit, 1 / (size * rate * (1 - rate)), contrasts, alpha=alpha)
        for logit, rate in zip(logits, rates, strict=True)
    ]
    return {
        "models": [curve.name for curve in curves],
        "p": rates,
        "power": _sampled(np.array(powers), SAMPLED_POWER),
    }


def _sample_size_mct(case: Case) -> Mapping[str, Any]:
    means = _means(case)
    found = contrast_sample_size(
        means,
        float(case.setting("sigma")),
        optimal_contrasts(means, _unit_covariance(case)),
        alpha=float(case.spec.get("alpha", 0.025)),
        power=float(case.spec.get("power", 0.8)),
        allocation=case.spec.get("w"),
        summary="min" if case.spec.get("summary") == "min" else "mean",
    )
    return {"n_per_arm": found.per_dose, "power_there": Approximate(found.power, SAMPLED_POWER)}


def _optimal_design(case: Case) -> Mapping[str, Any]:
    named = "candidates" in case.spec or "models" in case.spec
    curves = _candidates(case) if named else _named(["emax1", "linear", "sigEmax"])
    target = case.spec.get("Delta", case.spec.get("target_effect"))
    found = optimal_allocation(
        curves,
        case.setting("probs"),
        _doses(case),
        criterion="determinant" if target is None else "target-dose",
        target_effect=target,
        largest_effect=float(case.spec.get("maxEff", 1)),
    )
    return {"weights": found.weights, "crit": found.criterion}


def _dunnett_williams(case: Case) -> Mapping[str, Any]:
    response, arm = _response(case, "-chg")
    found = normal_estimates(response, arm)
    degrees = found.degrees_of_freedom
    one, two = (
        dunnett(found.estimates, found.covariance, degrees_of_freedom=degrees, two_sided=sides)
        for sides in (False, True)
    )
    ordered = williams(found.estimates, found.counts, found.covariance, degrees_of_freedom=degrees)
    limits = zip(two.estimates, two.lower, two.upper, two.standard_errors, strict=True)
    return {
        "est": two.estimates,
        "se": two.standard_errors,
        "t": two.statistics,
        "df": degrees,
        "p_one_sided_single_step": _sampled(one.p_values),
        "p_two_sided_single_step": _sampled(two.p_values),
        "p_one_sided_step_down_free": _sampled(one.step_down_p_values),
        "p_two_sided_step_down_free": _sampled(two.step_down_p_values),
        "williams_t": ordered.statistics,
        "williams_p": _sampled(ordered.p_values),
        "simultaneous_ci_two_sided": [
            [estimate, *_sampled(np.array([lower, upper]), SAMPLED_QUANTILE * error)]
            for estimate, lower, upper, error in limits
        ],
        "quantile": Approximate(two.critical_value, SAMPLED_QUANTILE),
    }


def _dunnett_p_values(case: Case) -> Mapping[str, Any]:
    """From t statistics and group sizes, control first: variances are 1 / n."""
    sizes = np.asarray(case.setting("n"), dtype=float)
    statistics = np.asarray(case.setting("t"), dtype=float)
    error = np.sqrt(1 / sizes[1:] + 1 / sizes[0])
    means = np.concatenate([[0.0], statistics * error])
    degrees = float(case.spec.get("df", np.inf))
    one, two = (
        dunnett(means, 1 / sizes, degrees_of_freedom=degrees, two_sided=sides)
        for sides in (False, True)
    )
    return {
        "one_sided_single_step": one.p_values,
        "two_sided_single_step": two.p_values,
        "one_sided_step_down": one.step_down_p_values,
        "two_sided_step_down": two.step_down_p_values,
    }


METHODS: Final[Mapping[str, Method]] = {
    "model_means": _model_means,
    "optimal_contrasts": _optimal_contrasts,
    "critical_values": _critical_values,
    "mct_binary_logit": _mct_binary,
    "mct_normal": _mct_normal,
    "fit_binary_logit": _fit_binary,
    "power_mct": _power_mct,
    "sample_size_mct": _sample_size_mct,
    "optimal_design": _optimal_design,
    "dunnett_williams": _dunnett_williams,
    "dunnett_quantiles": _dunnett_quantiles,
    "dunnett_p_values": _dunnett_p_values,
}
