"""What the API and the pages take of the processor and of the memory: at their start, with nobody there, under load."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import perf_counter

from bench.core import drive
from bench.free_plan_service import Service, ask, memory_of
from bench.page_client import PageClient, read_token
from bench.page_servers import APP, started_pages
from bench.peers.peer import PeerFailed
from bench.wire import Address
from inference.cpu_family import FamilyMeter
from inference.cpu_time import PROC, Usage

# What a start leaves behind is done by then.
SETTLE_SECONDS = 5.0
LOOK_SECONDS = 0.25
# A busy day of a small site, and as fast as one caller may ask.
PACE = 10.0

Say = Callable[[str], None]
Weigh = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Load:
    per_second: float
    cpu_milliseconds: float  # a prediction, with its share of what goes on beside
    milliseconds: float  # that a caller waits, the median


@dataclass(frozen=True, slots=True)
class Api:
    what: str
    first_after_seconds: float
    start_cpu_seconds: float
    idle_cpu_a_minute: float
    idle_megabytes: float
    peak_megabytes: float
    paced: Load
    fast: Load


@dataclass(frozen=True, slots=True)
class Pages:
    start_cpu_seconds: float
    idle_cpu_a_minute: float
    open_cpu_a_minute: float  # with one person's page open
    megabytes: float  # the most of it


def measure_api(service: Service, texts: list[str], idle_seconds: float, load_seconds: float, say: Say) -> Api:
    """PeerFailed where it does not answer."""
    meter = FamilyMeter(service.process, PROC)
    say("the first prediction")
    ask(service, texts[-1:], 0, 0)
    first_after = perf_counter() - service.began
    start_cpu = read(meter).cpu_seconds
    say(f"nobody there, {idle_seconds:.0f} s")
    idle = measure_idle(meter, idle_seconds)
    weigh = weigher_of(service, meter)
    idle_memory = weigh()
    say(f"load, {2 * load_seconds:.0f} s")
    with watched(weigh) as sizes:
        paced = measure_load(service, meter, texts, load_seconds, PACE)
        later = texts[len(texts) // 2 :]
        fast = measure_load(service, meter, later, load_seconds, 0)
    return Api(
        what=service.what,
        first_after_seconds=first_after,
        start_cpu_seconds=start_cpu,
        idle_cpu_a_minute=60 * idle,
        idle_megabytes=idle_memory / 1e6,
        peak_megabytes=max([idle_memory, *sizes]) / 1e6,
        paced=paced,
        fast=fast,
    )


def weigher_of(service: Service, meter: FamilyMeter) -> Weigh:
    """Of processes it is more than they take: what a fork still shares is counted with each."""
    if service.container:
        return lambda: memory_of(service.container)
    return lambda: read(meter).memory_bytes


def measure_load(service: Service, meter: FamilyMeter, texts: list[str], seconds: float, per_second: float) -> Load:
    before = read(meter).cpu_seconds
    found = ask(service, texts, seconds, per_second)
    # Rows on their way into the database are part of a prediction.
    time.sleep(1)
    used = read(meter).cpu_seconds - before
    return Load(found.answers / found.seconds, 1000 * used / found.answers, found.milliseconds)


def measure_idle(meter: FamilyMeter, seconds: float) -> float:
    """Seconds of the processor a second."""
    time.sleep(SETTLE_SECONDS)
    before, began = read(meter).cpu_seconds, perf_counter()
    time.sleep(seconds)
    return (read(meter).cpu_seconds - before) / (perf_counter() - began)


def measure_pages(api_url: str, idle_seconds: float, say: Say) -> Pages:
    with TemporaryDirectory() as name, started_pages(Path(name), APP, api_url) as pages:
        meter = FamilyMeter(pages.process, PROC)
        start_cpu = read(meter).cpu_seconds
        say(f"the pages with nobody there, {idle_seconds:.0f} s")
        idle = measure_idle(meter, idle_seconds)
        say(f"one page open, {idle_seconds:.0f} s")
        drive(keep_open(pages.address, 1.0))
        with watched(lambda: read(meter).memory_bytes) as sizes:
            before, began = read(meter).cpu_seconds, perf_counter()
            drive(keep_open(pages.address, idle_seconds))
            used = (read(meter).cpu_seconds - before) / (perf_counter() - began)
        return Pages(start_cpu, 60 * idle, 60 * used, max(sizes) / 1e6)


async def keep_open(address: Address, seconds: float) -> None:
    """The first page, and what refreshes itself on it."""
    async with PageClient(address, read_token(address)) as tab:
        await tab.open()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await tab.keep_fresh(lambda *_: None)


@contextmanager
def watched(weigh: Weigh) -> Iterator[list[float]]:
    """The bytes it has in memory, again and again while this lasts."""
    sizes: list[float] = []
    is_over = Event()

    def look() -> None:
        for _ in count():
            sizes.append(weigh())
            if is_over.wait(LOOK_SECONDS):
                return

    thread = Thread(target=look)
    thread.start()
    try:
        yield sizes
    finally:
        is_over.set()
        thread.join()


def read(meter: FamilyMeter) -> Usage:
    try:
        return meter.read()
    except OSError as error:
        raise PeerFailed(f"its processor time cannot be read ({type(error).__name__}): this needs Linux") from None
