import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.randomization.streams import random_words, uniforms


@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**64),
    width=st.integers(1, 9),
    first=st.integers(0, 50),
    rows=st.integers(1, 20),
)
def test_a_row_does_not_depend_on_the_rows_read_with_it(seed, width, first, rows):
    # given the whole stream, when some rows are read alone
    whole = random_words((seed, "course"), first + rows, width)
    part = random_words((seed, "course"), rows, width, first_row=first)
    # then they are the same words
    assert np.array_equal(part, whole[first:])


def test_names_that_differ_in_any_word_or_type_give_other_words():
    names = [(1, "a"), (2, "a"), (1, "b"), ("1", "a"), (1, "a", ""), (1, "a", 0), (1, 0, "a")]
    first = {int(random_words(name, 1)[0, 0]) for name in names}
    assert len(first) == len(names)


def test_first_words_are_pinned():
    # These words were written down once, so that a list can be replayed on any later version.
    words = random_words((2019, "pinned"), 1, 4)
    assert words.tolist() == [
        [17376880935397750672, 95441107210479224, 9140627144485941165, 15835772630777343469]
    ]


def test_philox_is_the_published_generator():
    # Known answer of Philox 4x64-10 for counter 0 and key 0 in the kat_vectors file of Random123
    # 1.14 (Salmon et al. 2011). NumPy raises the counter before its first draw, hence the -1.
    all_ones = 2**256 - 1
    words = np.random.Philox(key=0, counter=all_ones).random_raw(4)
    assert [f"{word:016x}" for word in words.tolist()] == [
        "16554d9eca36314c",
        "db20fe9d672d0fdc",
        "d7e772cee186176b",
        "7e68b68aec7ba23b",
    ]


def test_uniforms_lie_strictly_between_0_and_1_and_fill_it_evenly():
    values = uniforms((7, "even"), 250_000, 4).ravel()
    assert values.min() > 0
    assert values.max() < 1
    # 10^6 draws in 100 equal bins: chi-square with 99 degrees of freedom, SciPy
    # 1.17.1 chi2.ppf([1e-6, 1 - 1e-6], 99) = 45.8 and 180.8.
    counts = np.bincount((values * 100).astype(int), minlength=100)
    statistic = ((counts - 10_000) ** 2 / 10_000).sum()
    assert 45.8 < statistic < 180.8


def test_neighboring_rows_and_columns_are_uncorrelated():
    values = uniforms((8, "apart"), 200_000, 4)
    # The standard error of a correlation of n independent pairs is 1 / sqrt(n); 5 of these.
    limit = 5 / np.sqrt(200_000)
    across = np.corrcoef(values, rowvar=False)[np.triu_indices(4, 1)]
    assert np.abs(across).max() < limit
    assert abs(np.corrcoef(values[:-1, 0], values[1:, 0])[0, 1]) < limit
