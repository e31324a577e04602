"""The statistics of drift: numbers in, numbers out. Every threshold follows from how many tweets were looked at.

A fixed threshold knows nothing of that: where nothing has changed, the usual PSI of 0.1 is passed by a third of all
windows of 100 tweets, and by none of 5,000 that have moved a little (docs/drift.md). So each of these has two bounds:
chance must not explain the difference, and the difference must be large enough to matter.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import beta, chi2, hypergeom, norm, rankdata

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.number]
Counts = npt.NDArray[np.int64]

BINS = 10
# Added to every bin, as an empty one would make the index infinite; and no bin may be expected to hold fewer tweets
# than this. Both together keep chance to chi-square in its far tail: simulated, with half a tweet added (Jeffreys)
# windows of 100 pass a threshold for one in 10,000 three times as often, with a whole one at most 1.2 times.
SMOOTHING = 1.0
LEAST_EXPECTED = 10


# --- a distribution: the population stability index -----------------------------------------------------------------


def quantile_edges(reference: Numbers, bins: int) -> Floats:
    """The inner edges of bins that hold equally many of the reference; fewer where many values are equal."""
    edges = np.unique(np.quantile(reference, np.linspace(0, 1, bins + 1)[1:-1]))
    # Nothing lies below an edge that is the smallest value.
    return np.asarray(edges[edges > reference.min()], dtype=np.float64)


def bin_counts(values: Numbers, edges: Floats) -> Counts:
    return np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1).astype(np.int64)


def bins_for(tweets: int) -> int:
    return max(2, min(BINS, tweets // LEAST_EXPECTED))


def stability_index(reference: Counts, current: Counts) -> Floats:
    """PSI of counts (bins,) and (..., bins): how unlike two distributions are; 0 where they are alike. # (...)"""
    expected = _shares(reference)
    found = _shares(current)
    return np.asarray(((found - expected) * np.log(found / expected)).sum(axis=-1), dtype=np.float64)


def _shares(counts: Counts) -> Floats:
    smoothed = counts + SMOOTHING
    return np.asarray(smoothed / smoothed.sum(axis=-1, keepdims=True), dtype=np.float64)


def stability_threshold(bins: int, before: int, now: int, alpha: float, floor: float) -> float:
    """What chance passes once in 1 / alpha. Where nothing moved, PSI is (1/n + 1/m) times a chi-square of bins - 1."""
    return max(floor, float(chi2.isf(alpha, bins - 1)) * (1 / before + 1 / now))


# --- a share: Fisher's exact test -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShareBounds:
    """So few, or so many, of the window's tweets are needed for a move; -1 and n + 1 where none would do."""

    low: int
    high: int


def share_bounds(holding: int, before: int, now: int, alpha: float, floor: float) -> ShareBounds:
    """Which numbers of `now` tweets differ from `holding` of `before`, by chance less often than alpha (either side
    half of it), and by `floor` at least.

    The test is Fisher's, which holds for five tweets in a thousand too, where the usual z-test is wrong by a thousand
    times. The floor is Cohen's h, the distance of arcsines, on which 0.2 is called small (Cohen 1988, chapter 6): from
    50 % to 60 %, or from 1 % to 4 %.
    """

    def is_high(count: int) -> bool:
        chance = float(hypergeom.sf(count - 1, before + now, holding + count, now))
        return chance <= alpha / 2 and effect(holding / before, count / now) >= floor

    def is_low(count: int) -> bool:
        chance = float(hypergeom.cdf(count, before + now, holding + count, now))
        return chance <= alpha / 2 and effect(count / now, holding / before) >= floor

    # Both only become truer away from the reference's share, so the first that holds is found by halving.
    high, refused = now + 1, math.floor(now * holding / before)
    while high - refused > 1:
        middle = (high + refused) // 2
        high, refused = (middle, refused) if is_high(middle) else (high, middle)
    low, refused = -1, math.ceil(now * holding / before)
    while refused - low > 1:
        middle = (refused + low) // 2
        low, refused = (middle, refused) if is_low(middle) else (low, middle)
    return ShareBounds(low, high)


def effect(low: float, high: float) -> float:
    """Cohen's h: positive where `high` is the higher share."""
    return 2 * (math.asin(math.sqrt(high)) - math.asin(math.sqrt(low)))


# --- words: the area under a classifier's curve ---------------------------------------------------------------------


def area_under_curve(now: Floats, before: Floats) -> float:
    """How often a score of `now` is above one of `before`; ties count half. 0.5 where they cannot be told apart."""
    ranks = rankdata(np.concatenate([now, before]))[: len(now)]
    return float((ranks.sum() - len(now) * (len(now) + 1) / 2) / (len(now) * len(before)))


def area_threshold(now: int, before: int, alpha: float, floor: float) -> float:
    """Of scores that no one was fitted on: the area's distribution where nothing moved is that of Mann and Whitney."""
    return max(floor, 0.5 + float(norm.isf(alpha)) * math.sqrt((now + before + 1) / (12 * now * before)))


# --- accuracy -------------------------------------------------------------------------------------------------------


def mean_fall_threshold(before: Floats, now: int, alpha: float, floor: float) -> float:
    """By how much the mean of `now` tweets must fall below that of `before`.

    The spread is the reference's. Where few are averaged their skew still shows (Cornish and Fisher 1938): without
    that term windows of 50 would alarm twice as often as they may.
    """
    z = float(norm.isf(alpha))
    spread = float(before.std())
    skew = float(((before - before.mean()) ** 3).mean()) / max(spread, 1e-12) ** 3 / math.sqrt(now)
    quantile = z + max(0.0, -skew) * (z * z - 1) / 6
    return max(floor, quantile * spread * math.sqrt(1 / now + 1 / len(before)))


def share_at_least(count: int, of: int, alpha: float) -> float:
    """The lower bound of a share, too high once in 1 / alpha at most (Clopper and Pearson 1934, which is exact)."""
    return float(beta.ppf(alpha, count, of - count + 1)) if count else 0.0
