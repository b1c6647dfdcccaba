"""What all parts of a registered study have in common."""

from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from pydantic.alias_generators import to_camel

JsonObject = dict[str, Any]


class RegisterModel(BaseModel):
    """A structure of the register: its own key names, unchanged after reading.

    What a record leaves out stays unset, so that it is written back as it was read. Keys that the
    schema no longer knows are kept and written back too.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="allow",
        frozen=True,
        strict=True,
    )

    def as_json(self) -> JsonObject:
        """Return what was read, key for key, ready for `json.dumps`."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _on_calendar(text: str) -> str:
    """Return the day or month as it is; raise ValueError if no calendar has it."""
    date.fromisoformat((text + "-01-01")[:10])
    return text


NctId = Annotated[str, StringConstraints(pattern=r"^NCT\d{8}$")]
Day = Annotated[
    str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_on_calendar)
]
PartialDate = Annotated[
    str, StringConstraints(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$"), AfterValidator(_on_calendar)
]
Duration = Annotated[str, StringConstraints(pattern=r"^\d+ (Year|Month|Week|Day|Hour|Minute)s?$")]
