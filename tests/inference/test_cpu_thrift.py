"""What nobody waits for is looked at less often; what somebody waits for is not."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from inference import background, jobs, prediction_log
from inference.background import Background, Job
from inference.prediction_log import QUIET_SECONDS
from tests.inference.alarming import WaitFor, alarm, told_at
from tests.inference.log_worker import Worker, build, run, starting
from tests.inference.receivers import Webhook, webhook
from tests.inference.recording_endpoint import RecordingEndpoint

SELDOM = 3600.0
StartApp = Callable[..., AbstractContextManager[TestClient]]


@pytest.fixture
def worker(tmp_path: Path, database_url: str) -> Iterator[Worker]:
    with starting(tmp_path / "spool", database_url) as start:
        yield start()


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as hook:
        yield hook


def test_whoever_was_woken_looks_often_for_a_while_and_then_keeps_to_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "STIRRED_SECONDS", 1.0)
    monkeypatch.setattr(background, "STIRRED_EVERY_SECONDS", 0.3)
    turns: list[int] = []

    async def scenario() -> None:
        running = Background()
        running.add(Job("job", lambda: bool(turns.append(1)), SELDOM))
        running.start()
        await asyncio.sleep(0.5)
        assert len(turns) == 0
        running.wake()
        await asyncio.sleep(0.1)
        assert len(turns) == 1
        await asyncio.sleep(1.6)
        # At 0.3, 0.6 and 0.9 seconds, and once more for what had begun to wait by then.
        assert 3 <= len(turns) <= 6
        before = len(turns)
        await asyncio.sleep(0.7)
        assert len(turns) == before
        await running.stop()

    run(scenario())


@pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
def test_an_alert_and_its_copies_leave_as_soon_where_jobs_look_less_often(
    start_app: StartApp, hook: Webhook, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "THRIFTY_EVERY_SECONDS", SELDOM)
    with RecordingEndpoint() as endpoint:
        settings = told_at(hook.address) | {
            "cpu_minutes_a_day": 60.0,
            "applicationinsights_connection_string": SecretStr(endpoint.connection_string),
        }
        with start_app(**settings) as client:
            alarm(client, wait_for)
            wait_for(lambda: hook.bodies != [], seconds=3)
            assert endpoint.wait_until(lambda endpoint: len(endpoint.events("prediction_rejected")) == 3, 3)


def test_with_nothing_to_write_down_the_log_looks_once_a_second(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds: list[int] = []
    catch_up = worker.log.catch_up
    monkeypatch.setattr(worker.log, "catch_up", lambda: rounds.append(1) or catch_up())

    async def scenario() -> None:
        await worker.log.start()
        rounds.clear()
        await asyncio.sleep(3.5 * QUIET_SECONDS)
        assert 2 <= len(rounds) <= 4
        await worker.log.stop()

    run(scenario())


def test_what_comes_in_between_is_not_kept_waiting_for_that(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prediction_log, "QUIET_SECONDS", SELDOM)

    async def scenario() -> None:
        await worker.log.start()
        for number in range(3):
            worker.log.add([build(f"text {number}")])
            while len(worker.texts()) == number:
                await asyncio.sleep(0.02)
            assert len(worker.texts()) == number + 1
        await worker.log.stop()

    run(scenario())
