"""Dose response: MCP-Mod from candidates to target dose, and comparisons with a control."""

from trialwright.stats.dose_response.allocation import (
    OptimalAllocation,
    optimal_allocation,
    whole_participants,
)
from trialwright.stats.dose_response.candidates import (
    Candidate,
    candidate_means,
    parameters_from_share,
)
from trialwright.stats.dose_response.contrasts import (
    ContrastTest,
    contrast_correlation,
    contrast_test,
    optimal_contrasts,
)
from trialwright.stats.dose_response.estimates import (
    DoseEstimates,
    logit_estimates,
    normal_estimates,
)
from trialwright.stats.dose_response.fits import (
    AveragedCurve,
    FittedCurve,
    average_curves,
    fit_curve,
)
from trialwright.stats.dose_response.many_to_one import (
    SimultaneousComparisons,
    dunnett,
    simultaneous_comparisons,
    williams,
)
from trialwright.stats.dose_response.power import (
    ContrastSampleSize,
    contrast_power,
    contrast_sample_size,
)
from trialwright.stats.dose_response.shapes import SHAPES
from trialwright.stats.dose_response.target_doses import effective_dose, target_dose

__all__ = [
    "SHAPES",
    "AveragedCurve",
    "Candidate",
    "ContrastSampleSize",
    "ContrastTest",
    "DoseEstimates",
    "FittedCurve",
    "OptimalAllocation",
    "SimultaneousComparisons",
    "average_curves",
    "candidate_means",
    "contrast_correlation",
    "contrast_power",
    "contrast_sample_size",
    "contrast_test",
    "dunnett",
    "effective_dose",
    "fit_curve",
    "logit_estimates",
    "normal_estimates",
    "optimal_allocation",
    "optimal_contrasts",
    "parameters_from_share",
    "simultaneous_comparisons",
    "target_dose",
    "whole_participants",
    "williams",
]
