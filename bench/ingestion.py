"""An ingestion endpoint for a service that is measured: a process of its own, which takes everything, or never answers.

python -m bench.ingestion 8080 --silent
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from socket import create_connection
from socketserver import BaseRequestHandler, ThreadingTCPServer
from time import monotonic, sleep

from bench.core import DRIVER_CORE, pin
from bench.peers.peer import PeerFailed
from bench.running import HOST, free_port
from bench.texts import ROOT

KEY = "00000000-0000-4000-8000-000000000001"
START_SECONDS, ASK_SECONDS = 20, 0.02


class Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class Takes(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_POST(self) -> None:
        received = len(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        body = json.dumps({"itemsReceived": received, "itemsAccepted": received, "errors": []}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


class SaysNothing(BaseRequestHandler):
    def handle(self) -> None:
        with suppress(OSError):
            while self.request.recv(65536):
                pass


@contextmanager
def ingestion(*, is_silent: bool) -> Iterator[str]:
    """Its connection string. It runs beside the driver, not beside the service. PeerFailed where it does not start."""
    port = free_port()
    command = [sys.executable, "-m", "bench.ingestion", str(port), *(["--silent"] if is_silent else [])]
    process = subprocess.Popen(command, cwd=ROOT)
    pin(DRIVER_CORE, process.pid)
    try:
        wait_open(process, port)
        yield f"InstrumentationKey={KEY};IngestionEndpoint=http://{HOST}:{port}/"
    finally:
        process.kill()
        process.wait()


def wait_open(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = monotonic() + START_SECONDS
    while monotonic() < deadline and process.poll() is None:
        with suppress(OSError):
            create_connection((HOST, port), timeout=1).close()
            return
        sleep(ASK_SECONDS)
    raise PeerFailed("the ingestion endpoint did not start")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.ingestion", description="Takes telemetry, or does not.")
    parser.add_argument("port", type=int)
    parser.add_argument("--silent", action="store_true", help="take connections, and never answer")
    given = parser.parse_args()
    with Server((HOST, given.port), SaysNothing if given.silent else Takes) as server, suppress(KeyboardInterrupt):
        server.serve_forever()


if __name__ == "__main__":
    main()
