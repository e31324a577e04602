"""Predictions counted by the hour as they enter the database: each once, whoever brings it, and those of before too."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, select, text
from sqlalchemy.pool import NullPool
from uuid_utils.compat import uuid7

from inference.database import build_engine
from inference.errors import RowsRefused
from inference.loop_tables import hourly_totals
from inference.retention import Retention
from inference.rows import build_row, insert_rows
from inference.store import Store
from inference.tables import feedback
from tests.inference.stored import Stored

both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
# hour, label, predictions, abstained
Total = tuple[datetime, str, int, int]

Migrate = Callable[..., None]
WaitFor = Callable[..., None]


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(build_engine(database_url))
    yield store
    store.close()


def row(at: datetime = NOON, label: str = "negative", *, abstained: bool = False) -> bytes:
    return build_row(
        prediction_id=uuid7(),
        text="late",
        label=label,
        probability=0.75,
        probabilities={label: 0.75, "other": 0.25},
        abstained=abstained,
        model_name="m",
        model_version="1",
        model_digest="d" * 64,
        created_at=at,
    )


def totals(database_url: str) -> list[Total]:
    engine = create_engine(database_url, poolclass=NullPool)
    query = select(hourly_totals).order_by(hourly_totals.c.hour, hourly_totals.c.label)
    with engine.connect() as connection:
        return [tuple(each) for each in connection.execute(query)]  # type: ignore[misc]


@both
def test_each_hour_and_label_has_its_total(store: Store, database_url: str) -> None:
    last = NOON + HOUR - timedelta(microseconds=1)
    group = [row(), row(last), row(last, abstained=True), row(label="positive"), row(NOON + HOUR, abstained=True)]
    assert store.write_predictions(group) == 5
    assert totals(database_url) == [
        (NOON, "negative", 3, 1),
        (NOON, "positive", 1, 0),
        (NOON + HOUR, "negative", 1, 1),
    ]


@both
def test_groups_of_the_same_hour_add_up(store: Store, database_url: str) -> None:
    for abstained in (False, True, False):
        store.write_predictions([row(abstained=abstained), row(label="positive")])
    assert totals(database_url) == [(NOON, "negative", 3, 1), (NOON, "positive", 3, 0)]


@both
def test_a_row_that_comes_again_is_not_counted_again(store: Store, database_url: str) -> None:
    first, second, third = row(), row(abstained=True), row(label="positive")
    store.write_predictions([first, second])
    assert store.write_predictions([first, second]) == 0
    assert store.write_predictions([second, third, first]) == 1
    # In one group twice, as after a machine that stopped in the middle of a write.
    fourth = row()
    assert store.write_predictions([fourth, fourth]) == 1
    assert totals(database_url) == [(NOON, "negative", 3, 1), (NOON, "positive", 1, 0)]


@both
def test_an_empty_group_counts_nothing(store: Store, database_url: str) -> None:
    assert store.write_predictions([]) == 0
    assert totals(database_url) == []


@both
@pytest.mark.parametrize("bad", [row().replace(b'"negative"', b"null", 1), row().replace(b'"late"', b'"\xff"')])
def test_a_group_that_is_refused_counts_nothing(store: Store, database_url: str, bad: bytes) -> None:
    with pytest.raises(RowsRefused):
        store.write_predictions([row(), bad])
    assert totals(database_url) == []


def write_all(database_url: str, groups: Sequence[Sequence[bytes]]) -> int:
    """As a worker of its own does it. The number of new ones."""
    store = Store(build_engine(database_url))
    try:
        return sum(store.write_predictions(group) for group in groups)
    finally:
        store.close()


@both
def test_workers_at_once_do_not_wait_for_each_other_for_ever_and_count_each_row_once(database_url: str) -> None:
    """Each group has all totals in it, in one order or the other; every group comes from two of the workers."""
    keys = [(NOON + number * HOUR, label) for number in range(4) for label in ("negative", "positive")]
    groups = [[row(*key) for key in (keys if number % 2 else keys[::-1])] for number in range(60)]
    shares = [groups[:30], groups[30:], groups[:30], groups[30:]]
    with ThreadPoolExecutor(len(shares)) as workers:
        written = list(workers.map(lambda share: write_all(database_url, share), shares))
    assert sum(written) == 60 * len(keys)
    assert totals(database_url) == [(hour, label, 60, 0) for hour, label in keys]


def take(connection: Connection, hour: datetime, label: str) -> None:
    """Raises where another has it."""
    mine = (hourly_totals.c.hour == hour, hourly_totals.c.label == label)
    connection.execute(select(hourly_totals).where(*mine).with_for_update(nowait=True))


def write_patiently(engine: Engine, group: Sequence[bytes]) -> int:
    with engine.begin() as connection:
        return insert_rows(connection, group)


def is_waiting(engine: Engine) -> bool:
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with engine.connect() as connection:
        return bool(connection.execute(text(query)).scalar_one())


@postgres
def test_totals_are_taken_in_one_order_whatever_that_of_the_rows(
    store: Store, database_url: str, wait_for: WaitFor
) -> None:
    """Who waits for the first of them has none of the others."""
    keys = [(NOON + number * HOUR, label) for number in range(4) for label in ("negative", "positive")]
    store.write_predictions([row(*key) for key in keys])
    # Not the service's engine, whose waits have an end.
    engine = create_engine(database_url, poolclass=NullPool)
    with ThreadPoolExecutor(1) as worker, engine.connect() as holder:
        take(holder, *keys[0])
        written = worker.submit(write_patiently, engine, [row(*key) for key in reversed(keys)])
        wait_for(lambda: is_waiting(engine))
        for key in keys[1:]:
            take(holder, *key)
        holder.rollback()
        assert written.result() == len(keys)
    assert totals(database_url) == [(hour, label, 2, 0) for hour, label in keys]


@both
def test_what_is_forgotten_stays_counted(database_url: str, store: Store) -> None:
    stored = Stored(store._readers)
    for author in ("a" * 64, "b" * 64):
        stored.predict("late", NOON, author)
    before = totals(database_url)
    retention = Retention(store._readers)
    assert retention.erase("a" * 64, datetime.now(UTC)).texts == 1
    retention.expire(datetime.now(UTC))
    retention.drop_reports(NOON + timedelta(days=10_000))
    assert stored.texts() == ["", ""]
    assert totals(database_url) == before == [(NOON, "negative", 2, 0)]


@both
def test_a_verdict_is_no_prediction(store: Store, database_url: str) -> None:
    stored = Stored(store._readers)
    stored.judge(stored.predict("late", NOON))
    assert len(stored.rows(feedback)) == 1
    assert totals(database_url) == [(NOON, "negative", 1, 0)]


# Those of before


@pytest.fixture(params=["sqlite", "postgres"])
def old_database(request: pytest.FixtureRequest, tmp_path: Path, migrate_database: Migrate) -> str:
    """As it was before totals were kept."""
    url = f"sqlite:///{tmp_path}/old.db" if request.param == "sqlite" else request.getfixturevalue("empty_postgres")
    migrate_database(url, "0003")
    return str(url)


COLUMNS = "prediction_id, text, label, probability, probabilities, abstained, model_name, model_version, model_digest"
BEFORE = text(f"""INSERT INTO predictions ({COLUMNS}, created_at)
    VALUES (:prediction_id, 'late', :label, 0.75, '{{"negative": 0.75}}', :abstained, 'm', '1', 'd', :at)""")


def write_before(database_url: str, rows: Sequence[tuple[datetime, str, bool]]) -> None:
    """As the version before did it."""
    engine = create_engine(database_url, poolclass=NullPool)
    with engine.begin() as connection:
        for at, label, abstained in rows:
            moment = at.isoformat(" ", "microseconds")[:26] + ("" if engine.dialect.name == "sqlite" else "+00")
            values = {"prediction_id": uuid7().hex, "label": label, "abstained": abstained, "at": moment}
            connection.execute(BEFORE, values)


def test_the_migration_counts_what_is_there(old_database: str, migrate_database: Migrate) -> None:
    late = NOON + timedelta(minutes=59, seconds=59, microseconds=999_999)
    write_before(old_database, [(NOON, "negative", True), (late, "negative", False), (late + HOUR, "positive", True)])
    migrate_database(old_database, "head")
    assert totals(old_database) == [(NOON, "negative", 2, 1), (NOON + HOUR, "positive", 1, 1)]
    # What comes in afterwards is added to it.
    write_all(old_database, [[row(late), row(late + HOUR, "positive")]])
    assert totals(old_database) == [(NOON, "negative", 3, 1), (NOON + HOUR, "positive", 2, 1)]


def test_the_migration_of_an_empty_database_counts_nothing(old_database: str, migrate_database: Migrate) -> None:
    migrate_database(old_database, "head")
    assert totals(old_database) == []
