"""The column of tweets as strings, and which of its rows cannot be sent to the API, and why."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ui.batch.sheet import Table
from ui.elements.inert import count_characters

# Nothing composes to less than a quarter of its length, or to more than three times.
SHRINKS, GROWS = 4, 3


class Fate(IntEnum):
    """What became of a row; all but the first two are problems."""

    WAITING = 0
    ANSWERED = 1
    EMPTY = 2
    TOO_LONG = 3
    NUL = 4
    # Of bytes that are no characters.
    BROKEN = 5
    # More fields than the file has columns.
    TORN = 6
    # By the API, with its reason.
    REFUSED = 7


@dataclass(frozen=True)
class Texts:
    # Strings and nulls.
    column: pa.ChunkedArray
    is_broken: NDArray[np.bool_]
    is_torn: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.column)

    def at(self, rows: NDArray[np.int64]) -> list[str]:
        return [text or "" for text in self.column.take(pa.array(rows)).to_pylist()]

    def fate(self, row: int, text: str, limit: int) -> Fate:
        """WAITING where nothing speaks against sending it."""
        if self.is_torn[row]:
            return Fate.TORN
        if self.is_broken[row]:
            return Fate.BROKEN
        if not text.strip():
            return Fate.EMPTY
        if "\0" in text:
            return Fate.NUL
        return Fate.TOO_LONG if is_longer(text, limit) else Fate.WAITING


def build_texts(table: Table, name: str) -> Texts:
    column = table.columns[name].cast(pa.large_string())
    is_broken = np.zeros(len(column), np.bool_)
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        column, is_broken = _mended(column)
    return Texts(column, is_broken, table.is_torn)


def is_longer(text: str, limit: int) -> bool:
    if len(text) * GROWS <= limit:
        return False
    # Composing takes the square of the length: what is far over is over.
    return len(text) > SHRINKS * limit or count_characters(text) > limit


def _mended(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, NDArray[np.bool_]]:
    """To be shown and searched: what cannot be read becomes a question mark there. The table keeps what it is."""
    values = column.cast(pa.large_binary()).to_pylist()
    texts = [None if value is None else value.decode("utf-8", "replace") for value in values]
    is_broken = [text is not None and text.encode() != value for text, value in zip(texts, values, strict=True)]
    return pa.chunked_array([pa.array(texts, pa.large_string())]), np.array(is_broken, np.bool_)
