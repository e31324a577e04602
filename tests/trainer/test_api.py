"""With which key the trainer asks the API, and with which password MLflow: seen by a server that writes it down."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pydantic import SecretStr

from trainer.api import Api, ApiRefused
from trainer.registry import connect
from trainer.settings import Settings

MOVE = {
    "at": "2026-03-01T12:00:00Z",
    "kind": "promotion",
    "by": "ada",
    "reason": "better",
    "from_version": "1",
    "from_digest": None,
    "to_version": "2",
    "to_digest": None,
}
EMPTY = {"items": [], "next_since": 0, "champion": None}
EXPERIMENT = {"experiment": {"experiment_id": "1", "name": "tweet-sentiment", "lifecycle_stage": "active"}}
ANSWERS: dict[str, object] = {
    "/v1/promotions": MOVE,
    "/v1/rollbacks": MOVE,
    "/v1/drift-reports": {"report_id": "r"},
    "/api/2.0/mlflow/experiments/get-by-name": EXPERIMENT,
}


@dataclass
class Asked:
    url: str = ""
    keys: dict[str, str | None] = field(default_factory=dict)


@contextmanager
def writing_down(status: int = 200) -> Iterator[Asked]:
    asked = Asked()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            path = self.path.partition("?")[0]
            asked.keys[path] = self.headers.get("Authorization")
            answer = ANSWERS.get(path, EMPTY) if status == 200 else {"detail": "This needs the scope admin."}
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    asked.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("api_key", "owner_key", "usual", "moving"),
    [
        ("", "", None, None),
        ("k3y", "", "Bearer k3y", "Bearer k3y"),
        ("", "s3cret", "Bearer s3cret", "Bearer s3cret"),
        ("k3y", "s3cret", "Bearer k3y", "Bearer s3cret"),
    ],
)
def test_the_api_key_goes_with_everything_and_the_owners_before_it_with_what_only_an_owner_may(
    api_key: str, owner_key: str, usual: str | None, moving: str | None
) -> None:
    with writing_down() as asked:
        api = Api(Settings(api_url=asked.url, api_key=SecretStr(api_key), owner_key=SecretStr(owner_key)))
        list(api.predictions(0)), list(api.judgements(0)), api.journal()
        api.promote("2", reason="better", by="ada"), api.roll_back(reason="worse", by="ada")
        api.send_drift_report({})
    assert asked.keys == {
        "/v1/predictions": usual,
        "/v1/feedback": usual,
        "/v1/journal": usual,
        "/v1/promotions": moving,
        "/v1/rollbacks": moving,
        "/v1/drift-reports": moving,
    }


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_not_taken_says_which_variable_to_set(status: int) -> None:
    with writing_down(status) as asked, pytest.raises(ApiRefused) as refusal:
        Api(Settings(api_url=asked.url, api_key=SecretStr("k3y"))).promote("2", reason="better", by="ada")
    assert str(refusal.value).startswith("This needs the scope admin. ") and "TRAINER_API_KEY" in str(refusal.value)
    assert "k3y" not in str(refusal.value)


@pytest.fixture
def mlflow_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """What `connect` sets is taken back after the test, and so is where it points MLflow."""
    import mlflow

    monkeypatch.chdir(tmp_path)
    for name in ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_EXPERIMENT_ID"):
        monkeypatch.setenv(name, "")
    tracking, registry = mlflow.get_tracking_uri(), mlflow.get_registry_uri()
    yield
    mlflow.set_tracking_uri(tracking)
    mlflow.set_registry_uri(registry)


@pytest.mark.usefixtures("mlflow_variables")
def test_mlflow_is_asked_with_the_password_of_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "trainer_mlflow_password").write_text("pass: wörd\n", encoding="utf-8")
    monkeypatch.setenv("TRAINER_SECRETS_DIR", str(tmp_path))
    with writing_down() as asked:
        connect(Settings(tracking_uri=asked.url))
    said = asked.keys["/api/2.0/mlflow/experiments/get-by-name"]
    assert said is not None and said.startswith("Basic ")
    assert base64.b64decode(said.removeprefix("Basic ")).decode() == "trainer:pass: wörd"


@pytest.mark.usefixtures("mlflow_variables")
def test_without_a_password_mlflow_is_asked_without_one() -> None:
    with writing_down() as asked:
        connect(Settings(tracking_uri=asked.url))
    assert asked.keys["/api/2.0/mlflow/experiments/get-by-name"] is None
