"""The work on one file: its rows are asked in groups, in threads of their own, and every answer is kept.

It ends when all is done, when somebody stops it, when the API gives no answer for a minute, or when nobody has looked
at it for some minutes. Whatever the reason, it can go on with the rows that are left.
"""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from threading import Event, Lock, Thread

from ui.api.client import Client
from ui.api.errors import ApiError, ApiMisunderstood, ApiRefused, ApiUnavailable
from ui.api.predictions import Prediction
from ui.batch.answers import Answers
from ui.batch.groups import Group, build_groups
from ui.batch.pace import Pace
from ui.batch.texts import Fate, Texts

logger = logging.getLogger(__name__)

# One is scored while the other is read and written.
AT_ONCE = 2
PATIENCE_SECONDS = 60.0
# Where the API does not say how long to wait.
PAUSE_SECONDS = 1.0
# The browser asks every second, and once a minute from a page in the background.
UNWATCHED_SECONDS = 300.0
# What a smaller group mends: a text that is refused, and too much at once.
MENDED_BY_LESS = {413, 422}
OK = 200


class Ending(Enum):
    """Why the work is not going on."""

    DONE = auto()
    STOPPED = auto()
    UNWATCHED = auto()
    FAILED = auto()
    BROKEN = auto()


class Stopped(Exception):
    """Somebody said so while a thread was waiting."""


@dataclass(eq=False)
class Job:
    client: Client
    texts: Texts
    text_limit: int
    patience_seconds: float = PATIENCE_SECONDS
    unwatched_seconds: float = UNWATCHED_SECONDS
    answers: Answers = field(init=False)
    pace: Pace = field(init=False)
    ending: Ending | None = None
    failure: ApiError | None = None
    done: int = 0
    # Set where the session is gone, at a moment at which no lock may be taken.
    is_forgotten: bool = False
    _stop: Event = field(default_factory=Event)
    _threads: list[Thread] = field(default_factory=list)
    # For what the threads change.
    _lock: Lock = field(default_factory=Lock)
    _failing_since: float | None = None
    _watched_at: float = 0.0

    def __post_init__(self) -> None:
        self.answers = Answers(len(self.texts))

    def start(self) -> None:
        """Also once more, with the rows that are left."""
        if self.is_running:
            return
        self._stop = Event()
        self.ending, self.failure, self._failing_since = None, None, None
        self.pace = Pace()
        self.pace.mark(time.monotonic(), self.done)
        self.watch()
        groups = build_groups(self.texts, self.answers.waiting, self.text_limit, self._set_apart)
        work = (groups, self._stop)
        self._threads = [Thread(target=self._work, args=work, daemon=True, name="batch") for _ in range(AT_ONCE)]
        for thread in self._threads:
            thread.start()

    def watch(self) -> None:
        """Somebody looks at it."""
        self._watched_at = time.monotonic()

    def stop(self) -> None:
        self._end(Ending.STOPPED)

    def wait(self, seconds: float) -> bool:
        """Whether it has come to its end by then."""
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not self.is_running

    @property
    def is_running(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    @property
    def is_stopping(self) -> bool:
        return self.is_running and self._stop.is_set()

    @property
    def is_waiting(self) -> bool:
        """The API does not answer, and is asked again."""
        return self._failing_since is not None and self.is_running

    @property
    def left(self) -> int:
        return len(self.texts) - self.done

    def _work(self, groups: Iterator[Group], stop: Event) -> None:
        try:
            while not stop.is_set():
                if self.is_forgotten or time.monotonic() - self._watched_at > self.unwatched_seconds:
                    self._end(Ending.UNWATCHED)
                    return
                with self._lock:
                    group = next(groups, None)
                if group is None:
                    return
                self._ask(group, stop)
        except Stopped:
            return
        except ApiError as error:
            self._end(Ending.FAILED, error)
        except Exception:
            logger.exception("batch_failed")
            self._end(Ending.BROKEN)
        finally:
            self._finish()

    def _ask(self, group: Group, stop: Event) -> None:
        try:
            predictions = self._patiently(group, stop)
        except ApiRefused as error:
            if error.status not in MENDED_BY_LESS:
                raise
            self._divide(group, error, stop)
            return
        with self._lock:
            self.answers.note(group.rows, predictions)
            self._count(len(group.rows))

    def _divide(self, group: Group, error: ApiRefused, stop: Event) -> None:
        """Until the row is found that the API does not take."""
        if len(group.rows) == 1:
            reason = "; ".join(error.reasons) or error.detail or str(error.status)
            with self._lock:
                self.answers.set_apart(int(group.rows[0]), Fate.REFUSED, reason)
                self._count(1)
            return
        for half in group.halves():
            if stop.is_set():
                return
            self._ask(half, stop)

    def _patiently(self, group: Group, stop: Event) -> list[Prediction]:
        while True:
            try:
                predictions = self.client.predict_batch(group.texts)
            except ApiUnavailable as error:
                if stop.wait(self._pause_after(error)):
                    raise Stopped from None
                continue
            self._failing_since = None
            if len(predictions) != len(group.rows):
                raise ApiMisunderstood(OK)
            return predictions

    def _pause_after(self, error: ApiUnavailable) -> float:
        """Raises the error once it has lasted too long, for all threads together."""
        now = time.monotonic()
        with self._lock:
            since = self._failing_since = self._failing_since or now
        pause = float(error.retry_after_seconds or PAUSE_SECONDS)
        if now + pause - since > self.patience_seconds:
            raise error
        return pause

    def _set_apart(self, row: int, fate: Fate) -> None:
        # While a group is built, under the lock.
        self.answers.set_apart(row, fate)
        self.done += 1

    def _count(self, rows: int) -> None:
        self.done += rows
        self.pace.mark(time.monotonic(), self.done)

    def _end(self, ending: Ending, failure: ApiError | None = None) -> None:
        """The first reason counts."""
        with self._lock:
            if not self._stop.is_set() and self.ending is None:
                self.ending, self.failure = ending, failure
            self._stop.set()

    def _finish(self) -> None:
        with self._lock:
            if self.ending is None and self.left == 0:
                self.ending = Ending.DONE
