"""The database is away, a worker is killed, a row is damaged, the disk is full: what is whole arrives all the same."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from inference.errors import Unavailable
from tests.inference.log_worker import StartWorker, Worker, build, run, starting

both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

# A worker that is killed before it has brought its rows in.
VICTIM = """
import os, signal, sys
from pathlib import Path
from inference.spool import Spool
Spool(Path(sys.argv[1]), 1024 * 1024).add([row.encode() for row in sys.argv[2:]])
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def start_worker(folder: Path, database_url: str) -> Iterator[StartWorker]:
    with starting(folder, database_url) as start:
        yield start


@pytest.fixture
def worker(start_worker: StartWorker) -> Worker:
    return start_worker()


@both
def test_while_the_database_is_away_rows_wait_and_each_arrives_once_when_it_is_back(
    start_worker: StartWorker, folder: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.database.SQLITE_BUSY_SECONDS", 0.1)
    monkeypatch.setattr("inference.postgres.WAIT_SECONDS", 0.3)
    worker = start_worker()

    async def answer_through_an_outage() -> None:
        worker.log.add([build("before")])
        await worker.log.catch_up()
        with locked(database_url):
            for number in range(3):
                worker.log.add([build(f"during {number}")])
                with pytest.raises(Unavailable):
                    await worker.log.catch_up()
        # The one of before the first failure, and one that grows.
        assert len(list(folder.glob("*.rows"))) == 2
        assert worker.count("prediction_log_waiting_bytes") > 0
        worker.log.add([build("after")])
        await worker.log.catch_up()
        await worker.log.catch_up()

    run(answer_through_an_outage())
    assert worker.texts() == ["before", "during 0", "during 1", "during 2", "after"]
    assert worker.count("prediction_log_rows_total") == 5
    assert list(folder.iterdir()) == []


@contextmanager
def locked(database_url: str) -> Iterator[None]:
    """For as long, the database answers nobody who writes."""
    is_sqlite = database_url.startswith("sqlite")
    engine = create_engine(database_url)
    with engine.connect() as connection:
        connection.execute(text("BEGIN IMMEDIATE" if is_sqlite else "LOCK TABLE predictions IN ACCESS EXCLUSIVE MODE"))
        yield
        connection.rollback()
    engine.dispose()


@both
def test_rows_of_a_worker_that_was_killed_arrive_through_another(worker: Worker, folder: Path) -> None:
    rows = [build("first").decode(), build("second").decode()]
    subprocess.run([sys.executable, "-c", VICTIM, str(folder), *rows], check=False)
    assert len(list(folder.glob("*.rows"))) == 1

    async def start_and_stop() -> None:
        await worker.log.start()
        assert worker.texts() == ["first", "second"]
        await worker.log.stop()

    run(start_and_stop())
    assert list(folder.iterdir()) == []


@both
def test_rows_without_room_on_the_disk_go_to_the_database_from_memory(start_worker: StartWorker) -> None:
    worker = start_worker(1000)

    async def answer() -> None:
        worker.log.add([build("x" * 900)])
        worker.log.add([build("y")])
        await worker.log.catch_up()
        worker.log.add([build("z")])
        await worker.log.catch_up()

    run(answer())
    assert sorted(worker.texts()) == ["x" * 900, "y", "z"]
    assert worker.count("prediction_log_rows_total") == 3
    assert worker.count("prediction_log_lost_rows_total") == 0


@both
def test_without_disk_and_database_the_first_rows_wait_and_the_others_are_counted(
    start_worker: StartWorker, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.database.SQLITE_BUSY_SECONDS", 0.1)
    monkeypatch.setattr("inference.postgres.WAIT_SECONDS", 0.3)
    monkeypatch.setattr("inference.prediction_log.MOST_HELD", 3)
    monkeypatch.setattr("inference.prediction_log.HELD_GROUP", 2)
    worker = start_worker(10)

    async def answer_through_an_outage() -> None:
        with locked(database_url):
            for number in range(5):
                worker.log.add([build(f"{number}")])
                with pytest.raises(Unavailable):
                    await worker.log.catch_up()
        await worker.log.catch_up()

    run(answer_through_an_outage())
    assert worker.texts() == ["0", "1", "2"]
    assert worker.count("prediction_log_lost_rows_total") == 2


@both
def test_a_damaged_file_gives_what_is_whole(worker: Worker, folder: Path) -> None:
    folder.mkdir()
    torn = build("torn")[:-20]
    (folder / "1.rows").write_bytes(b"\n".join([build("first"), b"\xff\0{", build("third"), torn]))

    async def catch_up() -> None:
        await worker.log.catch_up()

    run(catch_up())
    assert worker.texts() == ["first", "third"]
    assert list(folder.iterdir()) == []


@both
@pytest.mark.parametrize("damage", [b"NaN", b'"cut\nhere"'])
def test_a_line_that_is_no_json_to_the_database_does_not_hold_back_the_others(
    worker: Worker, folder: Path, damage: bytes
) -> None:
    folder.mkdir()
    (folder / "1.rows").write_bytes(b"\n".join([build("first"), damage, build("third"), b""]))

    async def catch_up() -> None:
        await worker.log.catch_up()

    run(catch_up())
    assert worker.texts() == ["first", "third"]
    assert list(folder.iterdir()) == []
