"""Where a study stands, and its dates."""

from trialwright.records.model.base import Day, NctId, PartialDate, RegisterModel
from trialwright.records.model.codes import ExpandedAccessStatus, Status
from trialwright.records.model.dates import DateStruct, PartialDateStruct


class ExpandedAccessInfo(RegisterModel):
    """Whether the treatment can be had outside the study."""

    has_expanded_access: bool | None = None
    nct_id: NctId | None = None
    status_for_nct_id: ExpandedAccessStatus | None = None


class StatusModule(RegisterModel):
    """Recruitment status and every date of the study and its record."""

    status_verified_date: PartialDate | None = None
    overall_status: Status | None = None
    last_known_status: Status | None = None
    delayed_posting: bool | None = None
    why_stopped: str | None = None
    expanded_access_info: ExpandedAccessInfo | None = None
    start_date_struct: PartialDateStruct = PartialDateStruct()
    primary_completion_date_struct: PartialDateStruct = PartialDateStruct()
    completion_date_struct: PartialDateStruct = PartialDateStruct()
    study_first_submit_date: Day | None = None
    study_first_submit_qc_date: Day | None = None
    study_first_post_date_struct: DateStruct = DateStruct()
    results_waived: bool | None = None
    results_first_submit_date: Day | None = None
    results_first_submit_qc_date: Day | None = None
    results_first_post_date_struct: DateStruct = DateStruct()
    disp_first_submit_date: Day | None = None
    disp_first_submit_qc_date: Day | None = None
    disp_first_post_date_struct: DateStruct = DateStruct()
    last_update_submit_date: Day | None = None
    last_update_post_date_struct: DateStruct = DateStruct()
