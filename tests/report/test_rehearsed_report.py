"""The report that `rehearse` writes: origin, flow and people, held against its files by plain loops.

Nothing of the project computes an expected number here: results are read from results.json, data
from data/*.parquet, and both are compared with the words of report.html.
"""

import hashlib
import statistics
from collections import Counter

import polars as pl
import pytest
import yaml

from report.reading import agrees
from report.rehearsed import ARMS, STUDY, counted
from trialwright.cli.main import run_words

VISIT_ORDER = {"screening": 0, "baseline": 1}


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
