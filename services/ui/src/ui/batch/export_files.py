"""The results as a file: parquet as it is, csv and xlsx so that no cell of the file is carried out as a formula."""

import csv
import json
import math
from collections.abc import Iterator
from io import BytesIO, TextIOWrapper

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from ui.batch.dangerous_cells import CellGuard
from ui.batch.excel import cell_text
from ui.batch.guesses import is_text

ROWS_AT_ONCE = 10_000
# Excel knows the encoding of a csv by this.
ENCODING = "utf-8-sig"
# Nothing in a cell is to become anything but a string.
PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True}

Value = str | int | float | bool | None


def parquet_file(columns: pa.Table) -> bytes:
    stream = BytesIO()
    pq.write_table(columns, stream, compression="zstd")
    return stream.getvalue()


def csv_file(columns: pa.Table, delimiter: str) -> bytes:
    stream, guard = BytesIO(), CellGuard()
    # Bytes that are no characters are written as they were read.
    with TextIOWrapper(stream, ENCODING, errors="surrogateescape", newline="", write_through=True) as text:
        # In quotes, since a spreadsheet may look for another separator, and would find it in a tweet.
        writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow(guard.mark(name) for name in columns.column_names)
        for row in _rows(columns):
            writer.writerow([guard.mark(value) if isinstance(value, str) else value for value in row])
        text.flush()
        return stream.getvalue()


def xlsx_file(columns: pa.Table) -> bytes:
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, PLAIN) as workbook:
        sheet = workbook.add_worksheet()
        for column, name in enumerate(columns.column_names):
            sheet.write_string(0, column, cell_text(name))
        for number, row in enumerate(_rows(columns), 1):
            for column, value in enumerate(row):
                _write(sheet, number, column, value)
    return stream.getvalue()


def _write(sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, value: Value) -> None:
    match value:
        case str():
            sheet.write_string(row, column, cell_text(value))
        case bool():
            sheet.write_boolean(row, column, value)
        case int() | float():
            sheet.write_number(row, column, value)


def _rows(columns: pa.Table) -> Iterator[tuple[Value, ...]]:
    for start in range(0, columns.num_rows, ROWS_AT_ONCE):
        part = columns.slice(start, ROWS_AT_ONCE)
        yield from zip(*(_values(column) for column in part.columns), strict=True)


def _values(column: pa.ChunkedArray) -> list[Value]:
    kind = column.type
    if is_text(kind):
        return _strings(column.cast(pa.large_string()))
    values: list[Value] = column.to_pylist()
    if pa.types.is_boolean(kind):
        return values
    if pa.types.is_floating(kind):
        return [_finite(value) for value in values]
    if pa.types.is_integer(kind):
        return [_exact(value) for value in values]
    return [None if value is None else _written(value) for value in values]


def _strings(column: pa.ChunkedArray) -> list[Value]:
    try:
        strings: list[Value] = column.to_pylist()
    except UnicodeDecodeError:
        values = column.cast(pa.large_binary()).to_pylist()
        return [None if value is None else value.decode("utf-8", "surrogateescape") for value in values]
    return strings


def _finite(value: Value) -> Value:
    # A spreadsheet has no number for the others.
    return value if value is None or math.isfinite(float(value)) else str(value)


def _exact(value: Value) -> Value:
    # A spreadsheet rounds what has more than fifteen digits, as the ids of tweets have.
    return str(value) if isinstance(value, int) and abs(value) >= 10**15 else value


def _written(value: object) -> str:
    return json.dumps(value, default=str, ensure_ascii=False) if isinstance(value, list | dict) else str(value)
