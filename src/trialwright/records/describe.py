"""A record in words: labelled facts, then sections, in the order in which people read one."""

from collections.abc import Iterator

from trialwright.records import wording
from trialwright.records.record import Record


def facts(record: Record) -> Iterator[tuple[str, str]]:
    """Yield label and words of each short fact that the record states."""
    yield "Registry id", record.study.protocol_section.identification_module.nct_id or "not stated"
    for label, words in (
        *_names(record),
        *_dates(record),
        *_parties(record),
        *_design(record),
        *_eligibility(record),
    ):
        if words:
            yield label, words
    yield "Format", record.format
    yield "SHA-256", record.sha256


def _names(record: Record) -> Iterator[tuple[str, str | None]]:
    protocol = record.study.protocol_section
    names = protocol.identification_module
    ids = (names.org_study_id_info.id, *(other.id for other in names.secondary_id_infos))
    yield "Other ids", _joined(*ids)
    yield "Acronym", names.acronym
    yield "Official title", names.official_title
    yield "Conditions", _joined(*protocol.conditions_module.conditions)
    yield "Keywords", _joined(*protocol.conditions_module.keywords)
    derived = record.study.derived_section
    for label, module in (
        ("Condition headings", derived.condition_browse_module),
        ("Intervention headings", derived.intervention_browse_module),
    ):
        yield label, _joined(*(mesh.term for mesh in (*module.meshes, *module.ancestors)))


def _dates(record: Record) -> Iterator[tuple[str, str | None]]:
    status = record.study.protocol_section.status_module
    yield "Status", wording.words_of(wording.STATUS, status.overall_status)
    yield "Why stopped", status.why_stopped
    for label, struct in (
        ("Start", status.start_date_struct),
        ("Primary completion", status.primary_completion_date_struct),
        ("Completion", status.completion_date_struct),
        ("First posted", status.study_first_post_date_struct),
        ("Results first posted", status.results_first_post_date_struct),
        ("Last update posted", status.last_update_post_date_struct),
    ):
        yield label, _with_kind(struct.date, struct.type)
    yield "Last verified", status.status_verified_date
    yield "Results", {True: "posted", False: "none posted", None: None}[record.study.has_results]


def _parties(record: Record) -> Iterator[tuple[str, str | None]]:
    protocol = record.study.protocol_section
    sponsors = protocol.sponsor_collaborators_module
    party = sponsors.responsible_party
    yield "Sponsor", sponsors.lead_sponsor.name
    yield "Collaborators", _joined(*(sponsor.name for sponsor in sponsors.collaborators))
    yield (
        "Responsible party",
        _joined(
            party.investigator_full_name,
            party.investigator_title,
            party.investigator_affiliation,
            party.old_name_title,
            party.old_organization,
        )
        or (party.type or "").lower(),
    )
    for official in protocol.contacts_locations_module.overall_officials:
        role = wording.words_of(wording.OFFICIAL_ROLE, official.role)
        yield role or "Official", _joined(official.name, official.affiliation)
    for contact in protocol.contacts_locations_module.central_contacts:
        yield "Contact", _joined(contact.name, contact.phone, contact.email)
    ipd = protocol.ipd_sharing_statement_module
    yield "Data sharing", wording.words_of(wording.IPD_SHARING, ipd.ipd_sharing)


def _design(record: Record) -> Iterator[tuple[str, str | None]]:
    design = record.study.protocol_section.design_module
    info, masking = design.design_info, design.design_info.masking_info
    who = _joined(*(wording.words_of(wording.WHO_MASKED, role) for role in masking.who_masked))
    kind = wording.words_of(wording.MASKING, masking.masking)
    size = design.enrollment_info
    yield "Study type", wording.words_of(wording.STUDY_TYPE, design.study_type)
    yield "Phase", _joined(*(wording.words_of(wording.PHASE, phase) for phase in design.phases))
    yield "Allocation", wording.words_of(wording.ALLOCATION, info.allocation)
    yield "Model", wording.words_of(wording.INTERVENTION_MODEL, info.intervention_model)
    yield "Masking", f"{kind} ({who})" if who else kind
    yield "Purpose", wording.words_of(wording.PURPOSE, info.primary_purpose)
    yield "Enrollment", _with_kind(None if size.count is None else str(size.count), size.type)


def _eligibility(record: Record) -> Iterator[tuple[str, str | None]]:
    module = record.study.protocol_section.eligibility_module
    if module.minimum_age or module.maximum_age:
        yield "Ages", f"{module.minimum_age or 'birth'} to {module.maximum_age or 'no limit'}"
    yield "Sex", wording.words_of(wording.SEX, module.sex)
    yield "Healthy volunteers", {True: "yes", False: "no", None: None}[module.healthy_volunteers]


def sections(record: Record) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield heading and lines of each section that has any."""
    for heading, lines in (
        ("Summary", _summary(record)),
        ("Arms", _arms(record)),
        ("Interventions", _interventions(record)),
        *((f"{rank} outcomes", _outcomes(record, rank)) for rank in _RANKS),
        ("Inclusion criteria", _criteria(record, "inclusion")),
        ("Exclusion criteria", _criteria(record, "exclusion")),
        ("Locations", _locations(record)),
        ("Related trials", _related(record)),
        ("Claimed by no reader", _unclaimed(record)),
    ):
        if found := tuple(lines):
            yield heading, found


_RANKS = ("Primary", "Secondary", "Other", "Unranked")


def _summary(record: Record) -> Iterator[str]:
    module = record.study.protocol_section.description_module
    for text in (module.brief_summary, module.detailed_description):
        yield from (text or "").splitlines()


def _arms(record: Record) -> Iterator[str]:
    for arm in record.study.protocol_section.arms_interventions_module.arm_groups:
        kind = wording.words_of(wording.ARM_TYPE, arm.type)
        given = _joined(*arm.intervention_names)
        head = f"{arm.label} ({kind})" if kind else arm.label or ""
        yield ": ".join(filter(None, (head, given, arm.description)))


def _interventions(record: Record) -> Iterator[str]:
    for each in record.study.protocol_section.arms_interventions_module.interventions:
        kind = wording.words_of(wording.INTERVENTION_TYPE, each.type)
        names = f" (also {_joined(*each.other_names)})" if each.other_names else ""
        tail = f": {each.description}" if each.description else ""
        yield f"{kind} {each.name}{names}{tail}"


def _outcomes(record: Record, rank: str) -> Iterator[str]:
    for of_rank, _, outcome in record.study.protocol_section.outcomes_module.ranked():
        if of_rank != rank.lower():
            continue
        frame = f" [{outcome.time_frame}]" if outcome.time_frame else ""
        tail = f": {outcome.description}" if outcome.description else ""
        yield f"{outcome.measure or 'no measure'}{frame}{tail}"


def _criteria(record: Record, kind: str) -> Iterator[str]:
    return (f"{each.number}. {each.text}" for each in record.criteria if each.kind == kind)


def _locations(record: Record) -> Iterator[str]:
    for place in record.study.protocol_section.contacts_locations_module.locations:
        if words := _joined(place.facility, place.city, place.state, place.zip, place.country):
            yield words


def _related(record: Record) -> Iterator[str]:
    for trial in record.related_trials:
        yield _joined(trial.nct_id, trial.status, trial.phase, trial.title)


def _unclaimed(record: Record) -> Iterator[str]:
    for left in record.unclaimed:
        yield f"line {left.line}: {left.text}" if left.line else left.text


def _joined(*parts: str | None) -> str:
    return "; ".join(part for part in parts if part)


def _with_kind(words: str | None, kind: str | None) -> str | None:
    return f"{words} ({kind.lower()})" if words and kind else words
