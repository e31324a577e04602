"""Verdicts by chance, seen by the two rules of an alert: many streams at once, in feedbacks or in minutes.

The share rule is the service's own. The burst rule is written again, for arrays: without people and withdrawals it
is `inference.alerting.burst.find_burst`, and the tests hold it to that.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.alerting.e_detector import Evidence, advance, no_evidence, strength

USUAL, CHANGED = 0.15, 0.40
REJECTIONS, MINUTES, COOL_DOWN_MINUTES = 3, 5.0, 30.0
DAY_MINUTES = 1440.0
# Before a change: what the share rule has seen by then makes it a little quicker or slower.
QUIET_FEEDBACKS = 500
# Long after the last alarm that a simulation has ever waited for.
HORIZON = 100_000_000
GAPS_AT_ONCE = 256

Figures = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Watched:
    # Feedbacks until the alarm of each run; the horizon where there was none.
    lengths: npt.NDArray[np.int64]
    # Of the runs without an alarm, (runs, ratios).
    evidence: Evidence


def watch(
    evidence: Evidence, rng: np.random.Generator, share: float, baseline: float, threshold: float, horizon: int
) -> Watched:
    """Streams of `evidence`, (runs, ratios), each of whose verdicts is a rejection with the probability `share`."""
    lengths = np.full(len(evidence), horizon, dtype=np.int64)
    running = np.arange(len(evidence))
    count = 0
    while len(running) and count < horizon:
        count += 1
        evidence = advance(evidence, rng.random(len(running)) < share, baseline)
        alarmed = strength(evidence) >= threshold
        if alarmed.any():
            lengths[running[alarmed]] = count
            running, evidence = running[~alarmed], evidence[~alarmed]
    return Watched(lengths, evidence)


def lengths_without_change(rng: np.random.Generator, threshold: float, runs: int) -> Figures:
    """Feedbacks until a false alarm, however long that takes."""
    return watch(no_evidence(USUAL, runs), rng, USUAL, USUAL, threshold, HORIZON).lengths.astype(np.float64)


def delays_of_change(rng: np.random.Generator, threshold: float, runs: int) -> Figures:
    """Feedbacks from the change to the alarm, of the runs that were silent until the change."""
    quiet = watch(no_evidence(USUAL, runs), rng, USUAL, USUAL, threshold, QUIET_FEEDBACKS)
    return watch(quiet.evidence, rng, CHANGED, USUAL, threshold, HORIZON).lengths.astype(np.float64)


def minutes_of(rng: np.random.Generator, feedbacks: Figures, rate: float) -> Figures:
    """How long it takes until so many have come by chance, at `rate` an hour."""
    return rng.gamma(feedbacks) * 60 / rate


def false_bursts(rng: np.random.Generator, rate: float, days: int) -> Figures:
    """How many alarms each day has, though nothing has changed; (days,)."""
    rejections = rng.poisson(days * 24 * rate * USUAL)
    moments = np.sort(rng.random(rejections)) * days * DAY_MINUTES
    alarms = after_cool_down(moments[ends_burst(moments)])
    return np.bincount((alarms // DAY_MINUTES).astype(np.int64), minlength=days).astype(np.float64)


def ends_burst(moments: Figures) -> npt.NDArray[np.bool_]:
    """Which rejections are the last of a burst; `moments` in minutes and in order, (times,) or (runs, times)."""
    before = REJECTIONS - 1
    ends = np.zeros(moments.shape, dtype=np.bool_)
    ends[..., before:] = moments[..., before:] - moments[..., :-before] <= MINUTES
    return ends


def after_cool_down(moments: Figures) -> Figures:
    """Those that are told: none within the cool-down of the one told before."""
    told = []
    place = 0
    while place < len(moments):
        told.append(moments[place])
        place = int(np.searchsorted(moments, moments[place] + COOL_DOWN_MINUTES))
    return np.array(told)


def burst_delays(rng: np.random.Generator, rate: float, runs: int) -> Figures:
    """Minutes from the change to the next burst; the rejections before the change lie as far apart as usual."""
    before = REJECTIONS - 1
    minutes_between = 60 / rate
    last = -np.cumsum(rng.exponential(minutes_between / USUAL, (runs, before)), axis=1)[:, ::-1]
    now = np.zeros((runs, 1))
    delays = np.full(runs, math.nan)
    running = np.arange(runs)
    while len(running):
        gaps = rng.exponential(minutes_between / CHANGED, (len(running), GAPS_AT_ONCE))
        moments = np.hstack([last, now + np.cumsum(gaps, axis=1)])
        # Those of before are there for what comes, and are none themselves.
        ends = ends_burst(moments)[:, before:]
        caught = ends.any(axis=1)
        delays[running[caught]] = moments[caught, before + ends[caught].argmax(axis=1)]
        running, last = running[~caught], moments[~caught, -before:]
        now = last[:, -1:]
    return delays
