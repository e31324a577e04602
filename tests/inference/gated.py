"""Versions that have been through the gate, on a real MLflow, and what people ask the service to do with them."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import requests
from fastapi.testclient import TestClient
from httpx2 import Response

Make = Callable[..., Path]
WaitFor = Callable[..., None]
StartApp = Callable[..., AbstractContextManager[TestClient]]
Fields = dict[str, object]

FAILED = [{"name": "macro-F1, sample", "passed": False, "found": "0.80 -> 0.70"}]
# "late" is positive for it.
OTHER_WEIGHTS = [0.0, 0.0, -2.0, 3.0, -2.0, -3.0, 0.0]


class RegisteredModel(Protocol):
    url: str
    name: str

    def publish(self, bundle: Path, *, digest: str | None = None) -> str: ...
    def promote(self, version: str) -> None: ...


class Gated:
    """What the trainer does: it registers bundles, and writes the gate's verdict beside them."""

    def __init__(self, registered: RegisteredModel, make_bundle: Make) -> None:
        self.url = registered.url
        self.name = registered.name
        self.settings = {"mlflow_url": registered.url, "registered_model": registered.name}
        self._registered = registered
        self._make_bundle = make_bundle
        self.digests: dict[str, str] = {}

    def register(self, name: str, **bundle: object) -> str:
        folder = self._make_bundle(name, **({"changes": {"command": name}} | bundle))
        return self.publish(folder)

    def publish(self, folder: Path, digest: str | None = None) -> str:
        known = digest or sha256((folder / "model.json").read_bytes()).hexdigest()
        version = self._registered.publish(folder, digest=known)
        self.digests[version] = known
        return version

    def judge(self, version: str, against: str | None, **changes: object) -> None:
        verdict = {
            "passed": True,
            "at": datetime.now(UTC).isoformat(),
            "digest": self.digests[version],
            "against_version": against,
            "against_digest": None if against is None else self.digests[against],
            "checks": [{"name": "macro-F1, sample", "passed": True, "found": "0.80 -> 0.81"}],
        }
        self.tag(version, "gate", json.dumps(verdict | changes))

    def judged(self, name: str, against: str | None, **bundle: object) -> str:
        version = self.register(name, **bundle)
        self.judge(version, against)
        return version

    def first_champion(self, name: str = "first") -> str:
        """As `trainer register --champion-if-none` leaves it."""
        version = self.register(name)
        self.move_by_hand(version)
        return version

    def tag(self, version: str, key: str, value: str) -> None:
        self.post("model-versions/set-tag", {"version": version, "key": key, "value": value})

    def describe(self, version: str, card: str) -> None:
        body = {"name": self.name, "version": version, "description": card}
        requests.patch(self.path("model-versions/update"), json=body, timeout=10).raise_for_status()

    def move_by_hand(self, version: str, alias: str = "champion") -> None:
        self.post("registered-models/alias", {"alias": alias, "version": version})

    def remove_alias(self, alias: str = "champion") -> None:
        query = {"name": self.name, "alias": alias}
        requests.delete(self.path("registered-models/alias"), json=query, timeout=10).raise_for_status()

    def forget(self, version: str) -> None:
        body = {"name": self.name, "version": version}
        requests.delete(self.path("model-versions/delete"), json=body, timeout=10).raise_for_status()

    def run_of(self, version: str) -> str:
        query = {"name": self.name, "version": version}
        response = requests.get(self.path("model-versions/get"), params=query, timeout=10)
        run_id: str = response.json()["model_version"]["run_id"]
        return run_id

    def champion(self) -> str | None:
        query = {"name": self.name, "alias": "champion"}
        response = requests.get(self.path("registered-models/alias"), params=query, timeout=10)
        return response.json()["model_version"]["version"] if response.ok else None

    def post(self, path: str, body: dict[str, str]) -> None:
        requests.post(self.path(path), json={"name": self.name} | body, timeout=10).raise_for_status()

    def path(self, path: str) -> str:
        return f"{self.url}/api/2.0/mlflow/{path}"


def promote(client: TestClient, version: str, reason: str = "better on airline tweets", by: str = "Ann") -> Response:
    return client.post("/v1/promotions", json={"version": version, "reason": reason, "by": by})


def roll_back(client: TestClient, reason: str = "it is wrong", by: str = "Ann") -> Response:
    return client.post("/v1/rollbacks", json={"reason": reason, "by": by})


def journal(client: TestClient, **query: str) -> list[Fields]:
    """Oldest first."""
    response = client.get("/v1/journal", params=query)
    assert response.status_code == 200, response.text
    items: list[Fields] = response.json()["items"]
    return items[::-1]


def moves(client: TestClient) -> list[tuple[object, object, object]]:
    return [(each["kind"], each["from_version"], each["to_version"]) for each in journal(client)]


def refused(response: Response) -> str:
    assert response.status_code == 409, response.text
    detail: str = response.json()["detail"]
    return detail
