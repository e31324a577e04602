"""Ctrl-C, and a workflow that is cancelled, in the middle of a deployment: a process of its own, and real signals."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from scripts.deploy.errors import Interrupted
from scripts.deploy.rollout import guarded
from tests.deploy.fake_azure import FakeAzure
from tests.deploy.releases import NEW, OLD

ROOT = Path(__file__).parents[2]


@contextmanager
def begun(arguments: list[str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts.deploy", *arguments, "--timeout", "60"],
        env=dict(os.environ),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(azure: FakeAzure, line: str, since: str = "") -> None:
    deadline = time.monotonic() + 30
    while line not in azure.journal.lines[azure.journal.lines.index(since) if since in azure.journal.lines else 0 :]:
        assert time.monotonic() < deadline, azure.journal.lines
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "cancelled"])
def test_what_was_begun_is_taken_back(
    azure: FakeAzure, command: Callable[..., list[str]], number: signal.Signals
) -> None:
    changed = "PATCH sites/air-pages/config/web ui new"
    azure.behaviours.change(NEW.image("ui"), health=503)
    with begun(command("app-service")) as process:
        wait_for(azure, "air-pages: GET /_stcore/health 503 from ui new", since=changed)
        process.send_signal(number)
        said, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert f"FAILED: stopped by {number.name}. Rolled back;" in said
    assert azure.journal.changes[-3:] == [
        "PATCH sites/air-pages/config/web ui old",
        "POST sites/air-pages/restart",
        "PATCH sites/air-api/config/web inference old",
    ]


def test_a_second_signal_does_not_stop_the_rollback(azure: FakeAzure, command: Callable[..., list[str]]) -> None:
    azure.behaviours.change(NEW.image("inference"), health=503)
    azure.behaviours.change(OLD.image("inference"), starts_after=100)
    back = "PATCH sites/air-api/config/web inference old"
    with begun(command("app-service")) as process:
        wait_for(azure, "air-api: GET /health/ready 503 from inference new")
        process.send_signal(signal.SIGTERM)
        wait_for(azure, back)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "SIGTERM: the images of before are being put back; this has to come to its end" in said
    assert azure.journal.lines[-1] == "air-api: GET /health/ready 200 from inference old"


def test_an_operation_that_still_goes_on_is_let_end_before_the_rollback(
    azure: FakeAzure, command: Callable[..., list[str]]
) -> None:
    change = "PATCH containerApps/mlflow"
    azure.behaviours.change(NEW.image("mlflow"), update="InProgress")
    azure.after.append((change, lambda: azure.refuse(change, 409, "ContainerAppOperationInProgress", times=2)))
    with begun(command("container-apps")) as process:
        wait_for(azure, "GET operations/mlflow")
        azure.after.clear()
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=30)
    assert process.returncode == 1, said
    # The operation that was left goes on being looked at, in between.
    assert list(dict.fromkeys(azure.journal.changes[2:])) == [
        f"{change} mlflow new",
        f"{change} refused with 409",
        f"{change} mlflow old",
        "PATCH jobs/migrate inference old",
    ]
    assert azure.apps["mlflow"].image == OLD.image("mlflow")


def test_a_signal_that_went_unheard_comes_again() -> None:
    with guarded():
        with suppress(Interrupted):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
        with pytest.raises(Interrupted, match="stopped by SIGTERM"):
            time.sleep(5)


def test_before_anything_is_begun_there_is_nothing_to_take_back(
    azure: FakeAzure, command: Callable[..., list[str]]
) -> None:
    azure.sites["air-api"].hangs_seconds = 5
    with begun(command("app-service", "--answer-within", "10")) as process:
        wait_for(azure, "GET sites/air-api/config/web")
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=30)
    assert process.returncode == 3
    assert said == "refused: stopped. Nothing was changed.\n"
    assert azure.journal.changes == []
