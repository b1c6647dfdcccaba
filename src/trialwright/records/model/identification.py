"""How a study is named and numbered."""

from pydantic import Field

from trialwright.records.model.base import NctId, RegisterModel
from trialwright.records.model.codes import AgencyClass, OrgStudyIdType, SecondaryIdType


class OrgStudyIdInfo(RegisterModel):
    """The sponsor's own number of the study."""

    id: str | None = None
    type: OrgStudyIdType | None = None
    link: str | None = None


class SecondaryIdInfo(RegisterModel):
    """A number that another register or funder gave."""

    id: str | None = None
    type: SecondaryIdType | None = None
    domain: str | None = None
    link: str | None = None


class Organization(RegisterModel):
    """The organization that registered the study."""

    full_name: str | None = None
    agency_class: AgencyClass | None = Field(default=None, alias="class")


class IdentificationModule(RegisterModel):
    """Numbers and titles of the study."""

    nct_id: NctId | None = None
    nct_id_aliases: tuple[NctId, ...] = ()
    org_study_id_info: OrgStudyIdInfo = OrgStudyIdInfo()
    secondary_id_infos: tuple[SecondaryIdInfo, ...] = ()
    organization: Organization = Organization()
    brief_title: str | None = None
    official_title: str | None = None
    acronym: str | None = None
