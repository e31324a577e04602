"""Two programs read a bundle, the trainer and the API: they must give and refuse the same."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import inference.errors
import trainer.bundle
from inference.classifier import load_classifier

CHAMPION = Path(__file__).resolve().parents[2] / "models" / "champion"
TEXTS = [
    "My flight was cancelled and nobody answers the phone",
    "thank you for the upgrade!! https://t.co/x @crew",
    "😡😡😡",
    "zzzz qqqq",
    "late " * 400,
    "\u200b",
]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CHAMPION, tmp_path / "bundle"))


def test_both_give_the_same_probabilities() -> None:
    trained = trainer.bundle.load_bundle(CHAMPION)
    served = load_classifier(CHAMPION)
    assert served.digest == trained.digest
    expected = trained.classifier.probabilities(TEXTS)
    np.testing.assert_allclose(served.predict_probabilities(TEXTS), expected, atol=1e-7)


def test_both_decide_alike() -> None:
    trained = trainer.bundle.load_bundle(CHAMPION).classifier
    chosen, abstained = trained.decide(trained.probabilities(TEXTS))
    answers = load_classifier(CHAMPION).predict(TEXTS)
    assert [answer.label for answer in answers] == [trained.labels[index] for index in chosen]
    assert [answer.abstained for answer in answers] == abstained.tolist()


@pytest.mark.parametrize("file", ["tokenizer.json", "model.onnx"])
def test_both_refuse_one_changed_byte(copy: Path, file: str) -> None:
    content = bytearray((copy / file).read_bytes())
    content[1000] ^= 1
    (copy / file).write_bytes(content)
    with pytest.raises(trainer.bundle.BundleRefused, match=file):
        trainer.bundle.load_bundle(copy)
    with pytest.raises(inference.errors.BundleRefused, match=file):
        load_classifier(copy)


@pytest.mark.parametrize(
    "change", [{"format_version": 2}, {"labels": ["up", "down"]}, {"golden": []}, {"threshold": None}, {"files": {}}]
)
def test_both_refuse_a_card_that_does_not_fit(copy: Path, change: dict[str, object]) -> None:
    card = json.loads((copy / "model.json").read_text(encoding="utf-8"))
    (copy / "model.json").write_text(json.dumps(card | change), encoding="utf-8")
    with pytest.raises(trainer.bundle.BundleRefused):
        trainer.bundle.load_bundle(copy)
    with pytest.raises(inference.errors.BundleRefused):
        load_classifier(copy)
