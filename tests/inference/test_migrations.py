"""The migrations make exactly the tables of the code, on both databases, and can be undone."""

from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect
from sqlalchemy.pool import NullPool

from inference.loop_tables import metadata

Migrate = Callable[..., None]


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/new/inference.db"
    url: str = request.getfixturevalue("empty_postgres")
    return url


def test_upgrade_makes_the_tables_of_the_code_and_downgrade_removes_them(
    empty_database: str, migrate_database: Migrate
) -> None:
    migrate_database(empty_database, "head")
    engine = create_engine(empty_database, poolclass=NullPool)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    migrate_database(empty_database, "head")
    migrate_database(empty_database, "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
