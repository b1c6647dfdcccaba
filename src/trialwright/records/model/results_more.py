"""Results: caveats, agreements and whom to ask."""

from trialwright.records.model.base import RegisterModel
from trialwright.records.model.codes import AgreementRestrictionType


class LimitationsAndCaveats(RegisterModel):
    """What limits the results."""

    description: str | None = None


class CertainAgreement(RegisterModel):
    """What investigators may publish."""

    pi_sponsor_employee: bool | None = None
    restriction_type: AgreementRestrictionType | None = None
    restrictive_agreement: bool | None = None
    other_details: str | None = None


class PointOfContact(RegisterModel):
    """Who answers questions about the results."""

    title: str | None = None
    organization: str = ""
    email: str | None = None
    phone: str | None = None
    phone_ext: str | None = None


class MoreInfoModule(RegisterModel):
    """Caveats, agreements and contact."""

    limitations_and_caveats: LimitationsAndCaveats | None = None
    certain_agreement: CertainAgreement | None = None
    point_of_contact: PointOfContact | None = None
