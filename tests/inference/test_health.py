"""Live means that the process answers; ready means a verified model in memory."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import create_engine, make_url, text

StartApp = Callable[..., AbstractContextManager[TestClient]]


def assert_unavailable(client: TestClient, path: str, detail: str) -> None:
    response = client.post(path, json={"text": "late"}) if path == "/v1/predictions" else client.get(path)
    assert response.status_code == 503
    assert response.headers["retry-after"] in ("1", "2", "3")
    assert response.headers["content-type"] == "application/problem+json"
    assert detail in response.json()["detail"]


def test_a_started_service_is_live_and_ready(client: TestClient) -> None:
    assert client.get("/health/live").json() == {"status": "live", "release": ""}
    assert client.get("/health/ready").json() == {"status": "ready", "release": ""}


def test_without_any_model_it_is_live_but_not_ready(start_app: StartApp) -> None:
    with start_app(bundle=None) as client:
        assert client.get("/health/live").status_code == 200
        for path in ("/health/ready", "/v1/predictions", "/v1/model"):
            assert_unavailable(client, path, "No verified model")


def test_a_database_that_was_not_migrated_says_what_to_run(start_app: StartApp, tmp_path: Path) -> None:
    with start_app(database_url=SecretStr(f"sqlite:///{tmp_path}/new/folder/empty.db")) as client:
        for path in ("/health/ready", "/v1/feedback"):
            assert_unavailable(client, path, "alembic upgrade head")


def test_a_file_that_is_no_database_is_no_500(start_app: StartApp, tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("not a database " * 100)
    with start_app(database_url=SecretStr(f"sqlite:///{tmp_path}/text.db")) as client:
        assert_unavailable(client, "/v1/feedback", "does not answer")


def test_a_role_that_may_not_read_is_not_told_to_migrate(start_app: StartApp, migrated_postgres: str) -> None:
    url = make_url(migrated_postgres)
    role = f"reader_{uuid4().hex}"
    with create_engine(url).begin() as connection:
        connection.execute(text(f"CREATE ROLE {role} LOGIN"))
        connection.execute(text(f"GRANT CONNECT ON DATABASE {url.database} TO {role}"))
        connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {role}"))
    reader = url.set(username=role).render_as_string(hide_password=False)
    with start_app(database_url=SecretStr(reader)) as client:
        assert_unavailable(client, "/v1/feedback", "does not answer")


def test_the_same_holds_for_postgres(start_app: StartApp, empty_postgres: str) -> None:
    with start_app(database_url=SecretStr(empty_postgres)) as client:
        for path in ("/health/ready", "/v1/feedback"):
            assert_unavailable(client, path, "alembic upgrade head")


def test_while_the_database_is_away_predictions_go_on_and_nothing_else_is_promised(start_app: StartApp) -> None:
    away = SecretStr("postgresql+psycopg2://nobody@127.0.0.1:1/none")
    with start_app(database_url=away) as client:
        assert client.get("/health/ready").status_code == 200
        assert client.post("/v1/predictions", json={"text": "late"}).status_code == 200
        assert_unavailable(client, "/v1/feedback", "database does not answer")


def test_a_locked_database_is_503_not_500(start_app: StartApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sqlite3

    monkeypatch.setattr("inference.database.SQLITE_BUSY_SECONDS", 0.1)
    with start_app() as client:
        holder = sqlite3.connect(tmp_path / "inference.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        assert client.post("/v1/predictions", json={"text": "late"}).status_code == 200
        assert_unavailable(client, "/v1/predictions?since=0", "database does not answer")
        holder.execute("ROLLBACK")
        holder.close()
        assert len(client.get("/v1/predictions").json()["items"]) == 1


def test_a_fault_of_ours_is_a_problem_without_a_trace(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("c4n4ry")

    monkeypatch.setattr("inference.classifier.Classifier.predict", fail)
    response = client.post("/v1/predictions", json={"text": "c4n4ry"})
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert "c4n4ry" not in response.text
