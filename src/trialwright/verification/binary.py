"""Cases with a binary outcome."""

from collections.abc import Mapping
from itertools import product
from typing import Any, Final

import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.verification.cases import Case
from trialwright.verification.compare import Method

RESPONSES: Final = ("sri4_nri", "resp", "response", "responder", "y")


def response_name(case: Case) -> str:
    """The column of the 0/1 response: named in the spec, else one of the usual names."""
    named = case.spec.get("response")
    for name in [named] if named else RESPONSES:
        if name in case.table().columns:
            return str(name)
    raise UnusableInputError(f"the data have no response {named or RESPONSES}", where=case.id)


def with_strata(case: Case) -> pl.DataFrame:
    """The data with a column `stratum`.

    The spec names one or more columns; the cells `st` of two indicators are written S0O1.
    """
    data = case.table()
    named = case.spec.get("strata", "st")
    names = [named] if isinstance(named, str) else list(named)
    if len(names) == 1 and names[0] not in data.columns:
        for mark in ("*", ":", " x ", "+", ","):
            names = [part.strip() for name in names for part in name.split(mark)]
    if names == ["st"] and {"sledai_hi", "ocs_hi"} <= set(data.columns):
        cell = pl.format("S{}O{}", pl.col("sledai_hi"), pl.col("ocs_hi"))
    elif set(names) <= set(data.columns):
        cell = pl.concat_str([pl.col(name).cast(pl.String) for name in names], separator=" ")
    else:
        raise UnusableInputError(f"the data have no strata {named!r}", where=case.id)
    return data.drop_nulls([n for n in names if n in data.columns]).with_columns(stratum=cell)


def _counts(case: Case) -> dict[str, Any]:
    response, data = response_name(case), with_strata(case)
    arms = sorted(data["arm"].unique().to_list())
    strata = sorted(data["stratum"].unique().to_list())
    by_arm = data.group_by("arm").agg(x=pl.col(response).sum(), n=pl.len()).sort("arm")
    cells = data.group_by("arm", "stratum").agg(x=pl.col(response).sum(), n=pl.len())
    found = {(arm, stratum): (x, n) for arm, stratum, x, n in cells.rows()}

    def rows(which: int) -> list[dict[str, Any]]:
        return [
            {"arm": arm, "st": stratum, "x": found.get((arm, stratum), (0, 0))[which]}
            for stratum, arm in product(strata, arms)
        ]

    return {
        "x": by_arm["x"].to_list(),
        "n": by_arm["n"].to_list(),
        "x_by_stratum": rows(0),
        "n_by_stratum": rows(1),
    }


METHODS: Final[Mapping[str, Method]] = {
    "counts": _counts,
}
