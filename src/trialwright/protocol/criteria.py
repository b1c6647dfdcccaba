"""Eligibility criteria: our words, the rule that decides them, and where the record says it."""

from typing import Annotated, Literal

from pydantic import PositiveInt, StringConstraints

from trialwright.protocol.element import Element, Text

CriterionId = Annotated[str, StringConstraints(pattern=r"^[IE][1-9][0-9]*[a-z]?$")]
"""`I2` for the second inclusion criterion, `E12` for the twelfth exclusion criterion."""


class Criterion(Element):
    """One eligibility criterion.

    The rule states when the criterion as written is met: a participant is eligible when every
    inclusion criterion is met and no exclusion criterion is.
    """

    id: CriterionId
    kind: Literal["inclusion", "exclusion"]
    record_number: PositiveInt | None = None
    text: Text
    rule: Text | None = None
