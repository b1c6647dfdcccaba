"""The canonical tables that simulation and conduct write and that analysis reads."""

from trialwright.trialdata.files import read_data, write_data
from trialwright.trialdata.origin import Origin, read_origin, write_origin
from trialwright.trialdata.scores import visit_table
from trialwright.trialdata.tables import TABLES, TrialData

__all__ = [
    "TABLES",
    "Origin",
    "TrialData",
    "read_data",
    "read_origin",
    "visit_table",
    "write_data",
    "write_origin",
]
