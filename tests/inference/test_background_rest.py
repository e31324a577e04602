"""A job that is woken without a pause rests between its turns, so that those who wake it need not wait for it."""

import asyncio
import time

import pytest

from inference.background import REST_SECONDS, Background, Job, rest_after
from tests.inference.log_worker import run


@pytest.mark.parametrize(
    ("took", "every_seconds", "rest"),
    [(0.0, 1.0, REST_SECONDS), (0.1, 1.0, 0.4), (5.0, 1.0, 1.0), (0.0, 0.01, 0.01), (30.0, 60.0, 60.0)],
)
def test_the_longer_a_turn_the_longer_the_rest_but_no_longer_than_its_own_time(
    took: float, every_seconds: float, rest: float
) -> None:
    assert rest_after(took, every_seconds) == pytest.approx(rest)


def test_a_crowd_that_wakes_it_gets_a_turn_now_and_then_and_one_at_the_end() -> None:
    turns: list[float] = []

    def work() -> bool:
        turns.append(time.monotonic())
        return False

    async def scenario() -> None:
        running = Background()
        running.add(Job("job", work, 3600))
        running.start()
        ends = time.monotonic() + 1
        while time.monotonic() < ends:
            running.wake()
            await asyncio.sleep(0.001)
        while turns[-1] < ends - 0.001:
            await asyncio.sleep(0.01)
        assert 2 <= len(turns) <= 1 / REST_SECONDS + 2
        gaps = [later - earlier for earlier, later in zip(turns, turns[1:], strict=False)]
        assert min(gaps) >= REST_SECONDS * 0.9
        await running.stop()

    run(scenario())
