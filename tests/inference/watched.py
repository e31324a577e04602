"""What the tests of scoring share: a model that notes what it is given, and ways to ask a scorer."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from inference.bundle import load_bundle
from inference.champion import Champion
from inference.classifier import Classifier
from inference.decision import Classification
from inference.gate import Gate
from inference.scoring import Scored, Scorer

Result = TypeVar("Result")

StartScorer = Callable[..., Scorer]

# Seconds a text beyond which a model is scored in the thread: this one is never, or always.
QUICK, SLOW = 1.0, 0.0


class WatchedClassifier(Classifier):
    """The real one, which notes what it was given in one call, and can take its time."""

    def __init__(self, bundle: Path, seconds: float = 0.0) -> None:
        super().__init__(load_bundle(bundle))
        self.seconds_per_text = 1e-6
        self.calls: list[list[str]] = []
        self._seconds = seconds

    def predict(self, texts: Sequence[str]) -> list[Classification]:
        self.calls.append(list(texts))
        time.sleep(self._seconds)
        return super().predict(texts)


def run(work: Coroutine[object, object, Result]) -> Result:
    async def in_time() -> Result:
        async with asyncio.timeout(20):
            return await work

    return asyncio.run(in_time())


async def ask(scorer: Scorer, texts: Sequence[str]) -> list[Scored | BaseException]:
    return await asyncio.gather(*(scorer.score_one(text) for text in texts), return_exceptions=True)


def label_of(scored: Scored | BaseException) -> str:
    assert isinstance(scored, Scored), repr(scored)
    [classification] = scored.classifications
    return classification.label


async def behind_a_long_one(scorer: Scorer, texts: Sequence[str]) -> list[asyncio.Task[Scored]]:
    """Texts that wait, because the thread is busy with another."""
    first = asyncio.create_task(scorer.score_one("late"))
    await asyncio.sleep(0.05)
    rest = [asyncio.create_task(scorer.score_one(text)) for text in texts]
    await asyncio.sleep(0)
    return [first, *rest]


@contextmanager
def starting(champion: Champion) -> Iterator[StartScorer]:
    """Starts scorers behind a gate that takes any batch, and closes them."""
    scorers: list[Scorer] = []

    def start(queue_above_seconds: float, deadline_seconds: float = 5.0) -> Scorer:
        gate = Gate()
        gate.batch_limit = 10**6
        scorers.append(Scorer(champion, gate, queue_above_seconds, deadline_seconds))
        return scorers[-1]

    yield start
    for scorer in scorers:
        scorer.close()
