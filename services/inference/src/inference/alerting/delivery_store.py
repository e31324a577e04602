"""The SQL of messages on their way: claimed for a while, sent, and each attempt written down."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, insert, select, update

from inference.alerting.incidents import enter_deliveries
from inference.cpu_budget import Reason
from inference.tables import deliveries, delivery_attempts
from inference.transactions import Transactions

Purpose = Literal["opened", "closed", "test"]
# Of messages that nobody asks about afterwards: the API does not know them.
BudgetPurpose = Literal["cpu_day", "cpu_five_minutes"]
BUDGET_PURPOSES: dict[Reason, BudgetPurpose] = {"day": "cpu_day", "five_minutes": "cpu_five_minutes"}

# Short, since people wait for it: who takes longer may be overtaken, and the message comes twice.
LEASE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class DueDelivery:
    delivery_id: UUID
    # None where it is of no alert.
    alert_id: UUID | None
    purpose: Purpose | BudgetPurpose
    attempts: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    at: datetime
    error: str | None


@dataclass(frozen=True, slots=True)
class Delivery:
    delivery_id: UUID
    purpose: Purpose
    destination: str
    created_at: datetime
    delivered_at: datetime | None
    # None once it is delivered or given up.
    next_attempt_at: datetime | None
    attempts: tuple[Attempt, ...]


COLUMNS = [deliveries.c[field.name] for field in fields(DueDelivery)]


class DeliveryStore(Transactions):
    def find_due(self, destination: str, now: datetime) -> DueDelivery | None:
        """The oldest message that is due there."""
        mine = (deliveries.c.destination == destination, deliveries.c.next_attempt_at <= now)
        query = select(*COLUMNS).where(*mine).order_by(deliveries.c.delivery_id).limit(1)
        with self._reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else DueDelivery(**row)

    def claim(self, due: DueDelivery, now: datetime) -> DueDelivery | None:
        """For the time of the lease nobody else gets it. None where somebody else was first."""
        mine = (deliveries.c.delivery_id == due.delivery_id, deliveries.c.next_attempt_at <= now)
        with self._writing() as connection:
            query = select(*COLUMNS).where(*mine).with_for_update(skip_locked=True)
            row = connection.execute(query).mappings().one_or_none()
            if row is None:
                return None
            attempts = row["attempts"] + 1
            leased = {"next_attempt_at": now + LEASE, "attempts": attempts}
            connection.execute(update(deliveries).where(deliveries.c.delivery_id == due.delivery_id).values(leased))
        return replace(due, attempts=attempts)

    def settle(self, delivery_id: UUID, now: datetime, error: str | None, again_at: datetime | None) -> None:
        """Write the attempt down: without an error it was delivered, and without another time it is given up.

        What was delivered stays so: who was overtaken may fail after that.
        """
        values = {"next_attempt_at": again_at} | ({"delivered_at": now} if error is None else {})
        waiting = (deliveries.c.delivery_id == delivery_id, deliveries.c.delivered_at.is_(None))
        with self._writing() as connection:
            connection.execute(insert(delivery_attempts).values(delivery_id=delivery_id, at=now, error=error))
            connection.execute(update(deliveries).where(*waiting).values(values))

    def enter_tests(self, destinations: Sequence[str], now: datetime) -> list[UUID]:
        with self._writing() as connection:
            return enter_deliveries(connection, None, "test", destinations, now)

    def enter_budget_warning(self, reason: Reason, destinations: Sequence[str], now: datetime) -> None:
        with self._writing() as connection:
            enter_deliveries(connection, None, BUDGET_PURPOSES[reason], destinations, now)

    def read_deliveries(self, delivery_ids: Sequence[UUID]) -> list[Delivery]:
        return self._read(deliveries.c.delivery_id.in_(delivery_ids))

    def read_deliveries_of(self, alert_id: UUID) -> list[Delivery]:
        return self._read(deliveries.c.alert_id == alert_id)

    def _read(self, which: ColumnElement[bool]) -> list[Delivery]:
        attempts = select(delivery_attempts).join(deliveries).where(which).order_by(delivery_attempts.c.sequence)
        with self._reading() as connection:
            rows = connection.execute(select(deliveries).where(which).order_by(deliveries.c.delivery_id)).mappings()
            found = [{**row} for row in rows]
            tried: dict[UUID, list[Attempt]] = {row["delivery_id"]: [] for row in found}
            for row in connection.execute(attempts).mappings():
                if row["delivery_id"] in tried:
                    tried[row["delivery_id"]].append(Attempt(row["at"], row["error"]))
        return [
            Delivery(
                delivery_id=row["delivery_id"],
                purpose=row["purpose"],
                destination=row["destination"],
                created_at=row["created_at"],
                delivered_at=row["delivered_at"],
                next_attempt_at=row["next_attempt_at"],
                attempts=tuple(tried[row["delivery_id"]]),
            )
            for row in found
        ]
