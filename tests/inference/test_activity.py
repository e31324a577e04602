"""GET /v1/activity as the page asks for it: what came in and what was said, up to this moment, of so many days."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import Engine

from inference.activity_schemas import ActivityAnswer
from inference.database import build_engine
from tests.inference.stored import Stored

both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

StartApp = Callable[..., AbstractContextManager[TestClient]]
Migrate = Callable[..., None]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = build_engine(database_url)
    yield engine
    engine.dispose()


def ask(client: TestClient, since: datetime | str | None = None, until: datetime | str | None = None) -> ActivityAnswer:
    given = {"since": since, "until": until}
    response = client.get("/v1/activity", params={name: str(value) for name, value in given.items() if value})
    assert response.status_code == 200, response.text
    return ActivityAnswer.model_validate_json(response.content)


def refused(client: TestClient, **given: str) -> list[dict[str, Any]]:
    response = client.get("/v1/activity", params=given)
    assert (response.status_code, response.headers["content-type"]) == (422, "application/problem+json")
    errors: list[dict[str, Any]] = response.json()["errors"]
    return errors


@both
def test_what_was_answered_a_moment_ago_is_counted(client: TestClient) -> None:
    """Its rows lie in the spool yet."""
    before = datetime.now(UTC)
    texts = ["late", "lost", "thanks", "fine"]
    answers = client.post("/v1/predictions/batch", json={"texts": texts}).json()["predictions"]
    client.post("/v1/predictions", json={"text": "great"})
    found = ask(client)
    # Two hours, where one ended meanwhile.
    labels = [label for item in found.items for label, times in item.labels.items() for _ in range(times)]
    assert sorted(labels) == sorted([answer["label"] for answer in answers] + ["positive"])
    assert sum(item.predictions for item in found.items) == 5
    assert sum(item.abstained for item in found.items) == sum(answer["abstained"] for answer in answers) == 1
    assert all(before - HOUR < item.hour <= datetime.now(UTC) for item in found.items)
    assert all((item.hour.minute, item.hour.utcoffset()) == (0, timedelta()) for item in found.items)
    client.post("/v1/feedback", json={"prediction_id": answers[0]["prediction_id"], "verdict": "rejected"})
    assert (ask(client).judged, ask(client).rejected) == (1, 1)


@both
def test_without_anything_there_are_no_hours_and_no_share(client: TestClient) -> None:
    found = ask(client)
    assert found.items == []
    for each in (found, found.audit):
        figures = (each.judged, each.rejected, each.rejected_share, each.rejected_share_low, each.rejected_share_high)
        assert figures == (0, 0, None, 0.0, 1.0)


@both
def test_the_share_comes_with_its_interval_for_all_and_for_those_drawn_by_lot(
    start_app: StartApp, engine: Engine
) -> None:
    stored = Stored(engine)
    for number in range(20):
        stored.judge(stored.predict("late", NOON), "confirmed" if number % 4 else "rejected", at=NOON + HOUR)
    with start_app(audit_share=1.0) as client:
        found = ask(client, NOON, NOON + DAY)
    assert (found.judged, found.rejected, found.rejected_share) == (20, 5, 0.25)
    # Wilson's interval of 5 in 20, from the tables.
    assert (round(found.rejected_share_low, 3), round(found.rejected_share_high, 3)) == (0.112, 0.469)
    assert found.audit.model_dump() == {name: getattr(found, name) for name in found.audit.model_dump()}
    assert [(item.hour, item.predictions, item.judged) for item in found.items] == [(NOON, 20, 0), (NOON + HOUR, 0, 20)]


@both
def test_hours_are_counted_whole_and_in_utc(client: TestClient, engine: Engine) -> None:
    stored = Stored(engine)
    for at in (NOON - timedelta(minutes=1), NOON, NOON + timedelta(minutes=59), NOON + HOUR):
        stored.predict("late", at)
    found = ask(client, NOON + timedelta(minutes=20), NOON + timedelta(minutes=40))
    assert (found.since, found.until) == (NOON, NOON + HOUR)
    assert [(item.hour, item.predictions) for item in found.items] == [(NOON, 2)]
    # Half past five in India is noon in UTC.
    found = ask(client, "2026-01-01T17:30:00+05:30", "2026-01-01T18:30:00+05:30")
    assert (found.since, found.until, found.items[0].hour) == (NOON, NOON + HOUR, NOON)


def test_without_a_moment_it_is_the_last_seven_days(client: TestClient) -> None:
    before = datetime.now(UTC)
    found = ask(client)
    assert before <= found.until <= datetime.now(UTC) + HOUR
    assert 7 * DAY <= found.until - found.since <= 7 * DAY + HOUR
    assert ask(client, until=NOON).since == NOON - 7 * DAY
    since = before - 3 * DAY
    assert since - HOUR < ask(client, since=since).since <= since


def test_ninety_two_days_are_the_most(client: TestClient) -> None:
    assert ask(client, NOON, NOON + 92 * DAY).until == NOON + 92 * DAY
    [error] = refused(client, since=str(NOON), until=str(NOON + 92 * DAY + timedelta(seconds=1)))
    assert error == {"field": "since", "reason": "must be at most 92 days before until"}
    [error] = refused(client, since=str(datetime.now(UTC) - 93 * DAY))
    assert error["field"] == "since"


@pytest.mark.parametrize("until", [NOON, NOON - HOUR, NOON - 200 * DAY])
def test_a_time_that_does_not_begin_before_it_ends_is_refused(client: TestClient, until: datetime) -> None:
    [error] = refused(client, since=str(NOON), until=str(until))
    assert error["field"] == "since"
    assert "before until" in error["reason"]


def test_what_is_to_come_cannot_be_asked_for_alone(client: TestClient) -> None:
    [error] = refused(client, since=str(datetime.now(UTC) + DAY))
    assert error["field"] == "since"


@pytest.mark.parametrize("field", ["since", "until"])
@pytest.mark.parametrize("given", ["yesterday", "1767268800", "2026-01-01", "2026-01-01T12:00:00", ""])
def test_what_is_no_moment_is_refused_by_its_name(client: TestClient, field: str, given: str) -> None:
    [error] = refused(client, **{field: given})
    assert error["field"] == field
    assert given == "" or given not in error["reason"]


@pytest.mark.parametrize("until", ["0001-01-03T00:00:00Z", "9999-12-31T23:30:00Z"])
def test_the_ends_of_the_calendar_are_refused(client: TestClient, until: str) -> None:
    [error] = refused(client, until=until)
    assert error["field"] == "until"


@both
def test_the_first_and_the_last_whole_hours_of_the_calendar_are_empty(client: TestClient) -> None:
    assert ask(client, "0001-01-01T00:00:00Z", "0001-01-02T00:00:00Z").items == []
    assert ask(client, "9999-12-31T20:00:00Z", "9999-12-31T23:00:00Z").items == []


def test_rows_that_waited_for_the_database_are_counted_once_it_is_there(
    start_app: StartApp, migrate_database: Migrate, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'later.db'}"
    with start_app(database_url=SecretStr(url)) as client:
        for _ in range(3):
            assert client.post("/v1/predictions", json={"text": "late"}).status_code == 200
        away = client.get("/v1/activity")
        assert (away.status_code, "migrated" in away.json()["detail"]) == (503, True)
        migrate_database(url, "head")
        assert sum(item.predictions for item in ask(client).items) == 3
