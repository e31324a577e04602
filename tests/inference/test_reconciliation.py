"""Moves that nobody wrote down, on both databases and a real MLflow: noticed once, by one of the workers."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from inference.database import build_engine
from inference.errors import MoveUnderWay, RegistryAway
from inference.journal_store import JournalStore
from inference.promotion import ModelVersion, Move
from inference.reconciliation import BY_HAND, CHAMPION_TURN, FIRST, Reconciliation
from inference.registry import Registry, RegistryVersion
from inference.registry_access import RegistryAccess
from inference.turns import Turns
from tests.inference.gated import Gated, Make, RegisteredModel, StartApp, WaitFor, journal, moves, promote, roll_back

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def gated(registered_model: RegisteredModel, make_bundle: Make) -> Gated:
    return Gated(registered_model, make_bundle)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = build_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def lines(engine: Engine) -> JournalStore:
    return JournalStore(engine)


def worker(gated: Gated, engine: Engine, url: str | None = None) -> Reconciliation:
    return Reconciliation(RegistryAccess(url or gated.url, gated.name), JournalStore(engine), Turns(engine))


def seen(gated: Gated) -> RegistryVersion:
    with Registry(gated.url, gated.name) as registry:
        champion = registry.fetch_champion()
    assert champion is not None
    return champion


def told(lines: JournalStore) -> list[tuple[str, str | None, str | None, str]]:
    return [(each.kind, each.by, each.reason, each.after.version) for each in lines.read_all()]


def test_the_first_champion_and_moves_by_hand_are_noted_by_nobody(
    gated: Gated, engine: Engine, lines: JournalStore
) -> None:
    one, two = gated.first_champion(), gated.register("two")
    mine = worker(gated, engine)
    mine.note(seen(gated))
    assert mine.look() is False
    assert told(lines) == [("found", None, FIRST, one)]
    gated.move_by_hand(two)
    mine.note(seen(gated))
    mine.look()
    assert told(lines) == [("found", None, FIRST, one), ("found", None, BY_HAND, two)]
    last = lines.read_last()
    assert last is not None
    assert last.before == ModelVersion(one, gated.digests[one])
    assert last.after == ModelVersion(two, gated.digests[two])


def test_where_nothing_is_seen_or_nothing_has_changed_nobody_is_asked(
    gated: Gated, engine: Engine, lines: JournalStore, unused_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gated.first_champion()
    nowhere = worker(gated, engine, unused_url)
    nowhere.look()
    mine = worker(gated, engine)
    mine.note(seen(gated))
    mine.look()
    # What the journal says already is not asked of MLflow, and the database once for each poll.
    nowhere.note(seen(gated))
    nowhere.look()
    monkeypatch.setattr(JournalStore, "read_last", lambda _: pytest.fail("the database was asked"))
    nowhere.look()
    assert len(lines.read_all()) == 1


def test_many_workers_that_see_it_at_once_write_one_line(gated: Gated, engine: Engine, lines: JournalStore) -> None:
    one = gated.first_champion()
    workers = [worker(gated, engine) for _ in range(6)]
    together = threading.Barrier(len(workers))

    def look(mine: Reconciliation) -> None:
        mine.note(seen(gated))
        together.wait()
        while True:
            try:
                mine.look()
                return
            except MoveUnderWay:
                continue  # as the job does, a second later

    with ThreadPoolExecutor(len(workers)) as pool:
        list(pool.map(look, workers))
    assert told(lines) == [("found", None, FIRST, one)]


def test_a_move_that_another_worker_is_making_is_not_found(gated: Gated, engine: Engine, lines: JournalStore) -> None:
    one, two = gated.first_champion(), gated.register("two")
    mine = worker(gated, engine)
    mine.note(seen(gated))
    mine.look()
    with Turns(engine).taken(CHAMPION_TURN) as turn:
        gated.move_by_hand(two)
        champion = seen(gated)
        mine.note(champion)
        for _ in range(2):
            with pytest.raises(MoveUnderWay):
                mine.look()
        before = ModelVersion(one, gated.digests[one])
        after = ModelVersion(two, gated.digests[two])
        lines.write(Move(NOON, "promotion", "Ann", "better", before, after), turn)
    mine.look()
    assert [each[0] for each in told(lines)] == ["found", "promotion"]


def test_what_was_seen_long_ago_is_looked_at_again_before_it_is_noted(
    gated: Gated, engine: Engine, lines: JournalStore
) -> None:
    """A follower that saw the champion before the last promotion, and a job that comes to it after."""
    gated.first_champion()
    old = seen(gated)
    two = gated.register("two")
    gated.move_by_hand(two)
    quick, slow = worker(gated, engine), worker(gated, engine)
    quick.note(seen(gated))
    quick.look()
    slow.note(old)
    slow.look()
    assert told(lines) == [("found", None, FIRST, two)]


def test_a_registry_that_counts_from_1_again_has_another_champion_of_the_same_number(
    gated: Gated, engine: Engine, lines: JournalStore
) -> None:
    one = gated.first_champion()
    elsewhere = Move(NOON, "promotion", "Ann", "better", None, ModelVersion(one, "e" * 64))
    with Turns(engine).taken(CHAMPION_TURN) as turn:
        lines.write(elsewhere, turn)
    mine = worker(gated, engine)
    mine.note(seen(gated))
    mine.look()
    assert told(lines)[1:] == [("found", None, BY_HAND, one)]


def test_a_registry_that_went_away_meanwhile_is_asked_again(
    gated: Gated, engine: Engine, lines: JournalStore, unused_url: str
) -> None:
    one = gated.first_champion()
    mine = worker(gated, engine, unused_url)
    mine.note(seen(gated))
    with pytest.raises(RegistryAway):
        mine.look()
    # It kept no turn.
    other = worker(gated, engine)
    other.note(seen(gated))
    other.look()
    assert told(lines) == [("found", None, FIRST, one)]
    mine.look()
    assert len(lines.read_all()) == 1


def test_an_alias_that_was_removed_meanwhile_is_nothing_to_note(
    gated: Gated, engine: Engine, lines: JournalStore
) -> None:
    gated.first_champion()
    mine = worker(gated, engine)
    mine.note(seen(gated))
    gated.remove_alias()
    mine.look()
    assert lines.read_all() == []


def test_a_way_there_and_back_whose_last_line_was_lost_is_found_though_the_champion_looks_the_same(
    gated: Gated, engine: Engine, lines: JournalStore
) -> None:
    one = gated.first_champion()
    mine = worker(gated, engine)
    mine.note(seen(gated))
    mine.look()
    before, away = ModelVersion(one, gated.digests[one]), ModelVersion("7", "7" * 64)
    with Turns(engine).taken(CHAMPION_TURN) as turn:
        lines.write(Move(NOON, "promotion", "Ann", "better", before, away), turn)
    # Rolled back by a worker that died before it could say so.
    mine.note(seen(gated))
    mine.look()
    assert [each[0] for each in told(lines)] == ["found", "promotion", "found"]
    assert told(lines)[-1][3] == one


# --- as part of the service


def test_the_service_notes_what_the_registry_had_before_and_what_is_moved_by_hand(
    gated: Gated, start_app: StartApp, wait_for: WaitFor
) -> None:
    one, two = gated.first_champion(), gated.register("two")
    with start_app(**gated.settings) as client, start_app(**gated.settings) as other:
        wait_for(lambda: moves(client) == [("found", None, one)], seconds=30)
        gated.move_by_hand(two)
        wait_for(lambda: moves(client) == [("found", None, one), ("found", one, two)], seconds=30)
        assert moves(other) == moves(client)
        [first, second] = journal(client)
        assert (first["by"], first["reason"]) == (None, FIRST)
        assert (second["by"], second["reason"]) == (None, BY_HAND)
        assert roll_back(client).json()["to_version"] == one


def test_a_move_by_hand_to_what_nobody_can_serve_is_no_champion_of_production(
    gated: Gated, start_app: StartApp, wait_for: WaitFor
) -> None:
    one = gated.first_champion()
    broken = gated.register("broken", changes={"format_version": 9})
    with start_app(**gated.settings) as client:
        wait_for(lambda: moves(client) == [("found", None, one)], seconds=30)
        gated.move_by_hand(broken)
        wait_for(lambda: client.get("/v1/model").json()["refused"] is not None, seconds=30)
        assert moves(client) == [("found", None, one)]
        # A rollback goes from where the alias is to what serves.
        assert roll_back(client).json()["to_version"] == one
        assert moves(client)[1:] == [("found", one, broken), ("rollback", broken, one)]


def test_a_promotion_after_a_move_by_hand_starts_from_there(
    gated: Gated, start_app: StartApp, wait_for: WaitFor
) -> None:
    one, two = gated.first_champion(), gated.register("two")
    three = gated.judged("three", against=two)
    with start_app(poll_seconds=3600, **gated.settings) as client:
        wait_for(lambda: moves(client) == [("found", None, one)], seconds=30)
        gated.move_by_hand(two)
        assert promote(client, three).status_code == 201
        assert moves(client)[1:] == [("found", one, two), ("promotion", two, three)]
