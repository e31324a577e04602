"""csv and tsv on the page Batch: each field arrives as it is written, whatever wrote it, and nothing is lost unsaid."""

import codecs
import time

import pytest
from batch_files import csv_bytes, notes_of, read, refusal, rows_of

from ui.words.english.wording import ENGLISH

WORDS = ENGLISH.batch
ROWS = [["id", "text"], ["1", "Très en retard, “jamais” plus €"], ["2", "merci"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_read_with_and_without_its_mark(encoding: str) -> None:
    source = read("a.csv", csv_bytes(ROWS, encoding))
    assert rows_of(source) == ROWS
    assert notes_of(source) == ""


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_utf_16_is_read_in_either_order_of_bytes(mark: bytes) -> None:
    encoding = "utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be"
    assert rows_of(read("a.csv", mark + csv_bytes(ROWS, encoding))) == ROWS


def test_what_windows_wrote_is_read_and_said() -> None:
    source = read("a.csv", csv_bytes(ROWS, "cp1252"))
    assert rows_of(source) == ROWS
    assert notes_of(source) == WORDS.read_as_windows


def test_bytes_that_no_encoding_knows_are_refused_with_what_to_do() -> None:
    assert refusal("a.csv", b"text\nlate \x81\xff\n") == WORDS.unknown_encoding
    assert refusal("a.csv", codecs.BOM_UTF16_LE + b"\x00\xd8\x41\x00") == WORDS.unknown_encoding


def test_a_picture_named_csv_is_refused() -> None:
    assert refusal("a.csv", b"\x89PNG\r\n" + bytes(500)) == WORDS.not_text


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_usual_delimiter_is_found_and_kept_for_the_download(delimiter: str) -> None:
    rows = [["id", "text", "n"], *([str(number), f"late, again; {number}", "0"] for number in range(5))]
    source = read("a.csv", csv_bytes(rows, delimiter=delimiter))
    assert rows_of(source) == rows
    assert source.sheet.table().delimiter == delimiter


def test_one_column_is_one_column_whatever_stands_in_its_text() -> None:
    data = b"text\nLate, again\nNever; ever, ever\nThanks\n"
    assert rows_of(read("a.csv", data)) == [["text"], ["Late, again"], ["Never; ever, ever"], ["Thanks"]]
    quoted = csv_bytes([["text"], ["Late, again"], ["Two\nlines"]])
    assert rows_of(read("a.csv", quoted)) == [["text"], ["Late, again"], ["Two\nlines"]]


@pytest.mark.parametrize(
    "value", ["NA", "null", "", "007", "1e5", "TRUE", " padded ", "a\0b", "\x07\x1b[0m", "a\tb", "١٢"]
)
def test_a_value_is_text_and_stays_as_it_is_written(value: str) -> None:
    rows = [["id", "text"], ["1", value], ["2", "late"]]
    assert rows_of(read("a.csv", csv_bytes(rows))) == rows


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_end_of_line_ends_a_row(end: str) -> None:
    data = end.join(["id,text", "1,late", "2,never"]).encode()
    assert rows_of(read("a.csv", data)) == [["id", "text"], ["1", "late"], ["2", "never"]]


def test_text_over_several_lines_is_one_row() -> None:
    rows = [["id", "text"], ["1", 'first\r\nsecond "quoted"\rthird'], ["2", "late"]]
    assert rows_of(read("a.csv", csv_bytes(rows))) == rows


def test_a_row_with_too_many_fields_is_kept_whole_and_its_line_named() -> None:
    rows = [["id", "text"], *([str(number), "late"] for number in range(10))]
    data = csv_bytes(rows) + b"10,never, ever, again\r\n"
    source = read("a.csv", data)
    assert source.sheet.table().names == ["id", "text", "surplus fields"]
    assert rows_of(source)[-1] == ["10", "never", " ever, again"]
    assert list(source.sheet.is_torn) == [False] * 10 + [True]
    assert notes_of(source) == WORDS.torn_rows.format(count="1", lines="12")


def test_a_row_with_too_few_fields_is_filled_and_its_line_named() -> None:
    data = b"id,text,n\n1,late,0\n2\n3,never,0\n4,late,0\n"
    source = read("a.csv", data)
    assert rows_of(source)[2] == ["2", "", ""]
    assert notes_of(source) == WORDS.short_rows.format(count="1", lines="3")


def test_of_many_such_lines_the_first_are_named() -> None:
    data = b"id,text,n\n" + b"1,late,0\n" * 30 + b"2\n" * 12
    assert "Lines: 32, 33, 34, 35, 36, 37, 38, 39, …" in notes_of(read("a.csv", data))


def test_columns_without_a_name_or_with_one_twice_get_one() -> None:
    source = read("a.csv", b"text,,Text\na,b,c\n")
    assert source.sheet.table().names == ["text", "column 2", "Text_2"]


def test_a_file_without_a_header_keeps_its_first_row() -> None:
    data = b'"0","1467810369","@airline that is a bummer, you should have gone"\n"4","1467810672","nice flight"\n'
    source = read("a.csv", data)
    assert not source.sheet.has_header
    assert rows_of(source)[0] == ["column 1", "column 2", "column 3"]
    assert [row[0] for row in rows_of(source)[1:]] == ["0", "4"]
    assert source.sheet.with_header(True).table().rows == 1


def test_a_row_above_the_columns_does_not_narrow_them() -> None:
    data = b"Export\nid,text\n1,late\n2,never\n3,late\n"
    assert rows_of(read("a.csv", data))[2] == ["1", "late"]


def test_quotation_marks_of_a_tab_separated_file_are_characters_where_they_are_not_in_pairs() -> None:
    data = b'id\ttext\n1\t"Great" flight\n2\t"Never again\n3\tlate"\n'
    source = read("a.tsv", data)
    assert rows_of(source)[1:] == [["1", '"Great" flight'], ["2", '"Never again'], ["3", 'late"']]
    assert notes_of(source) == WORDS.quotes_kept.format(line="2")


def test_a_mark_out_of_place_is_read_as_well_as_it_goes_and_said() -> None:
    data = b'id,text\n1,"late"r\n2,"never, ever"\n'
    source = read("a.csv", data)
    assert rows_of(source)[1:] == [["1", "later"], ["2", "never, ever"]]
    assert notes_of(source) == WORDS.quotes_odd.format(line="2")


def test_a_mark_that_is_never_closed_does_not_swallow_the_rest() -> None:
    data = b'id,text\n1,late\n2,"never, ever\n3,late\n4,"fine, thanks"\n5,late\n'
    assert "is opened and not closed" in refusal("a.csv", data.replace(b'"fine, thanks"', b"fine, thanks"))


@pytest.mark.parametrize("data", [b"", b"\n\n\r\n", b"\xef\xbb\xbf"])
def test_a_file_with_nothing_in_it_is_said_to_be_empty(data: bytes) -> None:
    assert refusal("a.csv", data) == WORDS.empty_file


def test_a_header_alone_is_no_tweet() -> None:
    assert refusal("a.csv", b"id,text\n") == WORDS.no_rows


def test_blank_lines_are_no_rows() -> None:
    assert rows_of(read("a.csv", b"id,text\n\n1,late\n\n\n2,never\n"))[1:] == [["1", "late"], ["2", "never"]]


def test_more_rows_than_allowed_are_refused_with_the_number_and_the_variable() -> None:
    data = csv_bytes([["text"], *([f"late {number}"] for number in range(11))])
    said = refusal("a.csv", data, limit=10)
    assert "more than 10 rows" in said and "UI_BATCH_LIMIT" in said
    assert len(rows_of(read("a.csv", data, limit=11))) == 12


def test_a_hundred_thousand_rows_are_read_within_seconds() -> None:
    data = csv_bytes([["id", "date", "text"], *([n, "2024-01-02", f"late again, flight {n}"] for n in range(100_000))])
    began = time.process_time()
    assert read("a.csv", data, limit=100_000).sheet.columns.num_rows == 100_000
    # 1 s on an idle machine; of time in which this process runs, so that others do not count.
    assert time.process_time() - began < 10
