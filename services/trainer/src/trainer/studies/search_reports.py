"""How a fit in a worker of Ray's is judged while it goes on, by the search that waits in another process.

A fit says after each step how it stands, and waits for the answer: it is given up as early as in a local search.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from ray.actor import ActorHandle


@dataclass(frozen=True)
class Step:
    """What a fit reports: the number of its trial, which step, and the validation log-loss so far."""

    trial: int
    step: int
    loss: float


class Reports:
    """An actor between the two: fits wait in `judge`, the search waits for their steps in `next`, and answers."""

    def __init__(self) -> None:
        self._steps: asyncio.Queue[Step] = asyncio.Queue()
        self._verdicts: dict[int, asyncio.Future[bool]] = {}

    async def judge(self, step: Step) -> bool:
        """Whether the fit is hopeless."""
        verdict: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._verdicts[step.trial] = verdict
        self._steps.put_nowait(step)
        return await verdict

    async def next(self) -> Step:
        return await self._steps.get()

    async def answer(self, trial: int, is_hopeless: bool) -> None:
        # Nobody waits where the actor was started again meanwhile: the fit asks again.
        if verdict := self._verdicts.pop(trial, None):
            verdict.set_result(is_hopeless)


@dataclass
class DrawnTrial:
    """A trial as its worker sees it: the settings are drawn already, its steps are judged by the search."""

    number: int
    drawn: Mapping[str, object]
    reports: "ActorHandle[Reports]"
    is_hopeless: bool = False

    def suggest_int(self, name: str, low: int, high: int, *, step: int = 1, log: bool = False) -> int:
        return cast(int, self.drawn[name])

    def suggest_float(
        self, name: str, low: float, high: float, *, step: float | None = None, log: bool = False
    ) -> float:
        return cast(float, self.drawn[name])

    def suggest_categorical(self, name: str, choices: Sequence[str]) -> str:
        return cast(str, self.drawn[name])

    def report(self, value: float, step: int) -> None:
        import ray

        self.is_hopeless = cast(bool, ray.get(self.reports.judge.remote(Step(self.number, step, float(value)))))

    def should_prune(self) -> bool:
        return self.is_hopeless


def start_reports() -> "ActorHandle[Reports]":
    import ray

    # Where its machine goes away the actor is started elsewhere, and Ray asks it again what it was asked before.
    actor = ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1)(Reports)
    return cast("ActorHandle[Reports]", actor.remote())
