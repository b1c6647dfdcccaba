"""The randomization scheme of a study, as the allocation list needs it."""

from trialwright.protocol.study import Study
from trialwright.randomization import Scheme, StratificationFactor


def randomization_scheme(study: Study) -> Scheme:
    """Arms or sequences, blocks and strata; each stratum's list can take the whole enrollment."""
    sites = tuple(site.id for site in study.sites)
    return Scheme(
        arms=study.randomization.ratio,
        block_sizes=study.randomization.block_sizes,
        list_length=study.design.enrollment.count,
        strata=tuple(
            StratificationFactor(
                factor.id,
                sites if factor.levels == "sites" else tuple(level.id for level in factor.levels),
            )
            for factor in study.randomization.strata
        ),
    )
