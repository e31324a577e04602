"""xlsx: one sheet of a workbook, every cell as the text that a person reads in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from io import BytesIO
from itertools import dropwhile, islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from ui.batch.guesses import looks_like_header
from ui.batch.sheet import Sheet, Unreadable, text_table
from ui.batch.workbook_guard import check_workbook

ROWS_AT_ONCE = 10_000
Cell = int | float | str | bool | time | date | datetime | timedelta


class Workbook:
    """Once it is known to be harmless. Raises Unreadable."""

    def __init__(self, data: bytes) -> None:
        check_workbook(data)
        self._data = data
        with _understood():
            self.sheets = CalamineWorkbook.from_filelike(BytesIO(data)).sheet_names
        if not self.sheets:
            raise Unreadable(lambda words: words.batch.broken_workbook)

    def read(self, name: str, limit: int) -> Sheet:
        with _understood():
            return _read(CalamineWorkbook.from_filelike(BytesIO(self._data)).get_sheet_by_name(name), limit)


def _read(sheet: CalamineSheet, limit: int) -> Sheet:
    rows = dropwhile(_is_blank, ([as_text(cell) for cell in row] for row in sheet.iter_rows()))
    first = next(rows, None)
    if first is None:
        raise Unreadable(lambda words: words.batch.empty_file)
    columns = _columns(rows, len(first), limit)
    is_torn = np.zeros(columns.num_rows, np.bool_)
    return Sheet(columns, is_torn, tuple(first), looks_like_header(first))


def _columns(rows: Iterator[list[str]], width: int, limit: int) -> pa.Table:
    names = [str(number) for number in range(width)]
    parts = [text_table([()] * width, names)]
    while part := list(islice(rows, ROWS_AT_ONCE)):
        parts.append(text_table(list(zip(*part, strict=True)), names))
    columns = pa.concat_tables(parts)
    # Rows below the last one that holds anything: they were coloured, or emptied.
    filled = max((_last_filled(columns[name]) for name in names), default=0)
    if filled > limit:
        raise Unreadable(lambda words: words.batch.too_many_rows.format(limit=words.number(limit)))
    return columns.slice(0, filled)


def _last_filled(column: pa.ChunkedArray) -> int:
    is_filled = np.flatnonzero(pc.not_equal(column, "").to_numpy())
    return int(is_filled[-1]) + 1 if len(is_filled) else 0


def _is_blank(row: list[str]) -> bool:
    return not any(row)


def as_text(cell: Cell) -> str:
    match cell:
        case str():
            return cell
        case bool():
            return str(cell).upper()
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime():
            return cell.isoformat(" ")
        case _:
            return str(cell)


@contextmanager
def _understood() -> Iterator[None]:
    try:
        yield
    except CalamineError:
        raise Unreadable(lambda words: words.batch.broken_workbook) from None
    except BaseException as error:
        # How its Rust says that it gave up: no Exception, and no name to import.
        if type(error).__name__ != "PanicException":
            raise
        raise Unreadable(lambda words: words.batch.broken_workbook) from None
