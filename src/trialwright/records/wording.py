"""The words that pages show for the codes of the register, and their dates and ages."""

import calendar
import re
from collections.abc import Mapping


def _coded(*words: str) -> dict[str, str]:
    """Words with the codes that the register makes of them: capitals, joined by underscores."""
    return {each: re.sub(r"\W+", "_", each).upper() for each in words}


STATUS: Mapping[str, str] = _coded(
    "Active, not recruiting", "Completed", "Enrolling by invitation", "Not yet recruiting",
    "Recruiting", "Suspended", "Terminated", "Withdrawn", "Available", "No longer available",
    "Temporarily not available", "Approved for marketing", "Withheld",
) | {"Unknown status": "UNKNOWN", "Unknown": "UNKNOWN"}  # fmt: skip
STUDY_TYPE: Mapping[str, str] = _coded("Interventional", "Observational", "Expanded Access")
PHASE: Mapping[str, str] = {
    "Early Phase 1": "EARLY_PHASE1", "Phase 1": "PHASE1", "Phase 2": "PHASE2", "Phase 3": "PHASE3",
    "Phase 4": "PHASE4", "Not Applicable": "NA", "N/A": "NA",
}  # fmt: skip
ALLOCATION: Mapping[str, str] = _coded("Randomized", "Non-Randomized") | {"N/A": "NA"}
INTERVENTION_MODEL: Mapping[str, str] = {
    "Single Group Assignment": "SINGLE_GROUP", "Parallel Assignment": "PARALLEL",
    "Crossover Assignment": "CROSSOVER", "Factorial Assignment": "FACTORIAL",
    "Sequential Assignment": "SEQUENTIAL",
}  # fmt: skip
MASKING: Mapping[str, str] = _coded("None", "Single", "Double", "Triple", "Quadruple")
WHO_MASKED: Mapping[str, str] = _coded(
    "Participant", "Care Provider", "Investigator", "Outcomes Assessor",
)  # fmt: skip
PURPOSE: Mapping[str, str] = _coded(
    "Treatment", "Prevention", "Diagnostic", "Supportive Care", "Screening",
    "Health Services Research", "Basic Science", "Device Feasibility", "Other",
) | {"Educational/Counseling/Training": "ECT"}  # fmt: skip
ARM_TYPE: Mapping[str, str] = _coded(
    "Experimental", "Active Comparator", "Placebo Comparator", "Sham Comparator", "No Intervention",
    "Other",
)  # fmt: skip
INTERVENTION_TYPE: Mapping[str, str] = _coded(
    "Behavioral", "Biological", "Combination Product", "Device", "Diagnostic Test",
    "Dietary Supplement", "Drug", "Genetic", "Procedure", "Radiation", "Other",
)  # fmt: skip
OFFICIAL_ROLE: Mapping[str, str] = _coded(
    "Study Chair", "Study Director", "Principal Investigator", "Sub-Investigator",
)  # fmt: skip
SEX: Mapping[str, str] = _coded("All", "Female", "Male") | {"Both": "ALL"}
STANDARD_AGE: Mapping[str, str] = _coded("Child", "Adult", "Older Adult")
IPD_SHARING: Mapping[str, str] = _coded("Yes", "No", "Undecided")
OBSERVATIONAL_MODEL: Mapping[str, str] = _coded(
    "Cohort", "Case-Control", "Case-Only", "Case-Crossover", "Ecologic or Community",
    "Family-Based", "Defined Population", "Natural History", "Other",
)  # fmt: skip
TIME_PERSPECTIVE: Mapping[str, str] = _coded(
    "Retrospective", "Prospective", "Cross-Sectional", "Other",
)  # fmt: skip
SAMPLING: Mapping[str, str] = _coded("Probability Sample", "Non-Probability Sample")
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
