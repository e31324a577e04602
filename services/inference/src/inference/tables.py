"""The two tables: what was predicted, and what people said about it."""

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
    UniqueConstraint,
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
    Column("idempotency_key", String(128)),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("prediction_id", "idempotency_key"),
    Index("feedback_prediction_id_sequence", "prediction_id", "sequence"),
    sqlite_autoincrement=True,
)
