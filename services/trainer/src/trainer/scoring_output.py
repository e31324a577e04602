"""Writes rows with what the model says of them: csv, tsv, ndjson, parquet. Their own values stay as they are."""

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TextIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from trainer.scoring_csv import CsvSource
from trainer.scoring_files import text_writer
from trainer.scoring_rows import Source

# Rows as columns or as JSON objects, and the columns that are added to them.
Write = Callable[[pa.RecordBatch | list[str], pa.RecordBatch], None]

ROW_GROUP = 131_072
# A tab-separated value cannot hold these: they are written as two characters.
TSV_ESCAPES = str.maketrans({"\t": "\\t", "\n": "\\n", "\r": "\\r"})


def open_output(
    part: Path, suffix: str, source: Source, added: pa.Schema, *, is_gzipped: bool
) -> AbstractContextManager[Write]:
    """What writes chunks to `part` in the format that `suffix` names."""
    if suffix == ".parquet":
        return parquet_output(part, source.schema, added)
    if suffix in (".csv", ".tsv"):
        return csv_output(part, suffix, source, added, is_gzipped=is_gzipped)
    return ndjson_output(part, is_gzipped=is_gzipped)


@contextmanager
def parquet_output(part: Path, own: pa.Schema, added: pa.Schema) -> Iterator[Write]:
    schema = pa.schema([*own, *added], metadata=own.metadata)
    waiting: list[pa.RecordBatch] = []

    def flush() -> None:
        if waiting:
            writer.write_table(pa.Table.from_batches(waiting, schema))
            waiting.clear()

    def write(rows: pa.RecordBatch | list[str], predictions: pa.RecordBatch) -> None:
        assert not isinstance(rows, list)
        waiting.append(pa.record_batch([*rows.columns, *predictions.columns], schema=schema))
        if sum(map(len, waiting)) >= ROW_GROUP:
            flush()

    with pq.ParquetWriter(part, schema) as writer:
        yield write
        flush()


@contextmanager
def csv_output(part: Path, suffix: str, source: Source, added: pa.Schema, *, is_gzipped: bool) -> Iterator[Write]:
    """A csv of a csv keeps its line ends and its byte order mark: spreadsheets want theirs."""
    is_marked, line_end = (source.has_mark, source.line_end) if isinstance(source, CsvSource) else (False, "\n")
    encoding = "utf-8-sig" if is_marked else "utf-8"
    with text_writer(part, is_gzipped=is_gzipped, encoding=encoding) as stream:
        write_rows = tsv_rows(stream, line_end) if suffix == ".tsv" else csv_rows(stream, line_end)
        write_rows([name] for name in (*source.schema.names, *added.names))

        def write(rows: pa.RecordBatch | list[str], predictions: pa.RecordBatch) -> None:
            assert not isinstance(rows, list)
            write_rows(as_text(column) for column in (*rows.columns, *predictions.columns))

        yield write


WriteColumns = Callable[[Iterator[list[str]]], None]


def csv_rows(stream: TextIO, line_end: str) -> WriteColumns:
    class Sink:
        # Python before 3.13 quotes a carriage return only where it is part of the line end, so this one is exchanged.
        def write(self, row: str) -> int:
            return stream.write(row[:-2] + line_end)

    writer = csv.writer(Sink(), lineterminator="\r\n")
    return lambda columns: writer.writerows(zip(*columns, strict=True))


def tsv_rows(stream: TextIO, line_end: str) -> WriteColumns:
    def write(columns: Iterator[list[str]]) -> None:
        escaped = ([value.translate(TSV_ESCAPES) for value in column] for column in columns)
        stream.writelines("\t".join(row) + line_end for row in zip(*escaped, strict=True))

    return write


@contextmanager
def ndjson_output(part: Path, *, is_gzipped: bool) -> Iterator[Write]:
    with text_writer(part, is_gzipped=is_gzipped) as stream:

        def write(rows: pa.RecordBatch | list[str], predictions: pa.RecordBatch) -> None:
            objects = rows if isinstance(rows, list) else as_objects(rows)
            # Put in before the closing brace, so that every digit of the object stays what it was.
            for own, added in zip(objects, as_objects(predictions), strict=True):
                inside = own[1:-1].strip()
                stream.write("{" + (f"{inside}, " if inside else "") + added[1:] + "\n")

        yield write


def as_objects(rows: pa.RecordBatch) -> list[str]:
    names = [json.dumps(name, ensure_ascii=False) for name in rows.schema.names]
    columns = [
        [f"{name}: {value}" for value in as_json(column)] for name, column in zip(names, rows.columns, strict=True)
    ]
    return ["{" + ", ".join(cells) + "}" for cells in zip(*columns, strict=True)]


def as_text(column: pa.Array) -> list[str]:
    """Each value as a csv holds it; a null is empty."""
    return ["" if value is None else value for value in plain(column)]


def as_json(column: pa.Array) -> list[str]:
    """Each value as JSON. Numbers keep their digits; JSON has no word for one that is not finite: it becomes null."""
    kind = column.type
    if pa.types.is_floating(kind):
        column = pc.if_else(pc.is_finite(column), column, None)
    if pa.types.is_nested(kind) or is_bare(kind):
        return ["null" if value is None else value for value in plain(column)]
    return [json.dumps(value, ensure_ascii=False) for value in plain(column)]


def is_bare(kind: pa.DataType) -> bool:
    bare: bool = pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)
    return bare


def plain(column: pa.Array) -> list[str | None]:
    """Each value in words: lists and structs as JSON, bytes that are no UTF-8 with the sign for that."""
    if pa.types.is_nested(column.type):
        values = column.to_pylist()
        return [None if value is None else json.dumps(value, ensure_ascii=False, default=str) for value in values]
    written = column if pa.types.is_binary(column.type) else column.cast(pa.large_string())
    values = written.cast(pa.large_binary()).to_pylist()
    return [None if value is None else value.decode("utf-8", "replace") for value in values]
