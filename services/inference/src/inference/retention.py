"""What is forgotten: texts, comments and pseudonyms after their time, and those of a person who asks for it.

Labels, verdicts and times stay, so that every statistic stays what it was; a challenger's disagreements go, and stay in
the sums of the shadow. It goes group by group: nobody else waits for long, and what a failure leaves is found again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select, text, update

from inference.database import POSTGRES, translated_errors
from inference.loop_tables import drift_reports
from inference.shadow_store import expire_disagreements, forget_disagreements
from inference.tables import alerts, cursors, erasures, feedback, predictions
from inference.transactions import Transactions, begin_cursor, wait_for_writers

GROUP = 500
# Rows of a machine that was cut off may come in so long after somebody was erased.
ERASED_AGAIN_FOR = timedelta(days=7)
# Nothing in them is personal, so whatever the retention: a year and a bit, to compare with the season before.
# Migration 0005 says the same to Postgres.
DRIFT_REPORTS_KEPT_FOR = timedelta(days=400)
NOTHING_OF_A_PREDICTION: dict[str, str | None] = {"text": "", "author": None}
NOTHING_OF_A_VERDICT: dict[str, str | None] = {"comment": None, "reviewer": None}
TAKE_TURN = text("SELECT pg_advisory_xact_lock(hashtext('retention'))")
# Who asks to be erased is better kept waiting than refused: for as long as a statement may take, which is longer than
# the service's role waits for a lock.
WAIT_LONGER = text("SET LOCAL lock_timeout = 0")
# By its own clock: on Postgres the service may delete nothing itself.
DROP_DRIFT_REPORTS = text("SELECT drop_drift_reports()")


@dataclass(frozen=True, slots=True)
class Erased:
    texts: int
    # Those the person gave, and the comments of others on the texts.
    verdicts: int

    def __add__(self, other: "Erased") -> "Erased":
        return Erased(self.texts + other.texts, self.verdicts + other.verdicts)


NOTHING = Erased(0, 0)


class Retention(Transactions):
    """Every method raises Unavailable."""

    def expire(self, before: datetime) -> bool:
        """Forget some more of what is older. Whether there may be more still."""
        counts = [
            self._expire(predictions, NOTHING_OF_A_PREDICTION, before),
            self._expire(feedback, NOTHING_OF_A_VERDICT, before),
            self._expire_disagreements(before),
        ]
        with self._forgetting() as connection:
            old = (alerts.c.rule == "flood", alerts.c.closed_at < before, alerts.c.about != "")
            connection.execute(update(alerts).where(*old).values(about=""))
            served = (erasures.c.requested_at < before - ERASED_AGAIN_FOR, erasures.c.subject != "")
            connection.execute(update(erasures).where(*served).values(subject=""))
        if any(counts):
            self.scrub()
        return GROUP in counts

    def _expire(self, table: Table, nothing: dict[str, str | None], before: datetime) -> int:
        """In the order in which rows came, so that no index on time slows down those that come."""
        name = f"expired_{table.name}"
        with self._forgetting() as connection:
            begin_cursor(connection, name)
            mine = cursors.c.name == name
            seen = connection.execute(select(cursors.c.sequence).where(mine)).scalar_one()
            # Old rows of several machines may come in at once, and the cursor never goes back.
            wait_for_writers(connection, table)
            query = select(table.c.sequence, table.c.created_at).where(table.c.sequence > seen)
            rows = connection.execute(query.order_by(table.c.sequence).limit(GROUP)).all()
            old = [sequence for sequence, at in takewhile(lambda row: row[1] < before, rows)]
            if old:
                connection.execute(update(table).where(table.c.sequence.in_(old)).values(nothing))
                connection.execute(update(cursors).where(mine).values(sequence=old[-1]))
        return len(old)

    def _expire_disagreements(self, before: datetime) -> int:
        with self._forgetting() as connection:
            return expire_disagreements(connection, before, GROUP)

    def drop_reports(self, now: datetime) -> None:
        """Drift reports say nothing of a person: they go after their own time, so that there is an end to them."""
        with self._writing() as connection:
            if connection.dialect.name == POSTGRES:
                connection.execute(DROP_DRIFT_REPORTS)
                return
            connection.execute(delete(drift_reports).where(drift_reports.c.at < now - DRIFT_REPORTS_KEPT_FOR))

    def erase(self, subject: str, now: datetime) -> Erased:
        """All that there is of a person, by the pseudonym, and what still comes in of the time before."""
        with self._forgetting() as connection:
            connection.execute(insert(erasures).values(subject=subject, requested_at=now))
        return self._forget(subject, now)

    def erase_again(self, now: datetime) -> Erased:
        query = select(erasures.c.subject, erasures.c.requested_at)
        with self._reading() as connection:
            recent = connection.execute(query.where(erasures.c.requested_at > now - ERASED_AGAIN_FOR)).all()
        total = sum((self._forget(subject, requested_at) for subject, requested_at in recent), NOTHING)
        if total != NOTHING:
            self.scrub()
        return total

    def scrub(self) -> bool:
        """Whether what was overwritten is gone from the disk too.

        SQLite keeps it in its log until that is begun anew; Postgres until its next vacuum, and longer in its own log.
        """
        with translated_errors(), self._readers.connect() as connection:
            if connection.dialect.name == POSTGRES:
                return False
            connection.exec_driver_sql("ROLLBACK")
            is_busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            return not is_busy

    def _forget(self, subject: str, until: datetime) -> Erased:
        with self._forgetting() as connection:
            forget_floods(connection, subject, until)
        # One person still, whom nobody can name: as many strangers, the verdicts of one would outweigh the others'.
        nobody = f"erased-{uuid4().hex}"
        # The verdicts first: a comment of theirs on a text of theirs counts once.
        verdicts = self._forget_groups(partial(forget_verdicts, nobody=nobody), subject, until)
        return verdicts + self._forget_groups(forget_texts, subject, until)

    def _forget_groups(
        self, forget: Callable[[Connection, str, datetime], Erased], subject: str, until: datetime
    ) -> Erased:
        total = NOTHING
        while True:
            with self._forgetting() as connection:
                found = forget(connection, subject, until)
            if found == NOTHING:
                return total
            total += found

    @contextmanager
    def _forgetting(self) -> Iterator[Connection]:
        """One after the other: two that take the same rows in another order would wait for each other."""
        with self._writing() as connection:
            if connection.dialect.name == POSTGRES:
                connection.execute(WAIT_LONGER)
                connection.execute(TAKE_TURN)
            yield connection


def forget_texts(connection: Connection, subject: str, until: datetime) -> Erased:
    """Some texts of the person, and what anybody said about them, which may quote them."""
    theirs = (predictions.c.author == subject, predictions.c.created_at <= until)
    query = select(predictions.c.prediction_id).where(*theirs).order_by(predictions.c.sequence).limit(GROUP)
    ids = connection.execute(query).scalars().all()
    # In this order: who gives a verdict has the prediction's row, so that this waits for it, and what follows sees it.
    texts = change(connection, predictions, predictions.c.prediction_id.in_(ids), NOTHING_OF_A_PREDICTION)
    forget_disagreements(connection, ids)
    quoting = feedback.c.prediction_id.in_(ids) & feedback.c.comment.is_not(None)
    return Erased(texts, change(connection, feedback, quoting, {"comment": None}))


def forget_verdicts(connection: Connection, subject: str, until: datetime, *, nobody: str) -> Erased:
    theirs = (feedback.c.reviewer == subject, feedback.c.created_at <= until)
    query = select(feedback.c.sequence).where(*theirs).order_by(feedback.c.sequence).limit(GROUP)
    found = feedback.c.sequence.in_(connection.execute(query).scalars().all())
    return Erased(0, change(connection, feedback, found, {"comment": None, "reviewer": nobody}))


def forget_floods(connection: Connection, subject: str, until: datetime) -> None:
    # By its first rejection: a rule that looked just before may open it just after.
    noted = (alerts.c.rule == "flood", alerts.c.about == subject, alerts.c.since <= until)
    closed = update(alerts).where(*noted, alerts.c.closed_at.is_(None))
    connection.execute(closed.values(closed_at=until, closed_because="erased"))
    connection.execute(update(alerts).where(*noted).values(about=""))


def change(connection: Connection, table: Table, which: ColumnElement[bool], values: dict[str, str | None]) -> int:
    return connection.execute(update(table).where(which).values(values)).rowcount
