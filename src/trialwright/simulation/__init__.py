"""Virtual participants: whole trials by scenario, item by item."""

from trialwright.simulation.replicates import replicates
from trialwright.simulation.scenarios import Scenario, scenario, scenarios
from trialwright.simulation.simulate import simulate, simulated_list

__all__ = ["Scenario", "replicates", "scenario", "scenarios", "simulate", "simulated_list"]
