"""What callers notice when a worker dies, when a container stops, moves or is away: behind the edge, next to nothing.

    make stack PYTEST_ARGS="tests/stack/test_edge_faults.py -s"

With `-s` the figures are printed.
"""

import sys
import time
from collections.abc import Callable
from concurrent.futures import Future

import pytest
import requests

from bench.closed_loop import ClosedLoop
from tests.stack.replicas import SECONDS_UNTIL_FOUND, addresses_at_the_edge, containers, kill_a_worker, scaled
from tests.stack.stack import Stack, docker, wait_until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

CONNECTIONS = 16
EdgeWith = Callable[..., str]
Load = Callable[..., "Future[ClosedLoop]"]


def kill_workers(stack: Stack, under: "Future[ClosedLoop]", every: float) -> ClosedLoop:
    kills = 0
    while not under.done():
        time.sleep(every)
        if not under.done():
            kill_a_worker(stack)
            kills += 1
    found = under.result()
    sys.stdout.write(f"\n  {kills} workers killed: {said(found)}\n")
    return found


def said(found: ClosedLoop) -> str:
    total = sum(found.statuses.values()) + found.errors
    return f"{found.failures} of {total:,} failed, {dict(found.statuses)}, {found.errors} broken; {found.latency}"


def is_ready(stack: Stack) -> bool:
    return requests.get(f"{stack.url('inference')}/health/ready", timeout=5).ok


@pytest.mark.parametrize(("every", "seconds"), [(3, 20), (10, 25)])
def test_a_killed_worker_costs_no_failure(stack: Stack, load: Load, every: float, seconds: float) -> None:
    stack.wait_ready()
    found = kill_workers(stack, load(stack.url("inference"), CONNECTIONS, seconds), every)
    total = sum(found.statuses.values()) + found.errors
    assert total > 1_000
    assert found.failures * 10_000 <= total


def test_without_a_second_try_it_does(stack: Stack, load: Load, edge_with: EdgeWith) -> None:
    """What shows that the test above would notice."""
    stack.wait_ready()
    url = edge_with(("workers.conf", r"proxy_next_upstream error timeout[^;]*;", "proxy_next_upstream off;"))
    found = kill_workers(stack, load(url, CONNECTIONS, 12), 2)
    total = sum(found.statuses.values()) + found.errors
    assert found.failures * 10_000 > total
    stack.wait_ready()


def test_of_two_one_stops_and_nobody_notices(stack: Stack, load: Load) -> None:
    with scaled(stack, 2):
        under = load(stack.url("inference"), CONNECTIONS, 15)
        time.sleep(5)
        # The one that was there first: what is left is at an address that the edge had to find.
        first, _ = containers(stack)
        docker("stop", first)
        found = under.result()
        sys.stdout.write(f"\n  {said(found)}\n")
        assert found.failures == 0
        assert len(addresses_at_the_edge(stack)) == 1


@pytest.mark.parametrize("command", [("restart",), ("up", "--detach", "--no-deps", "--force-recreate")], ids="-".join)
def test_the_only_one_starts_again_and_every_request_has_an_answer(
    stack: Stack, load: Load, command: tuple[str, ...]
) -> None:
    stack.wait_ready()
    under = load(stack.url("inference"), CONNECTIONS, 25)
    time.sleep(3)
    stack.compose(*command, "inference")
    found = under.result()
    sys.stdout.write(f"\n  {said(found)}\n")
    # 503 while it is away, and never a connection that breaks.
    assert found.errors == 0
    assert set(found.statuses) <= {200, 503}
    stack.wait_ready()


def test_without_the_service_the_edge_says_503_and_is_well(stack: Stack) -> None:
    stack.compose("stop", "inference")
    try:
        answer = requests.post(f"{stack.url('inference')}/v1/predictions", json={"text": "late"}, timeout=10)
        assert answer.status_code == answer.json()["status"] == 503
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["Retry-After"] == "1"
        assert answer.elapsed.total_seconds() < 5
        stack.compose("exec", "-T", "edge", "bash", "/etc/edge/health.sh")
        # And it starts where there is no such name.
        stack.compose("restart", "edge")
        stack.compose("up", "--detach", "--no-deps", "--wait", "edge")
        answer = requests.get(f"{stack.url('inference')}/health/live", timeout=10)
        assert answer.status_code == 503
    finally:
        stack.compose("start", "inference")
        stack.wait_ready()


def test_a_service_at_another_address_is_found(stack: Stack) -> None:
    before = addresses_at_the_edge(stack)
    stack.compose("rm", "--stop", "--force", "inference")
    # Somebody else takes the address.
    squatter = stack.compose("run", "--detach", "--rm", "--no-deps", "--entrypoint", "sleep", "trainer", "120").strip()
    try:
        stack.compose("up", "--detach", "--no-deps", "--wait", "inference")
        took = wait_until(lambda: is_ready(stack), SECONDS_UNTIL_FOUND)
        sys.stdout.write(f"\n  found {took:.1f} s after it was well\n")
        assert addresses_at_the_edge(stack).isdisjoint(before)
    finally:
        docker("rm", "--force", squatter)
        stack.wait_ready()
