"""The open loop against a service whose behaviour is known: above all, nobody's waiting may get lost."""

import asyncio
import math
from collections.abc import Callable
from time import perf_counter

import pytest

from bench.core import drive
from bench.offer import Answer, Offer
from bench.open_loop import describe, open_loop, recovered_after
from bench.wire import Address, post_request


def offer(
    serve: Callable, behave: Callable, *, rate: float, seconds: float, connections: int, wait: float = 0.5
) -> Offer:
    """Requests at a rate, and `wait` seconds for the answers to the last of them."""

    async def scenario() -> Offer:
        async with serve(behave) as service:
            requests = [post_request(service.address, "/v1/predictions", {"text": "late"})]
            offered = Offer(service.address, requests, rate=rate, seconds=seconds, connections=connections)
            try:
                await offered.run()
                await asyncio.sleep(wait)
            finally:
                await offered.stop()
            return offered

    return drive(scenario())


def stalling(answer: Callable, begins: float, lasts: float) -> Callable:
    """A service that answers at once, but for one time when it answers nobody."""
    started_at: list[float] = []

    async def behave(_: int) -> bytes:
        started_at.append(perf_counter())
        until = started_at[0] + begins + lasts
        if started_at[0] + begins <= perf_counter() < until:
            await asyncio.sleep(until - perf_counter())
        return answer(200)

    return behave


def test_every_request_is_sent_once_and_when_it_is_due(serve: Callable, answer: Callable) -> None:
    async def at_once(_: int) -> bytes:
        return answer(200)

    offered = offer(serve, at_once, rate=500, seconds=1, connections=50)
    assert (len(offered.answers), offered.errors, offered.unanswered) == (500, 0, 0)
    due = sorted(each.due_at - offered.started_at for each in offered.answers)
    assert due == pytest.approx([number / 500 for number in range(500)])
    assert sorted(each.sent_at - each.due_at for each in offered.answers)[250] < 0.01


def test_who_came_during_a_stall_waited_although_there_was_no_connection_to_send_them_on(
    serve: Callable, answer: Callable
) -> None:
    offered = offer(serve, stalling(answer, 0.3, 0.3), rate=200, seconds=1, connections=2)
    assert len(offered.answers) == 200
    # 60 were due in those 300 ms: the first 40 of them waited 100 ms and more, though only two were sent then.
    assert 35 <= sum(each.since_due > 0.1 for each in offered.answers) <= 60
    assert sum(each.since_sent > 0.1 for each in offered.answers) == 2
    assert max(each.since_due for each in offered.answers) > 0.28


def test_a_stall_is_seen_in_the_same_way_by_a_pool_that_may_grow(serve: Callable, answer: Callable) -> None:
    offered = offer(serve, stalling(answer, 0.3, 0.3), rate=200, seconds=1, connections=1_000)
    assert 35 <= sum(each.since_due > 0.1 for each in offered.answers) <= 60
    assert 30 <= offered.dialer.most_open <= 100


def test_the_pool_does_not_grow_past_its_limit(serve: Callable, answer: Callable) -> None:
    async def slowly(_: int) -> bytes:
        await asyncio.sleep(0.1)
        return answer(200)

    offered = offer(serve, slowly, rate=500, seconds=0.5, connections=20, wait=0.2)
    assert offered.dialer.most_open == 20
    # 20 connections answer 200 a second: what is left waits still, and is not forgotten.
    assert 100 <= len(offered.answers) <= 160
    assert offered.unanswered == 250 - len(offered.answers)


def test_broken_connections_are_errors_and_are_replaced(serve: Callable, answer: Callable) -> None:
    async def every_tenth_breaks(number: int) -> bytes | None:
        return None if number % 10 == 9 else answer(200)

    offered = offer(serve, every_tenth_breaks, rate=200, seconds=0.5, connections=4)
    assert (len(offered.answers), offered.errors, offered.unanswered) == (90, 10, 0)


def test_overload_goodput_sheds_health_and_recovery(serve: Callable, answer: Callable) -> None:
    started: list[float] = []

    async def half_is_shed(number: int) -> bytes:
        started.append(perf_counter())
        await asyncio.sleep(0.01)
        return answer(503 if number > 100 and number % 2 and started[-1] - started[0] < 3 else 200)

    async def scenario() -> tuple:
        async with serve(half_is_shed) as service:
            requests = [post_request(service.address, "/v1/predictions", {"text": "late"})]
            return await open_loop(service.address, requests, rate=400, seconds=1, connections=100), service

    found, service = drive(scenario())
    assert found.offered_per_second == pytest.approx(400)
    assert found.answered_per_second.keys() == {200, 503}
    assert found.answered_per_second[200] == pytest.approx(200, rel=0.3)
    assert found.goodput_per_second == pytest.approx(found.answered_per_second[200], rel=0.05)
    assert 9 < found.served_since_sent.p50_ms < 100
    assert found.shed_since_sent.answers + found.served_since_sent.answers == 400
    assert found.health.answers == service.health_checks == 20
    assert found.recovery_seconds is not None and found.recovery_seconds < 2
    assert (found.errors, found.unanswered) == (0, 0)
    assert describe(found).splitlines()[0].startswith("offered   400 a second")


def probes(*seconds: float, status: int = 200) -> list[Answer]:
    """One every 20 ms from time 100 on."""
    return [Answer(status, due_at := 100 + number / 50, due_at, due_at + took) for number, took in enumerate(seconds)]


def test_it_is_over_when_ten_in_a_row_were_quick() -> None:
    slow_then_quick = probes(0.5, *[0.001] * 5, 0.5, *[0.001] * 20)
    assert recovered_after(slow_then_quick, 100, 0.003) == pytest.approx(16 / 50 + 0.001)
    assert recovered_after(probes(*[0.001] * 9), 100, 0.003) is None
    assert recovered_after(probes(*[0.001] * 20, status=503), 100, 0.003) is None
    assert recovered_after(probes(*[0.001] * 20), 100, math.nan) is None


def test_a_service_that_is_away_is_said_at_once() -> None:
    with pytest.raises(OSError, match="refused"):
        drive(open_loop(Address("127.0.0.1", 1), [b""], rate=10, seconds=5))
