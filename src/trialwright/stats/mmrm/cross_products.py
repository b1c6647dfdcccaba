"""All that a repeated-measures likelihood needs to know of the data: sums over participants.

Participants are alike if they were seen at the same visits and belong to the same covariance group:
they share a *pattern*. Within a pattern the data enter only through sums, over its participants, of
products of a record at one visit with a record at another. So an iteration of the fit costs passes
over patterns and pairs of visits, however many participants there are.

At one visit most columns of a design are zero or copies of each other (the constant and the
indicator of that visit, an arm and its product with the visit). Only the different ones are kept:
`slots` says where each column of the design finds its values.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from trialwright.errors import UnusableInputError
from trialwright.stats.results import Floats, Integers


@dataclass(frozen=True, slots=True)
class CrossProducts:
    """Sums of products by pattern and pair of visits.

    The response is taken as one more column, so a record has p + 1 values. A *row* of the table
    belongs to a pattern and to a pair of its visits; rows of the same pair of visits are adjacent.
    Matrices by pair of a pattern's visits ("blocks") are stored flat, one pattern after another.

    Attributes:
        size: shape (patterns,): participants.
        table: shape (rows, width²): sums of products of the different columns, where `width` is the
            largest number of them at a visit, the response included.
        pairs: shape (pairs, 2): the earlier and the later visit of each pair that somebody had.
        pair_start: shape (pairs + 1,): where each pair's rows start.
        slots: shape (visits, p + 1): place among the different columns at a visit, -1 if zero.
        first, second: shape (rows,): where a row's element and its mirror image stand in blocks.
        seen: shape (total visits of patterns,): the visits of each pattern, one after another.
        seen_start, block_start: shape (patterns + 1,): where each pattern's visits and block start.
        group: shape (patterns,): covariance group.
        row_pattern: shape (rows,): pattern of each row.
        pattern_of: shape (participants,): each participant's pattern.
    """

    size: Floats
    table: Floats
    pairs: Integers
    pair_start: Integers
    slots: Integers
    first: Integers
    second: Integers
    seen: Integers
    seen_start: Integers
    block_start: Integers
    group: Integers
    row_pattern: Integers
    pattern_of: Integers

    @property
    def arrays(self) -> tuple[Floats | Integers, ...]:
        """What `kernels.evaluate` takes, in its order."""
        return (
            self.size, self.table, self.pairs, self.pair_start, self.slots, self.first,
            self.second, self.seen, self.seen_start, self.block_start, self.group,
        )  # fmt: skip


def cross_products(
    values: Floats, start: Integers, visit: Integers, visits: int, group: Integers
) -> CrossProducts:
    """Sum the products.

    Args:
        values: shape (n, p + 1): design and response, rows of one participant adjacent, in the
            order of the visits.
        start: shape (participants + 1,): where each participant's rows start.
        visit: shape (n,): position of the visit.
        visits: how many there are.
        group: shape (participants,): covariance group.
    """
    arrays, row_pattern, pattern_of = summed_products(values, start, visit, visits, group)
    every = (*arrays, row_pattern, pattern_of)
    return CrossProducts(*every)


@njit(cache=True)
def summed_products(
    values: Floats, start: Integers, visit: Integers, visits: int, group: Integers
) -> tuple[
    tuple[
        Floats, Floats, Integers, Integers, Integers, Integers,
        Integers, Integers, Integers, Integers, Integers,
    ],
    Integers,
    Integers,
]:  # fmt: skip  # pragma: no cover (compiled)
    """The attributes of `CrossProducts` in their order: those the likelihood takes, then others."""
    pattern_of, members = _patterns(start, visit, visits, group)
    patterns = len(members)
    place = np.full((patterns, visits), -1, np.int64)  # of a visit among those of the pattern
    seen_start = np.zeros(patterns + 1, np.int64)
    block_start = np.zeros(patterns + 1, np.int64)
    for g in range(patterns):
        begin, end = start[members[g]], start[members[g] + 1]
        seen_start[g + 1] = seen_start[g] + end - begin
        block_start[g + 1] = block_start[g] + (end - begin) ** 2
        for record in range(begin, end):
            place[g, visit[record]] = record - begin
    seen = np.empty(seen_start[-1], np.int64)
    for g in range(patterns):
        begin, end = start[members[g]], start[members[g] + 1]
        seen[seen_start[g] : seen_start[g + 1]] = visit[begin:end]
    rows = (block_start[-1] + seen_start[-1]) // 2
    first, second = np.empty(rows, np.int64), np.empty(rows, np.int64)
    row_pattern, row_of = np.empty(rows, np.int64), np.zeros(block_start[-1], np.int64)
    pairs = np.empty((visits * (visits + 1) // 2, 2), np.int64)
    pair_start = np.zeros(len(pairs) + 1, np.int64)
    pair, row = 0, 0
    for one in range(visits):
        for other in range(one, visits):
            for g in range(patterns):
                i, j = place[g, one], place[g, other]
                if i >= 0 and j >= 0:
                    v = seen_start[g + 1] - seen_start[g]
                    first[row] = block_start[g] + i * v + j
                    second[row] = block_start[g] + j * v + i
                    row_pattern[row], row_of[first[row]] = g, row
                    row += 1
            if row > pair_start[pair]:
                pairs[pair, 0], pairs[pair, 1] = one, other
                pair += 1
                pair_start[pair] = row
    slots, picked = _different_columns(values, visit, visits)
    table = np.zeros((rows, picked.shape[1] ** 2))
    _accumulate(values, visit, picked, start, pattern_of, block_start, row_of, table)
    size = np.zeros(patterns)
    for i in range(len(pattern_of)):
        size[pattern_of[i]] += 1
    arrays = (
        size, table, pairs[:pair].copy(), pair_start[: pair + 1].copy(), slots, first, second,
        seen, seen_start, block_start, group[members],
    )  # fmt: skip
    return arrays, row_pattern, pattern_of


@njit(cache=True)
def _patterns(
    start: Integers, visit: Integers, visits: int, group: Integers
) -> tuple[Integers, Integers]:  # pragma: no cover (compiled)
    """Each participant's pattern, and one member of each pattern.

    Everybody of a group starts alike; each visit parts those who were seen from the others.
    """
    people = len(group)
    present = np.zeros((visits, people), np.int64)
    for i in range(people):
        for record in range(start[i], start[i + 1]):
            present[visit[record], i] = 1
    pattern_of = group.copy()
    count = group.max() + 1
    for v in range(visits):
        renamed = np.full(2 * count, -1, np.int64)
        count = 0
        for i in range(people):
            key = 2 * pattern_of[i] + present[v, i]
            if renamed[key] < 0:
                renamed[key] = count
                count += 1
            pattern_of[i] = renamed[key]
    members = np.empty(count, np.int64)
    for i in range(people):
        members[pattern_of[i]] = i
    return pattern_of, members


@njit(cache=True)
def _different_columns(
    values: Floats, visit: Integers, visits: int
) -> tuple[Integers, Integers]:  # pragma: no cover (compiled)
    """Slots of the columns at each visit, and the column that stands for each slot (-1: none).

    Two columns are taken as equal at a visit if two sums with irregular weights agree to the last
    bit, which different columns do with a chance near 1e-30.
    """
    n, columns = values.shape
    sums = np.zeros((visits, columns, 2))
    nonzero = np.zeros((visits, columns), np.bool_)
    one, two = 0.5, 0.25
    for i in range(n):
        one = (one * 997.0 + 0.3819660112501051) % 1.0
        two = (two * 883.0 + 0.7548776662466927) % 1.0
        v = visit[i]
        for j in range(columns):
            x = values[i, j]
            if x != 0.0:
                nonzero[v, j] = True
                sums[v, j, 0] += one * x
                sums[v, j, 1] += two * x
    slots = np.full((visits, columns), -1, np.int64)
    picked = np.full((visits, columns), -1, np.int64)
    width = 1
    for v in range(visits):
        count = 0
        for j in range(columns - 1):
            if not nonzero[v, j]:
                continue
            for s in range(count):
                k = picked[v, s]
                if sums[v, j, 0] == sums[v, k, 0] and sums[v, j, 1] == sums[v, k, 1]:
                    slots[v, j] = s
            if slots[v, j] < 0:
                slots[v, j] = count
                picked[v, count] = j
                count += 1
        width = max(width, count + 1)
    slots[:, columns - 1] = width - 1  # the response has the last slot at every visit
    picked[:, width - 1] = columns - 1
    return slots, np.ascontiguousarray(picked[:, :width])


@njit(cache=True)
def _accumulate(
    values: Floats,
    visit: Integers,
    picked: Integers,
    start: Integers,
    pattern_of: Integers,
    block_start: Integers,
    row_of: Integers,
    table: Floats,
) -> None:  # pragma: no cover (compiled)
    """Each pattern's products at once: its members' records side by side, one matrix product."""
    width = picked.shape[1]
    patterns = len(block_start) - 1
    members = np.argsort(pattern_of, kind="mergesort")
    begin = 0
    for g in range(patterns):
        v = int(np.sqrt(block_start[g + 1] - block_start[g]))
        end = begin
        while end < len(members) and pattern_of[members[end]] == g:
            end += 1
        kept = np.zeros((end - begin, v * width))
        for i in range(begin, end):
            for c in range(v):
                record = start[members[i]] + c
                for s in range(width):
                    column = picked[visit[record], s]
                    if column >= 0:
                        kept[i - begin, c * width + s] = values[record, column]
        products = np.dot(kept.T, kept)
        for c in range(v):
            for d in range(c, v):
                row = row_of[block_start[g] + c * v + d]
                for s in range(width):
                    for t in range(width):
                        table[row, s * width + t] = products[c * width + s, d * width + t]
        begin = end


def refuse_repeated(participant: npt.NDArray[np.int64], visit: Integers) -> None:
    """Raise `UnusableInputError` if sorted records hold a participant twice at a visit."""
    if ((np.diff(participant) == 0) & (np.diff(visit) == 0)).any():
        raise UnusableInputError(
            "a participant has two records at the same visit",
            remedy="keep one record of each participant and visit",
        )
