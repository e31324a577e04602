"""The monitors: one window of tweets beside the reference, each told in words that a manager reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from trainer.drift_features import Flags, TweetFeatures
from trainer.drift_reference import Reference
from trainer.drift_statistics import (
    Numbers,
    area_threshold,
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
from trainer.drift_words import tell_apart, telling_words
from trainer.evaluation import accuracy_interval

AUDIT = "audited rejections"


@dataclass(frozen=True)
class Monitor:
    """`moved`: the statistic has passed its threshold. `before` and `now`: the figure that people know it by."""

    name: str
    statistic: float
    threshold: float
    moved: bool
    words: str
    before: float
    now: float


@dataclass(frozen=True)
class Limits:
    """How seldom a window may raise a false alarm, over all monitors; and what is too small to matter, however sure.

    Where the floors come from, measured, stands in docs/drift.md.
    """

    false_alarm_every: int = 1_000  # windows
    least_index: float = 0.1  # PSI
    least_effect: float = 0.25  # Cohen's h, of a share
    least_area: float = 0.6  # of the words' classifier
    least_fall: float = 0.03  # of the expected accuracy

    def alpha(self, monitors: int) -> float:
        """Each monitor's part of the budget (Bonferroni): whatever they have in common, together they keep to it."""
        return 1 / (self.false_alarm_every * monitors)


@dataclass(frozen=True)
class AuditLot:
    """The last predictions that were drawn by lot, and what people said of them; beside it, of those not drawn."""

    drawn: int = 0
    judged: int = 0
    rejected: int = 0
    clicked: int = 0
    clicked_rejected: int = 0


def count_monitors(labels: int) -> int:
    """One a label (one for two: what one gains the other loses), ten others, and the audit lot."""
    return (1 if labels == 2 else labels) + 11


def monitors_of(reference: Reference, now: TweetFeatures, limits: Limits, keys: Sequence[str] = ()) -> list[Monitor]:
    """All but the audit lot's, always in this order. `keys`: the words of the tweets, where they may be named."""
    alpha = limits.alpha(count_monitors(len(reference.labels)))
    return [
        *(share_monitor(share, len(now), alpha, limits.least_effect) for share in shares_of(reference, now)),
        length_monitor(reference.features, now, alpha, limits.least_index),
        confidence_monitor(reference.unseen, now, alpha, limits.least_index),
        words_monitor(reference.features, now, alpha, limits.least_area, keys),
        accuracy_monitor(reference.unseen, now, alpha, limits.least_fall),
    ]


@dataclass(frozen=True)
class Share:
    """A yes or no of each tweet; `says` and `said` are the verbs of a sentence about them."""

    name: str
    says: str
    said: str
    before: Flags
    now: Flags


def shares_of(reference: Reference, now: TweetFeatures) -> list[Share]:
    everything, unseen = reference.features, reference.unseen
    places = range(1 if len(reference.labels) == 2 else len(reference.labels))
    return [
        *(
            Share(
                f"share {reference.labels[place]}",
                f"are called {reference.labels[place]}",
                "were",
                unseen.chosen == place,
                now.chosen == place,
            )
            for place in places
        ),
        Share("unknown words", "hold a word unknown to the model", "did", unseen.unknown > 0, now.unknown > 0),
        Share("French", "are in French", "were", everything.french, now.french),
        Share("emoji", "hold an emoji", "did", everything.emoji, now.emoji),
        Share("links", "hold a link", "did", everything.address, now.address),
        Share("handles", "name somebody (@)", "did", everything.handle, now.handle),
        Share("hashtags", "hold a hashtag", "did", everything.hashtag, now.hashtag),
    ]


def share_monitor(share: Share, tweets: int, alpha: float, floor: float) -> Monitor:
    bounds = _bounds(int(share.before.sum()), len(share.before), tweets, alpha, floor)
    usual, found = float(share.before.mean()), float(share.now.mean())
    bound = (bounds.high if found >= usual else bounds.low) / tweets
    return Monitor(
        share.name,
        statistic=abs(effect(usual, found)),
        # Where no count of tweets would do, what none can reach.
        threshold=abs(effect(usual, bound)) if 0 <= bound <= 1 else effect(0, 1),
        moved=not bounds.low < int(share.now.sum()) < bounds.high,
        words=f"{percent(found)} of the tweets {share.says}, {percent(usual)} {share.said}",
        before=usual,
        now=found,
    )


# The same for all windows of a run.
_bounds = cache(share_bounds)


def length_monitor(before: TweetFeatures, now: TweetFeatures, alpha: float, floor: float) -> Monitor:
    index, threshold = compare(before.tokens, now.tokens, alpha, floor)
    usual, found = float(before.tokens.mean()), float(now.tokens.mean())
    words = f"Tweets are {found:.1f} words and signs long, they were {usual:.1f}; their mix of lengths is another"
    return Monitor("length", index, threshold, index >= threshold, words, usual, found)


def confidence_monitor(before: TweetFeatures, now: TweetFeatures, alpha: float, floor: float) -> Monitor:
    index, threshold = compare(before.confidence, now.confidence, alpha, floor)
    usual, found = float(before.confidence.mean()), float(now.confidence.mean())
    words = (
        f"The model is {percent(found)} sure on average, it was {percent(usual)}; its mix of sure and unsure is another"
    )
    return Monitor("confidence", index, threshold, index >= threshold, words, usual, found)


def compare(before: Numbers, now: Numbers, alpha: float, floor: float) -> tuple[float, float]:
    """The PSI of two columns and its threshold."""
    edges = quantile_edges(before, bins_for(len(now)))
    counts = bin_counts(before, edges)
    threshold = stability_threshold(max(2, len(counts)), len(before), len(now), alpha, floor)
    return float(stability_index(counts, bin_counts(now, edges))), threshold


def words_monitor(
    before: TweetFeatures, now: TweetFeatures, alpha: float, floor: float, keys: Sequence[str]
) -> Monitor:
    area = tell_apart(before, now)
    asked = [max(1, int((~side.to_fit).sum())) for side in (now, before)]
    threshold = area_threshold(asked[0], asked[1], alpha, floor)
    moved = area >= threshold
    telling = telling_words(keys, before) if moved and keys else []
    words = f"By its words a new tweet is told from an old one in {percent(area)} of all pairs, by chance in 50 %"
    words += f"; new are above all: {', '.join(telling)}" if telling else ""
    return Monitor("words", area, threshold, moved, words, 0.5, area)


def accuracy_monitor(before: TweetFeatures, now: TweetFeatures, alpha: float, floor: float) -> Monitor:
    """What the model itself expects to get right (CBPE): the mean of its calibrated probabilities of its answers."""
    usual = before.chosen_probability.astype(np.float64)
    expected, found = float(usual.mean()), float(now.chosen_probability.mean(dtype=np.float64))
    threshold = mean_fall_threshold(usual, len(now), alpha, floor)
    words = (
        f"By its own probabilities the model should be right {percent(found)} of the time, it was {percent(expected)}"
    )
    return Monitor(
        "expected accuracy", expected - found, threshold, expected - found >= threshold, words, expected, found
    )


def audit_monitor(reference: Reference, lot: AuditLot, limits: Limits) -> Monitor:
    """The only one that knows right from wrong. Where less than half of the lot is judged, what is missing to that half
    counts as right: those who judge of their own accord mostly judge mistakes.
    """
    alpha = limits.alpha(count_monitors(len(reference.labels)))
    of = max(lot.judged, -(-lot.drawn // 2))
    lowest, error = share_at_least(lot.rejected, of, alpha), reference.error
    return Monitor(
        AUDIT,
        statistic=lowest,
        threshold=error,
        moved=lowest > error,
        words=audit_words(lot, error),
        before=error,
        now=lot.rejected / lot.judged if lot.judged else 0.0,
    )


def audit_words(lot: AuditLot, error: float) -> str:
    clicks = (
        f"; of the last {lot.clicked} judged unasked {percent(lot.clicked_rejected / lot.clicked)} are rejected"
        if lot.clicked
        else ""
    )
    if not lot.judged:
        return f"Of the last {lot.drawn} answers drawn by lot nobody has judged one{clicks}"
    rejected = percent(lot.rejected / lot.judged)
    low, high = map(percent, accuracy_interval(lot.rejected, lot.judged))
    return (
        f"Of the last {lot.drawn} answers drawn by lot {lot.judged} are judged, and {rejected} of these rejected "
        f"(95 % interval {low} to {high}), at most {percent(error)} were expected{clicks}"
    )


def percent(share: float) -> str:
    """Small shares keep a digit: the difference of 0.1 % and 0.9 % is what is looked for."""
    return f"{100 * share:.0f} %" if share >= 0.1 or share == 0 else f"{100 * share:.1f} %"
