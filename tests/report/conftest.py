"""Charts as they are given to the renderer, and one rehearsal with all its files."""

import json
from functools import cache
from pathlib import Path

import polars as pl
import pytest
import vl_convert

from report.reading import Page
from report.rehearsed import STUDY
from trialwright.cli.main import run_words

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


@pytest.fixture(scope="session")
def out(tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("report") / "t1"
    words = ["rehearse", str(STUDY), "--seed", "11", "--out", str(target)]
    assert run_words(words) == 0
    return target


@pytest.fixture(scope="session")
def page(out) -> Page:
    return Page((out / "report.html").read_text("utf-8"))


@pytest.fixture(scope="session")
def document(out) -> dict:
    return json.loads((out / "results.json").read_text("utf-8"))


@pytest.fixture(scope="session")
def results(document) -> dict:
    return document["results"]


@pytest.fixture(scope="session")
def data(out):
    return cache(lambda table: pl.read_parquet(out / "data" / f"{table}.parquet").to_dicts())


@pytest.fixture(scope="session")
def arm_of(data) -> dict[str, str]:
    return {each["participant"]: each["allocated_to"] for each in data("allocations")}
