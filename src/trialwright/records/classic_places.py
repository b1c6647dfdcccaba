"""The locations of a classic record page: country, then facility and address, a line each."""

import re

from trialwright.records.page import Page

_ADDRESS = re.compile(
    r"^(?P<city>[^,|]+), (?:(?P<state>[^,|]+), )?(?P<country>[^,|\d]+)"
    r"(?:, (?P<zip>[^,|]*\d[^,|]*))? ?\|$"
)


def read_location(page: Page, _: re.Match[str]) -> None:
    """Read a facility and its address; the line before, if any, repeats country and state.

    Raises:
        ValueError: no address follows, or it lies in another country.
    """
    place = page.line.rstrip("| ") if not _ADDRESS.match(page.peek(1)) else None
    if place is not None:
        page.at += 1
    facility, address = page.line.rstrip("| "), _ADDRESS.match(page.peek(1))
    if not address:
        raise ValueError(facility)
    parts = {key: words.strip() for key, words in address.groupdict().items() if words}
    if place not in (None, parts["country"], f"{parts['country']}, {parts.get('state')}"):
        raise ValueError(place)
    page.append("contactsLocationsModule.locations", {"facility": facility, **parts})
    page.at += 2
