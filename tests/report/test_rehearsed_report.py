"""The report that `rehearse` writes, held against the files beside it by plain loops.

Nothing of the project computes an expected number here: results are read from results.json, data
from data/*.parquet, and both are compared with the words of report.html.
"""

import hashlib
import json
import re
import statistics
from collections import Counter
from functools import cache
from pathlib import Path

import polars as pl
import pytest
import yaml

from report.reading import Page, agrees, numbers
from trialwright.cli.main import run_words

STUDY = Path(__file__).parents[2] / "studies" / "il2-sle-dose-finding" / "study.yaml"
ARMS = {
    "placebo": "Placebo",
    "il-2-0.2-miu": "IL-2 0.2 MIU",
    "il-2-0.5-miu": "IL-2 0.5 MIU",
    "il-2-1-miu": "IL-2 1 MIU",
}
VISIT_ORDER = {"screening": 0, "baseline": 1}


@pytest.fixture(scope="module")
def out(tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("report") / "t1"
    words = ["rehearse", str(STUDY), "--seed", "11", "--out", str(target)]
    assert run_words(words) == 0
    return target


@pytest.fixture(scope="module")
def page(out) -> Page:
    return Page((out / "report.html").read_text("utf-8"))


@pytest.fixture(scope="module")
def document(out) -> dict:
    return json.loads((out / "results.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def results(document) -> dict:
    return document["results"]


@pytest.fixture(scope="module")
def data(out):
    return cache(lambda table: pl.read_parquet(out / "data" / f"{table}.parquet").to_dicts())


@pytest.fixture(scope="module")
def arm_of(data) -> dict[str, str]:
    return {each["participant"]: each["allocated_to"] for each in data("allocations")}


def analysis(results: dict, name: str) -> dict:
    return next(each for each in results["analyses"] if each["id"] == name)


def counted(found: int, total: int) -> str:
    """As `35/40 (88%)`; Python rounds halves to even, as the page does."""
    return f"{found}/{total} ({round(100 * found / total)}%)"


# Where the numbers come from


def test_the_study_is_named_by_the_hash_of_its_file(page, document):
    own = hashlib.sha256(STUDY.read_bytes()).hexdigest()
    rows = page.rows("provenance", "Provenance")
    assert rows["Study file, SHA-256"] == [own]
    assert document["study"]["sha256"] == own


def test_the_record_is_named_by_the_hash_that_the_study_gives(page):
    given = yaml.safe_load(STUDY.read_text("utf-8"))["identity"]["registrations"][0]
    rows = page.rows("provenance", "Provenance")
    assert rows["Registry record, SHA-256"] == [given["record_sha256"]]
    assert given["id"] in page.document.all("dl")[0].text


def test_seed_scenario_and_command_give_the_report_again(page):
    rows = page.rows("provenance", "Provenance")
    assert rows["Seed"] == ["11"]
    assert rows["Scenario"][0].startswith("emax: ")
    assert rows["Command"] == [f"trialwright rehearse {STUDY} --seed 11 --scenario emax"]
    assert {each.split()[0] for each in rows["Versions"][0].split(", ")} >= {"trialwright", "numpy"}


# Flow


def test_the_flow_is_what_the_tables_count(page, data, arm_of):
    people = data("participants")
    shown = " ".join(each.text for each in page.ids["consort"].all("text"))
    assert f"Screened: {len(people)} " in shown
    assert f"Randomized: {len(arm_of)} " in shown
    assert f"Not randomized: {len(people) - len(arm_of)} " in shown
    for arm, title in ARMS.items():
        mine = [each for each in people if arm_of.get(each["participant"]) == arm]
        treated = {each["participant"] for each in data("exposures") if each["given"]}
        completed = sum(each["end_reason"] == "completed" for each in mine)
        early = sum(each["end_reason"] not in ("completed", None) for each in mine)
        took = sum(each["participant"] in treated for each in mine)
        assert (
            f"{title}: {len(mine)} allocated, {took} treated, {early} ended early,"
            f" {completed} completed, {len(mine)} analyzed"
        ) in page.description("consort")


def test_reasons_for_not_randomizing_sum_to_those_turned_away(page, data, arm_of):
    (header, *rows) = page.behind("consort")
    assert header == ["Not randomized because of", "Participants"]
    away = [each for each in data("participants") if each["participant"] not in arm_of]
    assert sum(int(count) for _, count in rows) == len(away)


def test_each_was_turned_away_by_the_first_criterion_that_failed(page, data, arm_of):
    order = [each["id"] for each in yaml.safe_load(STUDY.read_text("utf-8"))["criteria"]]
    failed: dict[str, list[str]] = {}
    for each in data("criteria"):
        passed = "met" if each["criterion"].startswith("I") else "not met"
        if each["verdict"] not in (passed, "unknown"):
            failed.setdefault(each["participant"], []).append(each["criterion"])
    first = Counter(
        min(failed[each["participant"]], key=order.index)
        for each in data("participants")
        if each["participant"] not in arm_of
    )
    printed = {row[0].split()[0]: int(row[1]) for row in page.behind("consort")[1:]}
    assert printed == first


# Baseline


def by_arm(values: dict[str, float], arm_of: dict[str, str]) -> list[list[float]]:
    """The values of each arm and of all, in the order of the columns."""
    groups = [[values[p] for p in values if arm_of.get(p) == arm] for arm in ARMS]
    return [*groups, [value for group in groups for value in group]]


def test_the_columns_of_the_baseline_table_are_the_arms_with_their_sizes(page, arm_of):
    sizes = Counter(arm_of.values())
    header = page.table("baseline", "Number (%)")[0]
    assert header[1:] == [
        *(f"{title} (n={sizes[arm]})" for arm, title in ARMS.items()),
        f"All (n={len(arm_of)})",
    ]


@pytest.mark.parametrize(
    ("label", "column", "value"),
    [
        ("Female", "sex", "female"),
        ("Peking University People's Hospital", "site", "pkuph"),
        ("Third hospital, not named in the record", "site", "site-3"),
    ],
)
def test_counts_at_baseline(page, data, arm_of, label, column, value):
    found = {each["participant"]: each[column] == value for each in data("participants")}
    cells = page.rows("baseline", "Number (%)")[label]
    assert cells == [counted(sum(group), len(group)) for group in by_arm(found, arm_of)]


def test_counts_of_the_strata(page, data, arm_of):
    low = {
        each["participant"]: "activity=below-12" in each["stratum"] for each in data("allocations")
    }
    cells = page.rows("baseline", "Number (%)")["SELENA-SLEDAI at baseline: 8 to 11"]
    assert cells == [counted(sum(group), len(group)) for group in by_arm(low, arm_of)]


def quartiles(values: list[float]) -> tuple[float, float, float]:
    """Median and quartiles by linear interpolation (type 7 of Hyndman and Fan 1996)."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return middle, low, high


def test_age_at_baseline(page, data, arm_of):
    ages = {each["participant"]: each["age"] for each in data("participants")}
    cells = page.rows("baseline", "Number (%)")["Age, years"]
    for cell, group in zip(cells, by_arm(ages, arm_of), strict=True):
        assert agrees(cell, *quartiles(group)), (cell, quartiles(group))


@pytest.mark.parametrize(
    ("label", "item"),
    [
        ("Alanine aminotransferase, U/L", "alt"),
        ("Platelets, 10⁹/L", "platelets"),
        ("Protein in urine over 24 hours, g/24 h", "urine_protein"),
        ("Physician's global assessment, 0 none to 3 severe", "pga"),
        ("Prednisone or equivalent, daily dose, mg/day", "prednisone"),
        ("Treg, share of CD4 T cells, %", "regulatory_t_cells"),
        ("Weight at screening, kg", "weight"),
    ],
)
def test_numbers_at_baseline_are_the_last_before_the_first_dose(page, out, arm_of, label, item):
    rows = (
        pl.read_parquet(out / "data" / "item_values.parquet")
        .filter(
            (pl.col("item") == item)
            & pl.col("visit").is_in(list(VISIT_ORDER))
            & pl.col("number").is_not_null()
        )
        .to_dicts()
    )
    rows.sort(key=lambda each: VISIT_ORDER[each["visit"]])
    last = {each["participant"]: each["number"] for each in rows}
    cells = page.rows("baseline", "Number (%)")[label]
    for cell, group in zip(cells, by_arm(last, arm_of), strict=True):
        assert agrees(cell, *quartiles(group)), (cell, quartiles(group))


# The primary result


def test_the_headline_claims_what_the_results_claim(page, results):
    claimed = [
        ARMS[each["arm"]] for each in analysis(results, "primary")["comparisons"] if each["claim"]
    ]
    head = page.section("answer").all("p")[1].text
    assert all(title in head for title in claimed)
    assert head.startswith("No difference was shown") == (not claimed)


def test_each_answer_gives_the_numbers_of_its_comparison(page, results):
    primary = analysis(results, "primary")
    shares = {each["arm"]: each for each in primary["proportions"]}
    sentences = [each.text for each in page.section("answer").all("li")]
    for found, sentence in zip(primary["comparisons"], sentences, strict=True):
        arm, control = shares[found["arm"]], shares[found["control"]]
        for each in (arm, control):
            share = counted(each["responders"], each["participants"])
            assert f"{share} on {ARMS[each['arm']]}" in sentence
        points, inside = re.search(
            r"of ([+−]?[\d.]+) percentage points \((.*)\)", sentence
        ).groups()
        assert agrees(points, 100 * found["estimate"])
        level, low, high, p, adjusted = numbers(inside)
        assert level == 100 * found["level"]
        assert low == pytest.approx(100 * found["lower"], abs=0.0501)
        assert high == pytest.approx(100 * found["upper"], abs=0.0501)
        assert p == pytest.approx(found["p_value"], abs=0.000501)
        assert adjusted == pytest.approx(found["adjusted_p_value"], abs=0.000501)


def test_the_responders_at_week_12(page, results):
    rows = page.rows("primary", "Responders at week 12")
    assert list(rows) == list(ARMS.values())
    for each in analysis(results, "primary")["proportions"]:
        responders, limits, missing, failed = rows[ARMS[each["arm"]]]
        assert responders == counted(each["responders"], each["participants"])
        assert agrees(limits, 100 * each["lower"], 100 * each["upper"])
        assert (int(missing), int(failed)) == (each["missing"], each["failures"])


def test_the_differences_in_the_table_and_in_the_forest_plot(page, results):
    rows = page.rows("primary", "Difference in percentage points")
    figure = page.ids["primary-forest"]
    letters = [each.text for each in figure.all("text")]
    for each in analysis(results, "primary")["comparisons"]:
        difference, limits, p, adjusted = rows[f"{ARMS[each['arm']]} against Placebo"]
        assert difference[0] in "+−0"
        assert agrees(difference.lstrip("+"), 100 * each["estimate"])
        assert agrees(limits, 100 * each["lower"], 100 * each["upper"])
        assert p == f"{each['p_value']:.3f}" or agrees(p, each["p_value"])
        assert agrees(adjusted, each["adjusted_p_value"])
        label = f"{difference} ({limits})"
        assert label in letters
        assert f"{ARMS[each['arm']]}: {label}." in page.description("primary-forest")


def test_the_parts_of_the_index(page, results):
    of_part = {
        "Whole index": "primary",
        "SLEDAI fell": "sledai-component",
        "BILAG not worse": "bilag-component",
        "PGA not worse": "pga-component",
    }
    header, *rows = page.behind("index-parts")
    assert header == ["Part", *ARMS.values()]
    for label, *cells in rows:
        found = analysis(results, of_part[label])["proportions"]
        assert cells == [counted(each["responders"], each["participants"]) for each in found]
        assert f"{label}: {', '.join(cells)}" in page.description("index-parts")
    assert [row[0] for row in rows] == list(of_part)


def test_the_responder_curve(page, results):
    header, *rows = page.behind("responder-curve")
    assert header == ["Points less in SELENA-SLEDAI, at least", *ARMS.values()]
    shares = {(e["arm"], e["points"]): e["share"] for e in results["improvement"]["shares"]}
    assert len(shares) == len(rows) * len(ARMS)
    for points, *cells in rows:
        for arm, cell in zip(ARMS, cells, strict=True):
            assert agrees(cell, 100 * shares[arm, int(points)])


def test_who_was_turned_down(page, results):
    rows = page.rows("index", "Of those whose activity fell enough")
    for each in results["vetoes"]:
        fell = each["sledai_responders"]
        assert rows[ARMS[each["arm"]]] == [
            str(fell),
            str(each["vetoed_by_bilag"]),
            str(each["vetoed_by_pga"]),
            counted(each["vetoed"], fell),
            str(each["failed_by_event"]),
        ]


# Over time


def test_responders_over_time(page, results):
    header, *rows = page.behind("over-time-over-time")
    assert header == ["Visit", *ARMS.values()]
    found = analysis(results, "over-time")["proportions"]
    cells = {(e["visit"], e["arm"]): counted(e["responders"], e["participants"]) for e in found}
    for visit, *printed in rows:
        name = visit.lower().replace(" ", "-")
        assert printed == [cells[name, arm] for arm in ARMS]
    last = [e for e in found if e["visit"] == "week-24"]
    text = page.description("over-time-over-time")
    for each in last:
        assert f"{ARMS[each['arm']]} {round(100 * each['proportion'])}%" in text


def test_observed_means_over_time(page, results):
    header, *rows = page.behind("sledai-over-time-means")
    assert header == ["Visit: mean (95% interval), n", *ARMS.values()]
    found = {
        (each["visit"], each["arm"]): each
        for each in analysis(results, "sledai-over-time")["means"]
        if each["kind"] == "observed"
    }
    assert len(found) == len(rows) * len(ARMS)
    for visit, *cells in rows:
        for arm, cell in zip(ARMS, cells, strict=True):
            each = found[visit.lower().replace(" ", "-"), arm]
            assert agrees(cell, each["mean"], each["lower"], each["upper"], each["participants"])


def test_adjusted_changes_over_time(page, results):
    rows = page.rows("secondary", "Adjusted mean change")
    found = [
        each
        for each in analysis(results, "sledai-over-time")["means"]
        if each["kind"] == "adjusted change"
    ]
    assert len(found) == len(rows) * len(ARMS) > 0
    for each in found:
        cell = rows[each["visit"].capitalize().replace("-", " ")][list(ARMS).index(each["arm"])]
        assert agrees(cell, each["mean"], each["lower"], each["upper"])


# Safety


def test_adverse_events_are_those_of_the_table(page, data, arm_of):
    events = [each for each in data("adverse_events") if each["participant"] in arm_of]
    chosen = {
        "Any adverse event": lambda _: True,
        "Related to treatment": lambda each: each["related"],
        "Grade 3 or more": lambda each: each["grade"] >= 3,
        "Serious": lambda each: each["serious"],
        "Of special interest": lambda each: each["special_interest"],
    } | {
        category.capitalize(): lambda each, category=category: each["category"] == category
        for category in {each["category"] for each in events}
    }
    sizes = Counter(arm_of.values())  # everybody took a dose, as the flow says
    first_dose = {each["participant"]: each["allocated_on"] for each in data("allocations")}
    rows = page.rows("safety", "Participants with at least one event")
    for label, wanted in chosen.items():
        for arm, cell in zip(ARMS, rows[label], strict=True):
            mine = [
                each["participant"]
                for each in events
                if arm_of[each["participant"]] == arm
                and each["started_on"] >= first_dose[each["participant"]]
                and wanted(each)
            ]
            people = len(set(mine))
            assert cell == f"{people} ({round(100 * people / sizes[arm])}%), {len(mine)}"


def test_the_picture_of_adverse_events_says_the_shares_of_its_table(page, results):
    text = page.description("adverse-events")
    for row in results["safety"]["rows"]:
        if row["group"] == "category":
            for arm, title in ARMS.items():
                share = counted(row["participants"][arm], results["safety"]["treated"][arm])
                assert f"{title} {share}" in text.split(f"{row['label']}: ")[1].split(";")[0]


def test_rates_and_their_ratio(page, results):
    rows = page.rows("safety", "Events per participant-year")
    ratios = page.rows("safety", "Ratio of rates")
    found = analysis(results, "infections")
    for each in found["rates"]:
        people, events, years, rate, limits = rows[ARMS[each["arm"]]]
        assert people == f"{each['participants_with_event']} of {each['participants']}"
        assert int(events) == each["events"]
        assert agrees(years, each["person_years"])
        assert agrees(rate, each["events"] / each["person_years"])
        assert agrees(limits, each["lower"], each["upper"])
    for each in found["comparisons"]:
        ratio, limits, p = ratios[f"{ARMS[each['arm']]} against Placebo"]
        assert agrees(ratio, each["estimate"])
        assert agrees(limits, each["lower"], each["upper"])
        assert agrees(p, each["p_value"]) or p.startswith(("<", ">"))


# Deviations


def test_deviations_by_arm_are_counted_from_their_list(page, results, arm_of):
    rows = page.rows("deviations", "Participants with at least one deviation")
    for label, cells in rows.items():
        for arm, cell in zip(ARMS, cells, strict=True):
            mine = [
                each["participant"]
                for each in results["deviations"]
                if each["kind"].capitalize() == label and arm_of[each["participant"]] == arm
            ]
            assert cell == f"{len(set(mine))} ({len(mine)})"


def test_missed_visits_are_those_of_the_table(page, data, arm_of):
    missed = [
        each["participant"]
        for each in data("visits")
        if each["status"] == "missed" and each["participant"] in arm_of
    ]
    cells = page.rows("deviations", "Participants with at least one deviation")["Visit missed"]
    for arm, cell in zip(ARMS, cells, strict=True):
        mine = [each for each in missed if arm_of[each] == arm]
        assert cell == f"{len(set(mine))} ({len(mine)})"


# A place where nothing can be written


def test_a_report_that_cannot_be_written_is_one_error_and_leaves_nothing(tmp_path, capsys):
    file = tmp_path / "notes.txt"
    file.write_text("mine")
    small = STUDY.parents[1] / "il2-sle-infection" / "study.yaml"
    assert run_words(["rehearse", str(small), "--workers", "1", "--out", str(file / "out")]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines()[-2:] == [
        f"error: {file / 'out'}: it cannot be written: {file} is a file",
        "  name a directory in one that you may write to, with room left",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    assert file.read_text() == "mine"
