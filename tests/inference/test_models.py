"""The registered versions as the API lists them, from a real MLflow."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from inference import registry
from inference.registry import Registry
from tests.inference.faulty_registry import faulty_registry
from tests.inference.gated import FAILED, Fields, Gated, Make, RegisteredModel, StartApp

FIGURES: Fields = {
    "metrics": [
        {
            "dataset": "us_airline",
            "split": "test",
            "size": 1092,
            "accuracy": 0.9322,
            "accuracy_low": 0.9158,
            "accuracy_high": 0.9457,
            "macro_f1": 0.8905,
        }
    ],
    "microseconds": 63.8,
    "megabytes": 4.552,
}


@pytest.fixture
def gated(registered_model: RegisteredModel, make_bundle: Make) -> Gated:
    return Gated(registered_model, make_bundle)


@pytest.fixture
def service(gated: Gated, start_app: StartApp, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr("inference.registry_access.ANSWER_SECONDS", 60)
    with start_app(**gated.settings) as client:
        yield client


def models(client: TestClient, **query: int) -> Fields:
    response = client.get("/v1/models", params=query)
    assert response.status_code == 200, response.text
    found: Fields = response.json()
    return found


def items(client: TestClient, **query: int) -> list[Fields]:
    found = models(client, **query)["items"]
    assert isinstance(found, list)
    return found


def test_each_version_is_listed_with_its_verdict_and_its_card_the_latest_first(
    service: TestClient, gated: Gated
) -> None:
    one = gated.first_champion()
    two = gated.judged("two", against=one)
    gated.judge(two, one, passed=False, checks=FAILED)
    gated.tag(two, "candidate", "bigru_distilled")
    gated.tag(two, "dataset", "sentiment140+us_airline:4")
    gated.describe(two, "# Version 2\n\nIt reads **both** ways: <script>, é.")
    gated.tag(two, "figures", json.dumps(FIGURES))
    gated.tag(two, "experiment_id", "17")
    gated.move_by_hand(two, "challenger")
    gated.move_by_hand(one, "best-so-far")
    found = models(service)
    assert (found["registered_model"], found["champion"], found["challenger"]) == (gated.name, one, two)
    second, first = items(service)
    created_at = datetime.fromisoformat(str(second.pop("created_at")))
    assert abs(datetime.now(UTC) - created_at) < timedelta(minutes=5)
    verdict = second.pop("verdict")
    assert isinstance(verdict, dict)
    assert (verdict["passed"], verdict["checks"], verdict["against_version"]) == (False, FAILED, one)
    assert str(second.pop("refusal")).startswith(f"Version {two} did not pass the gate.")
    assert second == {
        "version": two,
        "digest": gated.digests[two],
        "candidate": "bigru_distilled",
        "dataset": "sentiment140+us_airline:4",
        "aliases": ["challenger"],
        "card": "# Version 2\n\nIt reads **both** ways: <script>, é.",
        "figures": FIGURES,
        "run_id": gated.run_of(two),
        "experiment_id": "17",
    }
    assert (first["version"], first["aliases"]) == (one, ["best-so-far", "champion"])
    assert (first["candidate"], first["dataset"], first["verdict"], first["card"]) == (None, None, None, None)
    assert (first["figures"], first["run_id"], first["experiment_id"]) == (None, gated.run_of(one), None)


def test_each_says_what_a_promotion_would_be_refused_with(service: TestClient, gated: Gated) -> None:
    one = gated.first_champion()
    passed = gated.judged("passed", against=one)
    unjudged = gated.register("unjudged")
    refusals = {each["version"]: each["refusal"] for each in items(service)}
    assert refusals[passed] is None
    for number in (unjudged, one):
        answer = service.post("/v1/promotions", json={"version": number, "reason": "why not", "by": "Ana"})
        assert (answer.status_code, answer.json()["detail"]) == (409, refusals[number])


@pytest.mark.parametrize("tag", ["passed", "{}", json.dumps({"passed": True}), "x" * 5000])
def test_a_verdict_that_cannot_be_read_is_none(service: TestClient, gated: Gated, tag: str) -> None:
    gated.tag(gated.register("one"), "gate", tag)
    assert [each["verdict"] for each in items(service)] == [None]


def test_figures_and_runs_come_with_the_listing_and_no_request_more(start_app: StartApp, gated: Gated) -> None:
    for number in range(5):
        gated.tag(gated.register(f"bundle {number}"), "figures", json.dumps(FIGURES))
    with faulty_registry(gated.url) as line, start_app(mlflow_url=line.url, registered_model=gated.name) as client:
        assert [each["figures"] for each in items(client)] == [FIGURES] * 5
        asked = [path.rpartition("/mlflow/")[2] for _, path in line.asked]
    assert asked.count("model-versions/search") == 1
    assert set(asked) <= {"model-versions/search", "registered-models/get", "registered-models/alias"}


def test_a_version_that_no_run_made_has_no_run(service: TestClient, gated: Gated) -> None:
    gated.post("model-versions/create", {"source": "s3://bundles/by-hand"})
    [found] = items(service)
    assert (found["run_id"], found["experiment_id"], found["figures"]) == (None, None, None)


@pytest.mark.parametrize("tag", ["", "1/../../runs", "1#", "-1", "javascript:1", "1 ", "9" * 300])
def test_an_experiment_that_would_not_fit_into_an_address_is_none(service: TestClient, gated: Gated, tag: str) -> None:
    gated.tag(gated.register("one"), "experiment_id", tag)
    assert [each["experiment_id"] for each in items(service)] == [None]


def test_as_many_as_are_asked_for_over_any_number_of_pages(
    service: TestClient, gated: Gated, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [gated.register(f"bundle {number}") for number in range(11)]
    latest = numbers[::-1]
    assert [each["version"] for each in items(service)] == latest
    assert [each["version"] for each in items(service, limit=10)] == latest[:10]
    monkeypatch.setattr(registry, "PAGE_VERSIONS", 4)
    assert [each["version"] for each in items(service)] == latest
    assert [each["version"] for each in items(service, limit=7)] == latest[:7]
    for wrong in (0, 1001):
        assert service.get("/v1/models", params={"limit": wrong}).status_code == 422


def test_an_empty_registry_has_no_versions_and_no_aliases(service: TestClient, gated: Gated) -> None:
    assert models(service) == {"registered_model": gated.name, "champion": None, "challenger": None, "items": []}


def test_a_registered_model_that_does_not_exist_is_empty_too(mlflow_server: str, start_app: StartApp) -> None:
    with start_app(mlflow_url=mlflow_server, registered_model="it's none") as client:
        assert models(client)["items"] == []


def test_a_version_that_was_deleted_is_not_listed(service: TestClient, gated: Gated) -> None:
    one, two = gated.register("one"), gated.register("two")
    gated.forget(two)
    assert [each["version"] for each in items(service)] == [one]
    with Registry(gated.url, gated.name) as open_registry:
        assert open_registry.fetch_details(two) is None


# --- MLflow away


def test_mlflow_that_is_away_is_503(start_app: StartApp, unused_url: str) -> None:
    with start_app(mlflow_url=unused_url) as client:
        response = client.get("/v1/models")
    assert (response.status_code, response.headers["content-type"]) == (503, "application/problem+json")
    assert response.json()["detail"] == "The registry gives no usable answer: ConnectionError."
    assert "retry-after" in response.headers


def test_without_a_registry_the_setting_is_named(client: TestClient) -> None:
    response = client.get("/v1/models")
    assert (response.status_code, response.json()["detail"]) == (503, "No registry is set: INFERENCE_MLFLOW_URL.")


def test_mlflow_that_says_nothing_is_503_in_time_and_others_are_answered_meanwhile(start_app: StartApp) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        host, port = listener.getsockname()
        with start_app(mlflow_url=f"http://{host}:{port}") as client:
            client.get("/v1/journal")
            answers: list[tuple[int, float]] = []

            def ask() -> None:
                began = time.monotonic()
                status = client.get("/v1/models").status_code
                answers.append((status, time.monotonic() - began))

            threads = [threading.Thread(target=ask) for _ in range(12)]
            for thread in threads:
                thread.start()
            began = time.monotonic()
            assert client.post("/v1/predictions", json={"text": "late"}).status_code == 200
            assert client.get("/v1/journal").status_code == 200
            took = time.monotonic() - began
            for thread in threads:
                thread.join()
    assert [status for status, _ in answers] == [503] * 12
    assert max(seconds for _, seconds in answers) < 8
    assert took < 4
