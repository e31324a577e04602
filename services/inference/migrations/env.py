"""Run by Alembic: `alembic upgrade head` brings the database of INFERENCE_DATABASE_URL up to date."""

from alembic import context
from sqlalchemy import create_engine, make_url
from sqlalchemy.pool import NullPool

from inference.database import create_parent_folder
from inference.loop_tables import metadata
from inference.settings import load_settings


def migrate() -> None:
    url = make_url(load_settings(serves=False).database_url.get_secret_value())
    if url.get_backend_name() == "sqlite":
        create_parent_folder(url)
    # Not the engine of the service: a migration may take longer than its statement timeout.
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
        with context.begin_transaction():
            context.run_migrations()


migrate()
