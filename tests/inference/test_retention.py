"""What is old is forgotten, on both databases and from the disk; what is young stays, and so does what counts."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, insert
from uuid_utils.compat import uuid7

from inference.database import build_engine
from inference.errors import DatabaseUnavailable
from inference.jobs import forget_some
from inference.retention import ERASED_AGAIN_FOR, GROUP, Retention
from inference.tables import alerts, erasures, predictions
from inference.transactions import announce_writer
from tests.inference.stored import Row, Stored, files_with

both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NOW = datetime.now(UTC)
DUE = NOW - timedelta(days=90)
OLD, YOUNG = DUE - timedelta(hours=1), DUE + timedelta(hours=1)
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


@pytest.fixture
def retention(engine: Engine) -> Retention:
    return Retention(engine)


def expire_all(retention: Retention, before: datetime = DUE) -> int:
    """How many turns it took."""
    turns = 1
    while retention.expire(before):
        turns += 1
    return turns


# What is old


@both
def test_what_is_old_is_forgotten_and_what_is_young_is_not(stored: Stored, retention: Retention) -> None:
    old, young = stored.predict("old tweet", OLD, JANE), stored.predict("young tweet", YOUNG, JANE)
    stored.judge(old, comment="old comment", reviewer=JOHN, at=OLD)
    stored.judge(old, "confirmed", comment="young comment", reviewer=JOHN, at=YOUNG)
    stored.judge(young, comment="young comment", reviewer=JOHN, at=YOUNG)
    expire_all(retention)
    assert [(row["text"], row["author"]) for row in stored.predictions()] == [("", None), ("young tweet", JANE)]
    kept = [(row["comment"], row["reviewer"]) for row in stored.verdicts()]
    assert kept == [(None, None), ("young comment", JOHN), ("young comment", JOHN)]


@both
def test_every_statistic_stays_what_it_was(stored: Stored, retention: Retention) -> None:
    for number in range(6):
        prediction_id = stored.predict(f"tweet {number}", OLD, JANE)
        stored.judge(prediction_id, "rejected" if number % 3 else "confirmed", comment="no", reviewer=JOHN, at=OLD)
    before = stored.what_counts()
    expire_all(retention)
    assert stored.what_counts() == before
    assert set(stored.texts()) == {""}


@both
def test_an_old_row_that_came_late_goes_once_the_younger_one_before_it_is_due(
    stored: Stored, retention: Retention
) -> None:
    for content, at in (("oldest", OLD), ("young", YOUNG), ("old, of a machine that was cut off", OLD)):
        stored.predict(content, at)
    expire_all(retention)
    assert stored.texts() == ["", "young", "old, of a machine that was cut off"]
    expire_all(retention, YOUNG + timedelta(seconds=1))
    assert stored.texts() == ["", "", ""]


@both
def test_five_thousand_rows_are_forgotten_in_bounded_steps(stored: Stored, retention: Retention) -> None:
    stored.predict_many(5000, OLD, JANE)
    left = []
    while retention.expire(DUE):
        left.append(sum(text != "" for text in stored.texts()))
    assert left == list(range(5000 - GROUP, -1, -GROUP))
    assert {row["author"] for row in stored.predictions()} == {None}


@both
def test_two_at_once_do_not_disturb_each_other(stored: Stored, database_url: str) -> None:
    stored.predict_many(3000, OLD, JANE)
    stored.judge_all(OLD, JOHN)
    # One of them also has somebody to erase, whose rows are among them.
    stored.predict_many(1000, YOUNG, JOHN)
    engines = [build_engine(database_url) for _ in range(3)]
    with ThreadPoolExecutor(3) as threads:
        ends = [threads.submit(expire_all, Retention(engine)) for engine in engines[:2]]
        erased = threads.submit(Retention(engines[2]).erase, JOHN, NOW).result()
    for engine in engines:
        engine.dispose()
    assert all(end.result() for end in ends)
    assert erased.texts == 1000
    assert set(stored.texts()) == {""}
    assert {(row["comment"], row["reviewer"]) for row in stored.verdicts()} == {(None, None)}


@both
def test_without_a_retention_all_is_kept(stored: Stored, retention: Retention) -> None:
    stored.predict("tweet of long ago", NOW - timedelta(days=10_000), JANE)
    assert forget_some(retention, 0.0) is False
    assert stored.texts() == ["tweet of long ago"]
    forget_some(retention, 9_999.0)
    assert stored.texts() == [""]


@postgres
def test_rows_that_are_committed_late_are_not_passed_over(stored: Stored, retention: Retention) -> None:
    """Postgres numbers them before: a cursor that went by would never come back."""
    with stored.engine.begin() as connection:
        announce_writer(connection, predictions)
        connection.execute(insert(predictions).values(values_of("written first", OLD)))
        stored.predict("committed first", OLD)
        with pytest.raises(DatabaseUnavailable):
            retention.expire(DUE)
    expire_all(retention)
    assert stored.texts() == ["", ""]


def values_of(content: str, at: datetime) -> Row:
    given = {"prediction_id": uuid7(), "text": content, "label": "negative", "probability": 0.5, "probabilities": {}}
    model = {"abstained": False, "model_name": "m", "model_version": "1", "model_digest": "d", "created_at": at}
    return given | model


@both
def test_what_the_api_shows_of_what_was_forgotten(start_app: StartApp, stored: Stored, wait_for: WaitFor) -> None:
    with start_app() as client:
        asked = [client.post("/v1/predictions", json={"text": "late", "author": "jane"}).json() for _ in range(3)]
        for prediction in asked:
            verdict = {"prediction_id": prediction["prediction_id"], "verdict": "rejected", "comment": "no"}
            client.post("/v1/feedback", json=verdict)
        wait_for(lambda: client.get("/v1/alerts").json()["items"])
        [alert] = client.get("/v1/alerts").json()["items"]
        shown = [example["text"] for example in client.get(f"/v1/alerts/{alert['alert_id']}").json()["examples"]]
        assert shown == ["late"] * 3
        expire_all(Retention(stored.engine), datetime.now(UTC))
        page, verdicts = client.get("/v1/predictions").json()["items"], client.get("/v1/feedback").json()["items"]
        examples = client.get(f"/v1/alerts/{alert['alert_id']}").json()["examples"]
        explained = client.post(f"/v1/predictions/{asked[0]['prediction_id']}/explanation")
    assert [item.pop("text") for item in page] == [None] * 3
    assert [{name: item[name] for name in asked[0]} for item in page] == asked
    assert [(item["verdict"], item["text"], item["comment"]) for item in verdicts] == [("rejected", None, None)] * 3
    assert [(example["text"], example["predicted_label"]) for example in examples] == [(None, "negative")] * 3
    assert explained.status_code == 410


@both
def test_a_note_of_a_flood_that_is_over_is_forgotten_with_its_verdicts(stored: Stored, retention: Retention) -> None:
    stored.note_flood(JANE, since=OLD, opened_at=OLD, closed_at=OLD)
    stored.note_flood(JOHN, since=YOUNG, opened_at=YOUNG, closed_at=YOUNG)
    expire_all(retention)
    assert sorted(row["about"] for row in stored.rows(alerts)) == ["", JOHN]


@both
def test_who_was_erased_is_forgotten_too_once_nothing_of_theirs_can_come(stored: Stored, retention: Retention) -> None:
    moments = [DUE - ERASED_AGAIN_FOR - timedelta(hours=1), DUE - timedelta(hours=1), NOW]
    for moment in moments:
        retention.erase(JANE, moment)
    expire_all(retention)
    entered = [(row["subject"], row["requested_at"]) for row in stored.rows(erasures)]
    assert entered == list(zip(["", JANE, JANE], moments, strict=True))


@sqlite
def test_what_is_old_leaves_nothing_in_the_files_either(stored: Stored, retention: Retention, tmp_path: Path) -> None:
    stored.predict_many(GROUP, OLD, JANE)
    assert files_with(tmp_path, "tweet 499")
    expire_all(retention)
    assert files_with(tmp_path, "tweet 499") == []
