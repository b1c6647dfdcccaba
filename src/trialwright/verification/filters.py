"""The rows of a case's data that its filter keeps."""

import operator
import re
from typing import Any, Final

import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.verification.cases import Case
from trialwright.verification.columns import column_named
from trialwright.verification.ranks import at_visit

COMPARISON: Final = re.compile(r"(\w+)\s*(==?|!=|>=|<=|>|<)\s*(\S+)")
PRESENT: Final = re.compile(r"(\w+)\s+present|!\s*is\.na\((\w+)\)")
SIGNS: Final = {
    "=": operator.eq, "==": operator.eq, "!=": operator.ne, ">": operator.gt, ">=": operator.ge,
    "<": operator.lt, "<=": operator.le,
}  # fmt: skip


def filtered_rows(case: Case) -> pl.DataFrame:
    """The rows where the setting `filter` holds, else those of one visit.

    A filter is written as 'week = 12 and chg present', or as in R: 'week == 12 & !is.na(chg)'.

    Raises:
        UnusableInputError: if the filter is not understood, names no column, or keeps no row.
    """
    written = case.spec.get("filter")
    if written is None:
        return at_visit(case)
    data = case.table()
    for part in re.split(r"\s+and\s+|&+", str(written)):
        data = data.filter(_condition(part.strip(), data, case))
    if data.is_empty():
        raise UnusableInputError(f"no row is left by {written!r}", where=case.id)
    return data


def _condition(text: str, data: pl.DataFrame, case: Case) -> Any:
    if present := PRESENT.fullmatch(text):
        return data[column_named([present[1] or present[2]], data, case.id)].is_not_null()
    if compared := COMPARISON.fullmatch(text):
        name, sign, value = compared.groups()
        column = data[column_named([name], data, case.id)]
        if not column.dtype.is_numeric():
            return SIGNS[sign](column, value.strip("'\""))
        if re.fullmatch(r"-?\d+(\.\d+)?", value):
            return SIGNS[sign](column, float(value))
    raise UnusableInputError(
        f"cannot read the filter {text!r}",
        where=case.id,
        remedy="write it as 'week = 12 and chg present'",
    )
