"""The report of a trial: one self-contained page of HTML."""

from trialwright.report.page import render
from trialwright.report.provenance import Provenance
from trialwright.report.wording import findings

__all__ = ["Provenance", "findings", "render"]
