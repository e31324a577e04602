"""The reference window: built from a dataset, kept as figures without a text."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from trainer import drift_reference
from trainer.bundle import Bundle, load_bundle
from trainer.dataset import Dataset, DatasetReport, Tweets, load_dataset
from trainer.drift_features import TweetFeatures
from trainer.drift_reference import (
    Reference,
    ReferenceRefused,
    reference_from_bytes,
    reference_from_dataset,
    reference_to_bytes,
)

CHAMPION = Path(__file__).parents[2] / "models" / "champion"


@pytest.fixture(scope="module")
def champion() -> Bundle:
    return load_bundle(CHAMPION)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return load_dataset("sample", data_dir=tmp_path_factory.mktemp("none"))


@pytest.fixture(scope="module")
def reference(champion: Bundle, sample: Dataset) -> Reference:
    return reference_from_dataset(champion, sample)


def test_few_validation_tweets_are_helped_by_training_tweets(reference: Reference, sample: Dataset) -> None:
    assert len(reference.features) == len(sample.validation) + len(sample.train)
    assert len(reference.unseen) == len(sample.validation)
    assert "training tweets of sample" in reference.words


def test_enough_validation_tweets_stand_alone(
    champion: Bundle, sample: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drift_reference, "ENOUGH_UNSEEN", 10)
    monkeypatch.setattr(drift_reference, "MOST_TWEETS", 20)
    found = reference_from_dataset(champion, sample)
    assert len(found.features) == len(found.unseen) == found.judged == 20
    assert found.words == "20 validation tweets of sample, which the model was trained with"


def test_the_expected_error_is_the_upper_end_of_what_was_measured(champion: Bundle) -> None:
    texts = [*["the flight was late"] * 90, *["thank you, lovely crew"] * 10]
    validation = Tweets(texts, np.zeros(100, np.int64))
    found = reference_from_dataset(champion, dataset_of(validation))
    assert (found.judged, found.wrong) == (100, 10)
    assert 0.1 < found.error < 0.18


def test_without_labels_the_model_says_itself_how_often_it_errs(reference: Reference) -> None:
    unlabelled = replace(reference, judged=0, wrong=0)
    assert unlabelled.error == pytest.approx(1 - reference.unseen.chosen_probability.mean(), abs=1e-6)


def test_a_reference_comes_back_as_it_was_kept(reference: Reference) -> None:
    back = reference_from_bytes(reference_to_bytes(reference))
    assert (back.labels, back.judged, back.wrong, back.words, back.after) == (
        reference.labels,
        reference.judged,
        reference.wrong,
        reference.words,
        reference.after,
    )
    assert back.seen.tolist() == reference.seen.tolist()
    for field in fields(TweetFeatures):
        kept, read = getattr(reference.features, field.name), getattr(back.features, field.name)
        if field.name == "words":
            assert (kept != read).nnz == 0
        else:
            assert kept.tolist() == read.tolist() and kept.dtype == read.dtype


def test_what_is_kept_holds_no_word_of_a_tweet(champion: Bundle, tmp_path: Path) -> None:
    canary = "zanzibarquokka"
    texts = [f"the {canary} was late {turn}" for turn in range(50)]
    content = reference_to_bytes(reference_from_dataset(champion, dataset_of(Tweets(texts, np.zeros(50, np.int64)))))
    (tmp_path / "reference.npz").write_bytes(content)
    with np.load(tmp_path / "reference.npz", allow_pickle=False) as arrays:
        unpacked = b"".join(arrays[name].tobytes() for name in arrays.files)
        assert all(arrays[name].dtype.kind in "buif" for name in arrays.files)
    assert canary.encode() not in content + unpacked
    assert b"late" not in unpacked


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 half of one"])
def test_a_damaged_file_is_refused(content: bytes) -> None:
    with pytest.raises(ReferenceRefused, match="cannot be read"):
        reference_from_bytes(content)


def test_a_reference_of_another_version_is_refused(reference: Reference, monkeypatch: pytest.MonkeyPatch) -> None:
    content = reference_to_bytes(reference)
    monkeypatch.setattr(drift_reference, "FORMAT_VERSION", 2)
    with pytest.raises(ReferenceRefused, match="it has format 1, this trainer reads 2"):
        reference_from_bytes(content)


def dataset_of(validation: Tweets) -> Dataset:
    nothing = Tweets([], np.zeros(0, np.int64))
    report = DatasetReport(len(validation), 0, 0, 0, 0, 0, 0)
    return Dataset("lines", "0" * 64, ("negative", "positive"), nothing, validation, nothing, report, "ours")
