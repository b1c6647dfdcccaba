"""The classic record page of ClinicalTrials.gov, saved as text."""

import re
from collections.abc import Mapping

from trialwright.errors import UnusableInputError
from trialwright.records import wording
from trialwright.records.classic_arms import read_arms, read_interventions
from trialwright.records.classic_places import read_location
from trialwright.records.mesh import MeshTerm, file_under_mesh, split_mesh
from trialwright.records.page import (
    ELIGIBILITY,
    PROTOCOL,
    Page,
    Rule,
    ValueReader,
    cells_of,
    furniture,
    named_cells,
    one_of,
    read_lines,
    text_at,
)
from trialwright.records.record import Record

# What a whole page states, from its middle to its end.
_LANDMARKS: Mapping[str, str] = {
    PROTOCOL + "identificationModule.nctId": "the identifier",
    PROTOCOL + "designModule.studyType": "the study type",
    ELIGIBILITY: "the eligibility criteria",
    PROTOCOL + "statusModule.statusVerifiedDate": "the date of the last verification",
}


def looks_classic(text: str) -> bool:
    """Return whether the text is a page of this kind, whole or not."""
    return "ClinicalTrials.gov Identifier:" in text


def read_classic_page(text: str, sha256: str) -> Record:
    """Return the record of a page.

    Raises:
        UnusableInputError: the page lacks what every page has, so it is cut or damaged.
    """
    page = Page(tuple(text.split("\n")))
    read_lines(page, _RULES, _read_stray)
    missing = [name for path, name in _LANDMARKS.items() if path not in page.places]
    if missing:
        raise UnusableInputError(
            f"the record page is cut or damaged: it does not state {', '.join(missing)}",
            remedy="Save the whole page again.",
        )
    return page.record("classic-page", sha256)


def _date_at(path: str, kind: str | None = None) -> ValueReader:
    def read(page: Page, words: str) -> None:
        day = wording.read_date(words.removesuffix("Key Record Dates").strip())
        page.put(path, {"date": day, "type": kind} if kind else day)

    return read


def _posted(path: str) -> ValueReader:
    """Read a date of posting; a page does not say whether it is estimated."""

    def read(page: Page, words: str) -> None:
        day = wording.read_date(words.removesuffix("Key Record Dates").strip())
        page.put(f"statusModule.{path}.date", day)

    return read


def _study_type(page: Page, words: str) -> None:
    one_of("designModule.studyType", wording.STUDY_TYPE)(
        page, words.removesuffix("(Clinical Trial)").strip()
    )


def _enrollment(kind: str) -> ValueReader:
    def read(page: Page, words: str) -> None:
        found = re.fullmatch(r"([\d,]+)(?: participants?)?", words)
        if not found:
            raise ValueError(words)
        count = int(found[1].replace(",", ""))
        page.put("designModule.enrollmentInfo", {"count": count, "type": kind})

    return read


def _masking(page: Page, words: str) -> None:
    found = re.fullmatch(r"(?P<masking>\w+)(?: \((?P<who>[^)]*)\))?", words)
    if not found:
        raise ValueError(words)
    one_of("designModule.designInfo.maskingInfo.masking", wording.MASKING)(page, found["masking"])
    if found["who"] and found["who"] != "Open Label":
        who = [wording.WHO_MASKED.get(role.strip(), "") for role in found["who"].split(",")]
        if "" in who:
            raise ValueError(words)
        page.put("designModule.designInfo.maskingInfo.whoMasked", who)


def _ages(page: Page, words: str) -> None:
    found = re.fullmatch(r"(?P<ages>[^(]*?)(?:\s*\((?P<groups>[^)]*)\))?", words)
    if not found:
        raise ValueError(words)
    ages, groups = found["ages"], found["groups"]
    if not groups and ages and all(g.strip() in wording.STANDARD_AGE for g in ages.split(",")):
        ages, groups = "", ages  # no limit: the page shows the groups alone
    low, high = wording.read_ages(ages)
    for key, age in (("minimumAge", low), ("maximumAge", high)):
        if age:
            page.put(f"eligibilityModule.{key}", age)
    if groups:
        codes = [wording.STANDARD_AGE[group.strip()] for group in groups.split(",")]
        page.put("eligibilityModule.stdAges", codes)


def _responsible_party(page: Page, words: str) -> None:
    """Read `name, title, affiliation` of an investigator, or the name of a sponsor."""
    name, _, rest = words.partition(", ")
    title, _, affiliation = rest.rpartition(", ")
    if not rest:
        page.put("sponsorCollaboratorsModule.responsibleParty", {"type": "SPONSOR"})
        page.put("sponsorCollaboratorsModule.leadSponsor", {"name": words})
        return
    party = {"investigatorFullName": name, "investigatorTitle": title}
    party["investigatorAffiliation"] = affiliation
    page.put("sponsorCollaboratorsModule.responsibleParty", party)


def _other_ids(page: Page, words: str) -> None:
    """Read the sponsor's own number, then the numbers of others, one a line up to the bar."""
    ids = [words] if words else []
    closed = bool(words)
    while not closed and page.peek(1) and ":" not in page.peek(1):
        page.at += 1
        ids.append(page.line.rstrip("| "))
        closed = page.line.endswith("|")
    if not ids:
        raise ValueError(words)
    page.put("identificationModule.orgStudyIdInfo", {"id": ids[0]})
    for other in ids[1:]:
        page.append("identificationModule.secondaryIdInfos", {"id": other})


def _status(page: Page, words: str) -> None:
    if not words:
        page.at += 1
        words = page.line
    one_of("statusModule.overallStatus", wording.STATUS)(page, words)


def _sponsor(page: Page, words: str) -> None:
    page.put("sponsorCollaboratorsModule.leadSponsor", {"name": words})


def _collaborator(page: Page, words: str) -> None:
    page.append("sponsorCollaboratorsModule.collaborators", {"name": words})


def _keywords_line(page: Page, words: str) -> None:
    page.put("conditionsModule.keywords", [word.strip() for word in re.split(r",(?! )", words)])


_VALUES: Mapping[str, ValueReader] = {
    "ClinicalTrials.gov Identifier": text_at("identificationModule.nctId"),
    "Recruitment Status": _status,
    "First Posted": _posted("studyFirstPostDateStruct"),
    "Results First Posted": _posted("resultsFirstPostDateStruct"),
    "Last Update Posted": _posted("lastUpdatePostDateStruct"),
    "Last Verified": _date_at("statusModule.statusVerifiedDate"),
    "Actual Study Start Date": _date_at("statusModule.startDateStruct", "ACTUAL"),
    "Estimated Study Start Date": _date_at("statusModule.startDateStruct", "ESTIMATED"),
    "Actual Primary Completion Date": _date_at(
        "statusModule.primaryCompletionDateStruct", "ACTUAL"
    ),
    "Estimated Primary Completion Date": _date_at(
        "statusModule.primaryCompletionDateStruct", "ESTIMATED"
    ),
    "Actual Study Completion Date": _date_at("statusModule.completionDateStruct", "ACTUAL"),
    "Estimated Study Completion Date": _date_at("statusModule.completionDateStruct", "ESTIMATED"),
    "Study Type": _study_type,
    "Actual Enrollment": _enrollment("ACTUAL"),
    "Estimated Enrollment": _enrollment("ESTIMATED"),
    "Allocation": one_of("designModule.designInfo.allocation", wording.ALLOCATION),
    "Intervention Model": one_of(
        "designModule.designInfo.interventionModel", wording.INTERVENTION_MODEL
    ),
    "Intervention Model Description": text_at(
        "designModule.designInfo.interventionModelDescription"
    ),
    "Masking": _masking,
    "Masking Description": text_at("designModule.designInfo.maskingInfo.maskingDescription"),
    "Primary Purpose": one_of("designModule.designInfo.primaryPurpose", wording.PURPOSE),
    "Official Title": text_at("identificationModule.officialTitle"),
    "Acronym": text_at("identificationModule.acronym"),
    "Ages Eligible for Study": _ages,
    "Sexes Eligible for Study": one_of("eligibilityModule.sex", wording.SEX),
    "Accepts Healthy Volunteers": one_of("eligibilityModule.healthyVolunteers", wording.YES_NO),
    "Responsible Party": _responsible_party,
    "Sponsor": _sponsor,
    "Collaborator": _collaborator,
    "Other Study ID Numbers": _other_ids,
    "Plan to Share IPD": one_of("ipdSharingStatementModule.ipdSharing", wording.IPD_SHARING),
    "Plan Description": text_at("ipdSharingStatementModule.description"),
    "Keywords": _keywords_line,
}


def _read_value(page: Page, found: re.Match[str]) -> None:
    label = re.sub(r"\s+", " ", found["label"].strip())
    _VALUES[label](page, found["value"].strip())
    page.at += 1


def _read_official(page: Page, found: re.Match[str]) -> None:
    official = named_cells(("name", "affiliation"), cells_of(found["rest"]))
    official["role"] = wording.OFFICIAL_ROLE[found["role"]]
    page.append("contactsLocationsModule.overallOfficials", official)


def _read_contact(page: Page, found: re.Match[str]) -> None:
    contact = named_cells(("name", "phone", "email"), cells_of(found["rest"]))
    page.append("contactsLocationsModule.centralContacts", {**contact, "role": "CONTACT"})


def _read_conditions(page: Page, _: re.Match[str]) -> None:
    """Read the one row of the table of conditions, interventions and phase."""
    columns = len(cells_of(page.take()))
    if re.match(r"^-+\|", page.line):
        page.at += 1
    start, row = page.at, page.take()
    while row.count("|") < columns and not page.done:
        row += "\n" + page.take()
    row_cells = named_cells(("conditions", "interventions", "phase")[:columns], cells_of(row))
    names = [name.strip() for name in row_cells["conditions"].split("\n")]
    phases = wording.read_phases(row_cells.get("phase", ""))
    read_interventions(page, row_cells.get("interventions", ""), start + 1)
    page.put("conditionsModule.conditions", names, line=start + 1)
    if phases:
        page.put("designModule.phases", phases, line=start + 1)


_OUTCOME = re.compile(
    r"^(?:-|\d+\.)\s+(?P<measure>.*?)(?:\s*\[ ?Time Frame: ?(?P<frame>.*?) ?\]\s*(?P<text>.*))?$"
)


def _outcomes_into(rank: str) -> Rule:
    return (
        re.compile(rf"^{rank.capitalize()} Outcome Measures\s*:?$"),
        lambda page, _: _read_outcomes(page, f"{rank}Outcomes", heading=True),
    )


def _read_outcomes(page: Page, key: str, *, heading: bool) -> None:
    """Read bullets up to a blank line or a heading; lines without a bullet go on a description."""
    if heading:
        page.at += 1
    outcomes: list[tuple[int, dict[str, str]]] = []
    while page.line and not re.search(r"Outcome Measures\s*:?$|^Go to|^Inclusion Crit", page.line):
        if found := _OUTCOME.match(page.line):
            parts = zip(("measure", "description", "timeFrame"), found.group(1, 3, 2), strict=True)
            outcomes.append((page.at + 1, {name: words for name, words in parts if words}))
        elif outcomes:
            known = outcomes[-1][1]
            known["description"] = "\n".join(filter(None, (known.get("description"), page.line)))
        else:
            raise ValueError(page.line)
        page.at += 1
    for line, outcome in outcomes:
        page.append(f"outcomesModule.{key}", outcome, line=line)


_CRITERIA_END = re.compile(
    r"Contacts and Locations|To learn more about|Go to|Please refer to|Ages Eligible"
)


def _read_criteria(page: Page, _: re.Match[str]) -> None:
    start = page.at
    while not page.done and not _CRITERIA_END.match(page.line):
        page.at += 1
    text = "\n".join(line.rstrip() for line in page.lines[start : page.at]).rstrip()
    page.put("eligibilityModule.eligibilityCriteria", text, line=start + 1)


def _read_no_results(page: Page, _: re.Match[str]) -> None:
    page.put("/hasResults", value=False)


def _read_has_results(page: Page, _: re.Match[str]) -> None:
    page.put("/hasResults", value=True)


def _read_prose_under(path: str) -> Rule:
    def read(page: Page, _: re.Match[str]) -> None:
        page.at += 1
        start = page.at
        while not page.done and not _PROSE_ENDS.match(page.line):
            page.at += 1
        text = "\n".join(page.lines[start : page.at]).strip()
        if text:
            page.put(path, text, line=start + 1)

    heading = "Brief Summary" if path.endswith("briefSummary") else "Detailed Description"
    return re.compile(rf"^{heading}\s*:$"), read


_PROSE_ENDS = re.compile(r"^(Study Type\s*:|Condition or disease|Detailed Description\s*:|Go to)")


def _read_identifier_again(page: Page, found: re.Match[str]) -> None:
    page.put("identificationModule.nctId", found[1])


def _read_stray(page: Page) -> None:
    """Place a line without a label: title, summary, keywords or headings, by where it stands."""
    if not page.get("identificationModule.briefTitle") and not page.unclaimed:
        page.put("identificationModule.briefTitle", page.line)
    elif page.get("ipdSharingStatementModule.ipdSharing") and page.line.endswith("|"):
        _read_last_row(page, page.line.rstrip("| "))
    elif page.get("conditionsModule.conditions") and not page.get("designModule.studyType"):
        known = page.get("descriptionModule.briefSummary")
        start = page.places.get(PROTOCOL + "descriptionModule.briefSummary", page.at + 1)
        if known:
            page.facts["protocolSection"]["descriptionModule"]["briefSummary"] += "\n\n" + page.line
        else:
            page.put("descriptionModule.briefSummary", page.line, line=start)
    else:
        page.leave()


def _read_last_row(page: Page, words: str) -> None:
    """Read a row behind the data sharing plan: MeSH headings if all of it is, else keywords."""
    terms: tuple[MeshTerm, ...] | None = split_mesh(words)
    if terms:
        file_under_mesh(page, terms)
    elif page.get("conditionsModule.keywords"):
        page.leave()
    else:
        _keywords_line(page, words)


_FURNITURE = (
    r"$|\|$|!\[\]\(.*?\) ?\|?$|:?-{3,}(\|:?-{3,})*\|?$|- (Study Details|Tabular View|Disclaimer|"
    r"How to Read a Study Record)$|The safety and scientific validity of this study is|"
    r"Choosing to participate in a study is|To learn more about this study, you|Go to|"
    r"(Study Description|Study Design|Arms and Interventions|Outcome Measures|"
    r"Eligibility Criteria|Contacts and Locations|More Information|Locations|"
    r"Sponsors and Collaborators|Investigators|Criteria)$|"
    r"Individual Participant Data \(IPD\) Sharing Statement:"
)
_LABEL = "|".join(re.escape(label).replace(r"\ ", r"\s+") for label in _VALUES)
_RULES: tuple[Rule, ...] = (
    (re.compile(_FURNITURE), furniture),
    (re.compile(r"- No Results Posted$"), _read_no_results),
    (re.compile(r"- (Study Results|Results Posted)$"), _read_has_results),
    (re.compile(r"Condition or disease\s*\|"), _read_conditions),
    (re.compile(r"Arm\s*\|\s*Intervention/treatment\s*\|?$"), read_arms),
    _read_prose_under("descriptionModule.briefSummary"),
    _read_prose_under("descriptionModule.detailedDescription"),
    *(_outcomes_into(rank) for rank in ("primary", "secondary", "other")),
    (
        re.compile(r"(-|\d+\.)\s.*\[ ?Time Frame:"),
        lambda page, _: _read_outcomes(page, "unrankedOutcomes", heading=False),
    ),
    (re.compile(r"(Inclusion|Exclusion) Criteria\s*:"), _read_criteria),
    (
        re.compile(r"Please refer to this study by its ClinicalTrials\.gov .*: (NCT\d{8})$"),
        _read_identifier_again,
    ),
    (re.compile(rf"(?P<label>{_LABEL})\s*:\s*\|?(?P<value>.*?)[\s|]*$"), _read_value),
    (
        re.compile(rf"(?P<role>{'|'.join(wording.OFFICIAL_ROLE)})\s*:\s*\|?\s*(?P<rest>[^|].*)$"),
        _read_official,
    ),
    (re.compile(r"Contact\s*:\s*\|?\s*(?P<rest>[^|].*)$"), _read_contact),
    (re.compile(r"[^:]*\|\s*\|$"), read_location),
)
