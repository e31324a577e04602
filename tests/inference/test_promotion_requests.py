"""What a promotion, a rollback, and a look at the journal must say, and who may ask for the first two."""

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from tests.inference.gated import Fields, StartApp


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": " \t\n"}, "reason"),
        ({"reason": "a\0b"}, "reason"),
        ({"reason": "x" * 1001}, "reason"),
        ({"reason": 5}, "reason"),
        ({"by": " "}, "by"),
        ({"by": "a\0b"}, "by"),
        ({"by": "x" * 129}, "by"),
        ({"version": "abc def"}, "version"),
        ({"version": ""}, "version"),
        ({"version": "-1"}, "version"),
        ({"version": "1\n"}, "version"),
        ({"version": 1}, "version"),
        ({"version": "Challenger"}, "version"),
        ({"version": "../1"}, "version"),
        ({"version": "1" * 19}, "version"),
        ({"force": True}, "body"),
    ],
)
def test_a_request_that_does_not_fit_is_refused_by_its_field(client: TestClient, changes: Fields, field: str) -> None:
    body = {"version": "1", "reason": "better", "by": "Ann"} | changes
    response = client.post("/v1/promotions", json=body)
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, field)
    if not {"version"} & changes.keys():
        response = client.post("/v1/rollbacks", json={"reason": "better", "by": "Ann"} | changes)
        assert (response.status_code, response.json()["errors"][0]["field"]) == (422, field)


@pytest.mark.parametrize("path", ["/v1/promotions", "/v1/rollbacks"])
def test_whoever_has_the_owners_key_and_nobody_else_may_move_the_champion(start_app: StartApp, path: str) -> None:
    body = {"version": "1", "reason": "better", "by": "Ann"}
    if path == "/v1/rollbacks":
        del body["version"]
    with start_app(owner_key=SecretStr("the key ü")) as client:
        key = "the key ü".encode()
        for headers in (
            {},
            {"authorization": b"Bearer another"},
            {"authorization": b"Basic " + key},
            {"authorization": key},
            {"x-api-key": b""},
            {"x-api-key": key[:-1]},
            {"x-api-key": b"\xff"},
            # One that is wrong is not helped by another.
            {"authorization": b"Bearer another", "x-api-key": key},
        ):
            response = client.post(path, json=body, headers=headers)
            assert response.status_code == 401, headers
            assert response.headers["www-authenticate"] == "Bearer"
            assert "the key" not in response.text
        # It is asked for before anything is looked at.
        assert client.post(path, json={}).status_code == 401
        for headers in ({"authorization": b"Bearer " + key}, {"x-api-key": key}, {"authorization": b"bearer " + key}):
            assert client.post(path, json=body, headers=headers).status_code == 409  # no registry is set
        for open_path in ("/v1/journal", "/v1/predictions"):
            assert client.get(open_path).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        {"at": "yesterday"},
        {"at": "2026-01-01T00:00:00"},
        {"at": "2026-01-01"},
        {"at": "0.5"},
        {"at": "1767225600"},
        {"at": "2026-13-01T00:00:00Z"},
        {"at": "٢٠٢٦-01-01T00:00:00Z"},
        {"at": "0001-01-01T00:00:00+14:00"},
        {"at": "9999-12-31T23:59:59-14:00"},
        {"at": ""},
        {"limit": "0"},
        {"limit": "1001"},
    ],
)
def test_a_moment_needs_its_zone_and_must_be_one(client: TestClient, query: dict[str, str]) -> None:
    response = client.get("/v1/journal", params=query)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] in query
