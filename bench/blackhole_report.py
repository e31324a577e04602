"""The table of what telemetry costs: three situations as rows, and the ratios between them with their spread."""

from collections.abc import Callable, Mapping, Sequence
from statistics import median

from bench.blackhole_measuring import CLIENTS, Measured, Situation
from bench.machine import conditions
from bench.markdown import number, table_head, table_row

Rounds = Sequence[Mapping[Situation, Measured]]
Figure = Callable[[Measured], float]

FIGURES: Mapping[str, Figure] = {
    f"{CLIENTS[0]} client: p50 ms": lambda found: found.alone.latency.p50_ms,
    "p99 ms": lambda found: found.alone.latency.p99_ms,
    f"{CLIENTS[1]} clients: p50 ms": lambda found: found.crowd.latency.p50_ms,
    "p99 ms ": lambda found: found.crowd.latency.p99_ms,
    "tweets/s": lambda found: found.crowd.requests_per_second,
    "rejections, 1 client: p50 ms": lambda found: found.rejections.latency.p50_ms,
    "p99 ms  ": lambda found: found.rejections.latency.p99_ms,
    "a second": lambda found: found.rejections.requests_per_second,
}
COMPARED = ((Situation.SILENT, Situation.ANSWERS), (Situation.ANSWERS, Situation.OFF))


def report(rounds: Rounds) -> str:
    lines = [
        f"{conditions()} Medians of {len(rounds)} rounds; ratios within a round: their median, least and most.",
        "",
    ]
    lines += table_head("one core, the champion", *map(str.strip, FIGURES), "not 2xx")
    lines += [situation_row(rounds, situation) for situation in Situation]
    lines += [ratio_row(rounds, situation, other) for situation, other in COMPARED]
    return "\n".join(lines)


def situation_row(rounds: Rounds, situation: Situation) -> str:
    found = [each[situation] for each in rounds]
    failures = sum(window.failures for each in found for window in (each.alone, each.crowd, each.rejections))
    return table_row(situation.value, *(number(median(map(of, found))) for of in FIGURES.values()), f"{failures:,}")


def ratio_row(rounds: Rounds, situation: Situation, other: Situation) -> str:
    cells = []
    for of in FIGURES.values():
        ratios = [of(each[situation]) / of(each[other]) for each in rounds]
        cells.append(f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
    return table_row(f"{situation.value} ÷ {other.value}", *cells, "–")
