"""The tables: what was predicted, what people said about it, what the rules made of that, what is still to be sent."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    Uuid,
    text,
)


class UtcDateTime(TypeDecorator[datetime]):
    """SQLite keeps no offset, so times go in and come out in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


# SQLite numbers rows by itself only in a column of exactly this type.
Sequence = BigInteger().with_variant(Integer, "sqlite")

# A pseudonym, as inference.subjects makes them.
Pseudonym = String(64)

metadata = MetaData()


def named(name: str, column: str) -> Index:
    """An index of the few rows that have a value there."""
    given = text(f"{column} IS NOT NULL")
    return Index(name, column, sqlite_where=given, postgresql_where=given)


predictions = Table(
    "predictions",
    metadata,
    Column("sequence", Sequence, Identity(always=True), primary_key=True),
    Column("prediction_id", Uuid, nullable=False, unique=True),
    # Empty once it is not kept any more.
    Column("text", Text, nullable=False),
    Column("label", String(100), nullable=False),
    Column("probability", Float, nullable=False),
    Column("probabilities", JSON, nullable=False),
    Column("abstained", Boolean, nullable=False),
    Column("model_name", String(100), nullable=False),
    Column("model_version", String(100), nullable=False),
    Column("model_digest", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("author", Pseudonym),
    named("predictions_author", "author"),
    sqlite_autoincrement=True,
)

feedback = Table(
    "feedback",
    metadata,
    Column("sequence", Sequence, Identity(always=True), primary_key=True),
    Column("prediction_id", Uuid, ForeignKey("predictions.prediction_id"), nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("label", String(100)),
    Column("comment", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("reviewer", Pseudonym),
    # Empty in rows that are older than this column: since created_at.
    Column("verdict_since", UtcDateTime),
    Index("feedback_prediction_id_sequence", "prediction_id", "sequence"),
    Index("feedback_verdict_since", "verdict_since"),
    named("feedback_reviewer", "reviewer"),
    sqlite_autoincrement=True,
)

# Apart from the verdicts, because a verdict may be said under several keys.
feedback_keys = Table(
    "feedback_keys",
    metadata,
    Column("prediction_id", Uuid, ForeignKey("predictions.prediction_id"), primary_key=True),
    Column("idempotency_key", String(128), primary_key=True),
    Column("sequence", Sequence, ForeignKey("feedback.sequence"), nullable=False),
)

# How far somebody who goes through a table in its order has come.
cursors = Table(
    "cursors",
    metadata,
    Column("name", String(50), primary_key=True),
    Column("sequence", Sequence, nullable=False),
)

# What the rule of the rejection rate knows of each version of the model.
detectors = Table(
    "detectors",
    metadata,
    Column("model_version", String(100), primary_key=True),
    Column("baseline", Float, nullable=False),
    Column("is_learned", Boolean, nullable=False),
    Column("judged", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("evidence", JSON, nullable=False),
    # Since the evidence was last set back: by an alarm, or by another baseline.
    Column("restarted_after", Sequence, nullable=False),
    Column("judged_since", Integer, nullable=False),
    Column("rejected_since", Integer, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("alert_id", Uuid, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("rule", String(20), nullable=False),
    # What it is about: a model's version, a reviewer's pseudonym, or everything.
    Column("about", String(100), nullable=False),
    Column("model_version", String(100), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("times_seen", Integer, nullable=False),
    Column("judged", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("acknowledged_at", UtcDateTime),
    Column("acknowledged_by", String(128)),
    Column("closed_at", UtcDateTime),
    Column("closed_because", String(200)),
    # One for each incident, whatever races.
    Index(
        "alerts_open",
        "rule",
        "about",
        unique=True,
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index("alerts_opened_at", "opened_at"),
)

# The predictions, not their texts: those are erased in one place.
alert_examples = Table(
    "alert_examples",
    metadata,
    Column("alert_id", Uuid, ForeignKey("alerts.alert_id"), primary_key=True),
    Column("prediction_id", Uuid, ForeignKey("predictions.prediction_id"), primary_key=True),
)

alert_events = Table(
    "alert_events",
    metadata,
    Column("sequence", Sequence, Identity(always=True), primary_key=True),
    Column("alert_id", Uuid, ForeignKey("alerts.alert_id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("event", String(20), nullable=False),
    Column("by", String(128)),
    Column("note", Text),
    Index("alert_events_alert_id", "alert_id"),
    sqlite_autoincrement=True,
)

# A message that somebody is to get. What it says is worded when it is sent.
deliveries = Table(
    "deliveries",
    metadata,
    Column("delivery_id", Uuid, primary_key=True),
    Column("alert_id", Uuid, ForeignKey("alerts.alert_id")),
    Column("purpose", String(20), nullable=False),
    Column("destination", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    # Empty once nothing more is to be done.
    Column("next_attempt_at", UtcDateTime),
    Column("delivered_at", UtcDateTime),
    Index("deliveries_alert_id", "alert_id"),
    named("deliveries_next_attempt_at", "next_attempt_at"),
)

delivery_attempts = Table(
    "delivery_attempts",
    metadata,
    Column("sequence", Sequence, Identity(always=True), primary_key=True),
    Column("delivery_id", Uuid, ForeignKey("deliveries.delivery_id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    # Empty where it went well.
    Column("error", Text),
    Index("delivery_attempts_delivery_id", "delivery_id"),
    sqlite_autoincrement=True,
)

# Rejections whose copy is to reach Application Insights.
telemetry_outbox = Table(
    "telemetry_outbox",
    metadata,
    Column("sequence", Sequence, ForeignKey("feedback.sequence"), primary_key=True, autoincrement=False),
    Column("attempts", Integer, nullable=False),
    # Empty once it is there.
    Column("next_attempt_at", UtcDateTime),
    Column("sent_at", UtcDateTime),
    named("telemetry_outbox_next_attempt_at", "next_attempt_at"),
)

# Whose texts are not to be kept: also those that are still on their way into the database.
erasures = Table(
    "erasures",
    metadata,
    Column("sequence", Sequence, Identity(always=True), primary_key=True),
    Column("subject", Pseudonym, nullable=False),
    Column("requested_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)
