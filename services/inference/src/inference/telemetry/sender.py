"""Sends what waits for Application Insights, group by group, and keeps what it did not take for the next time."""

import logging
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from inference.metrics import Metrics
from inference.privacy import Privacy
from inference.telemetry.events import SERVED, describe_rejected
from inference.telemetry.items import Item, Outcome, Sink
from inference.telemetry.outbox import RejectionCopy, TelemetryOutbox
from inference.telemetry.telemetry import Telemetry

logger = logging.getLogger(__name__)

# Of texts of a thousand characters, half a megabyte in one request.
GROUP = 250
# After an outage the copies are to be there within a minute.
LONGEST_PAUSE_SECONDS = 30.0
# What the endpoint refuses as it is may be wanted again once somebody has set it right.
REFUSED_PAUSE_SECONDS = 3600.0


class Sender:
    """Used by one thread."""

    def __init__(
        self,
        sink: Sink,
        outbox: TelemetryOutbox,
        telemetry: Telemetry,
        privacy: Privacy,
        metrics: Metrics,
        *,
        include_text: bool,
    ) -> None:
        self._sink = sink
        self._outbox = outbox
        self._telemetry = telemetry
        self._privacy = privacy
        self._metrics = metrics
        self._include_text = include_text
        self._failures = 0
        self._not_before = 0.0
        # What the endpoint was too busy for, the latest of it.
        self._kept: list[Item] = []

    def send(self) -> bool:
        """Raises Unavailable. Whether there is more to send at once."""
        if self._is_pausing():
            return False
        is_more = self._send_rejections()
        if not self._is_pausing():
            is_more |= self._send_the_rest()
        self._metrics.copies_waiting.set(self._outbox.count_waiting())
        return is_more and not self._is_pausing()

    def _is_pausing(self) -> bool:
        return time.monotonic() < self._not_before

    def _send_rejections(self) -> bool:
        now = datetime.now(UTC)
        claimed = self._outbox.claim(now, GROUP)
        if not claimed:
            return False
        events = [describe_rejected(copy, self._privacy, include_text=self._include_text) for copy in claimed]
        outcomes = self._send(events)
        sent = [copy.sequence for copy, outcome in zip(claimed, outcomes, strict=True) if outcome is Outcome.ACCEPTED]
        later = {
            copy.sequence: now + pause_of(copy, outcome)
            for copy, outcome in zip(claimed, outcomes, strict=True)
            if outcome is not Outcome.ACCEPTED
        }
        self._outbox.settle(sent, later, datetime.now(UTC))
        self._metrics.copied.inc(len(sent))
        return len(claimed) == GROUP

    def _send_the_rest(self) -> bool:
        served = self._telemetry.take_served(GROUP)
        events = self._telemetry.take_events(GROUP)
        items = [*self._kept, *events, *self._telemetry.take_requests(datetime.now(UTC)), *served]
        outcomes = self._send(items) if items else []
        pairs = zip(items, outcomes, strict=True)
        # Not the served ones: there are always more of them.
        kept: list[Item] = [item for item, said in pairs if said is Outcome.LATER and item.name != SERVED]
        self._kept = kept[-GROUP:]
        return len(served) == GROUP

    def _send(self, items: Sequence[Item]) -> list[Outcome]:
        outcomes = self._sink.send(items)
        if Outcome.LATER in outcomes:
            self._failures += 1
            pause = pause_after(self._failures)
            self._not_before = time.monotonic() + pause
            logger.warning("telemetry_postponed items=%d pause_seconds=%.0f", outcomes.count(Outcome.LATER), pause)
        else:
            self._failures = 0
        if refused := outcomes.count(Outcome.REFUSED):
            logger.error("telemetry_refused items=%d", refused)
        return outcomes


def pause_after(failures: int) -> float:
    """1, 2, 4 and so on: seconds."""
    # Within a day of an outage the power would be more than a float can hold.
    return min(LONGEST_PAUSE_SECONDS, 2.0 ** min(failures - 1, 16))


def pause_of(copy: RejectionCopy, outcome: Outcome) -> timedelta:
    return timedelta(seconds=REFUSED_PAUSE_SECONDS if outcome is Outcome.REFUSED else pause_after(copy.attempts))
