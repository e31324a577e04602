"""What people do at the service, over HTTP: they reject, and look at the alerts that come of it."""

from collections.abc import Callable, Mapping
from typing import cast

from fastapi.testclient import TestClient
from pydantic import SecretStr

WaitFor = Callable[..., None]
Fields = dict[str, object]


def told_at(*addresses: str) -> Fields:
    return {"alert_urls": SecretStr(" ".join(f"json://{address}/" for address in addresses))}


def reject(client: TestClient, *, reviewer: str | None = None, text: str = "late") -> str:
    prediction_id: str = client.post("/v1/predictions", json={"text": text}).json()["prediction_id"]
    body = {"prediction_id": prediction_id, "verdict": "rejected", "label": "positive", "reviewer": reviewer}
    response = client.post("/v1/feedback", json=body)
    assert response.status_code == 201, response.text
    return prediction_id


def found(client: TestClient, **wanted: str) -> list[Fields]:
    response = client.get("/v1/alerts", params=wanted)
    assert response.status_code == 200, response.text
    return cast(list[Fields], response.json()["items"])


def details(client: TestClient, alert: Mapping[str, object]) -> Fields:
    return cast(Fields, client.get(f"/v1/alerts/{alert['alert_id']}").json())


def states(client: TestClient, alert: Mapping[str, object]) -> list[str]:
    return sorted(each["state"] for each in cast(list[dict[str, str]], details(client, alert)["deliveries"]))


def alarm(client: TestClient, wait_for: WaitFor, text: str = "late") -> Fields:
    for _ in range(3):
        reject(client, text=text)
    wait_for(lambda: found(client) != [])
    [alert] = found(client)
    return alert
