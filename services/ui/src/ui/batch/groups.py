"""Rows that are sent together: so many, and no longer than the API takes."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ui.batch.texts import Fate, Texts

LARGEST = 256
# As JSON writes them; the API takes 256 KiB.
BYTES = 200 << 10
LOOKED_AT_ONCE = 4096


@dataclass(frozen=True)
class Group:
    rows: NDArray[np.int64]
    texts: list[str]

    def halves(self) -> tuple["Group", "Group"]:
        middle = len(self.rows) // 2
        return (
            Group(self.rows[:middle], self.texts[:middle]),
            Group(self.rows[middle:], self.texts[middle:]),
        )


def build_groups(
    texts: Texts, waiting: NDArray[np.int64], limit: int, set_apart: Callable[[int, Fate], None]
) -> Iterator[Group]:
    """Of the waiting rows, in their order; those that cannot be sent are handed to `set_apart`."""
    rows: list[int] = []
    together: list[str] = []
    room = BYTES
    for row, text in _each(texts, waiting):
        fate = texts.fate(row, text, limit)
        if fate is not Fate.WAITING:
            set_apart(row, fate)
            continue
        size = len(json.dumps(text)) + 2
        if rows and (len(rows) == LARGEST or size > room):
            yield Group(np.array(rows, np.int64), together)
            rows, together, room = [], [], BYTES
        rows.append(row)
        together.append(text)
        room -= size
    if rows:
        yield Group(np.array(rows, np.int64), together)


def _each(texts: Texts, waiting: NDArray[np.int64]) -> Iterator[tuple[int, str]]:
    for start in range(0, len(waiting), LOOKED_AT_ONCE):
        rows = waiting[start : start + LOOKED_AT_ONCE]
        yield from zip(map(int, rows), texts.at(rows), strict=True)
