"""False alarms within the stated budget, and what was planted found: windows drawn from one made population."""

import numpy as np
import pytest
from scipy.sparse import diags
from scipy.stats import poisson

from bench.drift_population import LABELS, Population, make_population, make_words, tilted
from bench.drift_simulation import NO_FLOORS, count_any, count_drifted, move, simulate, simulate_words
from tests.trainer.made_populations import with_columns
from trainer.drift import DriftState, Looked, Window, decide, look_at, state_of
from trainer.drift_monitors import AUDIT, AuditLot, Limits, count_monitors, monitors_of
from trainer.drift_reference import Reference

REFERENCES = 10
WINDOW = 500
LIMITS = Limits()


@pytest.fixture(scope="module")
def population() -> Population:
    return make_population(np.random.default_rng(11))


@pytest.fixture(scope="module")
def reference(population: Population) -> Reference:
    return population.reference(np.random.default_rng(12))


def alarms_allowed(windows: int, limits: Limits) -> int:
    """So many, and not one in ten thousand tests of this kind has more by chance."""
    return int(poisson.ppf(0.9999, windows / limits.false_alarm_every))


@pytest.mark.parametrize(("size", "runs"), [(50, 2_000), (100, 2_000), (500, 1_000), (1_000, 500), (5_000, 100)])
@pytest.mark.parametrize("floors", [True, False], ids=["as it is set", "without the floors"])
def test_false_alarms_keep_to_the_budget(population: Population, size: int, runs: int, floors: bool) -> None:
    """Without the floors too: it is the thresholds that keep to it. One in 100, so that there are some to count."""
    rng = np.random.default_rng(size)
    limits = Limits(100) if floors else Limits(100, **NO_FLOORS)
    alarms = 0
    for _ in range(REFERENCES):
        moved = simulate(population.reference(rng), population.features, rng, size, runs, limits)
        alarms += count_any(moved.values())
    assert alarms <= alarms_allowed(runs * REFERENCES, limits)


def test_drift_is_declared_by_chance_far_more_seldom_than_a_monitor_moves(population: Population) -> None:
    """Two windows in a row, or three monitors at once: at a budget of one window in ten, next to none of 20,000."""
    rng = np.random.default_rng(21)
    limits = Limits(10, **NO_FLOORS)
    moved = simulate(population.reference(rng), population.features, rng, WINDOW, 20_000, limits)
    assert 500 < count_any(moved.values()) < 2_400
    assert count_drifted(moved.values()) < 200


def test_the_simulation_declares_drift_as_the_decision_does(population: Population) -> None:
    rng = np.random.default_rng(22)
    flags = {name: rng.random(200) < 0.15 for name in "abcdef"}
    names = [[name for name in flags if flags[name][run]] for run in range(200)]
    states = [state_of(names[max(0, run - 1) : run + 1], audit_moved=False) for run in range(200)]
    assert count_drifted(flags.values()) == states.count(DriftState.DRIFTED) > 20


def test_the_words_classifier_is_as_often_above_one_half_as_chance_has_it(population: Population) -> None:
    rng = np.random.default_rng(31)
    heights = simulate_words(population.reference(rng, 2_000), population.features, rng, 200, 60)
    assert abs(heights.mean()) < 0.5
    assert 0.7 < heights.std() < 1.3


def test_the_simulation_says_what_the_monitors_say(population: Population, reference: Reference) -> None:
    rng = np.random.default_rng(41)
    rows = rng.integers(0, len(population.features), (5, WINDOW))
    limits = Limits(10, **NO_FLOORS)
    moved = move(reference, population.features, rows, limits)
    for run, window in enumerate(rows):
        monitors = monitors_of(reference, population.features.rows(window), limits)
        assert {each.name: each.moved for each in monitors if each.name != "words"} == {
            name: bool(flags[run]) for name, flags in moved.items()
        }


# --- what is planted is found


def test_an_index_of_a_fifth_is_found_in_nine_of_ten_windows(population: Population, reference: Reference) -> None:
    shifted = tilted(population, 0.2)
    moved = simulate(reference, shifted.features, np.random.default_rng(51), WINDOW, 2_000, LIMITS)
    assert moved["confidence"].mean() >= 0.9


def look_twice(
    reference: Reference, population: Population, lot: AuditLot | None = None
) -> tuple[DriftState, set[str]]:
    rng = np.random.default_rng(61)
    looked: list[Looked] = [look_at(reference, Window(population.draw(rng, WINDOW)), LIMITS) for _ in range(2)]
    decision = decide(reference, looked, LIMITS, lot or AuditLot())
    return decision.state, {monitor.name for monitor in decision.monitors if monitor.moved}


def test_the_same_tweets_are_stable(population: Population, reference: Reference) -> None:
    assert look_twice(reference, population) == (DriftState.STABLE, set())


def test_another_topic_is_found_by_its_words_alone(population: Population, reference: Reference) -> None:
    """Half of the tweets are about something else; all else about them is as it was."""
    rng = np.random.default_rng(71)
    others = make_words(rng, len(population.features), first_word=900_000)
    half = (rng.random(len(population.features)) < 0.5).astype(np.float32)
    words = (diags(1 - half) @ population.features.words + diags(half) @ others).tocsr()
    words.eliminate_zeros()
    assert look_twice(reference, with_columns(population, words=words)) == (DriftState.DRIFTED, {"words"})


def test_a_flood_of_emoji_is_found(population: Population, reference: Reference) -> None:
    emoji = np.random.default_rng(81).random(len(population.features)) < 0.1
    assert look_twice(reference, with_columns(population, emoji=emoji)) == (DriftState.DRIFTED, {"emoji"})


def test_another_mix_of_answers_is_found(population: Population, reference: Reference) -> None:
    rng = np.random.default_rng(91)
    chosen = np.where(rng.random(len(population.features)) < 0.3, 0, population.features.chosen).astype(np.int8)
    state, moved = look_twice(reference, with_columns(population, chosen=chosen))
    assert (state, moved) == (DriftState.DRIFTED, {"share negative"})


def test_a_model_that_grows_unsure_is_found(population: Population, reference: Reference) -> None:
    """The accuracy that its own probabilities promise falls by five points."""
    given = np.maximum(population.features.chosen_probability - np.float32(0.05), 0)
    state, moved = look_twice(reference, with_columns(population, chosen_probability=given))
    assert (state, moved) == (DriftState.DRIFTED, {"expected accuracy"})


# --- a change of meaning alone


def judged(population: Population, rng: np.random.Generator, *, size: int, is_flipped: bool) -> AuditLot:
    """People judge every one that was drawn by lot; flipped, what was right is wrong."""
    right = population.right[rng.integers(0, len(population.right), size)]
    rejected = int(right.sum() if is_flipped else (~right).sum())
    return AuditLot(drawn=size, judged=size, rejected=rejected)


def test_a_flip_of_meaning_moves_no_monitor_that_knows_no_label(population: Population, reference: Reference) -> None:
    """The texts are as they were, and so is everything told from them: the expected accuracy is silent."""
    assert look_twice(reference, population)[0] is DriftState.STABLE


def test_a_flip_of_meaning_is_caught_by_what_people_say_of_the_lot(
    population: Population, reference: Reference
) -> None:
    lot = judged(population, np.random.default_rng(101), size=30, is_flipped=True)
    assert look_twice(reference, population, lot) == (DriftState.DRIFTED, {AUDIT})


def test_people_who_find_what_was_expected_raise_nothing(population: Population, reference: Reference) -> None:
    """Any size of the lot, many times: at a budget of one in ten, shared by all monitors."""
    rng, limits = np.random.default_rng(111), Limits(10)
    for size in (5, 20, 200):
        lots = (judged(population, rng, size=size, is_flipped=False) for _ in range(300))
        looked = [look_at(reference, Window(population.draw(rng, WINDOW)), LIMITS)]
        alarms = sum(decide(reference, looked, limits, lot).state is DriftState.DRIFTED for lot in lots)
        assert alarms <= poisson.ppf(0.9999, 300 * limits.alpha(count_monitors(len(LABELS))))
