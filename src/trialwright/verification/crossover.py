"""Cases of crossover trials of two periods.

The columns of a case may be named in its spec: `participant`, `period`, `sequence`, `treatment`,
`active` (the value that marks the active arm), `response`. Else they are found by their usual
names; formulas may abbreviate them, as 'trt', 'per', 'seq' and 'id'.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.stats.crossover.binary import binary_crossover, crossover_conditional_logistic
from trialwright.stats.crossover.fixed_participants import (
    conditional_poisson,
    fixed_participant_model,
)
from trialwright.stats.crossover.mixed import MixedModel, random_intercept_model
from trialwright.stats.crossover.random_intercept_counts import random_intercept_poisson
from trialwright.stats.crossover.titers import CensoredFit, tobit_regression
from trialwright.stats.crossover.two_periods import two_period_comparison, two_period_ranks
from trialwright.stats.formulas import evaluate, parse_formula
from trialwright.stats.results import Floats
from trialwright.verification.cases import Case
from trialwright.verification.columns import ROLES, column_of
from trialwright.verification.compare import Approximate, Method
from trialwright.verification.estimates import estimate_figures
from trialwright.verification.levels import confidence_level
from trialwright.verification.mmrm import METHODS as MMRM
from trialwright.verification.models import model_inputs

INDICATORS: Final = ("il2", "active", "treated")
ZERO_DEVIATION: Final = 1e-4
"""A standard deviation that is zero is found by other programs up to their stopping rule."""
GLMER_ERROR: Final = 1e-5
"""R's glmer takes Laplace's approximation near the modes, not at them: errors differ by 4e-6."""


def _renamed(case: Case) -> Case:
    """The case with copies of its columns under the abbreviations that formulas use."""
    data = case.table()
    for role in ("participant", "period", "sequence", "treatment"):
        try:
            own = column_of(case, role)
        except UnusableInputError:  # a formula need not use every one
            continue
        copies = [name for name in ROLES[role] if name not in data.columns]
        data = data.with_columns(pl.col(own).alias(name) for name in copies)
    return replace(case, data=data)


def _active(case: Case, data: pl.DataFrame) -> npt.NDArray[np.bool_]:
    """Which records are under the active arm: A, unless the spec says otherwise."""
    indicator = next((name for name in INDICATORS if name in data.columns), None)
    if "active" not in case.spec and "treatment" not in case.spec and indicator:
        return data[indicator].to_numpy().astype(bool)
    treatment = data[column_of(case, "treatment")]
    values = sorted(treatment.unique().to_list())
    return np.asarray(treatment == case.spec.get("active", values[0]), dtype=bool)


def _wide(case: Case, response: str) -> tuple[Floats, Floats, npt.NDArray[np.bool_], list[str]]:
    """Outcomes of both periods, who began with the active arm, and the sequences' names."""
    data, period = case.table(), column_of(case, "period")
    if response not in data.columns:
        raise UnusableInputError(f"the data have no column {response!r}", where=case.id)
    periods = sorted(data[period].unique().to_list())
    if len(periods) != 2:
        raise UnusableInputError("the data have not two periods", where=case.id)
    who, sequence = column_of(case, "participant"), column_of(case, "sequence")
    rows = data.with_columns(began=pl.Series(_active(case, data)))
    parts = [
        rows.filter(pl.col(period) == each).select(
            who, sequence, pl.col(response).cast(pl.Float64).alias(f"y{k}"), "began"
        )
        for k, each in enumerate(periods)
    ]
    both = parts[0].join(parts[1].drop("began", sequence), on=who)
    y0, y1 = (both[name].fill_null(np.nan).to_numpy() for name in ("y0", "y1"))
    began = both["began"].to_numpy()
    if began.all() or not began.any():
        raise UnusableInputError("nobody has the other sequence", where=case.id,
                                 remedy="name the active arm in the setting 'active'")  # fmt: skip
    names = [str(both[sequence].to_numpy()[began == first][0]) for first in (True, False)]
    return y0, y1, began, names


def _grizzle(case: Case) -> dict[str, Any]:
    first, second, began, names = _wide(case, str(case.setting("response")))
    level = confidence_level(case)
    found = two_period_comparison(first, second, began, level=level)
    first_name, second_name = (name.lower() for name in names)

    def ranks(contrast: str) -> Callable[[], dict[str, Any]]:
        def compute() -> dict[str, Any]:
            normal = two_period_ranks(first, second, began, level=level)
            shift = getattr(normal, f"{contrast}_shift")

            def exact() -> float | None:
                by_law = two_period_ranks(first, second, began, exact=True)
                p_value: float | None = getattr(by_law, contrast).p_value
                return p_value

            return {
                "W": getattr(normal, contrast).statistic,
                "p_exact": exact,
                "p_normal_cc": getattr(normal, contrast).p_value,
                "hl": shift.estimate,
                "lo": shift.lower,
                "hi": shift.upper,
            }

        return compute

    return {
        f"n_{first_name}": found.treatment.counts["active first"],
        f"n_{second_name}": found.treatment.counts["control first"],
        "means": {
            f"{name}{period}": found.means[2 * row + period - 1]
            for row, name in enumerate((first_name, second_name))
            for period in (1, 2)
        },
        "treatment": estimate_figures(found.treatment),
        "period_2_minus_1": estimate_figures(found.period),
        f"carry_over_sum_{first_name}_minus_{second_name}": estimate_figures(found.carry_over),
        "first_period_only": estimate_figures(found.first_period),
        "wilcoxon_treatment_on_differences": ranks("treatment"),
        "wilcoxon_period": ranks("period"),
        "wilcoxon_carry_over": ranks("carry_over"),
        "paired_t_ignoring_period": estimate_figures(found.unadjusted),
    }


def _mixed(case: Case) -> dict[str, Any]:
    case = _renamed(case)
    inputs = model_inputs(case, str(case.setting("formula")))
    who = inputs.columns[next(iter(inputs.formula.groups), column_of(case, "participant"))]

    def fitted(method: str) -> MixedModel:
        return random_intercept_model(
            inputs.response, inputs.matrix.matrix, inputs.matrix.names, who, method=method
        )

    adjusted, satterthwaite = fitted("kenward-roger"), fitted("satterthwaite")
    rows = [
        _both_ways(term, *(estimate_figures(fit.of(term)) for fit in (satterthwaite, adjusted)))
        for term in adjusted.terms
    ]

    def contained() -> dict[str, Any]:
        fit = fitted("containment")
        each = [fit.of(term) for term in fit.terms]
        return {
            "est": fit.estimates,
            "se": fit.standard_errors,
            "df": fit.degrees_of_freedom,
            "p": [found.p_value for found in each],
        }

    return {
        "coef": rows,
        "var_patient": adjusted.participant_variance,
        "var_residual": adjusted.residual_variance,
        "reml_log_lik": adjusted.log_likelihood,
        "lme": contained,
        "n": adjusted.records,
    }


def _both_ways(term: str, plain: Mapping[str, Any], adjusted: Mapping[str, Any]) -> dict[str, Any]:
    """A term with Satterthwaite's and with Kenward and Roger's uncertainty."""
    ways = {"satterthwaite": plain, "kr": adjusted}
    figures = {f"{name}_{way}": found[name] for way, found in ways.items() for name in ("df", "p")}
    errors = {"se_model": plain["se"], "se_kr": adjusted["se"]}
    return {"term": term, "est": plain["est"], **errors, **figures}


def _fixed(case: Case) -> dict[str, Any]:
    case = _renamed(case)
    parsed = parse_formula(str(case.setting("formula")))
    people = [name for name in parsed.variables if name in ROLES["participant"]]
    kept = [":".join(term) for term in parsed.terms if term and not set(term) & set(people)]
    inputs = model_inputs(case, f"{parsed.response} ~ {' + '.join(kept)}", factors=ROLES["period"])
    fit = fixed_participant_model(
        inputs.response,
        # The active arm is the first level by name; its effect is that of A minus B.
        inputs.matrix.matrix[:, 1:] * _signs(case, inputs.matrix.names[1:]),
        inputs.matrix.names[1:],
        inputs.columns[people[0] if people else column_of(case, "participant")],
    )
    found: dict[str, Any] = {"df": fit.degrees_of_freedom, "mse": fit.residual_variance}
    for term in fit.terms:
        found[term] = found[term.split("[")[0]] = estimate_figures(fit.of(term))
    return found


def _signs(case: Case, terms: tuple[str, ...]) -> Floats:
    """Minus one for the indicator of the control arm, which leaves the active arm as reference."""
    data, named = case.table(), case.spec.get("treatment")
    values = data[column_of(case, "treatment")].to_numpy()
    control = {
        f"{name}[{label}]"
        for name in (named, *ROLES["treatment"])
        for label in np.unique(values[~_active(case, data)])
    }
    return np.array([-1.0 if term in control else 1.0 for term in terms])


def _marginal(case: Case) -> dict[str, Any]:
    """One fit with Satterthwaite's and one with Kenward and Roger's uncertainty."""
    renamed = _renamed(case)
    visit = {"visit": column_of(case, "period"), "participant": column_of(case, "participant")}

    def fitted(method: str) -> Mapping[str, Any]:
        spec = {**visit, **case.spec, "method": method}
        return MMRM["mmrm"](replace(renamed, spec=spec))

    plain, adjusted = fitted("Satterthwaite"), fitted("Kenward-Roger")
    rows = [
        _both_ways(one["term"], one, other)
        for one, other in zip(plain["coef"], adjusted["coef"], strict=True)
    ]
    return {**plain, "coef": rows}


def _binary(case: Case) -> dict[str, Any]:
    first, second, began, _ = _wide(case, str(case.setting("response")))
    found = binary_crossover(first, second, began)

    def conditional() -> dict[str, Any]:
        fit = crossover_conditional_logistic(first, second, began)
        active = fit.of("active")
        wanted = case.expect.get("conditional_logistic", {})
        named = [key for key in wanted if key.startswith("log_or") and "period" not in key]
        return {
            **dict.fromkeys(named, active.estimate),
            "se": active.standard_error,
            "log_or_period2": fit.of("period 2").estimate,
            "log_lik": fit.log_likelihood,
        }

    return {
        "mainland_gart_table_rows_AB_BA_cols_y1_0_1": found.table,
        "mainland_gart_fisher_p": found.mainland_gart.p_value,
        "prescott_trend": {"chisq": found.prescott.statistic, "p": found.prescott.p_value},
        "mcnemar": {
            "chisq": found.mcnemar.statistic,
            "p": found.mcnemar.p_value,
            "p_exact": found.mcnemar_exact.p_value,
        },
        "conditional_logistic": conditional,
    }


def _counts(case: Case) -> dict[str, Any]:
    """The offset may stand in the formula, or after it as 'offset log(...)'."""
    text = re.sub(r",\s*offset\s+(.+)$", r" + offset(\1)", str(case.setting("formula")))
    case = _renamed(case)
    inputs = model_inputs(case, text, factors=ROLES["period"])
    who = inputs.columns[next(iter(inputs.formula.groups), column_of(case, "participant"))]
    fit = random_intercept_poisson(
        inputs.response, inputs.matrix.matrix, inputs.matrix.names, who, offset=inputs.offset
    )
    within = conditional_poisson(
        inputs.response,
        inputs.matrix.matrix[:, 1:],
        inputs.matrix.names[1:],
        who,
        offset=inputs.offset,
    )
    named = _treatment_term(within.terms)
    deviation = fit.standard_deviation
    return {
        "random_intercept": {
            "term": case.expect.get("random_intercept", {}).get("term", list(fit.terms)),
            "est": [Approximate(float(each), GLMER_ERROR) for each in fit.estimates],
            "se": [Approximate(float(each), GLMER_ERROR) for each in fit.standard_errors],
            "sd": Approximate(deviation, GLMER_ERROR if deviation else ZERO_DEVIATION),
            "log_lik": Approximate(fit.log_likelihood, GLMER_ERROR),
        },
        f"conditional_log_rate_ratio_{named.split('[')[0]}": within.of(named).estimate,
        "conditional_se": within.of(named).standard_error,
    }


def _treatment_term(terms: tuple[str, ...]) -> str:
    others = ROLES["period"]
    return next(term for term in terms if term.split("[")[0] not in others)


def _tobit(case: Case) -> dict[str, Any]:
    """Each setting that is a formula; words after a comma say whether variance is clustered."""
    case, found = _renamed(case), {}
    for name, value in case.spec.items():
        if isinstance(value, str) and "~" in value:
            first_only = name.startswith(("period1", "first"))
            found[name] = _censored(case, value, first_only=first_only)
    return found


def _censored(case: Case, text: str, *, first_only: bool) -> dict[str, Any]:
    formula, _, remark = text.partition(",")
    data = case.table()
    if first_only:
        data = data.filter(
            pl.col(column_of(case, "period")) == data[column_of(case, "period")].min()
        )
    inputs = model_inputs(case, formula, factors=ROLES["period"], data=data)
    column = case.spec.get("below") or next(
        (name for name in data.columns if "below" in name or name.startswith("cens")), None
    )
    if column is None:
        raise UnusableInputError("the data have no column of censoring", where=case.id)
    clustered = bool(re.search("cluster|robust", remark))
    response = evaluate(inputs.formula.response, inputs.columns)
    fit: CensoredFit = tobit_regression(
        response,
        inputs.columns[column].astype(bool),
        inputs.matrix.matrix,
        inputs.matrix.names,
        participant=inputs.columns[column_of(case, "participant")] if clustered else None,
    )
    errors = (
        {"robust_se": fit.standard_errors, "naive_se": fit.naive_errors}
        if clustered
        else {"se": fit.standard_errors}
    )
    return {"coef": fit.estimates, "scale": fit.scale, "log_lik": fit.log_likelihood, **errors}


METHODS: Final[Mapping[str, Method]] = {
    "crossover_grizzle": _grizzle,
    "crossover_mixed": _mixed,
    "fixed_patient_anova": _fixed,
    "crossover_mmrm": _marginal,
    "crossover_binary": _binary,
    "binary_any_infection": _binary,
    "crossover_counts": _counts,
    "count_infections": _counts,
    "tobit_titre": _tobit,
    "tobit": _tobit,
}
