"""Requests as bytes, cut into segments as the test says, and what comes back for them."""

import json
import socket
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

Headers = Iterable[tuple[bytes, bytes]]

# What is answered where the connection broke before an answer came.
RESET = 0
PATIENCE_SECONDS = 15.0
# Two writes this far apart reach the service as two reads.
PAUSE_SECONDS = 0.003
# Answers before the real one: 100 Continue.
FIRST_FINAL_STATUS = 200


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    head: bytes = b""
    body: bytes = b""

    @property
    def json(self) -> dict[str, object]:
        parsed: dict[str, object] = json.loads(self.body)
        return parsed

    def header(self, name: bytes) -> bytes | None:
        for line in self.head.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.strip().lower() == name:
                return value.strip()
        return None


def build_head(path: str, headers: Headers, length: int | None, method: bytes = b"POST") -> bytes:
    lines = [b"%s %s HTTP/1.1" % (method, path.encode("latin-1")), b"host: x"]
    lines += [name + b": " + value for name, value in headers]
    lines += [] if length is None else [b"content-length: %d" % length]
    return b"\r\n".join([*lines, b"", b""])


def send(address: tuple[str, int], segments: Sequence[bytes], answers: int, pause: float) -> list[Answer]:
    """All answers that come, at most so many; a connection that breaks instead is one too."""
    with socket.create_connection(address, timeout=PATIENCE_SECONDS) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Whoever is refused early may find the connection closed before all is written.
        with suppress(BrokenPipeError, ConnectionResetError):
            for number, segment in enumerate(segments):
                if number:
                    time.sleep(pause)
                connection.sendall(segment)
        return Reader(connection).read(answers)


class Reader:
    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._left = b""

    def read(self, count: int) -> list[Answer]:
        answers: list[Answer] = []
        while len(answers) < count:
            answer = self._read_one()
            if answer.status == RESET:
                return answers or [answer]
            if answer.status >= FIRST_FINAL_STATUS:
                answers.append(answer)
        return answers

    def _read_one(self) -> Answer:
        while b"\r\n\r\n" not in self._left:
            if not self._receive():
                return Answer(RESET)
        head, _, self._left = self._left.partition(b"\r\n\r\n")
        answer = Answer(int(head.split(b" ", 2)[1]), head)
        length = int(answer.header(b"content-length") or 0)
        while len(self._left) < length:
            if not self._receive():
                return Answer(RESET)
        body, self._left = self._left[:length], self._left[length:]
        return Answer(answer.status, head, body)

    def _receive(self) -> bool:
        received = b""
        with suppress(ConnectionResetError):
            received = self._connection.recv(65536)
        self._left += received
        return bool(received)
