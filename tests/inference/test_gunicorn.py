"""The service as it is really started: gunicorn, one worker, its own configuration."""

import signal
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.inference.running import Service, running

WaitFor = Callable[..., None]


@pytest.fixture
def service(make_bundle: Callable[..., Path], database_url: str, tmp_path: Path, unused_url: str) -> Iterator[Service]:
    with running(tmp_path, unused_url, database_url=database_url, bundle=str(make_bundle())) as service:
        yield service


def test_it_starts_predicts_logs_no_text_and_stops_cleanly_when_told(service: Service) -> None:
    response = requests.post(f"{service.url}/v1/predictions", json={"text": "late c4n4ry"}, timeout=5)
    assert response.json()["label"] == "negative"
    requests.get(f"{service.url}/c4n4ry?text=c4n4ry", timeout=5)
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(timeout=10) == 0
    log = service.log.read_text()
    assert " method=POST route=/v1/predictions status=200 ms=" in log
    assert " method=GET route=unknown status=404 ms=" in log
    assert "c4n4ry" not in log


def test_a_body_that_never_ends_is_cut_off_and_the_next_request_is_answered(service: Service) -> None:
    host, port = service.url.removeprefix("http://").split(":")
    head = (
        b"POST /v1/predictions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        b"transfer-encoding: chunked\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(head)
        for _ in range(17):
            connection.sendall(b"400\r\n" + b" " * 1024 + b"\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 413")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(head + b"5\r\n{")
    assert requests.post(f"{service.url}/v1/predictions", json={"text": "late"}, timeout=5).status_code == 200
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(timeout=10) == 0
    assert "Traceback" not in service.log.read_text()


def test_health_and_model_are_answered_while_the_database_lets_all_others_wait(
    service: Service, tmp_path: Path
) -> None:
    assert requests.post(f"{service.url}/v1/predictions", json={"text": "late"}, timeout=5).ok
    locked = sqlite3.connect(tmp_path / "inference.db", isolation_level=None)
    locked.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(60) as crowd:
        statuses = [crowd.submit(post_late, service.url) for _ in range(60)]
        time.sleep(0.5)
        for path in ("/health/ready", "/health/live", "/v1/model"):
            assert requests.get(f"{service.url}{path}", timeout=1).ok
        locked.execute("ROLLBACK")
        assert {status.result() for status in statuses} <= {200, 503}
    locked.close()


def post_late(url: str) -> int:
    return requests.post(f"{url}/v1/predictions", json={"text": "late"}, timeout=30).status_code
