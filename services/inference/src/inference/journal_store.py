"""The SQL of the journal of champions. The database itself refuses to change or delete a line."""

from datetime import datetime

from sqlalchemy import RowMapping, Select, insert, select

from inference.loop_schemas import GateVerdict
from inference.loop_tables import journal
from inference.promotion import ModelVersion, Move
from inference.transactions import Transactions
from inference.turns import Turn, require_turn

Rows = Select[tuple[object, ...]]


class JournalStore(Transactions):
    def read_last(self) -> Move | None:
        return next(iter(self._read(latest_first().limit(1))), None)

    def read_all(self, until: datetime | None = None) -> list[Move]:
        """Up to a moment, oldest first."""
        query = select(journal).order_by(journal.c.sequence)
        return self._read(query if until is None else query.where(journal.c.at <= until))

    def write(self, move: Move, turn: Turn, verdict: GateVerdict | None = None) -> None:
        """Raises MoveUnderWay where the turn is lost: nobody writes beside whoever has it."""
        row = build_row(move) | ({"verdict": verdict.model_dump(mode="json")} if verdict else {})
        with self._writing() as connection:
            require_turn(connection, turn)
            connection.execute(insert(journal).values(row))

    def _read(self, query: Rows) -> list[Move]:
        with self._reading() as connection:
            return [build_move(row) for row in connection.execute(query).mappings()]


def latest_first() -> Rows:
    return select(journal).order_by(journal.c.sequence.desc())


def build_row(move: Move) -> dict[str, object]:
    before = move.before
    return {
        "at": move.at,
        "kind": move.kind,
        "by": move.by,
        "reason": move.reason,
        "from_version": before.version if before else None,
        "from_digest": before.digest if before else None,
        "to_version": move.after.version,
        "to_digest": move.after.digest,
    }


def build_move(row: RowMapping) -> Move:
    before = None if row["from_version"] is None else ModelVersion(row["from_version"], row["from_digest"])
    after = ModelVersion(row["to_version"], row["to_digest"])
    return Move(row["at"], row["kind"], row["by"], row["reason"], before, after)
