"""What one person can do to the burst rule, on both databases: be noted, and be one voice among others."""

from collections.abc import Iterator

import pytest

from inference.alerting.alert_store import Alert
from inference.alerting.watch import Watch
from tests.inference.judging import MINUTE, NOON, Judging, judging, look_at_all

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)


@pytest.fixture
def people(database_url: str) -> Iterator[Judging]:
    with judging(database_url) as people:
        yield people


@pytest.fixture
def watch(people: Judging) -> Watch:
    return people.watch()


def only(alerts: list[Alert]) -> Alert:
    [alert] = alerts
    return alert


def test_a_thousand_rejections_of_one_person_are_a_note_and_weigh_nothing(people: Judging, watch: Watch) -> None:
    for prediction_id in people.predict(1000):
        people.say(prediction_id, "rejected", 0, by="bob")
    look_at_all(watch)
    assert people.found() == []
    note = only(people.found("note"))
    assert (note.rule, note.model_version) == ("flood", "1")
    assert (note.rejected, note.judged) == (1000, 1000)
    assert people.told(note) == []
    # And he does not drown the others.
    people.reject(1, 2)
    watch.look()
    assert people.found() == []
    people.reject(3)
    watch.look()
    alert = only(people.found())
    assert (alert.rule, alert.since, alert.judged, alert.rejected) == ("burst", NOON + MINUTE, 3, 3)
    assert people.told(alert) == [("opened", "first"), ("opened", "second")]
    assert len(people.alerts.read_examples(alert.alert_id)) == 3


def test_behind_a_flood_the_earlier_verdicts_are_still_seen(people: Judging, watch: Watch) -> None:
    for number, prediction_id in enumerate(people.predict(20)):
        people.say(prediction_id, "confirmed", number - 100)
    for prediction_id in people.predict(200):
        people.say(prediction_id, "rejected", 0, by="bob")
    people.reject(1, 2, 3)
    look_at_all(watch)
    alert = only(people.found())
    assert (alert.judged, alert.rejected) == (23, 3)


def test_one_person_alone_raises_none_at_any_pace(people: Judging, watch: Watch) -> None:
    for second in range(0, 1200, 20):
        people.reject(second / 60, by="bob")
        watch.look()
    assert people.found() == []
    assert people.found("note") == []


def test_two_of_one_person_and_one_of_another_do(people: Judging, watch: Watch) -> None:
    people.reject(0, 0.5, 1, by="bob")
    watch.look()
    assert people.found() == []
    people.reject(2, by="eve")
    watch.look()
    assert only(people.found()).rejected == 3


def test_a_note_about_a_flood_closes_without_a_word(people: Judging, watch: Watch) -> None:
    for prediction_id in people.predict(31):
        people.say(prediction_id, "rejected", 0, by="bob")
        watch.look()
    assert only(people.found("note")).closed_at is None
    people.go_to(31)
    watch.look()
    note = only(people.found("note"))
    assert note.closed_because == "quiet for 30 minutes"
    assert people.events(note) == ["opened", "closed"]
    assert people.told(note) == []
    assert people.found() == []


def test_a_flood_leaves_room_for_the_others_where_not_all_is_read(
    people: Judging, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.alerting.watch.LATELY", 40)
    people.reject(0, 1)
    for prediction_id in people.predict(100):
        people.say(prediction_id, "rejected", 2, by="bob")
    people.reject(3)
    look_at_all(watch)
    assert only(people.found()).rule == "burst"
