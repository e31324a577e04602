"""A line for each request, and a count: of a route, never of a path, which is the caller's own text."""

import logging
import re
import time

from inference.metrics import Metrics
from inference.telemetry.telemetry import Telemetry

logger = logging.getLogger(__name__)

EVENT = "request_served request_id=%s method=%s route=%s status=%d ms=%.1f"
# A caller's own id goes into our log: a short word, or we make one.
OWN_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
PROBES = ("/health/", "/metrics")


class RequestLog:
    """Lines about requests that went well have a budget: so many a second, and the rest in one."""

    def __init__(self, metrics: Metrics, lines_per_second: int, telemetry: Telemetry | None = None) -> None:
        self._metrics = metrics
        self._telemetry = telemetry
        self._lines_per_second = lines_per_second
        self._second = 0
        self._written = 0
        self._left_out = 0

    def note(self, method: str, route: str, request_id: bytes, status: int, seconds: float) -> None:
        self._metrics.count_request(method, route, status, seconds)
        if self._telemetry is not None:
            self._telemetry.note_request(route, status, seconds)
        # Probes come every few seconds and would drown the rest.
        if status >= 400 or (not route.startswith(PROBES) and self._has_room()):
            logger.info(EVENT, request_id.decode(), method, route, status, seconds * 1000)

    def _has_room(self) -> bool:
        second = int(time.monotonic())
        if second != self._second:
            if self._left_out:
                logger.info("requests_served count=%d reason=log_lines_per_second", self._left_out)
            self._second, self._written, self._left_out = second, 0, 0
        if self._written < self._lines_per_second:
            self._written += 1
            return True
        self._left_out += 1
        return False


def is_request_id(given: bytes) -> bool:
    return OWN_ID.fullmatch(given) is not None
