"""A finding: something in a study that a person should look at, with a stable code."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of `check`.

    Attributes:
        code: stable, such as `TWP201`.
        place: the element concerned, such as `criteria.E6`.
        message: what was found, in a sentence.
        remedy: what to do about it.
    """

    code: str
    place: str
    message: str
    remedy: str = ""

    @property
    def name(self) -> str:
        """How a study's `answers` call it: code and place."""
        return f"{self.code} {self.place}"
