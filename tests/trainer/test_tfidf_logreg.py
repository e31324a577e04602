"""The classic candidate: its graph gives what scikit-learn gives."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import pytest

from trainer.bundle import Bundle, write_bundle
from trainer.candidates import CANDIDATES, FittedCandidate
from trainer.candidates.linear_graph import build_linear_graph
from trainer.candidates.phrases import min_count_for
from trainer.candidates.tfidf_logreg import GRID
from trainer.card import DatasetCard
from trainer.dataset import Tweets, load_dataset

CARD = DatasetCard(name="lines", fingerprint="0" * 64, train=50, validation=50, test=0)


def export(fitted: FittedCandidate, labels: tuple[str, ...], folder: Path) -> Bundle:
    return write_bundle(
        folder,
        name="tfidf_logreg",
        labels=labels,
        tokenizer=fitted.tokenizer,
        graph=fitted.export(),
        command="test",
        dataset=CARD,
    )


def largest_difference(bundle: Bundle, fitted: FittedCandidate, texts: list[str]) -> float:
    return float(np.abs(bundle.classifier.probabilities(texts) - fitted.predict_proba(texts)).max())


def test_it_learns(fitted: FittedCandidate, tweets: Tweets) -> None:
    right = fitted.predict_proba(tweets.texts).argmax(axis=1) == tweets.labels
    assert right.mean() >= 0.9


def test_the_graph_counts_with_tfidf_vectorizer(fitted: FittedCandidate) -> None:
    graph = fitted.export().graph
    assert graph.node[0].op_type == "TfIdfVectorizer"
    assert [(node.name, node.type.tensor_type.elem_type) for node in graph.input] == [
        ("token_ids", onnx.TensorProto.INT64)
    ]
    assert [node.name for node in graph.output] == ["probabilities"]


def test_odd_texts_get_scikit_learns_probabilities(bundle: Bundle, fitted: FittedCandidate) -> None:
    texts = [
        "late",
        "late late late late",
        "zzz unseen zzz",
        "",
        "   ",
        "😀",
        "the crew was late thank you",
        "a " * 999,
    ]
    assert largest_difference(bundle, fitted, texts) < 1e-6


def test_a_text_scores_the_same_alone_and_in_a_batch(bundle: Bundle, tweets: Tweets) -> None:
    together = bundle.classifier.probabilities(tweets.texts)
    alone = np.concatenate([bundle.classifier.probabilities([text]) for text in tweets.texts])
    np.testing.assert_array_equal(together, alone)


def test_two_fits_give_the_same_bundle(tweets: Tweets, tmp_path: Path) -> None:
    digests = {
        export(
            CANDIDATES["tfidf_logreg"].fit(tweets, tweets, seed=7, checkpoints=tmp_path),
            ("negative", "positive"),
            tmp_path / turn,
        ).digest
        for turn in ("first", "second")
    }
    assert len(digests) == 1


def test_three_labels(tmp_path: Path) -> None:
    labels = ("negative", "neutral", "positive")
    sample = load_dataset("sample", data_dir=tmp_path, labels=labels)
    fitted = CANDIDATES["tfidf_logreg"].fit(sample.train, sample.validation, seed=7, checkpoints=tmp_path)
    bundle = export(fitted, labels, tmp_path / "bundle")
    assert bundle.classifier.probabilities(["hello"]).shape == (1, 3)
    assert largest_difference(bundle, fitted, sample.test.texts) < 1e-5


def test_a_model_without_any_weight_is_still_valid() -> None:
    model = build_linear_graph([[2], [2, 3]], np.zeros((2, 1)), np.array([0.5]), grid=GRID)
    onnx.checker.check_model(model)


def test_phrases_of_equal_weight_share_a_coordinate() -> None:
    weights: npt.NDArray[np.float64] = np.array([[0.5], [0.5], [-0.25]])
    model = build_linear_graph([[2], [2, 3], [3]], weights, np.array([0.0]), grid=GRID)
    attributes = {each.name: onnx.helper.get_attribute_value(each) for each in model.graph.node[0].attribute}
    assert attributes["pool_int64s"] == [2, 3, 2, 3]
    assert attributes["ngram_indexes"] == [1, 0, 1]


@pytest.mark.parametrize(("tweets", "expected"), [(100, 2), (400_000, 4), (1_500_000, 8)])
def test_rare_phrases_are_dropped_by_size(tweets: int, expected: int) -> None:
    assert min_count_for(tweets) == expected


@pytest.mark.data
def test_parity_with_scikit_learn_on_ten_thousand_real_tweets(data_dir: Path, tmp_path: Path) -> None:
    dataset = load_dataset("sentiment140", data_dir=data_dir, limit=100_000)
    fitted = CANDIDATES["tfidf_logreg"].fit(dataset.train, dataset.validation, seed=7, checkpoints=tmp_path)
    bundle = export(fitted, dataset.labels, tmp_path)
    texts = (dataset.test.texts + dataset.validation.texts + dataset.train.texts)[:10_000]
    assert len(texts) == 10_000
    assert largest_difference(bundle, fitted, texts) < 1e-5
