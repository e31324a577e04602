"""The tables: what was predicted, what people said about it, and the keys under which they said it."""

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

metadata = MetaData()

predictions = Table(
    "predictions",
    metadata,
    Column("sequence", Sequence, Identity(always=True), primary_key=True),
    Column("prediction_id", Uuid, nullable=False, unique=True),
    Column("text", Text, nullable=False),
    Column("label", String(100), nullable=False),
    Column("probability", Float, nullable=False),
    Column("probabilities", JSON, nullable=False),
    Column("abstained", Boolean, nullable=False),
    Column("model_name", String(100), nullable=False),
    Column("model_version", String(100), nullable=False),
    Column("model_digest", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
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
    Index("feedback_prediction_id_sequence", "prediction_id", "sequence"),
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
