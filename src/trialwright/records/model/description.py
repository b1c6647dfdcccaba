"""Oversight, summary, conditions and the plan to share data."""

from trialwright.records.model.base import RegisterModel
from trialwright.records.model.codes import IpdSharing, IpdSharingInfoType


class OversightModule(RegisterModel):
    """Monitoring committee and regulated products."""

    oversight_has_dmc: bool | None = None
    is_fda_regulated_drug: bool | None = None
    is_fda_regulated_device: bool | None = None
    is_unapproved_device: bool | None = None
    is_ppsd: bool | None = None
    is_us_export: bool | None = None
    fdaaa801_violation: bool | None = None


class DescriptionModule(RegisterModel):
    """What the study is about, in prose."""

    brief_summary: str | None = None
    detailed_description: str | None = None


class ConditionsModule(RegisterModel):
    """Conditions studied and keywords."""

    conditions: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()


class IpdSharingStatementModule(RegisterModel):
    """The plan to share participants' data."""

    ipd_sharing: IpdSharing | None = None
    description: str | None = None
    info_types: tuple[IpdSharingInfoType, ...] = ()
    time_frame: str | None = None
    access_criteria: str | None = None
    url: str | None = None
