"""The share of rejections, on both databases: what raises its alert, what ends it, what is accepted, who is heard."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import event
from sqlalchemy.exc import NoResultFound

from inference.alerting.interval import upper_bound
from inference.alerting.rate import JUDGED_TO_CLOSE, LEARNED_FROM, RateRule
from inference.alerting.watch import LOOK, Watch
from tests.inference.crowd import Crowd, by_chance
from tests.inference.judging import MINUTE, NOON, RATES, Judging, judging, look_at_all

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

LEARNING = replace(RATES, rate=RateRule(false_alarm_every=10_000, baseline=None))


@pytest.fixture
def people(database_url: str) -> Iterator[Judging]:
    with judging(database_url) as people:
        yield people


@pytest.fixture
def watch(people: Judging) -> Watch:
    return people.watch(RATES)


@pytest.fixture
def crowd(people: Judging, watch: Watch) -> Crowd:
    return Crowd(people, watch)


# --- what raises an alert, and what ends it


def test_a_share_that_rises_raises_one_alert_soon_and_closes_it_when_it_is_back(people: Judging, crowd: Crowd) -> None:
    crowd.judge(by_chance(100, 0.1, seed=1))
    assert people.found() == []
    changed = crowd.minute
    crowd.judge(by_chance(100, 0.4, seed=2))
    [alert] = people.found()
    assert (alert.kind, alert.rule, alert.about, alert.model_version) == ("alert", "rate", "1", "1")
    assert alert.opened_at < NOON + (changed + 60) * MINUTE
    assert abs(alert.since - NOON - changed * MINUTE) < 15 * MINUTE
    crowd.judge(by_chance(300, 0.05, seed=3))
    [alert] = people.found()
    assert alert.closed_because is not None and alert.closed_because.endswith("which is accepted")
    assert people.events(alert) == ["opened", "closed"]
    assert people.told(alert) == [(why, who) for why in ("opened", "closed") for who in ("first", "second")]


def test_a_few_quiet_verdicts_do_not_tell_yet_that_it_is_over(people: Judging, crowd: Crowd) -> None:
    crowd.judge([True] * 20)
    crowd.minute += 60
    while people.detector().judged_since < JUDGED_TO_CLOSE - 1:
        crowd.judge([False])
    assert [alert.closed_at for alert in people.found()] == [None]
    crowd.judge([False])
    crowd.watch.look()
    [alert] = people.found()
    assert alert.closed_because == "2 of 30 rejected since, which is accepted"


def test_an_alert_on_a_version_that_nobody_judges_any_more_closes_after_a_day(people: Judging, crowd: Crowd) -> None:
    crowd.judge([True] * 20)
    [alert] = people.found()
    for hours, is_open in ((23, True), (25, False)):
        people.go_to(crowd.minute + hours * 60)
        crowd.watch.look()
        [alert] = people.found()
        assert (alert.closed_at is None) == is_open
    assert alert.closed_because == "no sign for 24 hours"


def test_a_rise_of_days_ago_that_is_seen_only_now_alarms_nobody(people: Judging, watch: Watch) -> None:
    people.reject(*range(20))
    people.go_to(25 * 60)
    watch.look()
    assert people.found() == []
    assert people.detector().judged == 20


def test_each_version_has_an_alert_of_its_own(people: Judging, crowd: Crowd) -> None:
    for version in ("1", "2"):
        crowd.judge([True] * 20, version)
    assert sorted(alert.about for alert in people.found()) == ["1", "2"]


def test_whoever_changes_a_verdict_is_counted_with_the_first(people: Judging, crowd: Crowd) -> None:
    for prediction_id in people.predict(20):
        for verdict in ("confirmed", "rejected", "confirmed", "rejected"):
            people.say(prediction_id, verdict, 0)
    crowd.watch.look()
    assert people.found() == []
    assert (people.detector().judged, people.detector().rejected) == (20, 0)


def test_without_the_rule_nothing_is_counted(people: Judging) -> None:
    crowd = Crowd(people, people.watch(replace(RATES, rate=None)))
    crowd.judge([True] * 30)
    assert people.found() == []
    with pytest.raises(NoResultFound):
        people.detector()


# --- what is accepted


def test_the_baseline_is_learned_and_the_next_version_begins_with_it(people: Judging) -> None:
    crowd = Crowd(people, people.watch(LEARNING))
    crowd.judge(by_chance(LEARNED_FROM, 0.15, seed=4))
    assert (people.detector().baseline, people.detector().is_learned) == (0.25, False)
    crowd.judge([False])
    learned = people.detector()
    assert (learned.baseline, learned.is_learned) == (upper_bound(30, LEARNED_FROM), True)
    crowd.judge([False], version="2")
    assert (people.detector("2").baseline, people.detector("2").is_learned) == (learned.baseline, False)
    crowd.judge(by_chance(LEARNED_FROM, 0.3, seed=5), version="2")
    assert people.detector("2").baseline > learned.baseline


def test_a_baseline_that_was_set_and_is_not_any_more_gives_way_to_one_that_is_learned(people: Judging) -> None:
    Crowd(people, people.watch(LEARNING)).judge([False] * (LEARNED_FROM + 1))
    Crowd(people, people.watch(RATES)).judge([False])
    assert people.detector().baseline == 0.15
    Crowd(people, people.watch(LEARNING)).judge([False])
    assert people.detector().baseline == upper_bound(0, LEARNED_FROM + 2)


# --- who is heard


def test_one_who_judges_all_day_is_heard_all_day(people: Judging, crowd: Crowd) -> None:
    for _ in range(120):
        crowd.judge([False], by="ann", pause=0.5)
    assert people.detector().judged == 2 * 60 / 5


def test_many_rejections_of_one_person_leave_the_rule_where_it_was(people: Judging, crowd: Crowd) -> None:
    for prediction_id in people.predict(200):
        people.say(prediction_id, "rejected", 0, by="bob")
    look_at_all(crowd.watch)
    crowd.minute = 1
    crowd.judge(by_chance(20, 0.1, seed=9))
    assert people.found() == []
    assert people.detector().judged <= 20 + RATES.user_cap
    assert people.detector().rejected <= 2 + RATES.user_cap


def test_one_person_who_rejects_at_every_chance_raises_nothing_and_holds_nobody_up(
    people: Judging, watch: Watch
) -> None:
    for number, prediction_id in enumerate(people.predict(LOOK)):
        people.say(prediction_id, "confirmed" if number % 3 == 0 else "rejected", number * 3, by="bob")
    statements: list[object] = []
    event.listen(people.engine, "after_cursor_execute", lambda *_: statements.append(1))
    watch.look()
    # However often an alarm of his does not stand.
    assert len(statements) < 30
    assert people.found() == []
    assert people.detector().judged == LOOK
