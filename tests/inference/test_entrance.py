"""What every request passes: its id, and a line in the log without a word of the caller's."""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from inference.logs import load_logging_config

ReadLines = Callable[[], list[str]]
StartApp = Callable[..., AbstractContextManager[TestClient]]

LINE = re.compile(r"request_served request_id=(\S+) method=(\S+) route=(\S+) status=(\d+) ms=[0-9.]+ level=INFO ")
PREDICTIONS = "/v1/predictions"
CONSOLE = {"class": "logging.StreamHandler", "formatter": "line"}


@pytest.fixture
def read_lines(monkeypatch: pytest.MonkeyPatch) -> ReadLines:
    """What was written since the last time."""
    written = io.StringIO()
    config = load_logging_config() | {"handlers": {"console": CONSOLE | {"stream": written}}}
    monkeypatch.setattr("inference.logs.load_logging_config", lambda: config)

    def read() -> list[str]:
        lines = written.getvalue().splitlines()
        written.seek(0)
        written.truncate()
        return lines

    return read


def requests_in(lines: list[str]) -> list[tuple[str, ...]]:
    return [found.groups() for found in map(LINE.match, lines) if found]


@pytest.fixture
def client(read_lines: ReadLines, start_app: StartApp) -> Iterator[TestClient]:
    with start_app() as client:
        read_lines()
        yield client


@pytest.mark.parametrize("given", ["a", "7f3c.x_Y-1", "x" * 64])
def test_a_request_id_of_the_caller_s_is_kept_and_is_in_the_log(
    client: TestClient, read_lines: ReadLines, given: str
) -> None:
    response = client.post(PREDICTIONS, json={"text": "late"}, headers={"x-request-id": given})
    assert response.headers.get_list("x-request-id") == [given]
    assert requests_in(read_lines()) == [(given, "POST", PREDICTIONS, "200")]


@pytest.mark.parametrize(
    "given", ["", " ", "x" * 65, "a b", "c4n4ry/", "c4n4ry\n", "c4n4ry level=ERROR", "\u00e9c4n4ry"]
)
def test_one_that_is_no_short_word_is_replaced_and_not_repeated(
    client: TestClient, read_lines: ReadLines, given: str
) -> None:
    headers = {b"x-request-id": given.encode("utf-8")}
    response = client.post(PREDICTIONS, json={"text": "late"}, headers=headers)
    [made] = response.headers.get_list("x-request-id")
    assert UUID(made).version == 7
    lines = read_lines()
    assert requests_in(lines) == [(made, "POST", PREDICTIONS, "200")]
    assert "c4n4ry" not in "".join(lines)


def test_without_one_each_request_has_its_own(client: TestClient) -> None:
    ids = {client.post(PREDICTIONS, json={"text": "late"}).headers["x-request-id"] for _ in range(5)}
    assert len(ids) == 5


@pytest.mark.parametrize(
    ("method", "path", "status", "route"),
    [
        ("GET", "/health/live", 200, ""),
        ("GET", "/metrics", 200, ""),
        ("GET", "/v1/model", 200, "/v1/model"),
        ("GET", f"{PREDICTIONS}?since=0", 200, PREDICTIONS),
        ("POST", f"{PREDICTIONS}/c4n4ry/explanation", 404, f"{PREDICTIONS}/{{prediction_id}}/explanation"),
        ("GET", "/c4n4ry?text=c4n4ry", 404, "unknown"),
        ("DELETE", "/v1/feedback", 405, "/v1/feedback"),
    ],
)
def test_every_answer_has_an_id_and_a_line_names_the_route_not_the_path(
    client: TestClient, read_lines: ReadLines, method: str, path: str, status: int, route: str
) -> None:
    response = client.request(method, path, headers={"x-request-id": "mine"})
    assert (response.status_code, response.headers["x-request-id"]) == (status, "mine")
    lines = read_lines()
    # Probes come every few seconds and have no line.
    assert requests_in(lines) == ([("mine", method, route, str(status))] if route else [])
    assert "c4n4ry" not in "".join(lines)


def test_a_fault_has_an_id_and_a_line_too(
    client: TestClient, read_lines: ReadLines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("late")

    monkeypatch.setattr("inference.answering.build_answer", fail)
    for content_type in ("application/json", "application/json; charset=utf-8"):
        headers = {"x-request-id": "mine", "content-type": content_type}
        response = client.post(PREDICTIONS, content=b'{"text": "late"}', headers=headers)
        assert (response.status_code, response.headers["x-request-id"]) == (500, "mine")
        assert requests_in(read_lines()) == [("mine", "POST", PREDICTIONS, "500")]


def test_no_text_is_in_the_log_whatever_becomes_of_it(client: TestClient, read_lines: ReadLines) -> None:
    for body in ({"text": "c4n4ry"}, {"text": "c4n4ry " * 500}, {"c4n4ry": 1}, {"texts": ["c4n4ry", ""]}, "c4n4ry"):
        for path in (PREDICTIONS, f"{PREDICTIONS}/batch", "/v1/feedback"):
            client.post(path, json=body)
    client.post("/v1/feedback", json={"prediction_id": "c4n4ry", "verdict": "rejected", "comment": "c4n4ry"})
    lines = read_lines()
    assert len(requests_in(lines)) == 16
    assert "c4n4ry" not in "".join(lines)
