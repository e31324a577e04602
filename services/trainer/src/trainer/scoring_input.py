"""Which reader a file's name asks for, and parquet's; the others: `scoring_csv.py`, `scoring_ndjson.py`."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from trainer.reading import TABLE_SUFFIXES, suffix_of
from trainer.scoring_csv import FORMS, CsvSource
from trainer.scoring_ndjson import NdjsonSource
from trainer.scoring_rows import (
    CHUNK_CHARACTERS,
    CHUNK_ROWS,
    WHOLE,
    BadRow,
    Chunk,
    Part,
    Source,
    require_columns,
    spelled_out,
    why_bad,
)
from trainer.sources import UnreadableFile


def open_source(path: Path, text_column: str, *, as_written: bool = False, names: list[str] | None = None) -> Source:
    """The rows of a file; `as_written` asks ndjson for its lines instead of columns, `names` are its columns if known.

    Raises UnreadableFile when the format is unknown or the text column is not there.
    """
    suffix = require_table(path)
    if suffix == ".parquet":
        return ParquetSource(path, text_column)
    if suffix in FORMS:
        return CsvSource(path, suffix, text_column)
    return NdjsonSource(path, text_column, as_written=as_written, names=names)


def require_table(path: Path) -> str:
    """The suffix that tells the format of a file that rows can be read from or written to."""
    suffix = suffix_of(path)
    if suffix not in TABLE_SUFFIXES:
        raise UnreadableFile(f"{path}: a file of tweets ends in {', '.join(TABLE_SUFFIXES)}, or one of them and .gz")
    if suffix == ".parquet" and path.suffix.lower() == ".gz":
        raise UnreadableFile(f"{path}: parquet is compressed already and cannot be streamed out of a .gz: unpack it")
    return suffix


class ParquetSource:
    """A parquet file; its columns keep their types."""

    unit = " tweets"

    def __init__(self, path: Path, text_column: str) -> None:
        self._path, self._column = path, text_column
        with self._open() as file:
            self.schema = file.schema_arrow
            self.total = file.metadata.num_rows
        require_columns(path, self.schema.names, text_column)
        kind = self.schema.field(text_column).type
        value = kind.value_type if pa.types.is_dictionary(kind) else kind
        if not (pa.types.is_string(value) or pa.types.is_large_string(value) or pa.types.is_string_view(value)):
            raise UnreadableFile(
                f"{path}: the column {text_column!r} holds {kind}, not text; name it with --text-column"
            )

    def _open(self) -> pq.ParquetFile:
        # With a buffer a row group is read piece by piece, however large its writer made it.
        return pq.ParquetFile(self._path, buffer_size=1 << 20)

    def parts(self, rows: int) -> Iterator[Part]:
        for first in range(0, self.total, rows):
            yield Part(first, rows=min(rows, self.total - first))

    def chunks(self, part: Part = WHOLE) -> Iterator[Chunk]:
        end = self.total if part.rows is None else part.first + part.rows
        with self._open() as file:
            groups = Groups(file.metadata, part.first, end)
            done = groups.first
            for rows in file.iter_batches(batch_size=groups.batch_rows, row_groups=groups.numbers):
                number, done = done, done + len(rows)
                rows = rows.slice(max(0, part.first - number))[: end - max(number, part.first)]
                if len(rows):
                    yield self._chunk(rows, max(number, part.first))

    def _chunk(self, rows: pa.RecordBatch, before: int) -> Chunk:
        texts, bad = [], []
        for number, value in enumerate(as_bytes(rows.column(self._column)), start=before + 1):
            text, reason = checked(value)
            texts.append(None if reason else text)
            if reason:
                bad.append(BadRow(number, reason, spelled_out(text or "")))
        return Chunk(rows, texts, bad, size=len(texts))


class Groups:
    """The row groups of a parquet file that hold its rows from `start` up to `end`: their numbers, the number of rows
    before them, and how many rows to take at once."""

    def __init__(self, metadata: pq.FileMetaData, start: int, end: int) -> None:
        self.numbers: list[int] = []
        self.first = passed = widest = 0
        for number in range(metadata.num_row_groups):
            group = metadata.row_group(number)
            if passed < end and passed + group.num_rows > start:
                self.first = self.first if self.numbers else passed
                self.numbers.append(number)
                widest = max(widest, group.total_byte_size // max(1, group.num_rows))
            passed += group.num_rows
        # Rows of long texts are taken fewer at a time, as those of other files.
        self.batch_rows = min(CHUNK_ROWS, max(1, CHUNK_CHARACTERS // max(1, widest)))


def as_bytes(column: pa.Array) -> list[bytes | None]:
    # As bytes, because a writer may have put in what is no UTF-8.
    values: list[bytes | None] = column.cast(pa.large_string()).cast(pa.large_binary()).to_pylist()
    return values


def checked(value: bytes | None) -> tuple[str | None, str | None]:
    """A text and why it cannot be scored, or None."""
    if value is None:
        return None, why_bad(None)
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return value.decode("utf-8", "surrogateescape"), "not UTF-8"
    return text, why_bad(text)
