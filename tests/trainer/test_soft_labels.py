"""What a teacher thought of tweets, kept by what they say."""

from pathlib import Path

import numpy as np
import pytest

from trainer.bundle import Bundle
from trainer.dataset import Tweets
from trainer.errors import TrainerError
from trainer.soft_labels import read_soft_labels, teach, write_soft_labels


def test_each_tweet_gets_its_own_thoughts_back_in_any_order(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "soft_labels.npz"
    thoughts = np.array([[0.5, 0.5], [np.nan, np.nan], [0.25, 0.75]], dtype=np.float32)
    write_soft_labels(file, ["even", "unseen", "likely"], thoughts)
    answer = read_soft_labels(file, ["likely", "unseen", "never heard of", "even"], labels=2)
    np.testing.assert_allclose(answer[[0, 3]], [[0.25, 0.75], [0.5, 0.5]], atol=1e-3)
    assert np.isnan(answer[[1, 2]]).all()


def test_thoughts_about_other_labels_are_refused(tmp_path: Path) -> None:
    write_soft_labels(tmp_path / "soft.npz", ["even"], np.zeros((1, 2), dtype=np.float32))
    with pytest.raises(TrainerError, match="about 2 labels, this dataset has 3"):
        read_soft_labels(tmp_path / "soft.npz", ["even"], labels=3)


def test_newer_thoughts_replace_older_ones_and_the_rest_stays(tmp_path: Path) -> None:
    file = tmp_path / "soft.npz"
    assert write_soft_labels(file, ["a", "b"], np.array([[1, 0], [1, 0]], dtype=np.float32)) == 2
    assert write_soft_labels(file, ["b", "c"], np.array([[0, 1], [0, 1]], dtype=np.float32)) == 3
    np.testing.assert_array_equal(read_soft_labels(file, ["a", "b", "c"], labels=2), [[1, 0], [0, 1], [0, 1]])


def test_a_bundle_teaches_what_it_answers(bundle: Bundle, tweets: Tweets) -> None:
    np.testing.assert_array_equal(teach(bundle, tweets.texts), bundle.classifier.probabilities(tweets.texts))
