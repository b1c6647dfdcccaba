"""A proof that proves itself: no figure that is found may depend on the figure that is expected.

Each case is run twice, the second time with every expected number replaced. What is found must be
the same, and nothing may be called within. Names in `expect` (terms, models, arms) stay, since they
say what to compute.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from trialwright.verification.cases import Case, read_cases
from trialwright.verification.compare import Figure, run_case
from trialwright.verification.methods import METHODS

ORACLES = Path(__file__).parents[1] / "stats" / "oracles"
FILES = (
    "binary", "multiplicity", "rank_ancova", "randomisation", "mcpmod", "mcpmod_exact", "design",
    "counts_tte", "crossover", "exact",
)  # fmt: skip
COSTLY = {
    "fit_binary_logit",
    "glmm_nagq1",
    "optimal_design",
    "sample_size_mct",
    "simulate_multi_arm_rates",
}
# Keys whose numbers are themselves names of what is computed, and the one that is a bound.
NAMES = {"arm", "week", "dose", "df_of", "term", "contrast", "doses", "time", "max_abs_gradient"}
CASES = [
    case
    for name in FILES
    for case in read_cases(ORACLES / f"{name}.json")
    if not COSTLY & {case.id, case.method}
]


def disturbed(expected: Any, key: str = "") -> Any:
    """The same shape, every number another one."""
    if isinstance(expected, dict):
        return {name: disturbed(value, name) for name, value in expected.items()}
    if isinstance(expected, list):
        return [disturbed(value, key) for value in expected]
    if isinstance(expected, bool) or not isinstance(expected, int | float) or key in NAMES:
        return expected
    return 1.37 * expected + 0.731


def by_path(case: Case) -> dict[str, Figure]:
    return {figure.path: figure for figure in run_case(case, METHODS).figures}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_what_is_found_does_not_depend_on_what_is_expected(case: Case) -> None:
    honest, fooled = by_path(case), by_path(replace(case, expect=disturbed(case.expect)))
    assert honest.keys() == fooled.keys()
    for path, figure in fooled.items():
        assert figure.found == honest[path].found, path
        number = isinstance(figure.expected, int | float) and not isinstance(figure.expected, bool)
        if number and not NAMES & set(path.replace("[", ".").split(".")):
            assert figure.problem, path
            assert not figure.allowed, path
