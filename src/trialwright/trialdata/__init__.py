"""The canonical tables that simulation and conduct write and that analysis reads."""

from trialwright.trialdata.tables import TABLES, TrialData

__all__ = ["TABLES", "TrialData"]
