"""The journal of champions, on both databases: in order, for ever, and asked what was champion at a moment."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select, text, update
from sqlalchemy.exc import DBAPIError

from inference.database import build_engine
from inference.errors import MoveUnderWay
from inference.journal_store import JournalStore
from inference.loop_schemas import GateCheck, GateVerdict
from inference.loop_tables import journal as table
from inference.promotion import ModelVersion, Move
from inference.turns import Turn, Turns
from tests.inference.roles import superuser

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
VERDICT = GateVerdict(
    passed=True,
    at=NOON,
    digest="b" * 64,
    against_version=None,
    against_digest=None,
    checks=[GateCheck(name="labels", passed=True, found="the same")],
)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = build_engine(database_url)
    yield engine
    engine.dispose()


def move_to(number: int, at: datetime = NOON, *, before: int | None = None) -> Move:
    gone = None if before is None else ModelVersion(str(before), "a" * 64)
    return Move(at, "promotion", "Ann", "better on airline tweets", gone, ModelVersion(str(number), "b" * 64))


def write(engine: Engine, *moves: Move) -> JournalStore:
    journal = JournalStore(engine)
    with Turns(engine).taken("champion") as turn:
        for move in moves:
            journal.write(move, turn)
    return journal


def test_what_was_written_is_read_in_its_order(engine: Engine) -> None:
    first = Move(NOON, "found", None, None, None, ModelVersion("1", None))
    second = move_to(2, NOON + timedelta(seconds=1), before=1)
    journal = write(engine, first, second)
    assert journal.read_all() == [first, second]
    assert journal.read_last() == second


def test_an_empty_journal_has_no_last_line(engine: Engine) -> None:
    journal = JournalStore(engine)
    assert (journal.read_last(), journal.read_all(), journal.read_all(NOON)) == (None, [], [])


def test_the_verdict_is_kept_as_it_was(engine: Engine) -> None:
    journal = JournalStore(engine)
    with Turns(engine).taken("champion") as turn:
        journal.write(move_to(1), turn, VERDICT)
        journal.write(move_to(2), turn)
    with engine.connect() as connection:
        kept = connection.execute(select(table.c.verdict).order_by(table.c.sequence)).scalars().all()
    assert kept == [VERDICT.model_dump(mode="json"), None]


def test_nobody_writes_without_the_turn(engine: Engine) -> None:
    journal = JournalStore(engine)
    with pytest.raises(MoveUnderWay):
        journal.write(move_to(1), Turn("champion", uuid4()))
    assert journal.read_all() == []


@pytest.mark.parametrize("statement", [update(table).values(reason="another"), delete(table)], ids=["update", "delete"])
def test_the_database_itself_refuses_to_change_a_line(engine: Engine, statement: object) -> None:
    journal = write(engine, move_to(1))
    with pytest.raises(DBAPIError, match="the journal is append-only"), superuser(engine) as connection:
        connection.execute(statement)  # type: ignore[call-overload]
    assert journal.read_all() == [move_to(1)]


def test_nor_are_all_of_them_taken_away_at_once(engine: Engine, database_url: str) -> None:
    journal = write(engine, move_to(1))
    verb = "TRUNCATE" if database_url.startswith("postgres") else "DELETE FROM"
    with pytest.raises(DBAPIError, match="append-only"), superuser(engine) as connection:
        connection.execute(text(f"{verb} journal"))
    assert len(journal.read_all()) == 1


# --- at a moment


def emptied(engine: Engine) -> None:
    """What only whoever owns the database can do, by taking the rule away."""
    with superuser(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text("TRUNCATE journal"))
            return
        rule = connection.execute(text("SELECT sql FROM sqlite_master WHERE name = 'journal_no_delete'")).scalar_one()
        connection.execute(text("DROP TRIGGER journal_no_delete"))
        connection.execute(text("DELETE FROM journal"))
        connection.execute(text(rule))


GAPS = st.lists(st.integers(1, 5_000_000), min_size=1, max_size=12)  # microseconds from one move to the next


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(GAPS, st.lists(st.integers(-2, 60_000_000), min_size=1, max_size=10))
def test_for_every_moment_the_journal_names_the_champion_of_that_moment(
    engine: Engine, gaps: list[int], moments: list[int]
) -> None:
    emptied(engine)
    moves: list[Move] = []
    at = NOON
    for number, gap in enumerate(gaps, 1):
        at += timedelta(microseconds=gap)
        moves.append(move_to(number, at))
    journal = write(engine, *moves)
    asked = [NOON + timedelta(microseconds=each) for each in moments]
    # Also the very moments of the moves, and just before.
    for moment in asked + [move.at for move in moves] + [move.at - timedelta(microseconds=1) for move in moves]:
        expected = [move for move in moves if move.at <= moment]
        assert journal.read_all(moment) == expected


def test_a_clock_that_went_back_does_not_put_an_older_move_in_front(engine: Engine) -> None:
    ahead, behind = move_to(1, NOON + timedelta(minutes=5)), move_to(2, NOON)
    journal = write(engine, ahead, behind)
    assert journal.read_last() == behind
    assert journal.read_all(NOON + timedelta(minutes=1)) == [behind]
    assert journal.read_all(NOON + timedelta(minutes=9)) == [ahead, behind]


def test_a_moment_may_be_told_in_any_zone(engine: Engine) -> None:
    journal = write(engine, move_to(1))
    east = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert journal.read_all(east) == [move_to(1)]
    assert journal.read_all(east - timedelta(microseconds=1)) == []
