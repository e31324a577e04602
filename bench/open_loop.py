"""Open loop: requests come at a constant rate, as people do. What becomes of them when they are too many?

python -m bench.open_loop http://127.0.0.1:8000 --rate 2000 --seconds 10 --connections 200
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter, process_time

from bench.core import DRIVER_CORE, drive, pin
from bench.latency import Latency, summarize
from bench.offer import Answer, Offer
from bench.texts import new_tweets
from bench.wire import Address, get_request, post_request, read_address

CONNECTIONS = 1_000
GOOD_SECONDS = 0.25
OK, SHED = 200, 503

HEALTH_PATH, HEALTH_RATE = "/health/live", 20.0
# Before and after the load single requests come at a rate that nobody notices.
PROBE_RATE, PROBE_SECONDS_BEFORE, PROBE_SECONDS_AFTER = 50.0, 2.0, 5.0
# It is over when so many of them in a row took less than so many times the median of before.
NORMAL_IN_A_ROW, NORMAL_TIMES = 10, 3.0


@dataclass(frozen=True, slots=True)
class OpenLoop:
    offered_per_second: float
    answered_per_second: Mapping[int, float]  # by status, while the load lasted
    goodput_per_second: float  # 200 within 250 ms of the due time, while the load lasted
    served_since_due: Latency
    served_since_sent: Latency
    shed_since_due: Latency
    shed_since_sent: Latency
    health: Latency  # of GET /health/live while the load lasted, since due
    unloaded: Latency
    recovery_seconds: float | None  # None: not within the seconds that were waited
    errors: int  # requests whose connection broke
    unanswered: int  # requests that had no answer when the waiting ended
    most_connections: int
    driver_busy: float  # share of its core that the driver needed: near 1 it is the driver that was measured


async def open_loop(
    address: Address, requests: Sequence[bytes], *, rate: float, seconds: float, connections: int = CONNECTIONS
) -> OpenLoop:
    """OSError where the server is away at the start."""
    load = Offer(address, requests, rate=rate, seconds=seconds, connections=connections)
    health = Offer(address, [get_request(address, HEALTH_PATH)], rate=HEALTH_RATE, seconds=seconds)
    before, after = (
        Offer(address, requests, rate=PROBE_RATE, seconds=seconds)
        for seconds in (PROBE_SECONDS_BEFORE, PROBE_SECONDS_AFTER)
    )
    try:
        await before.run()
        await health.start()
        started, worked = perf_counter(), process_time()
        await load.run()
        busy = (process_time() - worked) / (perf_counter() - started)
        await health.stop()
        # Who waits still waits: the load's own backlog is a part of what has to be got over.
        await after.run()
    finally:
        for offer in (before, health, load, after):
            await offer.stop()
    return summarize_offers(load, health, before, after, busy)


def summarize_offers(load: Offer, health: Offer, before: Offer, after: Offer, driver_busy: float) -> OpenLoop:
    lasted = load.ends_at - load.started_at
    in_time = [answer for answer in load.answers if answer.answered_at <= load.ends_at]
    statuses = Counter(answer.status for answer in in_time)
    good = sum(answer.status == OK and answer.since_due <= GOOD_SECONDS for answer in in_time)
    served, shed = (answers_of(load, status) for status in (OK, SHED))
    unloaded = summarize(answer.since_due for answer in answers_of(before, OK))
    return OpenLoop(
        offered_per_second=load.total / lasted,
        answered_per_second={status: count / lasted for status, count in sorted(statuses.items())},
        goodput_per_second=good / lasted,
        served_since_due=summarize(answer.since_due for answer in served),
        served_since_sent=summarize(answer.since_sent for answer in served),
        shed_since_due=summarize(answer.since_due for answer in shed),
        shed_since_sent=summarize(answer.since_sent for answer in shed),
        health=summarize(answer.since_due for answer in answers_of(health, OK)),
        unloaded=unloaded,
        recovery_seconds=recovered_after(after.answers, load.ends_at, NORMAL_TIMES * unloaded.p50_ms / 1000),
        errors=load.errors,
        unanswered=load.unanswered,
        most_connections=load.dialer.most_open,
        driver_busy=driver_busy,
    )


def answers_of(offer: Offer, status: int) -> list[Answer]:
    return [answer for answer in offer.answers if answer.status == status]


def recovered_after(probes: Iterable[Answer], ended_at: float, limit_seconds: float) -> float | None:
    """Seconds from the load's end until ten probes in a row were served within the limit."""
    in_a_row = 0
    for probe in probes:
        in_a_row = in_a_row + 1 if probe.status == OK and probe.since_due < limit_seconds else 0
        if in_a_row == NORMAL_IN_A_ROW:
            return probe.answered_at - ended_at
    return None


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.open_loop", description="What if requests are too many?")
    parser.add_argument("url", help="the service, http://HOST:PORT")
    parser.add_argument("--rate", type=float, default=2000.0, help="requests a second")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--connections", type=int, default=CONNECTIONS, help="the pool grows to this many")
    parser.add_argument("--core", type=int, default=DRIVER_CORE, help="the core that the driver keeps to")
    given = parser.parse_args()
    pin(given.core)
    try:
        address = read_address(given.url)
        requests = [post_request(address, "/v1/predictions", {"text": tweet}) for tweet in new_tweets()]
        found = drive(
            open_loop(address, requests, rate=given.rate, seconds=given.seconds, connections=given.connections)
        )
    except (OSError, ValueError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    sys.stdout.write(describe(found))
    return 0


def describe(found: OpenLoop) -> str:
    answered = ", ".join(f"{count:,.0f} of {status}" for status, count in found.answered_per_second.items())
    recovery = "not yet" if found.recovery_seconds is None else f"{found.recovery_seconds:.2f} s"
    lines = {
        "offered": f"{found.offered_per_second:,.0f} a second, over up to {found.most_connections} connections",
        "answered": f"{answered or 'none'} a second",
        "goodput": f"{found.goodput_per_second:,.0f} a second: 200 within {1000 * GOOD_SECONDS:.0f} ms of being due",
        "200": f"{found.served_since_due} since due; {found.served_since_sent} since sent",
        "503": f"{found.shed_since_due} since due; {found.shed_since_sent} since sent",
        "health": str(found.health),
        "before": f"{found.unloaded} without load",
        "after": f"normal again: {recovery}",
        "errors": f"{found.errors} broken, {found.unanswered} unanswered",
        "driver": f"busy {found.driver_busy:.0%} of the time",
    }
    return "".join(f"{name:<9} {line}\n" for name, line in lines.items())


if __name__ == "__main__":
    sys.exit(main())
