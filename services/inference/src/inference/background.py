"""Work that goes on beside the requests: each job in a thread of its own, looked after by the event loop.

A job is done every so often, at once where somebody wakes it, and again at once as long as it says that there is more.
Then it rests: woken at each verdict of a crowd, it would do little else, and the verdicts would wait for it.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from inference.errors import Unavailable
from inference.threads import step_back

logger = logging.getLogger(__name__)

# What a job may still take when the worker is to end.
LAST_SECONDS = 5
# Woken again and again, a job gets a fifth of the time, or less, and finds more to do at each turn.
REST_SECONDS, REST_SHARE = 0.2, 4
# Those that are woken together leave something for each other: for so long each looks as often as that.
STIRRED_SECONDS, STIRRED_EVERY_SECONDS = 10.0, 1.0


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    # Whether there is more to do at once. May raise Unavailable: it is tried again.
    work: Callable[[], bool]
    every_seconds: float
    # What has nothing to do with what has just come keeps to its time.
    is_woken: bool = True


class Background:
    def __init__(self) -> None:
        self._jobs: list[Job] = []
        self._woken: list[asyncio.Event] = []
        self._tasks: list[asyncio.Task[None]] = []

    def add(self, job: Job) -> None:
        self._jobs.append(job)

    def start(self) -> None:
        for job in self._jobs:
            woken = asyncio.Event()
            self._woken.append(woken)
            self._tasks.append(asyncio.create_task(self._go_on(job, woken)))

    def wake(self) -> None:
        for job, woken in zip(self._jobs, self._woken, strict=False):
            if job.is_woken:
                woken.set()

    async def stop(self) -> None:
        """Each job is done once more, so that little is left for others."""
        for task in self._tasks:
            task.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_SECONDS):
                await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _go_on(self, job: Job, woken: asyncio.Event) -> None:
        thread = ThreadPoolExecutor(1, thread_name_prefix=job.name, initializer=step_back)
        rest, stirred_until = 0.0, 0.0
        try:
            while True:
                await asyncio.sleep(rest)
                is_stirred = time.monotonic() < stirred_until
                wait = min(STIRRED_EVERY_SECONDS, job.every_seconds) if is_stirred else job.every_seconds
                with suppress(TimeoutError):
                    async with asyncio.timeout(max(0.0, wait - rest)):
                        await woken.wait()
                began = time.monotonic()
                if woken.is_set():
                    stirred_until = began + STIRRED_SECONDS
                woken.clear()
                while await self._do(job, thread):
                    pass
                rest = rest_after(time.monotonic() - began, job.every_seconds)
        finally:
            try:
                await self._do(job, thread)
            finally:
                thread.shutdown(wait=False, cancel_futures=True)

    async def _do(self, job: Job, thread: ThreadPoolExecutor) -> bool:
        try:
            return await asyncio.get_running_loop().run_in_executor(thread, job.work)
        except Unavailable:
            return False  # said where it was noticed, and tried again
        except Exception:
            logger.exception("background_job_failed job=%s", job.name)
            return False


def rest_after(took: float, every_seconds: float) -> float:
    """Seconds; never longer than the job would wait anyway."""
    return min(every_seconds, max(REST_SECONDS, REST_SHARE * took))
