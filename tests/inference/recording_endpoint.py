"""The ingestion endpoint of Application Insights on loopback: it records what it takes, and fails as it is told to.

A real HTTP server, for any number of processes at once: give them its `connection_string`.
"""

import gzip
import json
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from types import TracebackType
from typing import Any, Self

KEY = "00000000-0000-4000-8000-000000000001"
PATHS = ("/v2.1/track", "/v2/track")

Envelope = dict[str, Any]


@dataclass(frozen=True)
class Post:
    """One request, as it was answered."""

    status: int
    envelopes: list[Envelope]


@dataclass(frozen=True)
class Behaviour:
    status: int = 200
    # The place in the batch, and the status of the envelope there.
    errors: Mapping[int, int] | None = None
    # In place of the endpoint's own JSON.
    body: bytes | None = None
    location: str | None = None
    is_silent: bool = False
    hangs_up: bool = False


class RecordingEndpoint:
    """Takes everything until it is told otherwise, one of:

    `answer` with a status; `refuse` some of a batch; `fall_silent` (connections are taken, nothing is answered);
    `hang_up` (instead of an answer); `close_port` (connections are refused); and `come_back`, which ends all of them,
    on the same port.
    """

    def __init__(self) -> None:
        self._behaviour = Behaviour()
        self._changed = threading.Condition()
        self._posts: list[Post] = []
        self._taken: list[Envelope] = []
        # Never listens: it keeps the port from others, and a closed one from being its own client's.
        self._place = bind()
        self.port: int = self._place.getsockname()[1]
        self._server: Server | None = None
        self.come_back()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def connection_string(self) -> str:
        return f"InstrumentationKey={KEY};IngestionEndpoint={self.url}/"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close_port()
        self._place.close()

    def answer(self, status: int, body: bytes | None = None, location: str | None = None) -> None:
        self._behave(Behaviour(status, body=body, location=location))

    def refuse(self, errors: Mapping[int, int]) -> None:
        """A partial success: the envelopes at these places of each batch are not taken, for the statuses given."""
        self._behave(Behaviour(206, errors))

    def fall_silent(self) -> None:
        self._behave(Behaviour(is_silent=True))

    def hang_up(self) -> None:
        self._behave(Behaviour(hangs_up=True))

    def close_port(self) -> None:
        self._behave(Behaviour())
        if self._server is not None:
            self._server.end()
            self._server = None

    def come_back(self) -> None:
        self._behave(Behaviour())
        if self._server is None:
            self._server = Server(self, self.port)

    def posts(self) -> list[Post]:
        """Every request that was answered, whatever the answer."""
        with self._changed:
            return list(self._posts)

    def envelopes(self) -> list[Envelope]:
        """Those that were taken, as rows of the resource: in their order, as often as they were."""
        with self._changed:
            return list(self._taken)

    def events(self, name: str) -> list[dict[str, Any]]:
        """The EventData of those taken."""
        found = [envelope["data"] for envelope in self.envelopes()]
        return [
            data["baseData"] for data in found if data["baseType"] == "EventData" and data["baseData"]["name"] == name
        ]

    def wait_until(self, holds: Callable[[Self], bool], seconds: float = 30) -> bool:
        """Looks again whenever something has come; what it holds in the end."""
        with self._changed:
            return self._changed.wait_for(lambda: holds(self), seconds)

    def _behave(self, behaviour: Behaviour) -> None:
        with self._changed:
            self._behaviour = behaviour
            self._changed.notify_all()

    def behaviour_now(self) -> Behaviour | None:
        """None where the request has no answer; while that is silence, it waits until it is not."""
        with self._changed:
            behaviour = self._behaviour
            if behaviour.is_silent:
                self._changed.wait_for(lambda: self._behaviour is not behaviour)
            return None if behaviour.is_silent or behaviour.hangs_up else behaviour

    def record(self, envelopes: list[Envelope], behaviour: Behaviour) -> None:
        errors = behaviour.errors or {}
        taken = [envelope for place, envelope in enumerate(envelopes) if place not in errors]
        with self._changed:
            self._posts.append(Post(behaviour.status, envelopes))
            self._taken += taken if behaviour.status in (200, 206) else []
            self._changed.notify_all()


class Server(ThreadingTCPServer):
    allow_reuse_address = True
    allow_reuse_port = True
    request_queue_size = 256

    def __init__(self, endpoint: RecordingEndpoint, port: int) -> None:
        self.endpoint = endpoint
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), name="endpoint")
        self._thread.start()

    def process_request(self, request: socket.socket, client_address: Any) -> None:  # type: ignore[override]
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed, or tired of waiting, is no error of ours."""

    def end(self) -> None:
        """Nobody gets in, and those inside are heard no longer; whose request was recorded gets the answer."""
        self.shutdown()
        self.socket.close()
        with self._lock:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RD)
        self.server_close()
        self._thread.join()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body in one write, and no wait for the other end to acknowledge the first.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        endpoint = self.server.endpoint
        behaviour = endpoint.behaviour_now()
        if behaviour is None:
            self.close_connection = True
            return
        if self.path.partition("?")[0] not in PATHS:
            behaviour = Behaviour(404)
        envelopes = read_envelopes(body, self.headers.get("content-encoding", ""))
        # Before the answer: who has it may look for what it sent.
        endpoint.record(envelopes, behaviour)
        self._reply(behaviour, envelopes)

    def _reply(self, behaviour: Behaviour, envelopes: list[Envelope]) -> None:
        body = describe(behaviour, len(envelopes)) if behaviour.body is None else behaviour.body
        self.send_response(behaviour.status)
        self.send_header("content-type", "application/json; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        if behaviour.location is not None:
            self.send_header("location", behaviour.location)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


def bind() -> socket.socket:
    place = socket.socket()
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    place.bind(("127.0.0.1", 0))
    return place


def read_envelopes(body: bytes, encoding: str) -> list[Envelope]:
    """A JSON array, one object, or one object a line."""
    plain = gzip.decompress(body) if encoding == "gzip" else body
    if plain.lstrip().startswith(b"["):
        envelopes: list[Envelope] = json.loads(plain)
        return envelopes
    return [json.loads(line) for line in plain.splitlines() if line.strip()]


def describe(behaviour: Behaviour, received: int) -> bytes:
    """As Azure words it."""
    errors = behaviour.errors or {}
    listed = [{"index": index, "statusCode": status, "message": "told to"} for index, status in sorted(errors.items())]
    accepted = received - len(listed) if behaviour.status in (200, 206) else 0
    return json.dumps({"itemsReceived": received, "itemsAccepted": accepted, "errors": listed}).encode()
