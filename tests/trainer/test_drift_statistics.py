"""The statistics of drift, each beside chance and beside what it must find."""

import numpy as np
import pytest
from scipy.stats import fisher_exact

from trainer.drift_statistics import (
    area_threshold,
    area_under_curve,
    bin_counts,
    bins_for,
    effect,
    mean_fall_threshold,
    quantile_edges,
    share_at_least,
    share_bounds,
    stability_index,
    stability_threshold,
)

ALPHA = 1e-3


# --- the population stability index


def test_equal_distributions_have_no_index_and_unlike_ones_have_one() -> None:
    counts = np.array([100, 200, 700])
    assert stability_index(counts, counts * 3) == pytest.approx(0, abs=1e-3)
    assert stability_index(np.array([500, 500]), np.array([700, 300])) == pytest.approx(
        0.4 / 2 * np.log(7 / 3), rel=0.02
    )


def test_an_empty_bin_is_no_infinity() -> None:
    assert np.isfinite(stability_index(np.array([50, 50, 0]), np.array([0, 50, 50])))


def test_many_windows_are_compared_at_once() -> None:
    reference = np.array([50, 50])
    indices = stability_index(reference, np.array([[50, 50], [90, 10]]))
    assert indices.shape == (2,) and indices[0] < 0.01 < indices[1]


def test_bins_hold_equally_many_of_the_reference() -> None:
    values = np.arange(1000.0)
    assert bin_counts(values, quantile_edges(values, 10)).tolist() == [100] * 10


def test_values_that_are_mostly_equal_have_fewer_bins() -> None:
    values = np.array([0] * 80 + list(range(1, 21)), dtype=np.float64)
    edges = quantile_edges(values, 10)
    assert bin_counts(values, edges).min() > 0
    assert len(edges) < 9


def test_values_that_are_all_equal_have_one_bin_and_never_move() -> None:
    edges = quantile_edges(np.ones(100), 10)
    assert len(edges) == 0
    assert stability_index(bin_counts(np.ones(100), edges), bin_counts(np.arange(50.0), edges)) == 0


def test_small_windows_have_fewer_bins() -> None:
    assert [bins_for(size) for size in (10, 50, 100, 5000)] == [2, 5, 10, 10]


def test_the_threshold_shrinks_with_the_tweets_but_not_below_the_floor() -> None:
    thresholds = [stability_threshold(10, 10_000, size, ALPHA, 0.1) for size in (50, 500, 50_000)]
    assert thresholds[0] > 0.5 > thresholds[1] >= thresholds[2] == 0.1


@pytest.mark.parametrize("size", [50, 100, 500, 1_000, 5_000])
def test_the_index_passes_its_threshold_by_chance_no_more_often_than_allowed(size: int) -> None:
    """Far out in the tail, where a budget shared by twelve monitors lies."""
    rng, alpha, bins = np.random.default_rng(3), 1e-4, bins_for(size)
    shares = np.full(bins, 1 / bins)
    windows, references = rng.multinomial(size, shares, 400_000), rng.multinomial(10_000, shares, 400_000)
    threshold = stability_threshold(bins, 10_000, size, alpha, 0.0)
    # The index is symmetric, so the pairs may be given one by one.
    smoothed = [(counts + 1) / (counts + 1).sum(axis=1, keepdims=True) for counts in (windows, references)]
    indices = ((smoothed[0] - smoothed[1]) * np.log(smoothed[0] / smoothed[1])).sum(axis=1)
    assert indices[0] == pytest.approx(float(stability_index(references[0], windows[0])))
    assert (indices >= threshold).sum() <= 40 + 3 * 40**0.5


# --- shares


@pytest.mark.parametrize(("holding", "now"), [(10, 50), (500, 500), (5000, 100), (9990, 1000)])
def test_the_bounds_are_where_fishers_test_and_the_floor_begin_to_hold(holding: int, now: int) -> None:
    before, floor = 10_000, 0.1
    bounds = share_bounds(holding, before, now, ALPHA, floor)

    def moves(count: int) -> bool:
        # Fisher's two sides separately: half of alpha each.
        cells = [[count, now - count], [holding, before - holding]]
        chance = min(float(fisher_exact(cells, alternative=side).pvalue) for side in ("less", "greater"))
        return chance <= ALPHA / 2 and abs(effect(holding / before, count / now)) >= floor

    moved = [moves(count) for count in range(now + 1)]
    assert moved == [count <= bounds.low or count >= bounds.high for count in range(now + 1)]


def test_a_share_that_cannot_move_has_bounds_that_none_reaches() -> None:
    bounds = share_bounds(0, 10_000, 500, ALPHA, 0.2)
    assert bounds.low == -1
    assert share_bounds(10_000, 10_000, 500, ALPHA, 0.2).high == 501


def test_a_rare_property_does_not_move_by_two_tweets() -> None:
    """A z-test would take 2 of 50 beside 1 in 1,000 for one chance in a billion."""
    assert share_bounds(10, 10_000, 50, ALPHA, 0.0).high > 2


def test_the_effect_counts_from_one_percent_as_from_fifty() -> None:
    assert effect(0.5, 0.6) == pytest.approx(0.2014, abs=1e-3)
    assert effect(0.01, 0.04) == pytest.approx(0.2026, abs=1e-3)
    assert effect(0.6, 0.5) == -effect(0.5, 0.6)


# --- the area under the curve


def test_the_area_is_how_often_the_new_are_above_the_old() -> None:
    assert area_under_curve(np.array([2.0, 3.0]), np.array([0.0, 1.0])) == 1
    assert area_under_curve(np.array([0.0, 1.0]), np.array([0.0, 1.0])) == 0.5
    assert area_under_curve(np.array([1.0]), np.array([1.0, 1.0, 1.0])) == 0.5


def test_the_areas_threshold_is_that_of_mann_and_whitney() -> None:
    """The figures of the literature for equal sides and one alarm in 1,000."""
    assert area_threshold(100, 100, ALPHA, 0.5) == pytest.approx(0.626, abs=1e-3)
    assert area_threshold(1_000, 1_000, ALPHA, 0.5) == pytest.approx(0.540, abs=1e-3)
    assert area_threshold(1_000, 1_000, ALPHA, 0.6) == 0.6


def test_the_area_passes_its_threshold_by_chance_as_often_as_allowed() -> None:
    rng = np.random.default_rng(5)
    areas = np.array([area_under_curve(rng.random(50), rng.random(500)) for _ in range(4_000)])
    passed = (areas >= area_threshold(50, 500, 0.01, 0.5)).sum()
    assert 15 <= passed <= 65


# --- accuracy


@pytest.mark.parametrize("size", [50, 500])
def test_a_mean_falls_below_its_threshold_by_chance_no_more_often_than_allowed(size: int) -> None:
    rng = np.random.default_rng(7)
    before = np.maximum(rng.beta(0.8, 1, 10_000), 0)
    before = np.maximum(before, 1 - before)
    runs, alpha = 100_000 if size == 50 else 20_000, 1e-3
    falls = before.mean() - before[rng.integers(0, len(before), (runs, size))].mean(axis=1)
    assert (falls >= mean_fall_threshold(before, size, alpha, 0.0)).sum() <= runs * alpha + 4 * (runs * alpha) ** 0.5


def test_a_mean_of_few_must_fall_further_and_no_less_than_the_floor() -> None:
    before = np.random.default_rng(1).random(10_000)
    assert mean_fall_threshold(before, 50, ALPHA, 0.03) > mean_fall_threshold(before, 500, ALPHA, 0.03) > 0.03
    assert mean_fall_threshold(before, 10**6, ALPHA, 0.03) == 0.03


def test_probabilities_that_are_all_equal_have_the_floor() -> None:
    assert mean_fall_threshold(np.full(100, 0.9), 50, ALPHA, 0.03) == 0.03


def test_the_lower_bound_of_a_share_is_exact() -> None:
    assert share_at_least(0, 0, ALPHA) == 0
    assert share_at_least(0, 50, ALPHA) == 0
    assert share_at_least(50, 50, ALPHA) == pytest.approx(ALPHA ** (1 / 50))
    assert share_at_least(3, 3, ALPHA) == pytest.approx(0.1)
