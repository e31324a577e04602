"""The committed description of the API is the one the code gives."""

import json
from pathlib import Path

import pytest

from inference import openapi
from inference.app import create_app

COMMITTED = Path(__file__).parents[2] / "services" / "inference" / "openapi.json"
ROUTES = {
    "POST /v1/predictions": {200, 400, 408, 413, 415, 422, 429, 503},
    "GET /v1/predictions": {200, 422, 429, 503},
    "POST /v1/predictions/batch": {200, 400, 408, 413, 415, 422, 429, 503},
    "POST /v1/predictions/{prediction_id}/explanation": {200, 404, 410, 422, 429, 503},
    "POST /v1/comparisons": {200, 400, 408, 413, 415, 422, 429, 503},
    "POST /v1/feedback": {201, 400, 404, 408, 413, 415, 422, 429, 503},
    "GET /v1/feedback": {200, 422, 429, 503},
    "GET /v1/alerts": {200, 422, 429, 503},
    "GET /v1/alerts/{alert_id}": {200, 404, 422, 429, 503},
    "POST /v1/alerts/{alert_id}/acknowledge": {200, 400, 404, 408, 413, 415, 422, 429, 503},
    "GET /v1/activity": {200, 422, 429, 503},
    "POST /v1/alert-tests": {200, 409, 429, 503},
    "POST /v1/drift-reports": {201, 400, 401, 408, 413, 415, 422, 429, 503},
    "GET /v1/drift-reports": {200, 422, 429, 503},
    "GET /v1/shadow": {200, 429, 503},
    "GET /v1/review-queue": {200, 422, 429, 503},
    "POST /v1/promotions": {201, 400, 401, 404, 408, 409, 413, 415, 422, 429, 503},
    "POST /v1/rollbacks": {201, 400, 401, 408, 409, 413, 415, 422, 429, 503},
    "GET /v1/journal": {200, 422, 429, 503},
    "GET /v1/models": {200, 422, 429, 503},
    "GET /v1/model": {200, 429, 503},
    "GET /health/live": {200},
    "GET /health/ready": {200, 503},
    "GET /metrics": {200},
}


def test_the_committed_description_is_fresh() -> None:
    fresh = openapi.render(create_app().openapi())
    assert COMMITTED.read_text(encoding="utf-8") == fresh, "run `python -m inference.openapi`"


def answer_type(path: str) -> str:
    return "text/plain" if path == "/metrics" else "application/json"


def test_every_route_declares_every_status_and_problems_as_such() -> None:
    paths = json.loads(COMMITTED.read_text(encoding="utf-8"))["paths"]
    found = {}
    for path, operations in paths.items():
        for method, operation in operations.items():
            found[f"{method.upper()} {path}"] = {int(status) for status in operation["responses"]}
            for status, response in operation["responses"].items():
                kind = "application/problem+json" if int(status) >= 400 else answer_type(path)
                assert list(response["content"]) == [kind]
    assert found == ROUTES


def test_the_command_writes_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "openapi.json"
    monkeypatch.setattr("sys.argv", ["openapi"])
    openapi.main(path)
    assert path.read_text(encoding="utf-8") == COMMITTED.read_text(encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["openapi", "--check"])
    openapi.main(path)
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(SystemExit, match="is stale"):
        openapi.main(path)
