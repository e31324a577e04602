"""The journal of champions, shadow comparisons and drift reports."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

sequence = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
utc_time = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_journal()
    create_shadow_tables()
    create_drift_table()


def create_journal() -> None:
    op.create_table(
        "journal",
        sa.Column("sequence", sequence, sa.Identity(always=True), primary_key=True),
        sa.Column("at", utc_time, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("by", sa.String(128)),
        sa.Column("reason", sa.Text()),
        sa.Column("from_version", sa.String(100)),
        sa.Column("from_digest", sa.String(64)),
        sa.Column("to_version", sa.String(100), nullable=False),
        sa.Column("to_digest", sa.String(64)),
        sa.Column("verdict", sa.JSON()),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "turns",
        sa.Column("name", sa.String(50), primary_key=True),
        sa.Column("holder", sa.Uuid(), nullable=False),
        sa.Column("ends_at", utc_time, nullable=False),
    )
    make_append_only("journal")


def make_append_only(table: str) -> None:
    """Whoever writes by hand is refused too; there is no way around but to take the rule itself away."""
    words = f"the {table} is append-only"
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{words}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only()"
    )


def create_shadow_tables() -> None:
    op.create_table(
        "shadow_totals",
        sa.Column("challenger_digest", sa.String(64), primary_key=True),
        sa.Column("champion_digest", sa.String(64), primary_key=True),
        sa.Column("challenger_version", sa.String(100), nullable=False),
        sa.Column("champion_version", sa.String(100), nullable=False),
        sa.Column("since", utc_time, nullable=False),
        sa.Column("until", utc_time, nullable=False),
        sa.Column("compared", sa.BigInteger(), nullable=False),
        sa.Column("disagreed", sa.BigInteger(), nullable=False),
        sa.Column("dropped", sa.BigInteger(), nullable=False),
        sa.Column("challenger_seconds", sa.Float(), nullable=False),
        sa.Column("champion_seconds", sa.Float(), nullable=False),
    )
    op.create_table(
        "shadow_disagreements",
        sa.Column("prediction_id", sa.Uuid(), primary_key=True),
        sa.Column("challenger_digest", sa.String(64), primary_key=True),
        sa.Column("challenger_version", sa.String(100), nullable=False),
        sa.Column("champion_digest", sa.String(64), nullable=False),
        sa.Column("label", sa.String(100), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("champion_label", sa.String(100), nullable=False),
        sa.Column("created_at", utc_time, nullable=False),
    )
    op.create_index("shadow_disagreements_created_at", "shadow_disagreements", ["created_at"])


def create_drift_table() -> None:
    op.create_table(
        "drift_reports",
        sa.Column("report_id", sa.Uuid(), primary_key=True),
        sa.Column("at", utc_time, nullable=False),
        sa.Column("model_version", sa.String(100), nullable=False),
        sa.Column("model_digest", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("monitors", sa.JSON(), nullable=False),
        sa.Column("windows", sa.Integer(), nullable=False),
        sa.Column("predictions", sa.Integer(), nullable=False),
        sa.Column("since", sequence, nullable=False),
        sa.Column("until", sequence, nullable=False),
        sa.Column("reference", sa.String(300), nullable=False),
        sa.Column("link", sa.Text()),
    )
    op.create_index("drift_reports_at", "drift_reports", ["at"])


def downgrade() -> None:
    for table in ("drift_reports", "shadow_disagreements", "shadow_totals", "turns", "journal"):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION journal_is_append_only()")
