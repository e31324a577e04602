"""What became of twice as many requests as a service can answer, as a table."""

import math
from collections.abc import Callable, Sequence
from statistics import median

from bench.latency import Latency
from bench.markdown import number, share, table_head, table_row
from bench.measuring import OVERLOAD, OVERLOAD_SECONDS, Measured
from bench.open_loop import GOOD_SECONDS, OK, PROBE_SECONDS_AFTER, SHED, OpenLoop


def overload_table(title: str, rounds: Sequence[Measured]) -> str:
    """Medians of the rounds in which it was asked for; empty where it was in none."""
    loads = [each.overload for each in rounds if each.overload is not None]
    if not loads:
        return ""
    peaks = [peak_of(each) for each in rounds]
    goodput = [load.goodput_per_second / peak for load, peak in zip(loads, peaks, strict=True)]
    facts = {
        "most that it answered in closed loop, a second": number(median(peaks)),
        "offered, a second": middle(loads, lambda load: load.offered_per_second),
        "answered 200, a second": middle(loads, lambda load: load.answered_per_second.get(OK, 0.0)),
        "answered 503, a second": middle(loads, lambda load: load.answered_per_second.get(SHED, 0.0)),
        f"200 within {1000 * GOOD_SECONDS:.0f} ms of being due, of the most that it answered": share(median(goodput)),
        "200: p50, p99 ms since due": quantiles(loads, lambda load: load.served_since_due),
        "200: p50, p99 ms since sent": quantiles(loads, lambda load: load.served_since_sent),
        "503: p50, p99 ms since due": quantiles(loads, lambda load: load.shed_since_due),
        "503: p50, p99 ms since sent": quantiles(loads, lambda load: load.shed_since_sent),
        "GET /health/live meanwhile: p50, p99 ms": quantiles(loads, lambda load: load.health),
        "single requests before: p50, p99 ms": quantiles(loads, lambda load: load.unloaded),
        "normal again after": recovery([load.recovery_seconds for load in loads]),
        "connections at most": middle(loads, lambda load: load.most_connections),
        "requests whose connection broke, in all rounds": f"{sum(load.errors for load in loads):,}",
        "requests without an answer, in all rounds": f"{sum(load.unanswered for load in loads):,}",
        "driver's core busy": share(max(load.driver_busy for load in loads)),
    }
    lines = [f"### {title}, asked {OVERLOAD:.0f} times as much for {OVERLOAD_SECONDS:.0f} s", ""]
    lines += table_head("what", "figure")
    return "\n".join([*lines, *(table_row(*fact) for fact in facts.items())])


def peak_of(measured: Measured) -> float:
    return max(single.requests_per_second for single in measured.singles)


def middle(loads: Sequence[OpenLoop], figure: Callable[[OpenLoop], float]) -> str:
    return number(median(figure(load) for load in loads))


def quantiles(loads: Sequence[OpenLoop], latency: Callable[[OpenLoop], Latency]) -> str:
    """Rounds that had such answers speak for those that had none."""
    found = [latency(load) for load in loads if latency(load).answers]
    if not found:
        return number(math.nan)
    return f"{number(median(each.p50_ms for each in found))}, {number(median(each.p99_ms for each in found))}"


def recovery(rounds: Sequence[float | None]) -> str:
    """The slowest of the rounds: a service that recovers mostly does not recover."""
    known = [seconds for seconds in rounds if seconds is not None]
    if len(known) < len(rounds):
        return f"not within {PROBE_SECONDS_AFTER:.0f} s"
    return f"{number(max(known))} s"
