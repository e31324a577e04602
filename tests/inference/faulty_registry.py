"""MLflow behind a line that breaks where a test says so: before a request arrives, or before its answer does."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

import requests

Fault = Literal["lost", "unanswered"]


@dataclass
class FaultyRegistry:
    """`faults` names requests by method and the end of their path; `after` more of them pass before one breaks."""

    url: str = ""
    faults: dict[tuple[str, str], Fault] = field(default_factory=dict)
    after: int = 0
    is_away: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)

    def fault_of(self, method: str, path: str) -> Fault | None:
        self.asked.append((method, path))
        if self.is_away:
            return "lost"
        fault = next(
            (fault for (verb, end), fault in self.faults.items() if verb == method and path.endswith(end)), None
        )
        if fault is not None and self.after > 0:
            self.after -= 1
            return None
        return fault


@contextmanager
def faulty_registry(upstream: str) -> Iterator[FaultyRegistry]:
    registry = FaultyRegistry()

    class Line(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.pass_on("GET")

        def do_POST(self) -> None:
            self.pass_on("POST")

        def pass_on(self, method: str) -> None:
            fault = registry.fault_of(method, self.path.partition("?")[0])
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if fault != "lost":
                headers = {"content-type": "application/json"} if body else {}
                answer = requests.request(method, upstream + self.path, data=body or None, headers=headers, timeout=30)
            if fault is not None:
                self.close_connection = True
                return
            self.send_response(answer.status_code)
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Line) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        registry.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield registry
        finally:
            server.shutdown()
            thread.join()
