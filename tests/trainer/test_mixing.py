"""Several sets as one, from files of our own."""

from pathlib import Path

import pandas as pd
import pytest

from trainer.dataset import DatasetError, load_dataset
from trainer.mixing import load_mixture
from trainer.training import own_tests


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, word in (("first", "late"), ("second", "delayed")):
        texts = [f"{word} flight number {turn}" for turn in range(100)] + ["one tweet that lies in both"]
        labels = ["negative", "positive"] * 50 + ["negative"]
        pd.DataFrame({"text": texts, "label": labels}).to_csv(tmp_path / f"{name}.csv", index=False)
    return tmp_path


def test_parts_keep_their_tests_and_are_repeated_in_train_only(folder: Path) -> None:
    first, second = (load_dataset(str(folder / f"{name}.csv"), data_dir=folder) for name in ("first", "second"))
    mixture = load_mixture(f"{folder}/first.csv+{folder}/second.csv:3", data_dir=folder)
    assert mixture.name == "first+second:3"
    assert [own.tweets.texts for own in own_tests(mixture)] == [first.test.texts, second.test.texts]
    assert len(mixture.validation) == len(first.validation) + len(second.validation)
    delayed = [text for text in mixture.train.texts if text.startswith("delayed")]
    assert len(delayed) == 3 * len(set(delayed)) == 3 * sum(text.startswith("delayed") for text in second.train.texts)


def test_no_tweet_is_trained_on_that_another_part_is_tested_on(folder: Path) -> None:
    mixture = load_mixture(f"{folder}/first.csv+{folder}/second.csv", data_dir=folder)
    assert not set(mixture.train.texts) & {*mixture.test.texts, *mixture.validation.texts}


def test_the_fingerprint_tells_how_often_a_part_is_repeated(folder: Path) -> None:
    mixtures = {
        load_mixture(f"{folder}/first.csv+{folder}/second.csv{times}", data_dir=folder).fingerprint
        for times in ("", ":2")
    }
    assert len(mixtures) == 2


@pytest.mark.parametrize("times", ["0", "x", "-1", ""])
def test_a_wrong_number_of_copies_is_explained(folder: Path, times: str) -> None:
    with pytest.raises(DatasetError, match="how many copies"):
        load_mixture(f"{folder}/first.csv+{folder}/second.csv:{times}", data_dir=folder)
