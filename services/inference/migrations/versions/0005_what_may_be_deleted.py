"""On Postgres the service's role deletes nothing; these two functions do, and only what nobody is to find any more."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# They run with the rights of whoever owns them, as the tables, so names must not mean what a caller chose.
DEFINER = "LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp"
FUNCTIONS = {
    # What a challenger made of predictions of which nothing is kept: the text is empty, or the row never came.
    "forget_disagreements(uuid[])": f"""
        CREATE FUNCTION public.forget_disagreements(ids uuid[]) RETURNS void {DEFINER} AS $$
            DELETE FROM public.shadow_disagreements AS found
            WHERE found.prediction_id = ANY (ids) AND NOT EXISTS (
                SELECT FROM public.predictions AS kept
                WHERE kept.prediction_id = found.prediction_id AND kept.text <> '')
        $$""",
    "drop_drift_reports()": f"""
        CREATE FUNCTION public.drop_drift_reports() RETURNS void {DEFINER} AS $$
            DELETE FROM public.drift_reports WHERE at < now() - interval '400 days'
        $$""",
}
# Default rights reach nothing that was there before them, such as tables that a superuser made.
RIGHTS = (
    "GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO inference_api",
    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO inference_api",
    "REVOKE INSERT, UPDATE ON public.alembic_version FROM inference_api",
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    for name, words in FUNCTIONS.items():
        op.execute(words)
        op.execute(f"REVOKE ALL ON FUNCTION public.{name} FROM PUBLIC")
    if has_api_role():
        for words in RIGHTS:
            op.execute(words)
        for name in FUNCTIONS:
            op.execute(f"GRANT EXECUTE ON FUNCTION public.{name} TO inference_api")


def has_api_role() -> bool:
    """Where one role does everything there is none: a database that somebody else runs, or a test's."""
    query = sa.text("SELECT count(*) FROM pg_roles WHERE rolname = 'inference_api'")
    return bool(op.get_bind().execute(query).scalar_one())


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION public.{name}")
