"""Literature and data that belong to a study."""

from trialwright.records.model.base import RegisterModel
from trialwright.records.model.codes import ReferenceType


class Retraction(RegisterModel):
    """The notice that retracted a publication."""

    pmid: str | None = None
    source: str | None = None


class Reference(RegisterModel):
    """A publication."""

    pmid: str | None = None
    type: ReferenceType | None = None
    citation: str | None = None
    retractions: tuple[Retraction, ...] = ()


class SeeAlsoLink(RegisterModel):
    """A link to a page."""

    label: str | None = None
    url: str | None = None


class AvailIpd(RegisterModel):
    """A data set or document that can be had."""

    id: str | None = None
    type: str | None = None
    url: str | None = None
    comment: str | None = None


class ReferencesModule(RegisterModel):
    """Publications, links and available data."""

    references: tuple[Reference, ...] = ()
    see_also_links: tuple[SeeAlsoLink, ...] = ()
    avail_ipds: tuple[AvailIpd, ...] = ()
