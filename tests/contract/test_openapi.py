"""The committed description of the API is the one the code gives."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from inference import openapi
from inference.access.scopes import SCOPES
from inference.app import create_app

COMMITTED = Path(__file__).parents[2] / "services" / "inference" / "openapi.json"
ROUTES = {
    "POST /v1/predictions": {200, 400, 401, 403, 408, 413, 415, 422, 429, 503},
    "GET /v1/predictions": {200, 401, 403, 422, 429, 503},
    "POST /v1/predictions/batch": {200, 400, 401, 403, 408, 413, 415, 422, 429, 503},
    "POST /v1/predictions/{prediction_id}/explanation": {200, 401, 403, 404, 410, 422, 429, 503},
    "POST /v1/comparisons": {200, 400, 401, 403, 408, 413, 415, 422, 429, 503},
    "POST /v1/feedback": {201, 400, 401, 403, 404, 408, 413, 415, 422, 429, 503},
    "GET /v1/feedback": {200, 401, 403, 422, 429, 503},
    "GET /v1/alerts": {200, 401, 403, 422, 429, 503},
    "GET /v1/alerts/{alert_id}": {200, 401, 403, 404, 422, 429, 503},
    "POST /v1/alerts/{alert_id}/acknowledge": {200, 400, 401, 403, 404, 408, 413, 415, 422, 429, 503},
    "GET /v1/activity": {200, 401, 403, 422, 429, 503},
    "POST /v1/alert-tests": {200, 401, 403, 409, 429, 503},
    "POST /v1/drift-reports": {201, 400, 401, 403, 408, 413, 415, 422, 429, 503},
    "GET /v1/drift-reports": {200, 401, 403, 422, 429, 503},
    "GET /v1/shadow": {200, 401, 403, 429, 503},
    "GET /v1/review-queue": {200, 401, 403, 422, 429, 503},
    "POST /v1/promotions": {201, 400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 503},
    "POST /v1/rollbacks": {201, 400, 401, 403, 408, 409, 413, 415, 422, 429, 503},
    "GET /v1/journal": {200, 401, 403, 422, 429, 503},
    "GET /v1/models": {200, 401, 403, 422, 429, 503},
    "GET /v1/model": {200, 401, 403, 429, 503},
    "GET /health/live": {200},
    "GET /health/ready": {200, 503},
    "GET /metrics": {200, 401, 403, 429},
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


def operations() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, methods in json.loads(COMMITTED.read_text(encoding="utf-8"))["paths"].items():
        yield from ((f"{method.upper()} {path}", operation) for method, operation in methods.items())


def test_every_route_but_health_declares_the_keys_that_open_it() -> None:
    components = json.loads(COMMITTED.read_text(encoding="utf-8"))["components"]
    assert components["securitySchemes"]["ApiKey"]["name"] == "X-API-Key"
    assert components["securitySchemes"]["Bearer"]["scheme"] == "bearer"
    for name, operation in operations():
        if name.startswith("GET /health/"):
            assert "security" not in operation
            continue
        # The committed one is of a service without keys: nothing is a choice too.
        assert operation["security"][0] == {}, name
        choices = [(scheme, scope) for choice in operation["security"] for scheme, [scope] in choice.items()]
        scopes = {scope for _, scope in choices}
        assert scopes and scopes <= set(SCOPES), name
        assert sorted(choices) == sorted((scheme, scope) for scope in scopes for scheme in ("ApiKey", "Bearer")), name
        assert all(f"`{scope}`" in operation["description"] for scope in scopes), name


def test_no_route_is_left_out_of_the_description() -> None:
    routes = [each for each in iter_route_contexts(create_app().routes) if isinstance(each.original_route, APIRoute)]
    found = {f"{method} {route.path_format}" for route in routes for method in route.methods or ()}
    assert found - {"GET /docs"} == ROUTES.keys()


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
