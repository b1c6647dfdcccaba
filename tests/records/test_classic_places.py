"""Locations: country and state once, then facility and address."""

import re

import pytest

from trialwright.records.classic_places import read_location
from trialwright.records.page import Page

PATH = "contactsLocationsModule.locations"
ANY = re.match("", "") or pytest.fail("the empty pattern fits")


def location(*lines: str) -> Page:
    page = Page(lines)
    read_location(page, ANY)
    return page


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        (
            "Beijing, Beijing, China, 100044 |",
            {"city": "Beijing", "state": "Beijing", "country": "China", "zip": "100044"},
        ),
        ("Oslo, Norway |", {"city": "Oslo", "country": "Norway"}),
        ("Oslo, Norway, 0372 |", {"city": "Oslo", "country": "Norway", "zip": "0372"}),
        (
            "Boston, Massachusetts, United States |",
            {"city": "Boston", "state": "Massachusetts", "country": "United States"},
        ),
    ],
)
def test_addresses(address: str, parts: dict[str, str]) -> None:
    page = location("The Hospital | |", address)
    assert page.get(PATH) == [{"facility": "The Hospital", **parts}]
    assert page.done


def test_the_country_goes_before() -> None:
    page = location("China, Beijing | |", "The Hospital | |", "Beijing, Beijing, China |")
    assert page.get(PATH)[0]["facility"] == "The Hospital"
    assert page.places[f"protocolSection.{PATH}[0]"] == 2


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("The Hospital | |",), "^$"),
        (("The Hospital | |", "no address |"), "no address"),
        (("China | |", "The Hospital | |", "Oslo, Norway |"), "China"),
    ],
)
def test_what_is_no_location(lines: tuple[str, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        location(*lines)
