"""Who said it, what the alert rules made of it, and what is still to be sent."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

sequence = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
utc_time = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("predictions", sa.Column("author", sa.String(64)))
    op.add_column("feedback", sa.Column("reviewer", sa.String(64)))
    op.add_column("feedback", sa.Column("verdict_since", utc_time))
    index_named("predictions_author", "predictions", "author")
    index_named("feedback_reviewer", "feedback", "reviewer")
    op.create_index("feedback_verdict_since", "feedback", ["verdict_since"])
    create_rule_tables()
    create_alert_tables()
    create_sending_tables()


def index_named(name: str, table: str, column: str) -> None:
    given = sa.text(f"{column} IS NOT NULL")
    op.create_index(name, table, [column], sqlite_where=given, postgresql_where=given)


def create_rule_tables() -> None:
    op.create_table(
        "cursors",
        sa.Column("name", sa.String(50), primary_key=True),
        sa.Column("sequence", sequence, nullable=False),
    )
    op.create_table(
        "detectors",
        sa.Column("model_version", sa.String(100), primary_key=True),
        sa.Column("baseline", sa.Float(), nullable=False),
        sa.Column("is_learned", sa.Boolean(), nullable=False),
        sa.Column("judged", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("restarted_after", sequence, nullable=False),
        sa.Column("judged_since", sa.Integer(), nullable=False),
        sa.Column("rejected_since", sa.Integer(), nullable=False),
    )
    op.create_table(
        "erasures",
        sa.Column("sequence", sequence, sa.Identity(always=True), primary_key=True),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("requested_at", utc_time, nullable=False),
        sqlite_autoincrement=True,
    )


def create_alert_tables() -> None:
    op.create_table(
        "alerts",
        sa.Column("alert_id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("rule", sa.String(20), nullable=False),
        sa.Column("about", sa.String(100), nullable=False),
        sa.Column("model_version", sa.String(100), nullable=False),
        sa.Column("since", utc_time, nullable=False),
        sa.Column("opened_at", utc_time, nullable=False),
        sa.Column("last_seen_at", utc_time, nullable=False),
        sa.Column("times_seen", sa.Integer(), nullable=False),
        sa.Column("judged", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("acknowledged_at", utc_time),
        sa.Column("acknowledged_by", sa.String(128)),
        sa.Column("closed_at", utc_time),
        sa.Column("closed_because", sa.String(200)),
    )
    is_open = sa.text("closed_at IS NULL")
    op.create_index(
        "alerts_open", "alerts", ["rule", "about"], unique=True, sqlite_where=is_open, postgresql_where=is_open
    )
    op.create_index("alerts_opened_at", "alerts", ["opened_at"])
    op.create_table(
        "alert_examples",
        sa.Column("alert_id", sa.Uuid(), sa.ForeignKey("alerts.alert_id"), primary_key=True),
        sa.Column("prediction_id", sa.Uuid(), sa.ForeignKey("predictions.prediction_id"), primary_key=True),
    )
    op.create_table(
        "alert_events",
        sa.Column("sequence", sequence, sa.Identity(always=True), primary_key=True),
        sa.Column("alert_id", sa.Uuid(), sa.ForeignKey("alerts.alert_id"), nullable=False),
        sa.Column("at", utc_time, nullable=False),
        sa.Column("event", sa.String(20), nullable=False),
        sa.Column("by", sa.String(128)),
        sa.Column("note", sa.Text()),
        sqlite_autoincrement=True,
    )
    op.create_index("alert_events_alert_id", "alert_events", ["alert_id"])


def create_sending_tables() -> None:
    op.create_table(
        "deliveries",
        sa.Column("delivery_id", sa.Uuid(), primary_key=True),
        sa.Column("alert_id", sa.Uuid(), sa.ForeignKey("alerts.alert_id")),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("destination", sa.String(200), nullable=False),
        sa.Column("created_at", utc_time, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", utc_time),
        sa.Column("delivered_at", utc_time),
    )
    op.create_index("deliveries_alert_id", "deliveries", ["alert_id"])
    index_named("deliveries_next_attempt_at", "deliveries", "next_attempt_at")
    op.create_table(
        "delivery_attempts",
        sa.Column("sequence", sequence, sa.Identity(always=True), primary_key=True),
        sa.Column("delivery_id", sa.Uuid(), sa.ForeignKey("deliveries.delivery_id"), nullable=False),
        sa.Column("at", utc_time, nullable=False),
        sa.Column("error", sa.Text()),
        sqlite_autoincrement=True,
    )
    op.create_index("delivery_attempts_delivery_id", "delivery_attempts", ["delivery_id"])
    op.create_table(
        "telemetry_outbox",
        sa.Column("sequence", sequence, sa.ForeignKey("feedback.sequence"), primary_key=True, autoincrement=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", utc_time),
        sa.Column("sent_at", utc_time),
    )
    index_named("telemetry_outbox_next_attempt_at", "telemetry_outbox", "next_attempt_at")


def downgrade() -> None:
    for table in ("telemetry_outbox", "delivery_attempts", "deliveries", "alert_events", "alert_examples", "alerts"):
        op.drop_table(table)
    for table in ("erasures", "detectors", "cursors"):
        op.drop_table(table)
    for index, table in (
        ("feedback_verdict_since", "feedback"),
        ("feedback_reviewer", "feedback"),
        ("predictions_author", "predictions"),
    ):
        op.drop_index(index, table)
    op.drop_column("feedback", "verdict_since")
    op.drop_column("feedback", "reviewer")
    op.drop_column("predictions", "author")
