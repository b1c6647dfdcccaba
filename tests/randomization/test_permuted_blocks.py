import hashlib
from collections import Counter
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from trialwright.errors import UnusableInputError
from trialwright.randomization import (
    Allocation,
    AllocationList,
    Scheme,
    StratificationFactor,
    allocation_list,
    next_allocation,
    read_list,
    replay,
    write_list,
)

FOUR_ARMS = {"placebo": 1, "il2-0.2": 1, "il2-0.5": 1, "il2-1.0": 1}
SITE = StratificationFactor("site", ("1", "2", "3"))
SCHEME = Scheme(FOUR_ARMS, (4, 8), 40, (SITE,))


@st.composite
def schemes(draw):
    shares = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    multiples = draw(st.sets(st.integers(1, 4), min_size=1, max_size=3))
    factors = tuple(
        StratificationFactor(name, tuple("xyz"[: draw(st.integers(1, 3))]))
        for name in draw(st.sampled_from([(), ("site",), ("site", "sledai")]))
    )
    return Scheme(
        {f"arm {number}": share for number, share in enumerate(shares)},
        tuple(sum(shares) * multiple for multiple in multiples),
        draw(st.integers(1, 60)),
        factors,
    )


@settings(max_examples=60, deadline=None)
@given(scheme=schemes(), seed=st.integers(0, 2**32))
def test_every_block_holds_the_ratio_and_every_list_is_long_enough(scheme, seed):
    rows = allocation_list(scheme, seed).rows
    assert set(rows["stratum"]) == set(scheme.stratum_names())
    for (_, _), block in rows.group_by("stratum", "block"):
        size = block["block_size"][0]
        assert size in scheme.block_sizes
        assert block.height == size
        times = size // scheme.ratio_sum
        expected = {arm: share * times for arm, share in scheme.arms.items()}
        assert Counter(block["allocated_to"]) == expected
    for _, stratum in rows.group_by("stratum"):
        # whole blocks, and not one more than needed
        last = stratum["block_size"][-1]
        assert stratum.height - last < scheme.list_length <= stratum.height
        assert stratum["position"].to_list() == list(range(1, stratum.height + 1))
        steps = [b - a for a, b in pairwise(stratum["block"].to_list())]
        assert set(steps) <= {0, 1}


@settings(max_examples=30, deadline=None)
@given(scheme=schemes(), seed=st.integers(0, 2**32))
def test_the_same_scheme_and_seed_replay_and_another_seed_does_not(scheme, seed):
    allocations = allocation_list(scheme, seed)
    replay(allocations, scheme, seed)
    long_scheme = Scheme(FOUR_ARMS, (4, 8), 200)
    with pytest.raises(UnusableInputError, match="differs from the replay"):
        replay(allocation_list(long_scheme, seed), long_scheme, seed + 1)


def test_the_list_of_a_seed_is_pinned():
    # Written down once: this list must be made again on any later version of everything.
    allocations = allocation_list(Scheme({"A": 1, "B": 1}, (2, 4), 8), 2016)
    assert allocations.canonical_form().decode() == (
        "stratum,position,block,block_size,allocated_to\n"
        "all participants,1,1,4,A\n"
        "all participants,2,1,4,A\n"
        "all participants,3,1,4,B\n"
        "all participants,4,1,4,B\n"
        "all participants,5,2,2,A\n"
        "all participants,6,2,2,B\n"
        "all participants,7,3,2,B\n"
        "all participants,8,3,2,A\n"
    )
    assert allocation_list(SCHEME, 2019).sha256 == (
        "bc8a504b34e23efabee309b44c442004aa217f5e0e08c6e831b223f5e0a0c58d"
    )


def test_the_hash_is_that_of_the_canonical_form():
    allocations = allocation_list(SCHEME, 5)
    assert allocations.sha256 == hashlib.sha256(allocations.canonical_form()).hexdigest()


def test_a_stratum_keeps_its_list_when_other_strata_come_and_go():
    # given the same scheme with one more site, and its sites in another order
    more = Scheme(FOUR_ARMS, (4, 8), 40, (StratificationFactor("site", ("4", "3", "2", "1")),))
    one, other = allocation_list(SCHEME, 11).rows, allocation_list(more, 11).rows
    for stratum in SCHEME.stratum_names():
        own = pl.col("stratum") == stratum
        assert one.filter(own).equals(other.filter(own))
    assert not one["allocated_to"].head(40).equals(one["allocated_to"].tail(40))


def test_a_longer_list_begins_with_the_shorter():
    # A list that runs out is extended without touching what was already used.
    short, long = (allocation_list(Scheme(FOUR_ARMS, (4, 8), n), 3).rows for n in (40, 400))
    assert long.head(short.height).equals(short)


@pytest.mark.parametrize("shares", [(1, 1), (2, 1), (1, 1, 1, 1), (3, 2, 1)])
def test_each_place_of_a_block_is_each_arm_as_often_as_the_ratio_says(shares):
    # given 10^6 rows and more, in blocks of one and two ratios
    arms = {f"arm {number}": share for number, share in enumerate(shares)}
    total = sum(shares)
    rows = allocation_list(Scheme(arms, (total, 2 * total), 1_000_000), 99).rows
    # then at every place within a block, each arm's count lies in the exact binomial limits of a
    # level that keeps the whole test's false alarms below 1 in 10^6
    placed = rows.with_columns(place=pl.int_range(pl.len()).over("block"))
    counts = placed.group_by("block_size", "place", "allocated_to").len()
    sizes = placed.group_by("block_size", "place").len(name="of")
    table = counts.join(sizes, on=["block_size", "place"])
    assert table.height == 3 * total * len(shares)
    level = 1e-6 / table.height
    for arm, count, of in table.select("allocated_to", "len", "of").iter_rows():
        low, high = binom.interval(1 - level, of, arms[arm] / total)
        assert low <= count <= high
    # and both block sizes are drawn as often
    blocks = rows.group_by("block").agg(pl.first("block_size"))["block_size"]
    low, high = binom.interval(1 - 1e-6, len(blocks), 0.5)
    assert low <= (blocks == total).sum() <= high


def test_all_six_orders_of_a_block_of_two_and_two_are_equally_likely():
    rows = allocation_list(Scheme({"A": 1, "B": 1}, (4,), 240_000), 4).rows
    orders = Counter("".join(block) for block in np.array(rows["allocated_to"]).reshape(-1, 4))
    assert set(orders) == {"AABB", "ABAB", "ABBA", "BAAB", "BABA", "BBAA"}
    low, high = binom.interval(1 - 1e-7, 60_000, 1 / 6)
    assert all(low <= count <= high for count in orders.values())


def test_sequences_of_a_crossover_are_allocated_like_arms():
    scheme = Scheme({"IL-2 then standard": 1, "standard then IL-2": 1}, (2, 4), 30)
    counts = Counter(allocation_list(scheme, 30).rows["allocated_to"])
    assert counts["IL-2 then standard"] == counts["standard then IL-2"] >= 15


def test_taking_one_row_after_another_gives_the_list():
    allocations = allocation_list(SCHEME, 8)
    rows = allocations.rows.filter(pl.col("stratum") == "site=2")
    taken = [next_allocation(allocations, "site=2", used) for used in range(rows.height)]
    assert [row.allocated_to for row in taken] == rows["allocated_to"].to_list()
    assert taken[4] == Allocation("site=2", 5, rows["allocated_to"][4])


@pytest.mark.parametrize("used", [-1, 10_000])
def test_an_exhausted_list_says_so(used):
    with pytest.raises(UnusableInputError, match="make a longer list"):
        next_allocation(allocation_list(SCHEME, 8), "site=2", used)


def test_an_unknown_stratum_is_refused_with_the_known_ones():
    with pytest.raises(UnusableInputError, match="its strata are site=1, site=2, site=3"):
        next_allocation(allocation_list(SCHEME, 8), "site=4", 0)


def test_one_changed_row_is_found_by_the_replay():
    # given a list in which someone swapped one allocation
    rows = allocation_list(SCHEME, 21).rows
    old = rows["allocated_to"][16]
    new = "placebo" if old != "placebo" else "il2-1.0"
    position = pl.int_range(pl.len())
    changed = rows.with_columns(
        pl.when(position == 16).then(pl.lit(new)).otherwise("allocated_to").alias("allocated_to")
    )
    # when it is replayed, then the row is named
    with pytest.raises(UnusableInputError, match="row 17"):
        replay(AllocationList(changed), SCHEME, 21)


def test_a_shortened_list_is_found_by_the_replay():
    rows = allocation_list(SCHEME, 21).rows
    with pytest.raises(UnusableInputError, match=f"row {rows.height}: the list differs"):
        replay(AllocationList(rows.head(-1)), SCHEME, 21)


def test_a_written_list_reads_back_and_its_hash_file_is_that_of_sha256sum(tmp_path):
    allocations = allocation_list(SCHEME, 1)
    write_list(allocations, tmp_path / "list.csv")
    assert read_list(tmp_path / "list.csv").rows.equals(allocations.rows)
    assert (tmp_path / "list.csv").read_bytes() == allocations.canonical_form()
    beside = (tmp_path / "list.csv.sha256").read_text()
    assert beside == f"{allocations.sha256}  list.csv\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no allocation list"),
        (b"\x00\xff\x00", "no allocation list"),
        (b"a,b\n1,2\n", "no allocation list"),
        (b"stratum,position,block,block_size,allocated_to\n", "cut or out of order"),
        (b"stratum,position,block,block_size,allocated_to\ns,2,1,2,A\n", "cut or out of order"),
        (b"stratum,position,block,block_size,allocated_to\ns,1,1,2,\n", "cut or out of order"),
        (b"stratum,position,block,block_size,allocated_to\ns,x,1,2,A\n", "no allocation list"),
    ],
)
def test_a_damaged_list_is_refused_by_name(tmp_path, content, message):
    (tmp_path / "list.csv").write_bytes(content)
    with pytest.raises(UnusableInputError, match=message) as caught:
        read_list(tmp_path / "list.csv")
    assert "list.csv" in caught.value.where


def test_an_absent_list_is_refused_by_name(tmp_path):
    with pytest.raises(UnusableInputError, match="No such file"):
        read_list(tmp_path / "none.csv")
