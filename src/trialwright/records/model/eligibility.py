"""Who may take part."""

from trialwright.records.model.base import Duration, RegisterModel
from trialwright.records.model.codes import SamplingMethod, Sex, StandardAge


class EligibilityModule(RegisterModel):
    """Criteria, sex and ages."""

    eligibility_criteria: str | None = None
    healthy_volunteers: bool | None = None
    sex: Sex | None = None
    gender_based: bool | None = None
    gender_description: str | None = None
    minimum_age: Duration | None = None
    maximum_age: Duration | None = None
    std_ages: tuple[StandardAge, ...] = ()
    study_population: str | None = None
    sampling_method: SamplingMethod | None = None
