"""A bundle that breaks its promises is refused, and the reason is said in words."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from inference.classifier import load_classifier, refused_on_failure
from inference.errors import BundleRefused

Make = Callable[..., Path]
FILES = ["model.json", "tokenizer.json", "model.onnx"]


def edit(folder: Path, **changes: object) -> Path:
    path = folder / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes), encoding="utf-8")
    return folder


def test_a_good_bundle_predicts_its_golden_set(make_bundle: Make) -> None:
    classifier = load_classifier(make_bundle())
    golden = classifier.description.golden
    given = classifier.predict_probabilities([prediction.text for prediction in golden])
    np.testing.assert_allclose(given, [prediction.probabilities for prediction in golden], atol=1e-6)


def test_of_three_labels_the_likeliest_but_negative_is_the_answer(make_bundle: Make) -> None:
    folder = make_bundle(labels=("negative", "neutral", "positive"))
    negative, other = load_classifier(folder).predict(["late", "thanks"])
    assert (negative.label, other.label) == ("negative", "neutral")
    assert other.probability == other.probabilities["neutral"] == pytest.approx(0.4404, abs=1e-4)


def test_labels_in_another_order_than_the_graph_s_are_found_by_the_golden_set(make_bundle: Make) -> None:
    folder = make_bundle(changes={"labels": ["positive", "negative"]})
    golden = [{"text": "late", "probabilities": [0.1192, 0.8808]}]
    with pytest.raises(BundleRefused, match="golden probabilities are missed"):
        load_classifier(edit(folder, golden=golden))


def test_the_threshold_and_the_band_are_the_bundle_s_own(make_bundle: Make) -> None:
    strict = {"threshold": 0.9, "abstain_band": [0.85, 0.95]}
    [answer] = load_classifier(make_bundle(changes=strict)).predict(["late"])
    assert (answer.label, answer.abstained) == ("positive", True)
    assert answer.probability == pytest.approx(0.1192, abs=1e-4)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(make_bundle: Make, name: str) -> None:
    folder = make_bundle()
    (folder / name).unlink()
    with pytest.raises(BundleRefused, match=f"{name} is missing"):
        load_classifier(folder)


@pytest.mark.parametrize("name", ["tokenizer.json", "model.onnx"])
def test_one_changed_byte_is_found_by_the_hash(make_bundle: Make, name: str) -> None:
    folder = make_bundle()
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(BundleRefused, match=f"{name} does not have the hash"):
        load_classifier(folder)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"format_version": 2}, "format_version 2 is not known"),
        ({"labels": ["bad", "good"]}, "include 'negative'"),
        ({"labels": ["negative", "negative"]}, "labels must differ"),
        ({"labels": ["negative"]}, "labels: "),
        ({"labels": ["negative", "neutral", "positive"]}, "one probability per label"),
        ({"threshold": 2}, "threshold: "),
        ({"abstain_band": [0.6, 0.4]}, "abstain_band must not end"),
        ({"golden": []}, "golden: "),
        ({"golden": [{"text": "late", "probabilities": [0.1, 0.9]}]}, "golden probabilities are missed by 0.78"),
        ({"golden": [{"text": "late", "probabilities": [1.0]}]}, "do not fit the labels"),
        ({"golden": [{"text": "late", "probabilities": [float("nan"), 0.5]}]}, "model.json is not valid"),
        ({"max_tokens": 31}, "does not cut texts at max_tokens"),
        ({"files": {}}, "files.tokenizer.json: "),
    ],
)
def test_a_description_that_does_not_hold_is_refused(
    make_bundle: Make, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(BundleRefused, match=reason):
        load_classifier(make_bundle(changes=changes))


def test_a_description_that_is_not_json_is_refused(make_bundle: Make) -> None:
    folder = make_bundle()
    (folder / "model.json").write_bytes(b"\xff{")
    with pytest.raises(BundleRefused, match=r"model\.json is not valid"):
        load_classifier(folder)


def test_a_golden_set_off_by_a_little_more_than_allowed_is_refused(make_bundle: Make) -> None:
    folder = make_bundle()
    golden = json.loads((folder / "model.json").read_text(encoding="utf-8"))["golden"]
    golden[0]["probabilities"][0] += 0.0002
    with pytest.raises(BundleRefused, match="missed by 0.0002"):
        load_classifier(edit(folder, golden=golden))


def test_what_is_no_graph_or_no_tokenizer_is_refused(make_bundle: Make) -> None:
    with pytest.raises(BundleRefused, match=r"model\.onnx cannot be read"):
        load_classifier(make_bundle("graph", graph=b"not a graph"))
    with pytest.raises(BundleRefused, match=r"tokenizer\.json cannot be read"):
        load_classifier(make_bundle("tokenizer", tokenizer="{}"))


def test_a_tokenizer_without_truncation_or_padding_is_refused(make_bundle: Make) -> None:
    plain = json.loads((make_bundle("plain") / "tokenizer.json").read_text(encoding="utf-8"))
    with pytest.raises(BundleRefused, match="does not cut"):
        load_classifier(make_bundle("long", tokenizer=json.dumps(plain | {"truncation": None})))
    with pytest.raises(BundleRefused, match="does not pad"):
        load_classifier(make_bundle("ragged", tokenizer=json.dumps(plain | {"padding": None})))


def test_a_graph_with_other_names_is_refused(make_bundle: Make, build_graph: Callable[..., bytes]) -> None:
    weights = [0.0] * 7
    with pytest.raises(BundleRefused, match="one float output probabilities"):
        load_classifier(make_bundle("output", graph=build_graph(weights, output="scores")))
    with pytest.raises(BundleRefused, match="one int64 input token_ids"):
        load_classifier(make_bundle("input", graph=build_graph(weights, source="words")))


def test_a_graph_that_gives_no_numbers_is_refused(make_bundle: Make, build_graph: Callable[..., bytes]) -> None:
    with pytest.raises(BundleRefused, match="not numbers"):
        load_classifier(make_bundle(graph=build_graph([float("nan")] * 7)))


def test_probabilities_that_do_not_sum_to_1_are_refused(make_bundle: Make, build_graph: Callable[..., bytes]) -> None:
    with pytest.raises(BundleRefused, match="do not sum to 1"):
        load_classifier(make_bundle(graph=build_graph([0.0] * 7, total=1.5)))


def test_serving_loads_no_training_library() -> None:
    heavy = {"sklearn", "tensorflow", "torch", "mlflow", "pandas", "onnx"}
    script = f"import sys, inference.app; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_a_tokenizer_that_panics_is_refused(make_bundle: Make) -> None:
    """A stride as long as the text makes the library's Rust code panic, which is no Exception in Python."""
    content = json.loads((make_bundle("good") / "tokenizer.json").read_text(encoding="utf-8"))
    content["truncation"]["stride"] = 32
    with pytest.raises(BundleRefused, match="does not cut texts"):
        load_classifier(make_bundle(tokenizer=json.dumps(content)))


def test_what_is_no_exception_is_refused_too() -> None:
    class Panic(BaseException):
        pass

    with pytest.raises(BundleRefused, match="cannot be read"), refused_on_failure("it cannot be read", "graph"):
        raise Panic
    with pytest.raises(KeyboardInterrupt), refused_on_failure("it cannot be read", "graph"):
        raise KeyboardInterrupt
