"""Turns at what only one may do at a time, over all workers: a row that is taken for a while, and stays when it ends.

No transaction is open meanwhile: SQLite's write lock, held while MLflow answers, would stop everybody. Whoever dies in
its turn, or is overtaken because it takes longer, loses it, and is told so before it writes.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import Connection, Uuid, bindparam, select, text, update

from inference.errors import MoveUnderWay, Unavailable
from inference.loop_tables import turns
from inference.tables import UtcDateTime
from inference.transactions import Transactions

LEASE = timedelta(seconds=60)
LOOK_AGAIN_SECONDS = 0.1
# Over for every clock, however wrong.
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

# Nothing where somebody has it still.
TAKE = text("""
    INSERT INTO turns (name, holder, ends_at) VALUES (:name, :holder, :ends_at)
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at
    WHERE turns.ends_at <= :now
    RETURNING name""").bindparams(
    bindparam("holder", type_=Uuid), bindparam("ends_at", type_=UtcDateTime), bindparam("now", type_=UtcDateTime)
)


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
        with self._writing() as connection:
            if connection.execute(TAKE, row | {"now": now}).one_or_none() is None:
                raise MoveUnderWay

    def _give_back(self, turn: Turn) -> None:
        mine = (turns.c.name == turn.name, turns.c.holder == turn.holder)
        with self._writing() as connection:
            # Held by nobody from now on: whoever had it may not write any more either.
            connection.execute(update(turns).where(*mine).values(holder=uuid4(), ends_at=LONG_AGO))


def require_turn(connection: Connection, turn: Turn) -> None:
    """Nobody takes it before this transaction ends. Raises MoveUnderWay where it is lost."""
    mine = (turns.c.name == turn.name, turns.c.holder == turn.holder)
    if connection.execute(select(turns.c.holder).where(*mine).with_for_update()).one_or_none() is None:
        raise MoveUnderWay("This took so long that somebody else has the turn now.")
