"""Files as people upload them, and what was made of one, in the words of the tests."""

import csv
import zipfile
from collections.abc import Sequence
from io import BytesIO, StringIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from ui.batch.dangerous_cells import MARK, CellGuard
from ui.batch.reading import Source, read_file
from ui.batch.sheet import Unreadable
from ui.words.english.wording import ENGLISH

LIMIT = 1000
PLAIN = {"strings_to_formulas": False, "strings_to_urls": False}

Row = Sequence[object]


def csv_bytes(rows: Sequence[Row], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    stream = StringIO(newline="")
    csv.writer(stream, delimiter=delimiter).writerows(rows)
    return stream.getvalue().encode(encoding)


def xlsx_bytes(rows: Sequence[Row], *others: Sequence[Row], top: int = 0, left: int = 0) -> bytes:
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, PLAIN) as workbook:
        for sheet_rows in (rows, *others):
            sheet = workbook.add_worksheet()
            for number, row in enumerate(sheet_rows):
                sheet.write_row(top + number, left, row)
    return stream.getvalue()


def sheet_bytes(cells: str, *, entry: str = "xl/worksheets/sheet1.xml") -> bytes:
    """A workbook whose sheet says what the test wants it to say."""
    stream = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(xlsx_bytes([["text"]]))) as good,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as bad,
    ):
        for part in good.infolist():
            if part.filename != entry:
                bad.writestr(part, good.read(part))
        space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        bad.writestr(
            entry, f'<?xml version="1.0"?><worksheet xmlns="{space}"><sheetData>{cells}</sheetData></worksheet>'
        )
    return stream.getvalue()


def parquet_bytes(table: pa.Table) -> bytes:
    stream = BytesIO()
    pq.write_table(table, stream)
    return stream.getvalue()


def read(name: str, data: bytes, limit: int = LIMIT) -> Source:
    return read_file(name, data, limit)


def rows_of(source: Source) -> list[list[object]]:
    """Row by row, with the names on top."""
    table = source.sheet.table()
    return [
        list(table.names),
        *(list(row) for row in zip(*(c.to_pylist() for c in table.columns.columns), strict=True)),
    ]


def notes_of(source: Source) -> str:
    return "\n".join(note(ENGLISH) for note in source.sheet.notes)


def refusal(name: str, data: bytes, limit: int = LIMIT) -> str:
    with pytest.raises(Unreadable) as caught:
        read(name, data, limit)
    return caught.value.notice(ENGLISH)


def unmarked(cell: str) -> str:
    """What stood in the cell of a csv before it was marked."""
    return cell[1:] if cell.startswith(MARK) and CellGuard().mark(cell) != cell else cell
