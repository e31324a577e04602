"""Turns at what only one may do at a time, over all workers: a row that is taken for a while.

No transaction is open meanwhile: SQLite's write lock, held while MLflow answers, would stop everybody. Whoever dies in
its turn, or is overtaken because it takes longer, loses it, and is told so before it writes.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from inference.errors import MoveUnderWay, Unavailable
from inference.loop_tables import turns
from inference.transactions import Transactions

LEASE = timedelta(seconds=60)
LOOK_AGAIN_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Turn:
    name: str
    holder: UUID


class Turns(Transactions):
    @contextmanager
    def taken(self, name: str, patience_seconds: float = 0.0) -> Iterator[Turn]:
        """Raises MoveUnderWay where somebody else has it, and keeps it for longer than one has patience."""
        turn = Turn(name, uuid4())
        self._take_in_time(turn, time.monotonic() + patience_seconds)
        try:
            yield turn
        finally:
            # Where the database is away, it ends by itself.
            with suppress(Unavailable):
                self._give_back(turn)

    def prolong(self, turn: Turn) -> None:
        """Raises MoveUnderWay where it is lost."""
        with self._writing() as connection:
            require_turn(connection, turn)
            ends_at = datetime.now(UTC) + LEASE
            connection.execute(update(turns).where(turns.c.name == turn.name).values(ends_at=ends_at))

    def _take_in_time(self, turn: Turn, deadline: float) -> None:
        while True:
            try:
                return self._take(turn)
            except MoveUnderWay:
                if time.monotonic() >= deadline:
                    raise
            time.sleep(LOOK_AGAIN_SECONDS)

    def _take(self, turn: Turn) -> None:
        now = datetime.now(UTC)
        row = {"name": turn.name, "holder": turn.holder, "ends_at": now + LEASE}
        try:
            with self._writing() as connection:
                connection.execute(delete(turns).where(turns.c.name == turn.name, turns.c.ends_at <= now))
                connection.execute(insert(turns).values(row))
        except IntegrityError:
            raise MoveUnderWay from None

    def _give_back(self, turn: Turn) -> None:
        with self._writing() as connection:
            connection.execute(delete(turns).where(turns.c.name == turn.name, turns.c.holder == turn.holder))


def require_turn(connection: Connection, turn: Turn) -> None:
    """Nobody takes it before this transaction ends. Raises MoveUnderWay where it is lost."""
    mine = (turns.c.name == turn.name, turns.c.holder == turn.holder)
    if connection.execute(select(turns.c.holder).where(*mine).with_for_update()).one_or_none() is None:
        raise MoveUnderWay("This took so long that somebody else has the turn now.")
