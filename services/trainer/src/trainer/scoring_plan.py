"""What scoring a folder comes to: partitions, each a run of one file's rows that becomes one parquet file.

Nothing is shuffled: a partition is read, scored and written by one worker, and no worker waits for another.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Never

from pydantic import BaseModel
from tqdm import tqdm

from trainer.reading import TABLE_SUFFIXES, suffix_of
from trainer.scoring_files import is_gzipped, readable
from trainer.scoring_input import open_source
from trainer.scoring_ndjson import NdjsonSource
from trainer.scoring_rows import WHOLE, Part, Source
from trainer.sources import UnreadableFile


@dataclass(frozen=True)
class Partition:
    """One parquet file of OUTPUT: which rows of which file. `name` and `file` are paths below OUTPUT and INPUT."""

    name: str
    file: str
    part: Part
    names: list[str] | None


class PlannedFile(BaseModel):
    """A file of INPUT, as it was: its path below INPUT, its size and time, what it is cut into, ndjson's columns."""

    file: str
    size: int
    modified: int
    names: list[str] | None = None
    columns: list[str]
    parts: list[Part]

    def is_unchanged(self, folder: Path) -> bool:
        path = folder / self.file
        return path.is_file() and (path.stat().st_size, path.stat().st_mtime_ns) == (self.size, self.modified)


class Order(BaseModel):
    """What was asked for, as far as the result depends on it; `model` is the bundle's digest."""

    model: str
    text_column: str
    prefix: str
    partition_rows: int


class Plan(BaseModel):
    order: Order
    files: list[PlannedFile]

    def partitions(self) -> Iterator[Partition]:
        """In the order of the rows, which is that of the files' names too."""
        for each in self.files:
            for number, part in enumerate(each.parts):
                yield Partition(f"{each.file}-{number:05d}.parquet", each.file, part, each.names)

    @property
    def rows(self) -> int | None:
        """None where there is a gzipped file, which tells them only at its end."""
        parts = [part.rows for each in self.files for part in each.parts]
        return None if None in parts else sum(rows or 0 for rows in parts)


def make_plan(source: Path, order: Order) -> Plan:
    """Look at each file of a folder, or at the one file, and cut it; raises UnreadableFile where one has no tweets."""
    folder, paths = files_below(source)
    total = sum(path.stat().st_size for path in paths)
    with tqdm(desc=f"look at {source.name}", total=total, unit="B", unit_scale=True, disable=None) as bar:
        return Plan(order=order, files=[plan_file(path, folder, order, bar) for path in paths])


def files_below(source: Path) -> tuple[Path, list[Path]]:
    """The folder, and its files of rows, however deep; those whose name begins with a dot or an underscore are left."""
    if not source.exists():
        raise UnreadableFile(f"{source} is not there")
    if source.is_file():
        return source.parent, [source]
    paths = [path for path in source.rglob("*") if path.is_file() and is_seen(path.relative_to(source))]
    tables = [path for path in paths if suffix_of(path) in TABLE_SUFFIXES]
    if others := sorted(str(path.relative_to(source)) for path in set(paths) - set(tables)):
        more = " …" if len(others) > 5 else ""
        tqdm.write(f"left out, no file of rows: {', '.join(others[:5])}{more}", file=sys.stderr)
    if not tables:
        raise UnreadableFile(f"{source} holds no file of tweets: one ends in {', '.join(TABLE_SUFFIXES)}")
    return source, sorted(tables, key=lambda path: path.relative_to(source).as_posix())


def is_seen(path: Path) -> bool:
    return not any(part.startswith((".", "_")) for part in path.parts)


def plan_file(path: Path, folder: Path, order: Order, bar: "tqdm[Never]") -> PlannedFile:
    status, parts, seen = path.stat(), [], 0
    with readable(path):
        source = open_source(path, order.text_column)
        for part in cut(source, path, order.partition_rows):
            parts.append(part)
            bar.update(part.offset - seen)
            seen = part.offset
    bar.update(status.st_size - seen)
    return PlannedFile(
        file=path.relative_to(folder).as_posix(),
        size=status.st_size,
        modified=status.st_mtime_ns,
        names=source.names if isinstance(source, NdjsonSource) else None,
        columns=source.schema.names,
        parts=parts,
    )


def cut(source: Source, path: Path, rows: int) -> Iterable[Part]:
    # Nobody can begin to read in the middle of what is gzipped.
    return [WHOLE] if is_gzipped(path) else source.parts(rows)
