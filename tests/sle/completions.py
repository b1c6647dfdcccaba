"""The meaning of not assessed, tried out: a verdict is given if and only if all completions agree.

Every empty cell of a participant is filled in every way, the completed tables are scored by the
same library, and the answers are compared with the one that it gave to the incomplete table.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import product

import polars as pl

from trialwright import sle


def completed(visits: pl.DataFrame, values: Mapping[str, Sequence]) -> pl.DataFrame:
    """Every completion of every participant, each as a participant of its own."""
    rows = []
    for _, history in visits.group_by("participant", maintain_order=True):
        cells = history.to_dicts()
        blanks = [(i, key) for i, row in enumerate(cells) for key in values if row[key] is None]
        assert len(blanks) < 12, "too many completions to try"
        for number, filling in enumerate(product(*(values[key] for _, key in blanks))):
            filled = [dict(row, participant=f"{row['participant']}/{number}") for row in cells]
            for (i, key), value in zip(blanks, filling, strict=True):
                filled[i][key] = value
            rows += filled
    schema = visits.schema | {"participant": pl.String}
    return pl.DataFrame(rows, schema=schema)


def answers(
    key: str, visits: pl.DataFrame, columns: Sequence[str], values: Mapping[str, Sequence], **how
) -> dict[tuple, dict[str, set]]:
    """For each participant and visit, what each column is over all completions."""
    found: dict[tuple, dict[str, set]] = defaultdict(lambda: defaultdict(set))
    for row in sle.score(key, completed(visits, values), **how).to_dicts():
        origin = (row["participant"].split("/")[0], row["visit"])
        for column in columns:
            found[origin][column].add(row[column])
    return found


def assert_decided_where_completions_agree(
    key: str, visits: pl.DataFrame, columns: Sequence[str], values: Mapping[str, Sequence], **how
) -> None:
    """Each column is the common answer of all completions, and empty where they differ."""
    found = answers(key, visits, columns, values, **how)
    for row in sle.score(key, visits, **how).to_dicts():
        for column in columns:
            possible = found[str(row["participant"]), row["visit"]][column]
            want = next(iter(possible)) if len(possible) == 1 else None
            assert row[column] == want, (column, row, possible)


def assert_bounds_are_reached(
    key: str, visits: pl.DataFrame, lowest: str, highest: str, values: Mapping[str, Sequence], **how
) -> None:
    """The two columns are the lowest and the highest of their values over all completions."""
    found = answers(key, visits, [lowest, highest], values, **how)
    for row in sle.score(key, visits, **how).to_dicts():
        possible = found[str(row["participant"]), row["visit"]]
        assert row[lowest] == min(possible[lowest]), row
        assert row[highest] == max(possible[highest]), row
