"""The SQL of the alert rules: the verdicts they look at, and what they keep from one look to the next."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    exists,
    func,
    insert,
    select,
    update,
)

from inference.alerting.incidents import Incidents
from inference.alerting.rate import Detector
from inference.alerting.verdicts import Judged
from inference.drift_store import UnreadReports, has_unread
from inference.tables import alerts, cursors, detectors, feedback, predictions
from inference.transactions import Transactions, begin_cursor, wait_for_writers

CURSOR = "alert_rules"
# What was said last is found among so many verdicts.
RECENT = 20_000


class WatchStore(Transactions):
    def find_horizon(self) -> int | None:
        """Every verdict up to this one is committed; None where nothing is new and no alert may close."""
        with self._reading() as connection:
            seen = connection.execute(select(cursors.c.sequence).where(cursors.c.name == CURSOR)).scalar_one_or_none()
            latest = connection.execute(select(func.max(feedback.c.sequence))).scalar_one() or 0
            is_open = connection.execute(select(exists().where(alerts.c.closed_at.is_(None)))).scalar_one()
            if latest <= (seen or 0):
                return latest if is_open or has_unread(connection) else None
        with self._reading() as connection:
            wait_for_writers(connection, feedback)
            return connection.execute(select(func.max(feedback.c.sequence))).scalar_one() or 0

    @contextmanager
    def turn(self) -> Iterator["Turn | None"]:
        """One transaction of one worker, committed at its end; None where another has its turn."""
        cursor = select(cursors.c.sequence).where(cursors.c.name == CURSOR)
        with self._writing() as connection:
            begin_cursor(connection, CURSOR)
            seen = connection.execute(cursor.with_for_update(skip_locked=True)).scalar_one_or_none()
            yield None if seen is None else Turn(connection, seen)


class Turn:
    def __init__(self, connection: Connection, seen: int) -> None:
        self._connection = connection
        # The last verdict that the rules have looked at.
        self.seen = seen
        self.incidents = Incidents(connection)
        self.reports = UnreadReports(connection)

    def read_news(self, horizon: int, limit: int) -> list[Judged]:
        query = judged().where(feedback.c.sequence > self.seen, feedback.c.sequence <= horizon)
        return self._read(query.order_by(feedback.c.sequence).limit(limit))

    def are_first(self, verdicts: Sequence[Judged]) -> set[int]:
        """The sequences of those before which nobody had judged the prediction."""
        wanted = feedback.c.sequence.in_([verdict.sequence for verdict in verdicts])
        return set(self._connection.execute(select(feedback.c.sequence).where(wanted, is_first())).scalars())

    def read_rejections(self, since: datetime, until: int, limit: int, *, with_floods: bool = False) -> list[Judged]:
        """The last ones up to a sequence that stand, and do so since then, by time; but for those of flooders."""
        query = judged().where(
            feedback.c.verdict_since >= since,
            feedback.c.sequence <= until,
            feedback.c.verdict == "rejected",
            stands(),
        )
        if not with_floods:
            query = query.where(self._is_heard())
        found = self._read(query.order_by(feedback.c.sequence.desc()).limit(limit))
        return sorted(found, key=lambda verdict: (verdict.at, verdict.sequence))

    def read_latest(self, model_version: str, limit: int) -> list[Judged]:
        """The last ones that stand of predictions of this version, in their order, but for those of flooders."""
        # A version that hardly anybody has judged yet is not looked for among all verdicts there are.
        is_recent = feedback.c.sequence > self.seen - RECENT
        query = judged().where(is_recent, predictions.c.model_version == model_version, stands(), self._is_heard())
        return self._read(query.order_by(feedback.c.sequence.desc()).limit(limit))[::-1]

    def _is_heard(self) -> ColumnElement[bool]:
        flooders = [alert.about for alert in self.incidents.open if alert.rule == "flood"]
        return feedback.c.reviewer.is_(None) | feedback.c.reviewer.not_in(flooders)

    def read_firsts(self, model_version: str, after: int, limit: int) -> list[Judged]:
        """The last first verdicts on predictions of this version, of those seen after another, in their order."""
        seen = (feedback.c.sequence > after, feedback.c.sequence <= self.seen)
        query = judged().where(predictions.c.model_version == model_version, *seen, is_first())
        return self._read(query.order_by(feedback.c.sequence.desc()).limit(limit))[::-1]

    def read_named(self, since: datetime) -> list[Judged]:
        """The first verdicts on any prediction that named people gave since then, of those seen, in their order."""
        query = judged().where(feedback.c.verdict_since >= since, feedback.c.sequence <= self.seen, is_first())
        return self._read(query.where(feedback.c.reviewer.is_not(None)).order_by(feedback.c.sequence))

    def read_detector(self, model_version: str) -> Detector | None:
        query = select(detectors).where(detectors.c.model_version == model_version)
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else build_detector(row)

    def read_last_learned(self) -> float | None:
        query = select(detectors.c.baseline).where(detectors.c.is_learned)
        return self._connection.execute(
            query.order_by(detectors.c.restarted_after.desc()).limit(1)
        ).scalar_one_or_none()

    def write_detector(self, detector: Detector, *, is_new: bool) -> None:
        row = asdict(detector) | {"evidence": list(detector.evidence)}
        if is_new:
            self._connection.execute(insert(detectors).values(row))
        else:
            mine = detectors.c.model_version == detector.model_version
            self._connection.execute(update(detectors).where(mine).values(row))

    def advance(self, seen: int) -> None:
        self._connection.execute(update(cursors).where(cursors.c.name == CURSOR).values(sequence=seen))

    def _read(self, query: Select[tuple[object, ...]]) -> list[Judged]:
        return [Judged(**row) for row in self._connection.execute(query).mappings()]


def judged() -> Select[tuple[object, ...]]:
    return select(
        feedback.c.sequence,
        feedback.c.prediction_id,
        predictions.c.model_version,
        (feedback.c.verdict == "rejected").label("rejected"),
        feedback.c.reviewer,
        func.coalesce(feedback.c.verdict_since, feedback.c.created_at).label("at"),
    ).join_from(feedback, predictions)


def stands() -> ColumnElement[bool]:
    later = feedback.alias()
    return ~exists().where(later.c.prediction_id == feedback.c.prediction_id, later.c.sequence > feedback.c.sequence)


def is_first() -> ColumnElement[bool]:
    earlier = feedback.alias()
    return ~exists().where(
        earlier.c.prediction_id == feedback.c.prediction_id, earlier.c.sequence < feedback.c.sequence
    )


def build_detector(row: RowMapping) -> Detector:
    given = {field.name: row[field.name] for field in fields(Detector)}
    return Detector(**given | {"evidence": tuple(row["evidence"])})
