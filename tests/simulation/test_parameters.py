"""Every number of the simulator says where it comes from."""

from importlib.resources import files

import pytest
from ruamel.yaml import YAML

from trialwright import sle
from trialwright.simulation.manifestations import manifestations, position
from trialwright.simulation.measures import measures
from trialwright.simulation.parameters import number, parameters, read_data, table
from trialwright.simulation.safety import events
from trialwright.simulation.scenarios import scenarios


def origins():
    for name, each in parameters().items():
        yield name, each.source, each.verified, each.assumed, each.reason
    for kind, found in (("measure", measures().values()), ("event", events())):
        for each in found:
            name = f"{kind} {getattr(each, 'key', None) or each.term}"
            yield name, each.source, each.verified, each.assumed, each.reason
    columns = read_data("manifestations.yaml")["columns"]
    for kind, entries in (("manifestations", columns), ("fact", read_data("facts.yaml"))):
        for name, each in entries.items():
            yield (
                f"{kind} {name}",
                each.get("source", ""),
                each.get("verified", False),
                each.get("assumed", False),
                each.get("reason", ""),
            )


@pytest.mark.parametrize("origin", list(origins()), ids=lambda origin: origin[0])
def test_each_number_is_verified_in_a_source_or_assumed_for_a_reason(origin):
    _, source, verified, assumed, reason = origin
    assert verified or assumed
    assert not (verified and not source)
    assert not (assumed and not reason.strip())


def test_each_parameter_has_a_unit():
    assert all(each.unit for each in parameters().values())


@pytest.mark.parametrize("name", list(scenarios()))
def test_each_scenario_says_why(name):
    assert scenarios()[name].reason


def test_a_parameter_reads_as_number_or_table():
    assert number("activity.half_life") == 120
    assert table("medication.doses")["hydroxychloroquine"] == 400
    with pytest.raises(KeyError):
        number("activity.unknown")


def test_every_sledai_item_shows_some_manifestation_and_no_other_item_is_named():
    items = {item.key for item in sle.instrument("selena-sledai").items}
    assert {each.sledai for each in manifestations()} - {""} == items


def test_every_bilag_item_named_exists_and_is_graded_and_none_is_severe_first():
    kinds = {item.key: item.kind for item in sle.instrument("bilag-2004").items}
    for each in manifestations():
        assert all(kinds[key] in ("grade", "yes/no") for key in each.bilag)
        shares = list(each.bilag.values())
        assert shares == sorted(shares, reverse=True)
        assert not shares or shares[0] == 1


def test_shares_lie_between_0_and_1():
    for each in manifestations():
        assert 0 < each.prevalence < 1
        assert 0 <= each.response <= 2
        assert all(0 < share <= 1 for share in each.bilag.values())
    for event in events():
        assert sum(event.grades) == pytest.approx(1)
        assert 0 <= event.serious <= 1
        assert 0 <= event.related <= 1


def test_every_acr_item_has_its_share():
    assert set(table("acr_1997.shares")) == {item.key for item in sle.instrument("acr-1997").items}


def test_the_place_of_a_manifestation_is_that_of_the_file():
    assert [position(each.key) for each in manifestations()] == list(range(len(manifestations())))


@pytest.mark.parametrize(
    "name", ["events", "facts", "manifestations", "measures", "parameters", "scenarios"]
)
def test_the_fast_loader_reads_what_yaml_1_2_says(name: str) -> None:
    """YAML 1.1, which the fast loader speaks, takes `no` for false and 1e-3 for a text."""
    text = files("trialwright.simulation").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    expected = YAML(typ="safe", pure=True).load(text)
    assert repr(read_data(f"{name}.yaml")) == repr(expected)
