"""What every element of a study file shares: strict fields, identifiers, and owned assumptions."""

from datetime import date
from typing import Annotated, Any, Self, get_origin

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$")]
"""Names an arm, visit, criterion, outcome …: lower case, joined by hyphens, such as `week-12`."""

ItemName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")]
"""Names a form or an item; rules use it, so words are joined by underscores."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Element(BaseModel):
    """A part of a study: unknown keys are refused, and a choice that no source states says so."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    assumed: bool = Field(
        default=False, description="True where the record is silent and this is our own choice."
    )
    reason: Text | None = Field(default=None, description="Why this was chosen.")
    source: Text | None = Field(
        default=None, description="Where this is stated, if not the record."
    )

    @model_validator(mode="before")
    @classmethod
    def _truth_and_number_and_day_are_three(cls, given: Any) -> Any:
        """Else `count: true` would be one participant, and `on: 0` a day of 1970."""
        fields = cls.model_fields.items() if isinstance(given, dict) else ()
        for name, wanted in ((name, field.annotation) for name, field in fields if name in given):
            value = given[name]
            parts = value if isinstance(value, list | tuple) else [value]
            if isinstance(value, dict) and get_origin(wanted) is dict:
                parts = list(value.values())
            if wanted is not bool and any(isinstance(part, bool) for part in parts):
                raise ValueError(f"{name} is neither true nor false")
            if wanted in (date, date | None) and isinstance(value, int | float):
                raise ValueError(f"{name} is {value}, which is no day: write days as 2026-01-31")
        return given

    @model_validator(mode="after")
    def _assumption_has_a_reason(self) -> Self:
        if self.assumed and not self.reason:
            raise ValueError("an assumed choice needs its reason")
        return self
