"""What is noted for the challenger while predictions are answered: a share, evenly, bounded, and no text anywhere."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from inference.champion import ServedModel
from inference.shadow import MOST_KEPT, Sample, Shadow
from tests.inference.shadowing import OTHER_WEIGHTS, load

Make = Callable[..., Path]


@pytest.fixture
def champion(make_bundle: Make) -> ServedModel:
    return load(make_bundle("champion"))


@pytest.fixture
def challenger(make_bundle: Make) -> ServedModel:
    return load(make_bundle("challenger", weights=OTHER_WEIGHTS), "2")


def note_many(shadow: Shadow, champion: ServedModel, count: int) -> list[int]:
    """The numbers of those that were kept."""
    for number in range(count):
        shadow.note(str(number), "late", "negative", champion)
    taken = iter(shadow.take, None)
    return [int(sample.prediction_id) for sample in taken]


@pytest.mark.parametrize("share", [0.0, 0.01, 0.1, 0.25, 0.4, 0.7, 1.0])
def test_the_share_is_taken_evenly(champion: ServedModel, challenger: ServedModel, share: float) -> None:
    shadow = Shadow(share)
    shadow.challenger = challenger
    kept = note_many(shadow, champion, 1000)
    assert len(kept) == pytest.approx(1000 * share, abs=1)
    gaps = {later - earlier for earlier, later in zip(kept, kept[1:], strict=False)}
    assert not gaps or max(gaps) - min(gaps) <= 1


def test_without_a_challenger_nothing_is_kept(champion: ServedModel) -> None:
    shadow = Shadow(1.0)
    assert note_many(shadow, champion, 1000) == []
    assert shadow.dropped == 0


def test_it_is_kept_with_what_the_caller_was_told(champion: ServedModel, challenger: ServedModel) -> None:
    shadow = Shadow(1.0)
    shadow.challenger = challenger
    shadow.note("id", "late", "negative", champion)
    assert shadow.take() == Sample("id", "late", "negative", champion)
    assert shadow.take() is None


def test_what_finds_no_room_is_counted(champion: ServedModel, challenger: ServedModel) -> None:
    shadow = Shadow(1.0)
    shadow.challenger = challenger
    assert len(note_many(shadow, champion, MOST_KEPT + 7)) == MOST_KEPT
    assert shadow.dropped == 7


def test_a_note_costs_a_caller_next_to_nothing(champion: ServedModel, challenger: ServedModel) -> None:
    shadow = Shadow(0.1)
    shadow.challenger = challenger
    times = 20_000
    began = time.perf_counter()
    for _ in range(times):
        shadow.note("id", "late", "negative", champion)
    microseconds = 1e6 * (time.perf_counter() - began) / times
    print(f"\na note takes {microseconds:.2f} µs")  # noqa: T201
    # A prediction takes some hundred; on a machine with other work all of it takes longer.
    assert microseconds < 50
