"""What Prometheus reads at /metrics: names and labels that the dashboards and alerts rest on."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from uuid_utils import uuid7

from inference.app import create_app
from inference.classifier import load_classifier
from inference.errors import BundleRefused
from inference.metrics import BUCKETS, Metrics
from inference.registry import RegistryVersion
from inference.settings import Settings
from tests.inference.running import Wire, build_request, serving

Make = Callable[..., Path]
StartApp = Callable[..., AbstractContextManager[TestClient]]
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]

SINGLE, BATCH = "/v1/predictions", "/v1/predictions/batch"


def parse(content: str) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(content)
        for sample in family.samples
    }


def scrape(client: TestClient) -> Samples:
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    return parse(response.text)


def value_of(samples: Samples, name: str, **labels: str) -> float:
    return samples.get((f"inference_{name}", frozenset(labels.items())), 0.0)


def post(client: TestClient, text: str) -> int:
    return client.post(SINGLE, json={"text": text}).status_code


def test_requests_are_counted_by_route_and_status_and_their_time_is_a_histogram(client: TestClient) -> None:
    statuses = [post(client, text) for text in ("late", "thanks", " ", "x" * 1001)]
    assert statuses == [200, 200, 422, 422]
    client.get("/c4n4ry")
    client.post("/v1/feedback", json={"prediction_id": "c4n4ry", "verdict": "confirmed"})
    samples = scrape(client)
    for labels, count in (
        ({"method": "POST", "route": SINGLE, "status": "200"}, 2),
        ({"method": "POST", "route": SINGLE, "status": "422"}, 2),
        ({"method": "POST", "route": "/v1/feedback", "status": "404"}, 1),
        ({"method": "GET", "route": "unknown", "status": "404"}, 1),
    ):
        assert value_of(samples, "requests_total", **labels) == count
    buckets = [value_of(samples, "request_seconds_bucket", route=SINGLE, le=str(edge)) for edge in BUCKETS]
    assert buckets == sorted(buckets)
    assert value_of(samples, "request_seconds_bucket", route=SINGLE, le="+Inf") == 4
    assert value_of(samples, "request_seconds_count", route=SINGLE) == 4
    assert 0 < value_of(samples, "request_seconds_sum", route=SINGLE) < 60
    assert not any("c4n4ry" in label for _, labels in samples for _, label in labels)


def test_texts_are_counted_by_label_and_version(client: TestClient, make_bundle: Make) -> None:
    post(client, "late")
    post(client, "fine")
    client.post(BATCH, json={"texts": ["late", "thanks", "thanks"]})
    client.post(BATCH, json={"texts": ["late", " "]})
    champion = client.app.state.resources.champion  # type: ignore[attr-defined]
    champion.serve(load_classifier(make_bundle()), RegistryVersion(version="7"))
    post(client, "thanks")
    samples = scrape(client)
    assert value_of(samples, "predictions_total", label="negative", model_version="pretrained") == 3
    assert value_of(samples, "predictions_total", label="positive", model_version="pretrained") == 2
    assert value_of(samples, "predictions_total", label="positive", model_version="7") == 1
    assert value_of(samples, "predictions_abstained_total", model_version="pretrained") == 1


def test_the_version_that_serves_is_one_and_those_before_are_none(client: TestClient, make_bundle: Make) -> None:
    champion = client.app.state.resources.champion  # type: ignore[attr-defined]
    before = champion.served.classifier.digest
    assert value_of(scrape(client), "model_serving", model_version="pretrained", digest=before) == 1
    after = load_classifier(make_bundle("after", changes={"name": "after"}))
    champion.serve(after, RegistryVersion(version="7"))
    samples = scrape(client)
    assert value_of(samples, "model_serving", model_version="pretrained", digest=before) == 0
    assert value_of(samples, "model_serving", model_version="7", digest=after.digest) == 1


def damage(bundle: Path, name: str) -> None:
    (bundle / name).write_bytes(b"damaged")


@pytest.mark.parametrize(
    ("changes", "damaged", "reason"),
    [
        ({}, "model.onnx", "hash"),
        ({}, "model.json", "description"),
        ({"changes": {"labels": ["bad", "good"]}}, None, "labels"),
        ({"changes": {"golden": [{"text": "late", "probabilities": [0.1, 0.9]}]}}, None, "golden"),
        ({"graph": b"not a graph"}, None, "graph"),
        ({"tokenizer": "{}"}, None, "tokenizer"),
    ],
)
def test_a_bundle_that_is_refused_at_the_start_is_counted_by_its_reason(
    make_bundle: Make, start_app: StartApp, changes: dict[str, object], damaged: str | None, reason: str
) -> None:
    bundle = make_bundle("broken", **changes)
    if damaged is not None:
        damage(bundle, damaged)
    with start_app(bundle=bundle) as client:
        samples = scrape(client)
    counted = {labels: value for (name, labels), value in samples.items() if name == "model_load_failures_total"}
    assert counted == {frozenset({("reason", reason)}): 1}


def test_each_refusal_is_counted_and_the_model_in_memory_goes_on(client: TestClient) -> None:
    champion = client.app.state.resources.champion  # type: ignore[attr-defined]
    for reason in ("missing", "golden", "golden"):
        champion.refuse("8", BundleRefused("said in words", reason))
    samples = scrape(client)
    assert samples[("model_load_failures_total", frozenset({("reason", "golden")}))] == 2
    assert samples[("model_load_failures_total", frozenset({("reason", "missing")}))] == 1
    assert post(client, "late") == 200


def test_rows_are_counted_on_their_way(client: TestClient) -> None:
    client.post(BATCH, json={"texts": ["late"] * 5})
    client.get(SINGLE)
    samples = scrape(client)
    assert value_of(samples, "prediction_log_rows_total") == 5
    assert value_of(samples, "prediction_log_waiting_bytes") == 0
    assert ("inference_prediction_log_lost_rows_total", frozenset()) in samples


def test_over_quota_is_counted(start_app: StartApp) -> None:
    with start_app(quota_per_second=0.001, quota_burst=1) as client:
        assert [post(client, "late") for _ in range(3)] == [200, 429, 429]
        assert value_of(scrape(client), "requests_over_quota_total") == 2


def waiting_verdict() -> bytes:
    """On a prediction of this moment, which another machine may yet bring in: it is waited for."""
    return build_request("/v1/feedback", b'{"prediction_id": "%s", "verdict": "confirmed"}' % str(uuid7()).encode())


def test_what_is_in_flight_and_what_was_shed_is_told_of_a_crowd(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, wait_for: Callable[..., None]
) -> None:
    monkeypatch.setattr("inference.metrics.WATCH_SECONDS", 0.02)
    app = create_app(settings.model_copy(update={"max_in_flight": 1, "drain_seconds": 0.0}))
    with serving(app) as url, Wire(url) as first, Wire(url) as second, Wire(url) as other:

        def samples() -> Samples:
            return parse(other.ask(build_request("/metrics", b"", "GET")).body.decode())

        first.send(waiting_verdict())
        second.send(waiting_verdict())
        # Beside the two that wait for another machine, the one that asks.
        wait_for(lambda: value_of(samples(), "requests_in_flight") >= 2)
        assert other.ask(build_request(SINGLE, b'{"text": "late"}')).status == 503
        assert (
            other.ask(*(build_request(SINGLE, b'{"text": "late"}')[cut] for cut in (slice(9), slice(9, None)))).status
            == 503
        )
        found = samples()
        assert value_of(found, "requests_shed_total") == 2
        assert value_of(found, "requests_in_flight_limit") == 1
        for waiting in (first, second):
            assert waiting.read().status == 404
        wait_for(lambda: value_of(samples(), "requests_in_flight") <= 1)


def test_two_apps_in_one_process_count_each_for_itself() -> None:
    first, second = Metrics(), Metrics()
    first.count_request("GET", "/v1/model", 200, 0.1)
    assert b'requests_total{method="GET",route="/v1/model",status="200"} 1.0' in first.render()
    assert b"/v1/model" not in second.render()
