"""Cases with a binary outcome, but for regression models."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import product
from typing import Any, Final

import numpy as np
import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.stats.exact_power import exact_power_multi_arm
from trialwright.stats.proportions.difference import risk_difference
from trialwright.stats.proportions.one import METHODS as METHODS_OF_ONE
from trialwright.stats.proportions.one import proportion
from trialwright.stats.proportions.ratios import odds_ratio, risk_ratio
from trialwright.stats.results import Estimate, Floats, TestResult
from trialwright.stats.stratified.homogeneity import breslow_day_test, woolf_test
from trialwright.stats.stratified.mantel_haenszel import (
    cmh_test,
    common_odds_ratio,
    common_risk_difference,
    common_risk_ratio,
)
from trialwright.stats.stratified.risk_difference import (
    mantel_haenszel_weights,
    stratified_newcombe,
    stratified_risk_difference,
)
from trialwright.stats.stratified.tables import tabulate, used_strata
from trialwright.stats.trend import (
    cochran_armitage_test,
    general_association_test,
    stratified_trend_test,
)
from trialwright.stats.two_by_two.chi_square import chi_square_test
from trialwright.stats.two_by_two.conditional import (
    Stratum,
    conditional_odds_ratio,
    exact_test,
    fisher_test,
)
from trialwright.stats.two_by_two.freeman_halton import freeman_halton_test
from trialwright.stats.two_by_two.unconditional import unconditional_test
from trialwright.verification.cases import Case
from trialwright.verification.columns import ARMS, by_kind, column_named, listed
from trialwright.verification.compare import Maximizer, Method
from trialwright.verification.levels import confidence_level

RESPONSES: Final = ("sri4_nri", "resp", "response", "responder", "y", "aval", "outcome")
CONTROLS: Final = ("placebo", "control", "standard of care", "standard", "reference")


def response_name(case: Case) -> str:
    """The column of the 0/1 response: named in the spec, else one of the usual names."""
    named = case.spec.get("response")
    return column_named([str(named)] if named else RESPONSES, case.table(), case.id)


def arm_column(case: Case) -> str:
    """The column of the arms: that of the spec, else one of the usual names.

    The setting `arm` may also be the active arm; what is neither is refused.
    """
    data, named = case.table(), case.spec.get("arm")
    if named in data.columns:
        return str(named)
    column = column_named(ARMS, data, case.id)
    if named is not None:
        arm_named(named, control_first(data[column].drop_nulls().unique()), case.id)
    return column


def by_arm(case: Case) -> pl.DataFrame:
    """The data with the column of the arms called `arm`."""
    data, column = case.table(), arm_column(case)
    return data if column == "arm" else data.drop("arm", strict=False).rename({column: "arm"})


def arms_in_order(case: Case, data: pl.DataFrame) -> list[Any]:
    """The arms as the spec lists them in `levels`, else sorted, a control in words first."""
    arms = data["arm"].drop_nulls().unique().to_list()
    given = [by_kind(data, "arm", label) for label in case.spec.get("levels", ())]
    if given and set(given) != set(arms):
        raise UnusableInputError(f"levels {given} are not the arms {sorted(arms)}", where=case.id)
    return given or control_first(arms)


def control_first(arms: Iterable[Any]) -> list[Any]:
    """Sorted, but for a control that is named in words."""
    return sorted(arms, key=lambda arm: (str(arm).lower() not in CONTROLS, arm))


def with_strata(case: Case) -> pl.DataFrame:
    """The data with a column `stratum`.

    The spec names one or more columns; the cells `st` of two indicators are written S0O1.
    """
    data = by_arm(case)
    named = case.spec.get("strata", case.spec.get("stratum", "st"))
    names = [named] if isinstance(named, str) else list(named)
    if len(names) == 1 and names[0] not in data.columns:
        for mark in ("*", ":", " x ", "+", ","):
            names = [part.strip() for name in names for part in name.split(mark)]
    if names == ["st"] and {"sledai_hi", "ocs_hi"} <= set(data.columns):
        cell = pl.format("S{}O{}", pl.col("sledai_hi"), pl.col("ocs_hi"))
    elif set(names) <= set(data.columns):
        cell = pl.concat_str([pl.col(name).cast(pl.String) for name in names], separator=" ")
    else:
        raise UnusableInputError(f"the data have no strata {named!r}", where=case.id)
    return data.drop_nulls([n for n in names if n in data.columns]).with_columns(stratum=cell)


def arm_named(label: Any, arms: Sequence[Any], where: str) -> Any:
    """The arm that a label means: 2, '2', 'arm2', 'High' in any case; a control in words is the
    first one, unless an arm is called so.

    Example:
        >>> arm_named("Arm 2", [0, 2], ""), arm_named("placebo", [0, 2], "")
        (2, 0)
    """
    text = str(label).lower()
    for spelled in (text, re.sub(r"^arm[ _]?", "", text)):
        for arm in arms:
            if str(arm).lower() == spelled:
                return arm
    if text in CONTROLS:
        return arms[0]
    there = ", ".join(str(arm) for arm in arms)
    raise UnusableInputError(
        f"the data have no arm {label}", where=where, remedy=f"they have {there}"
    )


def arms_in_name(name: str, arms: Sequence[Any]) -> tuple[str | None, str | None]:
    """The active and the control arm in a name: 'arm2_vs_placebo', 'two_groups_arm3'.

    Example:
        >>> arms_in_name("ancova_arm3_v_arm1", [0, 1, 3]), arms_in_name("three_arm_trend", [0, 1])
        (('3', '1'), (None, None))
    """
    if match := re.search(r"arm_?([^\W_]+)_vs?_(?:arm_?)?([^\W_]+)", name):
        return match[1], match[2]
    labels = {str(arm).lower() for arm in arms}
    for gap, label in re.findall(r"(?:^|_)arm(_?)([^\W_]+)", name):
        if label.lower() in labels or (not gap and label.isdigit()):
            return label, None
    return None, None


def compared_arms(case: Case) -> tuple[Any, Any]:
    """The active and the control arm: from the spec, else from 'arm2_vs_placebo' in the id."""
    spec, data = case.spec, by_arm(case)
    arms = arms_in_order(case, data)
    given = listed(spec["arms"]) if "arms" in spec else [spec.get("active"), None]
    if len(given) != 2:
        raise UnusableInputError(f"{len(given)} arms where two are compared", where=case.id)
    of_spec = None if spec.get("arm") in case.table().columns else spec.get("arm")
    named = arms_in_name(case.id, arms)
    first = [given[0], of_spec, named[0], arms[1] if len(arms) == 2 else None]
    second = [given[1], spec.get("control"), spec.get("reference"), named[1], arms[0]]
    active, control = (next((v for v in each if v is not None), None) for each in (first, second))
    if active is None:
        raise UnusableInputError(
            "the spec does not say which arms to compare",
            where=case.id,
            remedy="give the active arm as 'arm' and the other as 'reference'",
        )
    return arm_named(active, arms, case.id), arm_named(control, arms, case.id)


def _counts(case: Case) -> dict[str, Any]:
    arms, strata, events, sizes = _cells(case)
    cells = list(product(range(len(strata)), range(len(arms))))

    def rows(values: Floats) -> list[dict[str, Any]]:
        return [{"arm": arms[a], "st": strata[s], "x": int(values[s, a])} for s, a in cells]

    x, n = (counts.sum(axis=0).astype(int).tolist() for counts in (events, sizes))
    return {"x": x, "n": n, "x_by_stratum": rows(events), "n_by_stratum": rows(sizes)}


def _cells(case: Case) -> tuple[list[Any], list[Any], Floats, Floats]:
    """Arms, strata, and events and participants of each, shape (strata, arms).

    A participant without a response is in none.
    """
    response = response_name(case)
    data = with_strata(case).drop_nulls([response, "arm"])
    arms = arms_in_order(case, data)
    strata, stratum = np.unique(data["stratum"].to_numpy(), return_inverse=True)
    arm = np.array([arms.index(value) for value in data["arm"]])
    sizes, events = np.zeros((2, len(strata), len(arms)))
    np.add.at(sizes, (stratum, arm), 1)
    np.add.at(events, (stratum, arm), data[response].to_numpy())
    return arms, strata.tolist(), events, sizes


def _whole(case: Case, *names: str) -> list[int]:
    """Settings that are counts."""
    values = [case.setting(name) for name in names]
    for name, value in zip(names, values, strict=True):
        if not re.fullmatch(r"\d+(?:\.0*)?", str(value)):
            raise UnusableInputError(f"{name} is a count, not {value!r}", where=case.id)
    return [int(float(value)) for value in values]


def _limits(result: Estimate) -> dict[str, Any]:
    return {"est": result.estimate, "lo": result.lower, "hi": result.upper}


def _one_proportion(case: Case) -> dict[str, Any]:
    """Figures are expected as est, lo and hi, or as the pair of limits."""
    (x, n), level = _whole(case, "x", "n"), confidence_level(case)
    names = {method: method for method in METHODS_OF_ONE} | {
        "waldcc": "wald-cc", "wilsoncc": "wilson-cc", "midp": "mid-p",
        "likelihood_ratio": "likelihood-ratio",
    }  # fmt: skip

    def figures(key: str) -> dict[str, Any] | list[float | None]:
        result = proportion(x, n, method=names[key], level=level)
        pair = isinstance(case.expect[key], list)
        return [result.lower, result.upper] if pair else _limits(result)

    return {key: partial(figures, key) for key in names}


def _two(case: Case) -> tuple[int, int, int, int]:
    """The table of the spec, or that of the arms compared in the data."""
    if "x1" in case.spec:
        x1, n1, x0, n0 = _whole(case, "x1", "n1", "x0", "n0")
        return x1, n1, x0, n0
    return _strata(_tables(case, stratified=False))[0]


def _two_proportions(case: Case) -> dict[str, Any]:
    table, level = _two(case), confidence_level(case)
    differences = {
        "wald": "wald", "waldcc": "wald-cc", "agresti_caffo": "agresti-caffo",
        "newcombe": "newcombe", "newcombe_cc": "newcombe-cc", "mee": "mee",
        "miettinen_nurminen": "miettinen-nurminen", "ha": "hauck-anderson",
        "jp": "jeffreys-perks", "hal": "haldane",
        "skewness_corrected_score": "skewness-corrected-score",
    }  # fmt: skip
    ratios = {
        "risk_ratio_mn": "miettinen-nurminen", "risk_ratio_koopman": "koopman",
        "risk_ratio_katz_log": "katz-half", "risk_ratio_katz": "katz",
    }  # fmt: skip
    odds = {"odds_ratio_mn": "miettinen-nurminen", "odds_ratio_woolf": "woolf"}
    found = {
        a: _limits(risk_difference(*table, method=b, level=level)) for a, b in differences.items()
    }
    found |= {a: _limits(risk_ratio(*table, method=b, level=level)) for a, b in ratios.items()}
    found |= {a: _limits(odds_ratio(*table, method=b, level=level)) for a, b in odds.items()}
    return found


def _statistic(result: TestResult, name: str = "stat") -> dict[str, Any]:
    return {name: result.statistic, "p": result.p_value, "df": result.degrees_of_freedom}


def _conditional(strata: list[Stratum], level: float = 0.95) -> dict[str, Any]:
    ratio = conditional_odds_ratio(strata, level=level)
    return {
        "cmle": ratio.estimate,
        "lo": ratio.lower,
        "hi": ratio.upper,
        "p_two_sided_minlike": ratio.p_value,
        "p_greater": exact_test(strata, alternative="greater").p_value,
        "p_less": exact_test(strata, alternative="less").p_value,
        "midp_two_sided_central": exact_test(strata, mid_p=True).p_value,
    }


def _two_by_two_tests(case: Case) -> dict[str, Any]:
    x1, n1, x0, n0 = table = _two(case)
    counts = [[x1, n1 - x1], [x0, n0 - x0]]

    def unconditional(statistic: str, alternative: str = "two-sided") -> dict[str, Any]:
        result = unconditional_test(*table, statistic=statistic, alternative=alternative)
        return {"p": result.p_value, "nuisance": Maximizer(result.nuisance, result.probability)}

    def in_r(statistic: str) -> dict[str, Any]:
        """As R's Exact prints it."""
        found = unconditional(statistic)
        p1, p0, pooled = x1 / n1, x0 / n0, (x1 + x0) / (n1 + n0)
        r1, r0 = (pooled, pooled) if statistic == "z-pooled" else (p1, p0)
        error = math.sqrt(r1 * (1 - r1) / n1 + r0 * (1 - r0) / n0)
        z = (p1 - p0) / error if error else None
        return {**found, "z": z, "nuisance": {"nuisance parameter": [found["nuisance"]] * 2}}

    def p_of(statistic: str) -> float | None:
        return unconditional_test(*table, statistic=statistic).p_value

    return {
        "chisq": _statistic(chi_square_test(counts)),
        "chisq_yates": _statistic(chi_square_test(counts, correction="yates")),
        "chisq_n_minus_1": _statistic(chi_square_test(counts, correction="n-1")),
        "fisher": {
            "p_two_sided": fisher_test(*table).p_value,
            "p_greater": fisher_test(*table, alternative="greater").p_value,
            "p_less": fisher_test(*table, alternative="less").p_value,
        },
        "fisher_two_sided": fisher_test(*table).p_value,
        "fisher_midp_two_sided_central": fisher_test(*table, mid_p=True).p_value,
        "z_pooled_unconditional": partial(in_r, "z-pooled"),
        "z_unpooled_unconditional": partial(in_r, "z-unpooled"),
        "barnard_z_pooled": partial(in_r, "z-pooled"),
        "barnard_csm": partial(p_of, "csm"),
        "boschloo": partial(p_of, "fisher"),
        "barnard_package_two_sided_wald": partial(p_of, "z-pooled"),
        "conditional": lambda: _conditional([table], confidence_level(case)),
        "unconditional": {
            "barnard_z_pooled_two_sided": partial(unconditional, "z-pooled"),
            "barnard_z_pooled_greater": partial(unconditional, "z-pooled", "greater"),
            "barnard_z_pooled_less": partial(unconditional, "z-pooled", "less"),
            "boschloo_greater": partial(unconditional, "fisher", "greater"),
            "boschloo_less": partial(unconditional, "fisher", "less"),
            "boschloo_two_sided_minlike": partial(unconditional, "fisher"),
        },
    }


def _tables(case: Case, *, stratified: bool = True) -> Floats:
    """Tables x1, n1, x0, n0 of the arms compared, one for each stratum."""
    given = case.spec.get("strata_x1_n1_x0_n0")
    if given is not None:
        if not all(isinstance(row, list) and len(row) == 4 for row in given):
            raise UnusableInputError(
                "a row of strata_x1_n1_x0_n0 is [x1, n1, x0, n0]", where=case.id
            )
        return np.asarray(given, dtype=np.float64)
    active, control = compared_arms(case)
    data = with_strata(case) if stratified else by_arm(case).with_columns(stratum=pl.lit("all"))
    response = response_name(case)
    used = data.filter(pl.col("arm").is_in([active, control])).drop_nulls([response])
    return tabulate(
        used[response].to_numpy(), (used["arm"] == active).to_numpy(), used["stratum"].to_numpy()
    )


def _strata(tables: Floats) -> list[Stratum]:
    return [(int(x1), int(n1), int(x0), int(n0)) for x1, n1, x0, n0 in tables]


def _stratified_exact(case: Case) -> dict[str, Any]:
    return _conditional(_strata(_tables(case)), confidence_level(case))


def _with_error(result: Estimate, name: str = "se") -> dict[str, Any]:
    return {**_limits(result), name: result.standard_error}


def _stratified_two_proportions(case: Case) -> dict[str, Any]:
    tables, level = _tables(case), confidence_level(case)
    weights = mantel_haenszel_weights(used_strata(tables))
    score = stratified_risk_difference(tables, level=level)
    iterated = stratified_risk_difference(tables, weights="miettinen-nurminen", level=level)
    return {
        "cmh_no_cc": _statistic(cmh_test(tables), "chisq"),
        "cmh_cc": _statistic(cmh_test(tables, correction=True), "chisq"),
        "cmh_exact_conditional": {"p": exact_test(_strata(tables)).p_value},
        "common_or_mh_rbg": _with_error(common_odds_ratio(tables, level=level), "se_log"),
        "common_rr_mh_gr": _with_error(common_risk_ratio(tables, level=level), "se_log"),
        "rd_mh_standard": _with_error(
            common_risk_difference(tables, variance="binomial", level=level)
        ),
        "rd_mh_sato": _with_error(common_risk_difference(tables, level=level)),
        "rd_inverse_variance": _with_error(
            common_risk_difference(tables, variance="inverse-variance", level=level)
        ),
        "rd_stratified_miettinen_nurminen_mh": {
            **_limits(score),
            "ratesci_mh": [score.lower, score.upper],
        },
        "rd_stratified_miettinen_nurminen_mn_weights_ratesci": _limits(iterated),
        "rd_stratified_newcombe_cmh": _limits(stratified_newcombe(tables, level=level)),
        "breslow_day": _statistic(breslow_day_test(tables), "chisq"),
        "breslow_day_tarone": _statistic(breslow_day_test(tables, tarone=True), "chisq"),
        "woolf": _statistic(woolf_test(tables), "chisq"),
        "weights_mh": (weights / weights.sum()).tolist(),
    }


def _four_arm_association(case: Case) -> dict[str, Any]:
    arms, _, events, sizes = _cells(case)
    x, n = events.sum(axis=0), sizes.sum(axis=0)
    equal = np.arange(len(arms), dtype=np.float64)
    doses, data = equal, by_arm(case)
    if "dose" in data.columns:
        doses = np.array([data.filter(pl.col("arm") == arm)["dose"][0] for arm in arms])
    scores = np.asarray(case.spec.get("scores", doses), dtype=np.float64)
    general = _statistic(general_association_test(events, sizes), "M2")
    found: dict[str, Any] = {
        "chisq_df3": _statistic(chi_square_test(np.column_stack([x, n - x]))),
        f"chisq_df{len(arms) - 1}": _statistic(chi_square_test(np.column_stack([x, n - x]))),
        f"fisher_{len(arms)}x2": lambda: freeman_halton_test(x, n).p_value,
        "cmh_general_association": {**general, "coin": general["M2"]},
    }
    for name, score in (("dose", scores), ("equal", equal)):
        crude = cochran_armitage_test(x, n, score)
        within = stratified_trend_test(events, sizes, score)
        found[f"cochran_armitage_{name}_scores"] = _squared(crude)
        found[f"cmh_trend_{name}_scores"] = {
            **_squared(within),
            "z": within.statistic,
            "z_sign_of_nonresponse": None if within.statistic is None else -within.statistic,
        }
    return found


def _squared(result: TestResult) -> dict[str, Any]:
    z = result.statistic
    return {"chisq": None if z is None else z * z, "p": result.p_value}


def _exact_power_multi_arm(case: Case) -> dict[str, Any]:
    """Keys such as 'dunnett_2.3489' name the critical value."""
    rates, n = case.setting("rates"), case.spec.get("n", case.spec.get("n_per_arm"))

    def power(key: str) -> dict[str, Any]:
        critical = key.rpartition("_")[2]
        if not re.fullmatch(r"\d+(\.\d+)?", critical):
            raise UnusableInputError(f"{key!r} names no critical value", where=case.id)
        result = exact_power_multi_arm(rates, n, float(critical))
        return {"any": result.any, "each": result.each.tolist(), "all": result.all}

    return {key: partial(power, key) for key in case.expect}


METHODS: Final[Mapping[str, Method]] = {
    "counts": _counts,
    "one_proportion": _one_proportion,
    "two_proportions": _two_proportions,
    "two_by_two_tests": _two_by_two_tests,
    "stratified_two_proportions": _stratified_two_proportions,
    "stratified_exact": _stratified_exact,
    "four_arm_association": _four_arm_association,
    "exact_power_multi_arm": _exact_power_multi_arm,
}
