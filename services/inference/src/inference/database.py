"""The engine for SQLite or Postgres, and the one place where their errors become ours."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from sqlite3 import Error as SqliteError
from typing import ParamSpec, TypeVar

from anyio import to_thread
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

from inference.errors import DatabaseNotMigrated, DatabaseUnavailable, DeadlinePassed, RowsRefused

logger = logging.getLogger(__name__)

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

SQLITE_BUSY_SECONDS = 5
POSTGRES = "postgresql"
# A caller's whole wait for the database: a connection, and a few statements.
DEADLINE_SECONDS = 4
# SQLSTATE of a table, a column and a function that does not exist.
NOT_MIGRATED = {"42P01", "42703", "42883"}


def build_engine(database_url: str) -> Engine:
    url = make_url(database_url)
    if url.get_backend_name() != POSTGRES:
        return build_sqlite(url)
    # Its driver takes some megabytes, which a worker on SQLite need not carry.
    from inference.postgres import build_postgres

    return build_postgres(url)


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
    # In KiB: each thread has a connection, and the system keeps the file's pages too.
    connection.execute("PRAGMA cache_size=-256")
    # What is erased is overwritten, not only left out.
    connection.execute("PRAGMA secure_delete=ON")


def begin_sqlite(connection: Connection) -> None:
    # A writer takes the write lock first: one that read before would fail instead of wait.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


async def in_database(
    read_or_write: Callable[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs
) -> Result:
    """In a thread; past the deadline that goes on alone, and what it writes may be written."""
    return await in_time(to_thread.run_sync(partial(read_or_write, *arguments, **named), abandon_on_cancel=True))


async def in_time(work: Awaitable[Result]) -> Result:
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            return await work
    except TimeoutError:
        logger.warning("database_unavailable error=deadline")
        raise DeadlinePassed from None


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
        if str(error.orig) == "malformed JSON":
            raise RowsRefused from error  # SQLite's word for it is the same as for a disk that fails
        logger.warning("database_unavailable error=%s", type(error.orig).__name__)
        raise DatabaseUnavailable from error
    except PoolTimeout as error:
        logger.warning("database_unavailable error=pool_exhausted")
        raise DatabaseUnavailable from error
