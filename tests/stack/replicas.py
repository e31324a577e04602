"""The containers of the API: how many there are, which of them are asked, and how one of their workers is killed."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import requests

from tests.stack.stack import Stack, wait_until

# One generation of the edge, and what a busy machine needs.
SECONDS_UNTIL_FOUND = 10
SECONDS_UNTIL_ASKED = 60
# In the container: the workers are those whose parent is gunicorn too, and has the first process as its own.
KILL_A_WORKER = """
import os, pathlib, signal
parents = {}
for folder in pathlib.Path("/proc").glob("[0-9]*"):
    try:
        if b"gunicorn" in (folder / "cmdline").read_bytes():
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        pass
workers = [process for process, parent in parents.items() if parents.get(parent) == 1]
os.kill(max(workers), signal.SIGKILL)
"""


def kill_a_worker(stack: Stack) -> None:
    stack.compose("exec", "-T", "inference", "python", "-c", KILL_A_WORKER)


def containers(stack: Stack) -> list[str]:
    """Those that run."""
    return stack.compose("ps", "--quiet", "inference").split()


def addresses_at_the_edge(stack: Stack) -> set[str]:
    return set(re.findall(r"server ([\d.]+):", stack.compose("exec", "-T", "edge", "cat", "/tmp/servers.conf")))


def scale(stack: Stack, replicas: int, **settings: str) -> None:
    """So many, once each is asked by the edge; those that are there already stay as they are."""
    before, now = len(containers(stack)), datetime.now(UTC)
    options = ["--detach", "--no-deps", "--no-recreate", "--scale", f"inference={replicas}", "--wait"]
    stack.compose("up", *options, "inference", **settings)
    wait_until(lambda: len(addresses_at_the_edge(stack)) == replicas, SECONDS_UNTIL_FOUND)
    wait_until_asked(stack, now, replicas - before)


def wait_until_asked(stack: Stack, since: datetime, how_many: int) -> None:
    """Until so many workers that serve since then have answered through the edge."""
    seen: set[datetime] = set()
    deadline = time.monotonic() + SECONDS_UNTIL_ASKED
    while len(seen) < how_many:
        if time.monotonic() > deadline:
            pytest.fail(f"{len(seen)} of {how_many} are asked")
        answer = requests.get(f"{stack.url('inference')}/v1/model", timeout=10)
        if answer.ok and (serves_since := datetime.fromisoformat(answer.json()["since"])) > since:
            seen.add(serves_since)


@contextmanager
def scaled(stack: Stack, replicas: int, **settings: str) -> Iterator[None]:
    """And one again afterwards, whatever became of them."""
    try:
        scale(stack, replicas, **settings)
        yield
    finally:
        alone(stack)


def alone(stack: Stack, **settings: str) -> None:
    """One, made anew where its settings are other ones."""
    options = ["--detach", "--no-deps", "--scale", "inference=1", "--wait"]
    stack.compose("up", *options, "inference", **settings)
    wait_until(lambda: len(addresses_at_the_edge(stack)) == 1, SECONDS_UNTIL_FOUND)
    stack.wait_ready()
