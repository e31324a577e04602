"""The SQL of the copies that rejections leave behind: entered with the verdict, claimed, sent, crossed off.

A claim is a lease. Whoever dies with it is followed by another when it has run out, so a copy may be sent twice and
is never left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select, update

from inference.tables import feedback, predictions, telemetry_outbox
from inference.transactions import Transactions

LEASE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class RejectionCopy:
    sequence: int
    # The one that this is, counted from 1.
    attempts: int
    prediction_id: UUID
    predicted_label: str
    corrected_label: str | None
    probability: float
    model_name: str
    model_version: str
    text: str
    created_at: datetime


class TelemetryOutbox(Transactions):
    def claim(self, now: datetime, limit: int) -> list[RejectionCopy]:
        """The oldest that are due; for the time of the lease nobody else gets them."""
        due = (
            select(telemetry_outbox.c.sequence)
            .where(telemetry_outbox.c.next_attempt_at <= now)
            .order_by(telemetry_outbox.c.sequence)
            .limit(limit)
        )
        # Most looks find nothing: on SQLite only those that do wait for the lock of the writers.
        with self._reading() as connection:
            if connection.execute(due.limit(1)).first() is None:
                return []
        with self._writing() as connection:
            claimed = connection.execute(due.with_for_update(skip_locked=True)).scalars().all()
            leased = {"next_attempt_at": now + LEASE, "attempts": telemetry_outbox.c.attempts + 1}
            connection.execute(update(telemetry_outbox).where(telemetry_outbox.c.sequence.in_(claimed)).values(leased))
            return [RejectionCopy(**row) for row in connection.execute(copies(claimed)).mappings()]

    def settle(self, sent: Sequence[int], later: Mapping[int, datetime], now: datetime) -> None:
        """Cross off what was sent; the rest is due again at the times given."""
        row = telemetry_outbox.c.sequence == bindparam("row")
        # Whoever outlived the lease may find it sent by another.
        is_waiting = telemetry_outbox.c.sent_at.is_(None)
        postpone = update(telemetry_outbox).where(row, is_waiting).values(next_attempt_at=bindparam("due"))
        with self._writing() as connection:
            done = update(telemetry_outbox).where(telemetry_outbox.c.sequence.in_(sent))
            connection.execute(done.values(next_attempt_at=None, sent_at=now))
            if later:
                connection.execute(postpone, [{"row": sequence, "due": due} for sequence, due in later.items()])

    def count_waiting(self) -> int:
        query = select(func.count()).where(telemetry_outbox.c.next_attempt_at.is_not(None))
        with self._reading() as connection:
            return connection.execute(query).scalar_one()


def copies(sequences: Sequence[int]) -> Select[tuple[object, ...]]:
    return (
        select(
            telemetry_outbox.c.sequence,
            telemetry_outbox.c.attempts,
            feedback.c.prediction_id,
            predictions.c.label.label("predicted_label"),
            feedback.c.label.label("corrected_label"),
            predictions.c.probability,
            predictions.c.model_name,
            predictions.c.model_version,
            predictions.c.text,
            feedback.c.created_at,
        )
        .join_from(telemetry_outbox, feedback)
        .join(predictions)
        .where(telemetry_outbox.c.sequence.in_(sequences))
        .order_by(telemetry_outbox.c.sequence)
    )
