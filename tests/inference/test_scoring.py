"""Which texts are scored together, and that each caller gets its own answer."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inference.champion import Champion
from inference.errors import ModelNotReady
from inference.scoring import LOOP_TEXTS, THREAD_TEXTS, Scorer
from tests.inference.watched import QUICK, SLOW, StartScorer, WatchedClassifier, ask, label_of, run, starting

Make = Callable[..., Path]


@pytest.fixture
def champion() -> Champion:
    return Champion()


@pytest.fixture
def start_scorer(champion: Champion) -> Iterator[StartScorer]:
    with starting(champion) as start:
        yield start


@pytest.mark.parametrize("queue_above_seconds", [QUICK, SLOW])
def test_what_is_asked_in_one_turn_of_the_loop_is_scored_in_one_call_and_each_gets_its_own(
    champion: Champion, start_scorer: StartScorer, make_bundle: Make, queue_above_seconds: float
) -> None:
    classifier = WatchedClassifier(make_bundle())
    champion.serve(classifier, None)
    texts = ["late", "thanks", "lost again", "great", "late late", "fine thanks"]
    answers = run(ask(start_scorer(queue_above_seconds), texts))
    assert classifier.calls == [texts]
    assert [label_of(answer) for answer in answers] == ["negative", "positive"] * 3


def test_a_text_that_comes_alone_waits_for_no_other(
    champion: Champion, start_scorer: StartScorer, make_bundle: Make
) -> None:
    classifier = WatchedClassifier(make_bundle())
    champion.serve(classifier, None)
    scorer = start_scorer(QUICK)

    async def one_by_one() -> None:
        for text in ("late", "thanks"):
            await scorer.score_one(text)

    run(one_by_one())
    assert classifier.calls == [["late"], ["thanks"]]


async def count_ticks(scorer: Scorer) -> int:
    ticks = 0
    asked = asyncio.create_task(scorer.score_one("late"))
    await asyncio.sleep(0)
    while not asked.done():
        await asyncio.sleep(0.01)
        ticks += 1
    assert label_of(asked.result()) == "negative"
    return ticks


def test_a_slow_model_is_scored_in_a_thread_and_the_loop_stays_free(
    champion: Champion, start_scorer: StartScorer, make_bundle: Make
) -> None:
    champion.serve(WatchedClassifier(make_bundle(), seconds=0.5), None)
    assert run(count_ticks(start_scorer(SLOW))) > 5


def test_without_the_thread_the_loop_stands_still(
    champion: Champion, start_scorer: StartScorer, make_bundle: Make
) -> None:
    champion.serve(WatchedClassifier(make_bundle(), seconds=0.5), None)
    assert run(count_ticks(start_scorer(QUICK))) <= 2


@pytest.mark.parametrize("queue_above_seconds", [QUICK, SLOW])
def test_a_batch_keeps_its_order_though_it_is_scored_by_length(
    champion: Champion, start_scorer: StartScorer, make_bundle: Make, queue_above_seconds: float
) -> None:
    classifier = WatchedClassifier(make_bundle())
    champion.serve(classifier, None)
    texts = [("late " if index % 3 else "thanks ") * (1 + index * 7 % 11) for index in range(200)]
    scored = run(start_scorer(queue_above_seconds).score_batch(texts))
    assert [given.label for given in scored.classifications] == [
        "negative" if index % 3 else "positive" for index in range(200)
    ]
    assert sum(classifier.calls, []) == sorted(texts, key=len)


@pytest.mark.parametrize(("queue_above_seconds", "most"), [(QUICK, LOOP_TEXTS), (SLOW, THREAD_TEXTS)])
def test_one_go_is_no_more_than_its_limit_and_one_entry(
    champion: Champion, start_scorer: StartScorer, make_bundle: Make, queue_above_seconds: float, most: int
) -> None:
    classifier = WatchedClassifier(make_bundle())
    champion.serve(classifier, None)
    scorer = start_scorer(queue_above_seconds)

    async def ask_much() -> None:
        singles = [scorer.score_one("late") for _ in range(3 * most + 1)]
        batches = [scorer.score_batch(["late"] * (most + most // 2)) for _ in range(4)]
        await asyncio.gather(*batches, *singles)

    run(ask_much())
    sizes = [len(call) for call in classifier.calls]
    assert sum(sizes) == 3 * most + 1 + 4 * (most + most // 2)
    assert max(sizes) < 2 * most


@pytest.mark.parametrize("queue_above_seconds", [QUICK, SLOW])
def test_single_texts_are_answered_between_the_parts_of_a_batch(
    champion: Champion,
    start_scorer: StartScorer,
    make_bundle: Make,
    monkeypatch: pytest.MonkeyPatch,
    queue_above_seconds: float,
) -> None:
    monkeypatch.setattr("inference.scoring.LOOP_TEXTS", 64)
    champion.serve(WatchedClassifier(make_bundle(), seconds=0.02), None)
    scorer = start_scorer(queue_above_seconds)

    async def ask_beside() -> bool:
        batch = asyncio.create_task(scorer.score_batch(["late"] * 256))
        await asyncio.sleep(0)
        await scorer.score_one("thanks")
        return batch.done()

    assert run(ask_beside()) is False


def test_without_a_model_nothing_is_queued(start_scorer: StartScorer) -> None:
    scorer = start_scorer(QUICK)
    with pytest.raises(ModelNotReady):
        run(scorer.score_one("late"))
    with pytest.raises(ModelNotReady):
        run(scorer.score_batch(["late"]))
    with pytest.raises(ModelNotReady):
        scorer.ask("late", lambda _: None)
