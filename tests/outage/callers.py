"""People who predict and reject without a pause, and note which of their rejections were acknowledged.

As the page does: a rejection without an answer, or refused with 503, is sent again under the same key.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import count
from uuid import uuid4

from tests.outage.caller import Caller, GivenUp

CALLERS = 6
BATCH = 20
PATIENCE_SECONDS = 180


class Callers:
    def __init__(self, url: str, rejections: int) -> None:
        # Predictions, by their ids, in the order in which their rejections were answered with 201.
        self.acknowledged: list[str] = []
        # Those that nobody knows any more: their worker was killed in the turn that answered them.
        self.forgotten: list[str] = []
        self._url = url
        self._rejections = rejections
        self._left = rejections
        self._numbers = count()
        self._changed = threading.Condition()
        self._is_over = threading.Event()

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Until all are acknowledged."""
        with ThreadPoolExecutor(CALLERS, thread_name_prefix="caller") as pool:
            calls = [pool.submit(self._call) for _ in range(CALLERS)]
            try:
                yield
                self.wait_until(1.0)
            finally:
                self._stop()
                raise_first(calls)

    def wait_until(self, share: float) -> None:
        """Until this share of them is acknowledged, or one of the callers has failed."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._has_come(share), PATIENCE_SECONDS), "they do not get on"

    def _has_come(self, share: float) -> bool:
        return len(self.acknowledged) >= share * self._rejections or self._is_over.is_set()

    def _call(self) -> None:
        try:
            with suppress(GivenUp):
                while batch := self._take_some():
                    # Each time a connection of its own, so that all workers get some.
                    with Caller(self._url, self._is_over) as caller:
                        self._predict_and_reject(caller, batch)
        except BaseException:
            self._stop()
            raise

    def _predict_and_reject(self, caller: Caller, batch: int) -> None:
        for prediction_id in caller.predict([next(self._numbers) for _ in range(batch)]):
            is_kept = caller.reject(prediction_id, key=str(uuid4()))
            with self._changed:
                (self.acknowledged if is_kept else self.forgotten).append(prediction_id)
                # Another takes its place.
                self._left += not is_kept
                self._changed.notify_all()

    def _take_some(self) -> int:
        """How many are left for this caller: 0 once all are acknowledged, and nobody may need another."""
        with self._changed:
            self._changed.wait_for(lambda: self._left or self._has_come(1.0))
            batch = min(BATCH, self._left)
            self._left -= batch
            return batch

    def _stop(self) -> None:
        with self._changed:
            self._is_over.set()
            self._changed.notify_all()


def raise_first(calls: list[Future[None]]) -> None:
    for call in calls:
        call.result()
