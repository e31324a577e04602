"""Files of rows: opened, gzipped or not; and written under another name until they are whole."""

import gzip
import os
import secrets
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO, cast

import pyarrow as pa

from trainer.sources import UnreadableFile


@contextmanager
def opened(path: Path, offset: int = 0) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """The file as it lies on disk, whose position tells the progress, and its content, of one that is not gzipped from
    `offset` on."""
    with path.open("rb") as raw:
        raw.seek(offset)
        if not is_gzipped(path):
            yield raw, raw
        else:
            with gzip.GzipFile(fileobj=raw) as stream:
                yield raw, cast(BinaryIO, stream)


def is_gzipped(path: Path) -> bool:
    return path.suffix.lower() == ".gz"


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A name to write to, which becomes `path` when the block ends well; else `path` stays as it was.

    Where the block wrote nothing, what lay at `path` is removed: it was of an earlier run.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
        if part.exists():
            os.replace(part, path)
        else:
            path.unlink(missing_ok=True)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def text_writer(part: Path, *, is_gzipped: bool, encoding: str = "utf-8") -> Iterator[TextIO]:
    with part.open("wb") as raw:
        # Without a time in it the same rows give the same bytes.
        stream = gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) if is_gzipped else raw
        with TextIOWrapper(cast(BinaryIO, stream), encoding=encoding, newline="") as text:
            yield text


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Says of a damaged file that it is one; what was written of it has no name of its own yet."""
    try:
        yield
    except (EOFError, zlib.error, pa.ArrowException, OSError) as error:
        # Of the system's own errors, such as a full disk, each has a number; of what pyarrow cannot unpack none has.
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise UnreadableFile(f"{path} cannot be read to its end, nothing was written: {error}") from error
