"""Batches of tweets of like length, so that little is computed on padding."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Batch = npt.NDArray[np.int64]

# Tweets are sorted by length within windows of this many batches: enough to pad little, few enough to stay random.
BATCHES_A_WINDOW = 50


def length_batches(lengths: Sequence[int], size: int, *, epochs: int, seed: int) -> list[Batch]:
    """Row numbers of each training batch, all epochs one behind the other; the same for the same seed."""
    random = np.random.default_rng(seed)
    return [batch for _ in range(epochs) for batch in _one_epoch(np.asarray(lengths), size, random)]


def _one_epoch(lengths: npt.NDArray[np.int64], size: int, random: np.random.Generator) -> Iterator[Batch]:
    shuffled = random.permutation(len(lengths))
    for start in range(0, len(shuffled), size * BATCHES_A_WINDOW):
        window = shuffled[start : start + size * BATCHES_A_WINDOW]
        window = window[np.argsort(lengths[window], kind="stable")]
        batches = [window[first : first + size] for first in range(0, len(window), size)]
        for place in random.permutation(len(batches)):
            yield batches[place]


def by_length(lengths: Sequence[int], size: int) -> Iterator[Batch]:
    """Row numbers of each batch, shortest rows first: for scoring."""
    order = np.argsort(np.asarray(lengths), kind="stable")
    for start in range(0, len(order), size):
        yield order[start : start + size]


def padded(rows: Sequence[Sequence[int]]) -> npt.NDArray[np.int64]:
    """Rows of token ids as one array (rows, longest), 0 behind the shorter ones; never narrower than one column."""
    array = np.zeros((len(rows), max([1, *map(len, rows)])), dtype=np.int64)
    for place, row in enumerate(rows):
        array[place, : len(row)] = row
    return array
