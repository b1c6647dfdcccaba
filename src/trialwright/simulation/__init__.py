"""Virtual participants: whole trials by scenario, item by item."""

from trialwright.simulation.scenarios import Scenario, scenario, scenarios
from trialwright.simulation.simulate import simulate, simulated_list

__all__ = ["Scenario", "scenario", "scenarios", "simulate", "simulated_list"]
