"""MLflow with sign-in, on a real Postgres: nothing without credentials, and each account no more than it needs."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from tests.contract.mlflow_listing import list_routes
from tests.contract.started_mlflow import PASSWORDS, SECRETS, StartedMlflow, set_accounts, started_mlflow
from tests.inference.own_postgres import OwnPostgres, own_postgres

API = "/api/2.0/mlflow"
MODEL = "tweet-sentiment"
GRANT = {"username": "trainer", "resource_type": "registered_model", "resource_id": MODEL, "permission": "MANAGE"}
OPEN = {"/health", "/api/3.0/mlflow/server-info", "/ajax-api/3.0/mlflow/server-info", "/static-files/1/2"}


@pytest.fixture(scope="module")
def postgres() -> Iterator[OwnPostgres]:
    with own_postgres() as server:
        yield server


@pytest.fixture(scope="module")
def mlflow(tmp_path_factory: pytest.TempPathFactory, postgres: OwnPostgres) -> Iterator[StartedMlflow]:
    folder = tmp_path_factory.mktemp("mlflow")
    variables = {"MLFLOW_SIGN_IN": "true", "MLFLOW_BACKEND_STORE_URI": postgres.url, "ENVIRONMENT": "production"}
    with started_mlflow(folder, SECRETS, **variables) as server:
        done = set_accounts(server)
        assert done.returncode == 0, done.stderr
        yield server


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    return list_routes(tmp_path_factory.mktemp("routes"))


def test_nothing_but_signs_of_life_is_answered_without_credentials(
    mlflow: StartedMlflow, routes: list[tuple[str, str]]
) -> None:
    answered = set()
    for method, route in routes:
        if method == "OPTIONS":
            continue
        path = re.sub(r"<path:\w+>|\{\w+:path\}", "1/2", route)
        path = re.sub(r"<\w+>|\{\w+\}", "1", path)
        body = {} if method in ("POST", "PUT", "PATCH", "DELETE") else None
        if mlflow.ask(method, path, json=body).status_code != 401:
            answered.add(path)
    assert answered == OPEN


def test_what_is_open_tells_nothing_of_anybody(mlflow: StartedMlflow) -> None:
    told = mlflow.ask("GET", "/ajax-api/3.0/mlflow/server-info").json()
    assert told["store_type"] == "SqlStore"
    assert not re.search(r"postgres|/tmp|trainer|inference", json.dumps(told))


def test_both_sets_of_tables_live_in_one_database(mlflow: StartedMlflow, postgres: OwnPostgres) -> None:
    host = postgres.url.partition("host=")[2]
    connection = psycopg2.connect(host=host, user="postgres", dbname="postgres")
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tablename IN ('alembic_version', 'alembic_version_auth')")
        assert cursor.fetchone() == (2,)
        cursor.execute("SELECT username, password_hash FROM users ORDER BY username")
        stored = dict(cursor.fetchall())
    connection.close()
    assert set(stored) == {"admin", "inference", "trainer"}
    assert not any(password in stored[name] for name, password in PASSWORDS.items())


def test_accounts_are_set_anew_as_often_as_one_likes(mlflow: StartedMlflow) -> None:
    revoked = {"username": "inference", "resource_type": "registered_model", "resource_id": MODEL}
    changed = {"username": "inference", "password": "somebody else's password"}
    assert mlflow.ask("POST", "/api/3.0/mlflow/users/permissions/revoke", "admin", json=revoked).ok
    assert mlflow.ask("PATCH", f"{API}/users/update-password", "admin", json=changed).ok
    model = f"{API}/registered-models/get?name={MODEL}"
    assert mlflow.ask("GET", model, "inference").status_code == 401
    assert set_accounts(mlflow).returncode == 0
    assert mlflow.ask("GET", model, "inference").ok


def test_without_sign_in_there_are_no_accounts_to_set_and_no_time_is_lost(mlflow: StartedMlflow) -> None:
    started = time.monotonic()
    done = set_accounts(mlflow, MLFLOW_SIGN_IN="false", MLFLOW_SECRETS_DIR="/nowhere")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert time.monotonic() - started < 10


def test_a_secret_that_is_missing_or_wrong_is_one_line(mlflow: StartedMlflow, tmp_path: Path) -> None:
    missing = set_accounts(mlflow, MLFLOW_SECRETS_DIR=str(tmp_path))
    assert (missing.returncode, missing.stderr.count("\n")) == (1, 1)
    assert "needs the secret mlflow-admin" in missing.stderr
    for name in PASSWORDS:
        (tmp_path / f"mlflow-{name}").write_text("not the right password")
    wrong = set_accounts(mlflow, MLFLOW_SECRETS_DIR=str(tmp_path))
    assert wrong.returncode == 1
    assert wrong.stderr.splitlines()[-1].startswith("error: MLflow's accounts are not set: ")
    assert "not the right password" not in wrong.stderr


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("POST", f"{API}/experiments/create", {"name": "mine"}),
        ("POST", f"{API}/runs/create", {"experiment_id": "0"}),
        ("GET", f"{API}/experiments/get?experiment_id=0", None),
        ("PUT", "/api/2.0/mlflow-artifacts/artifacts/0/x", {}),
        ("PUT", "/api/2.0/mlflow-artifacts/artifacts/x", {}),
        ("DELETE", "/api/2.0/mlflow-artifacts/artifacts/0", {}),
        ("GET", "/api/2.0/mlflow-artifacts/artifacts?path=0", None),
        ("DELETE", f"{API}/registered-models/delete", {"name": MODEL}),
        ("DELETE", f"{API}/registered-models/alias", {"name": MODEL, "alias": "champion"}),
        ("POST", f"{API}/users/create", {"username": "x", "password": "a long password"}),
        ("PATCH", f"{API}/users/update-admin", {"username": "inference", "is_admin": True}),
        ("PATCH", f"{API}/users/update-password", {"username": "admin", "password": "a long password"}),
        ("GET", f"{API}/registered-models/get?name=another", None),
    ],
)
def test_the_service_may_not(mlflow: StartedMlflow, method: str, target: str, body: dict[str, object] | None) -> None:
    assert mlflow.ask(method, target, "inference", json=body).status_code == 403


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("DELETE", f"{API}/registered-models/delete", {"name": MODEL}),
        ("DELETE", f"{API}/model-versions/delete", {"name": MODEL, "version": "1"}),
        ("POST", f"{API}/users/create", {"username": "x", "password": "a long password"}),
        ("POST", "/api/3.0/mlflow/users/permissions/grant", GRANT),
    ],
)
def test_the_trainer_may_not(mlflow: StartedMlflow, method: str, target: str, body: dict[str, object]) -> None:
    assert mlflow.ask(method, target, "trainer", json=body).status_code == 403
