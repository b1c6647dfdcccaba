"""Cases of analysis of covariance, t and rank tests, and proportional odds.

Settings of a case, all optional: `week` (12 if the data have weeks), `response`, `arm` and
`reference` (their values), `strata`, `formula`, `cut` and `score` of an ordered category.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.stats import ranks
from trialwright.stats.ancova import ERRORS, LinearModel, fit_linear
from trialwright.stats.formulas import evaluate, parse_formula
from trialwright.stats.proportional_odds import proportional_odds
from trialwright.stats.ranks.several_arms import jonckheere_moments
from trialwright.stats.results import Estimate, Floats
from trialwright.verification.cases import Case
from trialwright.verification.compare import Method
from trialwright.verification.models import expected_terms
from trialwright.verification.terms import factor_levels, formula_of_terms, same_term

CATEGORY: Final = "sledai0 - 10*sri4_nri"
RESPONSES: Final = ("chg", "change", "response", "y", "aval", "value")


def _at_week(case: Case) -> pl.DataFrame:
    data = case.table()
    if "week" not in data.columns:
        return data
    return data.filter(pl.col("week") == case.spec.get("week", 12))


def _response(case: Case) -> str:
    columns = case.table().columns
    named = [case.spec["response"]] if "response" in case.spec else RESPONSES
    for name in named:
        if name in columns:
            return str(name)
    raise UnusableInputError(f"the data have no response {', '.join(named)}", where=case.id)


def _arms(case: Case) -> dict[Any, Floats]:
    response, data = _response(case), _at_week(case).drop_nulls(_response(case))
    arms = data["arm"].unique().sort().to_list()
    return {arm: data.filter(pl.col("arm") == arm)[response].to_numpy() for arm in arms}


def _pair(case: Case) -> tuple[Any, Any]:
    """The arm and the reference; the arm may stand at the end of the method's name."""
    arms = list(_arms(case))
    reference = case.spec.get("reference", arms[0])
    named = re.search(r"arm(\w+)$", case.method)
    default = next((arm for arm in arms if named and str(arm) == named[1]), arms[-1])
    return case.spec.get("arm", default), reference


def _stratified(case: Case) -> tuple[Floats, Any, Any]:
    arm, reference = _pair(case)
    strata = case.spec.get("strata", case.spec.get("block", "ocs_hi"))
    names = [strata] if isinstance(strata, str) else list(strata)
    data = _at_week(case).filter(pl.col("arm").is_in([arm, reference]))
    data = data.drop_nulls([_response(case), *names])
    label = pl.concat_str([pl.col(name).cast(pl.String) for name in names], separator=" ")
    columns = data.select(_response(case), treated=pl.col("arm") == arm, stratum=label)
    outcome, treated, stratum = (columns[name].to_numpy() for name in columns.columns)
    return outcome, treated, stratum


def _two_groups(case: Case) -> dict[str, Any]:
    arm, reference = _pair(case)
    x, y = _arms(case)[arm], _arms(case)[reference]

    def shift() -> Estimate:
        return ranks.hodges_lehmann(x, y)

    def stratified() -> Any:
        return ranks.stratified_wilcoxon(*_stratified(case))

    return {
        "welch": _t_figures(ranks.welch(x, y)),
        "student": _t_figures(ranks.student(x, y)),
        "W": lambda: ranks.wilcoxon(x, y).statistic,
        "p_normal_cc": lambda: ranks.wilcoxon(x, y).p_value,
        "p_normal": lambda: ranks.wilcoxon(x, y, continuity=False).p_value,
        "p_exact": lambda: ranks.wilcoxon(x, y, exact=True).p_value,
        "hodges_lehmann": lambda: shift().estimate,
        "hl_exact_lo": lambda: shift().lower,
        "hl_exact_hi": lambda: shift().upper,
        "stratified_z": lambda: -stratified().statistic,  # coin's sign is that of the control
        "stratified_p": lambda: stratified().p_value,
        "n": [len(x), len(y)],
    }


def _t_figures(found: Estimate) -> dict[str, Any]:
    return {
        "est": found.estimate,
        "se": found.standard_error,
        "t": found.statistic,
        "df": found.degrees_of_freedom,
        "p": found.p_value,
        "lo": found.lower,
        "hi": found.upper,
    }


def _van_elteren_kw_jt(case: Case) -> dict[str, Any]:
    """The pair is arm 2 against the first arm, unless the spec names another."""
    arms = _arms(case)
    pair = case
    if "arm" not in case.spec and 2 in arms:
        pair = replace(case, spec={**case.spec, "arm": 2})
    elteren = ranks.van_elteren(*_stratified(pair))
    wallis = ranks.kruskal_wallis(list(arms.values()))
    trend = ranks.jonckheere_terpstra(list(arms.values()))
    j, mean, variance = jonckheere_moments(list(arms.values()))
    return {
        "van_elteren_z": elteren.statistic,
        "van_elteren_p": elteren.p_value,
        "kruskal": {
            "H": wallis.statistic,
            "df": wallis.degrees_of_freedom,
            "p": wallis.p_value,
        },
        "jonckheere": {
            "J": j,
            "mean": mean,
            "var": variance,
            "z": trend.statistic,
            "p": trend.p_value,
        },
    }


def _ancova(case: Case) -> dict[str, Any]:
    data, terms = _at_week(case), list(expected_terms(case.expect))
    coef = case.expect.get("coef", ()) if isinstance(case.expect, Mapping) else ()
    formula = case.spec.get("formula") or formula_of_terms(
        _response(case), [row["term"] for row in coef], data
    )
    parsed = parse_formula(formula)
    found = factor_levels(parsed, data, terms, case.spec.get("factors", ()))
    levels = {name: _as_listed(name, own, terms) for name, own in found.items()}
    fit = fit_linear(data, formula, levels=levels)
    arm = case.spec.get("arm") or next(name for name in parsed.variables if name in levels)

    def robust(kind: str) -> Floats:
        refit = fit_linear(data, formula, levels=levels, errors=kind)
        return refit.coefficients.standard_errors

    tests = fit.type_3()
    return {
        "coef": [
            {"term": name, **_t_figures(fit.coefficients.of(name))}
            for name in fit.coefficients.terms
        ],
        "robust_se": {kind: robust(kind) for kind in ERRORS[1:]},
        "sigma": fit.residual_deviation,
        "r2": fit.r_squared,
        "lsmeans_equal": _columns(list(fit.ls_means(arm, at=_halfway(fit)).values())),
        "lsmeans_proportional": _columns(list(fit.ls_means(arm, weights="proportional").values())),
        "contrasts": _columns(list(fit.differences(arm).values())),
        "type3_F": {
            "term": _respelled(list(tests), case),
            "F": [test.statistic for test in tests.values()],
            "df": [test.numerator for test in tests.values()],
            "p": [test.p_value for test in tests.values()],
        },
    }


def _as_listed(name: str, levels: Sequence[Any], terms: Sequence[str]) -> list[str]:
    """The reference, then the other levels in the order of the expected terms."""
    reference, *others = (str(level) for level in levels)

    def place(level: str) -> int:
        matches = (k for k, term in enumerate(terms) if same_term(term, f"{name}[{level}]"))
        return next(matches, len(terms))

    return [reference, *sorted(others, key=place)]


def _halfway(fit: LinearModel) -> dict[str, float]:
    """emmeans averages over the values of a covariate that has two, as if it were a factor."""
    values = {name: np.unique(fit.design.columns[name]) for name in fit.design.covariates}
    return {name: float(two.mean()) for name, two in values.items() if len(two) == 2}


def _columns(estimates: list[Estimate]) -> dict[str, Any]:
    rows = [_t_figures(each) for each in estimates]
    columns = {key: [row[key] for row in rows] for key in rows[0]}
    return columns | {"df": rows[0]["df"]}  # one for all, as R prints it


def _respelled(names: list[str], case: Case) -> list[str]:
    """Terms as the case spells them, such as 'armf' for 'arm', where only letters were added."""
    expected = case.expect.get("type3_F", {}).get("term", names)
    if len(expected) != len(names):
        return names
    pairs = zip(expected, names, strict=True)
    return [theirs if theirs.startswith(ours) else ours for theirs, ours in pairs]


def _proportional_odds(case: Case) -> dict[str, Any]:
    data, formula = case.table(), str(case.setting("formula"))
    parsed = parse_formula(formula)
    if parsed.response not in data.columns:
        columns = {name: data[name].to_numpy() for name in data.columns}
        score = evaluate(str(case.spec.get("score", CATEGORY)), columns)
        cuts = [float(each) for each in re.findall(r"-?\d+(?:\.\d+)?", str(case.setting("cut")))]
        right = "left-closed" not in str(case.spec["cut"])
        category = np.digitize(score, cuts, right=right) + 1
        data = data.with_columns(pl.Series(parsed.response, category))
    terms = list(expected_terms(case.expect))
    levels = factor_levels(parsed, data, terms, case.spec.get("factors", ()))
    levels.pop(parsed.response, None)
    fit = proportional_odds(data, formula, levels=levels)
    return {
        "counts": [count for name, count in fit.counts.items() if name != "records"],
        "term": [
            theirs if same_term(theirs, ours) else ours
            for theirs, ours in zip(case.expect.get("term", fit.terms), fit.terms, strict=False)
        ],
        "est": fit.estimates,
        "se": fit.standard_errors,
        "log_lik": fit.log_likelihood,
    }


METHODS: Final[Mapping[str, Method]] = {
    "two_groups": _two_groups,
    **{f"two_groups_arm{k}": _two_groups for k in range(10)},
    "van_elteren_kw_jt": _van_elteren_kw_jt,
    "ancova": _ancova,
    "proportional_odds": _proportional_odds,
}
