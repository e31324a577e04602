"""parquet on the page Batch: columns of text are offered, others are kept, and none of them is changed."""

from contextlib import suppress

import pyarrow as pa
import pytest
from batch_files import parquet_bytes, read, refusal, rows_of

from ui.batch.guesses import guess_text_column, text_columns
from ui.batch.sheet import Unreadable
from ui.words.english.wording import ENGLISH

WORDS = ENGLISH.batch


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_every_kind_of_text_is_offered(kind: pa.DataType) -> None:
    table = pa.table({"n": pa.array([1, 2, 3]), "said": pa.array(["late", None, "late"]).cast(kind)})
    source = read("a.parquet", parquet_bytes(table))
    assert text_columns(source.sheet.columns) == ["said"]
    assert rows_of(source)[1:] == [[1, "late"], [2, None], [3, "late"]]


def test_types_stay() -> None:
    table = pa.table({"text": ["a"], "n": pa.array([1], pa.int16()), "at": pa.array([0], pa.timestamp("us", "UTC"))})
    assert read("a.parquet", parquet_bytes(table)).sheet.columns.schema.equals(table.schema)


def test_a_file_without_text_is_refused() -> None:
    assert refusal("a.parquet", parquet_bytes(pa.table({"n": [1]}))) == WORDS.no_text_column


@pytest.mark.parametrize("data", [b"PAR1", b"text\nlate\n", b"PAR1" + b"\0" * 100 + b"PAR1"])
def test_what_is_no_parquet_is_refused(data: bytes) -> None:
    assert refusal("a.parquet", data) == WORDS.broken_parquet


def test_a_damaged_file_is_refused() -> None:
    data = parquet_bytes(pa.table({"text": [f"late {number}" for number in range(500)]}))
    for place in range(10, len(data), max(1, len(data) // 40)):
        damaged = bytearray(data)
        damaged[place] ^= 0xFF
        # Where the damage goes unnoticed the file is read: it must only never end otherwise.
        with suppress(Unreadable):
            read("a.parquet", bytes(damaged))


def test_no_rows_and_too_many_are_refused() -> None:
    assert refusal("a.parquet", parquet_bytes(pa.table({"text": pa.array([], pa.string())}))) == WORDS.no_rows
    many = pa.table({"text": ["a"] * 11})
    assert "more than 10 rows" in refusal("a.parquet", parquet_bytes(many), limit=10)


def test_one_long_string_written_once_and_meant_a_thousand_times_is_refused() -> None:
    long = pa.DictionaryArray.from_arrays(pa.array([0] * 1000, pa.int32()), pa.array(["x" * 1_000_000]))
    data = parquet_bytes(pa.table({"text": long}))
    assert len(data) < 3_000_000
    assert refusal("a.parquet", data) == WORDS.unfolds_too_far.format(limit=300)


def test_two_columns_of_one_name_get_two() -> None:
    table = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["text", "text"])
    assert rows_of(read("a.parquet", parquet_bytes(table))) == [["text", "text_2"], ["a", "b"]]


@pytest.mark.parametrize(
    ("names", "guessed"),
    [
        (["id", "tweet", "text"], "text"),
        (["user", "Message", "long"], "Message"),
        (["note", "contenu"], "contenu"),
        (["short", "longest", "none"], "longest"),
    ],
)
def test_the_column_of_the_tweets_is_guessed(names: list[str], guessed: str) -> None:
    values = {"longest": "a very long text indeed", "none": None}
    table = pa.table({name: pa.array([values.get(name, "short")], pa.string()) for name in names})
    assert guess_text_column(table) == guessed


def test_another_ending_is_refused_with_those_that_are_read() -> None:
    assert refusal("a.docx", b"x") == WORDS.unknown_kind
