"""What a case of times to an event is about: its records, their times, events, arms and strata.

The left side of the setting `formula` says it, as in 'Surv(time, status == 1) ~ arm + strata(site)'
or 'Surv(start, stop, event)'; else columns are found by their usual names, or by the settings
`time`, `event`, `start`, `arm`, `strata` and `participant`. A code alone means that the event is
cause 1, or the setting `failcode`; where codes are 1 and 2 only, as in R, 2 is the event.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.stats.formulas import evaluate, parse_formula
from trialwright.stats.results import Floats, Integers
from trialwright.verification.cases import Case
from trialwright.verification.columns import kept_rows

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "time": ("time1", "time", "aval", "stop", "ttoe"),
    "event": ("status1", "status", "event", "cnsr_event"),
    "start": ("start", "tstart"),
    "stop": ("stop", "tstop"),
    "arm": ("arm", "trt", "treatment", "group"),
    "strata": ("ocs_hi", "stratum", "strata"),
    "participant": ("usubjid", "participant", "subject", "id"),
}
COMPARISONS: Final[Mapping[str, Any]] = {
    "==": np.equal,
    "!=": np.not_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "%in%": np.isin,
}


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


def named(case: Case, role: str) -> str:
    """The column of a role.

    Raises:
        UnusableInputError: if the data have none.
    """
    own = case.spec.get(role)
    for name in [own] if isinstance(own, str) else NAMES[role]:
        if name in case.table().columns:
            return str(name)
    raise UnusableInputError(f"the data have no column of the {role}", where=case.id)


def right_side(case: Case) -> str:
    """What stands right of the '~' of the formula; empty without a formula."""
    return str(case.spec.get("formula", "")).rpartition("~")[2].strip()


def observed(case: Case, *also: str, formula: str = "") -> Observed:
    """The records that are complete in times, events, the columns `also`, and those of a formula.

    Raises:
        UnusableInputError: if a column is absent, or the formula's left side not understood.
    """
    parts = _parts(case)
    condition = re.fullmatch(r"(\w+)(?:\s*(==|!=|>=|>|%in%)\s*(.+))?", parts[-1])
    if condition is None:
        raise UnusableInputError(f"no event is understood by {parts[-1]!r}", where=case.id)
    column, comparison, value = condition.groups()
    times = [name for part in parts[:-1] for name in parse_formula(f"~ offset({part})").columns]
    wanted = {*times, column, *also, *(parse_formula(f"~ {formula}").columns if formula else ())}
    data = _complete(case, kept_rows(case, case.table()), wanted)
    columns = {name: data[name].to_numpy() for name in times}
    ends = [np.asarray(evaluate(part, columns), dtype=np.float64) for part in parts[:-1]]
    code = data[column].cast(pl.Int64).to_numpy()
    if comparison:
        values = [float(each) for each in re.findall(r"-?\d+(?:\.\d+)?", value)]
        event = COMPARISONS[comparison](code, values if comparison == "%in%" else values[0])
    elif set(code.tolist()) == {1, 2} and "failcode" not in case.spec:
        event = code == 2
    else:
        event = code == int(case.spec.get("failcode", 1))
    start = ends[0] if len(ends) > 1 else None
    return Observed(replace(case, data=data), ends[-1], start, code, np.asarray(event, dtype=bool))


def _parts(case: Case) -> list[str]:
    """The expressions inside 'Surv(...)': of times, then of the event."""
    written = re.match(r"\s*Surv\((.*)\)\s*~", str(case.spec.get("formula", "")))
    if written is None:
        return [named(case, "time"), named(case, "event")]
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
    return named(case, "arm") if "arm" in case.spec or not variables else variables[0]


def strata_names(case: Case) -> list[str]:
    """The columns of the strata: the formula's, else the one that is known as such."""
    written = parse_formula(f"~ {right_side(case) or 1}").strata
    return list(written) or [named(case, "strata")]


def joined(columns: Iterable[npt.NDArray[Any]]) -> npt.NDArray[Any] | None:
    """Strata of several columns are the combinations of their values; None without columns."""
    rows = ["|".join(map(str, values)) for values in zip(*columns, strict=True)]
    return np.array(rows) if rows else None
