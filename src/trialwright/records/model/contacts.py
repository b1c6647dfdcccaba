"""Where a study takes place and whom to ask."""

from trialwright.records.model.base import RegisterModel
from trialwright.records.model.codes import ContactRole, OfficialRole, RecruitmentStatus


class Contact(RegisterModel):
    """A person to write to or call."""

    name: str | None = None
    role: ContactRole | None = None
    phone: str | None = None
    phone_ext: str | None = None
    email: str | None = None


class GeoPoint(RegisterModel):
    """A place on the map."""

    lat: float | int
    lon: float | int


class Official(RegisterModel):
    """An official of the whole study."""

    name: str | None = None
    affiliation: str | None = None
    role: OfficialRole | None = None


class Location(RegisterModel):
    """One place where the study takes place."""

    facility: str | None = None
    status: RecruitmentStatus | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None
    contacts: tuple[Contact, ...] = ()
    geo_point: GeoPoint | None = None


class ContactsLocationsModule(RegisterModel):
    """Central contacts, officials and locations."""

    central_contacts: tuple[Contact, ...] = ()
    overall_officials: tuple[Official, ...] = ()
    locations: tuple[Location, ...] = ()
