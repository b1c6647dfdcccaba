"""The estimands of a study, estimated on the data of its trial."""

from trialwright.analysis.analyze import analyze
from trialwright.analysis.canonical import canonical_json
from trialwright.analysis.results import Results

__all__ = ["Results", "analyze", "canonical_json"]
