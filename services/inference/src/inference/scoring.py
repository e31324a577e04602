"""Where texts are scored, and with which others: whatever waits is scored together, and no timer makes any wait.

A quick model is run on the event loop, over what came in during one turn of it. A slow one is run in a thread, over
what came in while the group before was being scored.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from inference.champion import Champion, ServedModel
from inference.decision import Classification
from inference.errors import DeadlinePassed, ModelFailed
from inference.gate import Gate

logger = logging.getLogger(__name__)

# As much as is scored in one go. On the loop, what came meanwhile waits for it, 13 ms with the champion; a batch in
# smaller parts takes a tenth longer. A slow model gains little beyond a few texts, which wait for each other.
LOOP_TEXTS = 256
THREAD_TEXTS = 16


@dataclass(frozen=True, slots=True)
class Scored:
    model: ServedModel
    classifications: list[Classification]


Outcome = Scored | Exception


@dataclass(slots=True)
class Waiting:
    model: ServedModel
    texts: Sequence[str]
    asked_at: float
    # Called once, on the event loop.
    tell: Callable[[Outcome], None]
    is_gone: Callable[[], bool]


class Scorer:
    def __init__(self, champion: Champion, gate: Gate, queue_above_seconds: float, deadline_seconds: float) -> None:
        self._champion = champion
        self._gate = gate
        self._queue_above_seconds = queue_above_seconds
        self._deadline_seconds = deadline_seconds
        self._queue: deque[Waiting] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="scorer")
        self._is_scoring = False
        # Called before a group holds the loop: what is ready by then need not wait for it.
        self.before_scoring: Callable[[], None] = do_nothing

    def close(self) -> None:
        self._thread.shutdown()

    def is_quick(self, model: ServedModel) -> bool:
        return model.classifier.seconds_per_text <= self._queue_above_seconds

    def fit_gate(self, model: ServedModel) -> None:
        self._gate.fit(model.classifier.seconds_per_text, on_loop=self.is_quick(model))

    def ask(self, text: str, tell: Callable[[Outcome], None]) -> None:
        """For callers without a coroutine. Raises ModelNotReady."""
        self._enqueue(Waiting(self._champion.require_served(), [text], time.monotonic(), tell, is_gone=never))

    async def score_one(self, text: str) -> Scored:
        return await self._score(self._champion.require_served(), [text], time.monotonic())

    async def score_batch(self, texts: Sequence[str]) -> Scored:
        """In groups of like length, one after the other, so that single texts and health are answered in between."""
        model = self._champion.require_served()
        size = LOOP_TEXTS if self.is_quick(model) else THREAD_TEXTS
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        found: dict[int, Classification] = {}
        asked_at = time.monotonic()
        with self._gate.admitted(len(texts)):
            for start in range(0, len(order), size):
                chunk = order[start : start + size]
                scored = await self._score(model, [texts[index] for index in chunk], asked_at)
                found.update(zip(chunk, scored.classifications, strict=True))
        return Scored(model, [found[index] for index in range(len(texts))])

    async def _score(self, model: ServedModel, texts: Sequence[str], asked_at: float) -> Scored:
        future: asyncio.Future[Scored] = asyncio.get_running_loop().create_future()

        def tell(outcome: Outcome) -> None:
            if future.done():
                return
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

        self._enqueue(Waiting(model, texts, asked_at, tell, is_gone=future.done))
        return await future

    def _enqueue(self, waiting: Waiting) -> None:
        self._queue.append(waiting)
        if not self._is_scoring:
            # Not at once: the requests that were read in the same turn of the loop come along.
            self._is_scoring = True
            loop = asyncio.get_running_loop()
            loop.call_soon(self._score_next, loop)

    def _score_next(self, loop: asyncio.AbstractEventLoop) -> None:
        self.before_scoring()
        group = self._next_group()
        self._is_scoring = bool(group)
        if not group:
            return
        if self.is_quick(group[0].model):
            hand_out(group, score_group(group))
            loop.call_soon(self._score_next, loop)
            return
        scored = loop.run_in_executor(self._thread, score_group, group)
        scored.add_done_callback(lambda future: self._go_on(loop, group, future.result()))

    def _go_on(self, loop: asyncio.AbstractEventLoop, group: list[Waiting], outcomes: list[Outcome]) -> None:
        self._score_next(loop)
        hand_out(group, outcomes)

    def _next_group(self) -> list[Waiting]:
        """What waits, up to what is scored in one go, all by one model."""
        group: list[Waiting] = []
        texts = 0
        oldest = time.monotonic() - self._deadline_seconds
        while self._queue and texts < (LOOP_TEXTS if self.is_quick(self._queue[0].model) else THREAD_TEXTS):
            if group and self._queue[0].model is not group[0].model:
                break
            waiting = self._queue.popleft()
            if waiting.is_gone():
                continue
            if waiting.asked_at < oldest:
                waiting.tell(DeadlinePassed())
                continue
            group.append(waiting)
            texts += len(waiting.texts)
        return group


def score_group(group: list[Waiting]) -> list[Outcome]:
    """What each waits for, in its order. One whose texts the model fails on does not fail the others."""
    try:
        model = group[0].model
        found = iter(model.classifier.predict([text for waiting in group for text in waiting.texts]))
        return [Scored(model, [next(found) for _ in waiting.texts]) for waiting in group]
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of the tokenizer's Rust code is no Exception
        if len(group) == 1:
            return [error if isinstance(error, Exception) else ModelFailed()]
        return [outcome for waiting in group for outcome in score_group([waiting])]


def hand_out(group: list[Waiting], outcomes: list[Outcome]) -> None:
    for waiting, outcome in zip(group, outcomes, strict=True):
        try:
            waiting.tell(outcome)
        except Exception:
            # Whatever became of this one, the others wait for theirs.
            logger.exception("answer_failed")


def never() -> bool:
    return False


def do_nothing() -> None:
    return None
