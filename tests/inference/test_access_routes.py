"""Which scope opens which route, what is free, and what the owner's key opens alone and beside others."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from inference.access.scopes import SCOPES
from inference.app import create_app
from inference.openapi import guarded_operations
from inference.settings import Settings
from tests.inference.keyed import SINGLE, KeyRing, add_one_of_each, predict, wired
from tests.inference.running import build_request

StartApp = Callable[..., AbstractContextManager[TestClient]]

# Nothing is wrong with this header; the door does not know it.
DOUBTFUL = "x-doubtful: 1"
WAYS = pytest.mark.parametrize("way", [[], [DOUBTFUL]], ids=["short way", "long way"])
OWNER = "the owner's \u00fc"
EXPECTED = {
    ("POST", SINGLE): {"predict"},
    ("POST", f"{SINGLE}/batch"): {"predict"},
    ("POST", f"{SINGLE}/{{prediction_id}}/explanation"): {"predict"},
    ("POST", "/v1/comparisons"): {"predict"},
    ("GET", "/v1/model"): {"predict", "read"},
    ("POST", "/v1/feedback"): {"feedback"},
    ("GET", "/v1/review-queue"): {"feedback"},
    ("POST", "/v1/alerts/{alert_id}/acknowledge"): {"feedback"},
    **{
        ("GET", path): {"read"}
        for path in (
            *(SINGLE, "/v1/feedback", "/v1/alerts", "/v1/alerts/{alert_id}", "/v1/activity", "/v1/journal"),
            *("/v1/models", "/v1/shadow", "/v1/drift-reports", "/metrics"),
        )
    },
    **{
        ("POST", path): {"admin"}
        for path in ("/v1/promotions", "/v1/rollbacks", "/v1/drift-reports", "/v1/alert-tests")
    },
}


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    ring = KeyRing(tmp_path / "api-keys")
    ring.write([])
    return ring


# --- routes


def test_every_route_names_the_scopes_that_open_it() -> None:
    operations = guarded_operations(create_app())
    assert {(method.upper(), path): set(scopes) for path, method, scopes in operations} == EXPECTED


def test_each_scope_opens_its_routes_and_no_other(start_app: StartApp, ring: KeyRing) -> None:
    keys = add_one_of_each(ring)
    with start_app(api_keys_file=ring.path) as client:
        for (method, path), scopes in EXPECTED.items():
            for scope in SCOPES:
                response = client.request(method, path, json={}, headers={"x-api-key": keys[scope]})
                # Let in, it is refused for what it sends, or finds nothing.
                assert (response.status_code == 403) == (scope not in scopes), (method, path, scope)
                assert response.status_code not in (401, 500)
                if scope not in scopes:
                    assert any(f"the scope {each}" in response.json()["detail"] for each in scopes)


def test_nobody_is_let_in_before_a_body_is_read_or_a_path_looked_up(start_app: StartApp, ring: KeyRing) -> None:
    ring.add("page")
    with start_app(api_keys_file=ring.path) as client:
        assert client.post(SINGLE, content=b"\xff" * 20_000).status_code == 401
        assert client.post("/v1/feedback", content=b"no json").status_code == 401
        assert client.get("/v1/nothing").status_code == 401
        assert client.delete(SINGLE).status_code == 401
        assert client.get("/").status_code == 401


def test_health_and_the_description_are_free(start_app: StartApp, ring: KeyRing) -> None:
    ring.add("page")
    with start_app(api_keys_file=ring.path) as client:
        free = ("/health/live", "/health/ready", "/docs", "/docs/assets/swagger-ui.css", "/openapi.json")
        for headers in ({}, {"x-api-key": "other"}):
            assert [client.get(path, headers=headers).status_code for path in free] == [200] * 5
        # What is said there of a closed service: without a key nobody may.
        paths = client.get("/openapi.json").json()["paths"]
        choices = [choice for path in paths.values() for each in path.values() for choice in each.get("security", [])]
        assert choices and {} not in choices


def test_in_production_nothing_describes_the_service_and_nothing_is_open(start_app: StartApp) -> None:
    with start_app(environment="production") as client:
        hidden = ("/docs", "/docs/assets/swagger-ui.css", "/openapi.json")
        assert [client.get(path).status_code for path in hidden] == [404] * 3
        assert client.get("/health/ready").status_code == 200
        assert client.post(SINGLE, json={"text": "late"}).status_code == 401


# --- the owner's key


def test_without_keys_everything_is_open_whatever_is_sent(start_app: StartApp, ring: KeyRing) -> None:
    for changes in ({}, {"api_keys_file": ring.path}):
        with start_app(**changes) as client:
            for headers in ({}, {"x-api-key": "c4n4ry"}, {"authorization": "Bearer c4n4ry"}):
                assert client.post(SINGLE, json={"text": "late"}, headers=headers).status_code == 200
                assert client.post("/v1/rollbacks", json={}, headers=headers).status_code == 422


@WAYS
def test_the_owners_key_alone_closes_nothing_but_its_own_routes(settings: Settings, way: list[str]) -> None:
    with wired(settings, owner_key=SecretStr(OWNER)) as wire:
        for header in ([], ["x-api-key: c4n4ry"], ["authorization: Bearer c4n4ry"]):
            assert predict(wire, *header, *way).status == 200
            assert wire.ask(build_request("/v1/rollbacks", b"{}", "POST", *header)).status == 401
        sent = build_request("/v1/rollbacks", b"{}", "POST", f"x-api-key: {OWNER}")
        assert wire.ask(sent).status == 422
        described = json.loads(wire.ask(build_request("/openapi.json", b"", "GET")).body)["paths"]
        assert {} in described[SINGLE]["post"]["security"]
        assert {} not in described["/v1/rollbacks"]["post"]["security"]


@WAYS
def test_beside_keys_the_owners_key_is_one_more_with_every_scope(
    settings: Settings, ring: KeyRing, way: list[str]
) -> None:
    ring.add("page")
    with wired(settings, api_keys_file=ring.path, owner_key=SecretStr(OWNER)) as wire:
        assert predict(wire, *way).status == 401
        assert predict(wire, f"x-api-key: {OWNER}", *way).status == 200
        for method, path in EXPECTED:
            answer = wire.ask(build_request(path, b"{}", method, f"authorization: Bearer {OWNER}"))
            assert answer.status not in (401, 403, 500), path
