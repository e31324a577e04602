"""A process that sends what it is told to, and notes from its first line on whatever reaches outside of it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SPEAKER = """
import json, os, sys, threading

seen = []
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND
EFFECTS = (
    "socket.sendto", "socket.gethostbyname", "socket.gethostbyaddr", "os.fork", "os.system", "os.posix_spawn",
    "os.mkdir", "os.rename", "os.remove", "_thread.start_new_thread", "_thread.start_joinable_thread",
)

def watch(name, arguments):
    if name == "socket.connect":
        seen.append(f"connect {arguments[1][0]}:{arguments[1][1]}")
    elif name == "socket.getaddrinfo":
        seen.append(f"look up {arguments[0]}:{arguments[1]}")
        if arguments[0] != "127.0.0.1":
            raise OSError("no test leaves this machine")
    elif name == "open" and arguments[2] & WRITES:
        seen.append(f"write {arguments[0]}")
    elif name == "subprocess.Popen":
        seen.append(f"run {arguments[0]}")
    elif name in EFFECTS:
        seen.append(name)

sys.addaudithook(watch)
from datetime import UTC, datetime
from inference.telemetry.items import Event, SinkNames
from inference.telemetry.sinks import build_sink

sink = build_sink(sys.argv[1], sys.argv[2], SinkNames())
print("ready", flush=True)
for line in sys.stdin:
    event = Event("prediction_rejected", {"prediction_id": line.strip()}, datetime.now(UTC))
    print(sink.send([event])[0].value, flush=True)
sink.close()
import logging
handlers = [type(handler()).__name__ for handler in logging._handlerList if handler() is not None]
threads = [thread.name for thread in threading.enumerate()]
print(json.dumps({"seen": seen, "threads": threads, "handlers": handlers, "modules": sorted(sys.modules)}))
"""


# How Python itself learns what machine it is on, for a library that asks while it is imported.
MACHINE = {"run uname", "write /dev/null"}


@dataclass
class Speaker:
    process: subprocess.Popen[str]

    def read(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def send(self, number: int) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write(f"p-{number}\n")
        self.process.stdin.flush()
        return self.read()

    def finish(self) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.close()
        report: dict[str, Any] = json.loads(self.read())
        assert self.process.wait(timeout=30) == 0
        return report


@contextmanager
def speaking(exporter: str, connection_string: str, folder: Path, **variables: str) -> Iterator[Speaker]:
    """As the service would at its start. It writes no bytecode, which is not the library's doing."""
    named = {name: value for name, value in os.environ.items() if not name.startswith("APPLICATIONINSIGHTS")}
    process = subprocess.Popen(
        [sys.executable, "-B", "-c", SPEAKER, exporter, connection_string],
        env=named | {"TMPDIR": str(folder), "HOME": str(folder)} | variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        speaker = Speaker(process)
        assert speaker.read() == "ready"
        yield speaker
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            assert stream is not None
            stream.close()
