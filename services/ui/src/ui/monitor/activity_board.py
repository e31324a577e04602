"""What one person's session knows of activity: of each period as the API last told.

It stays when the API goes away, with its time. Whoever asks the API or draws holds the lock.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import RLock
from zoneinfo import ZoneInfo

from ui.api.activity import Judgement
from ui.api.client import Client
from ui.api.errors import ApiError
from ui.monitor.counts import Bin, Counts, add_up, fill_bins
from ui.monitor.periods import Period, Span, edges_of, span_before, span_of
from ui.settings import Settings


@dataclass(frozen=True)
class ActivityPicture:
    period: Period
    zone: ZoneInfo
    taken_at: datetime
    bins: Sequence[Bin]
    total: Counts
    # Of the period before.
    before: Counts
    said: Judgement
    audit: Judgement


@dataclass(eq=False)
class ActivityBoard:
    settings: Settings
    client: Client
    # By the name of the period.
    pictures: dict[str, ActivityPicture] = field(default_factory=dict)
    # Of the last look, whatever period it was of.
    failure: ApiError | None = None
    lock: RLock = field(default_factory=RLock)
    _before: dict[str, tuple[Span, Counts]] = field(default_factory=dict)

    def refresh(self, period: Period, zone: ZoneInfo, now: datetime | None = None) -> None:
        try:
            self.pictures[period.name] = self._look(period, zone, now or datetime.now(UTC))
        except ApiError as error:
            self.failure = error
            return
        self.failure = None

    def _look(self, period: Period, zone: ZoneInfo, now: datetime) -> ActivityPicture:
        span = span_of(period, now, zone)
        found = self.client.read_activity(span.since, span.until)
        return ActivityPicture(
            period=period,
            zone=zone,
            taken_at=now,
            bins=fill_bins(edges_of(period, now, zone), found.items),
            total=add_up(found.items),
            before=self._look_before(period, span_before(period, now, zone)),
            said=found.said,
            audit=found.audit,
        )

    def _look_before(self, period: Period, span: Span) -> Counts:
        """These hours are over: they are asked for once, and again when the period has moved on."""
        kept_span, counts = self._before.get(period.name, (None, Counts()))
        if kept_span != span:
            counts = add_up(self.client.read_activity(span.since, span.until).items)
            self._before[period.name] = (span, counts)
        return counts
