"""What is spent of the day, over restarts and midnights, and when a warning is due: pure functions."""

from datetime import UTC, datetime, timedelta

import pytest

from inference.cpu_budget import FIVE_MINUTES, HOUR, MINUTE, BudgetWarning, Point, Spent, add_up, judge, with_point

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
BUDGET = 3600.0


def spent(
    seconds: float, at: datetime = NOON, *, lately: tuple[float, int] = (0.0, 1), counter: float = 10, **more: object
) -> Spent:
    """At one pace in the last minutes: so many seconds in so many of them. A day with the life before had 100 more."""
    took, minutes = lately
    total = 100 + seconds
    points = [(at - (minutes - each) * MINUTE, total - took + took * each / minutes) for each in range(minutes + 1)]
    known = {"at": at, "today_seconds": seconds, "total_seconds": total, "life": "a", "counter": counter}
    return Spent.model_validate(known | {"points": points} | more)


@pytest.mark.parametrize(
    ("before", "life", "counter", "today"),
    [
        pytest.param(None, "a", 7.0, 7.0, id="nothing known: all since the container began"),
        pytest.param(spent(10, NOON - MINUTE), "a", 12.5, 12.5, id="the same life goes on"),
        pytest.param(spent(10, NOON - MINUTE), "b", 2.0, 12.0, id="another container, whose counter begins anew"),
        pytest.param(spent(10, NOON - MINUTE), "b", 50.0, 60.0, id="another container, which has taken more"),
        pytest.param(spent(10, NOON - MINUTE), "a", 4.0, 14.0, id="a counter that began anew all the same"),
        pytest.param(spent(10, NOON - 13 * HOUR), "a", 12.5, 2.5, id="a new day, the same life"),
        pytest.param(spent(10, NOON - 13 * HOUR), "b", 3.0, 3.0, id="a new day, another container"),
        pytest.param(spent(10, NOON + 13 * HOUR), "a", 12.5, 2.5, id="a clock that was a day ahead"),
        pytest.param(spent(10, NOON - 12 * HOUR), "a", 12.5, 12.5, id="since midnight itself"),
    ],
)
def test_what_is_spent_today(before: Spent | None, life: str, counter: float, today: float) -> None:
    found = add_up(before, NOON, life, counter, age_seconds=30)
    assert (found.today_seconds, found.life, found.counter, found.at) == (today, life, counter, NOON)
    assert found.points[-1] == Point(NOON, found.total_seconds)


def test_a_day_is_one_of_utc_whatever_the_clock_that_wrote_it() -> None:
    late = datetime.fromisoformat("2026-11-25T23:59:00-05:00")
    assert add_up(spent(10, late), datetime(2026, 11, 26, 5, tzinfo=UTC), "a", 11, 9).today_seconds == 11


def test_what_was_warned_of_is_kept() -> None:
    [warning] = judge(spent(3000), BUDGET)
    kept = spent(3000, warnings={"day": warning})
    assert add_up(kept, NOON + MINUTE, "b", 1, 9).warnings == {"day": warning}


@pytest.mark.parametrize(
    ("window", "seconds"),
    [
        pytest.param(FIVE_MINUTES, 50.0, id="whole steps"),
        pytest.param(timedelta(minutes=2.5), 25.0, id="in between two looks"),
        pytest.param(20 * MINUTE, 100.0, id="longer than anything is known"),
    ],
)
def test_what_a_window_took(window: timedelta, seconds: float) -> None:
    assert spent(500, lately=(100, 10)).within(window) == pytest.approx(seconds)


def test_nothing_known_is_since_the_container_began() -> None:
    found = add_up(None, NOON, "a", 12, age_seconds=600)
    assert found.points == (Point(NOON - 10 * MINUTE, 0), Point(NOON, 12))
    assert found.within(FIVE_MINUTES) == 6
    # One that has run for a day has not taken all of it in this hour.
    assert add_up(None, NOON, "a", 240, age_seconds=86_400).within(HOUR) == 10


def test_a_new_container_took_its_start_since_it_began_and_not_while_there_was_none() -> None:
    before = spent(20, NOON - 10 * MINUTE, lately=(6, 1))
    found = add_up(before, NOON, "b", 3, age_seconds=30)
    assert (found.today_seconds, found.within(MINUTE)) == (23, 3)
    assert found.within(FIVE_MINUTES) == 3
    assert found.within(timedelta(minutes=10.5)) == 6


def test_points_are_a_minute_apart_and_of_the_last_hour_and_one_before_it() -> None:
    found = add_up(None, NOON, "a", 0, age_seconds=0)
    for look in range(1, 3 * 360 + 1):
        found = add_up(found, NOON + look * timedelta(seconds=10), "a", look / 6, age_seconds=0)
    assert 60 <= len(found.points) <= 75
    assert found.within(HOUR) == pytest.approx(60)
    assert found.within(FIVE_MINUTES) == pytest.approx(5)


def test_what_lies_ahead_of_a_clock_that_was_set_back_is_left_out() -> None:
    points = with_point(spent(100, lately=(100, 10)).points, Point(NOON - 3 * MINUTE, 200.0))
    assert [each.at for each in points] == [NOON - each * MINUTE for each in range(10, 2, -1)]
    found = add_up(spent(100, lately=(100, 10)), NOON - HOUR, "a", 15, age_seconds=9)
    assert (found.today_seconds, found.points, found.within(HOUR)) == (105, (Point(NOON - HOUR, 205),), 0)


DAY_CASES = [
    # seconds spent, of them in the last hour, minutes from now until it is gone (None: it lasts; -1: no warning)
    pytest.param(0.0, 0.0, -1, id="nothing spent"),
    pytest.param(1799.0, 1700.0, -1, id="a busy hour, less than half"),
    pytest.param(1800.0, 100.0, -1, id="half, and the rest lasts"),
    pytest.param(1800.0, 150.0, -1, id="half, and the rest lasts until midnight exactly"),
    pytest.param(1800.0, 180.0, 600, id="half, and it would be gone at ten"),
    pytest.param(2700.0, 1800.0, 30, id="three quarters, at half of it an hour"),
    pytest.param(2879.0, 0.0, -1, id="nearly four fifths, and quiet"),
    pytest.param(2880.0, 0.0, None, id="four fifths, and quiet"),
    pytest.param(2880.0, 36.0, None, id="four fifths, and the rest lasts"),
    pytest.param(2880.0, 720.0, 60, id="four fifths, and an hour left"),
    pytest.param(3600.0, 0.0, 0, id="all of it"),
    pytest.param(4000.0, 900.0, 0, id="more than all of it"),
]


@pytest.mark.parametrize(("seconds", "last_hour", "minutes"), DAY_CASES)
def test_when_the_day_is_warned_of(seconds: float, last_hour: float, minutes: int | None) -> None:
    found = judge(spent(seconds, lately=(last_hour, 60)), BUDGET)
    day = [each for each in found if each.reason == "day"]
    if minutes == -1:
        assert day == []
        return
    [warning] = day
    assert (warning.spent_seconds, warning.budget_seconds, warning.at) == (seconds, BUDGET, NOON)
    assert warning.share == seconds / BUDGET
    assert warning.exhausted_at == (None if minutes is None else NOON + minutes * MINUTE)


@pytest.mark.parametrize(
    ("lately", "is_due", "is_gone"),
    [(0.0, False, False), (143.0, False, False), (144.0, True, False), (180.0, True, True), (400.0, True, True)],
)
def test_when_five_minutes_are_warned_of(lately: float, is_due: bool, is_gone: bool) -> None:
    found = judge(spent(400, lately=(lately, 5)), BUDGET)
    warned = [each for each in found if each.reason == "five_minutes"]
    assert len(warned) == is_due
    for warning in warned:
        assert (warning.spent_seconds, warning.budget_seconds) == (lately, 180.0)
        assert warning.exhausted_at == (NOON if is_gone else None)


def test_without_a_budget_nothing_is_warned_of() -> None:
    assert judge(spent(100_000, lately=(5000, 60)), 0.0) == []


def given(reason: str, at: datetime) -> BudgetWarning:
    return BudgetWarning.model_validate({"reason": reason, "at": at, "spent_seconds": 1, "budget_seconds": 1})


@pytest.mark.parametrize(
    ("reason", "before", "again"),
    [
        pytest.param("day", NOON - 11 * HOUR, False, id="today already"),
        pytest.param("day", NOON - 13 * HOUR, True, id="yesterday"),
        pytest.param("five_minutes", NOON - 59 * MINUTE, False, id="within the hour"),
        pytest.param("five_minutes", NOON - 60 * MINUTE, True, id="an hour ago"),
        pytest.param("five_minutes", NOON + 60 * MINUTE, True, id="by a clock that was ahead"),
    ],
)
def test_a_warning_is_given_once_a_day_or_an_hour(reason: str, before: datetime, again: bool) -> None:
    known = spent(3600, lately=(400, 5), warnings={reason: given(reason, before)})
    found = [each.reason for each in judge(known, BUDGET)]
    other = {"day": "five_minutes", "five_minutes": "day"}[reason]
    assert set(found) == ({reason, other} if again else {other})
