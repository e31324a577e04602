"""Each answered prediction is in the database soon, and once."""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from inference.spool import Spool
from tests.inference.log_worker import StartWorker, Worker, build, run, starting

both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)


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
def test_rows_are_in_the_database_once_it_has_caught_up(worker: Worker, folder: Path) -> None:
    async def answer() -> None:
        worker.log.add([build("first"), build("second")])
        await worker.log.catch_up()
        assert worker.texts() == ["first", "second"]
        worker.log.add([build("third")])
        await worker.log.catch_up()

    run(answer())
    assert worker.texts() == ["first", "second", "third"]
    assert list(folder.iterdir()) == []
    assert worker.count("prediction_log_rows_total") == 3
    assert worker.count("prediction_log_waiting_bytes") == 0


@both
def test_it_catches_up_by_itself_and_once_more_at_the_end(worker: Worker) -> None:
    async def answer() -> None:
        await worker.log.start()
        worker.log.add([build("first")])
        while not worker.texts():
            await asyncio.sleep(0.05)
        worker.log.add([build("last")])
        await worker.log.stop()

    run(answer())
    assert worker.texts() == ["first", "last"]


def test_rows_of_one_turn_of_the_loop_are_one_write_to_the_disk(
    worker: Worker, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups: list[int] = []
    add = Spool.add
    monkeypatch.setattr(Spool, "add", lambda spool, rows: (groups.append(len(rows)), add(spool, rows)))

    async def answer() -> None:
        for number in range(5):
            worker.log.add([build(str(number))])
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        # They are there before anybody asks for them, and the database has none yet.
        [path] = folder.glob("*.rows")
        assert path.read_bytes().count(b"\n") == 5
        assert worker.texts() == []

    run(answer())
    assert groups == [5]


@both
def test_rows_that_reach_the_database_twice_are_there_once(
    worker: Worker, folder: Path, start_worker: StartWorker
) -> None:
    other = start_worker()

    async def bring_in_twice() -> None:
        worker.log.add([build("first"), build("second")])
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        # This worker's file, read by another while this one is alive and still has it.
        await other.log.catch_up()
        assert other.texts() == ["first", "second"]
        assert len(list(folder.glob("*.rows"))) == 1
        await worker.log.catch_up()

    run(bring_in_twice())
    assert worker.texts() == ["first", "second"]
    assert (other.count("prediction_log_rows_total"), worker.count("prediction_log_rows_total")) == (2, 0)
    assert list(folder.iterdir()) == []


def test_those_who_ask_at_once_share_one_round(worker: Worker) -> None:
    async def ask_at_once() -> None:
        worker.log.add([build("first")])
        await asyncio.gather(*(worker.log.catch_up() for _ in range(50)))
        assert worker.store.writes == 1
        # Who asks while one is under way waits for the next, which has what came in the meantime.
        running = asyncio.create_task(worker.log.catch_up())
        await asyncio.sleep(0)
        worker.log.add([build("second")])
        await asyncio.gather(*(worker.log.catch_up() for _ in range(50)))
        assert worker.texts() == ["first", "second"]
        await running

    run(ask_at_once())
    assert worker.store.writes <= 3


def test_a_caller_who_leaves_does_not_take_the_round_from_the_others(worker: Worker) -> None:
    async def leave() -> None:
        worker.log.add([build("first")])
        leaving, staying = asyncio.create_task(worker.log.catch_up()), asyncio.create_task(worker.log.catch_up())
        await asyncio.sleep(0)
        leaving.cancel()
        await staying
        assert worker.texts() == ["first"]

    run(leave())


@both
def test_nothing_is_lost_and_nothing_doubled_while_fifty_add_and_two_workers_catch_up(
    worker: Worker, start_worker: StartWorker, folder: Path
) -> None:
    workers = [worker, start_worker()]
    chance = random.Random(7)

    async def answer(number: int) -> None:
        mine = workers[number % 2]
        for part in range(10):
            mine.log.add([build(f"{number}.{part}.{row}") for row in range(2)])
            await asyncio.sleep(chance.choice([0, 0, 0.001, 0.01]))
            if chance.random() < 0.3:
                await mine.log.catch_up()

    async def hammer() -> None:
        await asyncio.gather(*(answer(number) for number in range(50)))
        for each in workers:
            await each.log.catch_up()

    run(hammer())
    asked = {f"{number}.{part}.{row}" for number in range(50) for part in range(10) for row in range(2)}
    texts = worker.texts()
    assert (len(texts), set(texts)) == (1000, asked)
    assert sum(each.count("prediction_log_rows_total") for each in workers) == 1000
    assert list(folder.iterdir()) == []
