"""HTTP under uvicorn, with a door of our own before it: for predictions, which are nearly all that comes.

What the door does not take goes the way of every request. And while there is more work than can be answered in time,
a prediction is refused in the bytes it came in: one that is read, routed and then refused costs a quarter of one that
is answered, so that at twice the capacity most of a worker's time would go into refusals. The connection stays open.
"""

import re
from collections.abc import Iterator
from itertools import cycle
from typing import TYPE_CHECKING, cast

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from inference.door import END_OF_HEAD, PATH, START, Door, render
from inference.error_answers import answer_error
from inference.errors import MalformedRequest, Overloaded

if TYPE_CHECKING:
    from inference.gate import Gate
    from inference.metrics import Metrics
    from inference.outbox import Outbox

PREDICTIONS = f"POST {PATH}".encode()
# Whatever else is posted costs no run of a model.
SCORED = (PATH, "/v1/comparisons")
MOST_OF_A_LINE = 200
REFUSALS = 100
LAST_OF_CONNECTION = re.compile(rb"\r\n(connection: *(?!keep-alive\r)|transfer-encoding:|upgrade:)", re.IGNORECASE)
CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d{1,9})\r\n", re.IGNORECASE)


class DoorProtocol(HttpToolsProtocol):
    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)  # type: ignore[arg-type]
        self._gate: Gate = self.app_state["gate"]
        self._metrics: Metrics = self.app_state["metrics"]
        # None where a quota is set: to know whose it is takes more than the door knows.
        self._door: Door | None = self.app_state["door"]
        self._outbox: Outbox = self.app_state["outbox"]
        self._refusals: Iterator[bytes] = self.app_state["refusals"]
        self._gate.requests = self.tasks
        # What the door took is being answered; what comes before it is waits here.
        self._is_asked = False
        self._held = b""
        self._ends_after_answer = False
        # Of the request that the parser is reading, more is to come: it is no request of its own, whatever it says.
        self._is_reading = False
        self._active_at = 0.0

    def data_received(self, data: bytes) -> None:
        if self._is_asked:
            self._held += data
            self.flow.pause_reading()
        elif not (data.startswith(PREDICTIONS) and self._is_between_requests() and self._take(data)):
            super().data_received(data)

    def _is_between_requests(self) -> bool:
        return not self._is_reading and (self.cycle is None or self.cycle.response_complete)

    def _take(self, data: bytes) -> bool:
        if self._gate.is_full and is_whole_prediction(data):
            self._metrics.count_shed()
            self._outbox.post(self.transport, next(self._refusals))
            self._note_active()
            return True
        if self._door is None or self._gate.is_draining or not data.startswith(START):
            return False
        self._is_asked = self._door.take(data, self._answer)
        return self._is_asked

    def _answer(self, status: int, rest: bytes) -> None:
        self._is_asked = False
        if self.transport.is_closing():
            return
        added = [name + b": " + value + b"\r\n" for name, value in self.server_state.default_headers]
        if self._ends_after_answer:
            self.transport.write(b"".join((STATUS_LINE[status], *added, b"connection: close\r\n", rest)))
            self.transport.close()
            return
        answer = b"".join((STATUS_LINE[status], *added, rest))
        if self._gate.is_crowded:
            self._outbox.post(self.transport, answer)
        else:
            # At once: while its reader is busy with it, the next is made.
            self.transport.write(answer)
        self._note_active()
        if self._held:
            held, self._held = self._held, b""
            self.flow.resume_reading()
            self.data_received(held)

    def _note_active(self) -> None:
        """For the end of a connection that falls silent: one timer at a time, which looks when it goes off."""
        self._active_at = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._look_again_in(self.timeout_keep_alive)

    def timeout_keep_alive_handler(self) -> None:
        left = self._active_at + self.timeout_keep_alive - self.loop.time()
        if self._is_asked or left > 0:
            self._look_again_in(self.timeout_keep_alive if self._is_asked else left)
        else:
            super().timeout_keep_alive_handler()

    def _look_again_in(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def shutdown(self) -> None:
        if self._is_asked:
            self._ends_after_answer = True
            return
        # Its answer may be ready and not on its way yet.
        self._outbox.send()
        super().shutdown()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        # One that came in pieces, as many clients send them, is refused here: later, and still before it costs much.
        is_scored = cycle.scope["method"] == "POST" and cycle.scope["path"].startswith(SCORED)
        if is_scored and self._gate.is_full:
            self._metrics.count_shed()
            app = cast(ASGI3Application, answer_error(Overloaded()))
        super()._start_asgi_task(cycle, app)

    def on_message_begin(self) -> None:
        self._is_reading = True
        super().on_message_begin()

    def on_message_complete(self) -> None:
        self._is_reading = False
        super().on_message_complete()

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        # The answer says `connection: close`, so that nothing more is sent into a connection about to end; and nothing
        # is read from one whose caller wants to speak something else from here on.
        if self._gate.is_draining or self.parser.should_upgrade():
            self.cycle.keep_alive = False

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP is refused like any other request, but for its id: it has none."""
        rest = render(MalformedRequest())
        self.transport.write(STATUS_LINE[MalformedRequest.status] + b"connection: close\r\n" + rest)
        self.transport.close()


def is_whole_prediction(data: bytes) -> bool:
    """One request, from its first byte to its last: nothing of it is left to be read, and nothing came with it."""
    if not data.startswith(PREDICTIONS):
        return False
    head = data.find(END_OF_HEAD)
    length = CONTENT_LENGTH.search(data, 0, head + 2)
    if head < 0 or length is None or head + len(END_OF_HEAD) + int(length[1]) != len(data):
        return False
    # One that is to be the last of its connection, or of an older HTTP, is for the parser to see.
    return b" HTTP/1.1\r\n" in data[:MOST_OF_A_LINE] and LAST_OF_CONNECTION.search(data, 0, head + 2) is None


def build_refusals() -> Iterator[bytes]:
    """The answer 503, whole, without end: each says when to come back, and they differ in it."""
    return cycle(STATUS_LINE[Overloaded.status] + render(Overloaded()) for _ in range(REFUSALS))
