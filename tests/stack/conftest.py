"""The real compose file on a real Docker engine, under a project name and ports of its own."""

import asyncio
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
import requests
import uvloop

from bench.closed_loop import ClosedLoop, closed_loop
from bench.latency import Latency, summarize
from bench.offer import Offer
from bench.texts import tweets
from bench.wire import Address, post_request, read_address
from tests.stack.another_version import copy_champion
from tests.stack.kept import UnderLoad
from tests.stack.ledger import Ledger
from tests.stack.stack import PROJECT, ROOT, Stack, docker, free_port, variables

SERVICES = ("UI_PORT", "INFERENCE_PORT", "MLFLOW_PORT")
COMPOSE_FILES = ("docker-compose.yml", "tests/stack/small-disk.yml")
# Nobody of that name is there, until a test starts one: test_faults.py.
TELEMETRY = "InstrumentationKey=00000000-0000-4000-8000-000000000001;IngestionEndpoint=http://telemetry:8080/"
KEEPER = f"{PROJECT}-keeper"
# These leave versions, verdicts and alerts behind that the others do not reckon with.
LAST = ("test_faults.py", "test_scale.py")
STEADY_RATE, STEADY_CONNECTIONS = 200.0, 64
# File of infra/edge, pattern, and what stands there instead.
Change = tuple[str, str, str]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    items.sort(key=lambda item: LAST.index(item.path.name) if item.path in {here / name for name in LAST} else -1)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("no Docker engine with Compose v2 here")
    settings = {"COMPOSE_FILE": os.pathsep.join(COMPOSE_FILES), "APPLICATIONINSIGHTS_CONNECTION_STRING": TELEMETRY}
    running = Stack(variables(**settings, **{name: str(free_port()) for name in SERVICES}))
    take_down(running)
    try:
        running.compose("up", "--build", "--detach")
        keep_the_disk()
        running.wait_ready(180)
        yield running
    finally:
        try:
            logs = running.compose("logs", "--no-color", "--tail", "200")
            (ROOT / "var").mkdir(exist_ok=True)
            (ROOT / "var" / "stack.log").write_text(logs, encoding="utf-8")
        finally:
            take_down(running)


def keep_the_disk() -> None:
    """What small-disk.yml has made stays while the service is away."""
    options = ["--name", KEEPER, "--network", "none", "--volume", f"{PROJECT}_models:/kept", "--entrypoint", "sleep"]
    docker("run", "--detach", "--rm", "--no-healthcheck", *options, "air-paradis/inference", "infinity")


def take_down(running: Stack) -> None:
    subprocess.run(["docker", "rm", "--force", KEEPER], capture_output=True, check=False)
    running.compose("down", "--volumes", "--remove-orphans")


def predictions_for(address: Address) -> list[bytes]:
    return [post_request(address, "/v1/predictions", {"text": tweet}) for tweet in tweets()]


@pytest.fixture
def load() -> Iterator[Callable[[str, int, float], "Future[ClosedLoop]"]]:
    """Predictions over so many connections for so many seconds, while the test does something else."""
    with ThreadPoolExecutor(1) as driver:

        def start(url: str, connections: int, seconds: float) -> "Future[ClosedLoop]":
            address = read_address(url)
            requests = predictions_for(address)
            return driver.submit(
                lambda: uvloop.run(closed_loop(address, requests, connections=connections, seconds=seconds))
            )

        yield start


@pytest.fixture
def steady(stack: Stack) -> Callable[[float], Latency]:
    """How long predictions take that come at a rate which nobody notices."""
    address = read_address(stack.url("inference"))
    requests = predictions_for(address)

    async def offer(seconds: float) -> Latency:
        offer = Offer(address, requests, rate=STEADY_RATE, seconds=seconds, connections=STEADY_CONNECTIONS)
        try:
            await offer.run()
            await asyncio.sleep(1)
        finally:
            await offer.stop()
        assert len(offer.answers) == offer.total
        assert {answer.status for answer in offer.answers} == {200}
        return summarize(answer.since_due for answer in offer.answers)

    return lambda seconds: uvloop.run(offer(seconds))


@pytest.fixture
def edge_with(stack: Stack, tmp_path: Path) -> Iterator[Callable[[Change], str]]:
    """One more edge before the same service, with something changed in its configuration: its address."""
    with ExitStack() as running:

        def start(change: Change) -> str:
            file, pattern, instead = change
            folder = tmp_path / "edge"
            shutil.copytree(ROOT / "infra" / "edge", folder)
            text, count = re.subn(pattern, instead, (folder / file).read_text(encoding="utf-8"))
            assert count
            (folder / file).write_text(text, encoding="utf-8")
            port = free_port()
            image = os.environ.get("NGINX_IMAGE") or "nginx:1.26"
            # The way in is one network, the service is on another.
            options = ["--init", "--network", f"{PROJECT}_edge", "--publish", f"127.0.0.1:{port}:8000"]
            options += ["--volume", f"{folder}:/etc/edge:ro", "--entrypoint", "sh"]
            edge = docker("create", "--rm", *options, image, "/etc/edge/run.sh", "inference", "8000")
            running.callback(docker, "rm", "--force", edge)
            docker("network", "connect", f"{PROJECT}_app", edge)
            docker("start", edge)
            url = f"http://127.0.0.1:{port}"
            wait_for_answer(f"{url}/health/ready")
            return url

        yield start


def wait_for_answer(url: str, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(requests.RequestException):
            if requests.get(url, timeout=2).ok:
                return
        time.sleep(0.2)
    pytest.fail(f"{url} does not answer after {seconds} s")


@pytest.fixture(scope="session")
def ledgers() -> list[Ledger]:
    """Of all that went wrong so far."""
    return []


@pytest.fixture(scope="session")
def second(stack: Stack) -> str:
    """The number of a version that has passed the gate, and that no container has fetched."""
    copy = copy_champion("var/second", "trainer train once more")
    command = f"python -c '{copy}' && python -m trainer register var/second"
    said = stack.compose("run", "--rm", "--no-deps", "--entrypoint", "sh", "trainer", "-c", command)
    [version] = re.findall(r"version (\d+) passed the gate", said)
    return str(version)


@pytest.fixture
def under_load(stack: Stack, ledgers: list[Ledger]) -> Callable[[str], AbstractContextManager[UnderLoad]]:
    """People in the background while something goes wrong; none of what they were told may be untrue afterwards."""

    @contextmanager
    def start(name: str) -> Iterator[UnderLoad]:
        load = UnderLoad(stack, name)
        ledgers.append(load.ledger)
        with load.calling():
            yield load
        load.settle()

    return start
