"""The SQL of activity: what came in, hour by hour, and what people said of it.

Predictions are read from the totals that are kept as they come in, never from their own table; these are counts alone,
so that erasing people, and the end of the texts' time, leave them as they are. Verdicts are few, and are read one by
one: whether a prediction was drawn by lot, no SQL can tell.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from inference.alerting.watch_store import stands
from inference.audit import is_audited
from inference.loop_tables import hourly_totals
from inference.tables import alerts, feedback
from inference.transactions import Transactions


@dataclass(slots=True)
class Said:
    judged: int = 0
    rejected: int = 0

    def add(self, *, rejected: bool) -> None:
        self.judged += 1
        self.rejected += rejected


@dataclass(slots=True)
class Hour:
    # Predictions, by what was answered.
    labels: Counter[str] = field(default_factory=Counter)
    abstained: int = 0
    said: Said = field(default_factory=Said)


@dataclass(frozen=True, slots=True)
class Activity:
    # By their beginning; those of which there is nothing are left out.
    hours: dict[datetime, Hour]
    said: Said
    # Of the predictions that were drawn by lot.
    audit: Said


class ActivityStore(Transactions):
    def read(self, since: datetime, until: datetime, audit_share: float) -> Activity:
        """Of whole hours, from the beginning of one up to that of another. Raises Unavailable."""
        hours: defaultdict[datetime, Hour] = defaultdict(Hour)
        said, audit = Said(), Said()
        with self._reading() as connection:
            add_predictions(connection, hours, since, until)
            for prediction_id, at, rejected in connection.execute(last_verdicts(since, until)):
                hours[beginning_of_hour(at)].said.add(rejected=rejected)
                said.add(rejected=rejected)
                if is_audited(prediction_id, audit_share):
                    audit.add(rejected=rejected)
        return Activity(dict(sorted(hours.items())), said, audit)


def beginning_of_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def add_predictions(connection: Connection, hours: dict[datetime, Hour], since: datetime, until: datetime) -> None:
    own = hourly_totals.c
    query = select(own.hour, own.label, own.predictions, own.abstained).order_by(own.hour, own.label)
    for hour, label, predictions, abstained in connection.execute(query.where(own.hour >= since, own.hour < until)):
        hours[hour].labels[label] = predictions
        hours[hour].abstained += abstained


def last_verdicts(since: datetime, until: datetime) -> Select[UUID, datetime, bool]:
    """As the figures of an alert have them: the last one on each prediction, but for those of flooders."""
    at = func.coalesce(feedback.c.verdict_since, feedback.c.created_at)
    query = select(feedback.c.prediction_id, at, feedback.c.verdict == "rejected")
    return query.where(is_since(since, until), stands(), is_heard())


def is_since(since: datetime, until: datetime) -> ColumnElement[bool]:
    own = feedback.c
    # Rows that are older than the column stand since they were written. Said apart, each has the index.
    return or_(
        and_(own.verdict_since >= since, own.verdict_since < until),
        and_(own.verdict_since.is_(None), own.created_at >= since, own.created_at < until),
    )


def is_heard() -> ColumnElement[bool]:
    """While there is an open note of somebody's flood, nothing of theirs counts."""
    flooders = select(alerts.c.about).where(alerts.c.rule == "flood", alerts.c.closed_at.is_(None))
    return feedback.c.reviewer.is_(None) | feedback.c.reviewer.not_in(flooders)
