"""Every example in the documentation of the statistics is run."""

import doctest
import importlib
import inspect
import pkgutil

import pytest

import trialwright.stats

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(trialwright.stats.__path__, "trialwright.stats.")
    if not module.ispkg
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_what_they_show(name: str) -> None:
    module = importlib.import_module(name)
    # Compiled functions are no functions to doctest; they carry no examples.
    finder = doctest.DocTestFinder(exclude_empty=True)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for example in finder.find(module, name, globs=dict(vars(module))):
        runner.run(example)
    assert runner.failures == 0


def test_the_search_finds_examples() -> None:
    module = importlib.import_module("trialwright.stats.proportions.difference")
    assert ">>>" in inspect.getdoc(module.risk_difference)  # type: ignore[operator]  # it has one
