"""A copy of the SQLite database on a share that outlives the container, whose locks SQLite cannot trust.

The database stays on the container's own disk. What is kept is two files of the same content, written one after the
other: one of them is whole at any moment, and after a turn neither holds what was erased before it.
"""

import fcntl
import hashlib
import logging
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import make_url

from inference.settings import Settings

logger = logging.getLogger(__name__)

BUSY_SECONDS = 5.0
LAST_PATIENCE_SECONDS = 5.0
LOOK_AGAIN_SECONDS = 0.1
# A file's time is counted in ticks: what was written within the last one may be joined by more that looks the same.
SETTLED_SECONDS = 1.0

State = tuple[tuple[int, int] | None, ...]


class TurnTaken(Exception):
    """Another process of this machine is writing the copy."""


class SqliteCopy:
    def __init__(self, database: Path, copy: Path) -> None:
        self.database = database
        self.copies = (copy, beside(copy, ".second"))
        self.draft = beside(database, ".copying")
        # The digest of what was copied last, so that two processes do not copy the same one after the other.
        self._noted = beside(database, ".copied")
        self._lock = beside(database, ".copy-lock")
        self._seen: State | None = None

    def look(self) -> bool:
        """A turn of a worker's: copies what has changed since the last one. There is never more to do at once."""
        state = self._look_at_files()
        if state != self._seen and self._try() and is_settled(state):
            self._seen = state
        return False

    def finish(self) -> bool:
        """Copies whatever is not copied yet. Whether it is; why not is said in the log."""
        return self._try(LAST_PATIENCE_SECONDS)

    def _try(self, patience_seconds: float = 0.0) -> bool:
        try:
            with self._turn(patience_seconds):
                self._write()
        except TurnTaken:
            return False  # whoever has it may have begun before the last change: look again
        except (OSError, sqlite3.Error) as error:
            logger.warning('sqlite_copy_failed path=%s reason="%s"', self.copies[0], error)
            return False
        return True

    def _write(self) -> None:
        if not self.database.exists():
            return
        try:
            back_up(self.database, self.draft)
            digest = digest_of(self.draft)
            if digest == self._read_noted() and all(copy.exists() for copy in self.copies):
                return
            for copy in self.copies:
                put(self.draft, copy)
            self._noted.write_text(digest, encoding="ascii")
            logger.info("sqlite_copied path=%s bytes=%d", self.copies[0], self.draft.stat().st_size)
        finally:
            self.draft.unlink(missing_ok=True)

    def _read_noted(self) -> str:
        try:
            return self._noted.read_text(encoding="ascii")
        except FileNotFoundError:
            return ""

    def _look_at_files(self) -> State:
        return tuple(map(state_of, (self.database, beside(self.database, "-wal"))))

    @contextmanager
    def _turn(self, patience_seconds: float) -> Iterator[None]:
        """Ends with its process, however that ends."""
        deadline = time.monotonic() + patience_seconds
        with self._lock.open("ab") as lock:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() >= deadline:
                        raise TurnTaken from None
                time.sleep(LOOK_AGAIN_SECONDS)
            yield


def build_copy(settings: Settings) -> SqliteCopy | None:
    """None where none is kept."""
    database = make_url(settings.database_url.get_secret_value()).database
    if settings.sqlite_copy is None or database is None:
        return None
    return SqliteCopy(Path(database), settings.sqlite_copy)


def beside(file: Path, ending: str) -> Path:
    return file.with_name(file.name + ending)


def state_of(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size


def is_settled(state: State) -> bool:
    latest = max((each[0] for each in state if each is not None), default=0)
    return time.time() - latest / 1e9 > SETTLED_SECONDS


def back_up(database: Path, draft: Path) -> None:
    """As it is at one moment, while others write. Raises sqlite3.Error where it is damaged."""
    draft.unlink(missing_ok=True)
    # Never makes one that is not there.
    url = f"{database.absolute().as_uri()}?mode=rw"
    with (
        closing(sqlite3.connect(url, uri=True, timeout=BUSY_SECONDS)) as source,
        closing(sqlite3.connect(draft)) as target,
    ):
        source.backup(target)
        # One plain file, which has nothing beside it wherever somebody opens it.
        target.execute("PRAGMA journal_mode=DELETE")
        require_whole(target)


def require_whole(connection: sqlite3.Connection) -> None:
    """Raises sqlite3.Error."""
    [found] = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise sqlite3.DatabaseError(f"the database is damaged: {found}")


def digest_of(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def put(draft: Path, copy: Path) -> None:
    """Whoever reads it finds the file before or this one, never half of it."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    new = beside(copy, ".new")
    with draft.open("rb") as content, new.open("wb") as written:
        shutil.copyfileobj(content, written)
        written.flush()
        os.fsync(written.fileno())
    new.replace(copy)
