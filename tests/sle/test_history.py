"""Looking back along the visits of a participant, against loops over lists."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.sle.history import ever_before, first_known, first_row, last_known, previous

histories = st.lists(
    st.lists(st.one_of(st.none(), st.integers(0, 5)), min_size=1, max_size=6),
    min_size=1,
    max_size=5,
)


def frame(values: list[list[int | None]]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "participant": [i for i, row in enumerate(values) for _ in row],
            "x": [x for row in values for x in row],
        },
        schema={"participant": pl.Int64, "x": pl.Int64},
    )


def evaluated(values: list[list[int | None]], expression: pl.Expr) -> list:
    return frame(values).select(expression.alias("y"))["y"].to_list()


@settings(max_examples=150, deadline=None)
@given(histories)
def test_each_expression_equals_a_loop(values):
    x = pl.col("x")
    known = [
        [[v for v in row[: i + 1] if v is not None] for i in range(len(row))] for row in values
    ]
    flat = [so_far for row in known for so_far in row]

    assert evaluated(values, first_row()) == [i == 0 for row in values for i in range(len(row))]
    assert evaluated(values, previous(x)) == [
        row[i - 1] if i else None for row in values for i in range(len(row))
    ]
    assert evaluated(values, last_known(x, nothing=-1)) == [s[-1] if s else None for s in flat]
    assert evaluated(values, first_known(x, nothing=-1)) == [s[0] if s else None for s in flat]
    assert evaluated(values, ever_before(x >= 4)) == [
        any(v is not None and v >= 4 for v in row[:i]) for row in values for i in range(len(row))
    ]
