"""The table of methods: every public case has one, and no two topics claim the same name."""

import json
from importlib import import_module
from itertools import combinations
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from trialwright.verification.cases import Case
from trialwright.verification.compare import run_case
from trialwright.verification.methods import METHODS

TOPICS = (
    "binary", "binary_models", "counts", "crossover", "design", "dose_response", "missing", "mmrm",
    "multiplicity", "randomization", "ranks", "survival",
)  # fmt: skip
TABLES = {name: import_module(f"trialwright.verification.{name}").METHODS for name in TOPICS}
STATS = Path(__file__).parents[1] / "stats"
ASKED = sorted(
    {
        (path.stem, record.get("method") or record["id"])
        for folder in ("oracles", "oracles_more")
        for path in sorted((STATS / folder).glob("*.json"))
        for record in json.loads(path.read_text(encoding="utf-8"))["cases"]
    }
)


def test_no_two_topics_claim_a_method() -> None:
    for one, other in combinations(TOPICS, 2):
        assert not TABLES[one].keys() & TABLES[other].keys(), (one, other)
    assert sum(map(len, TABLES.values())) == len(METHODS)


def case(method: str, **spec: Any) -> Case:
    return Case(id="c", method=method, data=None, spec=spec, expect={"no such": 1}, tol_rel=0)


@pytest.mark.parametrize(("file", "method"), ASKED)
def test_every_method_of_a_file_is_served(file: str, method: str) -> None:
    (figure,) = run_case(case(method), METHODS).figures
    assert "there is no method" not in figure.problem


@pytest.mark.parametrize("name", sorted(METHODS))
def test_without_settings_and_data_a_method_ends_in_words(name: str) -> None:
    outcome = run_case(case(name.removesuffix("*")), METHODS)
    (figure,) = outcome.figures
    assert figure.unusable, figure.problem
    assert figure.found is None


ROWS = pl.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "x"]})
OF_ROWS = sorted(
    {*TABLES["survival"], *TABLES["counts"], *TABLES["crossover"], *TABLES["missing"]}
    - {"exact_rate", "exact_rate_ratio"}
)


@pytest.mark.parametrize("name", OF_ROWS)
def test_with_data_about_something_else_a_method_ends_in_words(name: str) -> None:
    given_ = Case(
        id="c", method=name.removesuffix("*"), data=ROWS, spec={"formula": "y ~ arm"},
        expect={"est": 1.0}, tol_rel=0,
    )  # fmt: skip
    (figure,) = run_case(given_, METHODS).figures
    assert figure.unusable, figure.problem
