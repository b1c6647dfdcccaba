import pytest

from trialwright.errors import UnusableInputError
from trialwright.randomization import Scheme, StratificationFactor

SITE = StratificationFactor("site", ("Beijing", "Wuhan"))
SEVERITY = StratificationFactor("sledai", ("below 12", "12 or more"))
ARMS = {"placebo": 1, "il2": 1}


def test_strata_are_all_combinations_of_levels_last_factor_fastest():
    scheme = Scheme(ARMS, (4,), 8, (SITE, SEVERITY))
    assert scheme.stratum_names() == (
        "site=Beijing; sledai=below 12",
        "site=Beijing; sledai=12 or more",
        "site=Wuhan; sledai=below 12",
        "site=Wuhan; sledai=12 or more",
    )


def test_without_factors_there_is_one_stratum():
    scheme = Scheme(ARMS, (4,), 8)
    assert scheme.stratum_names() == ("all participants",)
    assert scheme.stratum_of({"site": "ignored"}) == "all participants"


def test_a_participant_belongs_to_the_stratum_of_their_levels():
    scheme = Scheme(ARMS, (4,), 8, (SITE, SEVERITY))
    levels = {"sledai": "12 or more", "site": "Wuhan", "age": "34"}
    assert scheme.stratum_of(levels) == "site=Wuhan; sledai=12 or more"


@pytest.mark.parametrize("levels", [{"site": "Paris"}, {}])
def test_an_unknown_level_is_refused_with_the_known_ones(levels):
    with pytest.raises(UnusableInputError, match="the levels are Beijing, Wuhan"):
        Scheme(ARMS, (4,), 8, (SITE,)).stratum_of(levels)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"arms": {"only": 1}}, "fewer than two arms"),
        ({"arms": {"a": 1, "b": 0}}, "no name or no share"),
        ({"arms": {"a": 1, "": 1}}, "no name or no share"),
        ({"arms": {"a": 2, "b": 1}}, "a block of 4 can't hold the ratio"),
        ({"block_sizes": (4, 5)}, "a block of 5 can't hold the ratio"),
        ({"block_sizes": (0,)}, "a block of 0 can't hold the ratio"),
        ({"block_sizes": ()}, "there is no block size"),
        ({"block_sizes": (4, 4)}, "a block size appears twice"),
        ({"list_length": 0}, "the list has no rows"),
        ({"strata": (SITE, SITE)}, "two strata have the same name"),
    ],
)
def test_an_impossible_scheme_is_refused(changes, message):
    fields = {"arms": ARMS, "block_sizes": (4,), "list_length": 8, "strata": ()} | changes
    with pytest.raises(UnusableInputError, match=message):
        Scheme(**fields)


def test_the_remedy_names_the_sum_of_the_ratio():
    with pytest.raises(UnusableInputError, match="multiples of 5, the sum of the ratio"):
        Scheme({"placebo": 2, "low": 1, "middle": 1, "high": 1}, (4,), 8)


@pytest.mark.parametrize(
    ("name", "levels", "message"),
    [
        ("", ("a",), "empty"),
        ("site", (), "empty"),
        ("site", ("a", ""), "empty"),
        ("site", ("a", "a"), "twice"),
    ],
)
def test_an_impossible_factor_is_refused(name, levels, message):
    with pytest.raises(UnusableInputError, match=message):
        StratificationFactor(name, levels)
