"""Work beside the requests: when it is done, what stops it, and that nothing else does."""

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert
from uuid_utils.compat import uuid7

from inference import background
from inference.background import Background, Job
from inference.database import build_engine
from inference.errors import DatabaseUnavailable
from inference.tables import feedback
from inference.threads import NICENESS
from tests.inference.listening import listening
from tests.inference.log_worker import run

SELDOM = 3600.0
OFTEN = 0.01


@dataclass
class Work:
    """What a job is to do at each turn, the last of it again and again; when it was done, and where."""

    does: list[Callable[[], bool]] = field(default_factory=lambda: [lambda: False])
    turns: int = 0
    threads: set[threading.Thread] = field(default_factory=set)

    def __call__(self) -> bool:
        self.threads.add(threading.current_thread())
        self.turns += 1
        return self.does[min(self.turns, len(self.does)) - 1]()


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.005)


async def starting(*jobs: Job) -> Background:
    background = Background()
    for job in jobs:
        background.add(job)
    background.start()
    # The jobs have begun to wait for their time.
    await asyncio.sleep(0)
    return background


def fail(error: Exception) -> Callable[[], bool]:
    def work() -> bool:
        raise error

    return work


def test_a_job_goes_on_by_itself() -> None:
    async def scenario() -> None:
        work = Work()
        running = await starting(Job("job", work, OFTEN))
        await until(lambda: work.turns >= 3)
        await running.stop()

    run(scenario())


def test_each_job_has_a_thread_of_its_own_and_none_waits_for_another_or_for_requests() -> None:
    async def scenario() -> None:
        hangs = threading.Event()
        slow, quick = Work([lambda: not hangs.wait(30)]), Work()
        running = await starting(Job("slow", slow, OFTEN), Job("quick", quick, OFTEN))
        await until(lambda: slow.turns == 1 and quick.turns >= 3)
        assert [thread.name for thread in (*slow.threads, *quick.threads)] == ["slow_0", "quick_0"]
        hangs.set()
        await running.stop()

    run(scenario())


def test_it_is_done_at_once_where_somebody_wakes_it() -> None:
    async def scenario() -> None:
        work = Work()
        running = await starting(Job("job", work, SELDOM))
        running.wake()
        await until(lambda: work.turns == 1)
        running.wake()
        await until(lambda: work.turns == 2)
        await running.stop()

    run(scenario())


def test_who_is_woken_meanwhile_is_done_once_more() -> None:
    async def scenario() -> None:
        goes_on = threading.Event()
        work = Work([lambda: not goes_on.wait(30), lambda: False])
        running = await starting(Job("job", work, SELDOM))
        running.wake()
        await until(lambda: work.turns == 1)
        for _ in range(5):
            running.wake()
        goes_on.set()
        await until(lambda: work.turns == 2)
        await asyncio.sleep(0.05)
        assert work.turns == 2
        await running.stop()

    run(scenario())


def test_what_has_nothing_to_do_with_it_is_not_woken() -> None:
    async def scenario() -> None:
        woken, left = Work(), Work()
        running = await starting(Job("woken", woken, SELDOM), Job("left", left, SELDOM, is_woken=False))
        running.wake()
        await until(lambda: woken.turns == 1)
        assert left.turns == 0
        await running.stop()

    run(scenario())


def test_it_is_done_again_at_once_while_there_is_more() -> None:
    async def scenario() -> None:
        work = Work([lambda: True] * 3 + [lambda: False])
        running = await starting(Job("job", work, SELDOM))
        running.wake()
        await until(lambda: work.turns == 4)
        await asyncio.sleep(0.05)
        assert work.turns == 4
        await running.stop()

    run(scenario())


def test_it_goes_on_after_an_error_which_is_logged_each_time(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        work = Work([fail(ValueError("first")), fail(ValueError("second")), lambda: False])
        running = await starting(Job("job", work, OFTEN))
        await until(lambda: work.turns >= 4)
        await running.stop()

    with listening(caplog):
        run(scenario())
    assert [record.getMessage() for record in caplog.records] == ["background_job_failed job=job"] * 2
    assert all(record.exc_info for record in caplog.records)


def test_a_database_that_is_away_is_tried_again_and_was_logged_where_it_was_noticed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scenario() -> None:
        work = Work([fail(DatabaseUnavailable())] * 3 + [lambda: False])
        running = await starting(Job("job", work, OFTEN))
        await until(lambda: work.turns >= 4)
        await running.stop()

    with listening(caplog):
        run(scenario())
    assert caplog.records == []


@pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
def test_the_log_of_a_job_that_fails_holds_no_text(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    engine = build_engine(database_url)

    def judge_nothing() -> bool:
        row = {"prediction_id": uuid7(), "verdict": "rejected", "comment": "canary", "created_at": datetime.now(UTC)}
        with engine.begin() as connection:
            connection.execute(insert(feedback).values(row))
        return False

    async def scenario() -> None:
        running = await starting(Job("job", judge_nothing, SELDOM))
        await running.stop()

    with listening(caplog):
        run(scenario())
    engine.dispose()
    assert "IntegrityError" in caplog.text
    assert "canary" not in caplog.text


# How it ends


def test_it_is_done_once_more_when_it_is_stopped() -> None:
    async def scenario() -> None:
        work = Work()
        running = await starting(Job("job", work, SELDOM))
        await running.stop()
        assert work.turns == 1

    run(scenario())


def test_a_turn_that_is_going_on_is_waited_for() -> None:
    async def scenario() -> None:
        goes_on = threading.Event()
        work = Work([lambda: not goes_on.wait(30), lambda: False])
        running = await starting(Job("job", work, OFTEN))
        await until(lambda: work.turns == 1)
        stopping = asyncio.create_task(running.stop())
        await asyncio.sleep(0.05)
        assert not stopping.done()
        goes_on.set()
        await stopping
        assert work.turns == 2

    run(scenario())


def test_an_error_in_the_last_turn_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        work = Work()
        running = await starting(Job("fails", fail(ValueError("last")), SELDOM), Job("job", work, SELDOM))
        await running.stop()
        assert work.turns == 1

    run(scenario())


def test_a_job_that_hangs_holds_up_the_end_for_seconds_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert background.LAST_SECONDS <= 5
    monkeypatch.setattr(background, "LAST_SECONDS", 0.2)

    async def scenario() -> None:
        ends = threading.Event()
        hangs, other = Work([lambda: not ends.wait(30)]), Work()
        running = await starting(Job("hangs", hangs, OFTEN), Job("other", other, SELDOM))
        await until(lambda: hangs.turns == 1)
        began = time.monotonic()
        await running.stop()
        assert time.monotonic() - began < 2
        assert other.turns == 1
        ends.set()
        await until(lambda: not any(thread.is_alive() for thread in hangs.threads))
        # What was to be its last turn is not made up for.
        assert hangs.turns == 1

    run(scenario())


def test_no_thread_is_left_behind() -> None:
    async def scenario() -> None:
        works = [Work() for _ in range(3)]
        running = await starting(*(Job(f"job-{number}", work, OFTEN) for number, work in enumerate(works)))
        await until(lambda: all(work.turns for work in works))
        await running.stop()
        threads = set.union(*(work.threads for work in works))
        assert len(threads) == 3
        await until(lambda: not any(thread.is_alive() for thread in threads))

    run(scenario())


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no priority of its own")
def test_requests_go_first() -> None:
    priorities: list[int] = []

    def look() -> bool:
        priorities.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return False

    async def scenario() -> None:
        running = await starting(Job("job", look, SELDOM))
        await running.stop()

    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    run(scenario())
    assert priorities == [NICENESS]
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before
