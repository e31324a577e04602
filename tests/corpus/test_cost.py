"""What bad input costs the worker: processor time for the deepest of it, and memory for round after round of all."""

from statistics import linear_regression

import pytest
from corpus import BATCH, JSON, Case, on_every_route
from corpus_documents import documents
from corpus_media import media
from corpus_requests import REQUESTS
from corpus_values import VALUES
from front_door import FrontDoor
from raw_http import build_head
from talking import Talk

CPU_SECONDS = 0.05
TRIES = 3
WARM_ROUNDS = 3
ROUNDS = 10
WINDOWS = 4
BATCHES = 40
KIB_PER_100_ROUNDS = 1024

DEEP = [case for case in [*on_every_route(VALUES), *documents()] if "nested" in case.name]
CHEAP = [case for case in [*on_every_route(VALUES), *documents(), *media()] if case.is_cheap]
CHEAP_REQUESTS = [request for request in REQUESTS if len(request.content) < 20_000]


@pytest.mark.parametrize("case", DEEP, ids=str)
def test_depth_costs_next_to_nothing(talk: Talk, front_door: FrontDoor, case: Case) -> None:
    spent = []
    for _ in range(TRIES):
        before = front_door.cpu_seconds()
        talk.send_case(case, "at once")
        spent.append(front_door.cpu_seconds() - before)
    assert min(spent) < CPU_SECONDS


def fill_caches(talk: Talk) -> None:
    """The pages of the database and the latest answers are kept in memory, up to a limit that these rows reach."""
    for number in range(BATCHES):
        texts = b",".join(b'"a late flight, number %d"' % (number * 256 + text) for text in range(256))
        body = BATCH.hold(texts)
        [answer] = talk.send([build_head(BATCH.path, JSON, len(body)) + body])
        assert answer.status == 200, answer


def send_all(talk: Talk) -> None:
    for case in CHEAP:
        talk.send_case(case, "at once")
    for request in CHEAP_REQUESTS:
        talk.send([request.content])


def test_memory_does_not_grow_with_what_is_sent(talk: Talk, front_door: FrontDoor) -> None:
    """A leak shows in every window; what an allocator keeps shows in the first."""
    fill_caches(talk)
    for _ in range(WARM_ROUNDS):
        send_all(talk)
    slopes = []
    for _ in range(WINDOWS):
        rss = []
        for _ in range(ROUNDS):
            send_all(talk)
            rss.append(front_door.rss_kib())
        slopes.append(100 * linear_regression(range(ROUNDS), rss).slope)
        if slopes[-1] < KIB_PER_100_ROUNDS:
            return
    raise AssertionError(f"KiB more for each 100 rounds of {len(CHEAP) + len(CHEAP_REQUESTS)} requests: {slopes}")
