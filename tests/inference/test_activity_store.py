"""What people said, by the hour: which verdicts count, and when, as the figures of an alert have it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from inference.activity_store import Activity, ActivityStore
from inference.audit import is_audited
from inference.database import build_engine
from inference.retention import Retention
from tests.inference.stored import Stored

both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
JANE, JOHN = "a" * 64, "b" * 64

StartApp = Callable[..., AbstractContextManager[TestClient]]
WaitFor = Callable[..., None]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = build_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def stored(engine: Engine) -> Stored:
    return Stored(engine)


def read(
    stored: Stored, since: datetime = NOON - HOUR, until: datetime = NOON + 24 * HOUR, share: float = 0.0
) -> Activity:
    return ActivityStore(stored.engine).read(since, until, share)


def said(stored: Stored) -> dict[datetime, tuple[int, int]]:
    """Judged and rejected, of the hours in which anything was said."""
    found = read(stored)
    hours = {hour: (each.said.judged, each.said.rejected) for hour, each in found.hours.items() if each.said.judged}
    assert sum(judged for judged, _ in hours.values()) == found.said.judged
    assert sum(rejected for _, rejected in hours.values()) == found.said.rejected
    return hours


@both
def test_a_verdict_counts_in_the_hour_in_which_it_was_given(stored: Stored) -> None:
    first, second = stored.predict("late", NOON), stored.predict("late", NOON)
    stored.judge(first, "rejected", at=NOON + 3.5 * HOUR)
    stored.judge(second, "confirmed", at=NOON + 4 * HOUR - timedelta(microseconds=1))
    assert said(stored) == {NOON + 3 * HOUR: (2, 1)}
    found = read(stored)
    assert list(found.hours) == [NOON, NOON + 3 * HOUR]
    assert (found.hours[NOON].labels, found.hours[NOON + 3 * HOUR].labels) == ({"negative": 2}, {})


@both
def test_of_a_prediction_the_last_verdict_counts(stored: Stored) -> None:
    prediction_id = stored.predict("late", NOON)
    stored.judge(prediction_id, "rejected", at=NOON)
    assert said(stored) == {NOON: (1, 1)}
    stored.judge(prediction_id, "confirmed", at=NOON + 2 * HOUR)
    assert said(stored) == {NOON + 2 * HOUR: (1, 0)}
    # The same verdict, with a comment: it stands since it was given.
    stored.judge(prediction_id, "confirmed", comment="but why", at=NOON + 3 * HOUR)
    assert said(stored) == {NOON + 2 * HOUR: (1, 0)}


@both
def test_one_that_was_replaced_after_the_hours_asked_for_does_not_count(stored: Stored) -> None:
    prediction_id = stored.predict("late", NOON)
    stored.judge(prediction_id, "rejected", at=NOON)
    stored.judge(prediction_id, "confirmed", at=NOON + 2 * HOUR)
    assert read(stored, NOON, NOON + HOUR).said.judged == 0


@both
def test_hours_are_counted_from_their_first_moment_up_to_their_last(stored: Stored) -> None:
    for at in (NOON - timedelta(microseconds=1), NOON, NOON + HOUR - timedelta(microseconds=1), NOON + HOUR):
        stored.judge(stored.predict("late", at), at=at)
    found = read(stored, NOON, NOON + HOUR)
    assert list(found.hours) == [NOON]
    assert (found.hours[NOON].labels, found.said.judged) == ({"negative": 2}, 2)


@both
def test_a_verdict_of_before_there_was_a_since_counts_when_it_was_written(stored: Stored) -> None:
    stored.predict("late", NOON)
    stored.predict("late", NOON)
    stored.judge_all(NOON + HOUR, JOHN)
    assert [row["verdict_since"] for row in stored.verdicts()] == [None, None]
    assert said(stored) == {NOON + HOUR: (2, 2)}


@both
def test_while_a_flood_is_noted_nothing_of_that_person_counts(stored: Stored) -> None:
    for reviewer in (JANE, JANE, JOHN, None):
        stored.judge(stored.predict("late", NOON), reviewer=reviewer, at=NOON)
    stored.note_flood(JOHN, since=NOON, opened_at=NOON, closed_at=NOON + HOUR)
    assert said(stored) == {NOON: (4, 4)}
    stored.note_flood(JANE, since=NOON, opened_at=NOON)
    assert said(stored) == {NOON: (2, 2)}


@both
def test_of_those_drawn_by_lot_the_same_is_counted_apart(stored: Stored) -> None:
    ids = [stored.predict("late", NOON) for _ in range(60)]
    for number, prediction_id in enumerate(ids):
        stored.judge(prediction_id, "rejected" if number % 3 == 0 else "confirmed", at=NOON + HOUR)
    drawn = [number for number, prediction_id in enumerate(ids) if is_audited(prediction_id, 0.5)]
    audit = read(stored, share=0.5).audit
    assert (audit.judged, audit.rejected) == (len(drawn), sum(number % 3 == 0 for number in drawn))
    assert read(stored, share=0.0).audit.judged == 0
    everything = read(stored, share=1.0)
    assert everything.audit == everything.said


@both
def test_erasing_people_and_the_end_of_their_time_change_nothing(stored: Stored) -> None:
    stored.judge(stored.predict("late", NOON, JANE), reviewer=JOHN, comment="no", at=NOON)
    stored.judge(stored.predict("late", NOON, JOHN), "confirmed", reviewer=JANE, at=NOON + HOUR)
    before = read(stored, share=1.0)
    retention = Retention(stored.engine)
    retention.erase(JANE, datetime.now(UTC))
    assert read(stored, share=1.0) == before
    retention.expire(datetime.now(UTC))
    assert read(stored, share=1.0) == before
    assert before.said.judged == 2


@both
def test_it_counts_as_an_alert_does(start_app: StartApp, wait_for: WaitFor) -> None:
    """The third rejection opens the alert, and is the last thing that is said."""
    with start_app() as client:
        answers = client.post("/v1/predictions/batch", json={"texts": ["late"] * 5}).json()["predictions"]
        ids = [answer["prediction_id"] for answer in answers]
        said = [(0, "confirmed"), (1, "rejected"), (1, "confirmed"), (2, "rejected"), (3, "rejected"), (4, "rejected")]
        for number, verdict in said:
            body = {"prediction_id": ids[number], "verdict": verdict}
            client.post("/v1/feedback", json=body).raise_for_status()
        wait_for(lambda: client.get("/v1/alerts").json()["items"])
        [alert] = client.get("/v1/alerts").json()["items"]
        activity = client.get("/v1/activity").json()
    assert (alert["judged"], alert["rejected"]) == (5, 3)
    figures = ("judged", "rejected", "rejected_share", "rejected_share_low", "rejected_share_high")
    assert {name: activity[name] for name in figures} == {name: alert[name] for name in figures}
