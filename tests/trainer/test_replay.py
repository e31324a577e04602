"""Corrections and the champion's own data as one dataset, on this repository's own tweets."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.trainer.verdicts import flipped, lounge_tweets
from trainer.cleaning import key
from trainer.dataset import Dataset, DatasetNotFound, load_dataset
from trainer.feedback import Correction
from trainer.replay import (
    FEEDBACK,
    MOST_COPIES,
    draw,
    known_labels,
    load_replay,
    mix,
    replay_name,
    split_corrections,
)
from trainer.settings import Settings
from trainer.splitting import Split, fractions
from trainer.training import all_tests, own_tests

BINARY = ("negative", "positive")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return load_dataset("sample", data_dir=tmp_path_factory.mktemp("none"))


def corrections(count: int | None = None) -> list[Correction]:
    return [
        Correction(
            prediction_id=f"prediction-{place}",
            text=tweet.text,
            label=tweet.label,
            reviewer="ada",
            predicted_label="negative",
            model_version="1",
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
            audited=False,
            key=key(tweet.text),
        )
        for place, tweet in enumerate(lounge_tweets(count))
    ]


@pytest.mark.parametrize(
    ("learned", "name"),
    [
        ("sentiment140", "sentiment140"),
        ("sentiment140+us_airline:4", "sentiment140+us_airline:4"),
        ("sentiment140+feedback:10", "sentiment140"),
        ("sentiment140+us_airline:4+feedback", "sentiment140+us_airline:4"),
        ("feedback:3", ""),
        ("feedback_of_2024+feedback:3", "feedback_of_2024"),
    ],
)
def test_the_original_data_is_what_was_learned_without_feedback(learned: str, name: str) -> None:
    assert replay_name(learned) == name


def test_the_name_does_not_grow_with_repeated_retraining(sample: Dataset, settings: Settings) -> None:
    name = sample.name
    for _ in range(3):
        name = mix(load_replay(replay_name(name), BINARY, settings), corrections(), share=0.3).dataset.name
    assert name == "sample+feedback"
    assert mix(sample, corrections(100), share=0.3).dataset.name == f"sample+feedback:{copies_of(sample, 100, 0.3)}"


def copies_of(sample: Dataset, count: int, share: float) -> int:
    return mix(sample, corrections(count), share=share).copies


def test_absent_data_says_how_to_have_it_and_what_else_to_do(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings.model_copy(update={"data_dir": tmp_path})
    with pytest.raises(DatasetNotFound, match="must not forget.*trainer dataset fetch sentiment140.*--replay NAME"):
        load_replay("sentiment140", BINARY, settings)
    with pytest.raises(DatasetNotFound, match="nothing but feedback.*--replay NAME"):
        load_replay("", BINARY, settings)


def test_the_original_tests_and_validation_stay_as_they_are(sample: Dataset) -> None:
    mixture = mix(sample, corrections(), share=0.3)
    assert [(own.dataset, own.tweets.texts) for own in own_tests(mixture.dataset)][0] == ("sample", sample.test.texts)
    assert mixture.dataset.validation.texts[: len(sample.validation)] == sample.validation.texts
    assert mixture.dataset.train.texts[: len(sample.train)] == sample.train.texts


def test_the_held_out_corrections_are_a_test_set_called_feedback(sample: Dataset) -> None:
    mixture = mix(sample, corrections(), share=0.3)
    [test] = [test for test in all_tests(mixture.dataset, []) if test.dataset == FEEDBACK]
    assert test.tweets.texts == [each.text for each in mixture.held_out]
    assert [BINARY[label] for label in test.tweets.labels] == [each.label for each in mixture.held_out]
    learned = {*mixture.dataset.train.texts, *mixture.dataset.validation.texts}
    assert not learned & set(test.tweets.texts)


def test_sides_follow_from_what_a_tweet_says(sample: Dataset) -> None:
    few, many = corrections(100), corrections()
    assert split_corrections(many)[:100].tolist() == split_corrections(few).tolist()
    counts = Counter(split_corrections(many).tolist())
    shares = {side: counts[side] / len(many) for side in Split}
    assert shares[Split.TEST] == pytest.approx(0.1, abs=0.04)
    assert shares[Split.VALIDATION] == pytest.approx(0.05, abs=0.03)


def test_what_published_sets_train_on_is_tested_on_here_too() -> None:
    """The same places in both would leave feedback without a test wherever it holds tweets of a published set."""
    sides = split_corrections(corrections())
    theirs = fractions([each.key for each in corrections()]) < 0.2
    assert 0 < (sides[theirs] == Split.TEST).mean() < 0.6


def test_few_corrections_are_repeated_to_their_share(sample: Dataset) -> None:
    mixture = mix(sample, corrections(60), share=0.2)
    part = mixture.dataset.parts[-1]
    learned = sum(text in set(part.train.texts) for text in mixture.dataset.train.texts)
    assert learned == mixture.copies * len(part.train)
    assert learned / len(mixture.dataset.train) == pytest.approx(0.2, abs=0.02)


def test_validation_is_mixed_like_training(sample: Dataset) -> None:
    mixture = mix(sample, corrections(60), share=0.2)
    added = len(mixture.dataset.validation) - len(sample.validation)
    assert added / len(mixture.dataset.validation) == pytest.approx(0.2, abs=0.05)


def test_one_tweet_never_weighs_more_than_fifty(sample: Dataset) -> None:
    assert mix(sample, corrections(10), share=0.9).copies == MOST_COPIES


def test_many_corrections_are_each_shown_once(sample: Dataset) -> None:
    assert mix(sample, corrections(), share=0.02).copies == 1


def test_the_fingerprint_tells_labels_and_tweets_but_not_their_order(sample: Dataset) -> None:
    told = corrections(100)
    fingerprint = mix(sample, told, share=0.02).dataset.fingerprint
    assert mix(sample, told[::-1], share=0.02).dataset.fingerprint == fingerprint
    assert mix(sample, told[:-1], share=0.02).dataset.fingerprint != fingerprint
    turned = [relabelled(each, tweet.label) for each, tweet in zip(told, flipped(lounge_tweets(100)), strict=True)]
    assert mix(sample, turned, share=0.02).dataset.fingerprint != fingerprint
    assert mix(sample, told, share=0.02, tweets=50).dataset.fingerprint != fingerprint


def relabelled(correction: Correction, label: str) -> Correction:
    return replace(correction, label=label)


def test_a_part_of_the_original_is_drawn_by_lot_and_the_same_each_time(sample: Dataset) -> None:
    drawn = draw(sample.train, 100, seed=7)
    assert len(drawn) == 100 and set(drawn.texts) < set(sample.train.texts)
    assert drawn.texts == draw(sample.train, 100, seed=7).texts != draw(sample.train, 100, seed=8).texts
    assert draw(sample.train, 10**6, seed=7) is sample.train
    assert len(mix(sample, corrections(10), share=0.02, tweets=100).dataset.train) < 120


def test_what_is_known_is_found_on_both_sides_that_were_learned_from(sample: Dataset) -> None:
    wanted = {key(text) for text in (sample.train.texts[0], sample.validation.texts[0], sample.test.texts[0])}
    assert known_labels(sample, wanted | {"something else"}) == {
        key(sample.train.texts[0]): BINARY[sample.train.labels[0]],
        key(sample.validation.texts[0]): BINARY[sample.validation.labels[0]],
    }


def test_no_corrections_leave_the_original_as_it_is(sample: Dataset) -> None:
    mixture = mix(sample, [], share=0.02)
    assert (mixture.dataset.train.texts, mixture.held_out) == (sample.train.texts, [])
