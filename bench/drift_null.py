"""How often drift's monitors move though nothing has changed, and how surely they move when something has; simulated.

python -m bench.drift_null                # the tables
python -m bench.drift_null --write        # into docs/drift.md
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from scipy.stats import beta
from tqdm import tqdm

from bench.drift_population import make_population, tilted
from bench.drift_simulation import NO_FLOORS, count_any, count_drifted, simulate, simulate_words
from bench.markdown import table_head, table_row
from bench.texts import ROOT
from trainer.drift_monitors import Limits

DOCUMENT, NAME = ROOT / "docs" / "drift.md", "drift-null"
SIZES = (50, 100, 500, 1_000, 5_000)
# What the window is compared with is a draw too, so it is drawn anew for each part of the runs.
REFERENCES = 10
# Windows of 5,000 tweets are ten times as much work as those of 500.
MOST_TWEETS = 20_000_000
WINDOWS_OF_WORDS = 400
INDEX = 0.2


def main(arguments: Sequence[str] | None = None) -> int:
    given = read_options(arguments)
    if given.write:
        from trainer.figures import require_marks, write_between_marks

        require_marks(given.write, NAME)
    text = "\n".join(report(given.seed, given.runs))
    sys.stdout.write(f"{text}\n")
    if given.write:
        write_between_marks(given.write, text, NAME)
    return 0


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.drift_null", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", type=Path, nargs="?", const=DOCUMENT, help="write the tables into this document")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--runs", type=int, default=40_000, help="windows of each size, fewer of the largest")
    return parser.parse_args(arguments)


def report(seed: int, runs: int) -> Iterator[str]:
    rng = np.random.default_rng(seed)
    limits = Limits()
    yield "Of 1,000 windows in which nothing has changed, those in which a monitor moved (95 % interval); 1 is allowed."
    yield "The last column is of the words' classifier: its area's spread, where chance alone makes it 1."
    yield ""
    yield from table_head(
        "tweets in a window",
        "windows",
        "moved, without floors",
        "drifted, without floors",
        "moved, as set",
        "words, spread",
    )
    with tqdm(SIZES, desc="sizes", disable=None) as sizes:
        for size in sizes:
            yield row_of(rng, size, min(runs, MOST_TWEETS // size), limits)
    yield ""
    found = power(rng, 500, runs)
    yield f"A change of the confidences by a PSI of {INDEX} is found in {found:.1%} of windows of 500 tweets."


def row_of(rng: np.random.Generator, size: int, runs: int, limits: Limits) -> str:
    population, bare = make_population(rng), Limits(limits.false_alarm_every, **NO_FLOORS)
    alarms, drifted, set_alarms, words = 0, 0, 0, list[float]()
    each = max(1, runs // REFERENCES)
    for _ in range(REFERENCES):
        reference, pool = population.reference(rng), population.features
        moved = simulate(reference, pool, rng, size, each, bare)
        alarms, drifted = alarms + count_any(moved.values()), drifted + count_drifted(moved.values())
        set_alarms += count_any(simulate(reference, pool, rng, size, each, limits).values())
        words += simulate_words(reference, pool, rng, size, WINDOWS_OF_WORDS // REFERENCES).tolist()
    total = each * REFERENCES
    return table_row(
        f"{size:,}",
        f"{total:,}",
        in_thousand(alarms, total),
        in_thousand(drifted, total),
        in_thousand(set_alarms, total),
        f"{np.std(words):.2f} ({len(words)} windows)",
    )


def in_thousand(count: int, of: int) -> str:
    """With its exact 95 % interval."""
    low = beta.ppf(0.025, count, of - count + 1) if count else 0.0
    high = beta.ppf(0.975, count + 1, of - count)
    return f"{1_000 * count / of:.2f} ({1_000 * low:.2f} to {1_000 * high:.2f})"


def power(rng: np.random.Generator, size: int, runs: int) -> float:
    """How often windows are found whose confidences have moved by INDEX."""
    population = make_population(rng)
    reference = population.reference(rng)
    moved = simulate(reference, tilted(population, INDEX).features, rng, size, runs // 10, Limits())
    return float(moved["confidence"].mean())


if __name__ == "__main__":
    sys.exit(main())
