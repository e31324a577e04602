"""The running containers, and the commands that a user would type."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "air-paradis-test"
NEEDED = ("/health/ready", "/v1/feedback?limit=1")


def variables(**own: str) -> dict[str, str]:
    """Of whoever types the commands, but for their data sets: each start of the trainer would read them all."""
    return {**os.environ, "TRAINER_DATA_DIR": "", **own}


@dataclass(frozen=True)
class Stack:
    environment: dict[str, str]

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self.environment[f'{service.upper()}_PORT']}"

    def compose(self, *arguments: str, **more: str) -> str:
        """`more` are variables for this one command."""
        command = ["docker", "compose", "--project-name", PROJECT, *arguments]
        environment = self.environment | more
        answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert answer.returncode == 0, f"{' '.join(command)}\n{answer.stdout}\n{answer.stderr}"
        return answer.stdout

    def states(self) -> dict[str, dict[str, object]]:
        lines = self.compose("ps", "--all", "--format", "json").splitlines()
        return {row["Service"]: row for row in map(json.loads, lines)}

    def is_ready(self) -> bool:
        """A model is in memory, which readiness says, and the database answers, which it does not."""
        try:
            return all(requests.get(self.url("inference") + path, timeout=5).ok for path in NEEDED)
        except requests.RequestException:
            return False

    def wait_ready(self, seconds: float = 60) -> None:
        wait_until(self.is_ready, seconds)


def docker(*arguments: str) -> str:
    answer = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False, timeout=120)
    assert answer.returncode == 0, f"docker {' '.join(arguments)}\n{answer.stdout}\n{answer.stderr}"
    return answer.stdout.strip()


def wait_until(is_so: Callable[[], bool], seconds: float) -> float:
    """How long it took."""
    started = time.monotonic()
    while not is_so():
        if time.monotonic() - started > seconds:
            pytest.fail(f"not so after {seconds} s")
        time.sleep(0.2)
    return time.monotonic() - started


def copy_tree(folder: Path) -> None:
    """What is in git here, or about to be, so that nobody's checkout is touched."""
    folder.mkdir()
    listed = subprocess.check_output(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT)
    there = b"\0".join(name for name in listed.split(b"\0") if name and (ROOT / name.decode()).exists())
    pack = ["tar", "-cf", "-", "--null", "-T", "-"]
    packed = subprocess.run(pack, cwd=ROOT, input=there, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-xf", "-"], cwd=folder, input=packed, check=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
