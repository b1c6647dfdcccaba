"""The results that `rehearse` reports, held against results.json and the data by plain loops.

Nothing of the project computes an expected number here: results are read from results.json, data
from data/*.parquet, and both are compared with the words of report.html.
"""

import re
from collections import Counter

import pytest

from report.reading import agrees, numbers
from report.rehearsed import ARMS, analysis, counted, printable

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
        assert p == pytest.approx(printable(found["p_value"]), abs=0.000501)
        assert adjusted == pytest.approx(printable(found["adjusted_p_value"]), abs=0.000501)


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
        assert agrees(p, printable(each["p_value"]))
        assert agrees(adjusted, printable(each["adjusted_p_value"]))
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
        if "∞" not in f"{ratio} {limits}":  # no event on placebo
            assert agrees(ratio, each["estimate"])
            assert agrees(limits, each["lower"], each["upper"])
        assert agrees(p, printable(each["p_value"]))


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
