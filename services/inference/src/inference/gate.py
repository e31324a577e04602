"""How much work one worker takes on before it says 503.

By Little's law the requests in flight, times what one of them takes, are the wait of the next. The limit is the
wait that is still useful divided by what a text takes the served model, so that an overload costs the callers that
are turned away a quick answer, and the others no more than that wait.
"""

from collections.abc import Iterator, Sized
from contextlib import contextmanager

from inference.errors import Overloaded

# Scored on the event loop, everything behind it waits, the refusals too: these are to come within 50 ms.
LOOP_WAIT_SECONDS = 0.025
# Scored in a thread, only the texts wait.
THREAD_WAIT_SECONDS = 0.2
# Reading and answering a request, beside the model: measured, 2 GHz and more.
HTTP_SECONDS = 50e-6
BATCH_WAIT_SECONDS = 0.2
# One of the largest that there may be.
LEAST_BATCHED = 256
# Room for a crowd that asks at the same moment, however slow the machine was when the model was timed.
LEAST_ON_LOOP, LEAST = 128, 16


class Gate:
    def __init__(self, fixed_limit: int = 0) -> None:
        self._fixed_limit = fixed_limit
        self.limit = fixed_limit or LEAST
        # The server's own set of unfinished requests, once there is a server.
        self.requests: Sized = ()
        # Those that the door has taken, which the server does not see.
        self.at_the_door = 0
        self._being_read = 0
        self.batched_texts = 0
        self.batch_limit = LEAST_BATCHED
        self.is_draining = False

    def fit(self, seconds_per_text: float, *, on_loop: bool) -> None:
        wait, least = (LOOP_WAIT_SECONDS, LEAST_ON_LOOP) if on_loop else (THREAD_WAIT_SECONDS, LEAST)
        self.limit = self._fixed_limit or max(least, int(wait / (seconds_per_text + HTTP_SECONDS)))
        self.batch_limit = max(LEAST_BATCHED, int(BATCH_WAIT_SECONDS / max(seconds_per_text, 1e-6)))

    @property
    def in_flight(self) -> int:
        return len(self.requests) - self._being_read + self.at_the_door

    @property
    def is_full(self) -> bool:
        return self.in_flight >= self.limit

    @property
    def is_crowded(self) -> bool:
        return 2 * self.in_flight > self.limit

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A body that is still to come is no work yet: however many dawdle, they keep nobody out."""
        self._being_read += 1
        try:
            yield
        finally:
            self._being_read -= 1

    @contextmanager
    def admitted(self, texts: int) -> Iterator[None]:
        """A batch counts by its texts: taken whole, or refused. Single texts go between its groups."""
        if self.batched_texts + texts > self.batch_limit:
            raise Overloaded
        self.batched_texts += texts
        try:
            yield
        finally:
            self.batched_texts -= texts
