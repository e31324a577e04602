"""Gunicorn with two workers: what one of them answered, the other knows, also when it was killed."""

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.inference.running import Service, running

WaitFor = Callable[..., None]

CALLERS = 6
# What the service promises: a killed worker takes no more along than what it answered in its last second.
LAST_MOMENT_SECONDS = 1.0
# How much later than it was a busy machine lets an answer be seen.
SEEN_SECONDS = 1.0


@pytest.fixture
def service(
    make_bundle: Callable[..., Path], database_url: str, tmp_path: Path, unused_url: str, wait_for: WaitFor
) -> Iterator[Service]:
    bundle = str(make_bundle())
    with running(tmp_path, unused_url, database_url=database_url, bundle=bundle, workers="2") as service:
        # One may be ready before the other.
        wait_for(lambda: serving(service) == 2, seconds=30)
        yield service


Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def scrape(service: Service) -> Samples:
    families = text_string_to_metric_families(requests.get(f"{service.url}/metrics", timeout=5).text)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def sum_of(samples: Samples, name: str, **labels: str) -> float:
    wanted = set(labels.items())
    return sum(value for (found, given), value in samples.items() if found == name and wanted <= set(given))


def serving(service: Service) -> float:
    with suppress(requests.RequestException):
        return sum_of(scrape(service), "inference_model_serving")
    return 0


def predict(url: str) -> str:
    """Each call on a connection of its own, so that the workers take turns."""
    response = requests.post(f"{url}/v1/predictions", json={"text": "late"}, timeout=10)
    assert response.status_code == 200, response.text
    prediction_id: str = response.json()["prediction_id"]
    return prediction_id


def give_feedback(url: str, prediction_id: str) -> int:
    body = {"prediction_id": prediction_id, "verdict": "confirmed"}
    return requests.post(f"{url}/v1/feedback", json=body, timeout=10).status_code


def ids_in(database: Path, table: str) -> set[str]:
    connection = sqlite3.connect(database)
    ids = {str(UUID(prediction_id)) for (prediction_id,) in connection.execute(f"SELECT prediction_id FROM {table}")}
    connection.close()
    return ids


def test_a_prediction_may_be_judged_at_once_whichever_worker_is_asked_and_metrics_are_of_both(
    service: Service, tmp_path: Path, wait_for: WaitFor
) -> None:
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda _: give_feedback(service.url, predict(service.url)), range(60)))
    assert statuses == [201] * 60
    assert len(ids_in(tmp_path / "inference.db", "feedback")) == 60

    def answered(route: str, status: str) -> float:
        return sum_of(scrape(service), "inference_requests_total", route=route, status=status)

    # Each adds its own up several times a second.
    wait_for(lambda: answered("/v1/predictions", "200") == answered("/v1/feedback", "201") == 60)
    samples = scrape(service)
    assert sum_of(samples, "inference_predictions_total", label="negative", model_version="pretrained") == 60
    assert sum_of(samples, "inference_request_seconds_count", route="/v1/predictions") == 60
    assert sum_of(samples, "inference_prediction_log_rows_total") == 60
    served = {f"process={pid}" for pid in service.workers()}
    lines = [line for line in service.log.read_text().splitlines() if line.startswith("request_served")]
    assert served == {word for line in lines for word in line.split() if word.startswith("process=")}
    # What a worker counted stays when it is gone; that it serves does not.
    victim = service.workers()[0]
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: victim not in service.workers() and serving(service) == 2, seconds=30)
    assert sum_of(scrape(service), "inference_predictions_total") == 60


@dataclass
class Burst:
    """Callers who predict and judge without a pause, and note what was acknowledged, and when."""

    url: str
    answered_at: dict[str, float] = field(default_factory=dict)
    judged: set[str] = field(default_factory=set)
    is_over: threading.Event = field(default_factory=threading.Event)

    def call(self, _: int) -> None:
        while not self.is_over.is_set():
            try:
                for _ in range(5):
                    prediction_id = predict(self.url)
                    self.answered_at[prediction_id] = time.monotonic()
                if give_feedback(self.url, prediction_id) == 201:
                    self.judged.add(prediction_id)
            except requests.RequestException:
                continue  # the worker was killed under this call, which got no answer


def test_a_worker_killed_in_the_middle_of_a_burst_takes_nothing_acknowledged_along(
    service: Service, tmp_path: Path, wait_for: WaitFor
) -> None:
    burst = Burst(service.url)
    killed_at = []
    with ThreadPoolExecutor(CALLERS) as pool:
        callers = pool.map(burst.call, range(CALLERS))
        for _ in range(2):
            time.sleep(1)
            os.kill(service.workers()[0], signal.SIGKILL)
            killed_at.append(time.monotonic())
            wait_for(lambda: len(service.workers()) == 2)
        time.sleep(1)
        burst.is_over.set()
        list(callers)
    assert len(burst.answered_at) > 100 and len(burst.judged) > 20
    predict(service.url)
    requests.get(f"{service.url}/v1/predictions?limit=1", timeout=10).raise_for_status()
    database = tmp_path / "inference.db"
    wait_for(lambda: not list((tmp_path / "spool").glob("*.rows")))
    assert burst.judged <= ids_in(database, "feedback")
    lost = set(burst.answered_at) - ids_in(database, "predictions")
    before = [[at - burst.answered_at[each] for at in killed_at] for each in lost]
    assert all(any(-SEEN_SECONDS <= at < LAST_MOMENT_SECONDS for at in each) for each in before)
