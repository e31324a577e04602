"""What a teacher thought of tweets, kept by what they say."""

from pathlib import Path

import numpy as np

from trainer.bundle import Bundle
from trainer.dataset import Tweets
from trainer.soft_labels import read_soft_labels, teach, write_soft_labels


def test_each_tweet_gets_its_own_thoughts_back_in_any_order(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "soft_labels.npz"
    thoughts = np.array([[0.5, 0.5], [np.nan, np.nan], [0.25, 0.75]], dtype=np.float32)
    write_soft_labels(file, ["even", "unseen", "likely"], thoughts)
    answer = read_soft_labels(file, ["likely", "unseen", "never heard of", "even"], labels=2)
    np.testing.assert_allclose(answer[[0, 3]], [[0.25, 0.75], [0.5, 0.5]], atol=1e-3)
    assert np.isnan(answer[[1, 2]]).all()


def test_a_teacher_of_two_labels_teaches_a_student_of_three_and_the_other_way_round(tmp_path: Path) -> None:
    file = tmp_path / "soft.npz"
    write_soft_labels(file, ["bad", "so so"], np.array([[0.75, 0.25], [0.5, 0.5]], dtype=np.float32))
    np.testing.assert_allclose(read_soft_labels(file, ["bad"], labels=3), [[0.75, 0, 0.25]], atol=1e-3)
    write_soft_labels(file, ["so so", "a fact"], np.array([[0.375, 0.5, 0.125], [0, 1, 0]], dtype=np.float32))
    np.testing.assert_allclose(
        read_soft_labels(file, ["bad", "so so"], labels=3), [[0.75, 0, 0.25], [0.375, 0.5, 0.125]], atol=1e-3
    )
    np.testing.assert_allclose(
        read_soft_labels(file, ["bad", "so so", "a fact"], labels=2),
        [[0.75, 0.25], [0.75, 0.25], [np.nan, np.nan]],
        atol=1e-3,
    )
    write_soft_labels(file, ["good"], np.array([[0.25, 0.75]], dtype=np.float32))
    np.testing.assert_allclose(read_soft_labels(file, ["good"], labels=3), [[0.25, 0, 0.75]], atol=1e-3)


def test_newer_thoughts_replace_older_ones_and_the_rest_stays(tmp_path: Path) -> None:
    file = tmp_path / "soft.npz"
    assert write_soft_labels(file, ["a", "b"], np.array([[1, 0], [1, 0]], dtype=np.float32)) == 2
    assert write_soft_labels(file, ["b", "c"], np.array([[0, 1], [0, 1]], dtype=np.float32)) == 3
    np.testing.assert_array_equal(read_soft_labels(file, ["a", "b", "c"], labels=2), [[1, 0], [0, 1], [0, 1]])


def test_a_bundle_teaches_what_it_answers(bundle: Bundle, tweets: Tweets) -> None:
    np.testing.assert_array_equal(teach(bundle, tweets.texts), bundle.classifier.probabilities(tweets.texts))
