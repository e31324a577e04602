"""Where the database is not there, it is made from its copy, which is looked through first.

A copy that is damaged is set aside, never overwritten, and the other one is taken. One that cannot be read is an end:
who started without it would copy an empty database over it.
"""

import logging
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from inference.sqlite_copy import SqliteCopy, beside, require_whole

logger = logging.getLogger(__name__)

MAGIC = b"SQLite format 3\x00"


def restore(kept: SqliteCopy) -> None:
    """Or the end of the process with one line."""
    try:
        restore_first_good(kept)
    except OSError as error:
        raise SystemExit(
            f"error: INFERENCE_SQLITE_COPY: {error.filename} cannot be read or set aside: {error.strerror}; "
            "without it the service would begin anew, so it does not start"
        ) from None


def restore_first_good(kept: SqliteCopy) -> None:
    """Raises OSError."""
    if kept.database.exists() and kept.database.stat().st_size:
        return
    kept.database.parent.mkdir(parents=True, exist_ok=True)
    for copy in kept.copies:
        if fetch(copy, kept.draft):
            # Of another database, which is gone: they would be read into this one.
            for ending in ("-wal", "-shm"):
                beside(kept.database, ending).unlink(missing_ok=True)
            kept.draft.replace(kept.database)
            logger.info("sqlite_restored path=%s bytes=%d", copy, kept.database.stat().st_size)
            return
    logger.warning("sqlite_not_restored path=%s reason=no_good_copy", kept.copies[0])


def fetch(copy: Path, draft: Path) -> bool:
    """Whether a good one is in `draft` now. The copy itself is not opened as a database: it lies on a share."""
    try:
        shutil.copyfile(copy, draft)
    except FileNotFoundError:
        return False
    if is_whole(draft):
        return True
    draft.unlink()
    aside = beside(copy, f".damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    copy.rename(aside)
    logger.error("sqlite_copy_damaged path=%s kept_as=%s", copy, aside)
    return False


def is_whole(database: Path) -> bool:
    with database.open("rb") as content:
        # An empty file would pass for an empty database.
        if content.read(len(MAGIC)) != MAGIC:
            return False
    try:
        with closing(sqlite3.connect(database)) as connection:
            require_whole(connection)
    except sqlite3.Error:
        return False
    return True
