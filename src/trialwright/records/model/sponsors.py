"""Who answers for a study."""

from pydantic import Field

from trialwright.records.model.base import RegisterModel
from trialwright.records.model.codes import AgencyClass, ResponsiblePartyType


class Sponsor(RegisterModel):
    """An organization that pays or helps, and its kind."""

    name: str | None = None
    agency_class: AgencyClass | None = Field(default=None, alias="class")


class ResponsibleParty(RegisterModel):
    """The party that answers for the record."""

    type: ResponsiblePartyType | None = None
    investigator_full_name: str | None = None
    investigator_title: str | None = None
    investigator_affiliation: str | None = None
    old_name_title: str | None = None
    old_organization: str | None = None


class SponsorCollaboratorsModule(RegisterModel):
    """Responsible party, lead sponsor and collaborators."""

    responsible_party: ResponsibleParty = ResponsibleParty()
    lead_sponsor: Sponsor = Sponsor()
    collaborators: tuple[Sponsor, ...] = ()
