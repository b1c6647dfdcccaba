"""TWC1xx: titles, numbers, subject, sponsor, people and places."""

from collections.abc import Iterator

from trialwright.protocol import Finding, Study
from trialwright.records import wording
from trialwright.records.compare.words import differs, left_out, missing_from, same
from trialwright.records.record import Record


def identity_findings(study: Study, record: Record) -> Iterator[Finding]:
    """Yield what differs in names, numbers, people and places."""
    yield from _numbers(study, record)
    yield from _subject(study, record)
    yield from _parties(study, record)
    yield from _officials(study, record)
    yield from _sites(study, record)


def _numbers(study: Study, record: Record) -> Iterator[Finding]:
    names = record.study.protocol_section.identification_module
    registered = [entry.id for entry in study.identity.registrations]
    if names.nct_id and missing_from([names.nct_id], registered):
        yield Finding(
            "TWC101",
            "identity.registrations",
            f"the record is {names.nct_id}, the study names {', '.join(registered) or 'none'}",
            "add the registration, or give the record of this study",
        )
    ids = [names.org_study_id_info.id, *(other.id for other in names.secondary_id_infos)]
    known = [*study.identity.other_ids, *registered]
    for number in missing_from(filter(None, ids), known):
        yield left_out("TWC102", f"identity.other_ids.{number}", number)
    title = names.official_title
    if title and not same(title, study.identity.official_title):
        yield differs("TWC103", "identity.official_title", title, study.identity.official_title)


def _subject(study: Study, record: Record) -> Iterator[Finding]:
    module = record.study.protocol_section.conditions_module
    for condition in missing_from(module.conditions, study.identity.conditions):
        yield left_out("TWC104", f"identity.conditions.{condition}", condition)
    for keyword in missing_from(module.keywords, study.identity.keywords):
        yield left_out("TWC105", f"identity.keywords.{keyword}", keyword)


def _parties(study: Study, record: Record) -> Iterator[Finding]:
    module = record.study.protocol_section.sponsor_collaborators_module
    sponsor = module.lead_sponsor.name
    if sponsor and not same(sponsor, study.sponsor.name):
        yield differs("TWC106", "sponsor.name", sponsor, study.sponsor.name)
    names = [each.name for each in module.collaborators if each.name]
    for name in missing_from(names, study.sponsor.collaborators):
        yield left_out("TWC107", f"sponsor.collaborators.{name}", name)
    party = module.responsible_party
    stated = " ".join(
        filter(None, (study.sponsor.responsible_party, study.sponsor.name))
    ).casefold()
    for words in (
        party.investigator_full_name,
        party.investigator_title,
        party.investigator_affiliation,
    ):
        if words and words.casefold() not in stated:
            yield left_out("TWC108", "sponsor.responsible_party", words)


def _officials(study: Study, record: Record) -> Iterator[Finding]:
    for official in record.study.protocol_section.contacts_locations_module.overall_officials:
        place = f"sponsor.officials.{official.name}"
        known = next(
            (each for each in study.sponsor.officials if same(each.name, official.name)), None
        )
        if known is None:
            yield left_out("TWC109", place, official.name or "")
            continue
        role = wording.words_of(wording.OFFICIAL_ROLE, official.role)
        if role and not same(role, known.role):
            yield differs("TWC109", f"{place}.role", role, known.role)
        if official.affiliation and not same(official.affiliation, known.affiliation):
            yield differs("TWC109", f"{place}.affiliation", official.affiliation, known.affiliation)


def _sites(study: Study, record: Record) -> Iterator[Finding]:
    for location in record.study.protocol_section.contacts_locations_module.locations:
        facility = location.facility or location.city or location.country or ""
        site = next((each for each in study.sites if same(each.name, facility)), None)
        if site is None:
            yield left_out("TWC110", f"sites.{facility}", facility)
            continue
        for key, words, ours in (
            ("city", location.city, site.city),
            ("country", location.country, site.country),
        ):
            if words and not same(words, ours):
                yield differs("TWC110", f"sites.{site.id}.{key}", words, ours)
