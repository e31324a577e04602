"""A new champion under load: no request fails, each answer is of one version or the other, and no bad one serves."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.inference.running import Service, running

Make = Callable[..., Path]
WaitFor = Callable[..., None]
Graph = Callable[..., bytes]
CONNECTIONS = 8
ROUNDS = 20


class RegisteredModel(Protocol):
    url: str
    name: str

    def publish(self, bundle: Path) -> str: ...
    def promote(self, version: str) -> None: ...
    def publish_champion(self, bundle: Path) -> str: ...


@pytest.fixture
def service(
    registered_model: RegisteredModel, make_bundle: Make, database_url: str, tmp_path: Path, unused_url: str
) -> Iterator[Service]:
    registered_model.publish_champion(make_bundle("old"))
    registry = {"mlflow_url": registered_model.url, "registered_model": registered_model.name}
    bundle = str(make_bundle("pretrained"))
    with running(
        tmp_path, unused_url, workers="2", poll_seconds="0.1", database_url=database_url, bundle=bundle, **registry
    ) as service:
        yield service


class Load:
    """People who ask without a pause, each on a connection of their own, and what they were told."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(CONNECTIONS)]
        self.versions: Counter[str] = Counter()
        self.failures: list[str] = []

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        with requests.Session() as session:
            number = 0
            while not self._stopping.is_set():
                number += 1
                try:
                    # Another text each time: none may be answered from memory.
                    body = {"text": f"late {number} {threading.get_ident()}"}
                    response = session.post(f"{self._url}/v1/predictions", json=body, timeout=5)
                except requests.RequestException as error:
                    self.failures.append(type(error).__name__)
                    continue
                if response.status_code == 200:
                    self.versions[response.json()["model"]["version"]] += 1
                else:
                    self.failures.append(f"status {response.status_code}")


def served_by_all(service: Service) -> dict[str, float]:
    """Workers that serve each version."""
    text = requests.get(f"{service.url}/metrics", timeout=5).text
    samples = [each for family in text_string_to_metric_families(text) for each in family.samples]
    return {
        each.labels["model_version"]: each.value
        for each in samples
        if each.name == "inference_model_serving" and each.value
    }


def test_twenty_promotions_and_rollbacks_fail_no_request(
    service: Service, registered_model: RegisteredModel, make_bundle: Make, wait_for: WaitFor
) -> None:
    new = registered_model.publish(make_bundle("new", weights=[0, 0, -2, 3, -2, -3, 0]))
    wait_for(lambda: served_by_all(service) == {"1": 2.0}, seconds=30)
    slowest = 0.0
    with Load(service.url) as load:
        for version in [new, "1"] * ROUNDS:
            started = time.monotonic()
            registered_model.promote(version)
            wait_for(lambda version=version: served_by_all(service) == {version: 2.0}, seconds=60)
            slowest = max(slowest, time.monotonic() - started)
    print(f"\n{2 * ROUNDS} changes under load, the slowest {slowest:.1f} s; answers by version {dict(load.versions)}")  # noqa: T201
    assert load.failures == []
    assert load.versions.keys() == {"1", new}
    assert min(load.versions.values()) > 10
    assert "Traceback" not in service.log.read_text()


def bad_bundles(make_bundle: Make, build_graph: Graph) -> dict[str, Path]:
    """By the reason for which each is to be refused."""
    # A description of its own, or it would be known: as the digest of the one that serves.
    cut = make_bundle("cut", changes={"name": "cut"})
    (cut / "model.onnx").write_bytes((cut / "model.onnx").read_bytes()[:100])
    nan = float("nan")
    return {
        "hash": cut,
        "labels": make_bundle("labels", changes={"labels": ["angry", "happy"]}),
        "not_finite": make_bundle(
            "nan", weights=[nan] * 7, changes={"golden": [{"text": "late", "probabilities": [0.5, 0.5]}]}
        ),
        "golden": make_bundle("golden", graph=build_graph([0, 0, 1, 3, -2, -3, 0])),
        "graph": make_bundle("graph", graph=build_graph([0] * 7, total=1.5)),
        "description": make_bundle("description", changes={"format_version": 9}),
    }


def test_a_bad_bundle_is_counted_by_its_reason_and_never_serves(
    service: Service, registered_model: RegisteredModel, make_bundle: Make, build_graph: Graph, wait_for: WaitFor
) -> None:
    wait_for(lambda: served_by_all(service) == {"1": 2.0}, seconds=30)
    with Load(service.url) as load:
        for reason, bundle in bad_bundles(make_bundle, build_graph).items():
            registered_model.publish_champion(bundle)
            wait_for(lambda reason=reason: refusals(service).get(reason) == 2, seconds=30)
    assert load.failures == []
    assert load.versions.keys() == {"1"}


def refusals(service: Service) -> dict[str, float]:
    with suppress(requests.RequestException):
        text = requests.get(f"{service.url}/metrics", timeout=5).text
        families = text_string_to_metric_families(text)
        samples = [each for family in families for each in family.samples]
        return {each.labels["reason"]: each.value for each in samples if each.name == "model_load_failures_total"}
    return {}


def test_without_the_golden_texts_a_changed_model_would_serve(
    monkeypatch: pytest.MonkeyPatch, make_bundle: Make, build_graph: Graph
) -> None:
    """The guard's control: the same bundle, with the comparison off."""
    from inference.classifier import load_classifier

    monkeypatch.setattr("inference.classifier.GOLDEN_TOLERANCE", 1.0)
    changed = load_classifier(make_bundle("golden", graph=build_graph([0, 0, 1, 3, -2, -3, 0])))
    assert changed.predict(["late"])[0].label == "negative"
