"""Who waits too long, asks a model that is swapped or fails, or is gone: the others get their answers all the same."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from inference.champion import Champion
from inference.decision import Classification
from inference.errors import DeadlinePassed, ModelFailed
from inference.registry import RegistryVersion
from inference.scoring import Outcome, Scored
from tests.inference.watched import (
    QUICK,
    SLOW,
    StartScorer,
    WatchedClassifier,
    ask,
    behind_a_long_one,
    label_of,
    run,
    starting,
)

Make = Callable[..., Path]

SICK = [0.0, 0.0, 2.0, float("nan"), -2.0, -3.0, 0.0]
GOLDEN = [{"text": "late", "probabilities": [0.8807971, 0.1192029]}]
REVERSED = [0.0, 0.0, -2.0, -3.0, 2.0, 3.0, 0.0]


@pytest.fixture
def champion() -> Champion:
    return Champion()


@pytest.fixture
def start_scorer(champion: Champion) -> Iterator[StartScorer]:
    with starting(champion) as start:
        yield start


@pytest.mark.parametrize("queue_above_seconds", [QUICK, SLOW])
def test_a_text_that_the_model_fails_on_does_not_fail_those_beside_it(
    champion: Champion, start_scorer: StartScorer, make_bundle: Make, queue_above_seconds: float
) -> None:
    classifier = WatchedClassifier(make_bundle(weights=SICK, changes={"golden": GOLDEN}))
    champion.serve(classifier, None)
    late, lost, thanks = run(ask(start_scorer(queue_above_seconds), ["late", "lost", "thanks"]))
    assert classifier.calls[0] == ["late", "lost", "thanks"]
    assert (label_of(late), label_of(thanks)) == ("negative", "positive")
    assert isinstance(lost, ModelFailed)


class Panic(BaseException):
    """What a panic of the tokenizer's Rust code is in Python."""


@pytest.mark.parametrize("queue_above_seconds", [QUICK, SLOW])
def test_a_panic_of_a_library_fails_its_text_and_the_next_is_scored(
    champion: Champion, start_scorer: StartScorer, make_bundle: Make, queue_above_seconds: float
) -> None:
    class Fragile(WatchedClassifier):
        def predict(self, texts: Sequence[str]) -> list[Classification]:
            if "lost" in texts:
                raise Panic
            return super().predict(texts)

    champion.serve(Fragile(make_bundle()), None)
    scorer = start_scorer(queue_above_seconds)

    async def panic_and_go_on() -> list[Scored | BaseException]:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        async with asyncio.timeout(2):
            return [*await ask(scorer, ["lost", "late"]), *await ask(scorer, ["thanks"])]

    lost, late, thanks = run(panic_and_go_on())
    assert isinstance(lost, Exception)
    assert (label_of(late), label_of(thanks)) == ("negative", "positive")


@pytest.mark.parametrize("queue_above_seconds", [QUICK, SLOW])
def test_a_caller_that_cannot_take_its_answer_does_not_keep_it_from_the_others(
    champion: Champion, start_scorer: StartScorer, make_bundle: Make, queue_above_seconds: float
) -> None:
    classifier = WatchedClassifier(make_bundle())
    champion.serve(classifier, None)
    scorer = start_scorer(queue_above_seconds)

    def fail(_: Outcome) -> None:
        raise ZeroDivisionError

    async def ask_badly() -> None:
        scorer.ask("lost", fail)

    async def fail_and_go_on() -> list[Scored | BaseException]:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        async with asyncio.timeout(2):
            _, late = await asyncio.gather(ask_badly(), scorer.score_one("late"))
            assert classifier.calls == [["lost", "late"]]
            return [late, *await ask(scorer, ["thanks"])]

    assert [label_of(answer) for answer in run(fail_and_go_on())] == ["negative", "positive"]


@pytest.mark.parametrize("queue_above_seconds", [QUICK, SLOW])
def test_who_asks_without_a_coroutine_is_told_once_on_the_loop_together_with_the_others(
    champion: Champion, start_scorer: StartScorer, make_bundle: Make, queue_above_seconds: float
) -> None:
    classifier = WatchedClassifier(make_bundle(weights=SICK, changes={"golden": GOLDEN}))
    champion.serve(classifier, None)
    scorer = start_scorer(queue_above_seconds)
    told: list[tuple[str, Outcome]] = []

    async def ask_all() -> None:
        for text in ("late", "lost"):
            scorer.ask(text, lambda outcome, text=text: told.append((text, outcome)))  # type: ignore[misc]
        assert told == []
        assert label_of(await scorer.score_one("thanks")) == "positive"

    run(ask_all())
    assert classifier.calls[0] == ["late", "lost", "thanks"]
    assert [text for text, _ in told] == ["late", "lost"]
    assert isinstance(told[0][1], Scored)
    assert isinstance(told[1][1], ModelFailed)


def test_who_has_waited_beyond_the_deadline_is_told_so_and_not_scored(
    champion: Champion, start_scorer: StartScorer, make_bundle: Make
) -> None:
    classifier = WatchedClassifier(make_bundle(), seconds=0.6)
    champion.serve(classifier, None)
    scorer = start_scorer(SLOW, deadline_seconds=0.2)

    async def ask_behind() -> list[Scored | BaseException]:
        tasks = await behind_a_long_one(scorer, ["thanks"])
        return await asyncio.gather(*tasks, return_exceptions=True)

    first, second = run(ask_behind())
    assert label_of(first) == "negative"
    assert isinstance(second, DeadlinePassed)
    assert classifier.calls == [["late"]]


def test_without_the_deadline_the_same_text_is_scored(
    champion: Champion, start_scorer: StartScorer, make_bundle: Make
) -> None:
    champion.serve(WatchedClassifier(make_bundle(), seconds=0.6), None)
    scorer = start_scorer(SLOW, deadline_seconds=60)

    async def ask_behind() -> list[Scored]:
        return await asyncio.gather(*await behind_a_long_one(scorer, ["thanks"]))

    assert [label_of(answer) for answer in run(ask_behind())] == ["negative", "positive"]


def test_a_model_swapped_while_texts_wait_answers_only_those_who_asked_it(
    champion: Champion, start_scorer: StartScorer, make_bundle: Make
) -> None:
    old = WatchedClassifier(make_bundle("old"), seconds=0.3)
    new = WatchedClassifier(make_bundle("new", weights=REVERSED))
    champion.serve(old, RegistryVersion(version="1"))
    scorer = start_scorer(SLOW)

    async def swap_between() -> list[Scored]:
        asked = await behind_a_long_one(scorer, ["late", "thanks"])
        champion.serve(new, RegistryVersion(version="2"))
        asked += [asyncio.create_task(scorer.score_one(text)) for text in ("late", "thanks")]
        return await asyncio.gather(*asked)

    answers = run(swap_between())
    assert [answer.model.version for answer in answers] == ["1", "1", "1", "2", "2"]
    assert [label_of(answer) for answer in answers] == ["negative", "negative", "positive", "positive", "negative"]
    assert (old.calls, new.calls) == ([["late"], ["late", "thanks"]], [["late", "thanks"]])


def test_callers_who_are_gone_are_passed_over(champion: Champion, start_scorer: StartScorer, make_bundle: Make) -> None:
    classifier = WatchedClassifier(make_bundle(), seconds=0.3)
    champion.serve(classifier, None)
    scorer = start_scorer(SLOW)

    async def leave() -> list[Scored | BaseException]:
        tasks = await behind_a_long_one(scorer, ["lost", "thanks"])
        tasks[1].cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    first, gone, last = run(leave())
    assert isinstance(gone, asyncio.CancelledError)
    assert (label_of(first), label_of(last)) == ("negative", "positive")
    assert classifier.calls == [["late"], ["thanks"]]
