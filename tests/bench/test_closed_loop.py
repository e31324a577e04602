"""The closed loop against a service whose behaviour is known."""

import asyncio
from collections.abc import Callable

import pytest

from bench.closed_loop import ClosedLoop, closed_loop, describe
from bench.core import drive
from bench.wire import Address, post_request

REQUESTS = ["one", "two", "three"]


def measure(serve: Callable, behave: Callable, *, connections: int = 2, seconds: float = 0.4) -> tuple:
    """What was found, and the service it was found at."""

    async def scenario() -> tuple:
        async with serve(behave) as service:
            requests = [post_request(service.address, "/v1/predictions", {"text": text}) for text in REQUESTS]
            found = await closed_loop(
                service.address, requests, connections=connections, seconds=seconds, warm_up_seconds=0
            )
            return found, service

    return drive(scenario())


def test_each_connection_has_one_request_out_and_waits_for_its_answer(serve: Callable, answer: Callable) -> None:
    async def slowly(_: int) -> bytes:
        await asyncio.sleep(0.02)
        return answer(200)

    found, service = measure(serve, slowly, connections=4)
    assert service.connections == 4
    assert found.statuses.keys() == {200}
    assert 20 < found.requests_per_second <= 200
    assert 19 < found.latency.p50_ms <= found.latency.p99_ms <= found.latency.max_ms
    assert found.errors == found.failures == 0


def test_the_requests_take_turns(serve: Callable, answer: Callable) -> None:
    async def at_once(_: int) -> bytes:
        return answer(200)

    _, service = measure(serve, at_once, connections=1, seconds=0.1)
    assert service.requests[:4] == [b'{"text": "one"}', b'{"text": "two"}', b'{"text": "three"}', b'{"text": "one"}']


def test_only_answers_of_200_are_throughput_and_every_status_is_counted(serve: Callable, answer: Callable) -> None:
    async def every_third_is_shed(number: int) -> bytes:
        await asyncio.sleep(0.001)
        return answer(503 if number % 3 == 2 else 200)

    found, service = measure(serve, every_third_is_shed)
    served, shed = found.statuses[200], found.statuses[503]
    assert found.latency.answers == served
    assert found.failures == shed
    assert abs(served - 2 * shed) <= 4
    assert found.requests_per_second == pytest.approx(served / 0.4, rel=0.1)
    assert service.connections == 2


def test_a_connection_that_the_service_closes_after_an_answer_is_opened_again(
    serve: Callable, answer: Callable
) -> None:
    async def closing(_: int) -> bytes:
        return answer(200, head=b"Connection: close\r\n")

    found, service = measure(serve, closing)
    assert found.errors == 0
    assert service.connections > 10
    assert found.statuses[200] > 10


def test_a_connection_that_breaks_before_its_answer_is_one_error_and_is_opened_again(
    serve: Callable, answer: Callable
) -> None:
    async def every_tenth_breaks(number: int) -> bytes | None:
        await asyncio.sleep(0.001)
        return None if number % 10 == 9 else answer(200)

    found, service = measure(serve, every_tenth_breaks)
    assert found.errors > 3
    # Two are on their way as the counting ends.
    assert found.errors == pytest.approx(len(service.requests) / 10, abs=2)
    assert service.connections == pytest.approx(2 + found.errors, abs=2)


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nmore",
        b"nonsense\r\n\r\n",
    ],
)
def test_what_cannot_be_read_as_an_answer_is_an_error(serve: Callable, said: bytes) -> None:
    async def oddly(_: int) -> bytes:
        await asyncio.sleep(0.005)
        return said

    found, _ = measure(serve, oddly)
    assert found.errors > 0
    assert not found.statuses


def test_an_answer_in_pieces_is_one_answer(serve: Callable, answer: Callable) -> None:
    whole = answer(200, body=b"x" * 300_000)

    async def largely(_: int) -> bytes:
        return whole

    found, service = measure(serve, largely)
    assert found.errors == 0
    assert found.statuses[200] == pytest.approx(len(service.requests), abs=10)


def test_a_service_that_is_away_is_said_at_once() -> None:
    with pytest.raises(OSError, match="refused"):
        drive(closed_loop(Address("127.0.0.1", 1), [b""], connections=1, seconds=5))


def test_what_was_found_can_be_read(serve: Callable, answer: Callable) -> None:
    async def at_once(_: int) -> bytes:
        return answer(200)

    found, _ = measure(serve, at_once, connections=1, seconds=0.1)
    assert isinstance(found, ClosedLoop)
    lines = describe(found).splitlines()
    assert lines[0].startswith("1 connections: ")
    assert lines[2].endswith(" of 200")
