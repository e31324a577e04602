"""What tests of the copies share: an endpoint that answers as it is told, clocks, and what a worker has of it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from uuid import UUID

from sqlalchemy import Engine

from inference.metrics import Metrics
from inference.privacy import Privacy
from inference.tables import telemetry_outbox
from inference.telemetry.items import Event, Item, Outcome
from inference.telemetry.outbox import TelemetryOutbox
from inference.telemetry.sender import Sender
from inference.telemetry.telemetry import Telemetry
from tests.inference.stored import Row, Stored

PRIVACY = Privacy("key", keep_handles="airparadis")
TWEET = "@AirParadis late, says @jane"
JANE = "a" * 64


@dataclass
class Endpoint:
    """A sink that answers as it is told, for each item; what it was asked, and what it took."""

    says: Callable[[Item], Outcome] = lambda _: Outcome.ACCEPTED
    asked: list[Sequence[Item]] = field(default_factory=list)
    taken: list[Item] = field(default_factory=list)

    def send(self, items: Sequence[Item]) -> list[Outcome]:
        self.asked.append(items)
        outcomes = [self.says(item) for item in items]
        self.taken += [item for item, outcome in zip(items, outcomes, strict=True) if outcome is Outcome.ACCEPTED]
        return outcomes

    def close(self) -> None:
        pass

    def events(self) -> list[Event]:
        return [item for item in self.taken if isinstance(item, Event)]


class Clock:
    """Both clocks of the sender: they go on by themselves, and leap as a test says."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def leap(self, seconds: float) -> None:
        self._ahead += seconds

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead

    def now(self, zone: tzinfo) -> datetime:
        return datetime.now(zone) + timedelta(seconds=self._ahead)


@dataclass
class Worker:
    """Verdicts come in, and the sender looks whenever a test says so."""

    engine: Engine
    endpoint: Endpoint
    include_text: bool = False
    share: float = 1.0

    def __post_init__(self) -> None:
        self.stored = Stored(self.engine)
        self.outbox = TelemetryOutbox(self.engine)
        self.telemetry = Telemetry(PRIVACY, self.share, include_text=self.include_text)
        self.metrics = Metrics()
        self.sender = Sender(
            self.endpoint, self.outbox, self.telemetry, PRIVACY, self.metrics, include_text=self.include_text
        )

    def reject(self, content: str = TWEET, author: str | None = None) -> UUID:
        prediction_id = self.stored.predict(content, author=author)
        self.stored.judge(prediction_id, comment="a comment", reviewer=JANE, copied=True)
        return prediction_id

    def waiting(self) -> list[Row]:
        return [row for row in self.rows() if row["next_attempt_at"] is not None]

    def rows(self) -> list[Row]:
        return self.stored.rows(telemetry_outbox)
