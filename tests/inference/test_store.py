"""What only the database can get wrong."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, insert, text
from sqlalchemy.exc import IntegrityError, TimeoutError
from sqlalchemy.pool import NullPool

from inference.database import build_engine
from inference.errors import DatabaseUnavailable, RowsRefused, UnknownPrediction
from inference.feedback_store import FeedbackStore, StoredFeedback
from inference.rows import build_row
from inference.store import Store, StoredPrediction
from inference.tables import predictions
from inference.transactions import announce_writer

both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


def build_prediction(content: str) -> StoredPrediction:
    now = datetime.now(UTC)
    shares = {"negative": 0.8726341128349304, "positive": 0.12736588716506958}
    return StoredPrediction(uuid4(), content, "negative", shares["negative"], shares, False, "m", "1", "d" * 64, now)


def build_rows(*stored: StoredPrediction) -> list[bytes]:
    return [build_row(**asdict(each)) for each in stored]


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(build_engine(database_url))
    yield store
    store.close()


@both
def test_a_row_comes_back_as_it_was_written(store: Store) -> None:
    row = build_prediction("l\u00e4te \u202e \U0001f600 \\ \" \n\t\x01 '")
    assert store.write_predictions(build_rows(row)) == 1
    assert store.read_prediction(row.prediction_id) == row
    assert store.read_predictions(0, 10).items == [row]


@both
def test_a_row_that_comes_again_changes_nothing(store: Store) -> None:
    first, second = build_prediction("first"), build_prediction("second")
    store.write_predictions(build_rows(first))
    assert store.write_predictions(build_rows(first, second)) == 1
    assert store.read_predictions(0, 10).items == [first, second]


@both
def test_a_row_that_breaks_the_tables_rules_is_refused_with_its_group(store: Store) -> None:
    good, bad = build_prediction("good"), replace(build_prediction("bad"), label=None)  # type: ignore[arg-type]
    with pytest.raises(RowsRefused):
        store.write_predictions(build_rows(good, bad))
    assert store.read_predictions(0, 10).items == []


@both
def test_feedback_on_a_prediction_that_is_not_there_writes_nothing(database_url: str) -> None:
    store = FeedbackStore(build_engine(database_url))
    given = StoredFeedback(uuid4(), "confirmed", None, None, datetime.now(UTC))
    with pytest.raises(UnknownPrediction):
        store.write_feedback(given, None)
    assert store.read_feedback(0, 10).items == []


@both
def test_the_database_itself_refuses_what_breaks_its_rules(database_url: str) -> None:
    engine = build_engine(database_url)
    statement = "INSERT INTO feedback (prediction_id, verdict, created_at) VALUES (:id, 'confirmed', :now)"
    values = {"id": uuid4().hex, "now": datetime.now(UTC).isoformat()}
    with pytest.raises(IntegrityError) as failure, engine.begin() as connection:
        connection.execute(text(statement), values)
    assert values["id"] not in str(failure.value)
    engine.dispose()


@postgres
def test_a_page_does_not_skip_a_row_that_is_still_being_written(store: Store, database_url: str) -> None:
    slow, fast = build_prediction("slow"), build_prediction("fast")
    engine = build_engine(database_url)
    with engine.connect() as writer:
        values = {name: getattr(slow, name) for name in StoredPrediction.__slots__}
        announce_writer(writer, predictions)
        writer.execute(insert(predictions).values(values))
        store.write_predictions(build_rows(fast))
        read: list[str] = []
        reader = threading.Thread(target=lambda: read.extend(row.text for row in store.read_predictions(0, 10).items))
        reader.start()
        reader.join(0.3)
        assert reader.is_alive()
        writer.commit()
        reader.join(2)
    engine.dispose()
    assert read == ["slow", "fast"]


@postgres
def test_a_page_does_not_wait_for_a_vacuum(store: Store, database_url: str) -> None:
    store.write_predictions(build_rows(build_prediction("late")))
    engine = build_engine(database_url)
    with engine.connect() as vacuum:
        # The lock that VACUUM, ANALYZE and their automatic forms hold while they work.
        vacuum.execute(text("LOCK TABLE predictions IN SHARE UPDATE EXCLUSIVE MODE"))
        assert [row.text for row in store.read_predictions(0, 10).items] == ["late"]
    engine.dispose()


@postgres
def test_a_server_that_is_frozen_is_given_up(store: Store, database_url: str) -> None:
    store.write_predictions(build_rows(build_prediction("late")))
    own = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle'"
    engine = create_engine(database_url, poolclass=NullPool)
    with engine.connect() as connection:
        pids = list(connection.execute(text(own)).scalars())
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        # The connection that hangs is thrown away; a new one finds a server that answers.
        store.write_predictions(build_rows(build_prediction("later")))
        assert 1 < time.monotonic() - started < 10
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@postgres
def test_a_statement_that_takes_too_long_is_given_up(store: Store, database_url: str) -> None:
    engine = build_engine(database_url)
    with engine.connect() as holder:
        holder.execute(text("LOCK TABLE predictions IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(DatabaseUnavailable):
            store.read_predictions(0, 1)
    engine.dispose()


def test_a_crowd_at_the_connection_pool_is_503(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def wait_in_vain() -> None:
        raise TimeoutError("no connection left")

    monkeypatch.setattr(store._readers, "begin", wait_in_vain)
    with pytest.raises(DatabaseUnavailable):
        store.check_schema()


def test_sqlite_reads_while_another_writes(store: Store, database_url: str) -> None:
    engine = build_engine(database_url)
    with engine.execution_options(writes=True).connect() as writer:
        writer.execute(text("SELECT 1"))
        assert store.read_predictions(0, 1).items == []
        assert writer.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert writer.execute(text("PRAGMA busy_timeout")).scalar() == 5000
        assert writer.execute(text("PRAGMA foreign_keys")).scalar() == 1
    engine.dispose()
