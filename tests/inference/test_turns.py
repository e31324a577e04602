"""Turns, on both databases: one at a time, given back whatever happens, and lost by whoever takes too long."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, event, select

from inference import turns as turns_module
from inference.database import build_engine
from inference.errors import DatabaseUnavailable, MoveUnderWay
from inference.loop_tables import turns as table
from inference.turns import Turns

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = build_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def turns(engine: Engine) -> Turns:
    return Turns(engine)


def count(engine: Engine) -> int:
    """Those that somebody has; the row of one that is over stays."""
    with engine.connect() as connection:
        return len(connection.execute(select(table).where(table.c.ends_at > datetime.now(UTC))).all())


def test_while_one_has_its_turn_nobody_else_has_and_then_it_is_free(turns: Turns, engine: Engine) -> None:
    with turns.taken("champion"):
        for _ in range(2):
            with pytest.raises(MoveUnderWay), turns.taken("champion"):
                pass
        with turns.taken("something else"):
            pass
    with turns.taken("champion"):
        pass
    assert count(engine) == 0


def test_whoever_has_patience_waits_for_a_short_turn_and_not_for_a_long_one(turns: Turns) -> None:
    began, may_end = threading.Event(), threading.Event()

    def keep() -> None:
        with turns.taken("champion"):
            began.set()
            may_end.wait(20)

    with ThreadPoolExecutor(2) as pool:
        keeping = pool.submit(keep)
        began.wait(20)
        with pytest.raises(MoveUnderWay), turns.taken("champion", patience_seconds=0.3):
            pass
        threading.Timer(0.3, may_end.set).start()
        with turns.taken("champion", patience_seconds=20):
            assert may_end.is_set()
        keeping.result()


def test_it_is_given_back_when_something_goes_wrong(turns: Turns, engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError), turns.taken("champion"):
        raise ZeroDivisionError
    assert count(engine) == 0


def test_of_many_at_the_same_moment_one_has_it(turns: Turns) -> None:
    together, over = threading.Barrier(6), threading.Barrier(6)

    def take(_: int) -> bool:
        together.wait()
        try:
            with turns.taken("champion"):
                over.wait(20)
                return True
        except MoveUnderWay:
            over.wait(20)
            return False

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(take, range(6))) == [False] * 5 + [True]


def test_whoever_takes_too_long_is_overtaken_and_is_told(turns: Turns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns_module, "LEASE", timedelta(0))
    with turns.taken("champion") as slow:
        monkeypatch.undo()
        with turns.taken("champion") as fast:
            with pytest.raises(MoveUnderWay, match="somebody else"):
                turns.prolong(slow)
            turns.prolong(fast)


def test_the_end_of_a_lost_turn_does_not_end_the_next_ones(turns: Turns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns_module, "LEASE", timedelta(0))
    with turns.taken("champion"):
        monkeypatch.undo()
        fast = turns.taken("champion")
        holder = fast.__enter__()
    turns.prolong(holder)
    fast.__exit__(None, None, None)


def test_whoever_gave_it_back_has_it_no_more_even_if_nobody_else_does(turns: Turns) -> None:
    with turns.taken("champion") as turn:
        pass
    with pytest.raises(MoveUnderWay, match="somebody else"):
        turns.prolong(turn)


def test_one_that_was_prolonged_is_not_overtaken(turns: Turns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns_module, "LEASE", timedelta(0))
    with turns.taken("champion") as turn:
        monkeypatch.undo()
        turns.prolong(turn)
        with pytest.raises(MoveUnderWay), turns.taken("champion"):
            pass


def test_a_database_that_is_away_at_its_end_changes_nothing_of_what_was_done(turns: Turns, engine: Engine) -> None:
    def fail(*_: object) -> None:
        raise DatabaseUnavailable

    done = []
    with turns.taken("champion"):
        done.append(True)
        event.listen(engine, "before_cursor_execute", fail)
    event.remove(engine, "before_cursor_execute", fail)
    assert done == [True]
    assert count(engine) == 1  # until it ends by itself


def test_no_transaction_is_open_meanwhile(turns: Turns, database_url: str) -> None:
    other = build_engine(database_url)
    with turns.taken("champion"), Turns(other).taken("another"):
        pass
    other.dispose()
