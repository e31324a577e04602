"""The SQL of alerts while the rules have their turn: opened once for each incident, seen again, closed."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Connection, insert, select, update
from uuid_utils.compat import uuid7

from inference.tables import alert_events, alert_examples, alerts, deliveries

Kind = Literal["alert", "note"]
Rule = Literal["burst", "rate", "flood", "drift"]
EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """That a rule holds."""

    kind: Kind
    rule: Rule
    about: str
    model_version: str
    since: datetime
    seen_at: datetime
    # Of the last verdicts on this version that count.
    judged: int
    rejected: int
    examples: tuple[UUID, ...]
    # What there is to say of it beside that, for its history and its message.
    note: str | None = None


@dataclass(frozen=True, slots=True)
class OpenAlert:
    alert_id: UUID
    kind: Kind
    rule: Rule
    about: str
    model_version: str
    last_seen_at: datetime


class Incidents:
    """What is open is read once, and kept up to date: nobody else writes while this turn lasts."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._open = {(each.rule, each.about): each for each in read_open(connection)}
        # Of this turn; they hold once it is committed.
        self.opened: list[Finding] = []
        self.closed: list[tuple[OpenAlert, str]] = []

    @property
    def open(self) -> list[OpenAlert]:
        return list(self._open.values())

    def is_open(self, rule: Rule, about: str) -> bool:
        return (rule, about) in self._open

    def note(self, found: Finding, now: datetime, destinations: Sequence[str]) -> None:
        """An incident begins with it, unless one is open, which was seen again then."""
        known = self._open.get((found.rule, found.about))
        if known is None:
            self._open_new(found, now, destinations)
        else:
            self._see_again(known, found)

    def _open_new(self, found: Finding, now: datetime, destinations: Sequence[str]) -> None:
        alert_id = uuid7()
        row = {field.name: getattr(found, field.name) for field in fields(Finding)}
        examples = row.pop("examples")
        seen_at = row.pop("seen_at")
        note = row.pop("note")
        opened = {"alert_id": alert_id, "opened_at": now, "last_seen_at": seen_at, "times_seen": 1}
        self._connection.execute(insert(alerts).values(row | opened))
        self._add_examples(alert_id, examples)
        self._add_event(alert_id, "opened", now, note)
        self._open[found.rule, found.about] = OpenAlert(
            alert_id, found.kind, found.rule, found.about, found.model_version, seen_at
        )
        if found.kind == "alert":
            enter_deliveries(self._connection, alert_id, "opened", destinations, now)
        self.opened.append(found)

    def close(self, alert: OpenAlert, because: str, now: datetime, destinations: Sequence[str]) -> None:
        closed = {"closed_at": now, "closed_because": because}
        self._connection.execute(update(alerts).where(alerts.c.alert_id == alert.alert_id).values(closed))
        self._add_event(alert.alert_id, "closed", now, because)
        if alert.kind == "alert":
            enter_deliveries(self._connection, alert.alert_id, "closed", destinations, now)
        del self._open[alert.rule, alert.about]
        self.closed.append((alert, because))

    def _see_again(self, known: OpenAlert, found: Finding) -> None:
        seen = {
            "last_seen_at": max(known.last_seen_at, found.seen_at),
            "times_seen": alerts.c.times_seen + 1,
            "judged": found.judged,
            "rejected": found.rejected,
        }
        self._connection.execute(update(alerts).where(alerts.c.alert_id == known.alert_id).values(seen))
        self._add_examples(known.alert_id, found.examples)

    def _add_examples(self, alert_id: UUID, found: Sequence[UUID]) -> None:
        query = select(alert_examples.c.prediction_id).where(alert_examples.c.alert_id == alert_id)
        there = set(self._connection.execute(query).scalars())
        new = [prediction_id for prediction_id in dict.fromkeys(found) if prediction_id not in there]
        rows = [{"alert_id": alert_id, "prediction_id": each} for each in new[: EXAMPLES - len(there)]]
        if len(there) < EXAMPLES and rows:
            self._connection.execute(insert(alert_examples), rows)

    def _add_event(self, alert_id: UUID, event: str, at: datetime, note: str | None = None) -> None:
        self._connection.execute(insert(alert_events).values(alert_id=alert_id, at=at, event=event, note=note))


def read_open(connection: Connection) -> list[OpenAlert]:
    columns = [alerts.c[field.name] for field in fields(OpenAlert)]
    rows = connection.execute(select(*columns).where(alerts.c.closed_at.is_(None))).mappings()
    return [OpenAlert(**row) for row in rows]


def enter_deliveries(
    connection: Connection, alert_id: UUID | None, purpose: str, destinations: Sequence[str], now: datetime
) -> list[UUID]:
    """One message for each destination, due at once."""
    ids = [uuid7() for _ in destinations]
    rows = [
        {
            "delivery_id": delivery_id,
            "alert_id": alert_id,
            "purpose": purpose,
            "destination": destination,
            "created_at": now,
            "attempts": 0,
            "next_attempt_at": now,
        }
        for delivery_id, destination in zip(ids, destinations, strict=True)
    ]
    if rows:
        connection.execute(insert(deliveries), rows)
    return ids
