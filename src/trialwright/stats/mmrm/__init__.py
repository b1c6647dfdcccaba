"""Mixed models for repeated measures: `mmrm` on tables, `fit_mmrm` and `infer` on arrays."""

from trialwright.stats.mmrm.batch import Batch, mmrm_batch
from trialwright.stats.mmrm.fit import Fit, fit_mmrm
from trialwright.stats.mmrm.inference import METHODS, Inference, infer
from trialwright.stats.mmrm.model import Mmrm, mmrm
from trialwright.stats.mmrm.structures import STRUCTURES

__all__ = [
    "METHODS",
    "STRUCTURES",
    "Batch",
    "Fit",
    "Inference",
    "Mmrm",
    "fit_mmrm",
    "infer",
    "mmrm",
    "mmrm_batch",
]
