"""A record page of a mirror of the register, saved as text, with its table of related trials."""

import re
from collections.abc import Callable, Mapping

from trialwright.errors import UnusableInputError
from trialwright.records import wording
from trialwright.records.page import (
    ELIGIBILITY,
    PROTOCOL,
    TABLE_RULE,
    Page,
    Rule,
    ValueReader,
    cells_of,
    furniture,
    header,
    named_cells,
    one_of,
    read_lines,
    refuse_if_cut,
    text_at,
)
from trialwright.records.record import Record, RelatedTrial

_RELATED_HEADER = header("Status", "Clinical Trial", "Phase")
_SPONSOR_HEADER = header("Lead Sponsor", "Collaborator")
_OUTCOME_HEADER = header("Type", "Measure", "Description", "Time frame", "Safety issue")


def looks_mirrored(text: str) -> bool:
    """Return whether the text is a page of this kind, whole or not."""
    return "Official title:" in text and bool(re.search(r"^[ \t]*Status ?\|", text, re.MULTILINE))


def read_mirror_page(text: str, sha256: str) -> Record:
    """Return the record of a page.

    Raises:
        UnusableInputError: the page lacks what every page has, so it is cut or damaged.
    """
    page = Page(tuple(line.strip() for line in text.split("\n")))
    read_lines(page, _RULES, _read_stray)
    refuse_if_cut(
        name
        for name, there in (
            ("the title", PROTOCOL + "identificationModule.officialTitle" in page.places),
            ("the eligibility criteria", ELIGIBILITY in page.places),
            # A page may lack a section, but one that ends before these two tables is cut.
            (
                "the tables of outcomes and of related trials",
                any(map(_OUTCOME_HEADER.match, page.lines))
                or any(map(_RELATED_HEADER.match, page.lines)),
            ),
        )
        if not there
    )
    return page.record("mirror-page", sha256)


def _date_at(path: str) -> Callable[[str], ValueReader]:
    """Read a date; the label says whether it is estimated and not whether it has come."""

    def of(kind: str) -> ValueReader:
        def read(page: Page, words: str) -> None:
            page.put(f"statusModule.{path}.date", wording.read_date(words))
            if kind:
                page.put(f"statusModule.{path}.type", kind)

        return read

    return of


def _count(page: Page, words: str) -> None:
    page.put("designModule.enrollmentInfo.count", int(words.replace(",", "")))


def _ages(page: Page, words: str) -> None:
    low, high = wording.read_ages(words)
    for key, age in (("minimumAge", low), ("maximumAge", high)):
        if age:
            page.put(f"eligibilityModule.{key}", age)


def _phases(page: Page, words: str) -> None:
    page.put("designModule.phases", wording.read_phases(words))


_START, _PRIMARY, _COMPLETION = map(
    _date_at, ("startDateStruct", "primaryCompletionDateStruct", "completionDateStruct")
)
# Phase and the dates without "Est." are not on the page of the dose-finding trial: their labels are
# assumed to follow the others, and a page that writes them otherwise has those lines reported.
_VALUES: Mapping[str, ValueReader] = {
    "Status": one_of("statusModule.overallStatus", wording.STATUS),
    "Phase": _phases,
    "Enrollment": _count,
    "Est. start date": _START("ESTIMATED"),
    "Start date": _START(""),
    "Est. primary completion date": _PRIMARY("ESTIMATED"),
    "Primary completion date": _PRIMARY(""),
    "Est. completion date": _COMPLETION("ESTIMATED"),
    "Completion date": _COMPLETION(""),
    "Accepts healthy volunteers": one_of("eligibilityModule.healthyVolunteers", wording.YES_NO),
    "Gender": one_of("eligibilityModule.sex", wording.SEX),
    "Age group": _ages,
    "Eligibility": text_at("eligibilityModule.eligibilityCriteria"),
}


def _read_value(page: Page, found: re.Match[str]) -> None:
    _VALUES[found["label"]](page, found["value"].strip())


def _read_title(page: Page, _: re.Match[str]) -> None:
    page.at += 1
    text_at("identificationModule.officialTitle")(page, page.line)
    page.at += 1


def _read_page_title(page: Page, found: re.Match[str]) -> None:
    """Read the condition from the page's own title, its first words; the mirror shows no other."""
    if page.places:
        _read_stray(page)
        return
    page.put("conditionsModule.conditions", [found["condition"]])


def _table_rows(page: Page) -> None:
    """Move behind the header of a table and the rule below it."""
    page.at += 1
    while TABLE_RULE.match(page.line):
        page.at += 1


_PLACE = ("country", "facility", "city", "state")
_OUTCOME = ("measure", "description", "timeFrame", "safetyIssue")  # the last is a key of old


def _read_locations(page: Page, _: re.Match[str]) -> None:
    _table_rows(page)
    while "|" in page.line and not _SPONSOR_HEADER.match(page.line):
        cells = cells_of(page.line)
        page.append("contactsLocationsModule.locations", named_cells(_PLACE, cells))
        page.at += 1


def _read_sponsors(page: Page, _: re.Match[str]) -> None:
    _table_rows(page)
    lead, *collaborators = cells_of(page.line)
    page.put("sponsorCollaboratorsModule.leadSponsor", {"name": lead})
    for names in collaborators:
        for name in filter(None, (part.strip() for part in re.split(r",(?=\S)|;", names))):
            page.append("sponsorCollaboratorsModule.collaborators", {"name": name})
    page.at += 1


def _read_countries(page: Page, found: re.Match[str]) -> None:
    """Claim the list of countries if the locations have stated each of them.

    Raises:
        ValueError: a country has no location.
    """
    stated = {place.get("country") for place in page.get("contactsLocationsModule.locations") or ()}
    countries = [name.strip() for name in found[0].split(",") if name.strip()]
    if not countries or not stated.issuperset(countries):
        raise ValueError(found[0])


_RANK = re.compile(r"(?P<rank>Primary|Secondary|Other) ?\|")


def _read_outcomes(page: Page, _: re.Match[str]) -> None:
    """Read rows of rank, measure, description and time frame; a row may run over lines."""
    _table_rows(page)
    while found := _RANK.match(page.line):
        start, row = page.at + 1, page.take()
        while row.count("|") < len(_OUTCOME) and not (row.endswith("|") and _row_ends(page)):
            if page.done:
                raise _cut("outcomes", start)
            row += "\n" + page.take()
        outcome = named_cells(_OUTCOME, cells_of(row)[1:])
        page.append(f"outcomesModule.{found['rank'].lower()}Outcomes", outcome, line=start)


def _row_ends(page: Page) -> bool:
    """Return whether the current line starts another row or table, or the page has ended."""
    return page.done or bool(_RANK.match(page.line) or _RELATED_HEADER.match(page.line))


def _cut(table: str, line: int) -> UnusableInputError:
    return UnusableInputError(
        f"the record page is cut: it ends within its table of {table}",
        where=f"line {line}",
        remedy="Save the whole page again.",
    )


_RELATED = re.compile(r"(?P<nct>NCT\d{8}) -$")


def _read_related(page: Page, _: re.Match[str]) -> None:
    _table_rows(page)
    while not page.done:
        if page.line:
            _read_related_trial(page)
        else:
            page.at += 1


def _read_related_trial(page: Page) -> None:
    """Read one row over its five lines: status, number, title, bar, phase.

    Raises:
        UnusableInputError: the page ends within the row.
    """
    start = page.at + 1
    status = page.line.removesuffix("|").strip()
    phase = " ".join(cells_of(page.peek(4)))
    found = _RELATED.match(page.peek(1))
    whole = page.at + 5 <= len(page.lines) and page.peek(3) == "|" and _is_phase(phase)
    if whole and found and status in wording.STATUS:
        page.related.append(RelatedTrial(status, found["nct"], page.peek(2), phase, start))
        page.at += 5
    elif page.at + 5 >= len(page.lines) and any(name.startswith(status) for name in wording.STATUS):
        raise _cut("related trials", start)
    else:
        page.leave()


def _is_phase(words: str) -> bool:
    try:
        wording.read_phases(words)
    except ValueError:
        return False
    return True


def _read_stray(page: Page) -> None:
    """Take prose between title and first value as the summary; leave the rest."""
    if page.get("identificationModule.officialTitle") and not page.get("statusModule"):
        known = page.get("descriptionModule.briefSummary")
        if known:
            page.facts["protocolSection"]["descriptionModule"]["briefSummary"] += "\n\n" + page.line
        else:
            page.put("descriptionModule.briefSummary", page.line)
    else:
        page.leave()


_RULES: tuple[Rule, ...] = (
    (re.compile("$"), furniture),
    (TABLE_RULE, furniture),
    (re.compile(r"(?P<condition>.+) Clinical Trial$"), _read_page_title),
    (re.compile(r"Official title:$"), _read_title),
    (_RELATED_HEADER, _read_related),
    (header("Country", "Name", "City", "State"), _read_locations),
    (_SPONSOR_HEADER, _read_sponsors),
    (_OUTCOME_HEADER, _read_outcomes),
    (
        re.compile(rf"(?P<label>{'|'.join(map(re.escape, _VALUES))})\s*\|(?P<value>.*?)\|?\s*$"),
        _read_value,
    ),
    (re.compile(r"[^|:.]+,$"), _read_countries),
)
