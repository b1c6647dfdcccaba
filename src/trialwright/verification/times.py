"""What a case of times to an event is about: its records, their times, events, arms and strata.

The left side of the setting `formula` says it, as in 'Surv(time, status == 1) ~ arm + strata(site)'
or 'Surv(start, stop, event)'; else columns are found by their usual names, or by the settings
`time`, `event`, `start`, `arm`, `strata` and `participant`; ADaM's `CNSR` is 0 at an event. A code
alone means that the event is cause 1, or the setting `failcode`; where codes are 1 and 2 only, as
in R, 2 is the event.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.stats.formulas import evaluate, parse_formula
from trialwright.stats.results import Floats, Integers
from trialwright.verification.cases import Case
from trialwright.verification.columns import ROLES, column_of, kept_rows

COMPARISONS: Final[Mapping[str, Any]] = {
    "==": np.equal,
    "!=": np.not_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "<": np.less,
    "<=": np.less_equal,
    "%in%": np.isin,
}
COMPARED: Final = re.compile(r"\s*(==|!=|>=|<=|>|<|%in%)\s*")


@dataclass(frozen=True, slots=True)
class Observed:
    """The records of a case.

    Attributes:
        case: with only the records that are complete in what the analysis uses.
        time: the end of each record, shape (n,).
        start: of each record, or None.
        code: of events, 0 for none, shape (n,).
        event: whether it is the event in question, shape (n,).
    """

    case: Case
    time: Floats
    start: Floats | None
    code: Integers
    event: npt.NDArray[np.bool_]

    def column(self, name: str) -> npt.NDArray[Any]:
        """The values of a column in these records."""
        return self.case.table()[name].to_numpy()


def right_side(case: Case) -> str:
    """What stands right of the '~' of the formula; empty without a formula."""
    return str(case.spec.get("formula", "")).rpartition("~")[2].strip()


def observed(case: Case, *also: str, formula: str = "") -> Observed:
    """The records that are complete in times, events, the columns `also`, and those of a formula.

    Raises:
        UnusableInputError: if a column is absent, or the formula's left side not understood.
    """
    parts = _parts(case)
    written, comparison, value, *_ = *COMPARED.split(parts[-1], maxsplit=1), "", ""
    parts[-1] = written
    used = [parse_formula(f"~ offset({part})").columns for part in parts]
    if not used[-1]:
        raise UnusableInputError(f"no event is understood by {written!r}", where=case.id)
    right = parse_formula(f"~ {formula}").columns if formula else ()
    data = _complete(case, kept_rows(case, case.table()), {*chain(*used), *also, *right})
    columns = {name: data[name].to_numpy() for name in chain(*used)}
    *ends, said = (evaluate(part, columns) for part in parts)
    ends = [np.asarray(end, dtype=np.float64) for end in ends]
    event = _is_event(case, said, comparison, value)
    code = event if said.dtype.kind in "OU" else said
    start = ends[0] if len(ends) > 1 else None
    return Observed(replace(case, data=data), ends[-1], start, code.astype(np.int64), event)


def _is_event(
    case: Case, said: npt.NDArray[Any], comparison: str, value: str
) -> npt.NDArray[np.bool_]:
    text = said.dtype.kind in "OU"
    if comparison:
        found = re.findall(r"[\"']([^\"']*)[\"']" if text else r"-?\d+(?:\.\d+)?", value)
        values = found if text else [float(each) for each in found]
        if values:
            event = COMPARISONS[comparison](said, values if comparison == "%in%" else values[0])
            return np.asarray(event, dtype=bool)
    if comparison or text:
        raise UnusableInputError(
            f"no event is understood by {f'{comparison} {value}' if comparison else 'words'}",
            where=case.id,
            remedy='compare codes with numbers, and words with words, as in status == "died"',
        )
    if set(said.tolist()) == {1, 2} and "failcode" not in case.spec:
        return np.asarray(said == 2)
    return np.asarray(said == int(case.spec.get("failcode", 1)))


def _parts(case: Case) -> list[str]:
    """The expressions inside 'Surv(...)': of times, then of the event."""
    written = re.match(r"\s*Surv\((.*)\)\s*~", str(case.spec.get("formula", "")))
    if written is None:
        names = {name.lower(): name for name in case.table().columns}
        adam = "cnsr" in names and not {*ROLES["event"]} & {*names} and "event" not in case.spec
        return [
            column_of(case, "time"),
            f"{names['cnsr']} == 0" if adam else column_of(case, "event"),
        ]
    parts = re.split(r",(?![^(]*\))", re.sub(r"\b(?:time2?|event)\s*=(?!=)", "", written[1]))
    return [part.strip() for part in parts]


def _complete(case: Case, data: pl.DataFrame, wanted: Iterable[str]) -> pl.DataFrame:
    absent = sorted(set(wanted) - set(data.columns))
    if absent:
        raise UnusableInputError(
            f"the data have no column {', '.join(absent)}",
            where=case.id,
            remedy=f"they have {', '.join(data.columns)}",
        )
    return data.drop_nulls(list(wanted))


def groups(case: Case) -> str:
    """The column of the groups that are compared: the formula's, else that of the arms."""
    variables = parse_formula(f"~ {right_side(case) or 1}").variables
    return column_of(case, "arm") if "arm" in case.spec or not variables else variables[0]


def strata_names(case: Case) -> list[str]:
    """The columns of the strata: the formula's, else the one that is known as such."""
    written = parse_formula(f"~ {right_side(case) or 1}").strata
    return list(written) or [column_of(case, "strata")]


def joined(columns: Iterable[npt.NDArray[Any]]) -> npt.NDArray[Any] | None:
    """Strata of several columns are the combinations of their values; None without columns."""
    rows = ["|".join(map(str, values)) for values in zip(*columns, strict=True)]
    return np.array(rows) if rows else None
