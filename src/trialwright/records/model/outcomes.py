"""Outcomes as planned."""

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
