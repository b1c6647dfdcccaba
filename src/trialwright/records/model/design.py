"""The design of a study."""

from trialwright.records.model.base import Duration, RegisterModel
from trialwright.records.model.codes import (
    BioSpecRetention,
    DesignAllocation,
    DesignMasking,
    DesignTimePerspective,
    EnrollmentType,
    InterventionalAssignment,
    ObservationalModel,
    Phase,
    PrimaryPurpose,
    StudyType,
    WhoMasked,
)


class ExpandedAccessTypes(RegisterModel):
    """Kinds of expanded access."""

    individual: bool | None = None
    intermediate: bool | None = None
    treatment: bool | None = None


class MaskingBlock(RegisterModel):
    """How many and which roles are masked."""

    masking: DesignMasking | None = None
    masking_description: str | None = None
    who_masked: tuple[WhoMasked, ...] = ()


class DesignInfo(RegisterModel):
    """Allocation, model, purpose and masking."""

    allocation: DesignAllocation | None = None
    intervention_model: InterventionalAssignment | None = None
    intervention_model_description: str | None = None
    primary_purpose: PrimaryPurpose | None = None
    observational_model: ObservationalModel | None = None
    time_perspective: DesignTimePerspective | None = None
    masking_info: MaskingBlock = MaskingBlock()


class BioSpec(RegisterModel):
    """Biological samples that are kept."""

    retention: BioSpecRetention | None = None
    description: str | None = None


class EnrollmentInfo(RegisterModel):
    """How many participants, planned or reached."""

    count: int | None = None
    type: EnrollmentType | None = None


class DesignModule(RegisterModel):
    """Type, phases, design and size of the study."""

    study_type: StudyType | None = None
    n_ptrs_to_this_exp_acc_nct_id: int | None = None
    expanded_access_types: ExpandedAccessTypes | None = None
    patient_registry: bool | None = None
    target_duration: Duration | None = None
    phases: tuple[Phase, ...] = ()
    design_info: DesignInfo = DesignInfo()
    bio_spec: BioSpec | None = None
    enrollment_info: EnrollmentInfo = EnrollmentInfo()
