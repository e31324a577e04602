"""The tables of scoring in bulk, as Markdown."""

from collections.abc import Iterable, Iterator, Sequence
from statistics import median

from bench.markdown import number, table_head, table_row
from bench.scaling_bare import Bare
from bench.scaling_runs import Run


def engine_table(runs: Iterable[Run]) -> Iterator[str]:
    """Every row was looked at: each id is there once, in order, with a label."""
    yield from table_head(
        "engine", "workers", "tweets in, and out", "seconds", "μs a tweet", "tweets a second", "megabytes of a worker"
    )
    for run in runs:
        yield table_row(
            run.engine,
            str(run.workers),
            f"{run.rows:,}",
            number(run.seconds),
            number(run.microseconds),
            number(run.rows / run.seconds),
            number(run.megabytes),
        )


def worker_table(rounds: Sequence[tuple[Run, Run]]) -> Iterator[str]:
    yield "One worker of Ray and two, in turns, over the same tweets, the start of Ray and its end counted."
    yield ""
    yield from table_head("tweets", "one worker, s", "two workers, s", "as fast")
    for one, two in rounds:
        yield table_row(f"{one.rows:,}", number(one.seconds), number(two.seconds), f"{one.seconds / two.seconds:.2f}")
    ratio = median(one.seconds / two.seconds for one, two in rounds)
    yield ""
    yield f"Two workers are {ratio:.2f} times as fast as one (median)."


def bare_table(found: Iterable[Bare]) -> Iterator[str]:
    rounds = list(found)
    yield "The local engine beside a bare loop of tokenizer and ONNX Runtime, 64 at once, over the same tweets."
    yield ""
    yield from table_head("bare loop, tweets/s", "sorted by length", "`trainer score`", "of the loop", "of the sorted")
    for each in rounds:
        yield table_row(
            number(each.plain),
            number(each.by_length),
            number(each.local),
            f"{each.local / each.plain:.2f}",
            f"{each.local / each.by_length:.2f}",
        )
    yield ""
    plain = median(each.local / each.plain for each in rounds)
    by_length = median(each.local / each.by_length for each in rounds)
    yield f"{plain:.2f} of the bare loop, {by_length:.2f} of one whose tweets were sorted before (medians)."
