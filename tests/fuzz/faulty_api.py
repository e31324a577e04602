"""A tiny API with one fault on each of its paths, which a fuzzer that is worth anything finds."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Fault:
    status: int
    # What the report calls it; None where it is none.
    title: str | None
    # May name what was sent.
    detail: str = "no"
    headers: dict[str, str] = field(default_factory=dict)


FAULTS = {
    "/echo": Fault(422, "Custom check failed: `no_echo`", detail="{}"),
    "/long": Fault(422, "Custom check failed: `a_refusal_is_a_problem`", detail="no." * 1000),
    "/later": Fault(503, "Custom check failed: `a_refusal_is_a_problem`"),
    "/error": Fault(500, "Server error"),
    "/teapot": Fault(418, "Undocumented status code"),
    "/fine": Fault(503, None, headers={"Retry-After": "1"}),
}
WORD = {"name": "word", "in": "query", "required": True, "schema": {"type": "string", "minLength": 12}}
OPERATION = {
    "parameters": [WORD],
    "responses": {status: {"description": "A problem."} for status in ("422", "500", "503")},
}
DESCRIPTION = {
    "openapi": "3.1.0",
    "info": {"title": "An API with faults", "version": "1"},
    "paths": {path: {"get": OPERATION} for path in FAULTS},
}


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/openapi.json":
            self.answer(200, "application/json", DESCRIPTION, {})
            return
        fault = FAULTS.get(path, Fault(404, None))
        detail = fault.detail.format(self.path)
        problem = {"type": "about:blank", "title": "No", "status": fault.status, "detail": detail}
        self.answer(fault.status, "application/problem+json", problem, fault.headers)

    def answer(self, status: int, content_type: str, content: object, more: dict[str, str]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Type": content_type, "Content-Length": str(len(body)), **more}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def faulty_api() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
