"""The real compose file on a real Docker engine, under a project name and ports of its own."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "air-paradis-test"
NEEDED = ("/health/ready", "/v1/feedback?limit=1")
SERVICES = ("UI_PORT", "INFERENCE_PORT", "MLFLOW_PORT")


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
