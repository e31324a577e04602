"""The SQL of drift reports: what the trainer found, listed for people, and read once each by the rule of drift."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import Connection, RowMapping, func, insert, select, update
from uuid_utils.compat import uuid7

from inference.loop_tables import drift_reports
from inference.tables import cursors
from inference.transactions import Transactions, begin_cursor, wait_for_writers

DriftState = Literal["stable", "moved", "drifted"]

# How far the rule has come, in microseconds since 1970: no two reports have the same moment.
CURSOR = "drift_reports"
BEGINNING, TICK = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Monitor:
    name: str
    statistic: float
    threshold: float
    moved: bool
    words: str


@dataclass(frozen=True, slots=True)
class FoundDrift:
    """As the trainer says it."""

    model_version: str
    model_digest: str
    state: DriftState
    reasons: list[str]
    monitors: list[Monitor]
    windows: int
    predictions: int
    since: int
    until: int
    reference: str
    link: str | None


@dataclass(frozen=True, slots=True)
class StoredReport:
    report_id: UUID
    at: datetime
    found: FoundDrift


class DriftStore(Transactions):
    def write_report(self, found: FoundDrift, now: datetime) -> tuple[StoredReport, bool]:
        """The report, or the one that it repeats; and whether it is new."""
        with self._writing() as connection:
            # One after the other: whoever repeats a report finds it, and each is later than all that the rule has read.
            wait_for_writers(connection, drift_reports)
            known = find_same(connection, found)
            if known is not None:
                return known, False
            latest = connection.execute(select(func.max(drift_reports.c.at))).scalar_one()
            at = now if latest is None else max(now, latest + TICK)
            report = StoredReport(uuid7(), at, found)
            row = asdict(found) | {"report_id": report.report_id, "at": at}
            connection.execute(insert(drift_reports).values(row))
        return report, True

    def list_reports(self, model_version: str | None, limit: int) -> list[StoredReport]:
        """The latest first."""
        query = select(drift_reports).order_by(drift_reports.c.at.desc()).limit(limit)
        if model_version is not None:
            query = query.where(drift_reports.c.model_version == model_version)
        with self._reading() as connection:
            return [build_report(row) for row in connection.execute(query).mappings()]


class UnreadReports:
    """In the turn of the alert rules: what was reported since the last one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(self, limit: int) -> list[StoredReport]:
        """In the order in which they came."""
        query = select(drift_reports).where(drift_reports.c.at > read_cursor(self._connection))
        rows = self._connection.execute(query.order_by(drift_reports.c.at).limit(limit)).mappings()
        return [build_report(row) for row in rows]

    def read_last_of(self, model_version: str, before: datetime | None = None) -> StoredReport | None:
        """The last report on this version, of all or of those before a moment."""
        query = select(drift_reports).where(drift_reports.c.model_version == model_version)
        if before is not None:
            query = query.where(drift_reports.c.at < before)
        row = self._connection.execute(query.order_by(drift_reports.c.at.desc()).limit(1)).mappings().one_or_none()
        return None if row is None else build_report(row)

    def advance(self, to: StoredReport) -> None:
        begin_cursor(self._connection, CURSOR)
        mine = update(cursors).where(cursors.c.name == CURSOR)
        self._connection.execute(mine.values(sequence=(to.at - BEGINNING) // TICK))


def has_unread(connection: Connection) -> bool:
    latest = connection.execute(select(func.max(drift_reports.c.at))).scalar_one()
    return latest is not None and latest > read_cursor(connection)


def read_cursor(connection: Connection) -> datetime:
    query = select(cursors.c.sequence).where(cursors.c.name == CURSOR)
    return BEGINNING + (connection.execute(query).scalar_one_or_none() or 0) * TICK


def find_same(connection: Connection, found: FoundDrift) -> StoredReport | None:
    same = (
        drift_reports.c.model_digest == found.model_digest,
        drift_reports.c.since == found.since,
        drift_reports.c.until == found.until,
        drift_reports.c.state == found.state,
    )
    row = connection.execute(select(drift_reports).where(*same).limit(1)).mappings().one_or_none()
    return None if row is None else build_report(row)


def build_report(row: RowMapping) -> StoredReport:
    given = dict(row)
    monitors = [Monitor(**each) for each in given.pop("monitors")]
    report_id, at = given.pop("report_id"), given.pop("at")
    return StoredReport(report_id, at, FoundDrift(**given, monitors=monitors))
