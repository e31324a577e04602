"""The service as gunicorn starts it: one worker, the committed champion, SQLite; and what can be seen of it outside."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from alembic import command
from alembic.config import Config

ROOT = Path(__file__).resolve().parents[2]
SERVICE = ROOT / "services" / "inference"
START_SECONDS = 60
STOP_SECONDS = 15
KIB = 1024


@dataclass(frozen=True, slots=True)
class FrontDoor:
    host: str
    port: int
    worker: psutil.Process
    log: Path

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def cpu_seconds(self) -> float:
        spent = self.worker.cpu_times()
        return float(spent.user + spent.system)

    def rss_kib(self) -> float:
        return float(self.worker.memory_info().rss / KIB)


@contextmanager
def opened_front_door(folder: Path) -> Iterator[FrontDoor]:
    database_url = f"sqlite:///{folder / 'inference.db'}"
    port = free_port()
    environment = os.environ | {
        "INFERENCE_BIND": f"127.0.0.1:{port}",
        "INFERENCE_WORKERS": "1",
        "INFERENCE_DATABASE_URL": database_url,
        "INFERENCE_BUNDLE": str(ROOT / "models" / "champion"),
        "INFERENCE_MODEL_DIR": str(folder / "models"),
        "INFERENCE_SPOOL_DIR": str(folder / "spool"),
        "INFERENCE_MLFLOW_URL": "",
        "TMPDIR": str(folder),
    }
    migrate(database_url)
    log = folder / "log"
    with log.open("wb") as output:
        gunicorn = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", str(SERVICE / "gunicorn.conf.py"), "inference.app:create_app()"],
            env=environment,
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            wait_until_ready(port, log)
            [worker] = psutil.Process(gunicorn.pid).children()
            yield FrontDoor("127.0.0.1", port, worker, log)
        finally:
            stop(gunicorn)


def migrate(database_url: str) -> None:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("INFERENCE_DATABASE_URL", database_url)
        command.upgrade(Config(toml_file=SERVICE / "pyproject.toml"), "head")


def wait_until_ready(port: int, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while not is_ready(port):
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.05)


def is_ready(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.sendall(b"GET /health/ready HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        return connection.recv(16).startswith(b"HTTP/1.1 200")
    return False


def stop(gunicorn: subprocess.Popen[bytes]) -> None:
    gunicorn.terminate()
    with suppress(subprocess.TimeoutExpired):
        gunicorn.wait(STOP_SECONDS)
    # The group is its own: whatever is left of it goes too.
    with suppress(ProcessLookupError):
        os.killpg(gunicorn.pid, signal.SIGKILL)
    gunicorn.wait()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
