"""xlsx on the page Batch: cells as people read them, and workbooks that were made to do harm."""

import zipfile
from datetime import datetime
from io import BytesIO

import pytest
import xlsxwriter
from batch_files import read, refusal, rows_of, sheet_bytes, xlsx_bytes

from ui.batch import workbook_guard
from ui.batch.sheet import Unreadable
from ui.words.english.wording import ENGLISH

WORDS = ENGLISH.batch
CORNER = '<c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c>'


def test_cells_are_read_as_text() -> None:
    rows = [["id", "text", "late"], [1234567890, "très tard 😀", True], [0.5, " two\nlines\t", False]]
    assert rows_of(read("a.xlsx", xlsx_bytes(rows))) == [
        ["id", "text", "late"],
        ["1234567890", "très tard 😀", "TRUE"],
        ["0.5", " two\nlines\t", "FALSE"],
    ]


def test_a_date_is_written_out() -> None:
    stream = BytesIO()
    with xlsxwriter.Workbook(stream) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["at", "text"])
        sheet.write_datetime(1, 0, datetime(2026, 3, 1, 9, 30), workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
        sheet.write_string(1, 1, "late")
    assert rows_of(read("a.xlsx", stream.getvalue()))[1] == ["2026-03-01 09:30:00", "late"]


def test_a_table_in_the_middle_of_its_sheet_is_found() -> None:
    rows = [["id", "text"], ["1", "late"]]
    assert rows_of(read("a.xlsx", xlsx_bytes(rows, top=5, left=3))) == rows


def test_rows_that_were_emptied_at_the_end_are_no_rows() -> None:
    rows = [["id", "text"], ["1", "late"], ["", ""], ["2", "never"], ["", " "][:1], [""]]
    assert len(rows_of(read("a.xlsx", xlsx_bytes(rows)))) == 4


def test_another_sheet_can_be_chosen() -> None:
    source = read("a.xlsx", xlsx_bytes([["text"], ["late"]], [["text"], ["never"], ["thanks"]]))
    assert list(source.sheet_names) == ["Sheet1", "Sheet2"]
    assert source.sheet_name == "Sheet1"
    source.choose_sheet("Sheet2", 1000)
    assert rows_of(source) == [["text"], ["never"], ["thanks"]]


def test_an_empty_first_sheet_does_not_hide_the_second() -> None:
    source = read("a.xlsx", xlsx_bytes([], [["text"], ["late"]]))
    assert source.sheet_name == "Sheet2"


def test_a_workbook_without_a_cell_is_said_to_be_empty() -> None:
    assert refusal("a.xlsx", xlsx_bytes([])) == WORDS.empty_file


def test_more_rows_than_allowed_are_refused() -> None:
    assert "more than 2 rows" in refusal("a.xlsx", xlsx_bytes([["text"], ["a"], ["b"], ["c"]]), limit=2)


@pytest.mark.parametrize("data", [b"text\nlate\n", b"PK\x03\x04" + b"\0" * 40, b"\xd0\xcf\x11\xe0" + b"\0" * 600])
def test_what_is_no_workbook_is_refused_with_what_to_do(data: bytes) -> None:
    assert refusal("a.xlsx", data) == WORDS.broken_workbook


def test_a_damaged_workbook_is_refused_or_read_and_nothing_else() -> None:
    data = xlsx_bytes([["text"], ["late"]] * 50)
    refused = 0
    for place in range(0, len(data), len(data) // 60):
        damaged = bytearray(data)
        damaged[place] ^= 0xFF
        try:
            read("a.xlsx", bytes(damaged))
        except Unreadable:
            refused += 1
    assert refused > 30


def test_a_zip_archive_of_something_else_is_refused() -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("letter.txt", "hello")
    assert refusal("a.xlsx", stream.getvalue()) == WORDS.broken_workbook


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/sheet.xml", "w") as part:
        for _ in range(301):
            part.write(bytes(1 << 20))
    assert len(stream.getvalue()) < 1 << 20
    assert refusal("a.xlsx", stream.getvalue()) == WORDS.unfolds_too_far.format(limit=300)


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sheet.xml", bytes(5 << 20))
    data = stream.getvalue()
    lying = data.replace((5 << 20).to_bytes(4, "little"), (500).to_bytes(4, "little"))
    assert lying != data
    assert refusal("a.xlsx", lying) == WORDS.broken_workbook


@pytest.mark.parametrize(
    "cells",
    [
        f'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576">{CORNER}</row>',
        f'<row r="1"><c r="A1"><v>1</v></c></row><row>{CORNER}</row>',
        "<row r='1'><c r='A1'><v>1</v></c></row><row r='1048576'><c r='XFD1048576'><v>1</v></c></row>",
        '<row r="900000"><c/></row><row>' + "<c/>" * 9000 + "<c><v>1</v></c></row>",
        "<x:row><x:c r='zzz999999'/></x:row>",
    ],
)
def test_cells_at_the_far_corner_of_a_sheet_are_refused_before_room_is_made_for_all_between(cells: str) -> None:
    assert refusal("a.xlsx", sheet_bytes(cells)) == WORDS.too_many_cells.format(limit="6,000,000")


@pytest.mark.parametrize("cells", ['<row><c s=">" r="XFD1048576"><v>1</v></c></row>', "<row><c " + "s" * 200_000])
def test_what_would_hide_a_cell_from_the_look_at_them_is_refused(cells: str) -> None:
    assert refusal("a.xlsx", sheet_bytes(cells)) == WORDS.broken_workbook


def test_cells_are_seen_across_the_pieces_in_which_a_sheet_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_guard, "CHUNK", 7)
    assert refusal("a.xlsx", sheet_bytes(f"<row>{CORNER}</row>")) == WORDS.too_many_cells.format(limit="6,000,000")
    assert rows_of(read("a.xlsx", xlsx_bytes([["text"], ["late"]]))) == [["text"], ["late"]]
