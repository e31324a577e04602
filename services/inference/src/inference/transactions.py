"""Transactions on the database, for whoever has SQL to say: one kind that reads, and one that may write."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, Table, text

from inference.database import POSTGRES, translated_errors


class Transactions:
    """What can go wrong with the database is one of our errors here. The engine belongs to whoever made it."""

    def __init__(self, engine: Engine) -> None:
        self._readers = engine
        self._writers = engine.execution_options(writes=True)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with translated_errors(), self._readers.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with translated_errors(), self._writers.begin() as connection:
            yield connection


def announce_writer(connection: Connection, table: Table) -> None:
    if connection.dialect.name == POSTGRES:
        connection.execute(text("SELECT pg_advisory_xact_lock_shared(hashtext(:table))"), {"table": table.name})


def wait_for_writers(connection: Connection, table: Table) -> None:
    """Postgres numbers a row before it is committed: a page read in between would skip it for ever."""
    # An advisory lock, because a lock of the table would have to wait for a vacuum of it too.
    if connection.dialect.name == POSTGRES:
        # Writers that come later wait behind this one, so it does not wait long itself.
        connection.execute(text("SET LOCAL lock_timeout = '500ms'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:table))"), {"table": table.name})


def begin_cursor(connection: Connection, name: str) -> None:
    """At nothing, unless somebody has come further; two may do it at once."""
    statement = "INSERT INTO cursors (name, sequence) VALUES (:name, 0) ON CONFLICT (name) DO NOTHING"
    connection.execute(text(statement), {"name": name})
