"""The two rules of an alert side by side, simulated: how often each is wrong, and how soon it sees a change.

python -m bench.alarms                  # the table
python -m bench.alarms --write          # into docs/alert-rules.md
"""

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from bench.alarm_streams import (
    CHANGED,
    DAY_MINUTES,
    MINUTES,
    REJECTIONS,
    USUAL,
    Figures,
    burst_delays,
    delays_of_change,
    false_bursts,
    lengths_without_change,
    minutes_of,
)
from bench.markdown import number, share, table_head, table_row
from bench.texts import ROOT

DOCUMENT = ROOT / "docs" / "alert-rules.md"
NAME = "alarms"
RATES = (2, 6, 20, 60, 200, 600)  # feedbacks an hour
FALSE_ALARM_EVERY = 10_000
# The setting of who has so many feedbacks, and no other, is made for this.
DAYS_BETWEEN_FALSE_ALARMS = 100
# Days without a change: as many as have so many rejections.
REJECTIONS_A_RATE, MOST_DAYS = 2_000_000, 50_000
Z = 1.96


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval."""

    figure: float
    low: float
    high: float

    def __truediv__(self, by: float) -> "Estimate":
        return Estimate(self.figure / by, self.low / by, self.high / by)


def main(arguments: Sequence[str] | None = None) -> int:
    given = read_options(arguments)
    if given.write:
        # The trainer's code takes longer to load than all of the bench.
        from trainer.figures import require_marks, write_between_marks

        require_marks(given.write, NAME)
    text = report(given.seed, given.runs)
    sys.stdout.write(f"{text}\n")
    if given.write:
        write_between_marks(given.write, text, NAME)
    return 0


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.alarms", description="Two rules of an alert, side by side.")
    parser.add_argument("--write", type=Path, nargs="?", const=DOCUMENT, help="write the table into this document")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--runs", type=int, default=10_000, help="changes and false alarms that each figure is made of")
    return parser.parse_args(arguments)


def report(seed: int, runs: int) -> str:
    rng = np.random.default_rng(seed)
    with tqdm(total=len(RATES) + 1, desc=NAME, unit=" parts", disable=None) as progress:
        between = mean_of(lengths_without_change(rng, FALSE_ALARM_EVERY, runs))
        delays = delays_of_change(rng, FALSE_ALARM_EVERY, runs)
        progress.update()
        rows = []
        for rate in RATES:
            rows.append(row_of(rng, rate, between, delays))
            progress.update()
    lines = [
        f"Simulated, with 95 % intervals: {share(USUAL)} of the verdicts are rejections, and from some moment on "
        f"{share(CHANGED)}.",
        f"The share rule at {FALSE_ALARM_EVERY:,} is wrong once in {span(between)} feedbacks; it sees the change after "
        f"{span(median_of(delays))} of them, nine times of ten within {np.quantile(delays, 0.9):,.0f}.",
    ]
    return "\n".join([*lines, "", *head_of_table(), *rows])


def head_of_table() -> list[str]:
    burst, share_rule = f"{REJECTIONS} in {MINUTES:.0f} minutes", f"share, {FALSE_ALARM_EVERY:,}"
    return table_head(
        "feedbacks an hour",
        f"{burst}: false alarms a day",
        "median delay",
        f"{share_rule}: false alarms a day",
        "median delay",
        f"share, a false alarm every {DAYS_BETWEEN_FALSE_ALARMS} days: median delay",
    )


def row_of(rng: np.random.Generator, rate: int, between: Estimate, delays: Figures) -> str:
    """`between`, `delays`: of the share rule, in feedbacks, which no rate changes."""
    a_day, runs = 24 * rate, len(delays)
    days = max(1, min(MOST_DAYS, int(REJECTIONS_A_RATE / (a_day * USUAL))))
    seldom = delays_of_change(rng, a_day * DAYS_BETWEEN_FALSE_ALARMS, runs)
    return table_row(
        f"{rate:,}",
        span(mean_of(false_bursts(rng, rate, days))),
        duration(median_of(burst_delays(rng, rate, runs))),
        span(Estimate(a_day / between.figure, a_day / between.high, a_day / between.low)),
        duration(median_of(minutes_of(rng, delays, rate))),
        duration(median_of(minutes_of(rng, seldom, rate))),
    )


def mean_of(figures: Figures) -> Estimate:
    mean = float(figures.mean())
    reach = Z * float(figures.std()) / math.sqrt(len(figures))
    return Estimate(mean, max(0.0, mean - reach), mean + reach)


def median_of(figures: Figures) -> Estimate:
    """Its interval lies between two of the figures, whatever their distribution."""
    reach = Z / (2 * math.sqrt(len(figures)))
    low, middle, high = np.quantile(figures, [max(0.0, 0.5 - reach), 0.5, min(1.0, 0.5 + reach)])
    return Estimate(float(middle), float(low), float(high))


def duration(minutes: Estimate) -> str:
    units = (("days", 2 * DAY_MINUTES, DAY_MINUTES), ("h", 120.0, 60.0), ("min", 0.0, 1.0))
    unit, _, length = next(each for each in units if minutes.figure >= each[1])
    return span(minutes / length, f" {unit}")


def span(estimate: Estimate, unit: str = "") -> str:
    figure, low, high = (digits(each) for each in (estimate.figure, estimate.low, estimate.high))
    return f"{figure}{unit} ({low} to {high})"


def digits(figure: float) -> str:
    """A rate that is small is not nought."""
    return f"{figure:.2g}" if 0 < figure < 0.1 else number(figure)


if __name__ == "__main__":
    sys.exit(main())
