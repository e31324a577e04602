"""The rows of one file: as they were read, and as a table with names once it is known what its first row is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ui.words.language import Notice


class Unreadable(Exception):
    """The file cannot be used; `notice` says why, and what to do."""

    def __init__(self, notice: Notice) -> None:
        super().__init__()
        self.notice = notice


@dataclass(frozen=True)
class Table:
    """Named columns; those of text hold what the file holds, character by character."""

    columns: pa.Table
    # Rows that had more fields than there are columns: it is not known which of them is the text.
    is_torn: NDArray[np.bool_]
    # Between the cells of the csv that can be downloaded.
    delimiter: str

    @property
    def rows(self) -> int:
        return int(self.columns.num_rows)

    @property
    def names(self) -> list[str]:
        return list(self.columns.column_names)


@dataclass(frozen=True)
class Sheet:
    """Columns without names below `first`, the row that may hold them; without it the names are known."""

    columns: pa.Table
    is_torn: NDArray[np.bool_]
    first: tuple[str, ...] | None = None
    has_header: bool = True
    delimiter: str = ","
    notes: tuple[Notice, ...] = ()

    def with_header(self, has_header: bool) -> "Sheet":
        return replace(self, has_header=has_header)

    def table(self) -> Table:
        if self.first is None:
            return Table(self.columns, self.is_torn, self.delimiter)
        if self.has_header:
            return Table(self.columns.rename_columns(unique_names(self.first)), self.is_torn, self.delimiter)
        names = unique_names([""] * len(self.first))
        top = text_table([[value] for value in self.first], names)
        columns = pa.concat_tables([top, self.columns.rename_columns(names)])
        return Table(columns, np.concatenate([[False], self.is_torn]), self.delimiter)


def text_table(columns: Sequence[Sequence[str]], names: Sequence[str]) -> pa.Table:
    return pa.table([pa.array(column, pa.string()) for column in columns], names=list(names))


def unique_names(given: Iterable[str]) -> list[str]:
    """Each column gets a name, and none the name of another."""
    names: list[str] = []
    for number, name in enumerate(given, 1):
        names.append(free_name(name.strip() or f"column {number}", names))
    return names


def free_name(wished: str, taken: Iterable[str]) -> str:
    """As wished, or with a number behind it; a spreadsheet does not tell capitals from small letters."""
    known = {name.casefold() for name in taken}
    name, number = wished, 2
    while name.casefold() in known:
        name, number = f"{wished}_{number}", number + 1
    return name
