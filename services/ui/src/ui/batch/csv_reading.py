"""csv and tsv: every field as it is written, and no row lost without a word.

Quotation marks are read as the format wants them. Where a file does not keep to that, as many files of tweets, they
are taken for plain characters if the rows then have the same width, else read as well as it goes.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO, TextIOWrapper
from itertools import chain
from typing import Literal

import numpy as np
import pyarrow as pa

from ui.batch.delimiters import NONE, Form, find_form
from ui.batch.encodings import find_encoding
from ui.batch.guesses import looks_like_header
from ui.batch.sheet import Sheet, Unreadable, text_table
from ui.words.language import Notice
from ui.words.wording import Wording

# Made to a table at once; as Python's strings they take several times the room.
ROWS_AT_ONCE = 10_000
LINES_NAMED = 8


class Lines(Iterator[str]):
    """Knows whether the reader has asked for more than there is: its last row was not finished then."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.is_at_end = False

    def __next__(self) -> str:
        try:
            return next(self._lines)
        except StopIteration:
            self.is_at_end = True
            raise


@dataclass
class Rows:
    """What is collected while a file is read."""

    width: int
    delimiter: str
    limit: int
    first: tuple[str, ...] = ()
    parts: list[pa.Table] = field(default_factory=list)
    waiting: list[list[str]] = field(default_factory=list)
    # By their rows below the first: the fields that have no column.
    surplus: dict[int, str] = field(default_factory=dict)
    torn_lines: list[int] = field(default_factory=list)
    short_lines: list[int] = field(default_factory=list)
    count: int = 0

    def add(self, fields: list[str], line: int) -> None:
        if not self.first:
            self.width = max(self.width, len(fields))
            self.first = tuple(fields + [""] * (self.width - len(fields)))
            return
        if self.count == self.limit:
            raise Unreadable(lambda words: words.batch.too_many_rows.format(limit=words.number(self.limit)))
        if len(fields) != self.width:
            fields = self._fit(fields, line)
        self.waiting.append(fields)
        self.count += 1
        if len(self.waiting) == ROWS_AT_ONCE:
            self.pack()

    def _fit(self, fields: list[str], line: int) -> list[str]:
        if len(fields) > self.width:
            self.surplus[self.count] = self.delimiter.join(fields[self.width :])
            self.torn_lines.append(line)
            return fields[: self.width]
        self.short_lines.append(line)
        return fields + [""] * (self.width - len(fields))

    def pack(self) -> None:
        names = [str(number) for number in range(self.width)]
        columns = list(zip(*self.waiting, strict=True)) if self.waiting else [()] * self.width
        self.parts.append(text_table(columns, names))
        self.waiting = []


def read_csv(data: bytes, limit: int) -> Sheet:
    encoding = find_encoding(data)
    form = _find_form(data, encoding)
    rows, note = _read_somehow(data, encoding, form, limit)
    if not rows.first:
        raise Unreadable(lambda words: words.batch.empty_file)
    notes = [note] if note else []
    if encoding == "cp1252":
        notes.append(lambda words: words.batch.read_as_windows)
    return _sheet(rows, form, notes)


def _find_form(data: bytes, encoding: str) -> Form:
    with _opened(data, encoding) as stream:
        return find_form(stream)


def _opened(data: bytes, encoding: str) -> TextIOWrapper:
    return TextIOWrapper(BytesIO(data), encoding, newline="")


def _read_somehow(data: bytes, encoding: str, form: Form, limit: int) -> tuple[Rows, Notice | None]:
    rows, wrong_at = _read(data, encoding, form, limit, is_strict=True)
    if wrong_at is None:
        return rows, None
    line = wrong_at
    rows, wrong_at = _read(data, encoding, form, limit, quoting=csv.QUOTE_NONE)
    if wrong_at is None and not rows.torn_lines and not rows.short_lines:
        return rows, lambda words: words.batch.quotes_kept.format(line=words.number(line))
    rows, wrong_at = _read(data, encoding, form, limit)
    if wrong_at is not None:
        at = wrong_at
        raise Unreadable(lambda words: words.batch.quotes_unclosed.format(line=words.number(at)))
    return rows, lambda words: words.batch.quotes_odd.format(line=words.number(line))


def _read(
    data: bytes,
    encoding: str,
    form: Form,
    limit: int,
    *,
    is_strict: bool = False,
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL,
) -> tuple[Rows, int | None]:
    """The rows, and the line at which reading them had to stop."""
    rows, line = Rows(form.width, form.delimiter, limit), 0
    with _opened(data, encoding) as stream:
        lines = Lines(stream)
        reader = csv.reader(lines, delimiter=form.delimiter, strict=is_strict, quoting=quoting)
        try:
            for fields in reader:
                if lines.is_at_end:
                    return rows, line + 1
                line = reader.line_num
                if fields:
                    rows.add(fields, line)
        except csv.Error:
            return rows, line + 1
    rows.pack()
    return rows, None


def _sheet(rows: Rows, form: Form, notes: list[Notice]) -> Sheet:
    columns, first = pa.concat_tables(rows.parts), rows.first
    is_torn = np.zeros(rows.count, np.bool_)
    if rows.surplus:
        is_torn[list(rows.surplus)] = True
        column = pa.array([rows.surplus.get(number, "") for number in range(rows.count)], pa.string())
        columns, first = columns.append_column("surplus", column), (*first, "surplus fields")
    notes += [*_line_notes(rows)]
    delimiter = "," if form.delimiter == NONE else form.delimiter
    return Sheet(columns, is_torn, first, looks_like_header(rows.first), delimiter, tuple(notes))


def _line_notes(rows: Rows) -> Iterator[Notice]:
    if rows.torn_lines:
        yield lambda words: words.batch.torn_rows.format(
            count=words.number(len(rows.torn_lines)), lines=_named(rows.torn_lines, words)
        )
    if rows.short_lines:
        yield lambda words: words.batch.short_rows.format(
            count=words.number(len(rows.short_lines)), lines=_named(rows.short_lines, words)
        )


def _named(lines: list[int], words: Wording) -> str:
    more = ["…"] if len(lines) > LINES_NAMED else []
    return ", ".join(chain(map(words.number, lines[:LINES_NAMED]), more))
