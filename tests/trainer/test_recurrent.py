"""The recurrent candidates: each fitted on this repository's tweets, and its graph held against Keras."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from trainer.bundle import Bundle, write_bundle
from trainer.candidates import CANDIDATES, FittedCandidate, recurrent
from trainer.candidates.recurrent import Recurrent, pace
from trainer.card import DatasetCard
from trainer.dataset import Dataset, load_dataset
from trainer.errors import TrainerError
from trainer.soft_labels import write_soft_labels

pytest.importorskip("keras", reason="the extra `networks` is not installed")

NAMES = [name for name, candidate in CANDIDATES.items() if isinstance(candidate, Recurrent)]
ODD_TEXTS = ["", " ", "?", "word " * 300, "\U0001f600", "&amp;", "@nobody http://example.org", "été à Noël"]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return load_dataset("sample", data_dir=tmp_path_factory.mktemp("none"), limit=300)


@pytest.fixture(autouse=True)
def files(sample: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What GloVe and the teacher would have left: vectors of a few words, thoughts about half of the tweets."""
    glove = tmp_path / "glove.txt"
    glove.write_text("the 0.1 0.2 0.3\nflight 0.4 -0.5 0.6\n", encoding="utf-8")
    thoughts = np.eye(2, dtype=np.float32)[sample.train.labels]
    thoughts[::2] = np.nan
    write_soft_labels(tmp_path / "soft_labels.npz", sample.train.texts, thoughts)
    monkeypatch.setenv("TRAINER_GLOVE_FILE", str(glove))
    monkeypatch.setenv("TRAINER_SOFT_LABELS_FILE", str(tmp_path / "soft_labels.npz"))


def fit(name: str, sample: Dataset, folder: Path) -> FittedCandidate:
    return CANDIDATES[name].fit(sample.train, sample.validation, seed=7, checkpoints=folder)


@pytest.fixture
def two_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of the graph: it equals Keras whether or not the network has learned much."""
    monkeypatch.setattr(recurrent, "pace", lambda tweets, rate, seed: replace(pace(tweets, rate, seed), epochs=2))


def bundle_of(fitted: FittedCandidate, labels: tuple[str, ...], folder: Path) -> Bundle:
    return write_bundle(
        folder,
        name="recurrent",
        labels=labels,
        tokenizer=fitted.tokenizer,
        graph=fitted.export(),
        command="trainer train",
        dataset=DatasetCard(name="sample", fingerprint="0" * 64, train=1, validation=1, test=1),
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.usefixtures("two_epochs")
def test_the_bundle_equals_keras(name: str, sample: Dataset, tmp_path: Path) -> None:
    fitted = fit(name, sample, tmp_path / "checkpoints")
    bundle = bundle_of(fitted, sample.labels, tmp_path / "bundle")
    texts = sample.test.texts + ODD_TEXTS
    difference = np.abs(bundle.classifier.probabilities(texts) - fitted.predict_proba(texts)).max()
    assert difference < 1e-5
    operators = {node.op_type for node in onnx.load(bundle.folder / "model.onnx").graph.node}
    assert operators & {"GRU", "LSTM"} == {"LSTM" if "lstm" in name else "GRU"}
    assert not operators & {"Loop", "Scan", "If"}


def test_it_learns(sample: Dataset, tmp_path: Path) -> None:
    fitted = fit("bigru_learned", sample, tmp_path)
    assert fitted.history[-1]["train_loss"] < 0.8 * fitted.history[0]["train_loss"]
    best = min(fitted.history, key=lambda epoch: epoch["validation_loss"])
    right = fitted.predict_proba(sample.validation.texts).argmax(axis=1) == sample.validation.labels
    assert right.mean() == pytest.approx(best["validation_accuracy"]), "not the network of the best epoch"


def test_an_interrupted_fit_goes_on_where_it_was(sample: Dataset, tmp_path: Path) -> None:
    """Stopped after the fifth epoch, a second fit with the same folder ends where an undisturbed one does."""

    def interrupt(epoch: int, loss: float) -> None:
        if epoch == 5:
            raise KeyboardInterrupt

    candidate = CANDIDATES["bigru_learned"]
    assert isinstance(candidate, Recurrent)
    with pytest.raises(KeyboardInterrupt):
        replace(candidate, report=interrupt).fit(
            sample.train, sample.validation, seed=7, checkpoints=tmp_path / "interrupted"
        )
    (kept,) = (tmp_path / "interrupted").rglob("history.json")
    assert len(json.loads(kept.read_text(encoding="utf-8"))) == 5
    resumed, undisturbed = (fit("bigru_learned", sample, tmp_path / folder) for folder in ("interrupted", "whole"))
    assert len(resumed.history) == len(undisturbed.history)
    np.testing.assert_allclose(
        resumed.predict_proba(sample.test.texts), undisturbed.predict_proba(sample.test.texts), atol=1e-4
    )


@pytest.mark.usefixtures("two_epochs")
def test_three_labels(tmp_path: Path) -> None:
    labels = ("negative", "neutral", "positive")
    sample = load_dataset("sample", data_dir=tmp_path, labels=labels, limit=600)
    fitted = fit("bigru_learned", sample, tmp_path / "checkpoints")
    bundle = bundle_of(fitted, labels, tmp_path / "bundle")
    probabilities = bundle.classifier.probabilities(sample.test.texts)
    assert probabilities.shape == (len(sample.test), 3)
    assert np.abs(probabilities - fitted.predict_proba(sample.test.texts)).max() < 1e-5


def test_without_a_teacher_the_student_says_what_to_do(
    sample: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAINER_SOFT_LABELS_FILE", str(tmp_path / "absent.npz"))
    with pytest.raises(TrainerError, match="Train bert on them first"):
        fit("bigru_distilled", sample, tmp_path)


@pytest.mark.parametrize(("trust", "negative"), [(0.0, 1.0), (0.7, 0.475), (1.0, 0.25)])
def test_the_teacher_is_trusted_as_far_as_the_setting_says(
    trust: float, negative: float, sample: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "thoughts.npz"
    write_soft_labels(file, sample.train.texts, np.tile(np.float32([0.25, 0.75]), (len(sample.train), 1)))
    monkeypatch.setenv("TRAINER_SOFT_LABELS_FILE", str(file))
    monkeypatch.setenv("TRAINER_TEACHER_TRUST", str(trust))
    student = CANDIDATES["bigru_distilled"]
    assert isinstance(student, Recurrent)
    of_negative = student.targets(sample.train, labels=2)[sample.train.labels == 0]
    np.testing.assert_allclose(of_negative, np.tile([negative, 1 - negative], (len(of_negative), 1)), atol=1e-3)
