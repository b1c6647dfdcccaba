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
from trialwright.stats.results import Floats, Integers
from trialwright.verification.binary import arm_column, control_first
from trialwright.verification.cases import Case
from trialwright.verification.columns import by_kind, column_named
from trialwright.verification.compare import Approximate, Method
from trialwright.verification.filters import filtered_rows

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
    flat = np.atleast_1d(np.asarray(values, dtype=float))
    if flat.size % count:
        raise UnusableInputError(f"{shape} takes {', '.join(SHAPES[shape].parameters)}")
    sets = flat.reshape(-1, count)
    names = [shape] if len(sets) == 1 else [f"{shape}{n + 1}" for n in range(len(sets))]
    return [
        Candidate(name, shape, tuple(float(x) for x in row))
        for name, row in zip(names, sets, strict=True)
    ]


def _named(names: Sequence[str]) -> list[Candidate]:
    usual = {candidate.name: candidate for candidate in CANDIDATES}
    missing = [name for name in names if name not in usual]
    if missing:
        raise UnusableInputError(
            f"the spec gives no parameters for {', '.join(missing)}",
            remedy='give them as candidates, such as {"emax": [0.2]}',
        )
    return [usual[name] for name in names]


def _doses(case: Case) -> Floats:
    """Those of the spec, else of the data's column `dose`, else the usual ones."""
    given = case.spec.get("doses")
    if given is None and case.data is not None and "dose" in case.data.columns:
        given = case.data["dose"].drop_nulls().unique().sort().to_list()
    return np.asarray(DOSES if given is None else given, dtype=float)


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
    return 1 / _per_dose(case, case.spec.get("w", case.spec.get("n", 1.0)))


def _per_dose(case: Case, values: Any) -> Floats:
    """Sizes or weights, one for all doses or one each."""
    found, count = np.atleast_1d(np.asarray(values, dtype=float)), _doses(case).size
    if found.size not in {1, count} or not (found > 0).all():
        raise UnusableInputError(
            f"{values} are no sizes of {count} doses",
            where=case.id,
            remedy="give one positive number, or one for each dose",
        )
    return np.broadcast_to(found, (count,))


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
    def compute() -> float:
        law = JointLaw(correlation, float(degrees) if degrees else np.inf)
        return law.critical_value(float(alpha), two_sided=sides == "two")

    return compute


def _parts(pattern: str, key: str) -> tuple[str, ...]:
    found = re.fullmatch(pattern, key)
    return found.groups() if found else ()


def _response(case: Case, default: str) -> tuple[pl.DataFrame, Floats, Integers]:
    """Give the rows with a response, the response with its sign, and the index of each one's dose.

    Arms are in the order of their doses where the data have them, else of the spec's `levels`, else
    sorted with a control in words first.
    """
    named = str(case.spec.get("response", default))
    sign, name = (-1.0, named[1:]) if named.startswith("-") else (1.0, named)
    rows = filtered_rows(case)
    rows = rows.drop_nulls(column_named([name], rows, case.id))
    if not rows[name].dtype.is_numeric():
        raise UnusableInputError(f"column {name} holds no numbers", where=case.id)
    column = arm_column(case)
    if "dose" in rows.columns and not rows["dose"].has_nulls():
        by_dose = rows.select(arm=column, amount="dose").unique().sort("amount")
        order = by_dose["arm"].to_list()
    else:
        order = [by_kind(rows, column, label) for label in case.spec.get("levels", ())]
    order = order or control_first(rows[column].unique())
    index = np.array([order.index(arm) for arm in rows[column]])
    return rows, sign * rows[name].to_numpy().astype(float), index


def _tested(case: Case, found: DoseEstimates) -> ContrastTest:
    alternative = str(case.spec.get("alternative", "one.sided"))
    if alternative not in {"one.sided", "two.sided"}:
        raise UnusableInputError(
            f"there is no alternative {alternative!r}",
            where=case.id,
            remedy="give 'one.sided' or 'two.sided'",
        )
    return contrast_test(
        found.estimates,
        found.unscaled_covariance,
        optimal_contrasts(_means(case), found.unscaled_covariance),
        degrees_of_freedom=found.degrees_of_freedom,
        scale=found.scale,
        two_sided=alternative == "two.sided",
    )


def _sampled(values: Floats, error: float = SAMPLED) -> list[Approximate]:
    return [Approximate(float(value), error) for value in values]


def _logits(case: Case) -> DoseEstimates:
    if "mu" in case.spec and "S" in case.spec:
        covariance = np.asarray(case.spec["S"], dtype=float)
        matrix = np.diag(covariance) if covariance.ndim == 1 else covariance
        counts = np.zeros(len(matrix), dtype=np.int64)
        return DoseEstimates(np.asarray(case.spec["mu"]), matrix, np.ones(()), np.inf, counts)
    _, response, arm = _response(case, "sri4_nri")
    if not np.isin(response, (0, 1)).all():
        raise UnusableInputError("the response holds other values than 0 and 1", where=case.id)
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
    rows, response, arm = _response(case, "-chg")

    def figures(covariates: str) -> Mapping[str, Any]:
        """Adjusted for the covariates joined by '_and_'; a text column is a factor."""
        names = [column_named([n], rows, case.id) for n in covariates.split("_and_") if n]
        chosen = rows.select(names)
        text = [name for name in names if chosen[name].dtype == pl.String]
        coded = chosen.to_dummies(text, drop_first=True) if text else chosen
        adjusting = coded.to_numpy() if names else None
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
    return {**figures(""), **adjusted}


def _fit_binary(case: Case) -> Mapping[str, Any]:
    found, doses = _logits(case), _doses(case)

    def fitted(shape: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        bounds = case.spec.get("bounds", {}).get(shape)
        fit = fit_curve(shape, doses, found.estimates, found.covariance, bounds=bounds)
        box = SHAPES[shape].default_bounds(float(doses[-1])) if bounds is None else bounds
        targets = {
            key: partial(fit.target_dose, float(parts[0]))
            for key in asked
            if (parts := _parts(r"td_for_(-?[\d.]+)", key))
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
                raise UnusableInputError(
                    f"the spec does not say which curve {name!r} is",
                    where=case.id,
                    remedy=f"it has {', '.join(truths)}",
                )
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
            sizes = _per_dose(case, case.setting("n_per_arm"))
            variance = float(case.setting("sigma")) ** 2 / sizes
            degrees = float(sizes.sum()) - doses.size
            figures[key] = {name: power(name, variance, degrees) for name in asked}
        elif parts := _parts(r"general_S_([\d.]+)", key):
            variance = np.full(doses.size, float(parts[0]))
            figures[key] = {name: power(name, variance, np.inf) for name in asked}
        elif parts := _parts(r"binary_([\d.]+)_to_([\d.]+)_percent_n(\d+)", key):
            low, high, size = (float(part) for part in parts)
            chosen = [curve for curve in everyone if curve.name in asked["models"]]
            figures[key] = partial(_binary_power, doses, chosen, low, high, size, alpha)
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
    _, response, arm = _response(case, "-chg")
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
    if sizes.size != statistics.size + 1 or not (sizes > 0).all():
        raise UnusableInputError(
            f"{sizes.tolist()} are no sizes of a control and {statistics.size} arms", where=case.id
        )
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
