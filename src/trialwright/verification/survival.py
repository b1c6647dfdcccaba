"""Cases of times to an event; `trialwright.verification.times` says how their records are named.

Further settings, all optional: `ties`, `level`, `rho`, and `most_strata` of recurrent events. A
formula may have `strata(...)` and `cluster(...)`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from trialwright.errors import UnusableInputError
from trialwright.stats.results import Floats, TestResult
from trialwright.stats.survival.competing import cumulative_incidence, gray_test
from trialwright.stats.survival.cox import CoxFit, cox_regression, proportionality_test
from trialwright.stats.survival.fine_gray import fine_gray, fine_gray_records
from trialwright.stats.survival.kaplan_meier import KaplanMeier, kaplan_meier
from trialwright.stats.survival.log_rank import LogRankTest, log_rank_test
from trialwright.stats.survival.recurrent import (
    andersen_gill,
    conditional_recurrence,
    gamma_frailty,
)
from trialwright.verification.cases import Case
from trialwright.verification.columns import ARMS, column_of
from trialwright.verification.compare import Approximate, Method
from trialwright.verification.estimates import estimate_figures, ratio_figures
from trialwright.verification.levels import confidence_level
from trialwright.verification.models import ModelInputs, model_inputs
from trialwright.verification.times import (
    Observed,
    groups,
    joined,
    observed,
    right_side,
    strata_names,
)

FRAILTY_ERROR: Final = 5e-6
"""R's coxph stops its search for theta short of the maximum, which shows in every estimate."""
DAYS: Final = (14, 28, 56, 80)
TIES: Final = ("efron", "breslow", "exact")
INTERVALS: Final = (("log-log", "loglog"), ("log", "log"), ("plain", "plain"))


def _in_order(values: Any, listed: Sequence[Any], *, reference: bool = False) -> list[Any]:
    """Groups in the order of the case's rows; with `reference`, the one without a row comes first.

    Groups that no row tells the place of are in their own order.
    """
    order = list(dict.fromkeys(_label(each) for each in listed))
    found = sorted(set(values.tolist()))
    unlisted = -1 if reference else len(order)
    return sorted(found, key=lambda v: order.index(_label(v)) if _label(v) in order else unlisted)


def _label(value: Any) -> str:
    """As R prints it."""
    return str(value).upper() if isinstance(value, bool) else str(value)


def _kaplan_meier(case: Case) -> dict[str, Any]:
    """Keys say what is asked: q25, q50_lo (also median_lo), rmst28, rmst28_se.

    The setting `conf_type` is that of a quantile's limits, log-log unless it says otherwise.
    """
    interval = str(case.first("conf_type", default="log-log"))
    single = right_side(case) == "1"
    data = observed(case, *([] if single else [groups(case)]))
    arm = np.zeros(len(data.time)) if single else data.column(groups(case))
    asked, level = case.expect.get("at", ()), confidence_level(case)
    names = _in_order(arm, [_arm(row) for row in asked])
    curves = {
        _label(name): kaplan_meier(data.time[arm == name], data.event[arm == name])
        for name in names
    }

    def at() -> list[dict[str, Any]]:
        of = [curves[_label(names[0]) if single else _arm(row)] for row in asked]
        return [
            {"arm": row.get("arm"), **_at_time(curve, float(row["time"]), level)}
            for row, curve in zip(asked, of, strict=True)
        ]

    def quantiles(share: float, part: str) -> Callable[[], list[float | None]]:
        return lambda: [
            _or_none(getattr(curve.quantile(share, interval=interval, level=level), part))
            for curve in curves.values()
        ]

    def means(horizon: float, part: str) -> Callable[[], list[float | None]]:
        return lambda: [
            getattr(_reaching(curve, horizon).restricted_mean(horizon), part)
            for curve in curves.values()
        ]

    found: dict[str, Any] = {
        "at": at,
        "n": [curve.participants for curve in curves.values()],
        "events": [int(curve.events.sum()) for curve in curves.values()],
    }
    for key in case.expect:
        if match := re.fullmatch(r"(?:q(\d+)|median)(_lo|_hi)?", key):
            part = {"_lo": "lower", "_hi": "upper"}.get(match[2] or "", "estimate")
            found[key] = quantiles(int(match[1] or 50) / 100, part)
        elif match := re.fullmatch(r"rmst(\d+(?:\.\d+)?)(_se)?", key):
            found[key] = means(float(match[1]), "standard_error" if match[2] else "estimate")
    return found


def _arm(row: Mapping[str, Any]) -> str:
    """The arm of a row, also where R writes its column before it, as in 'trt=placebo'."""
    return re.sub(r"^\w+=", "", _label(row.get("arm")))


def _at_time(curve: KaplanMeier, time: float, level: float) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    for interval, label in INTERVALS:
        found = curve.at(time, interval=interval, level=level)
        # R prints NA for both limits where the log of the log survival is infinite.
        known = interval != "log-log" or found.estimate != 1
        limits[f"lo_{label}"] = found.lower if known else None
        limits[f"hi_{label}"] = found.upper if known else None
    figures = {"n_risk": found.counts["at risk"], "surv": found.estimate}
    return {"time": time, **figures, "se": found.standard_error, **limits}


def _reaching(curve: KaplanMeier, horizon: float) -> KaplanMeier:
    """The curve until the horizon: beyond the last observation R goes on with the last value."""
    if horizon <= curve.times[-1]:
        return curve
    return replace(
        curve,
        times=np.append(curve.times, horizon),
        at_risk=np.append(curve.at_risk, 0),
        events=np.append(curve.events, 0),
        survival=np.append(curve.survival, curve.survival[-1]),
        hazard_variance=np.append(curve.hazard_variance, curve.hazard_variance[-1]),
    )


def _or_none(value: float | None) -> float | None:
    """R prints NA for a quantile that was not reached."""
    return None if value is None or np.isinf(value) else value


def _log_rank(case: Case) -> dict[str, Any]:
    """Strata of the formula count in every figure, unless a stratified one stands beside."""
    within, rho = bool(re.search(r"strata\(", right_side(case))), float(case.spec.get("rho", 0))
    arm = observed(case, groups(case)).column(groups(case))
    listed = [row.get("arm") for row in case.expect.get("pairwise", ())]
    names = _in_order(arm, listed, reference=True)

    def test(
        *, rho: float = rho, stratified: bool = False, only: Sequence[Any] = names
    ) -> LogRankTest:
        data = observed(case, groups(case), *(strata_names(case) if stratified else ()))
        strata = joined([data.column(name) for name in strata_names(case)]) if stratified else None
        arm = data.column(groups(case))
        rows = np.isin(arm, list(only))
        return log_rank_test(
            data.time[rows],
            data.event[rows],
            arm[rows],
            strata=None if strata is None else strata[rows],
            rho=rho,
        )

    every = within and "stratified_chisq" not in case.expect
    whole = test(stratified=every)
    place = [whole.arms.index(str(name)) for name in names]

    def pairwise() -> list[dict[str, Any]]:
        return [
            {
                "arm": name,
                "chisq": pair.statistic,
                "p": pair.p_value,
                "obs": pair.observed[::turn],
                "exp": pair.expected[::turn],
                "var": pair.variance[0, 0],
            }
            for name in names[1:]
            for pair in [test(stratified=every, only=[names[0], name])]
            for turn in [1 if pair.arms[0] == str(names[0]) else -1]
        ]

    return {
        "chisq": whole.statistic,
        "df": whole.degrees_of_freedom,
        "p": whole.p_value,
        "observed": whole.observed[place],
        "expected": whole.expected[place],
        "stratified_chisq": lambda: test(stratified=True).statistic,
        "stratified_p": lambda: test(stratified=True).p_value,
        "peto_chisq": lambda: test(rho=1.0, stratified=every).statistic,
        "peto_p": lambda: test(rho=1.0, stratified=every).p_value,
        "pairwise": pairwise,
    }


def _model(case: Case, right: str) -> tuple[ModelInputs, Floats, tuple[str, ...]]:
    """The columns of a formula without its constant, and their names."""
    arms = [name for name in case.table().columns if name.lower() in {*ARMS} - {"dose"}]
    inputs = model_inputs(case, f"~ {right}", factors=arms)
    return inputs, inputs.matrix.matrix[:, 1:], inputs.matrix.names[1:]


def _cox(case: Case) -> dict[str, Any]:
    """Robust figures: of the strata as covariates, where there are any.

    The variance is robust over the participants in the formula's `cluster(...)`, else the records.
    """
    right = right_side(case) or column_of(case, "arm")
    if not right_side(case) and "stratified" in case.method:
        right += f" + strata({column_of(case, 'strata')})"
    clusters = re.findall(r"cluster\(\s*(\w+)\s*\)", right)
    data = observed(case, *clusters, formula=right)
    inputs, x, terms = _model(data.case, right)
    names = list(inputs.formula.strata)
    named = str(case.first("ties", "method", default=f"{case.id} {case.what}"))
    written = re.search("|".join(TIES), named)
    ties, level = written[0] if written else "efron", confidence_level(case)

    def fitted(x: Floats, terms: Sequence[str], **settings: Any) -> CoxFit:
        return cox_regression(
            data.time, data.event, x, terms, start=data.start, ties=ties, **settings
        )

    strata = joined([inputs.columns[name] for name in names])
    who = data.column(clusters[0]) if clusters else np.arange(len(data.time))
    fit = fitted(x, terms, strata=strata, cluster=who if clusters else None)

    def together() -> tuple[CoxFit, ModelInputs]:
        plain = [":".join(term) for term in inputs.formula.terms if term]
        wide_inputs, wide, wide_terms = _model(data.case, " + ".join([*plain, *names]))
        return fitted(wide, wide_terms, cluster=who), wide_inputs

    def proportionality(*, stratified: bool) -> list[list[Any]]:
        tested, model = (fit, inputs) if stratified else together()
        owner = np.array(model.matrix.terms)[1:]
        tests = [
            proportionality_test(tested, np.flatnonzero(owner == each).tolist())
            for each in dict.fromkeys(owner.tolist())
        ]
        # With one term, the test of all is the same, and R prints it once more.
        return [_row(test) for test in (*tests, proportionality_test(tested))]

    found: dict[str, Any] = {
        "coef": [
            {"term": term, **estimate_figures(one), **ratio_figures("hr", one)}
            for term in terms
            for one in [fit.of(term, level)]
        ],
        "est": fit.estimates,
        "se": fit.standard_errors,
        "naive_se": np.sqrt(np.diag(fit.naive_covariance)),
        "log_lik": [fit.null_log_likelihood, fit.log_likelihood],
        "score_test": fit.score_test.statistic,
        "lr_test": fit.likelihood_ratio_test.statistic,
        "wald_test": lambda: fit.estimates @ np.linalg.solve(fit.covariance, fit.estimates),
        "n": len(data.time),
        "n_events": int(data.event.sum()),
        "robust_est": lambda: together()[0].estimates,
        "robust_se": lambda: together()[0].standard_errors,
    }
    for key in case.expect:
        if key.startswith("zph"):
            within = "unstratified" not in key and "stratified" in key
            found[key] = lambda within=within: proportionality(stratified=within)
    return found


def _row(test: TestResult) -> list[Any]:
    return [test.statistic, test.degrees_of_freedom, test.p_value]


def _competing_risks(case: Case) -> dict[str, Any]:
    group = column_of(case, "arm") if not right_side(case) else groups(case)
    data = observed(case, group)
    time, code, arm = data.time, data.code, data.column(group)
    causes = sorted(set(code[code > 0].tolist()))
    cause = int(case.spec.get("failcode", causes[0]))
    rows = [str(row).rpartition(" ") for row in case.expect.get("cuminc_rows", ())]
    names = _in_order(arm, [name for name, _, _ in rows])
    key = next((k for k in case.expect if k.startswith("cuminc_at")), "")
    days = [float(part) for part in re.findall(r"\d+(?:\.\d+)?", key)] or list(map(float, DAYS))
    curves = {
        (name, cause): cumulative_incidence(time[arm == name], code[arm == name], cause=cause)
        for cause in causes
        for name in names
    }

    def complete() -> tuple[Observed, Floats, tuple[str, ...]]:
        right = right_side(case) or f"{group} + {column_of(case, 'strata')}"
        kept = observed(case, formula=right)
        return kept, *_model(kept.case, right)[1:]

    def regression() -> dict[str, Any]:
        kept, x, terms = complete()
        fit = fine_gray(kept.time, kept.code, x, terms, cause=cause)
        return {
            "est": fit.estimates,
            "robust_se": fit.standard_errors,
            "log_lik": fit.log_likelihood,
        }

    def weighted(ties: str) -> Callable[[], Floats]:
        def compute() -> Floats:
            kept, x, terms = complete()
            rows = fine_gray_records(kept.time, kept.code, cause=cause)
            return cox_regression(
                rows.stop, rows.event, x[rows.participant], terms, start=rows.start,
                weights=rows.weight, ties=ties,
            ).estimates  # fmt: skip

        return compute

    def robust_errors(cause: int) -> list[Any]:
        return [
            curves[name, cause].at(day, robust=True).standard_error
            for name in names
            for day in days
        ]

    def gray() -> list[dict[str, Any]]:
        tests = [(each, gray_test(time, code, arm, cause=each)) for each in causes]
        return [
            {"cause": each, "chisq": t.statistic, "p": t.p_value, "df": t.degrees_of_freedom}
            for each, t in tests
        ]

    found: dict[str, Any] = {
        "gray": gray,
        "cuminc_rows": [f"{name} {each}" for name, each in curves],
        key: [[curve.at(day).estimate for day in days] for curve in curves.values()],
        "cuminc_var": [
            [(curve.at(day).standard_error or 0.0) ** 2 for day in days]
            for curve in curves.values()
        ],
        "fine_gray_crr": regression,
        "fine_gray_via_weights_efron": weighted("efron"),
        "fine_gray_via_weights_breslow": weighted("breslow"),
    }
    for each in causes:
        found[f"aalen_johansen_se_cause{each}"] = lambda each=each: robust_errors(each)
    return found


def _recurrent(case: Case) -> dict[str, Any]:
    right = right_side(case) or column_of(case, "arm")
    if "Surv(" not in str(case.spec.get("formula", "")):
        roles = ", ".join(column_of(case, role) for role in ("start", "stop", "event"))
        formula = f"Surv({roles}) ~ {right}"
        case = replace(case, spec={**case.spec, "formula": formula})
    data = observed(case, column_of(case, "participant"), formula=right)
    if data.start is None:
        raise UnusableInputError("recurrent events need the start of each record", where=case.id)
    _, x, terms = _model(data.case, right)
    start, stop, event = data.start, data.time, data.event
    who = data.column(column_of(case, "participant"))
    capped = _cap(case)

    def rates() -> dict[str, Any]:
        fit = andersen_gill(start, stop, event, x, terms, who)
        naive = np.sqrt(np.diag(fit.naive_covariance))
        return {"est": fit.estimates, "robust_se": fit.standard_errors, "naive_se": naive}

    def conditional(*, gap_time: bool) -> Callable[[], dict[str, Any]]:
        def compute() -> dict[str, Any]:
            fit = conditional_recurrence(
                start, stop, event, x, terms, who, most_strata=capped, gap_time=gap_time
            )
            return {"est": fit.estimates, "robust_se": fit.standard_errors}

        return compute

    def frailty() -> dict[str, Any]:
        fit = gamma_frailty(start, stop, event, x, terms, who)
        return {
            "est": [Approximate(float(each), FRAILTY_ERROR) for each in fit.estimates],
            "theta": Approximate(fit.theta, FRAILTY_ERROR),
        }

    return {
        "andersen_gill": rates,
        "pwp_total_time": conditional(gap_time=False),
        "pwp_gap_time": conditional(gap_time=True),
        "shared_gamma_frailty": frailty,
    }


def _cap(case: Case) -> int:
    """The last stratum, which later events share: a setting whose name says strata or cap."""
    found = [v for k, v in case.spec.items() if re.search("strata|cap", k) and isinstance(v, int)]
    return found[0] if found else int(case.said(r"capped at (\d+)") or 3)


METHODS: Final[Mapping[str, Method]] = {
    "kaplan_meier": _kaplan_meier,
    "log_rank": _log_rank,
    "cox": _cox,
    "cox_stratified": _cox,
    "competing_risks": _competing_risks,
    "recurrent_infections": _recurrent,
    "recurrent_events": _recurrent,
}
