"""Two programs read a bundle, the trainer and the API: they must give and refuse the same."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import inference.errors
import trainer.bundle
from inference.classifier import load_classifier
from inference.decision import Decision

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


def edit(folder: Path, change: dict[str, object]) -> None:
    card = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    (folder / "model.json").write_text(json.dumps(card | change), encoding="utf-8")


def assert_both_refuse(folder: Path, reason: str = ".") -> None:
    with pytest.raises(trainer.bundle.BundleRefused, match=reason):
        trainer.bundle.load_bundle(folder)
    with pytest.raises(inference.errors.BundleRefused, match=reason):
        load_classifier(folder)


@pytest.mark.parametrize(
    "change",
    [
        {"format_version": 2},
        {"name": ""},
        {"labels": ["up", "down"]},
        {"labels": ["negative", ""]},
        {"labels": ["negative"]},
        {"golden": []},
        {"threshold": None},
        {"threshold": 2.0},
        {"threshold": -1},
        {"threshold": float("nan")},
        {"abstain_band": [0.6, 0.4]},
        {"abstain_band": [-3, 9]},
        {"max_tokens": 0},
        {"max_tokens": 10},
        {"files": {}},
    ],
)
def test_both_refuse_a_card_that_does_not_fit(copy: Path, change: dict[str, object]) -> None:
    edit(copy, change)
    assert_both_refuse(copy)


@pytest.mark.parametrize("change", [{"truncation": None}, {"padding": None}, {"stride": 256}])
def test_both_refuse_a_tokenizer_that_does_not_cut_or_pad(copy: Path, change: dict[str, object]) -> None:
    path = copy / "tokenizer.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    if "stride" in change:
        content["truncation"] |= change
    else:
        content |= change
    path.write_text(json.dumps(content), encoding="utf-8")
    files = json.loads((copy / "model.json").read_text(encoding="utf-8"))["files"]
    edit(copy, {"files": files | {path.name: hashlib.sha256(path.read_bytes()).hexdigest()}})
    assert_both_refuse(copy, "tokenizer.json does not (cut|pad)")


def test_both_read_a_card_that_says_more(copy: Path) -> None:
    edit(copy, {"remark": "made on a Tuesday"})
    assert trainer.bundle.load_bundle(copy).digest == load_classifier(copy).digest


THREE = ["negative", "neutral", "positive"]


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.8])
@pytest.mark.parametrize(
    "row", [[0.45, 0.3, 0.25], [0.3, 0.45, 0.25], [0.34, 0.33, 0.33], [0.0, 0.5, 0.5], [1.0, 0.0, 0.0]]
)
def test_both_decide_alike_between_three_labels(threshold: float, row: list[float]) -> None:
    """Negative against the stronger of the others: at one half the most probable label wins."""
    trained = trainer.bundle.load_bundle(CHAMPION).classifier
    trained.labels, trained.threshold = THREE, threshold
    probabilities = np.array([row], dtype=np.float32)
    chosen, abstained = trained.decide(probabilities)
    description = load_classifier(CHAMPION).description.model_copy(update={"labels": THREE, "threshold": threshold})
    answer = Decision(description).decide(probabilities[0].tolist())
    assert (answer.label, answer.abstained) == (THREE[chosen[0]], bool(abstained[0]))
    if threshold == 0.5:
        assert row[THREE.index(answer.label)] == max(row)
