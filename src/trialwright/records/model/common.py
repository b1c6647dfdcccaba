"""Structures that several modules of a registered study share."""

from pydantic import Field

from trialwright.records.model.base import Day, PartialDate, RegisterModel
from trialwright.records.model.codes import AgencyClass, ContactRole, DateType


class DateStruct(RegisterModel):
    """A day and whether it has come."""

    date: Day | None = None
    type: DateType | None = None


class PartialDateStruct(RegisterModel):
    """A day or a month and whether it has come."""

    date: PartialDate | None = None
    type: DateType | None = None


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


class Sponsor(RegisterModel):
    """An organization that pays or helps, and its kind."""

    name: str | None = None
    agency_class: AgencyClass | None = Field(default=None, alias="class")
