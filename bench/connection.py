"""One keep-alive connection: a request goes out, its answer comes in, and whoever owns the connection is told.

On asyncio's bare protocols: streams and HTTP clients cost more time a request than the service that is measured.
"""

import asyncio
import re
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol, cast

CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
CLOSE = re.compile(rb"\r\nconnection:[ \t]*close", re.IGNORECASE)
END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Head:
    status: int
    length: int
    closes: bool


def read_head(head: bytes) -> Head | None:
    """The head of an answer, or None where it is none that this driver reads: no length, not HTTP/1.1."""
    length = CONTENT_LENGTH.search(head)
    if length is None or not head.startswith(b"HTTP/1.1 ") or not head[9:12].isdigit():
        return None
    return Head(int(head[9:12]), int(length[1]), CLOSE.search(head) is not None)


class Owner(Protocol):
    def ready(self, connection: "Connection") -> None:
        """The connection is open and idle."""

    def answered(self, connection: "Connection", status: int) -> None:
        """The whole answer is there; `ready` follows if the connection stays open, else `lost`."""

    def lost(self, connection: "Connection", unanswered: bool) -> None:
        """The connection is gone, with a request on it that had no answer, or without."""


class Connection(asyncio.Protocol):
    due_at = 0.0
    sent_at = 0.0

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._transport: asyncio.Transport | None = None
        self._unanswered = False
        self._received = b""
        self._head: Head | None = None
        self._missing = 0

    @property
    def is_open(self) -> bool:
        return self._transport is not None

    def send(self, request: bytes, due_at: float | None = None) -> None:
        """Only on a connection that is ready. Both times are of time.perf_counter."""
        assert self._transport is not None and not self._unanswered
        self._unanswered = True
        self.sent_at = perf_counter()
        self.due_at = self.sent_at if due_at is None else due_at
        self._transport.write(request)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's own transports are no subclass.
        self._transport = cast("asyncio.Transport", transport)
        self._owner.ready(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._owner.lost(self, self._unanswered)

    def data_received(self, data: bytes) -> None:
        if self._head is None:
            data = self._received + data
            end = data.find(END_OF_HEAD)
            if end < 0:
                self._received = data
                return
            self._received = b""
            self._head = read_head(data[:end])
            if self._head is None:
                self.abort()
                return
            self._missing = self._head.length - (len(data) - end - len(END_OF_HEAD))
        else:
            self._missing -= len(data)
        if self._missing <= 0:
            self._finish(self._head)

    def _finish(self, head: Head) -> None:
        if self._missing < 0 or not self._unanswered:
            # More than was announced, or more than was asked for: what follows could not be told apart.
            self.abort()
            return
        self._unanswered = False
        self._head = None
        self._owner.answered(self, head.status)
        if head.closes:
            self.abort()
        else:
            self._owner.ready(self)
