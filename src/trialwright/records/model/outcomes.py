"""Outcomes as planned."""

from collections.abc import Iterator

from trialwright.records.model.base import RegisterModel


class Outcome(RegisterModel):
    """One outcome: what is measured and when."""

    measure: str | None = None
    description: str | None = None
    time_frame: str | None = None


class OutcomesModule(RegisterModel):
    """Outcomes by rank."""

    primary_outcomes: tuple[Outcome, ...] = ()
    secondary_outcomes: tuple[Outcome, ...] = ()
    other_outcomes: tuple[Outcome, ...] = ()
    unranked_outcomes: tuple[Outcome, ...] = ()  # ours: the page states no rank

    def ranked(self) -> Iterator[tuple[str, int, Outcome]]:
        """Each outcome with its rank, such as `primary`, and its place in the list of that rank."""
        for rank in ("primary", "secondary", "other", "unranked"):
            for index, outcome in enumerate(getattr(self, f"{rank}_outcomes")):
                yield rank, index, outcome
