"""What is captured and when: visits with their windows, forms with their items."""

from typing import Literal, Self

from pydantic import Field, NonNegativeInt, model_validator

from trialwright.protocol.element import Element, Identifier, ItemName, Text


class Window(Element):
    """Days by which a visit may precede or follow its day."""

    before: NonNegativeInt
    after: NonNegativeInt


class Visit(Element):
    """A visit: its day, its window and the forms that it fills.

    Day 1 is the day of the first dose and of randomization; screening has a negative day, and
    there is no day 0. In a crossover, `period` names the period that the visit belongs to.
    """

    id: Identifier
    title: Text
    day: int
    window: Window
    forms: tuple[ItemName, ...]
    period: Identifier | None = None
    kind: Literal["screening", "baseline", "treatment", "follow-up"] = "treatment"

    @model_validator(mode="after")
    def _no_day_zero(self) -> Self:
        if self.day == 0:
            raise ValueError("there is no study day 0: day 1 follows day -1")
        return self


class Code(Element):
    """One answer of a code list."""

    code: Text
    label: Text


class Cdisc(Element):
    """Where the item goes in SDTM: domain and short name (test code or variable)."""

    domain: Text = Field(pattern=r"^[A-Z]{2}$")
    name: Text = Field(pattern=r"^[A-Z][A-Z0-9]{0,7}$")
    verified: bool = Field(
        default=False, description="Whether the name was compared with CDISC's terminology."
    )


class Range(Element):
    """The values that are possible; anything outside is refused at entry."""

    minimum: float
    maximum: float

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.minimum >= self.maximum:
            raise ValueError(f"minimum {self.minimum:g} is not below maximum {self.maximum:g}")
        return self


class NormalRange(Element):
    """A default for laboratories that do not send their own limits."""

    lower: float | None = None
    upper: float | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.lower is None and self.upper is None:
            raise ValueError("normal limits need a lower, an upper, or both")
        if self.lower is not None and self.upper is not None and self.lower >= self.upper:
            raise ValueError(f"lower {self.lower:g} is not below upper {self.upper:g}")
        return self


class Item(Element):
    """One question of a form."""

    id: ItemName
    label: Text
    type: Literal["number", "yes/no", "code", "date", "text"]
    unit: Text | None = Field(default=None, description="UCUM unit of a number.")
    range: Range | None = None
    normal: NormalRange | None = None
    codes: tuple[Code, ...] = ()
    cdisc: Cdisc | None = None
    decimals: NonNegativeInt | None = Field(default=None, description="Decimals kept of a number.")

    @model_validator(mode="after")
    def _type_and_details_agree(self) -> Self:
        if self.type == "number" and (self.unit is None or self.range is None):
            raise ValueError(f"the number {self.id} needs a unit (1 if it has none) and a range")
        if self.type != "number" and (self.unit or self.range or self.normal):
            raise ValueError(f"only a number has a unit, a range and normal limits: {self.id}")
        if (self.type == "code") != bool(self.codes):
            raise ValueError(f"a code item, and no other, needs codes: {self.id}")
        return self


class Form(Element):
    """A page of questions: of its own items, or of the items of a lupus instrument."""

    id: ItemName
    title: Text
    instrument: Identifier | None = None
    items: tuple[Item, ...] = ()

    @model_validator(mode="after")
    def _items_or_instrument(self) -> Self:
        if bool(self.items) == bool(self.instrument):
            raise ValueError(f"the form {self.id} needs either items or an instrument")
        return self
