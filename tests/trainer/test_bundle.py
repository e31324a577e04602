"""A bundle on disk: written whole, loaded only when every byte is as it was."""

import json
from pathlib import Path
from typing import Any

import pytest

from trainer.bundle import FILES, Bundle, BundleRefused, add_metrics, golden_texts, load_bundle
from trainer.card import Scores


def edit_card(bundle: Bundle, **changes: Any) -> None:
    path = bundle.folder / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes), encoding="utf-8")


def flip_a_byte(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def test_it_loads_back(bundle: Bundle) -> None:
    again = load_bundle(bundle.folder)
    assert (again.digest, again.card) == (bundle.digest, bundle.card)
    assert sorted(file.name for file in bundle.folder.iterdir()) == ["model.json", "model.onnx", "tokenizer.json"]


@pytest.mark.parametrize("file", FILES)
def test_one_changed_byte_is_refused_with_the_reason(bundle: Bundle, file: str) -> None:
    flip_a_byte(bundle.folder / file)
    with pytest.raises(BundleRefused, match=f"{file} was changed"):
        load_bundle(bundle.folder)


@pytest.mark.parametrize("file", [*FILES, "model.json"])
def test_a_missing_file_is_refused(bundle: Bundle, file: str) -> None:
    (bundle.folder / file).unlink()
    with pytest.raises(BundleRefused, match=f"{file} is missing"):
        load_bundle(bundle.folder)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"format_version": 2}, "format_version 2 is unknown"),
        ({"labels": ["good", "bad"]}, "hold 'negative'"),
        ({"labels": ["negative", "negative"]}, "distinct"),
        ({"labels": ["negative", "neutral", "positive"]}, "shape|does not run"),
        ({"golden": []}, "no golden tweets"),
        ({"threshold": "high"}, "threshold"),
        ({"files": {}}, "a bundle has"),
    ],
)
def test_a_card_that_does_not_fit_is_refused(bundle: Bundle, changes: dict[str, Any], reason: str) -> None:
    edit_card(bundle, **changes)
    with pytest.raises(BundleRefused, match=reason):
        load_bundle(bundle.folder)


@pytest.mark.parametrize("value", [0.123456, float("nan")])
def test_other_golden_probabilities_are_refused(bundle: Bundle, value: float) -> None:
    golden = [each.model_dump() for each in bundle.card.golden]
    golden[7]["probabilities"] = [value, value]
    edit_card(bundle, golden=golden)
    with pytest.raises(BundleRefused, match="1 of 50 golden tweets|model.json: golden.7.probabilities"):
        load_bundle(bundle.folder)


def test_a_card_that_is_no_json_is_refused(bundle: Bundle) -> None:
    (bundle.folder / "model.json").write_text("{", encoding="utf-8")
    with pytest.raises(BundleRefused, match="not JSON"):
        load_bundle(bundle.folder)


def test_the_golden_texts_are_fifty_different_ones() -> None:
    assert len(set(golden_texts())) == 50


def test_scores_are_part_of_the_digest(bundle: Bundle) -> None:
    figures = dict.fromkeys(
        ("accuracy", "accuracy_low", "accuracy_high", "macro_f1", "auc", "log_loss", "calibration_error"), 0.5
    )
    scored = add_metrics(bundle, [Scores(dataset="lines", split="test", size=2, **figures)])
    assert scored.digest != bundle.digest
    assert scored.card.metrics[0].dataset == "lines"


def test_a_long_text_is_cut_not_refused(bundle: Bundle) -> None:
    assert bundle.classifier.probabilities(["late " * 10_000]).shape == (1, 2)
