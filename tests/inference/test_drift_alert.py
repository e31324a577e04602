"""The alert of drift, on both databases: what opens it, what belongs to it, what ends it, and what stands beside it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from inference.alerting.alert_store import Alert
from inference.drift_store import DriftState
from tests.inference.drifting import LINK, REASONS, REFERENCE, Trainer
from tests.inference.judging import MINUTE, NOON, Judging, judging

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

DAY = timedelta(days=1)
OPENED = [("opened", "first"), ("opened", "second")]
CLOSED = [("closed", "first"), ("closed", "second")]


@pytest.fixture
def people(database_url: str) -> Iterator[Judging]:
    with judging(database_url) as people:
        yield people


@pytest.fixture
def trainer(people: Judging) -> Trainer:
    return Trainer(people)


def only(trainer: Trainer) -> Alert:
    [alert] = trainer.alerts()
    return alert


def reasons_to_close(trainer: Trainer) -> list[str | None]:
    return [alert.closed_because for alert in trainer.alerts()]


# --- what opens it


def test_a_report_that_tweets_have_drifted_opens_an_alert_with_its_reasons(people: Judging, trainer: Trainer) -> None:
    trainer.report("drifted")
    trainer.look()
    alert = only(trainer)
    assert (alert.kind, alert.rule, alert.about, alert.model_version) == ("alert", "drift", "3", "3")
    assert (alert.since, alert.opened_at, alert.last_seen_at, alert.times_seen) == (NOON, NOON, NOON, 1)
    assert (alert.judged, alert.rejected) == (0, 0)
    assert people.told(alert) == OPENED
    assert people.alerts.read_examples(alert.alert_id) == []
    [opened] = people.alerts.read_events(alert.alert_id)
    said = [f"- {reason}" for reason in REASONS]
    said += [f"Compared with: {REFERENCE}", "Predictions: 1,000 in 2 windows", f"Report: {LINK}"]
    assert (opened.event, opened.note) == ("opened", "\n".join(said))
    assert b'inference_alerts_opened_total{kind="alert",rule="drift"} 1.0' in people.metrics.render()


@pytest.mark.parametrize("state", ["stable", "moved"])
def test_what_is_stable_or_only_moved_opens_none_however_often(trainer: Trainer, state: DriftState) -> None:
    for day in range(5):
        trainer.report(state, day=day)
        trainer.look()
    assert trainer.alerts() == []


def test_a_reason_of_several_lines_is_one_line_of_the_alert(people: Judging, trainer: Trainer) -> None:
    trainer.report("drifted", reasons=["more\n- late\r\nReport: http://other.example", "\u202e \x07"])
    trainer.look()
    [opened] = people.alerts.read_events(only(trainer).alert_id)
    assert (opened.note or "").splitlines()[:2] == ["- more - late Report: http://other.example", "- "]


def test_the_alert_counts_what_people_said_of_the_version(people: Judging, trainer: Trainer) -> None:
    for number, prediction_id in enumerate(people.predict(10, version="3")):
        people.say(prediction_id, "rejected" if number == 0 else "confirmed", 0)
    for prediction_id in people.predict(10, version="2"):
        people.say(prediction_id, "confirmed", 0)
    trainer.report("drifted")
    trainer.look()
    assert (only(trainer).judged, only(trainer).rejected) == (10, 1)
    people.say(people.predict(1, version="3")[0], "rejected", 1)
    trainer.report("drifted", day=1)
    trainer.look()
    assert (only(trainer).judged, only(trainer).rejected) == (11, 2)


def test_a_report_that_nobody_looked_at_for_a_week_alarms_nobody(people: Judging, trainer: Trainer) -> None:
    trainer.report("drifted")
    people.now += 7 * DAY + MINUTE
    trainer.look()
    assert trainer.alerts() == []


# --- what belongs to it


def test_further_reports_of_drift_are_the_same_incident_and_nobody_is_told_again(
    people: Judging, trainer: Trainer
) -> None:
    for day in range(10):
        trainer.report("drifted", day=day)
        trainer.look()
    trainer.report("stable", "moved", "drifted", day=10)
    trainer.look()
    alert = only(trainer)
    assert (alert.times_seen, alert.since, alert.closed_at) == (11, NOON, None)
    assert alert.last_seen_at - 10 * DAY - NOON < timedelta(seconds=1)
    assert people.told(alert) == OPENED
    assert people.events(alert) == ["opened"]


def test_after_an_alert_was_over_drift_is_another_incident(people: Judging, trainer: Trainer) -> None:
    trainer.report("drifted", "stable", "stable", "drifted")
    trainer.look()
    old, new = sorted(trainer.alerts(), key=lambda alert: alert.since)
    assert (old.closed_because, new.closed_at) == ("two reports in a row say that it is stable", None)
    assert people.told(old) == OPENED + CLOSED
    assert people.told(new) == OPENED


def test_more_reports_than_one_look_takes_are_all_taken_in(people: Judging, trainer: Trainer) -> None:
    trainer.report(*["drifted"] * 120)
    assert people.watch().look() is True
    trainer.look()
    assert only(trainer).times_seen == 120
    assert people.watch().look() is False


# --- what ends it


def test_two_stable_reports_in_a_row_close_it_and_everybody_is_told(people: Judging, trainer: Trainer) -> None:
    states: list[DriftState] = ["drifted", "stable", "moved", "stable", "drifted", "stable"]
    for day, state in enumerate(states):
        trainer.report(state, day=day)
        trainer.look()
        assert only(trainer).closed_at is None
    trainer.report("stable", day=6)
    trainer.look()
    alert = only(trainer)
    assert (alert.closed_at, alert.closed_because) == (NOON + 6 * DAY, "two reports in a row say that it is stable")
    assert people.told(alert) == OPENED + CLOSED
    last = people.alerts.read_events(alert.alert_id)[-1]
    assert (last.event, last.note) == ("closed", alert.closed_because)


@pytest.mark.parametrize("state", ["stable", "moved", "drifted"])
def test_a_report_on_another_champion_closes_it(people: Judging, trainer: Trainer, state: DriftState) -> None:
    trainer.report("drifted", version="3")
    trainer.look()
    trainer.report(state, version="4", day=1)
    trainer.look()
    old = next(alert for alert in trainer.alerts() if alert.model_version == "3")
    assert (old.closed_at, old.closed_because) == (NOON + DAY, "version 3 is not served any more")
    assert people.told(old) == OPENED + CLOSED
    assert [alert.model_version for alert in trainer.alerts() if alert.closed_at is None] == ["4"] * (
        state == "drifted"
    )


def test_stable_reports_on_one_version_say_nothing_of_another(trainer: Trainer) -> None:
    trainer.report("stable", version="4")
    trainer.report("drifted", version="3")
    trainer.report("stable", version="3")
    trainer.look()
    assert reasons_to_close(trainer) == [None]


@pytest.mark.parametrize("state", ["stable", "moved", "drifted"])
def test_after_seven_days_without_any_report_it_closes(people: Judging, trainer: Trainer, state: DriftState) -> None:
    trainer.report("drifted")
    trainer.look()
    trainer.report(state, day=5)
    for day in (5, 8, 12):
        people.now = NOON + day * DAY
        trainer.look()
        assert only(trainer).closed_at is None
    people.now += MINUTE
    trainer.look()
    assert (only(trainer).closed_at, only(trainer).closed_because) == (people.now, "no report for 7 days")
    assert people.told(only(trainer)) == OPENED + CLOSED


def test_drift_after_seven_silent_days_is_another_incident_though_nobody_looked_between(
    people: Judging, trainer: Trainer
) -> None:
    trainer.report("drifted")
    trainer.look()
    trainer.report("drifted", day=8)
    trainer.look()
    assert reasons_to_close(trainer) == ["no report for 7 days", None]


def test_reports_that_waited_are_heard_before_silence_is_spoken_of(people: Judging, trainer: Trainer) -> None:
    trainer.report("drifted")
    trainer.look()
    trainer.report("moved", day=6)
    people.now += 2 * DAY
    trainer.look()
    assert reasons_to_close(trainer) == [None]


# --- beside the rules on verdicts


def test_it_stands_beside_an_alert_of_rejections_and_each_ends_by_its_own_rule(
    people: Judging, trainer: Trainer
) -> None:
    trainer.report("drifted")
    people.reject(0, 1, 2, version="3")
    trainer.look()
    burst, drift = sorted(people.found(), key=lambda alert: alert.rule)
    assert (burst.rule, burst.about, burst.rejected) == ("burst", "", 3)
    assert (drift.rule, drift.about, drift.rejected) == ("drift", "3", 3)
    people.go_to(40)
    trainer.look()
    drift, burst = people.found()
    assert (burst.closed_because, drift.closed_at) == ("quiet for 30 minutes", None)
    people.reject(50, 51, 52, version="3")
    trainer.report("stable", "stable", day=0.04)
    trainer.look()
    assert [(alert.rule, alert.closed_at is None) for alert in people.found()] == [
        ("burst", True),
        ("burst", False),
        ("drift", False),
    ]


def test_reports_are_looked_at_though_nobody_ever_judged_anything(people: Judging, trainer: Trainer) -> None:
    assert people.watch().look() is False
    trainer.report("drifted")
    trainer.look()
    assert only(trainer).times_seen == 1


def test_verdicts_are_looked_at_once_whatever_is_reported(people: Judging, trainer: Trainer) -> None:
    people.reject(0, 1, 2)
    trainer.look()
    trainer.report("stable")
    trainer.look()
    trainer.report("drifted", day=0.001)
    trainer.look()
    [burst] = [alert for alert in people.found() if alert.rule == "burst"]
    assert burst.times_seen == 1
