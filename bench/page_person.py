"""What a person does on the pages: tweets are typed, answers judged, other pages looked at, with time to think between.

The next click is due at a time of its own, whatever the last answer took: who waits for a page, waits since then.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from time import perf_counter

from bench.page_client import PageClient, PageFailed
from bench.page_screen import NotOnScreen

Act = Callable[[], Awaitable[list[str]]]

THINK_SECONDS = (2.0, 6.0)
OTHER_PAGES = ("monitor", "models")
# Who looks at another page stays until it has refreshed itself once or twice.
LOOK_SECONDS = (10.0, 20.0)
LEAVES, IS_WRONG = 0.1, 0.4
OPEN, ANALYSE, CORRECT, WRONG, SEND = "open the page", "analyse", "correct", "wrong", "send the rejection"
ELSEWHERE, BACK, REFRESH = "another page", "back to the tweet", "refresh by itself"
KINDS = (OPEN, ANALYSE, CORRECT, WRONG, SEND, ELSEWHERE, BACK, REFRESH)


@dataclass(frozen=True, slots=True)
class Sample:
    kind: str
    seconds: float  # since the click was due
    errors: tuple[str, ...]


class Person:
    def __init__(self, client: PageClient, tweets: Iterator[str], random: Random) -> None:
        self.samples: list[Sample] = []
        self._client = client
        self._tweets = tweets
        self._random = random
        self._doing = ANALYSE  # what comes next on the page of the tweet
        self._is_elsewhere = False

    async def open(self) -> None:
        sent = perf_counter()
        self._note(OPEN, sent, await self._tried(self._client.open))

    async def stay(self, seconds: float) -> None:
        refreshing = asyncio.create_task(self._client.keep_fresh(self._note_refresh))
        try:
            due = perf_counter()
            ends = due + seconds
            while (due := due + self._think()) < ends:
                await asyncio.sleep(max(0.0, due - perf_counter()))
                await self._act(due)
        finally:
            refreshing.cancel()
            with suppress(asyncio.CancelledError):
                await refreshing

    async def _act(self, due: float) -> None:
        if self._is_elsewhere:
            self._is_elsewhere = False
            self._note(BACK, due, await self._tried(self._go_back))
        elif self._random.random() < LEAVES:
            self._is_elsewhere = True
            self._note(ELSEWHERE, due, await self._tried(self._leave))
        else:
            doing = self._doing
            self._note(doing, due, await self._tried(self._judge if doing != ANALYSE else self._analyse))

    async def _analyse(self) -> list[str]:
        errors = await self._client.click("analyse", {"tweet": next(self._tweets)})
        self._doing = WRONG if self._random.random() < IS_WRONG else CORRECT
        return errors or self._missing("correct-", is_done=False)

    async def _judge(self) -> list[str]:
        screen = self._client.screen
        if self._doing == WRONG:
            self._doing = SEND
            errors = await self._client.click("wrong-")
            return errors or self._missing("send-", is_done=False)
        if self._doing == CORRECT:
            self._doing = ANALYSE
            return await self._client.click("correct-") or self._missing("correct-", is_done=True)
        self._doing = ANALYSE
        label = screen.find("label-")
        return await self._client.click("send-", {label.key: label.options[0]}) or self._missing(
            "correct-", is_done=True
        )

    def _missing(self, key: str, *, is_done: bool) -> list[str]:
        """What is judged cannot be judged again: that is how a person sees that it arrived."""
        if self._client.screen.find(key).is_disabled == is_done:
            return []
        return ["the verdict was not taken" if is_done else "the answer cannot be judged"]

    async def _leave(self) -> list[str]:
        there = [each for each in OTHER_PAGES if each in self._client.screen.pages]
        return await self._client.turn_to(self._client.screen.page(self._random.choice(there or list(OTHER_PAGES))))

    async def _go_back(self) -> list[str]:
        return await self._client.turn_to(self._client.screen.default_page)

    async def _tried(self, act: Act) -> tuple[str, ...]:
        try:
            return tuple(await act())
        except (PageFailed, NotOnScreen) as failure:
            self._doing = ANALYSE
            return (str(failure),)

    def _think(self) -> float:
        return self._random.uniform(*(LOOK_SECONDS if self._is_elsewhere else THINK_SECONDS))

    def _note(self, kind: str, due: float, errors: tuple[str, ...]) -> None:
        self.samples.append(Sample(kind, perf_counter() - due, errors))

    def _note_refresh(self, seconds: float, errors: list[str]) -> None:
        self.samples.append(Sample(REFRESH, seconds, tuple(errors)))
