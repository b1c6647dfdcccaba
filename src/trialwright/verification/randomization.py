"""Cases of randomization: minimization scores and odds, and how well blocks can be guessed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from trialwright.errors import UnusableInputError
from trialwright.randomization.minimization import Measure, assignment_odds, imbalance
from trialwright.randomization.predictability import convergent_guess_share
from trialwright.verification.cases import Case
from trialwright.verification.compare import Method

BEST_SHARE: Final = 0.9
"""The share of the best arms where neither a spec nor words say it, as in the public cases."""

GUESS: Final = "permuted_block_guess"


def _minimization(measure: Measure) -> Method:
    """Scores, best arms and odds; arms are numbered from 1, as in the histories of the cases.

    A spec has `history`, pairs of an arm and its participant's levels, and `new`, the newcomer's
    levels; it may have `weights` (else equal ones of one), `best_share` and `arms`.
    """

    def compute(case: Case) -> Mapping[str, Any]:
        newcomer = case.setting("new")
        history = case.setting("history")
        allocated = np.array([arm for arm, _ in history], dtype=np.intp)
        arms = _arms(case, allocated)
        if allocated.size and not 1 <= allocated.min() <= allocated.max() <= arms:
            raise UnusableInputError(f"arms are numbered 1 to {arms}", where=case.id)
        scores = imbalance(
            allocated - 1,
            np.array([levels for _, levels in history]).reshape(-1, len(newcomer)),
            newcomer,
            arms=arms,
            weights=case.spec.get("weights", np.ones(len(newcomer))),
            measure=measure,
        )
        said = case.said(r"best arms? shares? (0?\.\d+)") or BEST_SHARE
        odds = assignment_odds(scores, float(case.first("best_share", default=said)))
        return {
            "score": scores,
            "best": np.flatnonzero(scores <= scores.min() + 1e-9) + 1,
            "odds": odds,
        }

    return compute


def _arms(case: Case, allocated: NDArray[np.intp]) -> int:
    """The number of arms: of the spec; else as many as scores are asked for, or the history has."""
    if "arms" in case.spec:
        return int(case.spec["arms"])
    seen = int(allocated.max(initial=0))
    asked = [case.expect.get(key) for key in ("score", "odds")]
    return max(seen, *(len(row) if isinstance(row, Sequence) else 0 for row in asked))


def _block_guess(case: Case) -> Mapping[str, Any]:
    """The block is that of the spec; else that of the name, as in permuted_block_guess_2_1_1."""
    places = case.spec.get("block") or case.method.removeprefix(GUESS).strip("_").split("_")
    try:
        block = tuple(int(place) for place in places)
    except ValueError as error:
        raise UnusableInputError("neither spec nor method names a block", where=case.id) from error
    if min(block) < 0 or sum(block) == 0:
        raise UnusableInputError(f"there is no block {block}", where=case.id)
    share = convergent_guess_share(block)
    return {
        "share": float(share),
        "fraction": f"{share.numerator}/{share.denominator}",
    }


SCORES: Final[Mapping[str, Callable[[Case], Mapping[str, Any]]]] = {
    f"{stem}_{measure}": _minimization(measure)
    for stem in ("minimisation", "minimization")
    for measure in ("range", "variance", "pairwise")
}
METHODS: Final[Mapping[str, Method]] = {**SCORES, GUESS: _block_guess, f"{GUESS}_*": _block_guess}
