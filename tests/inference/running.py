"""The service as it is really started, and a connection that sends to it what a test says, byte for byte."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
import requests
import uvicorn
from fastapi import FastAPI

from inference.worker import DrainingServer, Worker

CONFIGURATION = Path(__file__).parents[2] / "services" / "inference" / "gunicorn.conf.py"


@dataclass
class Service:
    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def is_ready(self) -> bool:
        # The socket is open before the workers have read their imports.
        with suppress(requests.RequestException):
            return requests.get(f"{self.url}/health/ready", timeout=1).ok
        return False

    def workers(self) -> list[int]:
        return [child.pid for child in psutil.Process(self.process.pid).children()]

    def connect(self) -> "Wire":
        return Wire(self.url)


@contextmanager
def running(folder: Path, url: str, *arguments: str, **settings: str) -> Iterator[Service]:
    """Gunicorn with its own configuration; settings as in settings.py, arguments as gunicorn takes them."""
    defaults = {"bind": url.removeprefix("http://"), "model_dir": folder / "models", "spool_dir": folder / "spool"}
    chosen = {f"INFERENCE_{name.upper()}": str(value) for name, value in (defaults | settings).items()}
    command = [sys.executable, "-m", "gunicorn", "-c", str(CONFIGURATION), *arguments, "inference.app:create_app()"]
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            # What a killed gunicorn leaves behind goes with the test's own folder.
            env=os.environ | {"INFERENCE_MLFLOW_URL": "", "TMPDIR": str(folder)} | chosen,
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        service = Service(url, process, log)
        try:
            end = time.monotonic() + 60
            while not service.is_ready():
                assert process.poll() is None and time.monotonic() < end, log.read_text()
                time.sleep(0.05)
            yield service
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def build_request(path: str, body: bytes, method: str = "POST", *more: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "host: x", "content-type: application/json", f"content-length: {len(body)}"]
    return "\r\n".join([*lines, *more, "", ""]).encode() + body


class Wire:
    """One connection. It reads answers one by one, and keeps what comes behind."""

    def __init__(self, url: str, timeout: float = 15) -> None:
        host, port = url.removeprefix("http://").split(":")
        self._socket = socket.create_connection((host, int(port)), timeout)
        # What is sent in two parts is to arrive in two parts.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._come = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def send(self, *parts: bytes) -> None:
        for number, part in enumerate(parts):
            if number:
                time.sleep(0.05)
            self._socket.sendall(part)

    def ask(self, *parts: bytes) -> Answer:
        self.send(*parts)
        return self.read()

    def read(self) -> Answer:
        head = self._read_to(b"\r\n\r\n").decode("latin-1")
        status, *lines = head.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        return Answer(int(status.split()[1]), headers, self._read_exactly(int(headers["content-length"])))

    def is_closed(self, seconds: float) -> bool:
        """Whether the other end hangs up in this time, and says nothing more."""
        self._socket.settimeout(seconds)
        try:
            return not self._come and self._socket.recv(1) == b""
        except TimeoutError:
            return False
        except ConnectionResetError:
            return True

    def comes_more(self, seconds: float) -> bytes:
        """What else the other end says in this time."""
        self._socket.settimeout(seconds)
        with suppress(OSError):
            self._come += self._socket.recv(65536)
        return self._come

    def _read_to(self, mark: bytes) -> bytes:
        while mark not in self._come:
            self._receive()
        head, _, self._come = self._come.partition(mark)
        return head

    def _read_exactly(self, size: int) -> bytes:
        while len(self._come) < size:
            self._receive()
        body, self._come = self._come[:size], self._come[size:]
        return body

    def _receive(self) -> None:
        more = self._socket.recv(65536)
        if not more:
            raise ConnectionResetError("closed before the answer was whole")
        self._come += more


@contextmanager
def serving(app: FastAPI, keep_alive_seconds: int = 75) -> Iterator[str]:
    """The same protocol and the same end in a thread of this process, so that a test may look inside. Its address."""
    config = uvicorn.Config(app, log_config=None, timeout_keep_alive=keep_alive_seconds, **Worker.CONFIG_KWARGS)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        host, port = listener.getsockname()
        server = DrainingServer(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "it did not start"
                time.sleep(0.01)
            yield f"http://{host}:{port}"
        finally:
            server.should_exit = True
            thread.join(timeout=30)
            assert not thread.is_alive(), "it does not end"
