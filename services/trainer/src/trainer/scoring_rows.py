"""What scoring reads: a file's rows in chunks that fit in memory, and why a row cannot be scored."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from trainer.sources import UnreadableFile

CHUNK_ROWS = 8192
# Rows of long texts make smaller chunks, so that memory has a bound whatever the rows hold.
CHUNK_CHARACTERS = 16 << 20
# No tweet: a quotation mark or a file that is in the wrong place. Of so much a model reads the first words only.
LONGEST_TEXT = 250_000  # characters


@dataclass(frozen=True)
class BadRow:
    """A row that gets no label: its number (the first is 1; in ndjson the line's), why, and the row as written."""

    number: int
    reason: str
    content: str


@dataclass(frozen=True)
class Chunk:
    """Rows in order; `texts` has one entry a row, None where it is bad; `size` is counted in the source's unit."""

    rows: pa.RecordBatch | list[str]  # columns, or JSON objects as they were written
    texts: list[str | None]
    bad: list[BadRow]
    size: int


@dataclass(frozen=True)
class Part:
    """Rows of a file that follow each other and can be read without those before them.

    `first` is the number of the row before (in ndjson of the line), `offset` the byte where they begin, in text files;
    without `rows` they go on to the file's end.
    """

    first: int = 0
    offset: int = 0
    rows: int | None = None


WHOLE = Part()


class Source(Protocol):
    """A file of rows. `total` and `unit` are those of its progress bar."""

    schema: pa.Schema
    total: int
    unit: str

    def chunks(self, part: Part = WHOLE) -> Iterator[Chunk]: ...

    def parts(self, rows: int) -> Iterator[Part]:
        """All rows, in order, in parts of `rows` rows, the last of which may have fewer; not of a gzipped file."""


def why_bad(text: object) -> str | None:
    """Why a text cannot be scored, or None: the API refuses the same, and shorter ones than this."""
    if text is None:
        return "the text is missing"
    if type(text) is not str:
        return "the text is no string"
    if len(text) > LONGEST_TEXT:
        return f"the text is longer than {LONGEST_TEXT:,} characters"
    return None if text.strip() else "the text is empty"


def is_whole(text: str) -> bool:
    """False where bytes that are no UTF-8 were read with `surrogateescape`."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def repaired(text: str) -> str:
    """The text with the sign for an unreadable character where its bytes were no UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def spelled_out(text: str) -> str:
    r"""The text with its broken bytes written as `\xe9`: nothing is lost, and it can be stored anywhere."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def require_columns(path: Path, columns: list[str], text_column: str) -> None:
    if text_column not in columns:
        raise UnreadableFile(
            f"{path} has no column {text_column!r}: name the text with --text-column ({shown(columns)})"
        )
    if twice := {column for column in columns if columns.count(column) > 1}:
        raise UnreadableFile(f"{path} has two columns of the same name: rename one ({shown(sorted(twice))})")


def shown(columns: list[str]) -> str:
    return ", ".join(map(repr, columns[:20])) + (", …" if len(columns) > 20 else "")
