"""Cases of times to an event.

Settings, all optional: `time`, `event`, `start`, `arm`, `participant` name columns, else found by
their usual names; `formula`, whose left side may be 'Surv(time, status == 1)'; `ties`; `strata`.
Events of a column that also codes competing causes are those of cause 1.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.stats.results import Floats, Integers, TestResult
from trialwright.stats.survival.competing import cumulative_incidence, gray_test
from trialwright.stats.survival.cox import CoxFit, cox_regression, proportionality_test
from trialwright.stats.survival.fine_gray import fine_gray, fine_gray_records
from trialwright.stats.survival.kaplan_meier import kaplan_meier
from trialwright.stats.survival.log_rank import LogRankTest, log_rank_test
from trialwright.stats.survival.recurrent import (
    andersen_gill,
    conditional_recurrence,
    gamma_frailty,
)
from trialwright.verification.cases import Case
from trialwright.verification.compare import Approximate, Method
from trialwright.verification.models import ModelInputs, model_inputs

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "time": ("time1", "time", "aval", "stop", "ttoe"),
    "event": ("status1", "status", "event", "cnsr_event"),
    "start": ("start", "tstart"),
    "stop": ("stop", "tstop"),
    "arm": ("arm", "trt", "treatment", "group"),
    "strata": ("ocs_hi", "stratum", "strata"),
    "participant": ("usubjid", "participant", "subject", "id"),
}
FRAILTY_ERROR: Final = 5e-6
"""R's coxph stops its search for theta short of the maximum, which shows in every estimate."""
DAYS: Final = (14, 28, 56, 80)


def _name(case: Case, role: str) -> str:
    named = case.spec.get(role)
    for name in [named] if isinstance(named, str) else NAMES[role]:
        if name in case.table().columns:
            return str(name)
    raise UnusableInputError(f"the data have no column of the {role}", where=case.id)


def _times(case: Case) -> tuple[Floats, Integers]:
    """Times, and codes of events: 0 for none, else the cause."""
    written = re.search(r"Surv\(\s*(\w+)\s*,\s*(\w+)", str(case.spec.get("formula", "")))
    time, event = written.groups() if written else (_name(case, "time"), _name(case, "event"))
    data = case.table()
    return data[time].to_numpy().astype(np.float64), data[event].to_numpy().astype(np.int64)


def _by_arm(case: Case) -> tuple[list[Any], Any]:
    column = case.table()[_name(case, "arm")]
    return sorted(column.unique().to_list()), column.to_numpy()


def _kaplan_meier(case: Case) -> dict[str, Any]:
    time, code = _times(case)
    names, arm = _by_arm(case)
    curves = {name: kaplan_meier(time[arm == name], code[arm == name] == 1) for name in names}
    by_text = {str(name): curve for name, curve in curves.items()}
    rows = []
    asked = case.expect.get("at", ())
    for row in asked:
        curve, moment = by_text[str(row["arm"])], float(row["time"])
        limits: dict[str, Any] = {}
        for interval, label in (("log-log", "loglog"), ("log", "log"), ("plain", "plain")):
            found = curve.at(moment, interval=interval)
            limits |= {f"lo_{label}": found.lower, f"hi_{label}": found.upper}
        rows.append(
            {
                "arm": row["arm"],
                "time": row["time"],
                "n_risk": found.counts["at risk"],
                "surv": found.estimate,
                "se": found.standard_error,
                **limits,
            }
        )
    found_figures: dict[str, Any] = {"at": rows}
    for key in case.expect:
        if match := re.fullmatch(r"q(\d+)(_lo|_hi)?", key):
            quantiles = [curve.quantile(int(match[1]) / 100) for curve in curves.values()]
            part = {"_lo": "lower", "_hi": "upper"}.get(match[2] or "", "estimate")
            found_figures[key] = [_or_none(getattr(each, part)) for each in quantiles]
        elif match := re.fullmatch(r"rmst(\d+)(_se)?", key):
            means = [curve.restricted_mean(float(match[1])) for curve in curves.values()]
            part = "standard_error" if match[2] else "estimate"
            found_figures[key] = [getattr(each, part) for each in means]
    return found_figures


def _or_none(value: float | None) -> float | None:
    """R prints NA for a quantile that was not reached."""
    return None if value is None or np.isinf(value) else value


def _log_rank(case: Case) -> dict[str, Any]:
    time, code = _times(case)
    names, arm = _by_arm(case)
    event = code == 1

    def test(rows: Any = slice(None), **settings: Any) -> LogRankTest:
        return log_rank_test(time[rows], event[rows], arm[rows], **settings)

    def stratified() -> LogRankTest:
        return test(strata=case.table()[_name(case, "strata")].to_numpy())

    pairs = []
    for name in names[1:]:
        pair = test(np.isin(arm, [names[0], name]))
        pairs.append(
            {
                "arm": name,
                "chisq": pair.statistic,
                "p": pair.p_value,
                "obs": pair.observed,
                "exp": pair.expected,
                "var": pair.variance[0, 0],
            }
        )
    whole = test()
    return {
        "chisq": whole.statistic,
        "df": whole.degrees_of_freedom,
        "p": whole.p_value,
        "observed": whole.observed,
        "expected": whole.expected,
        "stratified_chisq": lambda: stratified().statistic,
        "stratified_p": lambda: stratified().p_value,
        "peto_chisq": lambda: test(rho=1.0).statistic,
        "peto_p": lambda: test(rho=1.0).p_value,
        "pairwise": pairs,
    }


def _right_side(case: Case, default: str = "") -> str:
    return str(case.spec.get("formula", default)).rpartition("~")[2].strip() or default


def _model(case: Case, right: str) -> tuple[ModelInputs, Floats, tuple[str, ...]]:
    """The columns of a formula without its constant, and their names."""
    inputs = model_inputs(case, f"~ {right}", factors=[_name(case, "arm")])
    return inputs, inputs.matrix.matrix[:, 1:], inputs.matrix.names[1:]


def _cox(case: Case) -> dict[str, Any]:
    time, code = _times(case)
    inputs, x, terms = _model(case, _right_side(case, "arm"))
    strata = [inputs.columns[name] for name in inputs.formula.strata]
    ties = str(case.spec.get("ties") or case.id.rpartition("cox_")[2])
    fit = cox_regression(
        time,
        code == 1,
        x,
        terms,
        ties=ties if ties in ("efron", "breslow", "exact") else "efron",
        strata=_joined(strata),
    )
    return {
        "coef": [
            {
                "term": term,
                "est": fit.of(term).estimate,
                "se": fit.of(term).standard_error,
                "p": fit.of(term).p_value,
                "lo": fit.of(term).lower,
                "hi": fit.of(term).upper,
            }
            for term in terms
        ],
        "est": fit.estimates,
        "se": fit.standard_errors,
        "log_lik": [fit.null_log_likelihood, fit.log_likelihood],
        "score_test": fit.score_test.statistic,
        "lr_test": fit.likelihood_ratio_test.statistic,
    }


def _joined(columns: Sequence[Any]) -> Any:
    """Strata of several columns are the combinations of their values."""
    if not columns:
        return None
    return np.array(["|".join(map(str, values)) for values in zip(*columns, strict=True)])


def _cox_stratified(case: Case) -> dict[str, Any]:
    """Beside the stratified fit, one with the strata as a covariate, whose variance is robust."""
    time, code = _times(case)
    inputs, x, terms = _model(case, _right_side(case, "arm + strata(ocs_hi)"))
    names = list(inputs.formula.strata)
    strata = _joined([inputs.columns[name] for name in names])
    stratified = cox_regression(time, code == 1, x, terms, strata=strata)

    def beside() -> tuple[CoxFit, ModelInputs]:
        plain = [":".join(term) for term in inputs.formula.terms if term]
        together, wide, wide_terms = _model(case, " + ".join([*plain, *names]))
        everyone = np.arange(len(time))
        return cox_regression(time, code == 1, wide, wide_terms, cluster=everyone), together

    def proportionality() -> list[list[Any]]:
        fit, together = beside()
        owner = np.array(together.matrix.terms)[1:]
        tests = [
            proportionality_test(fit, np.flatnonzero(owner == each).tolist())
            for each in dict.fromkeys(owner.tolist())
        ]
        return [_row(test) for test in (*tests, proportionality_test(fit))]

    found: dict[str, Any] = {
        "est": stratified.estimates,
        "se": stratified.standard_errors,
        "robust_est": lambda: beside()[0].estimates,
        "robust_se": lambda: beside()[0].standard_errors,
    }
    return found | {key: proportionality for key in case.expect if key.startswith("zph")}


def _row(test: TestResult) -> list[Any]:
    return [test.statistic, test.degrees_of_freedom, test.p_value]


def _competing_risks(case: Case) -> dict[str, Any]:
    time, code = _times(case)
    names, arm = _by_arm(case)
    causes = sorted(set(code[code > 0].tolist()))
    key = next((k for k in case.expect if k.startswith("cuminc_at")), "")
    days = [float(part) for part in re.findall(r"\d+", key)] or list(map(float, DAYS))
    curves = {
        (name, cause): cumulative_incidence(time[arm == name], code[arm == name], cause=cause)
        for cause in causes
        for name in names
    }
    right = _right_side(case, f"{_name(case, 'arm')} + {_name(case, 'strata')}")

    def regression() -> dict[str, Any]:
        _, x, terms = _model(case, right)
        fit = fine_gray(time, code, x, terms)
        return {
            "est": fit.estimates,
            "robust_se": fit.standard_errors,
            "log_lik": fit.log_likelihood,
        }

    def weighted(ties: str) -> Callable[[], Floats]:
        def compute() -> Floats:
            _, x, terms = _model(case, right)
            rows = fine_gray_records(time, code)
            return cox_regression(
                rows.stop, rows.event, x[rows.participant], terms, start=rows.start,
                weights=rows.weight, ties=ties,
            ).estimates  # fmt: skip

        return compute

    tests = [(cause, gray_test(time, code, arm, cause=cause)) for cause in causes]
    first = [curve for (_, cause), curve in curves.items() if cause == causes[0]]
    return {
        "gray": [
            {"cause": cause, "chisq": t.statistic, "p": t.p_value, "df": t.degrees_of_freedom}
            for cause, t in tests
        ],
        "cuminc_rows": [f"{name} {cause}" for name, cause in curves],
        key: [[curve.at(day).estimate for day in days] for curve in curves.values()],
        "cuminc_var": [
            [(curve.at(day).standard_error or 0.0) ** 2 for day in days]
            for curve in curves.values()
        ],
        "aalen_johansen_se_cause1": [
            curve.at(day, robust=True).standard_error for curve in first for day in days
        ],
        "fine_gray_crr": regression,
        "fine_gray_via_weights_efron": weighted("efron"),
        "fine_gray_via_weights_breslow": weighted("breslow"),
    }


def _recurrent(case: Case) -> dict[str, Any]:
    data: pl.DataFrame = case.table()
    _, x, terms = _model(case, _right_side(case, "arm"))
    start, stop, event, who = (
        data[_name(case, role)].to_numpy() for role in ("start", "stop", "event", "participant")
    )
    capped = int(case.spec.get("most_strata", 3))

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


METHODS: Final[Mapping[str, Method]] = {
    "kaplan_meier": _kaplan_meier,
    "log_rank": _log_rank,
    "cox": _cox,
    "cox_stratified": _cox_stratified,
    "competing_risks": _competing_risks,
    "recurrent_infections": _recurrent,
    "recurrent_events": _recurrent,
}
