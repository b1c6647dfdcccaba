"""A registered study, as version 2 of the API of ClinicalTrials.gov writes it."""

from trialwright.records.model.annotation import AnnotationSection
from trialwright.records.model.arms import ArmsInterventionsModule
from trialwright.records.model.base import RegisterModel
from trialwright.records.model.contacts import ContactsLocationsModule
from trialwright.records.model.derived import DerivedSection
from trialwright.records.model.description import (
    ConditionsModule,
    DescriptionModule,
    IpdSharingStatementModule,
    OversightModule,
)
from trialwright.records.model.design import DesignModule
from trialwright.records.model.documents import DocumentSection
from trialwright.records.model.eligibility import EligibilityModule
from trialwright.records.model.identification import IdentificationModule
from trialwright.records.model.outcomes import OutcomesModule
from trialwright.records.model.references import ReferencesModule
from trialwright.records.model.results_adverse import AdverseEventsModule
from trialwright.records.model.results_flow import ParticipantFlowModule
from trialwright.records.model.results_measures import (
    BaselineCharacteristicsModule,
    OutcomeMeasuresModule,
)
from trialwright.records.model.results_more import MoreInfoModule
from trialwright.records.model.sponsors import SponsorCollaboratorsModule
from trialwright.records.model.status import StatusModule


class ProtocolSection(RegisterModel):
    """What the study plans."""

    identification_module: IdentificationModule = IdentificationModule()
    status_module: StatusModule = StatusModule()
    sponsor_collaborators_module: SponsorCollaboratorsModule = SponsorCollaboratorsModule()
    oversight_module: OversightModule = OversightModule()
    description_module: DescriptionModule = DescriptionModule()
    conditions_module: ConditionsModule = ConditionsModule()
    design_module: DesignModule = DesignModule()
    arms_interventions_module: ArmsInterventionsModule = ArmsInterventionsModule()
    outcomes_module: OutcomesModule = OutcomesModule()
    eligibility_module: EligibilityModule = EligibilityModule()
    contacts_locations_module: ContactsLocationsModule = ContactsLocationsModule()
    references_module: ReferencesModule = ReferencesModule()
    ipd_sharing_statement_module: IpdSharingStatementModule = IpdSharingStatementModule()


class ResultsSection(RegisterModel):
    """What the study found."""

    participant_flow_module: ParticipantFlowModule = ParticipantFlowModule()
    baseline_characteristics_module: BaselineCharacteristicsModule = BaselineCharacteristicsModule()
    outcome_measures_module: OutcomeMeasuresModule = OutcomeMeasuresModule()
    adverse_events_module: AdverseEventsModule = AdverseEventsModule()
    more_info_module: MoreInfoModule = MoreInfoModule()


class RegisteredStudy(RegisterModel):
    """One study of the register."""

    protocol_section: ProtocolSection = ProtocolSection()
    results_section: ResultsSection | None = None
    document_section: DocumentSection | None = None
    annotation_section: AnnotationSection | None = None
    derived_section: DerivedSection = DerivedSection()
    has_results: bool | None = None
