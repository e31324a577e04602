"""The decision: its states, its reasons, and what real texts make of it."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from trainer.bundle import Bundle, load_bundle
from trainer.cleaning import keys as keys_of
from trainer.drift import DriftDecision, DriftState, Window, decide_drift, state_of
from trainer.drift_features import FeatureReader, TweetFeatures
from trainer.drift_monitors import (
    AUDIT,
    AuditLot,
    Limits,
    Monitor,
    audit_monitor,
    audit_words,
    count_monitors,
    monitors_of,
    percent,
)
from trainer.drift_reference import Reference

ROOT = Path(__file__).parents[2]
LIMITS = Limits()


@pytest.fixture(scope="module")
def champion() -> Bundle:
    return load_bundle(ROOT / "models" / "champion")


def texts_of(name: str) -> list[str]:
    with (ROOT / "data" / "sample" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return [row["text"] for row in csv.DictReader(stream)]


def drawn(texts: Sequence[str], size: int, seed: int) -> list[str]:
    return [texts[row] for row in np.random.default_rng(seed).integers(0, len(texts), size)]


def read(champion: Bundle, texts: Sequence[str]) -> TweetFeatures:
    probabilities = champion.classifier.probabilities(texts)
    chosen, _ = champion.classifier.decide(probabilities)
    return FeatureReader(champion.classifier.tokenizer).read(texts, probabilities, chosen)


def window_of(champion: Bundle, texts: Sequence[str]) -> Window:
    return Window(read(champion, texts), keys=keys_of(texts))


@pytest.fixture(scope="module")
def reference(champion: Bundle) -> Reference:
    """Everyday tweets in English, drawn again and again."""
    features = read(champion, drawn(texts_of("everyday_en"), 5_000, seed=1))
    return Reference(features, np.zeros(5_000, np.bool_), ("negative", "positive"), 5_000, 1_000, "everyday tweets")


def found(champion: Bundle, reference: Reference, *windows: Sequence[str]) -> DriftDecision:
    return decide_drift(reference, [window_of(champion, texts) for texts in windows], LIMITS)


def moved(decision: DriftDecision) -> set[str]:
    return {monitor.name for monitor in decision.monitors if monitor.moved}


# --- real texts


def test_tweets_like_those_before_are_stable(champion: Bundle, reference: Reference) -> None:
    usual = [drawn(texts_of("everyday_en"), 500, seed) for seed in (2, 3)]
    decision = found(champion, reference, *usual)
    assert (decision.state, decision.reasons) == (DriftState.STABLE, [])
    assert len(decision.monitors) == count_monitors(2)
    assert decision.reference == "everyday tweets"


def test_a_switch_to_french_is_found_within_two_windows_and_named(champion: Bundle, reference: Reference) -> None:
    decision = found(champion, reference, *(drawn(texts_of("french"), 500, seed) for seed in (2, 3)))
    assert decision.state is DriftState.DRIFTED
    assert {"French", "unknown words", "words"} <= moved(decision)
    assert any(
        reason.startswith("9") and "% of the tweets are in French, 0 % were" in reason for reason in decision.reasons
    )


def test_a_fifth_in_french_is_found_within_two_windows(champion: Bundle, reference: Reference) -> None:
    mixed = [[*drawn(texts_of("french"), 100, seed), *drawn(texts_of("everyday_en"), 400, seed)] for seed in (2, 3)]
    decision = found(champion, reference, *mixed)
    assert decision.state is DriftState.DRIFTED
    assert "French" in moved(decision)


def test_a_switch_of_topic_is_found_within_two_windows_and_its_words_are_named(
    champion: Bundle, reference: Reference
) -> None:
    decision = found(champion, reference, *(drawn(texts_of("airline_en"), 500, seed) for seed in (2, 3)))
    assert decision.state is DriftState.DRIFTED
    assert "words" in moved(decision)
    words = next(monitor.words for monitor in decision.monitors if monitor.name == "words")
    assert "new are above all: " in words
    assert {"flight", "gate", "crew"} & set(words.partition("above all: ")[2].split(", "))


def test_a_flood_of_emoji_is_found_within_two_windows(champion: Bundle, reference: Reference) -> None:
    usual = [drawn(texts_of("everyday_en"), 500, seed) for seed in (2, 3)]
    flooded = [[f"{text} 😡" if place % 4 == 0 else text for place, text in enumerate(texts)] for texts in usual]
    decision = found(champion, reference, *flooded)
    assert decision.state is DriftState.DRIFTED
    assert "emoji" in moved(decision)


def test_a_flip_of_meaning_is_missed_without_labels_and_caught_with_them(
    champion: Bundle, reference: Reference
) -> None:
    """The same tweets, and from today on everybody means the opposite: what was rejected is confirmed, and so on."""
    windows = [window_of(champion, drawn(texts_of("everyday_en"), 500, seed)) for seed in (2, 3)]
    blind = decide_drift(reference, windows, LIMITS)
    assert blind.state is DriftState.STABLE
    assert not next(monitor for monitor in blind.monitors if monitor.name == "expected accuracy").moved
    told = decide_drift(reference, windows, LIMITS, AuditLot(drawn=40, judged=40, rejected=32))
    assert told.state is DriftState.DRIFTED
    assert moved(told) == {AUDIT}
    assert "80 % of these rejected" in told.reasons[0]


# --- states


def test_one_monitor_in_one_window_has_moved_and_no_more() -> None:
    assert state_of([["emoji"]], audit_moved=False) is DriftState.MOVED
    assert state_of([[], ["emoji"]], audit_moved=False) is DriftState.MOVED
    assert state_of([["length"], ["emoji"]], audit_moved=False) is DriftState.MOVED
    assert state_of([["length"], ["emoji", "French"]], audit_moved=False) is DriftState.MOVED


def test_the_same_monitor_twice_in_a_row_is_drift() -> None:
    assert state_of([["emoji", "length"], ["French", "emoji"]], audit_moved=False) is DriftState.DRIFTED


def test_three_monitors_at_once_are_drift() -> None:
    assert state_of([["emoji", "length", "French"]], audit_moved=False) is DriftState.DRIFTED


def test_what_moved_before_and_does_no_more_is_stable() -> None:
    assert state_of([["emoji", "length", "French"], []], audit_moved=False) is DriftState.STABLE


def test_the_audit_lot_alone_is_drift() -> None:
    assert state_of([[]], audit_moved=True) is DriftState.DRIFTED


# --- monitors


@pytest.mark.parametrize(
    ("labels", "expected"), [(("negative", "positive"), 12), (("negative", "neutral", "positive"), 14)]
)
def test_the_budget_is_shared_by_all_monitors(
    champion: Bundle, reference: Reference, labels: tuple[str, ...], expected: int
) -> None:
    other = Reference(reference.features, reference.seen, labels, 0, 0, "")
    monitors = monitors_of(other, reference.features.rows(slice(0, 500)), LIMITS)
    assert len(monitors) + 1 == count_monitors(len(labels)) == expected
    assert LIMITS.alpha(expected) * expected == pytest.approx(1 / 1_000)
    assert len({monitor.name for monitor in monitors}) == len(monitors)


def test_what_has_moved_has_passed_its_threshold(champion: Bundle, reference: Reference) -> None:
    for name in ("french", "airline_en", "everyday_en"):
        for monitor in monitors_of(reference, read(champion, drawn(texts_of(name), 300, 4)), LIMITS):
            assert np.isfinite([monitor.statistic, monitor.threshold]).all()
            assert monitor.moved == (monitor.statistic >= monitor.threshold - 1e-12), monitor


def test_tweets_that_the_fit_has_seen_are_left_out_where_that_matters(champion: Bundle, reference: Reference) -> None:
    """Of those it knows every word and is surer: beside them any traffic would look unsure."""
    seen = np.arange(5_000) < 4_000
    half = Reference(reference.features, seen, reference.labels, 0, 0, "")
    before = {monitor.name: monitor.before for monitor in monitors_of(half, half.features.rows(slice(0, 500)), LIMITS)}
    unseen = reference.features.rows(slice(4_000, 5_000))
    assert before["unknown words"] == (unseen.unknown > 0).mean()
    assert before["share negative"] == (unseen.chosen == 0).mean()
    assert before["emoji"] == reference.features.emoji.mean()


# --- the audit lot


def lot_monitor(reference: Reference, **lot: int) -> Monitor:
    return audit_monitor(reference, AuditLot(**lot), LIMITS)


def test_a_lot_that_nobody_judged_says_so_and_moves_nothing(reference: Reference) -> None:
    found = lot_monitor(reference, drawn=12)
    assert not found.moved
    assert found.words == "Of the last 12 answers drawn by lot nobody has judged one"


def test_a_lot_moves_when_even_its_lower_bound_is_above_what_was_expected(reference: Reference) -> None:
    """A fifth was wrong when it was measured."""
    assert not lot_monitor(reference, drawn=100, judged=100, rejected=30).moved
    assert lot_monitor(reference, drawn=100, judged=100, rejected=45).moved


def test_of_a_lot_that_few_judge_the_rest_of_its_half_counts_as_right(reference: Reference) -> None:
    """Who judges of their own accord judges mistakes: ten rejections out of ten are no share of all."""
    assert lot_monitor(reference, drawn=10, judged=10, rejected=10).moved
    assert not lot_monitor(reference, drawn=100, judged=10, rejected=10).moved
    assert lot_monitor(reference, drawn=100, judged=30, rejected=30).moved


def test_the_lot_is_told_beside_the_clicks() -> None:
    words = audit_words(AuditLot(drawn=80, judged=60, rejected=18, clicked=20, clicked_rejected=13), 0.16)
    assert words == (
        "Of the last 80 answers drawn by lot 60 are judged, and 30 % of these rejected (95 % interval 20 % to 43 %), "
        "at most 16 % were expected; of the last 20 judged unasked 65 % are rejected"
    )


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0, "0 %"), (0.001, "0.1 %"), (0.0962, "9.6 %"), (0.1, "10 %"), (0.184, "18 %"), (1, "100 %")],
)
def test_shares_are_written_for_people(share: float, expected: str) -> None:
    assert percent(share) == expected
