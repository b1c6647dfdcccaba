"""Cases of analysis of covariance, t and rank tests, and proportional odds.

Settings of a case, all optional: `week` or `visit` (12, else the last one, if participants have
several), `response`, `arm` and `reference` (their values), `arms` (those compared, in order),
`strata`, `formula`, `cut` and `score` of an ordered category. Arm and week may also stand in the
name of the method, such as 'two_groups_arm3'.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.stats import ranks
from trialwright.stats.ancova import ERRORS, LinearModel, fit_linear
from trialwright.stats.formulas import evaluate, parse_formula
from trialwright.stats.proportional_odds import proportional_odds
from trialwright.stats.ranks.several_arms import jonckheere_moments
from trialwright.stats.results import Estimate, Floats, TestResult
from trialwright.verification.binary import (
    arm_column,
    arm_named,
    arms_in_name,
    control_first,
)
from trialwright.verification.cases import Case
from trialwright.verification.columns import (
    ARMS,
    PARTICIPANTS,
    RESPONSES,
    VISITS,
    by_kind,
    column_named,
    kept_rows,
    listed,
)
from trialwright.verification.compare import Method
from trialwright.verification.estimates import estimate_figures
from trialwright.verification.levels import confidence_level
from trialwright.verification.models import expected_terms, formula_of, halfway, levels_of
from trialwright.verification.terms import same_term

CATEGORY: Final = "sledai0 - 10*sri4_nri"


def at_visit(case: Case) -> pl.DataFrame:
    """The rows of one visit, if participants have several, and of the arms that are compared."""
    data = kept_rows(case, case.table())
    try:
        column = column_named(VISITS, data, case.id)
        participant = column_named(PARTICIPANTS, data, case.id)
    except UnusableInputError:
        return data
    named = case.spec.get("week", case.spec.get("visit"))
    if named is None and (found := re.search(r"_week_?(\w+?)(?:_|$)", _name(case))):
        named = found[1]
    if named is None and not data[participant].is_duplicated().any():
        return data
    visits = data[column].drop_nulls().unique().sort().to_list()
    usual = 12 if 12 in visits else visits[-1]
    wanted = by_kind(data, column, usual if named is None else named)
    if wanted not in visits:
        raise UnusableInputError(
            f"no row has {column} {named}",
            where=case.id,
            remedy=f"the data have {', '.join(str(each) for each in visits)}",
        )
    return data.filter(pl.col(column) == wanted)


def _name(case: Case) -> str:
    """Method and id: either may name the arms and the week, such as 'two_groups_arm3_week8'."""
    return f"{case.method}__{case.id}"


def _response(case: Case) -> str:
    named = case.spec.get("response")
    return column_named([str(named)] if named else RESPONSES, case.table(), case.id)


def _arms(case: Case) -> dict[Any, Floats]:
    """The outcomes of each arm, in the order that the settings give, else sorted."""
    response, data = _response(case), at_visit(case)
    column = arm_column(case)
    data = data.drop_nulls([response, column])
    if not data[response].dtype.is_numeric():
        raise UnusableInputError(f"column {response} holds no numbers", where=case.id)
    order = listed(case.spec.get("arms", case.spec.get("levels", [])))
    given = [arm_named(label, control_first(data[column].unique()), case.id) for label in order]
    arms = given or control_first(data[column].unique())
    return {arm: data.filter(pl.col(column) == arm)[response].to_numpy() for arm in arms}


def _pair(case: Case) -> tuple[Any, Any]:
    """The arm and the reference; they may stand in the name of the method or of the case."""
    spec, arms = case.spec, list(_arms(case))
    named = arms_in_name(_name(case), arms)
    usual = 2 if case.method.startswith("van_elteren") and 2 in arms[1:] else arms[-1]
    column = spec.get("arm") in case.table().columns
    first = [None if column else spec.get("arm"), spec.get("active"), named[0], usual]
    second = [spec.get("reference"), spec.get("control"), named[1], arms[0]]
    arm, reference = (next(v for v in each if v is not None) for each in (first, second))
    pair = arm_named(arm, arms, case.id), arm_named(reference, arms, case.id)
    if pair[0] == pair[1]:
        raise UnusableInputError(f"arm {pair[0]} is compared with itself", where=case.id)
    return pair


def _stratified(case: Case) -> tuple[Floats, Any, Any]:
    (arm, reference), response = _pair(case), _response(case)
    strata = case.spec.get("strata", case.spec.get("block", "ocs_hi"))
    names = [strata] if isinstance(strata, str) else list(strata)
    data = at_visit(case)
    column = arm_column(case)
    for name in names:
        column_named([name], data, case.id)
    data = data.filter(pl.col(column).is_in([arm, reference])).drop_nulls([response, *names])
    label = pl.concat_str([pl.col(name).cast(pl.String) for name in names], separator=" ")
    columns = data.select(response, treated=pl.col(column) == arm, stratum=label)
    outcome, treated, stratum = (columns[name].to_numpy() for name in columns.columns)
    return outcome, treated, stratum


def _ranks(case: Case) -> dict[str, Any]:
    """Two arms, and all of them; what one method alone computes also stands without its name."""
    arm, reference = _pair(case)
    arms, level = _arms(case), confidence_level(case)
    x, y, samples = arms[arm], arms[reference], list(arms.values())

    def stratified(test: Callable[[Floats, Any, Any], TestResult]) -> TestResult:
        return test(*_stratified(case))

    figures: dict[str, Any] = {
        "welch": lambda: estimate_figures(ranks.welch(x, y, level=level)),
        "student": lambda: estimate_figures(ranks.student(x, y, level=level)),
        "W": lambda: ranks.wilcoxon(x, y).statistic,
        "p_normal_cc": lambda: ranks.wilcoxon(x, y).p_value,
        "p_normal": lambda: ranks.wilcoxon(x, y, continuity=False).p_value,
        "p_exact": lambda: ranks.wilcoxon(x, y, exact=True).p_value,
        "hodges_lehmann": lambda: ranks.hodges_lehmann(x, y).estimate,
        "hl_exact_lo": lambda: ranks.hodges_lehmann(x, y, level=level).lower,
        "hl_exact_hi": lambda: ranks.hodges_lehmann(x, y, level=level).upper,
        # coin's sign is that of the control
        "stratified_z": lambda: -(stratified(ranks.stratified_wilcoxon).statistic or 0.0),
        "stratified_p": lambda: stratified(ranks.stratified_wilcoxon).p_value,
        "van_elteren_z": lambda: stratified(ranks.van_elteren).statistic,
        "van_elteren_p": lambda: stratified(ranks.van_elteren).p_value,
        "kruskal": lambda: _kruskal(samples),
        "jonckheere": lambda: _jonckheere(samples),
        "n": [len(x), len(y)],
    }
    alone = {"welch": "welch", "student": "student", "kruskal": "kruskal", "jonckheere": "jonck"}
    for name, start in alone.items():
        if case.method.startswith(start):
            figures |= figures[name]()
    return figures


def _kruskal(samples: Sequence[Floats]) -> dict[str, Any]:
    found = ranks.kruskal_wallis(samples)
    return {"H": found.statistic, "df": found.degrees_of_freedom, "p": found.p_value}


def _jonckheere(samples: Sequence[Floats]) -> dict[str, Any]:
    found = ranks.jonckheere_terpstra(samples)
    j, mean, variance = jonckheere_moments(samples)
    return {"J": j, "mean": mean, "var": variance, "z": found.statistic, "p": found.p_value}


def _ancova(case: Case) -> dict[str, Any]:
    data, terms = at_visit(case), list(expected_terms(case.expect))
    formula = formula_of(case, RESPONSES)
    parsed = parse_formula(formula)
    found = levels_of(case, parsed, data)
    levels = {name: _as_listed(name, own, terms) for name, own in found.items()}
    fit = fit_linear(data, formula, levels=levels)
    factors = [name for name in parsed.variables if name in levels]
    named = [name for name in factors if name.lower() in ARMS]
    arm = case.spec.get("arm") or (named or factors or [""])[0]
    level, held = confidence_level(case), halfway(fit.design)

    def robust(kind: str) -> Floats:
        refit = fit_linear(data, formula, levels=levels, errors=kind)
        return refit.coefficients.standard_errors

    return {
        "coef": [
            {"term": name, **estimate_figures(fit.coefficients.of(name, level))}
            for name in fit.coefficients.terms
        ],
        "robust_se": {kind: robust(kind) for kind in ERRORS[1:]},
        "sigma": fit.residual_deviation,
        "r2": fit.r_squared,
        "n": len(fit.residuals),
        "df": fit.coefficients.degrees_of_freedom,
        "lsmeans_equal": lambda: _columns(fit.ls_means(arm, at=held, level=level)),
        "lsmeans_proportional": lambda: _columns(
            fit.ls_means(arm, weights="proportional", level=level)
        ),
        "contrasts": lambda: _columns(fit.differences(arm, at=held, level=level)),
        "type3_F": lambda: _type_3(fit, case),
    }


def _as_listed(name: str, levels: Sequence[Any], terms: Sequence[str]) -> list[str]:
    """The reference, then the other levels in the order of the expected terms."""
    reference, *others = (str(level) for level in levels)

    def place(level: str) -> int:
        matches = (k for k, term in enumerate(terms) if same_term(term, f"{name}[{level}]"))
        return next(matches, len(terms))

    return [reference, *sorted(others, key=place)]


def _type_3(fit: LinearModel, case: Case) -> dict[str, Any]:
    tests = fit.type_3()
    return {
        "term": _respelled(list(tests), case),
        "F": [test.statistic for test in tests.values()],
        "df": [test.numerator for test in tests.values()],
        "p": [test.p_value for test in tests.values()],
    }


def _columns(estimates: Mapping[str, Estimate]) -> dict[str, Any]:
    rows = [estimate_figures(each) for each in estimates.values()]
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
    factors = levels_of(case, parsed, data)
    factors.pop(parsed.response, None)
    levels = {name: _as_listed(name, own, terms) for name, own in factors.items()}
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
    **dict.fromkeys(
        (
            "two_groups*",
            "van_elteren*",
            "wilcoxon*",
            "hodges_lehmann*",
            "welch*",
            "student*",
            "kruskal*",
            "jonckheere*",
        ),
        _ranks,
    ),
    "ancova*": _ancova,
    "proportional_odds*": _proportional_odds,
}
