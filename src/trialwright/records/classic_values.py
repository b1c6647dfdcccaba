"""Labelled values of a classic record page: which fact each label states, and how it is written.

The page of the infection trial shows most of these labels. Acronym, descriptions of model, masking
and data sharing plan, observational studies, products under the FDA, results, sponsor, collaborator
and keywords are written from memory of the
classic site and not verified: a page that writes them otherwise has those lines reported.
"""

import re
from collections.abc import Mapping

from trialwright.records import wording
from trialwright.records.page import Page, ValueReader, one_of, text_at


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


def read_keywords(page: Page, words: str) -> None:
    """Read keywords with commas between; a comma and a space belong to an inverted heading."""
    page.put("conditionsModule.keywords", [word.strip() for word in re.split(r",(?! )", words)])


VALUES: Mapping[str, ValueReader] = {
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
    "Time Frame": text_at("ipdSharingStatementModule.timeFrame"),
    "Access Criteria": text_at("ipdSharingStatementModule.accessCriteria"),
    "URL": text_at("ipdSharingStatementModule.url"),
    "Observational Model": one_of(
        "designModule.designInfo.observationalModel", wording.OBSERVATIONAL_MODEL
    ),
    "Time Perspective": one_of("designModule.designInfo.timePerspective", wording.TIME_PERSPECTIVE),
    "Sampling Method": one_of("eligibilityModule.samplingMethod", wording.SAMPLING),
    "Study Population": text_at("eligibilityModule.studyPopulation"),
    "Studies a U.S. FDA-regulated Drug Product": one_of(
        "oversightModule.isFdaRegulatedDrug", wording.YES_NO
    ),
    "Studies a U.S. FDA-regulated Device Product": one_of(
        "oversightModule.isFdaRegulatedDevice", wording.YES_NO
    ),
    "Product Manufactured in and Exported from the U.S.": one_of(
        "oversightModule.isUsExport", wording.YES_NO
    ),
    "Keywords": read_keywords,
}
