"""The SQL of the service: predictions and feedback are written here, and read page by page."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Generic, Literal, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Engine, RowMapping, Select, Table, insert, select, text
from sqlalchemy.exc import DataError, IntegrityError

from inference.database import POSTGRES, translated_errors
from inference.errors import FieldError, InvalidInput, RowsRefused, UnknownPrediction
from inference.rows import insert_rows
from inference.tables import feedback, feedback_keys, predictions

Verdict = Literal["confirmed", "rejected"]


@dataclass(frozen=True, slots=True)
class StoredPrediction:
    prediction_id: UUID
    text: str
    label: str
    probability: float
    probabilities: dict[str, float]
    abstained: bool
    model_name: str
    model_version: str
    model_digest: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StoredFeedback:
    prediction_id: UUID
    verdict: Verdict
    label: str | None
    comment: str | None
    created_at: datetime

    def says_the_same(self, other: "StoredFeedback") -> bool:
        return (self.verdict, self.label, self.comment) == (other.verdict, other.label, other.comment)


@dataclass(frozen=True, slots=True)
class JudgedPrediction:
    """A verdict beside what it is about, so that a retrainer need not join."""

    feedback: StoredFeedback
    predicted_label: str
    text: str
    model_version: str


Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    items: list[Item]
    next_since: int


class Store:
    def __init__(self, engine: Engine) -> None:
        self._readers = engine
        self._writers = engine.execution_options(writes=True)
        self.has_schema = False

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with translated_errors(), self._readers.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with translated_errors(), self._writers.begin() as connection:
            yield connection

    def close(self) -> None:
        self._readers.dispose()

    def check_schema(self) -> None:
        """Raises DatabaseNotMigrated where a table is missing."""
        with self._reading() as connection:
            connection.execute(select(predictions).limit(0))
            connection.execute(select(feedback).limit(0))
            connection.execute(select(feedback_keys).limit(0))
        self.has_schema = True

    def write_predictions(self, rows: Sequence[bytes]) -> int:
        """Rows as inference.rows builds them; those that are there already stay. The number of new ones.

        Raises RowsRefused where the database will never take one of them; none is written then.
        """
        try:
            with self._writing() as connection:
                announce_writer(connection, predictions)
                return insert_rows(connection, rows)
        except (IntegrityError, DataError) as error:
            raise RowsRefused from error

    def read_prediction(self, prediction_id: UUID) -> StoredPrediction:
        query = select(predictions).where(predictions.c.prediction_id == prediction_id)
        with self._reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            raise UnknownPrediction
        return build_prediction(row)

    def read_predictions(self, since: int, limit: int) -> Page[StoredPrediction]:
        query = page_of(select(predictions), predictions, since, limit)
        with self._reading() as connection:
            wait_for_writers(connection, predictions)
            rows = connection.execute(query).mappings().all()
        return Page([build_prediction(row) for row in rows], rows[-1]["sequence"] if rows else since)

    def write_feedback(self, given: StoredFeedback, idempotency_key: str | None) -> StoredFeedback:
        """The row that now stands for this request: a new one, or the one it repeats."""
        with self._writing() as connection:
            announce_writer(connection, feedback)
            lock_prediction(connection, given.prediction_id)
            keyed = find_keyed(connection, given, idempotency_key)
            if keyed is not None:
                return keyed
            sequence, standing = find_standing(connection, given) or insert_feedback(connection, given)
            if idempotency_key is not None:
                key = {"prediction_id": given.prediction_id, "idempotency_key": idempotency_key, "sequence": sequence}
                connection.execute(insert(feedback_keys).values(key))
        return standing

    def read_feedback(self, since: int, limit: int) -> Page[JudgedPrediction]:
        about = (predictions.c.label.label("predicted_label"), predictions.c.text, predictions.c.model_version)
        query = page_of(select(feedback, *about).join_from(feedback, predictions), feedback, since, limit)
        with self._reading() as connection:
            wait_for_writers(connection, feedback)
            rows = connection.execute(query).mappings().all()
        return Page([build_judged(row) for row in rows], rows[-1]["sequence"] if rows else since)


def page_of(query: Select[tuple[object, ...]], table: Table, since: int, limit: int) -> Select[tuple[object, ...]]:
    return query.where(table.c.sequence > since).order_by(table.c.sequence).limit(limit)


def announce_writer(connection: Connection, table: Table) -> None:
    if connection.dialect.name == POSTGRES:
        connection.execute(text("SELECT pg_advisory_xact_lock_shared(hashtext(:table))"), {"table": table.name})


def wait_for_writers(connection: Connection, table: Table) -> None:
    """Postgres numbers a row before it is committed: a page read in between would skip it for ever."""
    # An advisory lock, because a lock of the table would have to wait for a vacuum of it too.
    if connection.dialect.name == POSTGRES:
        # Writers that come later wait behind this one, so it does not wait long itself.
        connection.execute(text("SET LOCAL lock_timeout = '500ms'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:table))"), {"table": table.name})


def lock_prediction(connection: Connection, prediction_id: UUID) -> None:
    """Feedback on one prediction is written one after the other; SQLite has its write lock for that."""
    query = select(predictions.c.sequence).where(predictions.c.prediction_id == prediction_id)
    if connection.execute(query.with_for_update()).one_or_none() is None:
        raise UnknownPrediction


def find_keyed(connection: Connection, given: StoredFeedback, key: str | None) -> StoredFeedback | None:
    """The verdict that this key stands for, whether it wrote it or repeated it."""
    query = (
        select(feedback)
        .join_from(feedback_keys, feedback, feedback_keys.c.sequence == feedback.c.sequence)
        .where(feedback_keys.c.prediction_id == given.prediction_id, feedback_keys.c.idempotency_key == key)
    )
    row = None if key is None else connection.execute(query).mappings().one_or_none()
    return None if row is None else require_same(build_feedback(row), given)


def find_standing(connection: Connection, given: StoredFeedback) -> tuple[int, StoredFeedback] | None:
    """The latest verdict on the prediction, if it says the same."""
    query = select(feedback).where(feedback.c.prediction_id == given.prediction_id)
    row = connection.execute(query.order_by(feedback.c.sequence.desc()).limit(1)).mappings().one_or_none()
    if row is None or not build_feedback(row).says_the_same(given):
        return None
    return row["sequence"], build_feedback(row)


def insert_feedback(connection: Connection, given: StoredFeedback) -> tuple[int, StoredFeedback]:
    statement = insert(feedback).values(asdict(given)).returning(feedback.c.sequence)
    return connection.execute(statement).scalar_one(), given


def require_same(stored: StoredFeedback, given: StoredFeedback) -> StoredFeedback:
    """A key names one verdict: with another one it would be dropped without a word."""
    if not stored.says_the_same(given):
        reason = "was used for another verdict on this prediction"
        raise InvalidInput(errors=[FieldError(field="Idempotency-Key", reason=reason)])
    return stored


def build_prediction(row: RowMapping) -> StoredPrediction:
    stored = StoredPrediction(**{field.name: row[field.name] for field in fields(StoredPrediction)})
    # SQLite reads the last digit of a number in JSON its own way; the column beside it is kept as it was written.
    return replace(stored, probability=stored.probabilities[stored.label])


def build_feedback(row: RowMapping) -> StoredFeedback:
    return StoredFeedback(**{field.name: row[field.name] for field in fields(StoredFeedback)})


def build_judged(row: RowMapping) -> JudgedPrediction:
    return JudgedPrediction(build_feedback(row), row["predicted_label"], row["text"], row["model_version"])
