"""Planning: sample size, power, group-sequential bounds, multi-arm multi-stage designs."""

from trialwright.stats.planning.conditional_power import conditional_power, predictive_power
from trialwright.stats.planning.exact_power import (
    ExactSize,
    RateTest,
    binomial_chances,
    rate_test_power,
    rate_test_size,
    rejection_region,
)
from trialwright.stats.planning.group_sequential import (
    BoundKind,
    Crossing,
    GroupSequentialDesign,
    crossing_chances,
    efficacy_bounds,
    information_fractions,
    two_bound_design,
)
from trialwright.stats.planning.multi_arm import (
    IntersectionTest,
    MultiArmAnalysis,
    analyze_arms,
    intersection_p,
)
from trialwright.stats.planning.sample_sizes import (
    SampleSize,
    SurvivalSize,
    crossover_power,
    crossover_size,
    events_size,
    means_size,
    rates_power,
    rates_size,
    rates_size_arcsine,
    survival_size,
)
from trialwright.stats.planning.simulation import SimulatedArms, simulate_arms
from trialwright.stats.planning.spending import SpendingFunction, spent
from trialwright.stats.planning.stagewise import (
    LookAtRates,
    StagewiseInference,
    rate_z,
    rates_at_looks,
    repeated_p_value,
    stagewise_inference,
    stagewise_p_value,
)

__all__ = [
    "BoundKind",
    "Crossing",
    "ExactSize",
    "GroupSequentialDesign",
    "IntersectionTest",
    "LookAtRates",
    "MultiArmAnalysis",
    "RateTest",
    "SampleSize",
    "SimulatedArms",
    "SpendingFunction",
    "StagewiseInference",
    "SurvivalSize",
    "analyze_arms",
    "binomial_chances",
    "conditional_power",
    "crossing_chances",
    "crossover_power",
    "crossover_size",
    "efficacy_bounds",
    "events_size",
    "information_fractions",
    "intersection_p",
    "means_size",
    "predictive_power",
    "rate_test_power",
    "rate_test_size",
    "rate_z",
    "rates_at_looks",
    "rates_power",
    "rates_size",
    "rates_size_arcsine",
    "rejection_region",
    "repeated_p_value",
    "simulate_arms",
    "spent",
    "stagewise_inference",
    "stagewise_p_value",
    "survival_size",
    "two_bound_design",
]
