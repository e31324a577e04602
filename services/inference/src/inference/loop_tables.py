"""The tables of the loop: who became champion, what the challenger thinks of live tweets, and what these were."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    Identity,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
)

from inference.tables import Sequence, UtcDateTime, metadata

# Of all tables: whoever wants them all takes it from here.
__all__ = ["drift_reports", "hourly_totals", "journal", "metadata", "shadow_disagreements", "shadow_totals", "turns"]

# Every move of the registry's alias `champion`. The database itself refuses to change or delete a row (migration 0003).
journal = Table(
    "journal",
    metadata,
    Column("sequence", Sequence, Identity(always=True), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    # promotion, rollback, or found: the alias was moved without this service.
    Column("kind", String(20), nullable=False),
    Column("by", String(128)),
    Column("reason", Text),
    Column("from_version", String(100)),
    Column("from_digest", String(64)),
    Column("to_version", String(100), nullable=False),
    Column("to_digest", String(64)),
    # The gate's verdict, as it was when the version was promoted.
    Column("verdict", JSON),
    sqlite_autoincrement=True,
)

# Who is at something that only one may do at a time, and until when at the latest.
turns = Table(
    "turns",
    metadata,
    Column("name", String(50), primary_key=True),
    Column("holder", Uuid, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
)

# The challenger beside the champion, on a sample of the live tweets, added up.
shadow_totals = Table(
    "shadow_totals",
    metadata,
    Column("challenger_digest", String(64), primary_key=True),
    Column("champion_digest", String(64), primary_key=True),
    Column("challenger_version", String(100), nullable=False),
    Column("champion_version", String(100), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("compared", BigInteger, nullable=False),
    Column("disagreed", BigInteger, nullable=False),
    # Sampled, and left out because too much waited.
    Column("dropped", BigInteger, nullable=False),
    # What both took over the same tweets, one after the other in one thread.
    Column("challenger_seconds", Float, nullable=False),
    Column("champion_seconds", Float, nullable=False),
)

# No foreign key: the prediction may still be on its way into the database.
shadow_disagreements = Table(
    "shadow_disagreements",
    metadata,
    Column("prediction_id", Uuid, primary_key=True),
    Column("challenger_digest", String(64), primary_key=True),
    Column("challenger_version", String(100), nullable=False),
    Column("champion_digest", String(64), nullable=False),
    Column("label", String(100), nullable=False),
    Column("probability", Float, nullable=False),
    Column("champion_label", String(100), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("shadow_disagreements_created_at", "created_at"),
)

# Predictions of each hour, counted as they come in. They stay, whatever is forgotten, and for ever, as the predictions'
# own rows do: they tell nothing of a person, and an hour takes a row for each label.
hourly_totals = Table(
    "hourly_totals",
    metadata,
    # Its beginning.
    Column("hour", UtcDateTime, primary_key=True),
    Column("label", String(100), primary_key=True),
    Column("predictions", BigInteger, nullable=False),
    Column("abstained", BigInteger, nullable=False),
)

# What the trainer found when it compared live traffic with what the champion was trained on.
drift_reports = Table(
    "drift_reports",
    metadata,
    Column("report_id", Uuid, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("model_version", String(100), nullable=False),
    Column("model_digest", String(64), nullable=False),
    Column("state", String(20), nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("monitors", JSON, nullable=False),
    Column("windows", Integer, nullable=False),
    Column("predictions", Integer, nullable=False),
    # Cursors of the prediction log: what was looked at lies between them.
    Column("since", Sequence, nullable=False),
    Column("until", Sequence, nullable=False),
    Column("reference", String(300), nullable=False),
    Column("link", Text),
    Index("drift_reports_at", "at"),
)
