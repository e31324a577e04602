"""The tables: a long one for docs/benchmarks.md, a short one for the README."""

from collections.abc import Sequence

from bench.machine import conditions
from bench.markdown import number, share, table_head, table_row
from bench.measuring import BATCH_TEXTS
from bench.overload_report import overload_table
from bench.rounds import Results
from bench.summary import COMPARED_CLIENTS, Row, limit_of, offline_of, summarize_results


def long_report(results: Results) -> str:
    rows = summarize_results(results)
    parts = [measured_on(results), singles_table(rows, results.clients), batch_table(rows, results)]
    parts += [offline_table(results)]
    parts += [overload_table(peer.title, rounds) for peer, rounds in results.measured.items()]
    parts += [f"Left out: {reason}" for reason in results.left_out]
    return "\n\n".join(filter(None, parts))


def short_report(results: Results) -> str:
    rows = summarize_results(results)
    limit, bare = limit_of(rows), offline_of(results.offline)
    lines = table_head(
        "one core",
        "1 client, median ms",
        *(f"{clients} clients, tweets/s (p99 ms)" for clients in results.clients[1:]),
        f"{BATCH_TEXTS} a request, tweets/s",
        "of the constant answer",
        "of the bare loop",
        "MB",
        "ready after s",
    )
    for row in rows:
        alone, *crowds = row.windows
        lines.append(
            table_row(
                row.peer.title,
                number(alone.p50_ms),
                *(f"{number(crowd.per_second)} ({number(crowd.p99_ms)})" for crowd in crowds),
                number(row.tweets_per_second),
                share(row.compared.per_second / limit),
                share(row.tweets_per_second / bare.in_chunks) if row.peer.name != "constant" else "–",
                number(row.resident),
                number(row.start_seconds),
            )
        )
    return "\n".join(lines)


def measured_on(results: Results) -> str:
    every = [each for rounds in results.measured.values() for each in rounds]
    busiest = max((window.driver_busy for each in every for window in each.singles), default=0.0)
    rounds = max((len(each) for each in results.measured.values()), default=len(results.offline))
    driver = f"the driver's core was busy for {share(busiest)} of a window at most"
    return f"{conditions()} Medians of {rounds} rounds; {driver}."


def singles_table(rows: Sequence[Row], clients: Sequence[int]) -> str:
    if not rows:
        return ""
    heads = [head for each in clients for head in (f"c={each} req/s", "p50 ms", "p99 ms")]
    limit = limit_of(rows)
    lines = ["### One tweet a request", ""]
    lines += table_head(
        "one core", *heads, "not 200", "MB", "MB, shared in parts", "ready after s", "of the constant answer", "spread"
    )
    for row in rows:
        figures = [
            number(figure) for window in row.windows for figure in (window.per_second, window.p50_ms, window.p99_ms)
        ]
        failures = sum(window.failures for window in row.windows)
        lines.append(
            table_row(
                row.peer.title,
                *figures,
                f"{failures:,}",
                number(row.resident),
                number(row.proportional),
                number(row.start_seconds),
                share(row.compared.per_second / limit),
                f"±{share(row.spread)}",
            )
        )
    lines += ["", f"c: clients. The last two columns are of {COMPARED_CLIENTS} clients."]
    return "\n".join(lines)


def batch_table(rows: Sequence[Row], results: Results) -> str:
    bare = offline_of(results.offline)
    lines = [f"### {BATCH_TEXTS} tweets a request", ""]
    lines += table_head("one core", "tweets/s", "p50 ms a request", "p99 ms", "not 200", "of the bare loop")
    batches = [(row, row.batch) for row in rows if row.batch is not None]
    for row, batch in batches:
        figures = (row.tweets_per_second, batch.p50_ms, batch.p99_ms)
        of_bare = share(row.tweets_per_second / bare.in_chunks) if row.peer.name != "constant" else "–"
        lines.append(table_row(row.peer.title, *map(number, figures), f"{batch.failures:,}", of_bare))
    return "\n".join(lines) if batches else ""


def offline_table(results: Results) -> str:
    if not results.offline:
        return ""
    bare = offline_of(results.offline)
    lines = ["### The champion in a bare loop, without HTTP", "", *table_head("one core", "tweets/s")]
    lines.append(table_row("one tweet a call", number(bare.alone)))
    lines.append(table_row("sorted by length, 64 a call", number(bare.in_chunks)))
    return "\n".join(lines)
