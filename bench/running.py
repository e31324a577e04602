"""A peer as a running process: started on the servers' core, waited for, weighed, stopped with all that it started."""

import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, perf_counter, sleep

import requests

from bench.core import SERVER_CORE, pin
from bench.peers.peer import Launch, Peer, PeerFailed
from bench.wire import Address

HOST = "127.0.0.1"
START_SECONDS, STOP_SECONDS = 120, 20
ASK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Running:
    address: Address
    process: int
    start_seconds: float


@contextmanager
def running(peer: Peer) -> Iterator[Running]:
    """PeerFailed, with the last line of its log, where it does not become ready."""
    with tempfile.TemporaryDirectory() as name:
        folder, address = Path(name), Address(HOST, free_port())
        launch = peer.launch(folder, address)
        home, log = peer.folder or folder, folder / "log"
        with started(launch, address, peer.ready_path, home=home, log=log, core=SERVER_CORE) as server:
            yield server


@contextmanager
def started(
    launch: Launch, address: Address, ready_path: str, *, home: Path, log: Path, core: int | None
) -> Iterator[Running]:
    """As above. Without a core it goes where its parent may go."""
    prepare(launch, home, log)
    began = perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            launch.command,
            cwd=home,
            env=launch.environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    if core is not None:
        pin(core, process.pid)
    try:
        wait_ready(process, address.url + ready_path, log)
        yield Running(address, process.pid, perf_counter() - began)
    finally:
        stop(process)


def prepare(launch: Launch, home: Path, log: Path) -> None:
    if launch.before:
        with log.open("wb") as output:
            before = subprocess.run(
                launch.before, cwd=home, env=launch.environment, stdout=output, stderr=subprocess.STDOUT, check=False
            )
        if before.returncode:
            raise PeerFailed(f"it cannot be prepared: {last_words(log)}")


def wait_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = monotonic() + START_SECONDS
    while monotonic() < deadline and process.poll() is None:
        with suppress(requests.RequestException):
            if requests.get(url, timeout=1).ok:
                return
        sleep(ASK_SECONDS)
    raise PeerFailed(f"it did not start: {last_words(log)}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end; what is left of its session after a while is killed."""
    process.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def last_words(log: Path) -> str:
    """The last line of its log that speaks of an error, or else the last one."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or ["it said nothing"])[-1]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port
