"""The SQL of feedback: who says what of a prediction. The last verdict stands, and all are kept."""

from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Connection, Engine, RowMapping, insert, select

from inference.errors import FieldError, InvalidInput, UnknownPrediction
from inference.store import Page, page_of
from inference.tables import feedback, feedback_keys, predictions, telemetry_outbox
from inference.transactions import Transactions, announce_writer, wait_for_writers

Verdict = Literal["confirmed", "rejected"]


@dataclass(frozen=True, slots=True)
class StoredFeedback:
    prediction_id: UUID
    verdict: Verdict
    label: str | None
    comment: str | None
    created_at: datetime
    # A pseudonym of the person, where the caller named one.
    reviewer: str | None = None

    def says_the_same(self, other: "StoredFeedback") -> bool:
        ours, theirs = (replace(each, created_at=datetime.min) for each in (self, other))
        return ours == theirs


@dataclass(frozen=True, slots=True)
class JudgedPrediction:
    """A verdict beside what it is about, so that a retrainer need not join."""

    feedback: StoredFeedback
    predicted_label: str
    text: str
    model_version: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The latest verdict on a prediction."""

    sequence: int
    verdict_since: datetime
    feedback: StoredFeedback


class FeedbackStore(Transactions):
    def __init__(self, engine: Engine, *, copies_rejections: bool = False) -> None:
        """With `copies_rejections` each is entered for its copy to Application Insights when it is committed."""
        super().__init__(engine)
        self._copies_rejections = copies_rejections

    def write_feedback(self, given: StoredFeedback, idempotency_key: str | None) -> StoredFeedback:
        """The row that now stands for this request: a new one, or the one it repeats."""
        with self._writing() as connection:
            announce_writer(connection, feedback)
            lock_prediction(connection, given.prediction_id)
            keyed = find_keyed(connection, given, idempotency_key)
            if keyed is not None:
                return keyed
            standing = find_standing(connection, given.prediction_id)
            if standing is None or not standing.feedback.says_the_same(given):
                standing = self._insert(connection, given, standing)
            if idempotency_key is not None:
                key = {"idempotency_key": idempotency_key, "sequence": standing.sequence}
                connection.execute(insert(feedback_keys).values(key | {"prediction_id": given.prediction_id}))
        return standing.feedback

    def _insert(self, connection: Connection, given: StoredFeedback, before: Standing | None) -> Standing:
        # Who only adds the right label to a rejection does not reject it anew.
        is_same_verdict = before is not None and before.feedback.verdict == given.verdict
        since = before.verdict_since if before is not None and is_same_verdict else given.created_at
        row = asdict(given) | {"verdict_since": since}
        sequence = connection.execute(insert(feedback).values(row).returning(feedback.c.sequence)).scalar_one()
        if self._copies_rejections and given.verdict == "rejected":
            copy = {"sequence": sequence, "attempts": 0, "next_attempt_at": datetime.now(UTC)}
            connection.execute(insert(telemetry_outbox).values(copy))
        return Standing(sequence, since, given)

    def read_feedback(self, since: int, limit: int) -> Page[JudgedPrediction]:
        about = (predictions.c.label.label("predicted_label"), predictions.c.text, predictions.c.model_version)
        query = page_of(select(feedback, *about).join_from(feedback, predictions), feedback, since, limit)
        with self._reading() as connection:
            wait_for_writers(connection, feedback)
            rows = connection.execute(query).mappings().all()
        return Page([build_judged(row) for row in rows], rows[-1]["sequence"] if rows else since)


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


def find_standing(connection: Connection, prediction_id: UUID) -> Standing | None:
    query = select(feedback).where(feedback.c.prediction_id == prediction_id)
    row = connection.execute(query.order_by(feedback.c.sequence.desc()).limit(1)).mappings().one_or_none()
    if row is None:
        return None
    # Rows of before this column was there stand since they were written.
    return Standing(row["sequence"], row["verdict_since"] or row["created_at"], build_feedback(row))


def require_same(stored: StoredFeedback, given: StoredFeedback) -> StoredFeedback:
    """A key names one verdict: with another one it would be dropped without a word."""
    if not stored.says_the_same(given):
        reason = "was used for another verdict on this prediction"
        raise InvalidInput(errors=[FieldError(field="Idempotency-Key", reason=reason)])
    return stored


def build_feedback(row: RowMapping) -> StoredFeedback:
    return StoredFeedback(**{field.name: row[field.name] for field in fields(StoredFeedback)})


def build_judged(row: RowMapping) -> JudgedPrediction:
    return JudgedPrediction(build_feedback(row), row["predicted_label"], row["text"], row["model_version"])
