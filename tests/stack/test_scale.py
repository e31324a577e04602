"""Several containers of the API behind the edge: each does its share, nobody misses one, one champion for all.

    make stack PYTEST_ARGS="tests/stack/test_scale.py -s"
    STACK_CORES=0.1 make stack PYTEST_ARGS="tests/stack/test_scale.py -s -k share"    # so much of a core for each

With `-s` the figures are printed, how many times as many tweets three answer among them. Tweets come in batches, so
that it is the service that is measured, and not the edge.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
import requests
import uvloop

from bench.closed_loop import ClosedLoop, closed_loop
from bench.texts import tweets
from bench.wire import post_request, read_address
from tests.stack.inside import ask_in, metric_of
from tests.stack.kept import UnderLoad
from tests.stack.replicas import addresses_at_the_edge, alone, containers, scale
from tests.stack.stack import PROJECT, Stack, docker, wait_until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

UnderLoadOf = Callable[[str], AbstractContextManager[UnderLoad]]
# So little that there is room for three even on a small machine.
SMALL = {"INFERENCE_CPUS": os.environ.get("STACK_CORES", "0.25"), "INFERENCE_WORKERS": "1"}
REPLICAS = 3
BATCH, CONNECTIONS, SECONDS = 32, 16, 6.0
SOME = 400
FOLLOWED_SECONDS = 60


def measure(stack: Stack) -> ClosedLoop:
    address, texts = read_address(stack.url("inference")), tweets()
    batches = [texts[start : start + BATCH] for start in range(0, len(texts) - BATCH, BATCH)]
    asked = [post_request(address, "/v1/predictions/batch", {"texts": batch}) for batch in batches]
    return uvloop.run(closed_loop(address, asked, connections=CONNECTIONS, seconds=SECONDS))


@pytest.fixture(scope="module")
def one(stack: Stack) -> Iterator[ClosedLoop]:
    """What one container answers; there are three from then on."""
    try:
        alone(stack, **SMALL)
        found = measure(stack)
        scale(stack, REPLICAS, **SMALL)
        yield found
    finally:
        alone(stack)


def labelled(stack: Stack) -> dict[str, float]:
    """Tweets, by container."""
    return {each: metric_of(each, "inference_predictions_total") for each in containers(stack)}


def test_each_of_three_does_its_share(stack: Stack, one: ClosedLoop) -> None:
    before = labelled(stack)
    three = measure(stack)
    after = labelled(stack)
    ratio = three.requests_per_second / one.requests_per_second
    for count, found in ((1, one), (REPLICAS, three)):
        per_second = BATCH * found.requests_per_second
        sys.stdout.write(f"\n  {count} of {SMALL['INFERENCE_CPUS']} cores: {per_second:,.0f} tweets/s; {found.latency}")
    sys.stdout.write(f"\n  {ratio:.2f} times as many\n")
    assert len(before) == REPLICAS
    assert all(after[each] > before[each] for each in before)
    # What so little of a core cannot answer in time is refused, and no connection breaks.
    assert one.errors == three.errors == 0
    assert one.statuses.keys() | three.statuses.keys() <= {200, 503}


def versions(stack: Stack) -> set[str]:
    """What each of them serves, by its own word."""
    described = json.loads(docker("inspect", *containers(stack)))
    hosts = [each["NetworkSettings"]["Networks"][f"{PROJECT}_app"]["IPAddress"] for each in described]
    assert len(hosts) == REPLICAS
    [pages] = stack.compose("ps", "--quiet", "ui").split()
    answers = ask_in(pages, *(f"http://{host}:8000/v1/model" for host in hosts)).values()
    assert {status for status, _ in answers} == {200}
    return {json.loads(body)["version"] for _, body in answers}


@pytest.mark.usefixtures("one")
def test_all_three_follow_a_promotion_and_a_rollback(stack: Stack, under_load: UnderLoadOf, second: str) -> None:
    [before] = versions(stack)
    with under_load("promotion and rollback of three containers") as load:
        move(stack, "promotions", version=second)
        took = wait_until(lambda: versions(stack) == {second}, FOLLOWED_SECONDS)
        load.people.wait_for(SOME)
        move(stack, "rollbacks")
        took_back = wait_until(lambda: versions(stack) == {before}, FOLLOWED_SECONDS)
        load.people.wait_until_well()
    sys.stdout.write(f"\n  all on the new one after {took:.1f} s, on the old one again after {took_back:.1f} s\n")
    assert load.ledger.failures == {}
    assert load.ledger.versions == {before, second}


def move(stack: Stack, noun: str, **body: str) -> None:
    said = body | {"reason": "the test says so", "by": "stack test"}
    answer = requests.post(f"{stack.url('inference')}/v1/{noun}", json=said, timeout=30)
    # On a quarter of a core it may take longer than an answer may, and goes on.
    assert answer.status_code == 201 or "and goes on" in answer.json()["detail"], answer.text


@pytest.mark.usefixtures("one")
def test_one_of_three_is_removed_and_nobody_notices(stack: Stack, under_load: UnderLoadOf) -> None:
    try:
        with under_load("one of three containers removed") as load:
            first, *_ = containers(stack)
            docker("stop", first)
            load.people.wait_for(SOME)
            wait_until(lambda: len(addresses_at_the_edge(stack)) == REPLICAS - 1, FOLLOWED_SECONDS)
            load.people.wait_until_well()
    finally:
        scale(stack, REPLICAS, **SMALL)
    assert load.ledger.failures == {}
