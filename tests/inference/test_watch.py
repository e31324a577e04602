"""Bursts of rejections, on both databases: what opens an alert, what belongs to it, what ends it.

Some are looked at in two ways: after every verdict, as usual, and once at the end, as by a service that is behind.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from inference.alerting.alert_store import Alert
from inference.alerting.verdicts import Judged
from inference.alerting.watch import Watch
from inference.alerting.watch_store import Turn
from tests.inference.judging import BURSTS, MINUTE, NOON, Judging, judging, look_at_all

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

OPENED = [("opened", "first"), ("opened", "second")]
CLOSED = [("closed", "first"), ("closed", "second")]


@pytest.fixture
def people(database_url: str) -> Iterator[Judging]:
    with judging(database_url) as people:
        yield people


@pytest.fixture
def watch(people: Judging) -> Watch:
    return people.watch()


@pytest.fixture(params=["at each", "at once"])
def reject(request: pytest.FixtureRequest, people: Judging, watch: Watch) -> Callable[..., None]:
    def reject(*minutes: float, by: str | None = None) -> None:
        if request.param == "at once":
            people.reject(*minutes, by=by)
        else:
            for minute in minutes:
                people.reject(minute, by=by)
                look_at_all(watch)
        look_at_all(watch)

    return reject


def only(alerts: list[Alert]) -> Alert:
    [alert] = alerts
    return alert


# --- what opens an alert


def test_three_rejections_within_five_minutes_raise_one_alert(people: Judging, reject: Callable[..., None]) -> None:
    reject(0, 2, 5)
    alert = only(people.found())
    assert (alert.rule, alert.model_version, alert.since, alert.last_seen_at) == ("burst", "1", NOON, people.now)
    assert (alert.judged, alert.rejected, alert.times_seen) == (3, 3, 1)
    assert people.told(alert) == OPENED
    assert people.events(alert) == ["opened"]
    assert len(people.alerts.read_examples(alert.alert_id)) == 3
    assert people.found("note") == []


@pytest.mark.parametrize("minutes", [(), (0,), (0, 1), (0, 3, 6), (0, 2, 5.01), (0, 6, 12, 18)])
def test_two_raise_none_nor_do_three_over_more_than_five_minutes(
    people: Judging, reject: Callable[..., None], minutes: tuple[float, ...]
) -> None:
    reject(*minutes)
    assert people.found() == []


def test_any_five_minutes_count_not_only_those_of_the_clock(people: Judging, reject: Callable[..., None]) -> None:
    reject(4, 5, 6)
    assert only(people.found()).since == NOON + 4 * MINUTE


def test_who_takes_a_rejection_back_before_the_third_prevents_the_alert(people: Judging, watch: Watch) -> None:
    first, _ = people.reject(0, 1)
    people.say(first, "confirmed", 2)
    people.reject(3)
    watch.look()
    assert people.found() == []
    # Rejected anew it is of this moment.
    people.say(first, "rejected", 4)
    watch.look()
    assert only(people.found()).since == NOON + MINUTE


def test_one_prediction_counts_once_however_often_it_is_rejected(people: Judging, watch: Watch) -> None:
    [prediction_id] = people.predict()
    for minute, label in enumerate((None, "positive", None, "positive")):
        people.say(prediction_id, "rejected", minute, label=label)
        watch.look()
    people.reject(4)
    watch.look()
    assert people.found() == []
    people.reject(4.5)
    watch.look()
    assert only(people.found()).rejected == 3


def test_confirmations_count_among_what_was_judged(people: Judging, watch: Watch) -> None:
    for prediction_id in people.predict(7):
        people.say(prediction_id, "confirmed", 0)
    people.reject(1, 2, 3)
    watch.look()
    alert = only(people.found())
    assert (alert.judged, alert.rejected) == (10, 3)


def test_three_long_ago_that_are_seen_only_now_alarm_nobody(people: Judging, watch: Watch) -> None:
    people.reject(0, 1, 2)
    people.go_to(33)
    watch.look()
    assert people.found() == []


def test_without_the_rule_there_is_no_alert(people: Judging) -> None:
    watch = people.watch(replace(BURSTS, burst=None))
    people.reject(0, 0, 0, 0)
    watch.look()
    assert people.found() == []


# --- what belongs to it


def test_more_rejections_belong_to_the_alert_that_is_open_and_nobody_is_told_again(
    people: Judging, watch: Watch
) -> None:
    people.reject(0, 1, 2)
    watch.look()
    for minute in range(3, 20):
        people.reject(minute)
        watch.look()
    alert = only(people.found())
    assert (alert.times_seen, alert.since, alert.last_seen_at) == (18, NOON, NOON + 19 * MINUTE)
    assert (alert.judged, alert.rejected) == (20, 20)
    assert people.told(alert) == OPENED
    assert people.events(alert) == ["opened"]
    assert len(people.alerts.read_examples(alert.alert_id)) == 10


def test_a_burst_ten_minutes_later_is_the_same_incident(people: Judging, reject: Callable[..., None]) -> None:
    reject(0, 1, 2)
    reject(10, 11, 12)
    alert = only(people.found())
    assert alert.last_seen_at == NOON + 12 * MINUTE
    assert people.told(alert) == OPENED


# --- what ends it


def test_after_thirty_quiet_minutes_it_closes_by_itself_and_everybody_is_told_once(
    people: Judging, watch: Watch
) -> None:
    people.reject(0, 1, 2)
    for minute in (2, 32, 32.1, 33, 50):
        people.go_to(minute)
        watch.look()
        assert (only(people.found()).closed_at is None) == (minute <= 32)
    alert = only(people.found())
    assert (alert.closed_at, alert.closed_because) == (NOON + 32.1 * MINUTE, "quiet for 30 minutes")
    assert people.events(alert) == ["opened", "closed"]
    assert people.told(alert) == OPENED + CLOSED


@pytest.mark.parametrize("looks", [True, False], ids=["looked at in between", "not looked at in between"])
def test_a_burst_31_minutes_later_is_another_incident(people: Judging, watch: Watch, looks: bool) -> None:
    people.reject(0, 1, 2)
    watch.look()
    if looks:
        people.go_to(32.5)
        watch.look()
    people.reject(33, 33, 33)
    look_at_all(watch)
    new, old = people.found()
    assert (new.since, new.closed_at, people.told(new)) == (NOON + 33 * MINUTE, None, OPENED)
    assert (old.since, old.closed_because, people.told(old)) == (NOON, "quiet for 30 minutes", OPENED + CLOSED)
    assert old.last_seen_at == NOON + 2 * MINUTE


def test_the_right_label_added_later_is_no_new_rejection(people: Judging, watch: Watch) -> None:
    rejected = people.reject(0, 1, 2)
    for minute in (2, 40):
        people.go_to(minute)
        watch.look()
    for prediction_id in rejected:
        people.say(prediction_id, "rejected", 41, label="positive")
        watch.look()
    alert = only(people.found())
    assert people.events(alert) == ["opened", "closed"]


def test_to_label_an_old_rejection_is_not_to_read_all_verdicts_since(
    people: Judging, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    read_rejections = Turn.read_rejections

    def count(turn: Turn, since: datetime, until: int, limit: int, *, with_floods: bool = False) -> list[Judged]:
        found = read_rejections(turn, since, until, limit, with_floods=with_floods)
        read.append(len(found))
        return found

    monkeypatch.setattr(Turn, "read_rejections", count)
    oldest, *_ = people.reject(*range(0, 6000, 60))
    look_at_all(watch)
    read.clear()
    people.say(oldest, "rejected", 6000, label="positive")
    watch.look()
    assert read == [0, 0]
