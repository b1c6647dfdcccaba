"""The flow diagram: every number once, boxes that hold their words, arrows that meet them."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.trials import dose_finding, infection
from report.reading import SVG, drawn, numbers
from trialwright.analysis.results import ArmFlow, Flow
from trialwright.report.consort import LETTER, PADDING, REASONS_SHOWN, consort
from trialwright.report.words import Words

STUDY = dose_finding()
WORDS = Words(STUDY)
ARMS = [arm.id for arm in STUDY.arms]
CRITERIA = [criterion.id for criterion in STUDY.criteria]


def arm(name, allocated=10, treated=10, ended=None, completed=10, ongoing=0, analyzed=10):
    return ArmFlow(
        allocated_to=name,
        allocated=allocated,
        treated=treated,
        ended_early=ended or {},
        completed=completed,
        ongoing=ongoing,
        analyzed=analyzed,
    )


def flow(*arms, reasons=None):
    randomized = sum(each.allocated for each in arms)
    reasons = reasons or {}
    return Flow(
        screened=randomized + sum(reasons.values()),
        not_randomized=reasons,
        randomized=randomized,
        arms=arms,
    )


def boxes(figure):
    root = ET.fromstring(figure.svg)
    return [
        {name: float(each.get(name)) for name in ("x", "y", "width", "height")}
        for each in root.iter(f"{SVG}rect")
    ]


counts = st.integers(0, 400)
some = settings(max_examples=40)


@some
@given(
    st.lists(st.tuples(counts, counts, counts), min_size=1, max_size=4),
    st.dictionaries(st.sampled_from([*CRITERIA, "other reason"]), st.integers(1, 300)),
)
def test_every_person_of_the_diagram_is_somewhere(allocated, reasons):
    """Screened is turned away plus randomized; randomized is the sum of the arms."""
    arms = [
        arm(name, sum(parts), parts[0], {"death": parts[0], "withdrawal": parts[1]}, parts[2])
        for name, parts in zip(ARMS, allocated, strict=False)
    ]
    figure = consort(WORDS, flow(*arms, reasons=reasons))
    words = drawn(figure.svg)
    (screened,) = numbers(next(each for each in words if each.startswith("Screened")))
    (away,) = numbers(next(each for each in words if each.startswith("Not randomized")))
    (randomized,) = numbers(next(each for each in words if each.startswith("Randomized")))
    in_arms = [numbers(each)[0] for each in words if each.startswith("Allocated")]
    assert screened == away + randomized
    assert randomized == sum(in_arms)
    assert away == sum(int(row[1]) for row in figure.rows)


@some
@given(st.dictionaries(st.sampled_from(CRITERIA), st.integers(1, 300), min_size=1))
def test_the_reasons_in_the_box_sum_to_its_heading(reasons):
    words = drawn(consort(WORDS, flow(arm("placebo"), reasons=reasons)).svg)
    shown = [int(found[1]) for each in words if (found := re.match(r"(\d+) · ", each))]
    assert sum(shown) == sum(reasons.values())
    assert len(shown) == min(len(reasons), REASONS_SHOWN + 1)


def test_the_most_frequent_reasons_stand_first_in_the_box():
    reasons = {name: number for number, name in enumerate(CRITERIA[:4], 1)}
    words = drawn(consort(WORDS, flow(arm("placebo"), reasons=reasons)).svg)
    shown = [int(found[1]) for each in words if (found := re.match(r"(\d+) · ", each))]
    assert shown == [4, 3, 2, 1]


def test_the_table_keeps_the_order_of_the_protocol_and_the_whole_text():
    figure = consort(WORDS, flow(arm("placebo"), reasons={"I2": 1, "E5": 7, "other reason": 2}))
    assert figure.headers == ("Not randomized because of", "Participants")
    assert figure.rows == (
        ("I2 SELENA-SLEDAI of at least 8.", "1"),
        (
            "E5 Cancer now, or cured for less than five years; in situ carcinoma of the cervix and"
            " basal cell carcinoma do not count.",
            "7",
        ),
        ("Other reason", "2"),
    )


def test_nobody_turned_away():
    figure = consort(WORDS, flow(arm("placebo")))
    assert "Not randomized: 0" in drawn(figure.svg)
    assert figure.rows == ()
    assert figure.description.startswith("10 people were screened, 0 were not randomized, 10 were.")


def test_an_arm_that_nobody_was_allocated_to():
    empty = arm("placebo", 0, 0, completed=0, analyzed=0)
    text = consort(WORDS, flow(empty, arm(ARMS[1]))).description
    assert "Placebo: 0 allocated, 0 treated, 0 ended early, 0 completed, 0 analyzed" in text


def test_each_number_of_an_arm_stands_behind_its_own_word():
    numbers_of = arm("placebo", 20, 19, {"death": 3}, completed=15, ongoing=2, analyzed=18)
    words = drawn(consort(WORDS, flow(numbers_of)).svg)
    assert words[-7:] == [
        "Allocated: 20",
        "Treated: 19",
        "Ended early: 3",
        "3 · death",
        "Still in the study: 2",
        "Analyzed: 18",
        "Completed: 15",
    ]


def test_those_who_ended_early_are_listed_by_reason():
    ended = {"adverse event": 2, "lost to follow-up": 3}
    words = drawn(consort(WORDS, flow(arm("placebo", ended=ended))).svg)
    for each in ("Ended early: 5", "2 · adverse event", "3 · lost to follow-up"):
        assert each in words
    assert not any(each.startswith("Still in the study") for each in words)


@some
@given(
    st.lists(st.integers(0, 6), min_size=1, max_size=4),
    st.dictionaries(st.sampled_from(CRITERIA), st.integers(1, 99999), max_size=len(CRITERIA)),
)
def test_boxes_stay_apart_and_inside_the_picture(reasons_per_arm, turned_away):
    causes = ["adverse event", "death", "lost to follow-up", "pregnancy", "withdrawal", "other"]
    arms = [
        arm(name, ended=dict.fromkeys(causes[:count], 12345), ongoing=count)
        for name, count in zip(ARMS, reasons_per_arm, strict=False)
    ]
    figure = consort(WORDS, flow(*arms, reasons=turned_away))
    left, top, width, height = map(float, ET.fromstring(figure.svg).get("viewBox").split())
    found = boxes(figure)
    assert len(found) == 3 + 3 * len(arms)
    for number, box in enumerate(found):
        assert box["x"] >= left
        assert box["y"] >= top
        assert box["x"] + box["width"] <= left + width
        assert box["y"] + box["height"] <= top + height
        for other in found[number + 1 :]:
            assert (
                box["x"] + box["width"] <= other["x"]
                or other["x"] + other["width"] <= box["x"]
                or box["y"] + box["height"] <= other["y"]
                or other["y"] + other["height"] <= box["y"]
            )


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_each_line_of_words_fits_its_box(count):
    long = {"a reason with a name that is far too long for the box of one arm of four": 3}
    figure = consort(WORDS, flow(*(arm(name, ended=long) for name in ARMS[:count])))
    root = ET.fromstring(figure.svg)
    found = boxes(figure)
    for text in root.iter(f"{SVG}text"):
        x, y = float(text.get("x")), float(text.get("y"))
        (box,) = (
            each
            for each in found
            if each["x"] <= x < each["x"] + each["width"]
            and each["y"] <= y <= each["y"] + each["height"]
        )
        assert len(text.text) * LETTER <= box["width"] - 2 * PADDING


def test_an_arrow_ends_at_every_box_but_the_first():
    figure = consort(WORDS, flow(*(arm(name) for name in ARMS)))
    tips = set()
    for path in ET.fromstring(figure.svg).iter(f"{SVG}path"):
        if path.get("fill") != "none":
            found = re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path.get("d"))
            tips.add(tuple(float(part) for part in found[1]))
    first, *others = boxes(figure)
    for box in others:
        above = (box["x"] + box["width"] / 2, box["y"])
        beside = (box["x"], first["y"] + first["height"] / 2)
        assert any(tip == pytest.approx(above, abs=0.01) for tip in tips) or any(
            tip == pytest.approx(beside, abs=0.01) for tip in tips
        )


def test_sequences_of_a_crossover_by_their_titles():
    study = infection("crossover")
    arms = [arm(sequence.id) for sequence in study.sequences]
    words = drawn(consort(Words(study), flow(*arms)).svg)
    for sequence in study.sequences:
        assert sequence.title in words


def test_names_with_signs_of_markup_are_words():
    arms = tuple(
        each.model_copy(update={"title": 'A <b> & "C"'}) if each.id == "placebo" else each
        for each in STUDY.arms
    )
    figure = consort(Words(STUDY.model_copy(update={"arms": arms})), flow(arm("placebo")))
    assert 'A <b> & "C"' in drawn(figure.svg)
    assert ET.fromstring(figure.svg)[1].text == figure.description
