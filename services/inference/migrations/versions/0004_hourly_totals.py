"""Predictions counted by the hour, those of before too."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# As the service keeps the beginning of an hour in each of them.
HOUR = {
    "postgresql": "date_trunc('hour', created_at, 'UTC')",
    "sqlite": "substr(created_at, 1, 13) || ':00:00.000000'",
}


def upgrade() -> None:
    op.create_table(
        "hourly_totals",
        sa.Column("hour", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("label", sa.String(100), primary_key=True),
        sa.Column("predictions", sa.BigInteger(), nullable=False),
        sa.Column("abstained", sa.BigInteger(), nullable=False),
    )
    # No worker of the new version writes before this is committed. One of the old version that goes on does not count.
    op.execute(f"""
        INSERT INTO hourly_totals (hour, label, predictions, abstained)
        SELECT {HOUR[op.get_bind().dialect.name]}, label, count(*), sum(CASE WHEN abstained THEN 1 ELSE 0 END)
        FROM predictions GROUP BY 1, 2""")


def downgrade() -> None:
    op.drop_table("hourly_totals")
