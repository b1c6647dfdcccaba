"""The classic record page of ClinicalTrials.gov, saved as text."""

import re
from collections.abc import Mapping

from trialwright.records import wording
from trialwright.records.classic_arms import read_arms, read_interventions
from trialwright.records.classic_places import read_location
from trialwright.records.classic_values import VALUES, read_keywords
from trialwright.records.mesh import MeshTerm, file_under_mesh, split_mesh
from trialwright.records.page import (
    ELIGIBILITY,
    PROTOCOL,
    TABLE_RULE,
    Page,
    Rule,
    cells_of,
    furniture,
    header,
    named_cells,
    read_lines,
    refuse_if_cut,
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
    refuse_if_cut(name for path, name in _LANDMARKS.items() if path not in page.places)
    return page.record("classic-page", sha256)


def _read_value(page: Page, found: re.Match[str]) -> None:
    label = re.sub(r"\s+", " ", found["label"].strip())
    VALUES[label](page, found["value"].strip())
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
    if TABLE_RULE.match(page.line):
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
    while page.line and not re.search(r"Outcome Measures\s*:?$|^Go to$|^Inclusion Crit", page.line):
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
    r"Contacts and Locations|To learn more about|Go to$|Please refer to|Ages Eligible"
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
        text = "\n".join(line.rstrip() for line in page.lines[start : page.at]).strip()
        if text:
            page.put(path, text, line=start + 1)

    heading = "Brief Summary" if path.endswith("briefSummary") else "Detailed Description"
    return re.compile(rf"^{heading}\s*:$"), read


_PROSE_ENDS = re.compile(r"^(Study Type\s*:|Condition or disease|Detailed Description\s*:|Go to$)")


def _read_identifier_again(page: Page, found: re.Match[str]) -> None:
    page.put("identificationModule.nctId", found[1])


def _read_stray(page: Page) -> None:
    """Place a line without a label: title, summary, keywords or headings, by where it stands."""
    if not page.get("identificationModule.briefTitle") and not page.unclaimed:
        page.put("identificationModule.briefTitle", page.line)
    elif _behind_the_record_dates(page) and re.fullmatch(r"[^|]+\|[\s|]*", page.line):
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


def _behind_the_record_dates(page: Page) -> bool:
    """Return whether only the plan to share data and rows of keywords and headings may follow."""
    return bool(page.get("statusModule.statusVerifiedDate") and page.get("eligibilityModule.sex"))


def _read_last_row(page: Page, words: str) -> None:
    """Read a row behind the dates of the record: MeSH headings if all of it is, else keywords."""
    terms: tuple[MeshTerm, ...] | None = split_mesh(words)
    if terms:
        file_under_mesh(page, terms)
    elif page.get("conditionsModule.keywords"):
        page.leave()
    else:
        read_keywords(page, words)


# What the site says on every page. A line is furniture only if it says nothing else.
_SENTENCES = (
    "The safety and scientific validity of this study is the responsibility of the study sponsor "
    "and investigators.",
    "Listing a study does not mean it has been evaluated by the U.S. Federal Government.",
    "Read our disclaimer for details.",
    "Choosing to participate in a study is an important personal decision.",
    "Talk with your doctor and family members or friends about deciding to join a study.",
    "To learn more about this study, you or your doctor may contact the study research staff "
    "using the contacts provided below.",
    "To learn more about this study, you or your doctor may contact the study research staff "
    "using the contact information provided by the sponsor.",
    "For general information, Learn About Clinical Studies.",
)
_FURNITURE = (
    r"$|\|$|!\[\]\(.*?\) ?\|?$|- (Study Details|Tabular View|Disclaimer|"
    r"How to Read a Study Record)$|Go to$|(Study Description|Study Design|"
    r"Arms and Interventions|Outcome Measures|Eligibility Criteria|Contacts and Locations|"
    r"More Information|Locations|"
    r"Sponsors and Collaborators|Investigators|Criteria)$|"
    r"Individual Participant Data \(IPD\) Sharing Statement:[\s|]*$|"
    rf"((?:{'|'.join(map(re.escape, _SENTENCES))})\s*)+\|?$"
)
_LABEL = "|".join(re.escape(label).replace(r"\ ", r"\s+") for label in VALUES)
_RULES: tuple[Rule, ...] = (
    (TABLE_RULE, furniture),
    (re.compile(_FURNITURE), furniture),
    (re.compile(r"- No Results Posted$"), _read_no_results),
    (re.compile(r"- (Study Results|Results Posted)$"), _read_has_results),
    (header("Condition or disease", "Intervention/treatment", "Phase"), _read_conditions),
    (header("Condition or disease", "Intervention/treatment"), _read_conditions),
    (header("Arm", "Intervention/treatment"), read_arms),
    _read_prose_under("descriptionModule.briefSummary"),
    _read_prose_under("descriptionModule.detailedDescription"),
    *(_outcomes_into(rank) for rank in ("primary", "secondary", "other")),
    (
        re.compile(r"(-|\d+\.)\s.*\[ ?Time Frame:"),
        lambda page, _: _read_outcomes(page, "unrankedOutcomes", heading=False),
    ),
    (re.compile(r"(Inclusion|Exclusion) Criteria\s*:"), _read_criteria),
    (
        re.compile(
            r"Please refer to this study by its ClinicalTrials\.gov identifier \(NCT number\): "
            r"(NCT\d{8})$"
        ),
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
