"""The two databases, each of which can be away for a moment: Postgres is restarted, SQLite is locked by somebody."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import ColumnElement, create_engine, func, select
from sqlalchemy.pool import NullPool

from inference.tables import feedback, telemetry_outbox
from inference.telemetry.outbox import LEASE
from tests.inference.own_postgres import OwnPostgres, own_postgres

DATABASES = ("sqlite", "postgres")
LOCKED_SECONDS = 1.0


class Database(Protocol):
    @property
    def url(self) -> str: ...

    def go_away(self) -> None:
        """For a moment: it is back when this returns."""

    def crash(self) -> None:
        """The same, without a warning to anybody."""


@dataclass(frozen=True)
class Sqlite:
    path: Path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    def go_away(self) -> None:
        connection = sqlite3.connect(self.path, timeout=10, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(LOCKED_SECONDS)
        connection.execute("ROLLBACK")
        connection.close()

    def crash(self) -> None:
        # It has no process of its own: it crashes with the workers that are killed.
        self.go_away()


@dataclass(frozen=True)
class Postgres:
    server: OwnPostgres

    @property
    def url(self) -> str:
        return self.server.url

    def go_away(self) -> None:
        self.server.restart()

    def crash(self) -> None:
        self.server.kill()
        self.server.start()


@contextmanager
def opened(name: str, folder: Path) -> Iterator[Database]:
    """`sqlite` or `postgres`, without a table."""
    if name == "sqlite":
        yield Sqlite(folder / "inference.db")
        return
    with own_postgres() as server:
        yield Postgres(server)


def rejections_in(database: Database) -> list[str]:
    """The `feedback_id` of each."""
    query = select(feedback.c.prediction_id, feedback.c.sequence).where(feedback.c.verdict == "rejected")
    with create_engine(database.url, poolclass=NullPool).connect() as connection:
        return [f"{prediction_id}:{sequence}" for prediction_id, sequence in connection.execute(query)]


def waiting_in(database: Database) -> int:
    """Rejections whose copy is not crossed off."""
    return count_copies(database, telemetry_outbox.c.next_attempt_at.is_not(None))


def held_in(database: Database) -> int:
    """Those that a worker is sending, or was when it died: after few refusals nothing else is due so late."""
    return count_copies(database, telemetry_outbox.c.next_attempt_at > datetime.now(UTC) + LEASE / 2)


def count_copies(database: Database, which: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(telemetry_outbox).where(which)
    with create_engine(database.url, poolclass=NullPool).connect() as connection:
        return connection.execute(query).scalar_one()
