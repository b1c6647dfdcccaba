"""Where the numbers of a report come from, so that they can be had again."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What was run on what.

    Attributes:
        study_sha256: of the study file's text.
        record_sha256: of the registry record that the study was checked against, if one was.
        reading: the reading of the study, where it offers several.
        seed, scenario: of a rehearsal; None for real data.
        scenario_title: what the scenario assumes, in words.
        versions: of the programs that computed the numbers.
        command: that gives this report again.
    """

    study_sha256: str
    record_sha256: str | None = None
    reading: str | None = None
    seed: int | None = None
    scenario: str | None = None
    scenario_title: str | None = None
    versions: dict[str, str] = field(default_factory=dict)
    command: str = ""

    @property
    def virtual(self) -> bool:
        """Whether the participants are simulated."""
        return self.scenario is not None
