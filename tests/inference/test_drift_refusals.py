"""Drift reports that are not taken: what does not fit, what is too much, and who is not the owner."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from tests.inference.drifting import Fields, body

StartApp = Callable[..., AbstractContextManager[TestClient]]

CANARY = "c4n4ry"


def kept(client: TestClient) -> list[object]:
    items: list[object] = client.get("/v1/drift-reports").json()["items"]
    return items


def monitored(**changes: object) -> Fields:
    monitor: Fields = {"name": "m", "statistic": 0.1, "threshold": 0.2, "moved": False, "words": "w"}
    return {"monitors": [monitor | changes]}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"state": CANARY}, "state"),
        ({"model_digest": CANARY}, "model_digest"),
        ({"model_digest": "D" * 64}, "model_digest"),
        ({"model_version": ""}, "model_version"),
        ({"model_version": f"{CANARY}\nalert_opened rule=rate"}, "model_version"),
        ({"model_version": "x" * 101}, "model_version"),
        ({"model_version": 3}, "model_version"),
        ({"reasons": CANARY}, "reasons"),
        ({"reasons": [CANARY] * 21}, "reasons"),
        ({"reasons": [f"{CANARY}\0"]}, "reasons.0"),
        ({"reasons": ["x" * 301]}, "reasons.0"),
        ({"windows": -1}, "windows"),
        ({"predictions": 1.5}, "predictions"),
        ({"predictions": True}, "predictions"),
        ({"since": 2**63}, "since"),
        ({"until": 3999}, "until"),
        ({"reference": f"{CANARY}\0"}, "reference"),
        ({"link": f"javascript:{CANARY}"}, "link"),
        ({"link": f"https://x/{CANARY} <b>"}, "link"),
        ({"link": f"https://x/{CANARY}\0"}, "link"),
        ({CANARY: 1}, "body"),
        (monitored(name=""), "monitors.0.name"),
        (monitored(name=f"{CANARY}\0"), "monitors.0.name"),
        (monitored(statistic="0.1"), "monitors.0.statistic"),
        (monitored(threshold=10**400), "monitors.0.threshold"),
        (monitored(moved=1), "monitors.0.moved"),
        (monitored(words="x" * 301), "monitors.0.words"),
        (monitored(canary=1), "body.monitors.0"),
        ({"monitors": monitored()["monitors"] * 41}, "monitors"),  # type: ignore[operator]
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused_with_the_name_of_the_field(
    client: TestClient, changes: Fields, field: str
) -> None:
    response = client.post("/v1/drift-reports", json=body(**changes))
    assert response.status_code == 422, response.text
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert CANARY not in response.text
    assert kept(client) == []


@pytest.mark.parametrize("missing", [name for name in body() if name != "link"])
def test_nothing_but_the_link_may_be_left_out(client: TestClient, missing: str) -> None:
    given = {name: value for name, value in body().items() if name != missing}
    response = client.post("/v1/drift-reports", json=given)
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, missing)


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"{", 400), (b'{"windows": NaN}', 400), (json.dumps(body(link="x" * 20_000)).encode(), 413)],
    ids=["half", "not a number", "too large"],
)
def test_what_is_no_json_or_too_much_of_it_is_not_read(client: TestClient, content: bytes, status: int) -> None:
    headers = {"content-type": "application/json"}
    assert client.post("/v1/drift-reports", content=content, headers=headers).status_code == status


# --- who may


def test_where_there_is_an_owners_key_only_its_holder_may_report_and_everybody_may_read(start_app: StartApp) -> None:
    with start_app(owner_key=SecretStr("k-3-y")) as client:
        for headers in ({}, {"Authorization": "Bearer other"}, {"X-API-Key": "k-3-y-"}):
            refused = client.post("/v1/drift-reports", json=body(), headers=headers)
            assert refused.status_code == 401
            assert refused.headers["content-type"] == "application/problem+json"
        # Whoever is not the owner does not learn whether it would have fitted.
        assert client.post("/v1/drift-reports", json={}).status_code == 401
        assert kept(client) == []
        for headers in ({"Authorization": "Bearer k-3-y"}, {"X-API-Key": "k-3-y"}):
            assert client.post("/v1/drift-reports", json=body(), headers=headers).status_code == 201
        assert len(kept(client)) == 1
