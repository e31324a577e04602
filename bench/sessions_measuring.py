"""People on the pages, all at once and round after round: how long they wait, and what memory their sessions take."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import islice
from random import Random
from time import process_time

from bench.core import drive
from bench.page_client import PageClient, read_token
from bench.page_person import Person, Sample
from bench.page_servers import KEPT_SECONDS, Serving
from bench.running import Running
from bench.shadow import cpu_seconds
from bench.texts import new_tweets
from bench.weight import weigh_worker
from bench.wire import Address

# The first sessions of a process load its libraries: they are not what a session takes.
FIRST_PEOPLE, FIRST_SECONDS = 5, 20.0
# People do not all come in one moment.
ARRIVAL_SECONDS = 10.0
# What a signal asks for is done by then.
SETTLE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident megabytes of Streamlit's process."""

    open: float  # at the end of the stay, every session open
    left: float  # when the sessions have ended and their time is up
    trimmed: float  # the same, when the C library has given back what is free


@dataclass(frozen=True, slots=True)
class Round:
    samples: Sequence[Sample]
    memory: Memory
    driver_busy: float  # share of its core that the driver needed: near 1 it is the driver that was measured
    busy_cores: float  # that Streamlit used


@dataclass(frozen=True, slots=True)
class Measured:
    people: int
    before: Memory  # after the first few people have come and gone
    rounds: Sequence[Round]


def measure_first(server: Serving) -> Memory:
    drive(look_around(server.pages.address, read_token(server.pages.address)))
    _, first = stay_and_leave(server, FIRST_PEOPLE, FIRST_SECONDS, seed=0)
    return first


def measure_round(server: Serving, people: int, seconds: float, number: int) -> Round:
    driver, pages = process_time(), cpu_seconds(server.pages.process)
    samples, memory = stay_and_leave(server, people, seconds, seed=number)
    lasted = ARRIVAL_SECONDS + seconds
    used = cpu_seconds(server.pages.process) - pages
    return Round(samples, memory, (process_time() - driver) / lasted, used / lasted)


def stay_and_leave(server: Serving, people: int, seconds: float, seed: int) -> tuple[Sequence[Sample], Memory]:
    pages = server.pages
    token = read_token(pages.address)
    samples, with_them = drive(stay(pages, token, people, seconds, seed))
    time.sleep(KEPT_SECONDS + 1)
    # Streamlit lets go of sessions whose time is up when another one ends, and looks for garbage when a page has run.
    for _ in range(2):
        drive(visit(pages.address, token))
        time.sleep(SETTLE_SECONDS)
    left = resident(pages)
    os.kill(pages.process, signal.SIGUSR1)
    time.sleep(SETTLE_SECONDS)
    return samples, Memory(with_them, left, resident(pages))


async def stay(pages: Running, token: str, people: int, seconds: float, seed: int) -> tuple[Sequence[Sample], float]:
    """What they met, and the memory while all of them are still there."""
    tweets = tweets_from(seed)
    async with AsyncExitStack() as tabs:
        clients = [await tabs.enter_async_context(PageClient(pages.address, token)) for _ in range(people)]
        everybody = [Person(tab, tweets, Random(f"{seed} {number}")) for number, tab in enumerate(clients)]
        delays = [ARRIVAL_SECONDS * number / people for number in range(people)]
        await asyncio.gather(*(come(*each, seconds) for each in zip(everybody, delays, strict=True)))
        return [sample for each in everybody for sample in each.samples], resident(pages)


async def come(person: Person, delay: float, seconds: float) -> None:
    """All of them leave at the same time."""
    await asyncio.sleep(delay)
    await person.open()
    await person.stay(seconds + ARRIVAL_SECONDS - delay)


async def visit(address: Address, token: str) -> None:
    async with PageClient(address, token) as tab:
        await tab.open()


async def look_around(address: Address, token: str) -> None:
    """Every page once: each has libraries of its own."""
    async with PageClient(address, token) as tab:
        await tab.open()
        for page in list(tab.screen.pages.values()):
            await tab.turn_to(page)


def tweets_from(seed: int) -> Iterator[str]:
    """Other ones each time: the service may remember."""
    return islice(iter(new_tweets()), 2_000 * seed, None)


def resident(server: Running) -> float:
    return weigh_worker(server.process).resident
