"""The physician's global assessment, 0 to 3, and how it follows SLEDAI."""

import numpy as np

from trialwright.simulation.draws import Draws, Floats, wandering
from trialwright.simulation.parameters import number


def global_assessment(
    draws: Draws, days: Floats, sledai: Floats, baseline: int, improvement: Floats
) -> Floats:
    """PGA at each visit, in tenths of a point.

    At baseline it is nearly a matter of the rater. Its change follows the change of SLEDAI, falls
    back to the mean from a high baseline, and improves by itself as care does.

    Args:
        draws: the participants' streams.
        days: of the visits, (visits,).
        sledai: (participants, visits).
        baseline: index of the baseline visit.
        improvement: share of the improvement under care that is reached, (visits,).
    """
    correlation = number("global_assessment.correlation_with_sledai")
    start = sledai[:, baseline]
    typical, spread = (number(f"global_assessment.sledai_{part}") for part in ("mean", "sd"))
    of_sledai = np.clip((start - typical) / spread, -3, 3)
    of_rater = draws.normal("global assessment at baseline")[:, 0]
    mixed = correlation * of_sledai + np.sqrt(1 - correlation**2) * of_rater
    first = number("global_assessment.sd") * mixed

    half_life = number("global_assessment.residual_half_life")
    course = wandering(draws.normal("global assessment at visits", len(days)), days, half_life)
    kept = 0.5 ** (np.abs(days - days[baseline]) / half_life)
    # What of the course its value at baseline doesn't foretell: 0 there, of full SD in the end.
    residual = number("global_assessment.residual_sd") * (course - kept * course[:, [baseline]])
    change = (
        number("global_assessment.per_sledai_point") * (sledai - start[:, None])
        + (
            number("global_assessment.improvement")
            + number("global_assessment.regression_to_mean") * first[:, None]
        )
        * improvement
        + residual
    )
    return np.asarray(
        np.clip(np.round(number("global_assessment.mean") + first[:, None] + change, 1), 0, 3)
    )
