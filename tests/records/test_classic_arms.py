"""The table of arms: cells over lines, empty cells, interventions that arms share."""

import re

import pytest

from trialwright.records.classic_arms import ARMS, INTERVENTIONS, read_arms, read_interventions
from trialwright.records.page import Page

HEADER = ["Arm | Intervention/treatment |", "---|---|"]


def table(*lines: str) -> Page:
    page = Page((*HEADER, *lines))
    read_arms(page, re.match("", "") or pytest.fail("the empty pattern fits"))
    return page


def test_an_arm_with_its_intervention() -> None:
    page = table("Experimental: High", "Twice a day.", "|", "Drug: X", "10 mg |")
    assert page.get(ARMS) == [
        {
            "label": "High",
            "type": "EXPERIMENTAL",
            "description": "Twice a day.",
            "interventionNames": ["Drug: X"],
        }
    ]
    assert page.get(INTERVENTIONS) == [
        {"type": "DRUG", "name": "X", "description": "10 mg", "armGroupLabels": ["High"]}
    ]
    assert page.done


def test_a_cell_on_one_line() -> None:
    page = table("Experimental: High |", "Drug: X |", "No Intervention: Low |")
    assert [arm["label"] for arm in page.get(ARMS)] == ["High", "Low"]


def test_an_empty_cell_between_two_arms() -> None:
    page = table("No Intervention: A", "|", "Experimental: B", "|", "Drug: X |")
    assert [arm.get("interventionNames") for arm in page.get(ARMS)] == [None, ["Drug: X"]]


def test_arms_share_an_intervention() -> None:
    page = table(
        "Experimental: A", "|", "Drug: X", "10 mg |", "Experimental: B", "|", "Drug: X", "10 mg |"
    )
    assert page.get(INTERVENTIONS) == [
        {"type": "DRUG", "name": "X", "description": "10 mg", "armGroupLabels": ["A", "B"]}
    ]


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (["Other Name: Y, or Z |"], ["Y, or Z"]),
        (["Other Names:", "- Y", "- Z |"], ["Y", "Z"]),
        (["Other Name: Y", "Other Name: Y |"], ["Y"]),
    ],
)
def test_other_names(lines: list[str], names: list[str]) -> None:
    page = table("Experimental: A", "|", "Drug: X", *lines)
    assert page.get(INTERVENTIONS)[0]["otherNames"] == names


@pytest.mark.parametrize(
    "line",
    ["- Flare [ Time Frame: week 52 ]", "Primary Outcome Measures :", "Stray words"],
)
def test_the_table_ends_where_something_else_begins(line: str) -> None:
    page = table("No Intervention: A", "|", line)
    assert page.line == line
    assert len(page.get(ARMS)) == 1


def test_facts_know_their_lines() -> None:
    page = table("Experimental: A", "|", "Drug: X |", "", "Experimental: B", "|", "Device: Y |")
    places = {path.rsplit(".", 1)[1]: line for path, line in page.places.items()}
    assert places == {
        "armGroups": 3,
        "armGroups[0]": 3,
        "armGroups[1]": 7,
        "interventions": 5,
        "interventions[0]": 5,
        "interventions[1]": 9,
    }


def test_a_cell_of_interventions_alone() -> None:
    page = Page(("",))
    read_interventions(page, "Drug: X\n\nDietary Supplement: Y", 4)
    assert [(each["type"], each["name"]) for each in page.get(INTERVENTIONS)] == [
        ("DRUG", "X"),
        ("DIETARY_SUPPLEMENT", "Y"),
    ]
    with pytest.raises(ValueError, match="Potion"):
        read_interventions(page, "Potion: Z", 4)
