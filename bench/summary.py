"""Several rounds of one peer as one row: medians, and how far the rounds lie apart."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.closed_loop import ClosedLoop
from bench.measuring import BATCH_TEXTS, Measured, Offline
from bench.peers.peer import Peer
from bench.rounds import Results

# Ratios and spread are of the window with this many clients: enough to keep a worker busy, too few to be a crowd.
COMPARED_CLIENTS = 16


@dataclass(frozen=True, slots=True)
class Window:
    clients: int
    per_second: float
    p50_ms: float
    p99_ms: float
    failures: int  # of all rounds


@dataclass(frozen=True, slots=True)
class Row:
    peer: Peer
    windows: Sequence[Window]
    batch: Window | None
    tweets_per_second: float  # in batches
    spread: float  # half the range of the rounds, as a share of their median
    resident: float
    proportional: float
    start_seconds: float

    @property
    def compared(self) -> Window:
        return next(window for window in self.windows if window.clients == COMPARED_CLIENTS)


def summarize_results(results: Results) -> list[Row]:
    return [row_of(peer, rounds, results.clients) for peer, rounds in results.measured.items() if rounds]


def row_of(peer: Peer, rounds: Sequence[Measured], clients: Sequence[int]) -> Row:
    windows = [window_of([each.singles[place] for each in rounds]) for place in range(len(clients))]
    batches = [each.batch for each in rounds if each.batch is not None]
    batch = window_of(batches) if batches else None
    compared = [each.singles[list(clients).index(COMPARED_CLIENTS)].requests_per_second for each in rounds]
    return Row(
        peer=peer,
        windows=windows,
        batch=batch,
        tweets_per_second=BATCH_TEXTS * batch.per_second if batch else math.nan,
        spread=spread_of(compared),
        resident=median(each.weight.resident for each in rounds),
        proportional=median_known(each.weight.proportional for each in rounds),
        start_seconds=median(each.start_seconds for each in rounds),
    )


def window_of(rounds: Sequence[ClosedLoop]) -> Window:
    def middle(figure: Callable[[ClosedLoop], float]) -> float:
        return median(figure(each) for each in rounds)

    return Window(
        clients=rounds[0].connections,
        per_second=middle(lambda each: each.requests_per_second),
        p50_ms=middle(lambda each: each.latency.p50_ms),
        p99_ms=middle(lambda each: each.latency.p99_ms),
        failures=sum(each.failures for each in rounds),
    )


def spread_of(figures: Sequence[float]) -> float:
    return (max(figures) - min(figures)) / 2 / median(figures) if median(figures) else math.nan


def offline_of(rounds: Sequence[Offline]) -> Offline:
    """Medians; of a run without it, nothing is a number."""
    if not rounds:
        return Offline(math.nan, math.nan)
    return Offline(median(each.alone for each in rounds), median(each.in_chunks for each in rounds))


def limit_of(rows: Sequence[Row]) -> float:
    """Requests a second of the constant answer."""
    return next((row.compared.per_second for row in rows if row.peer.name == "constant"), math.nan)


def median_known(figures: Iterable[float | None]) -> float:
    known = [figure for figure in figures if figure is not None]
    return median(known) if known else math.nan
