"""What a case of ranks, covariance or proportional odds may name, and what is refused."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from trialwright.verification.cases import Case, read_cases
from trialwright.verification.compare import run_case
from trialwright.verification.ranks import METHODS

ORACLES = Path(__file__).parents[1] / "stats" / "oracles"
CASES = {case.id: case for case in read_cases(ORACLES / "rank_ancova.json")}
DATA = CASES["ancova"].table()


def figures(case_id: str, **changes: Any) -> dict[str, Any]:
    outcome = run_case(replace(CASES[case_id], **changes), METHODS)
    assert outcome.figures
    assert not [f.problem for f in outcome.figures if f.problem.startswith("not computed")]
    return {figure.path: figure.found for figure in outcome.figures}


def changes_of(arm: int, week: int = 12, data: pl.DataFrame = DATA) -> list[float]:
    return [
        row["chg"]
        for row in data.iter_rows(named=True)
        if (row["arm"], row["week"]) == (arm, week) and row["chg"] is not None
    ]


GROUPS = "two_groups_arm2"
TREND = "van_elteren_kw_jt"
SIZES = {"n": [0, 0]}


@pytest.mark.parametrize(
    ("spec", "name", "pair"),
    [
        ({}, "any", (3, 0)),
        ({"arm": 1}, "any", (1, 0)),
        ({"arm": "arm1", "reference": "Arm 3"}, "any", (1, 3)),
        ({"active": "2", "control": "placebo"}, "any", (2, 0)),
        ({"arms": [1, 2]}, "any", (2, 1)),
        ({"arms": "0 and 2 only"}, "any", (2, 0)),
        ({}, "arm2_vs_arm1", (2, 1)),
        ({}, "welch_arm_3_vs_placebo", (3, 0)),
        ({"arm": 3}, "arm2_vs_arm1", (3, 1)),
    ],
)
def test_the_two_arms(spec: dict[str, Any], name: str, pair: tuple[int, int]) -> None:
    found = figures(GROUPS, method="two_groups", id=name, spec=spec, expect={**SIZES, "W": 0})
    x, y = (changes_of(arm) for arm in pair)
    assert [found["n[0]"], found["n[1]"]] == [len(x), len(y)]
    # W counts the pairs in which the first arm's outcome is the larger one.
    assert found["W"] == sum((a > b) + (a == b) / 2 for a in x for b in y)


@pytest.mark.parametrize(
    ("spec", "name", "week"),
    [
        ({"week": 4}, "any", 4),
        ({"visit": "8"}, "any", 8),
        ({}, "two_groups_week6", 6),
        ({}, "groups_week_10_arm2", 10),
        ({}, "any", 12),
        ({"weeks": [2, 4]}, "any", 4),
    ],
)
def test_the_week(spec: dict[str, Any], name: str, week: int) -> None:
    found = figures(GROUPS, method="two_groups", id=name, spec={"arm": 2, **spec}, expect=SIZES)
    assert [found["n[0]"], found["n[1]"]] == [len(changes_of(2, week)), len(changes_of(0, week))]


def test_a_control_in_words_is_the_reference() -> None:
    words = {0: "Standard", 1: "Alpha", 2: "Beta", 3: "Zeta"}
    data = DATA.with_columns(arm=pl.col("arm").replace_strict(words))
    found = figures(
        GROUPS, method="two_groups", id="any", data=data, spec={}, expect={"welch": {"est": 0.0}}
    )
    x, y = changes_of(3), changes_of(0)
    assert found["welch.est"] == pytest.approx(np.mean(x) - np.mean(y))


def test_the_arms_may_have_any_column() -> None:
    data = DATA.with_columns(cohort="arm").drop("arm", "dose")
    spec = {"arm": "cohort", "week": 12}
    found = figures(GROUPS, method="two_groups", id="any", data=data, spec=spec, expect=SIZES)
    assert [found["n[0]"], found["n[1]"]] == [len(changes_of(3)), len(changes_of(0))]


@pytest.mark.parametrize("level", [0.8, 0.99])
def test_limits_at_another_level_against_scipy(level: float) -> None:
    expect = {key: {"lo": 0.0, "hi": 0.0} for key in ("welch", "student")}
    found = figures(GROUPS, spec={"conf_level": level}, expect=expect)
    x, y = changes_of(2), changes_of(0)
    for key, equal in (("welch", False), ("student", True)):
        limits = stats.ttest_ind(x, y, equal_var=equal).confidence_interval(level)
        assert (found[f"{key}.lo"], found[f"{key}.hi"]) == pytest.approx(tuple(limits))


def test_hodges_lehmann_limits_at_another_level_by_sorted_differences() -> None:
    # The limits are ordered differences whose rank the null distribution of W gives.
    x, y = changes_of(2), changes_of(0)
    differences = sorted(a - b for a in x for b in y)
    expect = {"hodges_lehmann": 0.0, "hl_exact_lo": 0.0, "hl_exact_hi": 0.0}
    narrow = figures(GROUPS, spec={"level": 80}, expect=expect)
    wide = figures(GROUPS, spec={"level": 99}, expect=expect)
    assert narrow["hodges_lehmann"] == pytest.approx(np.median(differences))
    for found in (narrow, wide):
        low = np.searchsorted(differences, found["hl_exact_lo"])
        high = np.searchsorted(differences, found["hl_exact_hi"])
        assert low + high == len(differences) - 1
        assert differences[low] == pytest.approx(found["hl_exact_lo"])
    assert wide["hl_exact_lo"] < narrow["hl_exact_lo"] < narrow["hl_exact_hi"] < wide["hl_exact_hi"]


def test_strata_by_several_columns_by_loops() -> None:
    # Given ranks in each cell of region and ocs_hi for van Elteren, ranks among all for coin's test
    kept = pl.col("chg").is_not_null() & (pl.col("week") == 12) & pl.col("arm").is_in([0, 2])
    rows = DATA.filter(kept).with_columns(place=pl.col("chg").rank()).rows(named=True)
    sums = {"van_elteren": [0.0, 0.0], "stratified": [0.0, 0.0]}
    for cell in sorted({(r["region"], r["ocs_hi"]) for r in rows}):
        inside = [r for r in rows if (r["region"], r["ocs_hi"]) == cell]
        treated = np.array([r["arm"] == 2 for r in inside])
        size, count = len(inside), treated.sum()
        within = stats.rankdata([r["chg"] for r in inside])
        among = np.array([r["place"] for r in inside])
        for name, ranks, weight in (
            ("van_elteren", within, 1 / (size + 1)),
            ("stratified", among, 1.0),
        ):
            sums[name][0] += weight * (ranks[treated].sum() - count * ranks.mean())
            sums[name][1] += weight**2 * count * (size - count) / size * np.var(ranks, ddof=1)
    z = {name: top / np.sqrt(variance) for name, (top, variance) in sums.items()}
    # when a case names both columns
    expect = {"van_elteren_z": 0.0, "van_elteren_p": 0.0, "stratified_z": 0.0, "stratified_p": 0.0}
    found = figures(TREND, spec={"arm": 2, "strata": ["region", "ocs_hi"]}, expect=expect)
    # then van Elteren's sign is that of the treated, coin's of the control
    assert found["van_elteren_z"] == pytest.approx(z["van_elteren"], rel=1e-9)
    assert found["stratified_z"] == pytest.approx(-z["stratified"], rel=1e-9)
    for name in ("van_elteren", "stratified"):
        assert found[f"{name}_p"] == pytest.approx(2 * stats.norm.sf(abs(found[f"{name}_z"])))


def test_block_and_strata_are_the_same_setting() -> None:
    one, other = (
        figures(TREND, spec={key: "region"}, expect={"van_elteren_z": 0.0})
        for key in ("strata", "block")
    )
    assert one == other


def test_the_order_of_arms_is_that_of_the_trend() -> None:
    expect = {"jonckheere": {"J": 0.0, "mean": 0.0, "z": 0.0}, "kruskal": {"H": 0.0, "df": 0}}
    rising = figures(TREND, spec={}, expect=expect)
    falling = figures(TREND, spec={"levels": [3, 2, 1, 0]}, expect=expect)
    assert falling["jonckheere.z"] == pytest.approx(-rising["jonckheere.z"])
    assert falling["kruskal.H"] == pytest.approx(rising["kruskal.H"])
    groups = [changes_of(arm) for arm in range(4)]
    pairs = [(i, j) for j in range(4) for i in range(j)]
    count = sum((b > a) + (a == b) / 2 for i, j in pairs for a in groups[i] for b in groups[j])
    assert rising["jonckheere.J"] == count
    assert rising["kruskal.H"] == pytest.approx(stats.kruskal(*groups).statistic)


@pytest.mark.parametrize(
    ("method", "expect", "inside"),
    [
        ("welch", {"t": 0.0, "df": 0.0, "p": 0.0}, "welch"),
        ("student_arm2", {"t": 0.0, "df": 0.0, "p": 0.0}, "student"),
        ("kruskal_wallis", {"H": 0.0, "df": 0, "p": 0.0}, "kruskal"),
        ("jonckheere_terpstra", {"J": 0.0, "z": 0.0, "p": 0.0}, "jonckheere"),
    ],
)
def test_what_one_method_computes_stands_without_its_name(
    method: str, expect: dict[str, Any], inside: str
) -> None:
    alone = figures(GROUPS, method=method, spec={"arm": 2}, expect=expect)
    among = figures(GROUPS, spec={"arm": 2}, expect={inside: expect})
    assert {f"{inside}.{key}": value for key, value in alone.items()} == among


# --- analysis of covariance -----------------------------------------------------------------------

COEF = [{"term": t, "est": 0.0} for t in ("(Intercept)", "armf1", "armf2", "armf3")]


def test_contrasts_are_from_the_reference_that_the_spec_names() -> None:
    spec = {"formula": "chg ~ arm"}
    expect = {"contrasts": {"est": [0.0] * 3}, "lsmeans_equal": {"est": [0.0] * 4}}
    found = figures("ancova", spec={**spec, "reference": 2}, expect=expect)
    means = {arm: float(np.mean(changes_of(arm))) for arm in range(4)}
    order = [0, 1, 3]
    assert [found[f"contrasts.est[{k}]"] for k in range(3)] == pytest.approx(
        [means[arm] - means[2] for arm in order]
    )
    ordered = figures("ancova", spec={**spec, "levels": [3, 1, 0, 2]}, expect=expect)
    assert [ordered[f"lsmeans_equal.est[{k}]"] for k in range(4)] == pytest.approx(
        [means[arm] for arm in (3, 1, 0, 2)]
    )


def test_a_covariate_of_two_values_is_halfway_in_means_and_contrasts() -> None:
    # Given an arm effect that differs by ocs_hi: contrasts of equal weights average both values
    expect = {"coef": [*COEF, {"term": "ocs_hi", "est": 0.0}, *(
        {"term": f"armf{k}:ocs_hi", "est": 0.0} for k in (1, 2, 3))],
        "contrasts": {"est": [0.0] * 3}, "lsmeans_equal": {"est": [0.0] * 4}}  # fmt: skip
    found = figures("ancova", spec={"formula": "chg ~ arm*ocs_hi"}, expect=expect)
    for k in (1, 2, 3):
        effect = found[f"coef[armf{k}].est"] + found[f"coef[armf{k}:ocs_hi].est"] / 2
        assert found[f"contrasts.est[{k - 1}]"] == pytest.approx(effect)
    assert found["lsmeans_equal.est[0]"] == pytest.approx(
        found["coef[(Intercept)].est"] + found["coef[ocs_hi].est"] / 2
    )


def test_robust_errors_by_their_formulas() -> None:
    # MacKinnon & White 1985: HC0 sums squared residuals, HC1 n / (n - p), HC2 and HC3 leverages
    x = np.array(
        [[1.0, *(float(a == k) for k in (1, 2, 3))] for a in range(4) for _ in changes_of(a)]
    )
    y = np.concatenate([changes_of(a) for a in range(4)])
    inverse = np.linalg.inv(x.T @ x)
    residuals = y - x @ inverse @ x.T @ y
    leverage = np.einsum("ij,jk,ik->i", x, inverse, x)
    n, p = x.shape
    scale = {
        "HC0": 1.0,
        "HC1": n / (n - p),
        "HC2": 1 / (1 - leverage),
        "HC3": 1 / (1 - leverage) ** 2,
    }
    expect = {"coef": COEF, "robust_se": {kind: [0.0] * 4 for kind in scale}}
    found = figures("ancova", spec={"formula": "chg ~ arm"}, expect=expect)
    for kind, factor in scale.items():
        middle = x.T @ (x * (residuals**2 * factor)[:, None])
        errors = np.sqrt(np.diag(inverse @ middle @ inverse))
        assert [found[f"robust_se.{kind}[{k}]"] for k in range(4)] == pytest.approx(errors.tolist())


def test_type_3_terms_are_spelled_as_the_case_spells_them() -> None:
    expect = {"type3_F": {"term": ["armf", "sledai0"], "F": [0.0, 0.0], "p": [0.0, 0.0]}}
    found = figures("ancova", spec={"formula": "chg ~ arm + sledai0"}, expect=expect)
    assert [found["type3_F.term[0]"], found["type3_F.term[1]"]] == ["armf", "sledai0"]


# --- proportional odds ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cut", "counts"),
    [
        ("right-closed at 8, 11", [(0, 8), (9, 11), (12, 99)]),
        ("left-closed at 8, 11", [(0, 7), (8, 10), (11, 99)]),
        ("right-closed at 9", [(0, 9), (10, 99)]),
    ],
)
def test_cuts_of_a_score(cut: str, counts: list[tuple[int, int]]) -> None:
    case = CASES["proportional_odds"]
    spec = {"formula": "category ~ arm", "cut": cut, "score": "sledai0"}
    found = figures("proportional_odds", spec=spec, expect={"counts": [0] * len(counts)})
    scores = case.table()["sledai0"].to_list()
    assert list(found.values()) == [sum(low <= s <= high for s in scores) for low, high in counts]


def test_a_proportional_odds_model_of_two_categories_is_logistic() -> None:
    # With one cut, logit P(Y > k) is a logistic regression; one arm's log odds ratio by its table.
    case = CASES["proportional_odds"]
    data = case.table().filter(pl.col("arm").is_in([0, 2]))
    spec = {"formula": "category ~ arm", "cut": "right-closed at 10", "score": "sledai0"}
    found = figures(
        "proportional_odds", data=data, spec=spec, expect={"term": ["armf2"], "est": [0.0, 0.0]}
    )
    odds = []
    for arm in (2, 0):
        high = [r["sledai0"] > 10 for r in data.iter_rows(named=True) if r["arm"] == arm]
        odds.append(sum(high) / (len(high) - sum(high)))
    assert found["est[0]"] == pytest.approx(np.log(odds[0] / odds[1]), rel=1e-6)
    assert found["est[1]"] == pytest.approx(-np.log(odds[1]), rel=1e-6)


# --- what is refused ------------------------------------------------------------------------------

UNUSABLE: list[tuple[str, dict[str, Any], str]] = [
    (GROUPS, {"spec": {"arm": 9}}, "no arm 9; they have 0, 1, 2, 3"),
    (GROUPS, {"spec": {"reference": "high"}}, "no arm high; they have 0, 1, 2, 3"),
    (GROUPS, {"method": "two_groups_arm9"}, "no arm 9"),
    (GROUPS, {"spec": {"arms": [0, 9]}}, "no row has arm 9"),
    (GROUPS, {"spec": {"arm": 0}}, "arm 0 is compared with itself"),
    (GROUPS, {"spec": {"arms": [2]}}, "arm 2 is compared with itself"),
    (GROUPS, {"spec": {"week": 99}}, "no row has week 99; the data have 1, 2, 4, 6, 8, 10, 12"),
    (GROUPS, {"spec": {"response": "aval"}}, "none of the columns aval"),
    (GROUPS, {"spec": {"response": "region"}}, "column region holds no numbers"),
    ("ancova", {"spec": {"formula": "chg ~ bmi"}}, "no column bmi"),
    ("ancova", {"spec": {"formula": "chg ~ arm", "week": 99}}, "no row has week 99"),
    ("ancova", {"spec": {"formula": "chg arm"}}, "is no formula"),
    ("proportional_odds", {"spec": {"formula": "category ~ arm"}}, "no 'cut'"),
    ("proportional_odds", {"spec": {"formula": "category ~ arm", "cut": "here"}}, "one category"),
    ("proportional_odds", {"spec": {"formula": "category ~ bmi", "cut": "at 3"}}, "no column bmi"),
    ("proportional_odds", {"spec": {"formula": "category ~ arm", "cut": "at 3", "score": "qol"}}, "'qol'"),
]  # fmt: skip


@pytest.mark.parametrize(("case_id", "changes", "said"), UNUSABLE)
def test_a_spec_that_cannot_be_meant_is_out_with_its_reason(
    case_id: str, changes: dict[str, Any], said: str
) -> None:
    outcome = run_case(replace(CASES[case_id], **changes), METHODS)
    assert len(outcome.out) == len(outcome.figures) > 0
    (reason,) = {figure.problem for figure in outcome.figures}
    assert said in reason


@pytest.mark.parametrize(
    ("case_id", "expect", "said"),
    [
        (TREND, {"van_elteren_z": 0.0}, "none of the columns center"),
        ("ancova", {"coef": [{"term": "bmi", "est": 0.0}]}, "no term bmi"),
        ("ancova", {"robust_se": {"HC9": [0.0]}}, "not computed"),
        (GROUPS, {"mood": 0.0}, "not computed"),
    ],
)
def test_a_figure_that_is_not_known_is_out(case_id: str, expect: Any, said: str) -> None:
    spec = {"formula": "chg ~ arm", "strata": "center"}
    outcome = run_case(replace(CASES[case_id], spec=spec, expect=expect), METHODS)
    assert [said in f.problem for f in outcome.out] == [True] * len(outcome.figures)


def test_a_model_without_a_factor_has_no_means() -> None:
    case = replace(CASES["ancova"], spec={"formula": "chg ~ sledai0"})
    outcome = run_case(replace(case, expect={"lsmeans_equal": {"est": [0.0]}, "n": 127}), METHODS)
    assert [f.path for f in outcome.out] == ["lsmeans_equal.est[0]"]


def test_data_without_visits_are_taken_whole() -> None:
    data = DATA.filter(pl.col("week") == 4).drop("week")
    case = Case(id="own", method="two_groups", data=data, spec={"arm": 1}, expect=SIZES, tol_rel=1)
    found = {f.path: f.found for f in run_case(case, METHODS).figures}
    assert found == {"n[0]": len(changes_of(1, 4)), "n[1]": len(changes_of(0, 4))}
