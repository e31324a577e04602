"""A challenger that takes far longer than the champion: nobody who asks notices it."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import onnx
import pytest
import requests
from onnx import helper, numpy_helper

from tests.inference.running import Service, running
from tests.inference.shadowing import RegisteredModel

Make = Callable[..., Path]
WaitFor = Callable[..., None]
REQUESTS = 300
WIDTH, LAYERS = 200_000, 20


def slowed(graph: bytes) -> bytes:
    """The same answers, some ten milliseconds later: the score goes through sines that add nothing to it."""
    model = onnx.load_from_string(graph)
    for name, shape in (("entry", (1, WIDTH)), ("exit", (WIDTH, 1))):
        model.graph.initializer.append(numpy_helper.from_array(np.zeros(shape, dtype=np.float32), name))
    [sigmoid] = [node for node in model.graph.node if node.op_type == "Sigmoid"]
    sigmoid.input[0] = "late_score"
    names = [f"wide{number}" for number in range(LAYERS + 1)]
    nodes = [
        helper.make_node("MatMul", ["score", "entry"], [names[0]]),
        *(helper.make_node("Sin", [each], [after]) for each, after in zip(names, names[1:], strict=False)),
        helper.make_node("MatMul", [names[-1], "exit"], ["nothing"]),
        helper.make_node("Add", ["score", "nothing"], ["late_score"]),
    ]
    place = list(model.graph.node).index(sigmoid)
    for offset, node in enumerate(nodes):
        model.graph.node.insert(place + offset, node)
    serialized: bytes = model.SerializeToString()
    return serialized


@pytest.fixture
def service(
    registered_model: RegisteredModel, make_bundle: Make, database_url: str, tmp_path: Path, unused_url: str
) -> Iterator[Service]:
    registered_model.publish_champion(make_bundle("quick"))
    graph = (tmp_path / "bundles" / "quick" / "model.onnx").read_bytes()
    registered_model.publish(make_bundle("slow", graph=slowed(graph), changes={"name": "slow"}))
    registry = {"mlflow_url": registered_model.url, "registered_model": registered_model.name, "shadow_share": "1"}
    bundle = str(make_bundle("pretrained"))
    with running(
        tmp_path, unused_url, poll_seconds="0.1", database_url=database_url, bundle=bundle, **registry
    ) as service:
        yield service


class Caller:
    """One connection; another text each time, or it would be answered from memory."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/v1/predictions"
        self._session = requests.Session()
        self._number = 0

    def milliseconds(self) -> list[float]:
        waits = []
        for _ in range(REQUESTS):
            self._number += 1
            began = time.perf_counter()
            response = self._session.post(self._url, json={"text": f"late {self._number}"}, timeout=5)
            waits.append(1000 * (time.perf_counter() - began))
            assert response.status_code == 200
            assert response.json()["model"]["version"] in ("pretrained", "1")
        return waits


def compared(service: Service) -> int:
    with suppress(requests.RequestException):
        return sum(each["compared"] for each in requests.get(f"{service.url}/v1/shadow", timeout=5).json()["items"])
    return 0


def test_a_slow_challenger_delays_no_answer(
    service: Service, registered_model: RegisteredModel, wait_for: WaitFor
) -> None:
    caller = Caller(service.url)
    caller.milliseconds()
    without = caller.milliseconds()
    registered_model.challenge("2")
    wait_for(lambda: bool(caller.milliseconds()) and compared(service) > 0, seconds=60)
    beside = caller.milliseconds()
    pair = requests.get(f"{service.url}/v1/shadow", timeout=5).json()["items"][0]
    takes = pair["challenger_microseconds"] / 1000
    middle, middle_beside = statistics.median(without), statistics.median(beside)
    assert takes > 1, "it is to be slow"
    print(f"\np50 {middle:.2f} ms without, {middle_beside:.2f} ms beside a challenger of {takes:.1f} ms a text")  # noqa: T201
    # Each text was sampled, and takes the challenger longer than an answer takes altogether.
    assert middle_beside < 2 * middle + 2
