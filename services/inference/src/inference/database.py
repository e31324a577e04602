"""The engine for SQLite or Postgres, and the one place where their errors become ours."""

import logging
import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from sqlite3 import Error as SqliteError

from psycopg2 import OperationalError, extensions
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, TimeoutError
from sqlalchemy.pool import ConnectionPoolEntry

from inference.errors import DatabaseNotMigrated, DatabaseUnavailable

logger = logging.getLogger(__name__)

WAIT_SECONDS = 2
SQLITE_BUSY_SECONDS = 5
POSTGRES = "postgresql"
# Longer than the server's own timeout, which is the one that should come: this one costs the connection.
SILENCE_SECONDS = WAIT_SECONDS + 1
# SQLSTATE of a table and of a column that does not exist.
NOT_MIGRATED = {"42P01", "42703"}


def build_engine(database_url: str) -> Engine:
    url = make_url(database_url)
    return build_postgres(url) if url.get_backend_name() == POSTGRES else build_sqlite(url)


def build_postgres(url: URL) -> Engine:
    extensions.set_wait_callback(wait_for_server)
    options = f"-c statement_timeout={WAIT_SECONDS * 1000} -c timezone=UTC"
    return create_engine(
        url,
        connect_args={"options": options},
        pool_pre_ping=True,
        pool_timeout=WAIT_SECONDS,
        # An error message would otherwise carry the texts that were being written.
        hide_parameters=True,
    )


def wait_for_server(connection: extensions.connection) -> None:
    """Psycopg's wait for an answer, with an end: a server that is frozen keeps its connections and says nothing."""
    deadline = time.monotonic() + SILENCE_SECONDS
    while (state := connection.poll()) != extensions.POLL_OK:
        waiting = select.poll()
        waiting.register(connection.fileno(), select.POLLIN if state == extensions.POLL_READ else select.POLLOUT)
        if not waiting.poll(1000 * max(0.0, deadline - time.monotonic())):
            # Psycopg closes a connection whose wait fails; to do it here would wait for the lock that the wait holds.
            raise OperationalError(f"the server says nothing for {SILENCE_SECONDS} s")


def build_sqlite(url: URL) -> Engine:
    create_parent_folder(url)
    engine = create_engine(
        url,
        connect_args={"timeout": SQLITE_BUSY_SECONDS},
        pool_timeout=SQLITE_BUSY_SECONDS,
        hide_parameters=True,
    )
    event.listen(engine, "connect", prepare_sqlite)
    event.listen(engine, "begin", begin_sqlite)
    return engine


def create_parent_folder(url: URL) -> None:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)


def prepare_sqlite(connection: SqliteConnection, _: ConnectionPoolEntry) -> None:
    # The driver would begin transactions late; begin_sqlite does it instead.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA foreign_keys=ON")


def begin_sqlite(connection: Connection) -> None:
    # A writer takes the write lock first: one that read before would fail instead of wait.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def is_not_migrated(error: BaseException | None) -> bool:
    if getattr(error, "pgcode", None) in NOT_MIGRATED:
        return True
    return isinstance(error, SqliteError) and str(error).startswith(("no such table", "no such column"))


@contextmanager
def translated_errors() -> Iterator[None]:
    try:
        yield
    except (IntegrityError, DataError):
        raise  # a fault of this service, which no waiting mends
    except DBAPIError as error:
        if is_not_migrated(error.orig):
            raise DatabaseNotMigrated from error
        logger.warning("database_unavailable error=%s", type(error.orig).__name__)
        raise DatabaseUnavailable from error
    except TimeoutError as error:
        logger.warning("database_unavailable error=pool_exhausted")
        raise DatabaseUnavailable from error
