"""Hours and days in the time zone of whoever looks: half hours, and days of 23 and of 25 hours."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from ui.elements.moments import zone_of
from ui.monitor.periods import PERIODS, Span, edges_of, span_before, span_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PARIS, NEW_YORK, KOLKATA = ZoneInfo("Europe/Paris"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")
ZONES = ("UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns")
LONGEST = timedelta(days=92)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def lengths(period: str, now: str, zone: ZoneInfo) -> list[float]:
    return [(end - start) / HOUR for start, end in pairwise(edges_of(PERIODS[period], at(now), zone))]


def test_a_day_by_the_hour_is_the_present_hour_and_those_before_it() -> None:
    edges = edges_of(PERIODS["day"], at("2026-03-10T14:20"), PARIS)
    assert (edges[0], edges[-1], len(edges)) == (at("2026-03-09T15:00"), at("2026-03-10T15:00"), 25)
    assert set(lengths("week", "2026-03-10T14:20", PARIS)) == {1}


def test_at_the_full_hour_a_new_one_has_begun() -> None:
    edges = edges_of(PERIODS["day"], at("2026-03-10T14:00"), PARIS)
    assert edges[-2:] == [at("2026-03-10T14:00"), at("2026-03-10T15:00")]


def test_days_begin_at_the_midnight_of_the_zone() -> None:
    edges = edges_of(PERIODS["month"], at("2026-07-10T23:30"), PARIS)
    # There it is the 11th already.
    assert (edges[0], edges[-1], len(edges)) == (at("2026-06-11T22:00"), at("2026-07-11T22:00"), 31)


def test_a_day_of_summer_time_has_23_hours_and_one_of_winter_time_25() -> None:
    assert lengths("month", "2026-03-30T12:00", PARIS)[-3:] == [24, 23, 24]
    assert lengths("month", "2026-10-26T12:00", PARIS)[-3:] == [24, 25, 24]
    assert lengths("month", "2026-11-02T12:00", NEW_YORK)[-3:] == [24, 25, 24]
    assert set(lengths("quarter", "2026-11-02T12:00", KOLKATA)) == {24}


def test_in_a_zone_of_half_hours_the_first_whole_hour_of_the_day_is_asked_for() -> None:
    now = at("2026-07-10T12:00")
    assert edges_of(PERIODS["month"], now, KOLKATA)[0] == at("2026-06-10T18:30")
    assert span_of(PERIODS["month"], now, KOLKATA).since == at("2026-06-10T19:00")


def test_the_period_before_ends_where_the_period_begins() -> None:
    now = at("2026-03-10T14:20")
    assert span_before(PERIODS["day"], now, PARIS) == Span(at("2026-03-08T15:00"), at("2026-03-09T15:00"))
    assert span_before(PERIODS["month"], now, ZoneInfo("UTC")) == Span(at("2026-01-10T00:00"), at("2026-02-09T00:00"))


def test_the_days_before_are_counted_as_days_across_a_change_of_the_clock() -> None:
    before = span_before(PERIODS["month"], at("2026-04-20T12:00"), PARIS)
    # The days after it hold the one of 23 hours.
    assert before == Span(at("2026-02-19T23:00"), at("2026-03-21T23:00"))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("period", PERIODS)
def test_no_moment_of_a_year_asks_for_more_than_the_api_gives(period: str, zone: str) -> None:
    for number in range(0, 366 * 24, 17):
        now = at("2026-01-01T00:10") + number * HOUR
        edges = edges_of(PERIODS[period], now, ZoneInfo(zone))
        span = span_of(PERIODS[period], now, ZoneInfo(zone))
        before = span_before(PERIODS[period], now, ZoneInfo(zone))
        assert len(edges) == PERIODS[period].count + 1
        assert edges[0] <= span.since < edges[1] and span.since <= now < span.until <= edges[-1] + HOUR
        assert before.until == span.since
        assert all(each.until - each.since <= LONGEST for each in (span, before))
        moments = (span.since, span.until, before.since, before.until)
        assert all((moment.minute, moment.utcoffset()) == (0, timedelta()) for moment in moments)


@pytest.mark.parametrize("name", [None, "", "Nowhere/Atlantis", "../../etc/passwd", "Europe", "/etc/localtime", "a\0b"])
def test_a_zone_that_is_not_known_is_utc(name: str | None) -> None:
    assert zone_of(name).key == "UTC"


def test_a_known_zone_is_that_zone() -> None:
    assert zone_of("Asia/Kolkata") == KOLKATA
