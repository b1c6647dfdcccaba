"""Which column of a case's data holds what, and which rows its settings keep."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.verification.cases import Case

VISITS: Final = ("week", "visit", "avisit", "visitnum", "avisitn", "visitn", "time", "month", "day")
PARTICIPANTS: Final = ("usubjid", "participant", "subject", "subjid", "patient", "id")
RESPONSES: Final = ("chg", "change", "response", "y", "aval", "value", "outcome", "score")
ARMS: Final = (
    "arm", "armf", "armcd", "trt", "trtp", "trta", "trt01p", "trt01a", "actarm", "treatment",
    "treat", "group", "dose",
)  # fmt: skip

ROLES: Final[Mapping[str, tuple[str, ...]]] = {
    "time": ("time1", "time", "aval", "stop", "ttoe"),
    "event": ("status1", "status", "event", "cnsr_event"),
    "start": ("start", "tstart"),
    "stop": ("stop", "tstop"),
    "arm": ARMS,
    "strata": ("ocs_hi", "stratum", "strata"),
    "participant": PARTICIPANTS,
    "period": ("period", "per", "aperiod"),
    "sequence": ("sequence", "seq"),
    "treatment": ("treatment", "trt", "arm", "trta"),
}


def column_of(case: Case, role: str) -> str:
    """The column of a role: of the setting with its name, else by a usual name, in capitals or not.

    Raises:
        UnusableInputError: if the data have none.
    """
    own, names = case.spec.get(role), case.table().columns
    for wanted in (own,) if isinstance(own, str) else ROLES[role]:
        if found := next((name for name in names if name.lower() == wanted.lower()), None):
            return found
    raise UnusableInputError(
        f"the data have no column of the {role}",
        where=case.id,
        remedy=f"name it in the setting {role!r}; they have {', '.join(names)}",
    )


def column_named(names: Sequence[str], data: pl.DataFrame, where: str) -> str:
    """The column that has the first of these names, in capitals or not.

    Raises:
        UnusableInputError: if no column has one of them.
    """
    by_name = {name.lower(): name for name in data.columns}
    for name in names:
        if name.lower() in by_name:
            return by_name[name.lower()]
    raise UnusableInputError(f"the data have none of the columns {', '.join(names)}", where=where)


def listed(value: Any) -> list[str]:
    """Labels from a list, a single value, or a text such as '0 and 2 only'.

    Example:
        >>> listed("0 and 2 only"), listed([0, 2]), listed("placebo, high"), listed(3)
        (['0', '2'], ['0', '2'], ['placebo', 'high'], ['3'])
    """
    if isinstance(value, str):
        text = re.sub(r"\b(?:only|arms?|weeks?|visits?)\b", " ", value)
        parts = re.split(r",|;|\band\b|\bversus\b|\bv(?:s\.?)?(?=\s)|\bagainst\b", text)
        return [part.strip() for part in parts if part.strip()]
    return [str(each) for each in (value if isinstance(value, list | tuple) else [value])]


def kept_rows(case: Case, data: pl.DataFrame) -> pl.DataFrame:
    """The rows of the arms and visits that the settings `arms` and `weeks` or `visits` name.

    Raises:
        UnusableInputError: if a setting names a value that no row has.
    """
    for setting, names in (("arms", ARMS), ("weeks", VISITS), ("visits", VISITS)):
        wanted = case.spec.get(setting)
        if wanted is None:
            continue
        named = str(case.spec.get(setting.removesuffix("s")))
        column = named if named in data.columns else column_named(names, data, case.id)
        values, labels = pl.col(column).cast(pl.String), listed(wanted)
        absent = set(labels) - set(data[column].cast(pl.String).unique().to_list())
        if absent:
            raise UnusableInputError(
                f"no row has {column} {', '.join(sorted(absent))}", where=case.id
            )
        data = data.filter(values.is_in(labels))
    return data


def by_kind(data: pl.DataFrame, column: str, label: Any) -> Any:
    """The value of a column that a label names, such as 2 for '2'."""
    for value in data[column].drop_nulls().unique().to_list():
        if str(value) == str(label):
            return value
    return label
