"""Whoever asks for it is erased, on both databases and from the disk; everybody else stays, and so does what counts."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select

from inference.database import build_engine
from inference.errors import DatabaseUnavailable
from inference.jobs import forget_some
from inference.retention import GROUP, NOTHING, TAKE_TURN, Erased, Retention
from inference.tables import alerts, feedback, predictions
from tests.inference.stored import Stored, files_with

both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NOW = datetime.now(UTC)
DUE = NOW - timedelta(days=90)
OLD, YOUNG = DUE - timedelta(hours=1), DUE + timedelta(hours=1)
JANE, JOHN = "a" * 64, "b" * 64

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


@both
def test_a_person_is_erased_and_nobody_else(stored: Stored, retention: Retention) -> None:
    janes, johns = stored.predict("of Jane", OLD, JANE), stored.predict("of John", OLD, JOHN)
    stored.predict("of nobody", OLD)
    stored.judge(janes, comment="she says: of Jane", reviewer=JOHN, at=OLD)
    stored.judge(johns, comment="his is fine", reviewer=JOHN, at=OLD)
    stored.judge(johns, "confirmed", comment="I disagree", reviewer=JANE, at=OLD)
    stored.judge(janes, "confirmed", reviewer=JANE, at=OLD)
    before = stored.what_counts()
    assert retention.erase(JANE, NOW) == Erased(texts=1, verdicts=3)
    assert [(row["text"], row["author"]) for row in stored.predictions()] == [
        ("", None),
        ("of John", JOHN),
        ("of nobody", None),
    ]
    *others, third, fourth = [(row["comment"], row["reviewer"]) for row in stored.verdicts()]
    assert others == [(None, JOHN), ("his is fine", JOHN)]
    # One person still, whom nobody can name.
    assert third == fourth and third[0] is None and str(third[1]).startswith("erased-")
    assert stored.what_counts() == before


@both
def test_a_comment_on_a_tweet_of_ones_own_counts_once(stored: Stored, retention: Retention) -> None:
    stored.judge(stored.predict("of Jane", OLD, JANE), comment="I was wrong", reviewer=JANE, at=OLD)
    assert retention.erase(JANE, NOW) == Erased(texts=1, verdicts=1)
    assert retention.erase(JANE, NOW) == NOTHING


@both
def test_what_a_person_writes_afterwards_is_kept(stored: Stored, retention: Retention) -> None:
    retention.erase(JANE, NOW)
    later = NOW + timedelta(seconds=1)
    stored.judge(stored.predict("new tweet", later, JANE), comment="new comment", reviewer=JANE, at=later)
    assert retention.erase_again(later) == NOTHING
    assert stored.texts() == ["new tweet"]
    assert [row["comment"] for row in stored.verdicts()] == ["new comment"]


@both
def test_what_comes_in_late_is_erased_by_the_next_round(stored: Stored, retention: Retention) -> None:
    retention.erase(JANE, NOW)
    stored.predict("spooled on a machine that was cut off", OLD, JANE)
    forget_some(retention, 0.0)
    assert [(row["text"], row["author"]) for row in stored.predictions()] == [("", None)]


@both
def test_whoever_has_much_is_erased_in_bounded_steps(stored: Stored, retention: Retention) -> None:
    stored.predict_many(2 * GROUP + 1, OLD, JANE)
    stored.judge_all(OLD, JANE)
    count = 2 * GROUP + 1
    assert retention.erase(JANE, NOW) == Erased(texts=count, verdicts=count)
    assert set(stored.texts()) == {""}


@both
def test_an_erasure_that_breaks_off_is_finished_by_the_next_round(
    stored: Stored, retention: Retention, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored.predict_many(3, OLD, JANE)
    with monkeypatch.context() as broken:
        broken.setattr("inference.retention.forget_texts", unavailable)
        with pytest.raises(DatabaseUnavailable):
            retention.erase(JANE, NOW)
    assert "" not in stored.texts()
    retention.erase_again(NOW + timedelta(minutes=1))
    assert set(stored.texts()) == {""}


def unavailable(*_: object) -> Erased:
    raise DatabaseUnavailable


@both
def test_a_note_of_a_flood_names_nobody_afterwards(stored: Stored, retention: Retention) -> None:
    stored.note_flood(JANE, since=OLD, opened_at=NOW + timedelta(seconds=1))
    stored.note_flood(JOHN, since=OLD, opened_at=OLD)
    retention.erase(JANE, NOW)
    notes = [(row["about"], row["closed_at"], row["closed_because"]) for row in stored.rows(alerts)]
    assert notes == [("", NOW, "erased"), (JOHN, None, None)]


@postgres
def test_a_comment_that_is_being_written_is_erased_with_the_text(
    stored: Stored, retention: Retention, wait_for: WaitFor
) -> None:
    """Whoever gives the verdict has the prediction's lock."""
    prediction_id = stored.predict("of Jane", OLD, JANE)
    with stored.engine.begin() as connection:
        connection.execute(select(predictions).with_for_update())
        row = {"prediction_id": prediction_id, "verdict": "rejected", "comment": "of Jane", "created_at": OLD}
        connection.execute(insert(feedback).values(row))
        erasing = threading.Thread(target=retention.erase, args=(JANE, NOW))
        erasing.start()
        wait_for(lambda: somebody_waits(stored.engine))
    erasing.join()
    assert stored.texts() == [""]
    assert [row["comment"] for row in stored.verdicts()] == [None]


def somebody_waits(engine: Engine) -> bool:
    with engine.connect() as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return bool(connection.exec_driver_sql(query).scalar_one())


@postgres
def test_one_waits_until_the_other_has_forgotten(stored: Stored, retention: Retention, wait_for: WaitFor) -> None:
    """Two that take the same rows in another order would wait for each other, until Postgres ends one of them."""
    stored.predict("of Jane", OLD, JANE)
    with stored.engine.begin() as connection:
        connection.execute(TAKE_TURN)
        erasing = threading.Thread(target=retention.erase, args=(JANE, NOW))
        erasing.start()
        wait_for(lambda: somebody_waits(stored.engine))
        assert stored.texts() == ["of Jane"]
    erasing.join()
    assert stored.texts() == [""]


# What is left on the disk


@sqlite
def test_nothing_is_left_in_the_files_of_sqlite(stored: Stored, retention: Retention, tmp_path: Path) -> None:
    content = "canary " + "x" * 900
    for age in (OLD, YOUNG) * 50:
        stored.judge(stored.predict(content, age, JANE), comment=content, reviewer=JOHN, at=age)
    assert {path.name for path in files_with(tmp_path, "canary")} == {"inference.db", "inference.db-wal"}
    while retention.expire(DUE):
        pass
    retention.erase(JANE, NOW)
    assert retention.scrub() is True
    assert files_with(tmp_path, "canary") == []


@sqlite
def test_what_comes_in_late_leaves_nothing_in_the_files_either(
    stored: Stored, retention: Retention, tmp_path: Path
) -> None:
    retention.erase(JANE, NOW)
    stored.predict("canary", OLD, JANE)
    assert files_with(tmp_path, "canary")
    retention.erase_again(NOW)
    assert files_with(tmp_path, "canary") == []


@sqlite
def test_a_log_that_somebody_reads_is_not_said_to_be_gone(
    stored: Stored, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.database.SQLITE_BUSY_SECONDS", 0.05)
    hurried = build_engine(database_url)
    stored.predict("canary", OLD, JANE)
    with stored.engine.connect() as reading:
        reading.execute(select(predictions)).all()
        Retention(hurried).erase(JANE, NOW)
        assert Retention(hurried).scrub() is False
    assert Retention(hurried).scrub() is True
    hurried.dispose()
