"""Criteria of which some are unknown: what is met for certain, at least and at most."""

from itertools import product

import polars as pl
import pytest

from trialwright import sle
from trialwright.sle.criteria import by_group, counted, decided, group_lines, names, verdict_word
from trialwright.sle.instrument import Item

ANSWERS = (1, 0, None)
SKIN = (
    Item(key="rash", label="Rash", group="skin"),
    Item(key="ulcers", label="Ulcers", group="skin"),
)
BLOOD = Item(key="anemia", label="Anemia", group="blood")
TABLE = pl.DataFrame(
    list(product(ANSWERS, repeat=3)), schema=["rash", "ulcers", "anemia"], orient="row"
)


def any_known(answers: tuple) -> bool | None:
    """Or with unknowns, said by cases."""
    if 1 in answers:
        return True
    return None if None in answers else False


def test_a_criterion_is_met_by_any_of_its_items():
    met = TABLE.select(**by_group((*SKIN, BLOOD)))
    assert met["skin"].to_list() == [any_known(row[:2]) for row in TABLE.rows()]
    assert met["blood"].to_list() == [any_known(row[2:]) for row in TABLE.rows()]


@pytest.mark.parametrize("unknown", [False, True])
def test_counts_with_unknown_ones_met_or_not(unknown: bool):
    met = by_group((*SKIN, BLOOD))
    expected = [
        sum(unknown if one is None else one for one in (any_known(row[:2]), any_known(row[2:])))
        for row in TABLE.rows()
    ]
    assert TABLE.select(counted(met.values(), unknown=unknown)).to_series().to_list() == expected


def test_a_verdict_is_given_only_where_both_ends_agree():
    ends = pl.DataFrame({"least": [True, False, False], "most": [True, True, False]})
    verdict = ends.select(decided(pl.col("least"), pl.col("most"))).to_series()
    assert verdict.to_list() == [True, None, False]
    assert [verdict_word(one) for one in verdict] == ["yes", "open", "no"]


def test_names_and_lines_tell_what_is_met_and_what_is_open():
    met = by_group((*SKIN, BLOOD))
    named = TABLE.select(names(met)).to_series().to_list()
    for row, text in zip(TABLE.rows(), named, strict=True):
        groups = [name for name, part in (("skin", row[:2]), ("blood", row[2:])) if 1 in part]
        assert text == ", ".join(groups)
    cells = {"rash": 1, "ulcers": None, "anemia": None}
    assert group_lines((*SKIN, BLOOD), cells) == [
        "  skin: Rash",
        "  blood: open, not assessed: Anemia",
    ]
    assert group_lines((*SKIN, BLOOD), {"rash": 0, "ulcers": 0, "anemia": 0}) == []


# Specification 5.1: item to its weight, as printed.
WEIGHTS = {
    "fever": 2, "leukopenia": 3, "thrombocytopenia": 4, "autoimmune_haemolysis": 4, "delirium": 2,
    "psychosis": 3, "seizure": 5, "alopecia": 2, "oral_ulcers": 2, "subacute_or_discoid": 4,
    "acute_cutaneous": 6, "effusion": 5, "acute_pericarditis": 6, "joint_involvement": 6,
    "proteinuria": 4, "biopsy_class_2_or_5": 8, "biopsy_class_3_or_4": 10, "anticardiolipin": 2,
    "anti_b2gp1": 2, "lupus_anticoagulant": 2, "low_c3": 3, "low_c4": 3, "anti_dsdna": 6,
    "anti_sm": 6,
}  # fmt: skip
IMMUNOLOGICAL = {"anticardiolipin", "anti_b2gp1", "lupus_anticoagulant", "low_c3", "low_c4",
                 "anti_dsdna", "anti_sm"}  # fmt: skip


def classified(key: str, *people: dict) -> pl.DataFrame:
    keys = [item.key for item in sle.INSTRUMENTS[key].items]
    rows = [
        {"participant": number, "visit": 0, **dict.fromkeys(keys, 0), **cells}
        for number, cells in enumerate(people)
    ]
    return sle.score(key, pl.DataFrame(rows, infer_schema_length=None))


def test_eular_acr_2019_weights_one_item_at_a_time():
    scored = classified("eular-acr-2019", *({"ana": 1, key: 1} for key in WEIGHTS))
    assert scored["eular_acr_2019_points"].to_list() == list(WEIGHTS.values())
    assert scored["eular_acr_2019"].to_list() == [points >= 10 for points in WEIGHTS.values()]


@pytest.mark.parametrize(
    ("items", "points", "verdict"),
    [
        (("joint_involvement", "proteinuria"), 10, True),
        (("joint_involvement", "low_c3"), 9, False),
        (("joint_involvement", "low_c3", "low_c4"), 10, True),
        (("anti_dsdna", "low_c3", "low_c4", "anticardiolipin"), 12, False),  # nothing clinical
        (("anti_dsdna", "anti_sm", "alopecia", "oral_ulcers"), 8, False),  # one of each domain
        (tuple(WEIGHTS), 51, True),
        (tuple(WEIGHTS.keys() - IMMUNOLOGICAL), 39, True),
    ],
)
def test_eular_acr_2019_sums(items: tuple[str, ...], points: int, verdict: bool):
    present = dict.fromkeys(items, 1)
    with_ana, without = classified("eular-acr-2019", present | {"ana": 1}, present).to_dicts()
    assert (with_ana["eular_acr_2019_points"], with_ana["eular_acr_2019"]) == (points, verdict)
    assert without["eular_acr_2019"] is False  # the entry criterion fails


@pytest.mark.parametrize(
    ("present", "verdict"),
    [
        (("acute_cutaneous", "synovitis", "ana", "anti_sm"), True),
        (("acute_cutaneous", "subacute_cutaneous", "ana", "anti_sm"), False),  # one criterion
        (("oral_ulcers", "nasal_ulcers", "ana", "anti_sm"), False),
        (("leukopenia", "lymphopenia", "ana", "anti_sm"), False),
        (("acute_cutaneous", "synovitis", "alopecia", "leukopenia"), False),  # none immunological
        (("ana", "anti_sm", "anti_dsdna", "low_complement"), False),  # none clinical
        (("synovitis", "alopecia", "ana", "direct_coombs"), True),
        (("haemolytic_anaemia", "alopecia", "ana", "direct_coombs"), False),
        (("biopsy_nephritis", "ana"), True),
        (("biopsy_nephritis", "anti_dsdna"), True),
        (("biopsy_nephritis", "anti_sm"), False),
        (("biopsy_nephritis",), False),
    ],
)
def test_slicc_2012_rules(present: tuple[str, ...], verdict: bool):
    assert classified("slicc-2012", dict.fromkeys(present, 1))["slicc_2012"].item() is verdict


@pytest.mark.parametrize("key", ["acr-1982", "acr-1997"])
def test_acr_counts_criteria_and_not_items(key: str):
    name = key.replace("-", "_")
    four = dict.fromkeys(("malar_rash", "discoid_rash", "photosensitivity", "ana"), 1)
    doubled = dict.fromkeys(("pleuritis", "pericarditis", "seizures", "psychosis", "ana"), 1)
    scored = classified(key, four, doubled, {"anti_dna": 1, "anti_sm": 1})
    assert scored[name].to_list() == [True, False, False]
    assert scored[f"{name}_count"].to_list() == [4, 3, 1]


def test_what_1997_put_in_place_of_le_cells():
    three = dict.fromkeys(("malar_rash", "arthritis", "ana"), 1)
    for key, items in (
        ("acr-1982", ("le_cells", "false_positive_syphilis")),
        ("acr-1997", ("antiphospholipid",)),
    ):
        name = key.replace("-", "_")
        scored = classified(key, three, *(three | {item: 1} for item in items))
        assert scored[name].to_list() == [False, *[True] * len(items)]
