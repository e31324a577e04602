"""Requests that are due at a constant rate, whether or not those before have been answered.

The schedule is fixed beforehand: request i is due i/rate seconds after the start. One that finds no free connection
waits here, in turn, and its waiting counts: a service that stalls is seen by everybody who would have come meanwhile.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from bench.connection import Connection
from bench.dialer import Dialer
from bench.wire import Address

# Timers count in these. A driver that was awake in between would take time from a server on the same core's other half,
# so a request may be as late as this, and that is counted as well.
TICK_SECONDS = 0.001
# So few requests it can await, and be in time: these are the probes.
PUNCTUAL_RATE = 100.0
# Open before the first request is due; the rest follows when it is needed.
CONNECTIONS_AT_START = 16


@dataclass(frozen=True, slots=True)
class Answer:
    """Times are of time.perf_counter."""

    status: int
    due_at: float
    sent_at: float
    answered_at: float

    @property
    def since_due(self) -> float:
        return self.answered_at - self.due_at

    @property
    def since_sent(self) -> float:
        return self.answered_at - self.sent_at


class Offer:
    """Owner of a pool of connections that grows up to its limit when requests wait."""

    def __init__(
        self, address: Address, requests: Sequence[bytes], *, rate: float, seconds: float, connections: int = 1
    ) -> None:
        self.dialer = Dialer(address, self)
        self.total = int(rate * seconds)
        self.answers: list[Answer] = []
        self.errors = 0
        self._requests = requests
        self._rate = rate
        self._limit = connections
        self._idle: list[Connection] = []
        self._sent = 0
        self._is_stopped = False
        self._timer: asyncio.TimerHandle | None = None
        self.started_at = self.ends_at = 0.0

    @property
    def unanswered(self) -> int:
        """Requests that are due in all, less those whose fate is known."""
        return self.total - len(self.answers) - self.errors

    async def start(self) -> None:
        """OSError where the server is away."""
        await self.dialer.open_first(min(self._limit, CONNECTIONS_AT_START))
        self.started_at = perf_counter()
        self.ends_at = self.started_at + self.total / self._rate
        self._tick()

    async def run(self) -> None:
        """Start, and stay until the last request was due."""
        await self.start()
        await asyncio.sleep(self.ends_at - perf_counter())

    async def stop(self) -> None:
        """Whoever has no answer by now is unanswered, and no error."""
        self._is_stopped = True
        if self._timer is not None:
            self._timer.cancel()
        await self.dialer.close()

    def ready(self, connection: Connection) -> None:
        # Before the start nothing is due, and started_at says so.
        if self.started_at and not self._is_stopped and self._waiting() > 0:
            self._send(connection)
        else:
            self._idle.append(connection)

    def answered(self, connection: Connection, status: int) -> None:
        self.answers.append(Answer(status, connection.due_at, connection.sent_at, perf_counter()))

    def lost(self, connection: Connection, unanswered: bool) -> None:
        self.errors += unanswered and not self._is_stopped
        self.dialer.forget(connection)
        if connection in self._idle:
            self._idle.remove(connection)

    def _waiting(self) -> int:
        due = int((perf_counter() - self.started_at) * self._rate) + 1
        return min(due, self.total) - self._sent

    def _send(self, connection: Connection) -> None:
        due_at = self.started_at + self._sent / self._rate
        connection.send(self._requests[self._sent % len(self._requests)], due_at)
        self._sent += 1

    def _tick(self) -> None:
        waiting = self._waiting()
        while waiting > 0 and self._idle:
            self._send(self._idle.pop())
            waiting -= 1
        for _ in range(min(waiting - self.dialer.dialing, self._limit - self.dialer.connections)):
            self.dialer.dial()
        if self._sent < self.total:
            next_due = self.started_at + self._sent / self._rate - perf_counter()
            wait = next_due - TICK_SECONDS / 2 if self._rate <= PUNCTUAL_RATE else max(TICK_SECONDS, next_due)
            self._timer = asyncio.get_running_loop().call_later(max(0.0, wait), self._tick)
