"""Hours added up into bars, and how sure their shares are."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from inference.alerting.interval import wilson
from ui.api.activity import ActivityHour
from ui.monitor.counts import Bin, Counts, add_up, fill_bins, labels_in
from ui.monitor.intervals import difference, negative_share, share_of
from ui.monitor.periods import PERIODS, edges_of

HOUR = timedelta(hours=1)
NOON = datetime(2026, 7, 10, 12, tzinfo=UTC)


def hour(at: datetime, negative: int = 0, positive: int = 0, **said: int) -> ActivityHour:
    labels = {name: count for name, count in (("negative", negative), ("positive", positive)) if count}
    given = {"abstained": 0, "judged": 0, "rejected": 0} | said
    return ActivityHour(hour=at, predictions=negative + positive, labels=labels, **given)


def counts(negative: int, positive: int) -> Counts:
    return add_up([hour(NOON, negative, positive)])


def days(hours: Sequence[ActivityHour], now: datetime, zone: str) -> dict[str, int]:
    bins = fill_bins(edges_of(PERIODS["month"], now, ZoneInfo(zone)), hours)
    return {
        f"{each.start.astimezone(ZoneInfo(zone)):%m-%d}": each.counts.predictions
        for each in bins
        if each.counts.predictions
    }


def test_what_is_added_up_is_all_there_is() -> None:
    total = add_up([hour(NOON, 2, 1, abstained=1), hour(NOON + HOUR, 0, 3, judged=4, rejected=2)])
    assert (total.predictions, total.negative, total.abstained, total.judged, total.rejected) == (6, 2, 1, 4, 2)
    assert (total.negative_share, total.abstained_share) == (2 / 6, 1 / 6)


def test_of_nothing_there_is_no_share() -> None:
    nothing = add_up([])
    assert nothing.is_empty and nothing.predictions == 0
    assert (nothing.negative_share, nothing.abstained_share, negative_share(nothing)) == (None, None, None)


def test_an_hour_with_verdicts_alone_is_not_empty() -> None:
    assert not add_up([hour(NOON, judged=1)]).is_empty


def test_hours_without_anything_stay_as_empty_bars_in_their_place() -> None:
    edges = [NOON + number * HOUR for number in range(5)]
    bins = fill_bins(edges, [hour(NOON + HOUR, 2), hour(NOON + 3 * HOUR, 1)])
    assert [each.counts.predictions for each in bins] == [0, 2, 0, 1]
    assert (bins[0].start, bins[-1].end) == (NOON, NOON + 4 * HOUR)


def test_hours_outside_are_left_out() -> None:
    hours = [hour(NOON - HOUR, 5), hour(NOON, 1), hour(NOON + HOUR, 7)]
    assert [each.counts.predictions for each in fill_bins([NOON, NOON + HOUR], hours)] == [1]


@pytest.mark.parametrize(
    ("zone", "day"),
    [("UTC", "07-09"), ("Europe/Paris", "07-10"), ("America/New_York", "07-09"), ("Asia/Kolkata", "07-10")],
)
def test_an_hour_late_in_the_evening_belongs_to_the_day_of_the_zone(zone: str, day: str) -> None:
    late = datetime(2026, 7, 9, 22, tzinfo=UTC)
    assert days([hour(late, 3)], NOON, zone) == {day: 3}


def test_an_hour_that_holds_a_midnight_counts_for_the_day_in_which_it_begins() -> None:
    # In Kolkata it begins at 23:30.
    assert days([hour(datetime(2026, 7, 9, 18, tzinfo=UTC), 3)], NOON, "Asia/Kolkata") == {"07-09": 3}
    assert days([hour(datetime(2026, 7, 9, 19, tzinfo=UTC), 3)], NOON, "Asia/Kolkata") == {"07-10": 3}


@pytest.mark.parametrize(("month", "day", "hours"), [(3, 29, 23), (10, 25, 25)])
def test_a_day_on_which_the_clock_changes_has_all_its_hours_and_no_other(month: int, day: int, hours: int) -> None:
    begin = datetime(2026, month, day - 2, tzinfo=UTC)
    every = [hour(begin + number * HOUR, 1) for number in range(93)]
    found = days(every, datetime(2026, month, day + 1, 12, tzinfo=UTC), "Europe/Paris")
    assert found[f"{month:02}-{day:02}"] == hours
    assert sum(found.values()) == 93


def test_every_hour_lands_in_one_bar_whatever_the_zone() -> None:
    now = datetime(2026, 11, 10, 12, tzinfo=UTC)
    for zone in ("UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"):
        edges = edges_of(PERIODS["quarter"], now, ZoneInfo(zone))
        hours = [hour(now - number * HOUR, 1) for number in range(80 * 24)]
        assert sum(each.counts.predictions for each in fill_bins(edges, hours)) == 80 * 24


def test_labels_are_told_the_worst_first_and_strangers_last() -> None:
    found = Counts()
    found.labels.update({"positive": 1, "sarcasm": 2, "negative": 1, "anger": 1, "neutral": 0})
    assert labels_in(found) == ["negative", "positive", "anger", "sarcasm"]


@pytest.mark.parametrize(("hits", "count"), [(0, 1), (1, 1), (3, 10), (0, 400), (37, 400), (400, 400), (1, 10**6)])
def test_the_interval_of_a_share_is_the_one_of_the_api(hits: int, count: int) -> None:
    found = share_of(hits, count)
    assert found is not None
    assert (found.low, found.high) == pytest.approx(wilson(hits, count), abs=1e-5)
    assert 0 <= found.low <= found.value <= found.high <= 1 or found.low == pytest.approx(found.value)


def test_few_tweets_have_a_wide_interval_and_many_a_narrow_one() -> None:
    few, many = negative_share(counts(1, 2)), negative_share(counts(1000, 2000))
    assert few is not None and many is not None
    assert few.high - few.low > 0.6 and many.high - many.low < 0.04


def test_a_difference_comes_with_newcombes_interval() -> None:
    # The worked example of Newcombe's paper of 1998: 56 of 70 and 48 of 80.
    found = difference(counts(56, 14), counts(48, 32))
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)


def test_the_other_way_round_it_is_the_opposite() -> None:
    one, other = difference(counts(30, 70), counts(50, 50)), difference(counts(50, 50), counts(30, 70))
    assert one is not None and other is not None
    assert (one.value, one.low, one.high) == pytest.approx((-other.value, -other.high, -other.low))


@pytest.mark.parametrize(("now", "before"), [((0, 0), (1, 1)), ((1, 1), (0, 0)), ((0, 0), (0, 0))])
def test_with_nothing_on_one_side_there_is_no_difference(now: tuple[int, int], before: tuple[int, int]) -> None:
    assert difference(counts(*now), counts(*before)) is None


def test_a_bar_knows_when_it_is() -> None:
    assert Bin(NOON, NOON + HOUR).counts.is_empty
