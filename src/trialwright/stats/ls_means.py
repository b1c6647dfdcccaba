"""Least-squares means: what a model expects at each level, all else being held alike.

Searle SR, Speed FM, Milliken GA. Population marginal means in the linear model: an alternative to
least squares means. The American Statistician 1980;34:216-221.
"""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np

from trialwright.errors import UnusableInputError
from trialwright.stats.design import Design
from trialwright.stats.results import Floats, Integers


def ls_mean_weights(
    design: Design,
    over: Sequence[str],
    *,
    weights: str = "equal",
    at: Mapping[str, float] | None = None,
) -> tuple[list[tuple[str, ...]], Floats]:
    """The combinations of coefficients that are least-squares means.

    Args:
        design: the model on its data; its records are the analyzed ones.
        over: the factors whose levels get a mean each; the first varies fastest.
        weights: how the other factors are averaged: 'equal' gives each combination of their levels
            the same weight, 'proportional' its share of the records.
        at: values of covariates; the others stand at their mean over the records (not over the
            participants, who may have several). R's emmeans treats a covariate of two values as a
            factor, so that equal weights put it halfway between them: give that here to agree.

    Returns:
        The levels of each mean, and its weights, shape (means, p).

    Raises:
        UnusableInputError: if `over` or `at` names something else than a factor or a covariate of
            the model, or `weights` is another word.
    """
    wrong = [name for name in over if name not in design.levels]
    wrong += [name for name in at or {} if name not in design.covariates]
    if wrong:
        raise UnusableInputError(
            f"the model has no such factor or covariate: {', '.join(wrong)}",
            remedy=f"factors: {', '.join(design.levels)};"
            f" covariates: {', '.join(design.covariates)}",
        )
    others = [name for name in design.levels if name not in over]
    shown = _combinations(design, over)
    averaged = _combinations(design, others)
    share = _shares(design, others, averaged, weights)
    held = {name: float(design.columns[name].mean()) for name in design.covariates}
    held |= dict(at or {})
    grid = {name: np.full(len(shown) * len(averaged), value) for name, value in held.items()}
    for position, name in enumerate(over):
        grid[name] = np.repeat(shown[:, position], len(averaged))
    for position, name in enumerate(others):
        grid[name] = np.tile(averaged[:, position], len(shown))
    rows = design.matrix(grid).reshape(len(shown), len(averaged), -1)
    names = [
        tuple(design.levels[name][code] for name, code in zip(over, codes, strict=True))
        for codes in shown
    ]
    return names, np.einsum("a,map->mp", share, rows)


def _combinations(design: Design, factors: Sequence[str]) -> Integers:
    sizes = [range(len(design.levels[name])) for name in reversed(factors)]
    codes = [codes[::-1] for codes in product(*sizes)]
    return np.array(codes, dtype=np.int64).reshape(len(codes), len(factors))


def _shares(design: Design, others: Sequence[str], averaged: Integers, weights: str) -> Floats:
    if weights == "equal":
        return np.full(len(averaged), 1 / len(averaged))
    if weights != "proportional":
        raise UnusableInputError(
            f"{weights!r} is no way to weight LS means", remedy="use 'equal' or 'proportional'"
        )
    if not others:
        return np.ones(1)
    codes = np.column_stack([design.columns[name] for name in others])
    return np.array([(codes == each).all(axis=1).mean() for each in averaged])
