"""ndjson rows: one JSON object a line. A line that is none costs that row and no other."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
from tqdm import tqdm

from trainer.scoring_files import opened
from trainer.scoring_rows import (
    CHUNK_CHARACTERS,
    CHUNK_ROWS,
    WHOLE,
    BadRow,
    Chunk,
    Part,
    repaired,
    require_columns,
    spelled_out,
    why_bad,
)
from trainer.sources import UnreadableFile


class Number(str):
    """A number of a JSON file, as it is written there."""


class Line(NamedTuple):
    """A line as written, the object in it, that object as ndjson OUTPUT holds it ({} for none), and what is wrong."""

    number: int
    written: str
    row: dict[str, Any]
    kept: str
    broken: str | None = None


class NdjsonSource:
    """An ndjson file. Without `names` it is read once before, because only its last line tells the last of its columns.

    As columns every value is text: strings and numbers as they are written, lists and objects as JSON.
    """

    unit = "B"

    def __init__(self, path: Path, text_column: str, *, as_written: bool, names: list[str] | None = None) -> None:
        self._path, self._text, self._as_written = path, text_column, as_written
        self.total = path.stat().st_size
        self.names = names or self._look()
        if not self.names:
            raise UnreadableFile(f"{path} is empty, or none of its lines is a JSON object")
        require_columns(path, self.names, text_column)
        self.schema = pa.schema([(whole(name), pa.string()) for name in self.names])

    def _look(self) -> list[str]:
        names: dict[str, None] = {}
        with tqdm(desc=f"look at {self._path.name}", total=self.total, unit="B", unit_scale=True, disable=None) as bar:
            for lines, size in self._pieces(WHOLE):
                names |= {name: None for line in lines for name in line.row}
                bar.update(size)
        return list(names)

    def parts(self, rows: int) -> Iterator[Part]:
        with opened(self._path) as (_, stream):
            first = offset = passed = number = count = 0
            for number, line in enumerate(stream, start=1):
                passed += len(line)
                count += bool(line.strip())
                if count == rows:
                    yield Part(first, offset, rows)
                    first, offset, count = number, passed, 0
            if count:
                yield Part(first, offset, count)

    def chunks(self, part: Part = WHOLE) -> Iterator[Chunk]:
        for lines, size in self._pieces(part):
            texts: list[str | None] = []
            bad = []
            for line in lines:
                text = line.row.get(self._text)
                reason = line.broken or why_bad(text)
                texts.append(None if reason else whole(str(text)))
                if reason:
                    bad.append(BadRow(line.number, reason, spelled_out(line.written)))
            yield Chunk([line.kept for line in lines] if self._as_written else self._columns(lines), texts, bad, size)

    def _columns(self, lines: list[Line]) -> pa.RecordBatch:
        columns = [[as_text(line.row.get(name)) for line in lines] for name in self.names]
        return pa.record_batch([pa.array(column, pa.string()) for column in columns], schema=self.schema)

    def _pieces(self, part: Part) -> Iterator[tuple[list[Line], int]]:
        with opened(self._path, part.offset) as (raw, stream):
            lines: list[Line] = []
            start, characters = part.offset, 0
            for number, line in islice(numbered(stream, part.first), part.rows):
                characters += len(line)
                lines.append(parse(number, line))
                if len(lines) == CHUNK_ROWS or characters > CHUNK_CHARACTERS:
                    yield lines, raw.tell() - start
                    lines, start, characters = [], raw.tell(), 0
            yield lines, raw.tell() - start


def numbered(stream: Iterable[bytes], before: int) -> Iterator[tuple[int, bytes]]:
    """The lines that hold something, and their numbers, of which `before` lie before."""
    return ((number, line) for number, line in enumerate(stream, start=before + 1) if line.strip())


def parse(number: int, line: bytes) -> Line:
    broken = None
    try:
        written = kept = line.decode().removeprefix("\ufeff").strip()
    except UnicodeDecodeError:
        written = line.decode("utf-8", "surrogateescape").strip()
        broken, kept = "not UTF-8", repaired(written)
    try:
        row = json.loads(kept, parse_int=Number, parse_float=Number)
    except json.JSONDecodeError as error:
        return Line(number, written, {}, "{}", broken or f"not JSON: {error.msg}")
    except RecursionError:
        return Line(number, written, {}, "{}", "not JSON that can be read: nested too deep")
    if not isinstance(row, dict):
        return Line(number, written, {}, "{}", "no JSON object")
    return Line(number, written, row, kept, broken)


def whole(text: str) -> str:
    # JSON can escape half a character, as in a tweet that was cut inside an emoji.
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def as_text(value: object) -> str | None:
    if value is None:
        return None
    return whole(value if isinstance(value, str) else as_json(value))


def as_json(value: object) -> str:
    """JSON again, its numbers digit for digit."""
    match value:
        case Number():
            return str(value)
        case dict():
            return "{" + ", ".join(f"{json.dumps(name)}: {as_json(each)}" for name, each in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(as_json, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
