"""Predictions and the feedback on them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

sequence = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
utc_time = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "predictions",
        sa.Column("sequence", sequence, sa.Identity(always=True), primary_key=True),
        sa.Column("prediction_id", sa.Uuid(), nullable=False, unique=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("label", sa.String(100), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("probabilities", sa.JSON(), nullable=False),
        sa.Column("abstained", sa.Boolean(), nullable=False),
        sa.Column("model_name", sa.String(100), nullable=False),
        sa.Column("model_version", sa.String(100), nullable=False),
        sa.Column("model_digest", sa.String(64), nullable=False),
        sa.Column("created_at", utc_time, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "feedback",
        sa.Column("sequence", sequence, sa.Identity(always=True), primary_key=True),
        sa.Column("prediction_id", sa.Uuid(), sa.ForeignKey("predictions.prediction_id"), nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("label", sa.String(100)),
        sa.Column("comment", sa.Text()),
        sa.Column("created_at", utc_time, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("feedback_prediction_id_sequence", "feedback", ["prediction_id", "sequence"])
    op.create_table(
        "feedback_keys",
        sa.Column("prediction_id", sa.Uuid(), sa.ForeignKey("predictions.prediction_id"), primary_key=True),
        sa.Column("idempotency_key", sa.String(128), primary_key=True),
        sa.Column("sequence", sequence, sa.ForeignKey("feedback.sequence"), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("feedback_keys")
    op.drop_table("feedback")
    op.drop_table("predictions")
