"""roles.py on a real Postgres, run by an administrator that is no superuser, as Azure's is none."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest
from psycopg2.errors import InsufficientPrivilege
from sqlalchemy import make_url

from bench.postgres import postgres
from tests.contract.bicep_reader import AZURE
from tests.inference.conftest import migrate

PASSWORDS = {
    name: f"{name} of a test" for name in ("database-admin", "database-owner", "database-api", "database-mlflow")
}
ROLES = {"inference_owner": "database-owner", "inference_api": "database-api", "mlflow": "database-mlflow"}
ADMIN = "dbadmin"
Run = Callable[[], "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Its host; there is an administrator that may make roles and databases, and no more."""
    with postgres() as address:
        url = make_url(address)
        host = str(url.query.get("host") or url.host)
        with psycopg2.connect(host=host, user="postgres", dbname="postgres") as opened, opened.cursor() as cursor:
            cursor.execute(f"CREATE ROLE {ADMIN} LOGIN CREATEROLE CREATEDB PASSWORD %s", (PASSWORDS["database-admin"],))
        yield host


@pytest.fixture(scope="module")
def run(server: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    secrets = tmp_path_factory.mktemp("secrets")
    for name, password in PASSWORDS.items():
        (secrets / name).write_text(f"{password}\n", encoding="utf-8")
    environment = {**os.environ, "SECRETS": str(secrets), "DATABASE_HOST": server, "DATABASE_ADMIN": ADMIN}
    # As the job does it.
    command = [sys.executable, "-c", (AZURE / "container-apps" / "roles.py").read_text(encoding="utf-8")]

    def ask() -> "subprocess.CompletedProcess[str]":
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)

    return ask


@pytest.fixture(scope="module")
def made(server: str, run: Run) -> str:
    said = run()
    assert (said.returncode, said.stderr) == (0, "")
    migrate(f"postgresql+psycopg2://inference_owner@/inference?host={server}")
    return server


def ask(host: str, role: str, database: str, statement: str) -> list[tuple[object, ...]]:
    opened = psycopg2.connect(host=host, user=role, password=PASSWORDS[ROLES[role]], dbname=database)
    try:
        with opened.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []
    finally:
        opened.close()


def test_the_api_reads_and_writes_and_does_not_delete(made: str) -> None:
    assert ask(made, "inference_api", "inference", "SELECT count(*) FROM predictions") == [(0,)]
    ask(made, "inference_api", "inference", "UPDATE feedback SET comment = ''")
    for forbidden in (
        "DELETE FROM predictions",
        "CREATE TABLE other (x int)",
        "UPDATE alembic_version SET version_num = ''",
    ):
        with pytest.raises(InsufficientPrivilege):
            ask(made, "inference_api", "inference", forbidden)


def test_each_reaches_its_own_database_alone(made: str) -> None:
    assert ask(made, "mlflow", "mlflow", "CREATE TABLE of_mlflow (x int)") == []
    for role, database in (("mlflow", "inference"), ("inference_api", "mlflow"), ("inference_owner", "mlflow")):
        with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
            ask(made, role, database, "SELECT 1")


def test_run_again_it_changes_nothing_and_says_so(made: str, run: Run) -> None:
    said = run()
    assert (said.returncode, said.stderr) == (0, "")
    assert "have their databases, rights and passwords" in said.stdout
    assert ask(made, "inference_api", "inference", "SELECT count(*) FROM predictions") == [(0,)]


def test_nobody_takes_all_connections(made: str) -> None:
    [(most,)] = ask(made, "inference_owner", "inference", "SELECT current_setting('max_connections')::int")
    limits = dict(ask(made, "inference_owner", "inference", "SELECT rolname, rolconnlimit FROM pg_roles"))
    assert isinstance(most, int)
    assert (limits["inference_api"], limits["mlflow"]) == (int((most - 15) * 0.6), int((most - 15) * 0.3))


def test_passwords_are_kept_hashed(made: str) -> None:
    with psycopg2.connect(host=made, user="postgres", dbname="postgres") as opened, opened.cursor() as cursor:
        cursor.execute("SELECT rolpassword FROM pg_authid WHERE rolname = ANY (%s)", (list(ROLES),))
        kept = [str(row[0]) for row in cursor.fetchall()]
    assert len(kept) == 3 and all(each.startswith("SCRAM-SHA-256$") for each in kept)


def test_a_placeholder_is_refused(made: str, tmp_path: Path) -> None:
    (tmp_path / "database-admin").write_text("local-only\n", encoding="utf-8")
    command = [sys.executable, str(AZURE / "container-apps" / "roles.py")]
    environment = {**os.environ, "SECRETS": str(tmp_path), "DATABASE_HOST": made, "DATABASE_ADMIN": ADMIN}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert said.returncode == 1
    assert said.stderr.startswith("error: the secret database-admin is empty or the placeholder")
