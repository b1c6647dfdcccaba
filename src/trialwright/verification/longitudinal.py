"""The rows of a case as participants by visits, with their arms and covariates."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.stats.formulas import Formula
from trialwright.stats.results import Floats
from trialwright.verification.cases import Case
from trialwright.verification.columns import ARMS, PARTICIPANTS, VISITS, column_named, kept_rows


@dataclass(frozen=True, slots=True)
class Longitudinal:
    """Outcomes of n participants at m visits.

    Attributes:
        outcomes: shape (n, m), not-a-number where missing.
        visits: their names in order.
        table: one participant a row, with arm and covariates.
        arm: name of the arms' column.
        visit: name of the column of visits.
    """

    outcomes: Floats
    visits: tuple[str, ...]
    table: pl.DataFrame
    arm: str
    visit: str

    def at(self, name: str) -> int:
        """The position of the visit that a name ends with, such as 'chg12'; else the last one."""
        ending = [k for k, visit in enumerate(self.visits) if name.endswith(visit)]
        return max(ending, key=lambda k: len(self.visits[k]), default=len(self.visits) - 1)

    def covariates(self, formula: Formula) -> list[str]:
        """The variables of a formula that are neither arm nor visit."""
        no_covariates = {*ARMS, self.arm.lower(), self.visit.lower()}
        return [name for name in formula.variables if name.lower() not in no_covariates]

    def matrix(self, names: Iterable[str]) -> tuple[Floats, npt.NDArray[np.int64]]:
        """Covariates' columns, text by indicators, shape (n, c), and whose they are, shape (c,)."""
        columns, owners = [np.empty((self.table.height, 0))], []
        for k, name in enumerate(names):
            column_named([name], self.table, "covariates")
            values = self.table[name]
            levels = values.unique().sort().to_list()[1:]
            if values.dtype.is_numeric():
                columns.append(values.cast(pl.Float64).to_numpy()[:, None])
            else:
                columns.append(np.array([[value == level for level in levels] for value in values]))
            owners += [k] * columns[-1].shape[1]
        return np.hstack(columns).astype(np.float64), np.array(owners, dtype=np.int64)


def longitudinal(case: Case, response: str, covariates: Iterable[str] = ()) -> Longitudinal:
    """The rows of a case's arms and visits, side by side.

    Raises:
        UnusableInputError: if columns are absent, or a participant has two rows of a visit, or
            several arms or values of a covariate.
    """
    data = kept_rows(case, case.table())
    visit, arm = column_named(VISITS, data, case.id), column_named(ARMS, data, case.id)
    who = str(case.spec.get("participant") or column_named(PARTICIPANTS, data, case.id))
    known = [each for each in data.columns if each not in (visit, response, who, arm)]
    constant = [name for name in known if (data.group_by(who).n_unique()[name] == 1).all()]
    index = list(dict.fromkeys([who, arm, *(n for n in covariates if n in known), *constant]))
    if response not in data.columns:
        raise UnusableInputError(f"the data have no column {response}", where=case.id)
    visits = data[visit].drop_nulls().unique().sort().to_list()
    if data.select(who, visit).is_duplicated().any():
        raise UnusableInputError("a participant has two rows of a visit", where=case.id)
    wide = data.pivot(visit, index=index, values=response, sort_columns=False)
    if wide[who].is_duplicated().any():
        raise UnusableInputError("a participant has two arms, or two baselines", where=case.id)
    names = tuple(str(each) for each in visits)
    outcomes = wide.select(pl.col(names).cast(pl.Float64)).fill_null(float("nan")).to_numpy()
    return Longitudinal(outcomes, names, wide.select(index), arm, visit)
