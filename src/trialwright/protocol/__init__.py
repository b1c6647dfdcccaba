"""What a trial is: `study.yaml` becomes a `Study`, and is checked."""

from trialwright.protocol.finding import Finding
from trialwright.protocol.items import form_of, rule_items
from trialwright.protocol.load import LoadedStudy, load_study
from trialwright.protocol.study import Study

__all__ = ["Finding", "LoadedStudy", "Study", "form_of", "load_study", "rule_items"]
