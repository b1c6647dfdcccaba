"""The page says what results.json says: every table is read back and compared with the results."""

import re
from functools import cache
from html.parser import HTMLParser

import pytest

from analysis.rehearsals import TRIALS, rehearsal
from trialwright.report import Provenance, render
from trialwright.report.numbers import decimal, interval, p_value, share, signed
from trialwright.report.words import Words

EVERY = pytest.mark.parametrize("name", TRIALS)


@cache
def page(name: str) -> str:
    study, _, results = rehearsal(name)
    return render(study, results, Provenance(study_sha256="0" * 64, seed=3, scenario="emax"))


class Tables(HTMLParser):
    """The tables of a page: caption, then rows of cells, with the scope of each header cell."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[dict] = []
        self.cell: list[str] | None = None

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "table":
            self.tables.append({"caption": None, "rows": [], "scopes": []})
        elif tag == "tr":
            self.tables[-1]["rows"].append([])
        elif tag in ("td", "th", "caption"):
            self.cell = []
            if tag == "th":
                self.tables[-1]["scopes"].append(given.get("scope"))

    def handle_data(self, data):
        if self.cell is not None:
            self.cell.append(data)

    def handle_endtag(self, tag):
        if tag in ("td", "th", "caption") and self.cell is not None:
            text = "".join(self.cell).strip()
            if tag == "caption":
                self.tables[-1]["caption"] = text
            else:
                self.tables[-1]["rows"][-1].append(text)
            self.cell = None


@cache
def tables(name: str) -> list[dict]:
    reader = Tables()
    reader.feed(page(name))
    return reader.tables


def captioned(name: str, start: str) -> list[list[list[str]]]:
    return [each["rows"] for each in tables(name) if each["caption"].startswith(start)]


@EVERY
def test_each_table_has_a_caption_scoped_headers_and_full_rows(name):
    assert len(tables(name)) > 8
    for each in tables(name):
        assert each["caption"]
        assert set(each["scopes"]) <= {"col", "row", "rowgroup"}
        head, *body = each["rows"]
        assert each["scopes"][: len(head)] == ["col"] * len(head)
        assert body, each["caption"]
        for row in body:
            assert len(row) in (1, len(head)), (each["caption"], row)
            assert all(cell for cell in row), (each["caption"], row)


@EVERY
def test_the_page_names_its_language_and_its_parts(name):
    text = page(name)
    assert '<html lang="en">' in text
    assert text.count("<main>") == text.count("</main>") == 1
    assert re.search(r"<title>[^<]{10,}</title>", text)
    for section in re.findall(r"<section[^>]*>", text):
        assert "aria-labelledby=" in section
    for region in re.findall(r'<div class="scroll"[^>]*>', text):  # reached by keyboard, and named
        assert 'tabindex="0"' in region
        assert "aria-label" in region


@EVERY
def test_no_cell_shows_a_value_of_the_program(name):
    for each in tables(name):
        for row in each["rows"]:
            for cell in row:
                words = set(cell.replace(",", " ").replace("(", " ").split())
                assert not words & {"nan", "inf", "-inf", "True", "False"}, (each["caption"], row)
                assert cell != "None"
    assert "{{" not in page(name)


@EVERY
def test_the_flow_in_numbers(name):
    _, _, results = rehearsal(name)
    text = page(name)
    flow = results.flow
    for part in (
        f"Screened: {flow.screened}",
        f"Not randomized: {flow.screened - flow.randomized}",
        f"Randomized: {flow.randomized}",
    ):
        assert part in text
    for arm in flow.arms:
        assert f"{arm.allocated} allocated, {arm.treated} treated" in text


@EVERY
def test_baseline_cells(name):
    study, _, results = rehearsal(name)
    (rows,) = captioned(name, "Number (%), or median (quartiles)")
    printed = [row for row in rows[1:] if len(row) > 1]
    assert len(printed) == len(results.baseline)
    for found, (label, *cells) in zip(results.baseline, printed, strict=True):
        assert label.startswith(found.characteristic)
        for cell, text in zip(found.cells, cells, strict=True):
            if found.kind == "count":
                assert text == share(cell.count, cell.participants)
            elif cell.median is None:
                assert text == "–"
            else:
                numbers = [float(n.replace("−", "-")) for n in re.findall(r"−?\d+\.?\d*", text)]
                places = len(text.split()[0].partition(".")[2])
                want = [cell.median, cell.lower_quartile, cell.upper_quartile]
                assert numbers == pytest.approx(want, abs=0.5000001 * 10**-places)
    sizes = [int(n) for n in re.findall(r"\(n=(\d+)\)", " ".join(rows[0]))]
    assert sizes == [*(arm.allocated for arm in results.flow.arms), results.flow.randomized]
    assert study.identity.title in page(name)


@EVERY
def test_adverse_events(name):
    _, _, results = rehearsal(name)
    (rows,) = captioned(name, "Participants with at least one event")
    printed = [row for row in rows[1:] if len(row) > 1]
    treated = results.safety.treated
    assert [int(n) for n in re.findall(r"\(n=(\d+)\)", " ".join(rows[0]))] == list(treated.values())
    for each in results.safety.rows:
        label = each.label[0].upper() + each.label[1:]
        if not printed or printed[0][0] != label:
            # Only terms may be left out, and only rare ones.
            assert each.group == "term"
            assert all(each.participants[arm] < 0.05 * treated[arm] for arm in treated)
            continue
        _, *cells = printed.pop(0)
        for arm, text in zip(treated, cells, strict=True):
            who, events = each.participants[arm], each.events[arm]
            assert text == f"{who} ({decimal(100 * who / treated[arm], 0)}%), {events}"
    assert printed == []


@EVERY
def test_deviations(name):
    _, _, results = rehearsal(name)
    (rows,) = captioned(name, "Participants with at least one deviation")
    for each, (label, *cells) in zip(results.deviation_counts, rows[1:], strict=True):
        assert label == each.kind.capitalize()
        pairs = zip(each.participants.values(), each.deviations.values(), strict=True)
        assert cells == [f"{people} ({times})" for people, times in pairs]
    listed = captioned(name, "Each deviation")
    shown = len(listed[0]) - 1 if listed else 0
    more = len(results.deviations) - shown
    assert (f"{more} more are in results.json." in page(name)) == (more > 0)


@EVERY
def test_every_rate_and_ratio(name):
    study, _, results = rehearsal(name)
    words = Words(study)
    analyses = [each for each in results.analyses if each.rates]
    found = captioned(name, "Events per participant-year")
    assert len(found) == len(analyses) > 0
    for analysis, rows in zip(analyses, found, strict=True):
        for rate, row in zip(analysis.rates, rows[1:], strict=True):
            assert row == [
                words.group(rate.arm),
                f"{rate.participants_with_event} of {rate.participants}",
                str(rate.events),
                decimal(rate.person_years, 1),
                decimal(rate.rate, 2),
                interval(rate.lower, rate.upper, 2),
            ]


def test_the_primary_comparisons_of_the_dose_finding_trial():
    study, _, results = rehearsal("dose finding")
    words, primary = Words(study), results.analysis("primary")
    rows = captioned("dose finding", "Difference in percentage points")[0]
    for each, row in zip(primary.comparisons, rows[1:], strict=True):
        label, estimate, limits, p, adjusted = row
        assert words.group(each.arm) in label
        assert words.group(each.control) in label
        assert estimate == signed(100 * each.estimate)
        assert limits == interval(100 * each.lower, 100 * each.upper)
        assert p == p_value(each.p_value)
        assert adjusted == p_value(each.adjusted_p_value)


def test_the_responders_of_the_dose_finding_trial():
    study, _, results = rehearsal("dose finding")
    words, primary = Words(study), results.analysis("primary")
    rows = captioned("dose finding", "Responders at week 12")[0]
    for each, row in zip(primary.proportions, rows[1:], strict=True):
        assert row[0] == words.group(each.arm)
        assert share(each.responders, each.participants) in row
