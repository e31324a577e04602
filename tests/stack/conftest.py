"""The real compose file on a real Docker engine, under a project name and ports of its own."""

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
import uvloop

from bench.closed_loop import ClosedLoop, closed_loop
from bench.latency import Latency, summarize
from bench.offer import Offer
from bench.texts import tweets
from bench.wire import Address, post_request, read_address

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "air-paradis-test"
NEEDED = ("/health/ready", "/v1/feedback?limit=1")
SERVICES = ("UI_PORT", "INFERENCE_PORT", "MLFLOW_PORT")
STEADY_RATE, STEADY_CONNECTIONS = 200.0, 64
# File of infra/edge, pattern, and what stands there instead.
Change = tuple[str, str, str]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Stack:
    """The running containers, and the commands a user would type."""

    environment: dict[str, str]

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self.environment[f'{service.upper()}_PORT']}"

    def compose(self, *arguments: str) -> str:
        command = ["docker", "compose", "--project-name", PROJECT, *arguments]
        answer = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert answer.returncode == 0, f"{' '.join(command)}\n{answer.stdout}\n{answer.stderr}"
        return answer.stdout

    def states(self) -> dict[str, dict[str, object]]:
        lines = self.compose("ps", "--all", "--format", "json").splitlines()
        return {row["Service"]: row for row in map(json.loads, lines)}

    def wait_ready(self, seconds: float = 60) -> None:
        """Until a model is in memory, which readiness says, and the database answers, which it does not."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if all(requests.get(self.url("inference") + path, timeout=5).ok for path in NEEDED):
                    return
            except requests.RequestException:
                pass
            time.sleep(0.5)
        pytest.fail(f"the API is not ready after {seconds} s")


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("no Docker engine with Compose v2 here")
    running = Stack({**os.environ, **{name: str(free_port()) for name in SERVICES}})
    running.compose("down", "--volumes", "--remove-orphans")
    try:
        running.compose("up", "--build", "--detach")
        running.wait_ready(180)
        yield running
    finally:
        try:
            logs = running.compose("logs", "--no-color", "--tail", "200")
            (ROOT / "var").mkdir(exist_ok=True)
            (ROOT / "var" / "stack.log").write_text(logs, encoding="utf-8")
        finally:
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
            options = ["--init", "--network", f"{PROJECT}_app", "--publish", f"127.0.0.1:{port}:8000"]
            options += ["--volume", f"{folder}:/etc/edge:ro", "--entrypoint", "sh"]
            command = ["docker", "run", "--detach", "--rm", *options, image, "/etc/edge/run.sh", "inference", "8000"]
            answer = subprocess.run(command, capture_output=True, text=True, check=True)
            stop = ["docker", "rm", "--force", answer.stdout.strip()]
            running.callback(subprocess.run, stop, capture_output=True, check=True)
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
