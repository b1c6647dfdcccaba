"""Documents of a study."""

from trialwright.records.model.base import Day, RegisterModel


class LargeDoc(RegisterModel):
    """A document and what it holds."""

    type_abbrev: str | None = None
    has_protocol: bool | None = None
    has_sap: bool | None = None
    has_icf: bool | None = None
    label: str | None = None
    date: Day | None = None
    upload_date: str | None = None
    filename: str | None = None
    size: int | None = None


class LargeDocumentModule(RegisterModel):
    """All documents."""

    no_sap: bool | None = None
    large_docs: tuple[LargeDoc, ...] = ()


class DocumentSection(RegisterModel):
    """Protocols, analysis plans and consent forms."""

    large_document_module: LargeDocumentModule = LargeDocumentModule()
