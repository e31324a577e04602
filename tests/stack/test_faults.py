"""What goes wrong while people predict and judge: predictions go on, and each acknowledged verdict is kept once.

    make stack PYTEST_ARGS="tests/stack/test_faults.py -s"

With `-s` the figures are printed. Application Insights is away in all of them but the last, which looks whether it gets
every rejection of the others once it is there.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.stack.inside import ask_in, flip_a_bit, metric, move_the_champion
from tests.stack.kept import UnderLoad
from tests.stack.ledger import Ledger
from tests.stack.replicas import containers, kill_a_worker, scaled
from tests.stack.stack import PROJECT, Stack, docker, wait_until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

UnderLoadOf = Callable[[str], AbstractContextManager[UnderLoad]]
# Long enough to be noticed by everybody.
SOME = 400
KILLS = 3
# What one connection each may lose with the turn of its worker that is killed.
LOST_WITH_A_WORKER = 8
READY_SECONDS = 35
# Each looks every five seconds, and a slow machine takes its time.
FOLLOWED_SECONDS = 60
# What compose starts where nobody says otherwise.
WORKERS = 2
ARRIVED_SECONDS = 60


def test_the_database_starts_again(stack: Stack, under_load: UnderLoadOf) -> None:
    with under_load("database restarted") as load:
        stack.compose("restart", "db")
        load.people.wait_for(SOME)
        load.people.wait_until_well()
    assert load.ledger.failures == {}


def test_the_database_is_killed(stack: Stack, under_load: UnderLoadOf) -> None:
    with under_load("database killed") as load:
        stack.compose("kill", "--signal", "KILL", "db")
        load.people.wait_until_refused()
        load.people.wait_for(SOME)
        stack.compose("start", "db")
        load.people.wait_until_well()
    assert load.ledger.failures == {}
    assert load.ledger.refused_verdicts


@contextmanager
def without_mlflow(stack: Stack) -> Iterator[None]:
    stack.compose("stop", "mlflow")
    try:
        yield
    finally:
        stack.compose("up", "--detach", "--no-deps", "--wait", "mlflow")


def test_without_mlflow_a_container_starts_from_its_cache(stack: Stack, under_load: UnderLoadOf) -> None:
    with under_load("MLflow away, container restarted") as load:
        with without_mlflow(stack):
            load.people.wait_for(SOME)
            assert load.ledger.failures == {}
            stack.compose("restart", "inference")
            load.people.wait_until_well()
        load.people.wait_for(SOME)
    # Nobody else is there meanwhile: 503, and never a connection that breaks.
    assert load.ledger.failures.keys() <= {503}
    assert len(load.ledger.versions) == 1


LIVE, READY = (f"http://127.0.0.1:8000/health/{name}" for name in ("live", "ready"))


def test_without_mlflow_and_without_a_cache_it_lives_and_waits(stack: Stack, under_load: UnderLoadOf) -> None:
    empty = ["INFERENCE_MODEL_DIR=/tmp/models", "INFERENCE_SPOOL_DIR=/tmp/spool", "INFERENCE_WORKERS=1"]
    options = [part for setting in empty for part in ("--env", setting)]
    with under_load("MLflow away, one more container without a model") as load:
        with without_mlflow(stack):
            newcomer = stack.compose("run", "--detach", "--no-deps", *options, "inference").strip()
            try:
                wait_until(lambda: ask_in(newcomer, LIVE)[LIVE][0] == 200, 60)
                load.people.wait_for(SOME)
                assert [status for status, _ in ask_in(newcomer, LIVE, READY).values()] == [200, 503]
            except BaseException:
                docker("rm", "--force", newcomer)
                raise
        try:
            took = wait_until(lambda: ask_in(newcomer, READY)[READY][0] == 200, READY_SECONDS)
            sys.stdout.write(f"\n  ready {took:.1f} s after MLflow was well\n")
            assert json.loads(docker("inspect", newcomer))[0]["RestartCount"] == 0
        finally:
            docker("rm", "--force", newcomer)
    assert load.ledger.failures == {}


def test_of_two_containers_one_is_killed(stack: Stack, under_load: UnderLoadOf) -> None:
    with scaled(stack, 2), under_load("one of two containers killed") as load:
        load.may_lose = LOST_WITH_A_WORKER
        first, _ = containers(stack)
        docker("kill", "--signal", "KILL", first)
        load.people.wait_for(2 * SOME)
        load.people.wait_until_well()
        assert len(containers(stack)) == 1
    assert load.ledger.failures == {}


def test_workers_are_killed(stack: Stack, under_load: UnderLoadOf) -> None:
    with under_load(f"{KILLS} workers killed") as load:
        load.may_lose = KILLS * LOST_WITH_A_WORKER
        for _ in range(KILLS):
            kill_a_worker(stack)
            load.people.wait_for(SOME)
        load.people.wait_until_well()
    assert sum(load.ledger.failures.values()) * 10_000 <= len(load.ledger.predictions)


# Whatever is freed meanwhile is filled again, until the file is taken away.
FILL = """
import os, pathlib, time
path = pathlib.Path("/var/lib/inference/zeros")
with path.open("wb", buffering=0) as file:
    while path.exists():
        try:
            file.write(bytes(65536))
        except OSError:
            print("full", flush=True)
            time.sleep(0.05)
"""


@contextmanager
def full_disk(stack: Stack) -> Iterator[None]:
    """No byte is left for models, or for rows of predictions on their way to the database."""
    [container] = containers(stack)
    command = ["docker", "exec", container, "python", "-c", FILL]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as filling:
        try:
            assert filling.stdout is not None and filling.stdout.readline() == "full\n"
            yield
        finally:
            docker("exec", container, "rm", "--force", "/var/lib/inference/zeros")
            filling.communicate(timeout=30)


def promote(stack: Stack, version: str) -> requests.Response:
    move = {"version": version, "reason": "the test says so", "by": "stack test"}
    return requests.post(f"{stack.url('inference')}/v1/promotions", json=move, timeout=30)


def served(stack: Stack) -> dict[str, Any]:
    answer = requests.get(f"{stack.url('inference')}/v1/model", timeout=10)
    answer.raise_for_status()
    return dict(answer.json())


def test_the_disk_is_full(stack: Stack, under_load: UnderLoadOf, second: str) -> None:
    with under_load("disk full") as load:
        with full_disk(stack):
            load.people.wait_for(SOME)
            refused = promote(stack, second)
            load.people.wait_for(SOME)
        load.people.wait_until_well()
    assert load.ledger.failures == {}
    assert refused.status_code == 503
    assert "Retry-After" in refused.headers
    assert load.ledger.versions == {served(stack)["version"]}
    # Nothing of what did not fit is left.
    left = stack.compose("exec", "-T", "inference", "ls", "/var/lib/inference/models").split()
    assert not any(name.startswith("fetching-") for name in left), left


def test_the_champion_of_the_registry_is_damaged(stack: Stack, under_load: UnderLoadOf, second: str) -> None:
    before, failures = served(stack)["version"], 'model_load_failures_total{reason="hash"}'
    known = metric(stack, failures)
    flip_a_bit(stack, second)
    try:
        with under_load("champion damaged in the registry") as load:
            refused = promote(stack, second)
            move_the_champion(stack, second)
            took = wait_until(lambda: metric(stack, failures) >= known + WORKERS, FOLLOWED_SECONDS)
            sys.stdout.write(f"\n  refused by each worker after {took:.1f} s\n")
            load.people.wait_for(SOME)
            assert served(stack)["refused"]["version"] == second
    finally:
        move_the_champion(stack, before)
        flip_a_bit(stack, second)
    assert (refused.status_code, "does not verify" in refused.json()["detail"]) == (409, True)
    assert load.ledger.failures == {}
    assert load.ledger.versions == {before}
    wait_until(lambda: all(served(stack)["refused"] is None for _ in range(20)), FOLLOWED_SECONDS)


@contextmanager
def recorder() -> Iterator[Callable[[], list[str]]]:
    """Application Insights is there: the `feedback_id`s that have arrived so far."""
    script = Path(__file__).with_name("telemetry_recorder.py")
    options = ["--network", f"{PROJECT}_outbound", "--network-alias", "telemetry", "--no-healthcheck"]
    options += ["--volume", f"{script}:/recorder.py:ro", "--entrypoint", "python"]
    container = docker("run", "--detach", "--rm", *options, "air-paradis/inference", "/recorder.py")
    try:
        yield lambda: docker("logs", container).split()
    finally:
        docker("rm", "--force", container)


def test_application_insights_gets_every_rejection(
    stack: Stack, under_load: UnderLoadOf, ledgers: list[Ledger]
) -> None:
    with under_load("Application Insights away") as load:
        load.people.wait_for(2 * SOME)
    assert load.ledger.failures == {}
    wanted = {prediction_id for ledger in ledgers for prediction_id in ledger.rejected}
    with recorder() as arrived:
        took = wait_until(lambda: wanted <= {prediction_of(each) for each in arrived()}, ARRIVED_SECONDS)
        events = arrived()
    # On the way one may come twice; a rejection has one id.
    rejections = Counter(map(prediction_of, set(events)))
    sys.stdout.write(f"\n  {len(wanted)} rejections, {len(events)} events, all there after {took:.1f} s\n")
    assert {rejections[each] for each in wanted} == {1}


def prediction_of(feedback_id: str) -> str:
    return feedback_id.partition(":")[0]
