"""csv and tsv rows, every field as it is written. A row that is not as it should be costs that row and no other."""

import csv
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from io import TextIOWrapper
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from trainer.scoring_files import opened
from trainer.scoring_rows import (
    CHUNK_CHARACTERS,
    CHUNK_ROWS,
    WHOLE,
    BadRow,
    Chunk,
    Part,
    is_whole,
    repaired,
    require_columns,
    spelled_out,
    why_bad,
)
from trainer.sources import UnreadableFile

# A quotation mark that is never closed swallows what follows, up to here.
LONGEST_FIELD = 4 << 20  # characters
UNCLOSED = f"a quotation mark is never closed, or a field is longer than {LONGEST_FIELD:,} characters"
# In a tab-separated file of tweets a quotation mark is only a quotation mark, as in `reading.py`.
FORMS: dict[str, dict[str, Any]] = {
    ".csv": {"delimiter": ","},
    ".tsv": {"delimiter": "\t", "quoting": csv.QUOTE_NONE},
}

Row = tuple[list[str], BadRow | None]


class CsvSource:
    """A csv or tsv file with a header; `line_end` and `has_mark` (a byte order mark) are those of the file."""

    unit = "B"

    def __init__(self, path: Path, suffix: str, text_column: str) -> None:
        self._path = path
        self._form = FORMS[suffix]
        with opened(path) as (_, stream):
            self.has_mark = stream.read(3) == b"\xef\xbb\xbf"
        with ExitStack() as stack:
            _, parser = self._opened(stack)
            header, reason = next(parser.rows(), ([], None))
            self._after_header = 3 * self.has_mark + parser.passed
            self.line_end = "\r\n" if "".join(parser.written).endswith("\r\n") else "\n"
        if reason or not is_whole("".join(header)):
            raise UnreadableFile(f"{path} has no header that can be read ({reason or 'not UTF-8'}): save it as UTF-8")
        if not header:
            raise UnreadableFile(f"{path} is empty")
        require_columns(path, header, text_column)
        self.schema = pa.schema([(name, pa.string()) for name in header])
        self.total = path.stat().st_size
        self._text = header.index(text_column)

    def chunks(self, part: Part = WHOLE) -> Iterator[Chunk]:
        with ExitStack() as stack:
            raw, parser = self._opened(stack, part.offset)
            rows = parser.rows()
            if not part.offset:
                next(rows)  # the header
            kept: list[Row] = []
            start, characters = part.offset, 0
            for number, (fields, reason) in enumerate(islice(rows, part.rows), start=part.first + 1):
                reason = reason or self._why_bad(fields)
                bad = BadRow(number, reason, spelled_out("".join(parser.written).rstrip("\r\n"))) if reason else None
                kept.append((fields, bad))
                characters += sum(map(len, fields))
                if len(kept) == CHUNK_ROWS or characters > CHUNK_CHARACTERS:
                    yield self._chunk(kept, raw.tell() - start)
                    kept, start, characters = [], raw.tell(), 0
            if kept:
                yield self._chunk(kept, raw.tell() - start)

    def parts(self, rows: int) -> Iterator[Part]:
        """As the protocol has it. Only a parser can tell a line end between rows from one in a quoted field."""
        with ExitStack() as stack:
            _, parser = self._opened(stack, self._after_header)
            part = Part(0, self._after_header)
            number = 0
            for number, _ in enumerate(parser.rows(), start=1):
                if number - part.first == rows:
                    yield replace(part, rows=rows)
                    part = Part(number, self._after_header + parser.passed)
            if number > part.first:
                yield replace(part, rows=number - part.first)

    def _why_bad(self, fields: list[str]) -> str | None:
        if len(fields) != len(self.schema):
            return f"number of fields: {len(fields)}, of the header: {len(self.schema)}"
        return why_bad(fields[self._text]) if is_whole("".join(fields)) else "not UTF-8"

    def _chunk(self, kept: list[Row], size: int) -> Chunk:
        columns = zip(*(self._fitted(fields) if bad else fields for fields, bad in kept), strict=True)
        return Chunk(
            rows=pa.record_batch([pa.array(column, pa.string()) for column in columns], schema=self.schema),
            texts=[None if bad else fields[self._text] for fields, bad in kept],
            bad=[bad for _, bad in kept if bad],
            size=size,
        )

    def _fitted(self, fields: list[str]) -> list[str]:
        width = len(self.schema)
        return [repaired(field) for field in fields[:width]] + [""] * (width - len(fields))

    def _opened(self, stack: ExitStack, offset: int = 0) -> tuple[BinaryIO, "Parser"]:
        raw, stream = stack.enter_context(opened(self._path, offset))
        # Broken bytes come through as half characters, so that one of them does not end the file.
        encoding = "utf-8" if offset else "utf-8-sig"
        lines = stack.enter_context(TextIOWrapper(stream, encoding, "surrogateescape", newline=""))
        return raw, Parser(lines, self._form)


class Parser:
    """`csv.reader` with a way back: `written` holds the lines of the last row, `passed` the bytes up to its end."""

    def __init__(self, lines: Iterator[str], form: dict[str, Any]) -> None:
        csv.field_size_limit(LONGEST_FIELD)
        self._lines, self._form = lines, form
        self._is_at_end = False
        self.written: list[str] = []
        self.passed = 0

    def rows(self) -> Iterator[tuple[list[str], str | None]]:
        """Fields of each row, and what is wrong with the line where they could not be told apart.

        Blank lines are no rows. Where a quotation mark is never closed its line alone is given up, and reading goes
        on with the next one.
        """
        while not self._is_at_end:
            try:
                yield from self._rows_until_end()
            except csv.Error:
                yield self._give_up_a_line()
            else:
                if self.written:
                    yield self._give_up_a_line()

    def _rows_until_end(self) -> Iterator[tuple[list[str], None]]:
        self.written.clear()
        for fields in csv.reader(self._feed(), **self._form):
            if self._is_at_end:  # it asked for more: the row is not finished
                return
            if fields:
                yield fields, None
            self.written.clear()

    def _feed(self) -> Iterator[str]:
        for line in self._lines:
            self.written.append(line)
            self.passed += size(line)
            yield line
        self._is_at_end = True

    def _give_up_a_line(self) -> tuple[list[str], str]:
        first, *rest = self.written
        self.passed -= sum(map(size, rest))
        self._lines, self._is_at_end = chain(rest, self._lines), False
        self.written = [first]
        return first.rstrip("\r\n").split(self._form["delimiter"]), UNCLOSED


def size(line: str) -> int:
    """The bytes of a line that was read with `surrogateescape`."""
    return len(line) if line.isascii() else len(line.encode("utf-8", "surrogateescape"))
