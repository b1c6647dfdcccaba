"""The words that pages show for the codes of the register, and their dates and ages."""

import calendar
import re
from collections.abc import Mapping

STATUS: Mapping[str, str] = {
    "Active, not recruiting": "ACTIVE_NOT_RECRUITING",
    "Completed": "COMPLETED",
    "Enrolling by invitation": "ENROLLING_BY_INVITATION",
    "Not yet recruiting": "NOT_YET_RECRUITING",
    "Recruiting": "RECRUITING",
    "Suspended": "SUSPENDED",
    "Terminated": "TERMINATED",
    "Withdrawn": "WITHDRAWN",
    "Available": "AVAILABLE",
    "No longer available": "NO_LONGER_AVAILABLE",
    "Temporarily not available": "TEMPORARILY_NOT_AVAILABLE",
    "Approved for marketing": "APPROVED_FOR_MARKETING",
    "Withheld": "WITHHELD",
    "Unknown status": "UNKNOWN",
    "Unknown": "UNKNOWN",
}
STUDY_TYPE: Mapping[str, str] = {
    "Interventional": "INTERVENTIONAL",
    "Observational": "OBSERVATIONAL",
    "Expanded Access": "EXPANDED_ACCESS",
}
PHASE: Mapping[str, str] = {
    "Early Phase 1": "EARLY_PHASE1",
    "Phase 1": "PHASE1",
    "Phase 2": "PHASE2",
    "Phase 3": "PHASE3",
    "Phase 4": "PHASE4",
    "Not Applicable": "NA",
    "N/A": "NA",
}
ALLOCATION: Mapping[str, str] = {
    "Randomized": "RANDOMIZED",
    "Non-Randomized": "NON_RANDOMIZED",
    "N/A": "NA",
}
INTERVENTION_MODEL: Mapping[str, str] = {
    "Single Group Assignment": "SINGLE_GROUP",
    "Parallel Assignment": "PARALLEL",
    "Crossover Assignment": "CROSSOVER",
    "Factorial Assignment": "FACTORIAL",
    "Sequential Assignment": "SEQUENTIAL",
}
MASKING: Mapping[str, str] = {
    "None": "NONE",
    "Single": "SINGLE",
    "Double": "DOUBLE",
    "Triple": "TRIPLE",
    "Quadruple": "QUADRUPLE",
}
WHO_MASKED: Mapping[str, str] = {
    "Participant": "PARTICIPANT",
    "Care Provider": "CARE_PROVIDER",
    "Investigator": "INVESTIGATOR",
    "Outcomes Assessor": "OUTCOMES_ASSESSOR",
}
PURPOSE: Mapping[str, str] = {
    "Treatment": "TREATMENT",
    "Prevention": "PREVENTION",
    "Diagnostic": "DIAGNOSTIC",
    "Educational/Counseling/Training": "ECT",
    "Supportive Care": "SUPPORTIVE_CARE",
    "Screening": "SCREENING",
    "Health Services Research": "HEALTH_SERVICES_RESEARCH",
    "Basic Science": "BASIC_SCIENCE",
    "Device Feasibility": "DEVICE_FEASIBILITY",
    "Other": "OTHER",
}
ARM_TYPE: Mapping[str, str] = {
    "Experimental": "EXPERIMENTAL",
    "Active Comparator": "ACTIVE_COMPARATOR",
    "Placebo Comparator": "PLACEBO_COMPARATOR",
    "Sham Comparator": "SHAM_COMPARATOR",
    "No Intervention": "NO_INTERVENTION",
    "Other": "OTHER",
}
INTERVENTION_TYPE: Mapping[str, str] = {
    "Behavioral": "BEHAVIORAL",
    "Biological": "BIOLOGICAL",
    "Combination Product": "COMBINATION_PRODUCT",
    "Device": "DEVICE",
    "Diagnostic Test": "DIAGNOSTIC_TEST",
    "Dietary Supplement": "DIETARY_SUPPLEMENT",
    "Drug": "DRUG",
    "Genetic": "GENETIC",
    "Procedure": "PROCEDURE",
    "Radiation": "RADIATION",
    "Other": "OTHER",
}
OFFICIAL_ROLE: Mapping[str, str] = {
    "Study Chair": "STUDY_CHAIR",
    "Study Director": "STUDY_DIRECTOR",
    "Principal Investigator": "PRINCIPAL_INVESTIGATOR",
    "Sub-Investigator": "SUB_INVESTIGATOR",
}
SEX: Mapping[str, str] = {"All": "ALL", "Both": "ALL", "Female": "FEMALE", "Male": "MALE"}
STANDARD_AGE: Mapping[str, str] = {
    "Child": "CHILD",
    "Adult": "ADULT",
    "Older Adult": "OLDER_ADULT",
}
IPD_SHARING: Mapping[str, str] = {"Yes": "YES", "No": "NO", "Undecided": "UNDECIDED"}
OBSERVATIONAL_MODEL: Mapping[str, str] = {
    "Cohort": "COHORT",
    "Case-Control": "CASE_CONTROL",
    "Case-Only": "CASE_ONLY",
    "Case-Crossover": "CASE_CROSSOVER",
    "Ecologic or Community": "ECOLOGIC_OR_COMMUNITY",
    "Family-Based": "FAMILY_BASED",
    "Defined Population": "DEFINED_POPULATION",
    "Natural History": "NATURAL_HISTORY",
    "Other": "OTHER",
}
TIME_PERSPECTIVE: Mapping[str, str] = {
    "Retrospective": "RETROSPECTIVE",
    "Prospective": "PROSPECTIVE",
    "Cross-Sectional": "CROSS_SECTIONAL",
    "Other": "OTHER",
}
SAMPLING: Mapping[str, str] = {
    "Probability Sample": "PROBABILITY_SAMPLE",
    "Non-Probability Sample": "NON_PROBABILITY_SAMPLE",
}
YES_NO: Mapping[str, bool] = {"Yes": True, "No": False, "Accepts Healthy Volunteers": True}

_MONTHS = tuple(calendar.month_name)[1:]  # the program never leaves the C locale
_DATE = re.compile(rf"(?P<month>{'|'.join(_MONTHS)}) (?:(?P<day>\d{{1,2}}), )?(?P<year>\d{{4}})")
_ISO_DATE = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])(?:-\d{2})?")
_AGE = r"\d+ (?:Year|Month|Week|Day|Hour|Minute)s?"
_AGES = re.compile(
    rf"(?:(?:N/A|(?P<low>{_AGE})) ?(?:(?:to|-|–) ?(?:N/A|(?P<high>{_AGE}))|and (?:older|over))|"
    rf"up to (?P<top>{_AGE}))",
    re.IGNORECASE,
)


def words_of(codes: Mapping[str, str], code: str | None) -> str:
    """Return the words that pages show for a code; the code itself if they have none."""
    for words, known in codes.items():
        if known == code:
            return words
    return code or ""


def read_date(words: str) -> str:
    """Return `March 15, 2018` as `2018-03-15` and `March 2018` as `2018-03`, also if written so.

    Raises:
        ValueError: the words are no date.
    """
    if _ISO_DATE.fullmatch(words.strip()):
        return words.strip()
    found = _DATE.fullmatch(words.strip())
    if not found:
        raise ValueError(words)
    month = f"{found['year']}-{_MONTHS.index(found['month']) + 1:02}"
    return f"{month}-{int(found['day']):02}" if found["day"] else month


def read_ages(words: str) -> tuple[str | None, str | None]:
    """Return minimum and maximum of `18 Years to 60 Years`; None where there is no limit.

    Raises:
        ValueError: the words state no ages.
    """
    if words.strip().lower() in {"all", "n/a", ""}:
        return None, None
    found = _AGES.fullmatch(words.strip())
    if not found:
        raise ValueError(words)
    return found["low"], found["high"] or found["top"]


def read_phases(words: str) -> list[str]:
    """Return the codes of `Phase 1/Phase 2`; an empty list if the cell is empty.

    Raises:
        ValueError: the words hold more than phases.
    """
    names = re.findall("|".join(map(re.escape, PHASE)), words)
    if re.sub(r"[\s|/,]+", "", words) != re.sub(r"[\s/]+", "", "".join(names)):
        raise ValueError(words)
    return [PHASE[name] for name in names]
