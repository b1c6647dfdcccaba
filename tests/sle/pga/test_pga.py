"""PGA on its three scales, exact at the limits."""

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sle.random_visits import random_table
from trialwright import sle
from trialwright.errors import UnusableInputError
from trialwright.sle.pga import SCALES, change_in_steps, worsening_steps

HUNDREDTHS = {"0-3": 300, "0-10": 1000, "0-100": 10_000}


def reference(value: float | None, scale: str) -> tuple[float | None, str | None]:
    """The assessment on 0 to 3 and its band, with exact decimals."""
    if value is None:
        return (None, None)
    of_three = Decimal(str(value)) * 3 / SCALES[scale]
    if of_three < Decimal("0.5"):
        return (float(of_three), "below mild")
    if of_three <= 1:
        return (float(of_three), "mild")
    return (float(of_three), "moderate" if of_three <= 2 else "severe")


@pytest.mark.parametrize("scale", SCALES)
def test_equals_the_reference_on_100_000_visits(scale: str):
    values = [step / 100 for step in range(HUNDREDTHS[scale] + 1)]
    item = sle.INSTRUMENTS["pga"].items[0]
    visits = random_table([item], 100_000, seed=3, numbers={"pga": values})

    scored = sle.score("pga", visits, scale=scale)

    expected = {value: reference(value, scale) for value in [*values, None]}
    want = [expected[value] for value in visits["pga"]]
    assert scored["pga_band"].to_list() == [band for _, band in want]
    assert scored["pga_0_3"].to_list() == pytest.approx([of_three for of_three, _ in want])


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(list(SCALES)), st.data())
def test_a_change_is_worse_exactly_from_a_tenth_of_the_scale(scale: str, data):
    before, after = (data.draw(st.integers(0, HUNDREDTHS[scale])) for _ in range(2))
    frame = pl.DataFrame({"before": [before / 100], "after": [after / 100]})

    steps = frame.select(change_in_steps(pl.col("before"), pl.col("after")))["after"][0]

    assert (steps >= worsening_steps(scale)) == (after - before >= HUNDREDTHS[scale] // 10)


def test_2_3_less_2_0_is_0_3():
    assert 2.3 - 2.0 < 0.3  # what binary arithmetic makes of it
    frame = pl.DataFrame({"before": [2.0], "after": [2.3]})
    assert frame.select(change_in_steps(pl.col("before"), pl.col("after")))["after"][0] == 3_000
    assert worsening_steps("0-3") == 3_000


def test_an_assessment_beyond_its_scale_is_refused():
    frame = pl.DataFrame({"participant": ["P1"], "visit": [0], "pga": [23.0]})
    with pytest.raises(UnusableInputError, match="pga lies from 0 to 3"):
        sle.score("pga", frame)
    assert sle.score("pga", frame, scale="0-100")["pga_0_3"].to_list() == pytest.approx([0.69])


def test_the_explanation_names_both_scales():
    frame = pl.DataFrame({"participant": ["P1", "P1"], "visit": [0, 1], "pga": [40.0, None]})
    assert "40 of 100 is 1.2 of 3, moderate" in sle.explain("pga", frame, "P1", 0, scale="0-100")
    assert "not assessed" in sle.explain("pga", frame, "P1", 1, scale="0-100")
