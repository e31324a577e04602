"""The SQL of alerts for people: listed, looked at closely, acknowledged."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import RowMapping, insert, select, update

from inference.alerting.incidents import Kind, Rule
from inference.errors import UnknownAlert
from inference.tables import alert_events, alert_examples, alerts, feedback, predictions
from inference.transactions import Transactions

State = Literal["open", "closed"]


@dataclass(frozen=True, slots=True)
class Alert:
    alert_id: UUID
    kind: Kind
    rule: Rule
    about: str
    model_version: str
    since: datetime
    opened_at: datetime
    last_seen_at: datetime
    times_seen: int
    judged: int
    rejected: int
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    closed_at: datetime | None
    closed_because: str | None


@dataclass(frozen=True, slots=True)
class AlertEvent:
    at: datetime
    event: str
    by: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class AlertExample:
    """A prediction that people rejected, with what they said last."""

    prediction_id: UUID
    # Empty where it is not kept any more.
    text: str
    predicted_label: str
    corrected_label: str | None
    probability: float
    model_version: str


class AlertStore(Transactions):
    def list_alerts(self, kind: Kind, state: State | None, limit: int) -> list[Alert]:
        """The latest first, those that are open before all others."""
        query = select(alerts).where(alerts.c.kind == kind)
        if state is not None:
            query = query.where(alerts.c.closed_at.is_(None) if state == "open" else alerts.c.closed_at.is_not(None))
        query = query.order_by(alerts.c.closed_at.is_not(None), alerts.c.opened_at.desc()).limit(limit)
        with self._reading() as connection:
            return [build_alert(row) for row in connection.execute(query).mappings()]

    def read_alert(self, alert_id: UUID) -> Alert:
        """Raises UnknownAlert."""
        with self._reading() as connection:
            row = connection.execute(select(alerts).where(alerts.c.alert_id == alert_id)).mappings().one_or_none()
        if row is None:
            raise UnknownAlert
        return build_alert(row)

    def read_events(self, alert_id: UUID) -> list[AlertEvent]:
        columns = [alert_events.c[field.name] for field in fields(AlertEvent)]
        query = select(*columns).where(alert_events.c.alert_id == alert_id).order_by(alert_events.c.sequence)
        with self._reading() as connection:
            return [AlertEvent(**row) for row in connection.execute(query).mappings()]

    def read_opening_note(self, alert_id: UUID) -> str | None:
        return next((each.note for each in self.read_events(alert_id) if each.event == "opened"), None)

    def read_examples(self, alert_id: UUID) -> list[AlertExample]:
        said = (
            select(feedback.c.label)
            .where(feedback.c.prediction_id == predictions.c.prediction_id)
            .order_by(feedback.c.sequence.desc())
            .limit(1)
            .scalar_subquery()
        )
        query = (
            select(
                predictions.c.prediction_id,
                predictions.c.text,
                predictions.c.label.label("predicted_label"),
                said.label("corrected_label"),
                predictions.c.probability,
                predictions.c.model_version,
            )
            .join_from(alert_examples, predictions)
            .where(alert_examples.c.alert_id == alert_id)
            .order_by(predictions.c.sequence)
        )
        with self._reading() as connection:
            return [AlertExample(**row) for row in connection.execute(query).mappings()]

    def acknowledge(self, alert_id: UUID, by: str, note: str | None, now: datetime) -> Alert:
        """The first to do so stands with the alert; the others are in its history. Raises UnknownAlert."""
        with self._writing() as connection:
            which = alerts.c.alert_id == alert_id
            row = connection.execute(select(alerts).where(which).with_for_update()).mappings().one_or_none()
            if row is None:
                raise UnknownAlert
            again = (
                select(alert_events.c.sequence)
                .where(alert_events.c.alert_id == alert_id, alert_events.c.event == "acknowledged")
                .where(
                    alert_events.c.by == by,
                    alert_events.c.note.is_(None) if note is None else alert_events.c.note == note,
                )
            )
            if connection.execute(again.limit(1)).first() is None:
                event = {"alert_id": alert_id, "at": now, "event": "acknowledged", "by": by, "note": note}
                connection.execute(insert(alert_events).values(event))
            if row["acknowledged_at"] is None:
                connection.execute(update(alerts).where(which).values(acknowledged_at=now, acknowledged_by=by))
            return build_alert(connection.execute(select(alerts).where(which)).mappings().one())


def build_alert(row: RowMapping) -> Alert:
    return Alert(**{field.name: row[field.name] for field in fields(Alert)})
