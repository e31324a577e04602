"""The short way when something goes wrong: nobody is left without an answer, and nobody gets one he did not ask for."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from fastapi import FastAPI

from inference.app import create_app
from inference.settings import Settings
from tests.inference.running import Wire, build_request, serving

SINGLE = "/v1/predictions"
# Nothing is wrong with this header; the door does not know it.
DOUBTFUL = "x-doubtful: 1"
LATE = b'{"text": "late"}'


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings.model_copy(update={"drain_seconds": 0.0}))


@pytest.fixture
def url(app: FastAPI) -> Iterator[str]:
    with serving(app) as url:
        yield url


@pytest.fixture
def wire(url: str) -> Iterator[Wire]:
    with Wire(url) as wire:
        yield wire


def test_a_caller_who_hangs_up_is_not_waited_for(app: FastAPI, url: str) -> None:
    for _ in range(5):
        with Wire(url) as leaving:
            leaving.send(build_request(SINGLE, LATE))
    with Wire(url) as staying:
        assert staying.ask(build_request(SINGLE, LATE)).status == 200
    assert app.state.resources.gate.at_the_door == 0


def test_a_fault_on_the_short_way_is_a_problem_and_the_next_is_answered(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("c4n4ry")

    with monkeypatch.context() as broken:
        broken.setattr("inference.answering.build_answer", fail)
        answers = []
        for more in ([DOUBTFUL], []):
            with Wire(url, timeout=3) as wire:
                answers.append(wire.ask(build_request(SINGLE, LATE, "POST", *more)))
    long, short = answers
    assert (long.status, long.headers["content-type"]) == (500, "application/problem+json")
    assert (short.status, short.headers["content-type"], short.body) == (500, "application/problem+json", long.body)
    with Wire(url, timeout=3) as wire:
        assert wire.ask(build_request(SINGLE, LATE)).status == 200


@pytest.mark.parametrize("size", ["whole", "and more"])
def test_what_is_still_to_come_of_a_refused_body_is_no_request(wire: Wire, size: str) -> None:
    inner = build_request(SINGLE, LATE)
    length = len(inner) + (1000 if size == "and more" else 0)
    head = f"POST {SINGLE} HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ncontent-length: {length}\r\n\r\n"
    assert wire.ask(head.encode()).status == 415
    with suppress(OSError):  # it may have hung up
        wire.send(inner)
    assert wire.comes_more(0.5) == b""
