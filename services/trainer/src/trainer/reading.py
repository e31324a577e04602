"""Read texts and labels, as written, from csv, tsv, parquet, ndjson or plain text, gzipped or not.

Everything is read as text: an id that once was a float is an id lost. Columns that were not asked for never enter.
"""

import csv
import gzip
import json
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pandas.io.parsers.readers import TextFileReader
from tqdm import tqdm

from trainer.sources import Form, UnreadableFile

TABLE_SUFFIXES = (".csv", ".tsv", ".parquet", ".ndjson", ".jsonl")
_CHUNK = 100_000


@dataclass
class RawTweets:
    """Rows as the file has them; `splits` stays empty where the file has none."""

    texts: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    splits: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.texts)

    def extend(self, rows: "RawTweets") -> None:
        self.texts += rows.texts
        self.labels += rows.labels
        self.splits += rows.splits


def suffix_of(path: Path) -> str:
    """The suffix that tells the format, `.gz` set aside."""
    return Path(path.name.lower().removesuffix(".gz")).suffix


def read_tweets(path: Path, form: Form, limit: int | None = None) -> RawTweets:
    raw = RawTweets()
    try:
        with tqdm(desc=f"read {path.name}", unit=" tweets", unit_scale=True, disable=None, leave=False) as bar:
            for rows in _chunks(path, form, limit):
                raw.extend(rows)
                bar.update(len(rows))
                if limit is not None and len(raw) >= limit:
                    break
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{path} is not {form.encoding} text: {error.reason} at byte {error.start}") from error
    except pd.errors.EmptyDataError as error:
        raise UnreadableFile(f"{path} is empty") from error
    except (OSError, EOFError, zipfile.BadZipFile, pa.ArrowException, pd.errors.ParserError) as error:
        raise UnreadableFile(f"{path} cannot be read: {error}") from error
    return RawTweets(raw.texts[:limit], raw.labels[:limit], raw.splits[:limit])


def _chunks(path: Path, form: Form, limit: int | None) -> Iterator[RawTweets]:
    suffix = ".csv" if form.member else suffix_of(path)
    if suffix == ".parquet":
        return _parquet_chunks(path, form)
    if suffix in (".ndjson", ".jsonl"):
        return _ndjson_chunks(path, form)
    if form.labels_file:
        return _line_chunks(path, path.with_name(form.labels_file), form)
    if suffix in TABLE_SUFFIXES:
        return _csv_chunks(path, form, "\t" if suffix == ".tsv" else ",", limit)
    raise UnreadableFile(f"{path}: a file of tweets ends in {', '.join(TABLE_SUFFIXES)}, or one of them and .gz")


@contextmanager
def _opened(path: Path, member: str | None = None) -> Iterator[BinaryIO]:
    with ExitStack() as stack:
        if member:
            archive = stack.enter_context(zipfile.ZipFile(path))
            if member not in archive.namelist():
                raise UnreadableFile(f"{path} holds no {member}, only {', '.join(archive.namelist())}")
            yield cast(BinaryIO, stack.enter_context(archive.open(member)))
        elif path.suffix.lower() == ".gz":
            yield cast(BinaryIO, stack.enter_context(gzip.open(path)))
        else:
            yield stack.enter_context(path.open("rb"))


def _csv_chunks(path: Path, form: Form, separator: str, limit: int | None) -> Iterator[RawTweets]:
    with _opened(path, form.member) as stream, _csv_tables(stream, form, separator, limit) as tables:
        for table in tables:
            _require_columns(path, form, list(table.columns))
            yield _rows(form, {name: table[name].tolist() for name in table.columns})


def _csv_tables(stream: BinaryIO, form: Form, separator: str, limit: int | None) -> TextFileReader:
    return pd.read_csv(
        stream,
        sep=separator,
        dtype=str,
        # "NA" and "null" are things people write.
        keep_default_na=False,
        na_filter=False,
        header=None if form.columns else "infer",
        names=list(form.columns) or None,
        usecols=lambda column: column in _columns(form),
        # In a tab-separated file of tweets a quotation mark is only a quotation mark.
        quoting=csv.QUOTE_NONE if separator == "\t" else csv.QUOTE_MINIMAL,
        encoding=form.encoding,
        nrows=limit,
        chunksize=_CHUNK,
        index_col=False,
    )


def _parquet_chunks(path: Path, form: Form) -> Iterator[RawTweets]:
    with _opened(path) as stream:
        # A gzipped parquet cannot be sought in cheaply, and parquet is read from its end.
        table = pq.ParquetFile(BytesIO(stream.read()) if path.suffix.lower() == ".gz" else stream)
        _require_columns(path, form, table.schema_arrow.names)
        for batch in table.iter_batches(batch_size=_CHUNK, columns=list(_columns(form))):
            yield _rows(form, {name: _as_text(batch.column(name)) for name in _columns(form)})


def _as_text(column: pa.Array) -> list[str]:
    return [value or "" for value in column.cast(pa.string()).to_pylist()]


def _ndjson_chunks(path: Path, form: Form) -> Iterator[RawTweets]:
    with _opened(path) as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                yield _rows(form, _parse_line(path, form, number, line.decode(form.encoding)))


def _parse_line(path: Path, form: Form, number: int, line: str) -> dict[str, list[str]]:
    try:
        row = json.loads(line, parse_float=str, parse_int=str)
    except json.JSONDecodeError as error:
        raise UnreadableFile(f"{path}, line {number}, is not JSON: {error.msg}") from error
    if not isinstance(row, dict):
        raise UnreadableFile(f"{path}, line {number}, is not a JSON object")
    _require_columns(path, form, list(row))
    return {name: ["" if row[name] is None else _whole(str(row[name]))] for name in _columns(form)}


def _whole(text: str) -> str:
    # JSON can escape half a character, as in a tweet that was cut inside an emoji; nothing else can write it.
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _line_chunks(texts_path: Path, labels_path: Path, form: Form) -> Iterator[RawTweets]:
    if not labels_path.exists():
        raise UnreadableFile(f"{texts_path} needs its labels beside it, in {labels_path.name}")
    texts, labels = _lines(texts_path, form.encoding), _lines(labels_path, form.encoding)
    if len(texts) != len(labels):
        raise UnreadableFile(f"{texts_path} has {len(texts)} lines, {labels_path.name} has {len(labels)}")
    yield RawTweets(texts, labels)


def _lines(path: Path, encoding: str) -> list[str]:
    # Not str.splitlines: it would also cut at the odd separators that tweets contain.
    with _opened(path) as stream:
        return stream.read().decode(encoding).removesuffix("\n").split("\n")


def _columns(form: Form) -> tuple[str, ...]:
    wanted = (form.text_column, form.label_column)
    return (*wanted, form.split_column) if form.split_column else wanted


def _rows(form: Form, table: dict[str, list[str]]) -> RawTweets:
    splits = table[form.split_column] if form.split_column else []
    return RawTweets(table[form.text_column], table[form.label_column], splits)


def _require_columns(path: Path, form: Form, present: list[str]) -> None:
    for column in _columns(form):
        if column not in present:
            raise UnreadableFile(f"{path} has no column {column!r}; text and label columns can be named when loading")
