"""Which hours and days a chart shows, in the time zone of whoever looks at it.

The API counts in hours of UTC. A day is made of those that begin in it, so in a zone of half hours the first half hour
of a day counts with the day before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    name: str
    # Hours or days, the present one among them.
    count: int
    by_day: bool


PERIODS = {
    period.name: period
    for period in (
        Period("day", 24, by_day=False),
        Period("week", 7 * 24, by_day=False),
        Period("month", 30, by_day=True),
        Period("quarter", 90, by_day=True),
    )
}
USUAL = "week"


@dataclass(frozen=True, slots=True)
class Span:
    """Whole hours in UTC, from the first moment of one up to that of another."""

    since: datetime
    until: datetime


def edges_of(period: Period, now: datetime, zone: ZoneInfo) -> Sequence[datetime]:
    """Where the hours or days of a period begin, in UTC, and last where the present one ends."""
    if not period.by_day:
        end = beginning_of_hour(now) + HOUR
        return [end - number * HOUR for number in range(period.count, -1, -1)]
    today = now.astimezone(zone).date()
    return [midnight(today - number * DAY, zone) for number in range(period.count - 1, -2, -1)]


def span_of(period: Period, now: datetime, zone: ZoneInfo) -> Span:
    return Span(next_hour(edges_of(period, now, zone)[0]), beginning_of_hour(now) + HOUR)


def span_before(period: Period, now: datetime, zone: ZoneInfo) -> Span:
    """As many hours or days, before the period begins."""
    first = edges_of(period, now, zone)[0]
    if not period.by_day:
        return Span(first - period.count * HOUR, first)
    before = midnight(first.astimezone(zone).date() - period.count * DAY, zone)
    return Span(next_hour(before), next_hour(first))


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def beginning_of_hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def next_hour(moment: datetime) -> datetime:
    """The first that begins then or later."""
    hour = beginning_of_hour(moment)
    return hour if hour == moment else hour + HOUR
