"""Closed loop: each connection sends its next request once it has its answer. How much can the service do?

python -m bench.closed_loop http://127.0.0.1:8000 --connections 16 --seconds 5
"""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from time import perf_counter, process_time

from bench.connection import Connection
from bench.core import DRIVER_CORE, drive, pin
from bench.dialer import Dialer
from bench.latency import Latency, summarize
from bench.texts import new_tweets
from bench.wire import Address, post_request, read_address

WARM_UP_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class ClosedLoop:
    connections: int
    requests_per_second: float  # those that were answered with 2xx, like the latency
    latency: Latency
    statuses: Mapping[int, int]
    errors: int  # requests whose connection broke
    driver_busy: float  # share of its core that the driver needed: near 1 it is the driver that was measured

    @property
    def failures(self) -> int:
        return self.errors + sum(count for status, count in self.statuses.items() if not 200 <= status < 300)


class Clients:
    """Owner of the connections; what it counts begins with `start_counting`."""

    def __init__(self, address: Address, requests: Sequence[bytes]) -> None:
        self.dialer = Dialer(address, self)
        self._requests = cycle(requests)
        self.start_counting()

    def start_counting(self) -> None:
        self.waits: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.errors = 0

    def ready(self, connection: Connection) -> None:
        connection.send(next(self._requests))

    def answered(self, connection: Connection, status: int) -> None:
        self.statuses[status] += 1
        if 200 <= status < 300:
            self.waits.append(perf_counter() - connection.sent_at)

    def lost(self, connection: Connection, unanswered: bool) -> None:
        self.errors += unanswered
        self.dialer.forget(connection)
        self.dialer.dial()


async def closed_loop(
    address: Address,
    requests: Sequence[bytes],
    *,
    connections: int,
    seconds: float,
    warm_up_seconds: float = WARM_UP_SECONDS,
) -> ClosedLoop:
    """OSError where the server is away at the start."""
    clients = Clients(address, requests)
    try:
        await clients.dialer.open_first(connections)
        await asyncio.sleep(warm_up_seconds)
        clients.start_counting()
        started, worked = perf_counter(), process_time()
        await asyncio.sleep(seconds)
        took, busy = perf_counter() - started, process_time() - worked
        result = ClosedLoop(
            connections=connections,
            requests_per_second=len(clients.waits) / took,
            latency=summarize(clients.waits),
            statuses=dict(clients.statuses),
            errors=clients.errors,
            driver_busy=busy / took,
        )
    finally:
        await clients.dialer.close()
    return result


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.closed_loop", description="How much can the service do?")
    parser.add_argument("url", help="the service, http://HOST:PORT")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--core", type=int, default=DRIVER_CORE, help="the core that the driver keeps to")
    options = parser.parse_args()
    pin(options.core)
    try:
        address = read_address(options.url)
        requests = [post_request(address, "/v1/predictions", {"text": tweet}) for tweet in new_tweets()]
        found = drive(closed_loop(address, requests, connections=options.connections, seconds=options.seconds))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    sys.stdout.write(describe(found))
    return 0


def describe(found: ClosedLoop) -> str:
    statuses = ", ".join(f"{count:,} of {status}" for status, count in sorted(found.statuses.items()))
    return (
        f"{found.connections} connections: {found.requests_per_second:,.0f} requests a second\n"
        f"latency   {found.latency}\n"
        f"answers   {statuses or 'none'}\n"
        f"errors    {found.errors}\n"
        f"driver    busy {found.driver_busy:.0%} of the time\n"
    )


if __name__ == "__main__":
    sys.exit(main())
