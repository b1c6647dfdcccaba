from pathlib import Path

import numpy as np
import pytest

from trialwright.errors import UnusableInputError
from trialwright.simulation import Scenario, scenario, scenarios
from trialwright.simulation.page import scenarios_page

DOSES = np.array([0, 0.1, 0.2, 0.5, 1.0])
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "scenarios.md"


@pytest.mark.parametrize("name", ["null", "emax", "linear", "inverted-u", "he2020-like"])
def test_the_named_scenarios_exist(name):
    assert scenario(name).name == name


def test_an_unknown_scenario_is_refused_with_the_known_ones():
    with pytest.raises(UnusableInputError, match="the scenarios are null, emax") as caught:
        scenario("miracle")
    assert "miracle" in caught.value.what


@pytest.mark.parametrize("name", list(scenarios()))
def test_without_a_dose_nothing_happens(name):
    assert scenario(name).share(0.0) == 0


@pytest.mark.parametrize("name", [name for name in scenarios() if name != "inverted-u"])
def test_no_dose_does_less_than_a_lower_one_unless_the_curve_turns(name):
    shares = scenario(name).share(DOSES)
    assert (np.diff(shares) >= 0).all()


@pytest.mark.parametrize(
    ("name", "shares"),
    [
        # By hand: emax with half effect at 0.25, scaled to 1 at 1 MIU, is 1.25 d / (d + 0.25).
        ("emax", [0, 0.125 / 0.35, 0.25 / 0.45, 0.625 / 0.75, 1]),
        ("linear", [0, 0.1, 0.2, 0.5, 1]),
        ("plateau", [0, 1, 1, 1, 1]),
        ("null", [0, 0, 0, 0, 0]),
    ],
)
def test_shares_of_the_effect_by_dose(name, shares):
    assert scenario(name).share(DOSES) == pytest.approx(shares)


def test_the_inverted_u_peaks_at_its_dose_and_falls_on_both_sides():
    curve = scenario("inverted-u")
    assert curve.share(0.5) == 1
    # By hand: half of the peak at exp(log(2.1) sqrt(2 log 2)) = 2.395 times the dose.
    assert curve.share([0.5 * 2.395, 0.5 / 2.395]) == pytest.approx([0.5, 0.5], abs=1e-3)


def test_an_unknown_shape_is_refused():
    with pytest.raises(UnusableInputError, match="the shapes are none, linear"):
        Scenario("new", "title", "wave", 1, 1, 0, "", "")


def test_the_page_of_scenarios_is_what_the_data_say():
    # If this fails: python -m trialwright.simulation.page > docs/reference/scenarios.md
    assert PAGE.read_text(encoding="utf-8") == scenarios_page()


def test_the_page_names_every_scenario_and_no_number_without_an_origin():
    page = scenarios_page()
    assert all(f"`{name}`" in page for name in scenarios())
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert all(line.rstrip(" |").split("|")[-1].strip() for line in rows)
