"""Many windows at once, drawn from one population: which of drift's monitors move, though nothing has changed."""

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from trainer.drift import MANY
from trainer.drift_features import TweetFeatures
from trainer.drift_monitors import Limits, count_monitors, shares_of
from trainer.drift_reference import Reference
from trainer.drift_statistics import (
    Numbers,
    area_threshold,
    bins_for,
    mean_fall_threshold,
    quantile_edges,
    share_bounds,
    stability_index,
    stability_threshold,
)
from trainer.drift_words import tell_apart

DRAWS_AT_ONCE = 2_000_000
NO_FLOORS = {"least_index": 0.0, "least_effect": 0.0, "least_area": 0.0, "least_fall": 0.0}

# What a normal distribution has above one spread.
ONE_SPREAD = float(norm.sf(1))

Moved = npt.NDArray[np.bool_]  # (runs,)


def simulate(
    reference: Reference, pool: TweetFeatures, rng: np.random.Generator, size: int, runs: int, limits: Limits
) -> Mapping[str, Moved]:
    """Each monitor but the words' in `runs` windows of `size` tweets of the pool."""
    at_once = max(1, DRAWS_AT_ONCE // size)
    parts = [
        move(reference, pool, rng.integers(0, len(pool), (min(at_once, runs - start), size)), limits)
        for start in range(0, runs, at_once)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def move(reference: Reference, pool: TweetFeatures, rows: npt.NDArray[np.int64], limits: Limits) -> dict[str, Moved]:
    """`rows`: (runs, size), which tweets of the pool are in each window."""
    size, alpha = rows.shape[1], limits.alpha(count_monitors(len(reference.labels)))
    moved = {}
    for share in shares_of(reference, pool):
        counts = share.now[rows].sum(axis=1)
        bounds = share_bounds(int(share.before.sum()), len(share.before), size, alpha, limits.least_effect)
        moved[share.name] = (counts >= bounds.high) | (counts <= bounds.low)
    unseen = reference.unseen
    moved["length"] = indices_of(reference.features.tokens, pool.tokens, rows, alpha, limits.least_index)
    moved["confidence"] = indices_of(unseen.confidence, pool.confidence, rows, alpha, limits.least_index)
    before = unseen.chosen_probability.astype(np.float64)
    falls = before.mean() - pool.chosen_probability[rows].mean(axis=1, dtype=np.float64)
    moved["expected accuracy"] = falls >= mean_fall_threshold(before, size, alpha, limits.least_fall)
    return moved


def count_any(moved: Iterable[Moved]) -> int:
    """Windows in which any of them moved."""
    return int(np.any(list(moved), axis=0).sum())


def count_drifted(moved: Iterable[Moved]) -> int:
    """Windows of which drift would be declared, each being the next of the one before: as `state_of` has it."""
    flags = np.array(list(moved))  # (monitors, runs)
    many = flags.sum(axis=0) >= MANY
    twice = np.zeros_like(many)
    twice[1:] = (flags[:, 1:] & flags[:, :-1]).any(axis=0)
    return int((many | twice).sum())


def indices_of(before: Numbers, pool: Numbers, rows: npt.NDArray[np.int64], alpha: float, floor: float) -> Moved:
    runs, size = rows.shape
    edges = quantile_edges(before, bins_for(size))
    bins = len(edges) + 1
    counts = np.bincount(np.searchsorted(edges, before, side="right"), minlength=bins)
    places = np.searchsorted(edges, pool, side="right")[rows] + bins * np.arange(runs)[:, None]
    found = np.bincount(places.ravel(), minlength=bins * runs).reshape(runs, bins)
    return np.asarray(stability_index(counts, found) >= stability_threshold(bins, len(before), size, alpha, floor))


def simulate_words(
    reference: Reference, pool: TweetFeatures, rng: np.random.Generator, size: int, runs: int
) -> npt.NDArray[np.float64]:
    """How far the words' area lies above one half, in what chance explains: where nothing moved its spread is 1.

    A classifier is fitted for each window: too slow to count alarms that are made to be one in ten thousand.
    """
    windows = [pool.rows(rng.integers(0, len(pool), size)) for _ in range(runs)]
    return np.array([(tell_apart(reference.features, window) - 0.5) / spread(reference, window) for window in windows])


def spread(reference: Reference, window: TweetFeatures) -> float:
    now, before = (int((~side.to_fit).sum()) for side in (window, reference.features))
    return area_threshold(now, before, ONE_SPREAD, floor=0.0) - 0.5
