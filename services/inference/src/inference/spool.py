"""Rows on their way to the database, kept in files on this machine's disk: one file open in each worker.

A row is in the kernel's hands in the turn of the event loop that answers its prediction. A file belongs to whoever
holds its lock; the lock of a worker that died is free, and the next to look brings its rows in.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from uuid_utils import uuid7

SUFFIX = ".rows"
# One statement's share: well inside the database's time limit, and no more memory than a worker has to spare.
GROUP_BYTES = 128 * 1024


@dataclass(frozen=True, slots=True)
class SpooledFile:
    path: Path
    # A few hundred rows at a time, to be read before the next file is.
    groups: Iterator[list[bytes]]
    # Ours to remove once its rows are in the database; another's file is only read.
    is_ours: bool


class SpoolFull(Exception):
    """There is no room for more rows; the prediction is answered all the same."""


class Spool:
    """Its rows are lines; what is in them the database judges.

    They are added on the event loop alone; other threads may look.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._descriptor: int | None = None
        self._size = 0
        self.waiting_bytes = 0

    def add(self, rows: list[bytes]) -> None:
        """Raises SpoolFull, and has then added none of them."""
        lines = b"\n".join([*rows, b""])
        if self.waiting_bytes + len(lines) > self._max_bytes:
            raise SpoolFull
        try:
            if self._descriptor is None:
                self._descriptor, self._size = open_locked(self._folder), 0
            if os.write(self._descriptor, lines) != len(lines):
                raise OSError("written in part")
        except OSError as error:
            self._forget_partial_write()
            raise SpoolFull from error
        self._size += len(lines)
        self.waiting_bytes += len(lines)

    def _forget_partial_write(self) -> None:
        if self._descriptor is not None:
            with suppress(OSError):
                os.ftruncate(self._descriptor, self._size)

    def seal(self) -> None:
        """End the file of this worker: its lock is free from here on, and the next row begins another."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def sync(self) -> None:
        """Rows that cannot reach the database outlive the machine's end too."""
        for path in self._folder.glob(f"*{SUFFIX}"):
            with suppress(OSError), path.open("rb") as file:
                os.fsync(file.fileno())

    def files(self) -> Iterator[SpooledFile]:
        """Every file of the machine, oldest first; each stays locked while the caller has it."""
        for path in sorted(self._folder.glob(f"*{SUFFIX}")):
            with suppress(FileNotFoundError), path.open("rb") as file, lock_if_free(file.fileno()) as is_ours:
                # Another worker may have brought it in while this one was opening it.
                if os.fstat(file.fileno()).st_nlink:
                    yield SpooledFile(path, groups_of(file), is_ours)

    def measure(self) -> int:
        """Bytes that wait, those of the other workers too."""
        waiting = 0
        for path in self._folder.glob(f"*{SUFFIX}"):
            with suppress(FileNotFoundError):
                waiting += path.stat().st_size
        # Whole, or not at all: rows are added meanwhile.
        self.waiting_bytes = waiting
        return waiting


def open_locked(folder: Path) -> int:
    """A new file, locked before it has a name that others look for: unlocked, it would pass for a dead worker's."""
    folder.mkdir(parents=True, exist_ok=True)
    name = str(uuid7())
    hidden = folder / f"{name}.new"
    descriptor = os.open(hidden, os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_WRONLY, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    hidden.rename(folder / f"{name}{SUFFIX}")
    return descriptor


@contextmanager
def lock_if_free(descriptor: int) -> Iterator[bool]:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
        return
    yield True  # closing the file frees it


def groups_of(file: BinaryIO) -> Iterator[list[bytes]]:
    while lines := file.readlines(GROUP_BYTES):
        # The end of what was being written when the machine stopped, or is being written now, is no row yet.
        if rows := [line[:-1] for line in lines if line.endswith(b"\n")]:
            yield rows
