"""How much work a worker takes on, and what it does with the rest."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from inference.champion import Champion
from inference.classifier import load_classifier
from inference.errors import Overloaded
from inference.gate import (
    BATCH_WAIT_SECONDS,
    HTTP_SECONDS,
    LEAST,
    LEAST_ON_LOOP,
    LOOP_WAIT_SECONDS,
    THREAD_WAIT_SECONDS,
    Gate,
)
from inference.registry import RegistryVersion
from inference.scoring import Scorer

Make = Callable[..., Path]
StartApp = Callable[..., AbstractContextManager[TestClient]]

BATCH = {"texts": ["late"] * 8}


def crowd(size: int) -> range:
    """Requests in flight; the gate asks only how many."""
    return range(size)


@pytest.mark.parametrize(("on_loop", "wait"), [(True, LOOP_WAIT_SECONDS), (False, THREAD_WAIT_SECONDS)])
@pytest.mark.parametrize("seconds_per_text", [20e-6, 100e-6])
def test_as_many_are_let_in_as_are_answered_within_the_wait(
    seconds_per_text: float, on_loop: bool, wait: float
) -> None:
    gate = Gate()
    gate.fit(seconds_per_text, on_loop=on_loop)
    of_each = seconds_per_text + HTTP_SECONDS
    assert gate.limit * of_each <= wait < (gate.limit + 1) * of_each


def test_a_model_ten_times_as_slow_lets_in_a_tenth() -> None:
    quick, slow = Gate(), Gate()
    quick.fit(1e-3 - HTTP_SECONDS, on_loop=False)
    slow.fit(10e-3 - HTTP_SECONDS, on_loop=False)
    assert quick.limit == pytest.approx(10 * slow.limit, rel=0.1)


def test_on_the_loop_there_is_room_for_a_crowd_however_slow_the_machine() -> None:
    gate = Gate()
    gate.fit(0.9e-3, on_loop=True)
    assert gate.limit == LEAST_ON_LOOP


def test_however_slow_the_model_there_is_room_for_a_few_callers() -> None:
    gate = Gate()
    assert gate.limit == LEAST
    gate.fit(30.0, on_loop=False)
    assert gate.limit == LEAST


def test_a_limit_from_the_settings_stays_whatever_the_pace() -> None:
    gate = Gate(fixed_limit=3)
    for seconds in (1e-6, 30.0):
        gate.fit(seconds, on_loop=True)
        assert gate.limit == 3


def test_it_is_full_at_its_limit_and_open_again_when_requests_are_answered() -> None:
    gate = Gate(fixed_limit=3)
    for size, is_full in ((0, False), (2, False), (3, True), (2, False)):
        gate.requests = crowd(size)
        assert gate.is_full == is_full


def test_without_a_limit_the_same_crowd_is_let_in() -> None:
    gate = Gate(fixed_limit=10**9)
    gate.requests = crowd(4)
    assert not gate.is_full


def test_those_at_the_door_count_like_the_others() -> None:
    gate = Gate(fixed_limit=3)
    gate.requests = crowd(1)
    gate.at_the_door = 1
    assert (gate.in_flight, gate.is_full) == (2, False)
    gate.at_the_door = 2
    assert (gate.in_flight, gate.is_full) == (3, True)


def test_those_whose_bodies_are_still_to_come_do_not_count() -> None:
    gate = Gate(fixed_limit=2)
    gate.requests = crowd(2)
    with gate.reading():
        assert (gate.in_flight, gate.is_full) == (1, False)
    assert gate.is_full


@pytest.mark.parametrize("seconds_per_text", [20e-6, 100e-6])
def test_as_many_texts_are_taken_in_batches_as_are_scored_within_the_wait(seconds_per_text: float) -> None:
    gate = Gate()
    gate.fit(seconds_per_text, on_loop=True)
    assert gate.batch_limit * seconds_per_text <= BATCH_WAIT_SECONDS < (gate.batch_limit + 1) * seconds_per_text


def test_however_slow_the_model_there_is_room_for_one_batch_of_the_largest() -> None:
    gate = Gate()
    gate.fit(30.0, on_loop=False)
    with gate.admitted(256), pytest.raises(Overloaded), gate.admitted(1):
        pass
    assert gate.batched_texts == 0


def test_batches_count_by_their_texts_and_give_them_back() -> None:
    gate = Gate()
    with gate.admitted(200):
        with gate.admitted(56):
            assert gate.batched_texts == 256
        with pytest.raises(Overloaded), gate.admitted(57):
            raise AssertionError("it was let in")
        assert gate.batched_texts == 200
    assert gate.batched_texts == 0


def test_a_batch_that_fails_gives_its_texts_back_too() -> None:
    gate = Gate()
    with pytest.raises(ZeroDivisionError), gate.admitted(8):
        raise ZeroDivisionError
    assert gate.batched_texts == 0


def test_a_batch_whose_caller_is_gone_gives_its_texts_back(make_bundle: Make) -> None:
    champion, gate = Champion(), Gate()
    champion.serve(load_classifier(make_bundle()), None)
    scorer = Scorer(champion, gate, queue_above_seconds=1, deadline_seconds=2)

    async def ask_and_leave() -> tuple[int, int]:
        caller = asyncio.create_task(scorer.score_batch(["late"] * 20))
        await asyncio.sleep(0)
        during = gate.batched_texts
        caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)
        return during, gate.batched_texts

    assert asyncio.run(ask_and_leave()) == (20, 0)
    scorer.close()


def test_over_http_a_batch_too_many_is_503_and_answered_when_there_is_room_again(start_app: StartApp) -> None:
    with start_app() as client:
        gate: Gate = client.app.state.resources.gate  # type: ignore[attr-defined]
        with gate.admitted(gate.batch_limit - 7):
            response = client.post("/v1/predictions/batch", json=BATCH)
            assert response.status_code == 503
            assert response.headers["retry-after"] in ("1", "2", "3")
            assert response.headers["content-type"] == "application/problem+json"
            # Single texts and health are answered beside the batches.
            assert client.post("/v1/predictions", json={"text": "late"}).status_code == 200
            assert client.get("/health/ready").status_code == 200
        assert client.post("/v1/predictions/batch", json=BATCH).status_code == 200
        assert gate.batched_texts == 0


def test_without_the_gate_the_same_batch_is_answered(start_app: StartApp) -> None:
    with start_app() as client:
        gate: Gate = client.app.state.resources.gate  # type: ignore[attr-defined]
        with gate.admitted(gate.batch_limit - 7):
            gate.batch_limit = 10**9
            assert client.post("/v1/predictions/batch", json=BATCH).status_code == 200


def test_the_limit_follows_the_model_that_is_served(start_app: StartApp, make_bundle: Make) -> None:
    slower = load_classifier(make_bundle("slower"))
    slower.seconds_per_text = 0.005
    with start_app() as client:
        resources = client.app.state.resources  # type: ignore[attr-defined]
        assert resources.gate.limit > LEAST
        resources.champion.serve(slower, RegistryVersion(version="2"))
        assert resources.gate.limit == int(THREAD_WAIT_SECONDS / (0.005 + HTTP_SECONDS))
