"""The four numbers of a two-by-two table, and the quantile of a level, checked."""

from dataclasses import dataclass
from numbers import Integral

from trialwright.errors import UnusableInputError
from trialwright.stats.distributions import normal_upper_quantile


@dataclass(frozen=True, slots=True)
class TwoArms:
    """Events among participants of an active arm and of a control arm.

    Raises:
        UnusableInputError: unless 0 ≤ events ≤ participants, whole numbers, and 0 < participants,
            in both arms.
    """

    events: int
    participants: int
    control_events: int
    control_participants: int

    def __post_init__(self) -> None:
        check_counts(self.events, self.participants)
        check_counts(self.control_events, self.control_participants)

    @property
    def risk(self) -> float:
        """Proportion with an event in the active arm."""
        return self.events / self.participants

    @property
    def control_risk(self) -> float:
        """Proportion with an event in the control arm."""
        return self.control_events / self.control_participants

    @property
    def total(self) -> int:
        """Participants of both arms."""
        return self.participants + self.control_participants

    @property
    def total_events(self) -> int:
        """Events of both arms."""
        return self.events + self.control_events

    @property
    def counts(self) -> dict[str, int]:
        """The four numbers by name."""
        return {
            "events": self.events,
            "participants": self.participants,
            "control events": self.control_events,
            "control participants": self.control_participants,
        }


def check_counts(events: int, participants: int) -> None:
    """Raise `UnusableInputError` unless 0 ≤ events ≤ participants, whole, and 0 < participants."""
    counts: tuple[object, ...] = (events, participants)
    if not all(isinstance(count, Integral) for count in counts):
        raise UnusableInputError(f"counts are whole numbers, not {events!r} of {participants!r}")
    if participants <= 0:
        raise UnusableInputError("a proportion needs at least one participant in each arm")
    if not 0 <= events <= participants:
        raise UnusableInputError(f"{events} events among {participants} participants cannot be")


def normal_quantile(level: float) -> float:
    """The normal quantile that leaves half of 1 − level on each side."""
    if not 0 < level < 1:
        raise UnusableInputError(f"a confidence level lies between 0 and 1, not at {level}")
    return float(normal_upper_quantile((1 - level) / 2))
