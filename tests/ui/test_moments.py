"""Times are written in UTC wherever they were measured."""

from datetime import datetime, timedelta, timezone

from ui.elements.moments import clock, moment

PARIS = datetime(2026, 7, 1, 1, 30, 5, tzinfo=timezone(timedelta(hours=2)))


def test_a_moment_has_its_day_and_zone() -> None:
    assert moment(PARIS) == "2026-06-30 23:30:05 UTC"


def test_a_time_of_day_has_its_zone() -> None:
    assert clock(PARIS) == "23:30:05 UTC"
