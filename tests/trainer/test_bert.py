"""BERT: fine-tuned on this repository's tweets, its graph held against torch. Skipped where torch is not installed."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed (`make bert`)")
pytest.importorskip("transformers", reason="transformers is not installed (`make bert`)")

from trainer.bundle import write_bundle
from trainer.candidates import CANDIDATES, FittedCandidate, bert, bert_graph
from trainer.candidates import bert_finetuning as finetuning
from trainer.candidates.bert import FittedBert, identity, passes_over
from trainer.candidates.bert_graph import build_graph, choose_precision, run
from trainer.card import DatasetCard
from trainer.dataset import Dataset, load_dataset
from trainer.soft_labels import read_soft_labels


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return load_dataset("sample", data_dir=tmp_path_factory.mktemp("none"), limit=400)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bert")


@pytest.fixture(scope="module")
def fitted(sample: Dataset, folder: Path) -> FittedBert:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRAINER_SOFT_LABELS_FILE", str(folder / "soft_labels.npz"))
        patch.setenv("TRAINER_BERT_ENCODER_DIR", str(folder / "encoder"))
        fitted = CANDIDATES["bert"].fit(sample.train, sample.validation, seed=7, checkpoints=folder)
    assert isinstance(fitted, FittedBert)
    return fitted


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a test fits leaves its encoder and its thoughts here."""
    monkeypatch.setenv("TRAINER_SOFT_LABELS_FILE", str(tmp_path / "soft_labels.npz"))
    monkeypatch.setenv("TRAINER_BERT_ENCODER_DIR", str(tmp_path / "encoder"))


def test_the_float_graph_equals_torch(fitted: FittedBert, sample: Dataset) -> None:
    rows = fitted.validation_rows
    expected = fitted.predict_proba(sample.validation.texts)
    assert np.abs(run(build_graph(fitted.network), rows) - expected).max() < 1e-5


def test_the_bundle_answers_what_torch_would(fitted: FittedCandidate, sample: Dataset, tmp_path: Path) -> None:
    graph = fitted.export()
    bundle = write_bundle(
        tmp_path / "bundle",
        name="bert",
        labels=sample.labels,
        tokenizer=fitted.tokenizer,
        graph=graph,
        command="trainer train bert",
        dataset=DatasetCard(name="sample", fingerprint="0" * 64, train=1, validation=1, test=1),
    )
    texts = [*sample.test.texts, "", "word " * 300, "\U0001f600 @nobody http://example.org"]
    answers, expected = bundle.classifier.probabilities(texts), fitted.predict_proba(texts)
    if fitted.parameters["precision"] == "int8":
        assert (answers.argmax(axis=1) == expected.argmax(axis=1)).mean() >= 0.97
    else:
        assert np.abs(answers - expected).max() < 1e-5


def test_int8_is_kept_only_where_it_changes_little(fitted: FittedBert, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = build_graph(fitted.network)
    precisions = {}
    for least in (0.0, 1.01):
        monkeypatch.setattr(bert_graph, "LEAST_AGREEMENT", least)
        monkeypatch.setattr(bert_graph, "MOST_F1_LOST", 1.0)
        chosen, figures = choose_precision(graph, fitted.validation_rows, fitted.validation_labels)
        precisions[least] = figures["precision"]
        assert (chosen.ByteSize() < 0.5 * graph.ByteSize()) == (figures["precision"] == "int8")
    assert precisions == {0.0: "int8", 1.01: "float32"}


def test_it_learns(fitted: FittedBert, sample: Dataset) -> None:
    right = fitted.predict_proba(sample.train.texts).argmax(axis=1) == sample.train.labels
    assert right.mean() > 0.75


def test_what_it_thought_of_unseen_tweets_is_kept_and_nothing_else(
    fitted: FittedBert, sample: Dataset, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not (folder / "soft_labels.npz").exists()  # it read its tweets three times
    monkeypatch.setattr(bert, "MOST_PASSES", 1.0)
    tweets = sample.validation
    CANDIDATES["bert"].fit(tweets, tweets, seed=7, checkpoints=tmp_path)
    assert not np.isnan(read_soft_labels(tmp_path / "soft_labels.npz", tweets.texts, labels=2)).any()


def test_an_interrupted_fit_goes_on_where_it_was(
    sample: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finetuning, "STEPS_A_CHECKPOINT", 3)
    written = finetuning.save

    def save_twice(folder: Path, *arguments: object) -> None:
        written(folder, *arguments)
        if arguments[-1] == 6:
            raise KeyboardInterrupt

    monkeypatch.setattr(finetuning, "save", save_twice)
    tweets = sample.validation
    with pytest.raises(KeyboardInterrupt):
        CANDIDATES["bert"].fit(tweets, tweets, seed=7, checkpoints=tmp_path / "interrupted")
    monkeypatch.setattr(finetuning, "save", written)
    resumed, undisturbed = (
        CANDIDATES["bert"].fit(tweets, tweets, seed=7, checkpoints=tmp_path / name) for name in ("interrupted", "whole")
    )
    assert [row["step"] for row in resumed.history] == [row["step"] for row in undisturbed.history]
    np.testing.assert_allclose(resumed.predict_proba(tweets.texts), undisturbed.predict_proba(tweets.texts), atol=2e-2)


def test_a_fine_tuned_encoder_begins_another_fit(
    fitted: FittedBert, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first layers are kept, its head is not: the next fit may know other labels."""
    monkeypatch.setenv("TRAINER_BERT_CHECKPOINT", str(folder / "encoder"))
    tweets = load_dataset("sample", data_dir=tmp_path, labels=("negative", "neutral", "positive"), limit=60).train
    second = CANDIDATES["bert"].fit(tweets, tweets, seed=7, checkpoints=tmp_path)
    assert second.predict_proba(tweets.texts[:1]).shape == (1, 3)
    assert identity(str(tmp_path / "encoder")) != identity(str(folder / "encoder")) != "encoder"


@pytest.mark.parametrize(("tweets", "passes"), [(1_500_000, 0.5), (2_000_000, 0.5), (500_000, 1.5), (900, 3)])
def test_a_small_set_is_read_more_often(tweets: int, passes: float) -> None:
    assert passes_over(tweets, to_read=750_000) == passes
