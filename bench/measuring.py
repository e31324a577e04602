"""What is measured of one peer in one round, from its start to its end."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from bench.closed_loop import ClosedLoop, closed_loop
from bench.core import SERVER_CORE, drive, pin
from bench.open_loop import OpenLoop, open_loop
from bench.peers.catalogue import with_variables
from bench.peers.peer import Peer, PeerFailed, Route
from bench.running import Running, running
from bench.texts import ROOT, new_tweets, tweets
from bench.weight import Weight, weigh_worker
from bench.wire import Address, post_request

CLIENTS = (1, 16, 64)
BATCH_TEXTS, BATCH_CLIENTS = 256, 2
WARM_UP_CLIENTS = 16
OVERLOAD, OVERLOAD_SECONDS = 2.0, 10.0
# More than there are.
WINDOWS = 8
# What the window before has left in a server's queues is done by then.
PAUSE_SECONDS = 0.3

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Measured:
    singles: Sequence[ClosedLoop]  # in the order of the numbers of clients
    batch: ClosedLoop | None
    overload: OpenLoop | None
    weight: Weight  # after all these windows
    start_seconds: float


@dataclass(frozen=True, slots=True)
class Offline:
    """Tweets a second of the bare loop."""

    alone: float
    in_chunks: float


def measure(peer: Peer, clients: Sequence[int], seconds: float, say: Say) -> Measured:
    """PeerFailed where it does not start or answers something else than it should."""
    say("starting")
    with running(peer) as server:
        peer.check(server.address.url)
        texts = tweets() if peer.asks_again else new_tweets()
        singles = requests_of(peer.single, server.address, texts, 1)

        windows = count()

        def window(requests: Sequence[bytes], connections: int, what: str) -> ClosedLoop:
            say(what)
            time.sleep(PAUSE_SECONDS)
            lasts, later = seconds * peer.patience, begin_later(requests, next(windows))
            return drive(closed_loop(server.address, later, connections=connections, seconds=lasts))

        window(singles, WARM_UP_CLIENTS, "warming up")
        found = [window(singles, connections, f"c={connections}") for connections in clients]
        batch = None
        if peer.batch is not None:
            batches = requests_of(peer.batch, server.address, texts, BATCH_TEXTS)
            batch = window(batches, BATCH_CLIENTS, f"{BATCH_TEXTS} tweets a request")
        overload = None
        if peer.is_overloaded:
            say("more than it can answer")
            later = begin_later(singles, next(windows))
            overload = overloaded(server, later, max(each.requests_per_second for each in found))
        return Measured(found, batch, overload, weigh_worker(server.process), server.start_seconds)


def requests_of(route: Route, address: Address, texts: Sequence[str], texts_each: int) -> list[bytes]:
    """Every tweet once, then in turn again, so that the last batch is as large as the first."""
    starts = range(0, len(texts), texts_each)
    chosen = ([texts[(start + offset) % len(texts)] for offset in range(texts_each)] for start in starts)
    return [post_request(address, route.path, route.body(each)) for each in chosen]


def begin_later(requests: Sequence[bytes], window: int) -> Sequence[bytes]:
    """The same in turn, from another one on: what the window before asked is not asked again at once."""
    start = window * len(requests) // WINDOWS
    return [*requests[start:], *requests[:start]]


def overloaded(server: Running, requests: Sequence[bytes], peak: float) -> OpenLoop:
    if not peak:
        raise PeerFailed("no request was answered with 200, so there is no rate to double")
    return drive(open_loop(server.address, requests, rate=OVERLOAD * peak, seconds=OVERLOAD_SECONDS))


def measure_offline(bundle: Path, seconds: float) -> Offline:
    command = [sys.executable, "-m", "bench.peers.offline", str(bundle), "--seconds", str(seconds)]
    process = subprocess.Popen(command, cwd=ROOT, env=with_variables(), stdout=subprocess.PIPE, text=True)
    pin(SERVER_CORE, process.pid)
    output, _ = process.communicate()
    if process.returncode:
        raise PeerFailed("the bare loop ended with an error")
    found = json.loads(output)
    return Offline(found["alone"], found["in_chunks"])
