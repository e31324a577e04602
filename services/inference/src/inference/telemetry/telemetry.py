"""What is noted until it is sent: a share of the predictions, how long requests took, and rare events of their own.

It is worth little by the piece: kept in memory, bounded, and lost with the worker. Rejections go by outbox.py.
"""

import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from inference.privacy import Privacy
from inference.telemetry.events import describe_served
from inference.telemetry.items import Event, Item, Metric

MOST_KEPT = 5_000
REQUESTS = "request_seconds"
REQUESTS_EVERY = timedelta(minutes=1)


@dataclass(slots=True)
class Total:
    count: int = 0
    seconds: float = 0.0
    least: float = float("inf")
    most: float = 0.0

    def add(self, seconds: float) -> None:
        self.count += 1
        self.seconds += seconds
        self.least = min(self.least, seconds)
        self.most = max(self.most, seconds)


class Telemetry:
    def __init__(self, privacy: Privacy, served_share: float, *, include_text: bool) -> None:
        self._privacy = privacy
        self._include_text = include_text
        # One in so many, evenly: 0 for none.
        self._every = round(1 / served_share) if served_share else 0
        self._seen = 0
        self._served: deque[bytes] = deque(maxlen=MOST_KEPT)
        self._events: deque[Event] = deque(maxlen=MOST_KEPT)
        self._requests: dict[tuple[str, int], Total] = {}
        self._requests_since: datetime | None = None
        self._lock = threading.Lock()

    def note_served(self, row: bytes) -> None:
        self._seen += 1
        if self._every and self._seen % self._every == 0:
            self._served.append(row)

    def note_event(self, event: Event) -> None:
        """All of them are sent."""
        self._events.append(event)

    def note_request(self, route: str, status: int, seconds: float) -> None:
        with self._lock:
            total = self._requests.get((route, status))
            if total is None:
                total = self._requests[route, status] = Total()
            total.add(seconds)

    def take_served(self, limit: int) -> list[Item]:
        rows = [self._served.popleft() for _ in range(min(limit, len(self._served)))]
        return [
            describe_served(row, self._privacy, include_text=self._include_text, stands_for=self._every) for row in rows
        ]

    def take_events(self, limit: int) -> list[Item]:
        return [self._events.popleft() for _ in range(min(limit, len(self._events)))]

    def take_requests(self, now: datetime) -> list[Item]:
        """Those of the last minute, once it is over."""
        if self._requests_since is None or now < self._requests_since:
            self._requests_since = now
        if now - self._requests_since < REQUESTS_EVERY:
            return []
        self._requests_since = now
        with self._lock:
            totals, self._requests = self._requests, {}
        return [describe_requests(route, status, total, now) for (route, status), total in totals.items()]


def describe_requests(route: str, status: int, total: Total, at: datetime) -> Metric:
    properties = {"route": route, "status": str(status)}
    return Metric(REQUESTS, properties, at, total.count, total.seconds, total.least, total.most)
