"""Postgres is stopped or killed under the service: predictions go on, no verdict is promised that is not kept, and the
alert comes when it is back."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from pydantic import SecretStr

from inference.alerting.delivery_store import LEASE
from tests.inference.own_postgres import OwnPostgres, own_postgres
from tests.inference.receivers import Webhook, webhook

StartApp = Callable[..., AbstractContextManager[TestClient]]
WaitFor = Callable[..., None]


@pytest.fixture
def server(migrate_database: Callable[[str], None]) -> Iterator[OwnPostgres]:
    with own_postgres() as server:
        migrate_database(server.url)
        yield server


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as hook:
        yield hook


@pytest.fixture
def client(start_app: StartApp, server: OwnPostgres, hook: Webhook) -> Iterator[TestClient]:
    told = SecretStr(f"json://{hook.address}/")
    # Bursts only: the share of rejections rises here as well.
    with start_app(database_url=SecretStr(server.url), alert_urls=told, alert_false_alarm_every=0.0) as client:
        yield client


def predict(client: TestClient) -> str:
    response = client.post("/v1/predictions", json={"text": "late"})
    assert response.status_code == 200, response.text
    prediction_id: str = response.json()["prediction_id"]
    return prediction_id


def reject(client: TestClient, prediction_id: str) -> Response:
    body = {"prediction_id": prediction_id, "verdict": "rejected"}
    return client.post("/v1/feedback", json=body, headers={"Idempotency-Key": prediction_id})


def is_promised_later(response: Response) -> bool:
    return response.status_code == 503 and 1 <= int(response.headers["Retry-After"]) <= 3


def kept(client: TestClient) -> list[str]:
    return [item["prediction_id"] for item in client.get("/v1/feedback?limit=1000").json()["items"]]


def alerts(client: TestClient) -> list[dict[str, object]]:
    response = client.get("/v1/alerts")
    items: list[dict[str, object]] = response.json()["items"] if response.status_code == 200 else []
    return items


def wait_for_more(wait_for: WaitFor, answered: list[str], count: int) -> None:
    enough = len(answered) + count
    wait_for(lambda: len(answered) >= enough)


@pytest.mark.parametrize("ends", [OwnPostgres.stop, OwnPostgres.kill], ids=["stopped", "killed"])
def test_while_it_is_away_verdicts_are_refused_and_the_alert_comes_when_it_is_back(
    client: TestClient, server: OwnPostgres, hook: Webhook, wait_for: WaitFor, ends: Callable[[OwnPostgres], None]
) -> None:
    acknowledged = [predict(client), predict(client)]
    for prediction_id in acknowledged:
        assert reject(client, prediction_id).status_code == 201
    before = predict(client)

    ends(server)
    for prediction_id in (before, acknowledged[0]):
        assert is_promised_later(reject(client, prediction_id))
    assert is_promised_later(client.get("/v1/alerts"))
    assert is_promised_later(client.post("/v1/alert-tests"))
    during = predict(client)
    assert is_promised_later(reject(client, during))

    server.start()
    wait_for(lambda: reject(client, during).status_code == 201)
    assert reject(client, during).status_code == 201
    acknowledged.append(during)
    wait_for(lambda: len(alerts(client)) == 1)
    wait_for(lambda: len(hook.bodies) == 1)
    [alert] = alerts(client)
    assert (alert["rule"], alert["rejected"], alert["times_seen"]) == ("burst", 3, 1)
    assert kept(client) == acknowledged
    assert reject(client, before).status_code == 201


def test_of_what_was_acknowledged_until_it_was_killed_nothing_is_missing(
    client: TestClient, server: OwnPostgres, hook: Webhook, wait_for: WaitFor
) -> None:
    acknowledged: list[str] = []
    refused: list[str] = []
    is_over = threading.Event()

    def judge_on() -> None:
        while not is_over.is_set():
            prediction_id = predict(client)
            response = reject(client, prediction_id)
            assert response.status_code == 201 or is_promised_later(response)
            (acknowledged if response.status_code == 201 else refused).append(prediction_id)

    judges = [threading.Thread(target=judge_on) for _ in range(3)]
    for judge in judges:
        judge.start()
    try:
        for _ in range(2):
            wait_for_more(wait_for, acknowledged, 20)
            server.kill()
            wait_for_more(wait_for, refused, 3)
            server.start()
        wait_for_more(wait_for, acknowledged, 20)
    finally:
        is_over.set()
        for judge in judges:
            judge.join()
    assert set(acknowledged) <= set(kept(client))
    # Claimed just before it was killed, its turn comes when the lease is over.
    wait_for(lambda: hook.bodies != [], seconds=LEASE.total_seconds() + 10)
    assert [alert["state"] for alert in alerts(client)] == ["open"]
    # Killed after it was sent and before that was noted, it would come again, and show that it is the same.
    assert len({str(body["message_id"]) for body in hook.bodies}) == 1
