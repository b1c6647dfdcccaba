"""Random words that depend on nothing but a name and a place.

A stream is named by a tuple such as `(seed, "block sizes", "site=1")`. The SHA-256 of that name
keys NumPy's counter-based Philox 4x64-10 generator (Salmon et al., SC 2011), so streams of
different names are independent and any row of a stream can be had without drawing the rows before.

Only the raw 64-bit words are used. NumPy promises that these stay the same in later versions; it
doesn't promise so for its permutations and distributions.
"""

import hashlib
import json
from typing import Final

import numpy as np
from numpy.typing import NDArray

WORDS_PER_COUNT: Final = 4  # Philox 4x64 gives four words for each step of its counter


def random_words(
    name: tuple[int | str, ...], rows: int, width: int = 1, *, first_row: int = 0
) -> NDArray[np.uint64]:
    """Rows `first_row` to `first_row + rows` of the stream `name`.

    Args:
        name: the seed, then the words that say what the randomness is for.
        rows: how many rows, for example participants.
        width: words per row; part of where a row lies, so a stream is always read with one width.
        first_row: the row to start with.

    Returns:
        Words of shape (rows, width), uniform on 0 to 2**64 - 1.
    """
    counts_per_row = -(-width // WORDS_PER_COUNT)
    generator = np.random.Philox(key=_key(name)).advance(first_row * counts_per_row)
    words = generator.random_raw(rows * counts_per_row * WORDS_PER_COUNT)
    return words.reshape(rows, counts_per_row * WORDS_PER_COUNT)[:, :width]


def uniforms(
    name: tuple[int | str, ...], rows: int, width: int = 1, *, first_row: int = 0
) -> NDArray[np.float64]:
    """As `random_words`, on the open interval (0, 1): the midpoints of 2**53 equal steps."""
    words = random_words(name, rows, width, first_row=first_row)
    steps: NDArray[np.float64] = (words >> np.uint64(11)).astype(np.float64)
    return np.minimum((steps + 0.5) * 2.0**-53, 1 - 2.0**-53)


def _key(name: tuple[int | str, ...]) -> int:
    """128 bits of the SHA-256 of the name in JSON, where ("1",) and (1,) differ."""
    text = json.dumps(name, ensure_ascii=False, separators=(",", ":"))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "little")
