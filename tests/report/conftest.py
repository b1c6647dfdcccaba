"""Charts as they are given to the renderer, which is not started."""

import pytest
import vl_convert

EMPTY = '<svg viewBox="0 0 1 1"></svg>'


@pytest.fixture
def charts(monkeypatch) -> list[dict]:
    """The specifications drawn during the test, in order."""
    drawn: list[dict] = []

    def draw(specification):
        drawn.append(specification)
        return EMPTY

    monkeypatch.setattr(vl_convert, "vegalite_to_svg", draw)
    return drawn
