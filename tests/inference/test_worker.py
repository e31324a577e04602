"""The end of a worker leaves no request unanswered, and what it does not speak it refuses."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.inference.running import Answer, Service, build_request, running

Make = Callable[..., Path]
WaitFor = Callable[..., None]
StartService = Callable[..., AbstractContextManager[Service]]

SINGLE = build_request("/v1/predictions", b'{"text": "late"}')
BATCH = build_request("/v1/predictions/batch", b'{"texts": ["late", "thanks"]}')
CALLERS = 4


@pytest.fixture
def start_service(make_bundle: Make, database_url: str, tmp_path: Path, unused_url: str) -> StartService:
    @contextmanager
    def start(**settings: str) -> Iterator[Service]:
        bundle = str(make_bundle())
        with running(tmp_path, unused_url, bundle=bundle, database_url=database_url, **settings) as service:
            yield service

    return start


def ask_health(service: Service, name: str) -> Answer:
    with service.connect() as wire:
        return wire.ask(build_request(f"/health/{name}", b"", "GET"))


def call_until_told_to_go(service: Service, is_ending: threading.Event) -> list[Answer]:
    """One connection, as busy as it can be, until an answer says that it is closed."""
    answers: list[Answer] = []
    with service.connect() as wire:
        while "connection" not in (answers[-1].headers if answers else {}):
            answers.append(wire.ask(BATCH if len(answers) % 5 == 4 else SINGLE))
            if not is_ending.is_set():
                del answers[:-5]
        assert wire.is_closed(10)
    return answers


def test_told_to_end_it_answers_what_is_in_flight_and_sends_everybody_elsewhere(
    start_service: StartService, wait_for: WaitFor
) -> None:
    is_ending = threading.Event()
    with start_service(drain_seconds="25", queue_above_ms="0") as service, ThreadPoolExecutor(CALLERS) as pool:
        callers = [pool.submit(call_until_told_to_go, service, is_ending) for _ in range(CALLERS)]
        with service.connect() as slow, service.connect() as idle:
            slow.send(SINGLE[:-1])
            assert idle.ask(SINGLE).status == 200
            time.sleep(0.3)
            is_ending.set()
            service.process.send_signal(signal.SIGTERM)
            wait_for(lambda: ask_health(service, "ready").status == 503)
            not_ready, live = ask_health(service, "ready"), ask_health(service, "live")
            assert (not_ready.status, not_ready.headers["connection"]) == (503, "close")
            assert b"about to end" in not_ready.body
            assert (live.status, live.headers["connection"]) == (200, "close")
            # It is still there for those who have a connection, in one piece or two.
            assert slow.ask(SINGLE[-1:]).status == 200
            last = idle.ask(SINGLE)
            assert (last.status, last.headers["connection"]) == (200, "close")
            for caller in callers:
                answers = caller.result(timeout=20)
                assert {answer.status for answer in answers} == {200}
                assert answers[-1].headers["connection"] == "close"
            last = slow.ask(SINGLE[:40], SINGLE[40:])
            assert (last.status, last.headers["connection"]) == (200, "close")
        ended = time.monotonic()
        assert service.process.wait(timeout=20) == 0
        # Soon after the last connection, not at the end of the 25 seconds.
        assert time.monotonic() - ended < 10
        assert "Traceback" not in service.log.read_text()


def test_who_holds_a_connection_and_says_nothing_is_not_waited_for_beyond_the_drain(
    start_service: StartService,
) -> None:
    with start_service(drain_seconds="1") as service, service.connect() as idle:
        assert idle.ask(SINGLE).status == 200
        service.process.send_signal(signal.SIGTERM)
        assert not idle.is_closed(0.5)
        assert idle.is_closed(10)
        assert service.process.wait(timeout=10) == 0


def test_without_the_drain_the_same_connection_is_closed_before_it_can_ask_again(start_service: StartService) -> None:
    with start_service(drain_seconds="0") as service, service.connect() as idle:
        assert idle.ask(SINGLE).status == 200
        service.process.send_signal(signal.SIGTERM)
        assert idle.is_closed(10)
        with pytest.raises(OSError):
            idle.ask(SINGLE)
        assert service.process.wait(timeout=10) == 0


def upgrade(path: str, method: str = "GET", body: bytes = b"") -> bytes:
    more = ("connection: Upgrade", "upgrade: websocket", "sec-websocket-version: 13", "sec-websocket-key: eA==")
    return build_request(path, body, method, *more)


def test_a_websocket_is_no_hang_and_harms_nobody(start_service: StartService) -> None:
    with start_service() as service:
        for request, statuses in (
            (upgrade("/ws"), {404, 400, 426}),
            (upgrade("/v1/feedback", "PUT"), {405, 400, 426}),
            # Without a WebSocket to speak, it is an ordinary request.
            (upgrade("/health/live"), {200, 400, 426}),
            (upgrade("/v1/predictions", "POST", b'{"text": "late"}'), {200, 400, 426}),
        ):
            with service.connect() as wire:
                answer = wire.ask(request)
                assert answer.status in statuses
                if answer.status >= 400:
                    assert answer.headers["content-type"] == "application/problem+json"
        assert ask_health(service, "ready").status == 200
        service.process.send_signal(signal.SIGTERM)
        with service.connect() as wire:
            wire.ask(upgrade("/health/live"))
        assert service.process.wait(timeout=20) == 0
        assert "Traceback" not in service.log.read_text()
