"""Who runs the study, what it is called, where it is registered, where and when it takes place."""

from datetime import date
from typing import Literal

from pydantic import Field

from trialwright.protocol.element import Element, Identifier, Text


class Registration(Element):
    """An entry in a public register."""

    registry: Text
    id: Text
    record_sha256: str | None = Field(
        default=None,
        pattern=r"^[0-9a-f]{64}$",
        description="Hash of the saved record that the study was written from.",
    )


class Identity(Element):
    """Titles, registrations and subject of the study."""

    title: Text
    official_title: Text
    summary: Text
    registrations: tuple[Registration, ...]
    other_ids: tuple[Text, ...] = ()
    conditions: tuple[Text, ...]
    keywords: tuple[Text, ...] = ()


class Official(Element):
    """A person with a public role in the record."""

    name: Text
    role: Text
    affiliation: Text


class Sponsor(Element):
    """The organization that answers for the study."""

    name: Text
    collaborators: tuple[Text, ...] = ()
    responsible_party: Text | None = None
    officials: tuple[Official, ...] = ()


class Site(Element):
    """A hospital that conducts the study."""

    id: Identifier
    name: Text
    city: Text | None = None
    country: Text


class StudyDate(Element):
    """A date of the study: reached (actual) or expected (estimated)."""

    on: date
    type: Literal["actual", "estimated"]


class Status(Element):
    """Where the study stands."""

    overall: Literal[
        "not yet recruiting",
        "recruiting",
        "enrolling by invitation",
        "active, not recruiting",
        "suspended",
        "terminated",
        "completed",
        "withdrawn",
    ]
    start: StudyDate | None = None
    primary_completion: StudyDate
    completion: StudyDate
    first_posted: date | None = None
    last_updated: date | None = None
    last_verified: Text | None = None
    sharing_of_participant_data: Literal["yes", "no", "undecided"] | None = None
