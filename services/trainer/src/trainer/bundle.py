"""The bundle: the folder of three files that crosses from training to serving. Written here, verified here.

A bundle is data, never code: `tokenizer.json`, `model.onnx` and `model.json`. The last one holds the hashes of the
other two, so the hash of `model.json` names the whole: it is the bundle's digest.
"""

import hashlib
import importlib.metadata
import json
import os
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import onnx
from pydantic import ValidationError
from tokenizers import Tokenizer

from trainer.card import FORMAT_VERSION, Card, DatasetCard, GoldenTweet, Scores
from trainer.errors import TrainerError
from trainer.served_model import Classifier

GOLDEN_TOLERANCE = 1e-4
FILES = ("tokenizer.json", "model.onnx")
LIBRARIES = ("onnx", "onnxruntime", "tokenizers", "scikit-learn", "numpy")


class BundleRefused(TrainerError):
    """The folder is not a bundle that may be served; the message says why."""


@dataclass(frozen=True)
class Bundle:
    folder: Path
    card: Card
    digest: str
    classifier: Classifier

    @property
    def megabytes(self) -> float:
        """Of the three files alone: what else lies in the folder is not shipped."""
        return sum((self.folder / file).stat().st_size for file in (*FILES, "model.json")) / 1e6


def write_bundle(
    folder: Path,
    *,
    name: str,
    labels: tuple[str, ...],
    tokenizer: Tokenizer,
    graph: onnx.ModelProto,
    command: str,
    dataset: DatasetCard,
    threshold: float = 0.5,
    abstain_band: tuple[float, float] = (0.4, 0.6),
) -> Bundle:
    """Write the three files and load them back. `model.json` comes last: its presence means that the rest is there."""
    truncation = tokenizer.truncation
    if truncation is None:
        raise BundleRefused("the tokenizer of a bundle cuts long texts")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.json").unlink(missing_ok=True)
    (folder / "training.json").unlink(missing_ok=True)  # of the fit before, see fit_record.py
    (folder / "tokenizer.json").write_text(tokenizer.to_str(), encoding="utf-8")
    (folder / "model.onnx").write_bytes(graph.SerializeToString(deterministic=True))
    card = Card(
        name=name,
        labels=list(labels),
        threshold=threshold,
        abstain_band=abstain_band,
        max_tokens=truncation["max_length"],
        command=command,
        dataset=dataset,
        metrics=[],
        libraries={library: importlib.metadata.version(library) for library in LIBRARIES},
        files={file: sha256(folder / file) for file in FILES},
        golden=[],
    )
    write_card(folder, card)
    texts = golden_texts()
    golden = [
        GoldenTweet(text=text, probabilities=[round(float(p), 6) for p in row])
        for text, row in zip(texts, Classifier(folder).probabilities(texts), strict=True)
    ]
    write_card(folder, card.model_copy(update={"golden": golden}))
    return load_bundle(folder)


def add_metrics(bundle: Bundle, metrics: list[Scores]) -> Bundle:
    """The same bundle with its scores written into `model.json` (which gives it a new digest)."""
    write_card(bundle.folder, bundle.card.model_copy(update={"metrics": metrics}))
    return load_bundle(bundle.folder)


def set_decision(bundle: Bundle, threshold: float, abstain_band: tuple[float, float]) -> Bundle:
    """The same bundle with another threshold and band, which change no probability but do change its digest."""
    write_card(bundle.folder, bundle.card.model_copy(update={"threshold": threshold, "abstain_band": abstain_band}))
    return load_bundle(bundle.folder)


def write_card(folder: Path, card: Card) -> None:
    temporary = folder / "model.json.part"
    temporary.write_text(card.model_dump_json(indent=1) + "\n", encoding="utf-8")
    os.replace(temporary, folder / "model.json")


def load_bundle(folder: Path) -> Bundle:
    """A verified bundle.

    Raises BundleRefused, with the reason, when a file is missing or changed, the format is unknown, the graph does
    not fit the labels, or a golden tweet does not get its probabilities.
    """
    card = read_card(folder)
    for file, expected in card.files.items():
        if not (folder / file).is_file():
            raise BundleRefused(f"{folder}: {file} is missing")
        if (actual := sha256(folder / file)) != expected:
            raise BundleRefused(
                f"{folder}: {file} was changed: its SHA-256 is {actual[:12]}…, model.json says {expected[:12]}…"
            )
    try:
        verify_tokenizer(card, Tokenizer.from_file(str(folder / "tokenizer.json")))
        classifier = Classifier(folder)
        verify_golden(card, classifier)
    except BundleRefused as refusal:
        raise BundleRefused(f"{folder}: {refusal}") from None
    except Exception as error:  # the tokenizer and the runtime raise their own, undocumented types
        raise BundleRefused(f"{folder}: the model does not run: {error}") from error
    return Bundle(folder=folder, card=card, digest=sha256(folder / "model.json"), classifier=classifier)


def read_card(folder: Path) -> Card:
    try:
        content = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise BundleRefused(f"{folder}: model.json is missing: not a bundle") from None
    except ValueError as error:
        raise BundleRefused(f"{folder}: model.json is not JSON: {error}") from None
    version = content.get("format_version") if isinstance(content, dict) else None
    if version != FORMAT_VERSION:
        raise BundleRefused(f"{folder}: format_version {version!r} is unknown, this trainer reads {FORMAT_VERSION}")
    try:
        card = Card.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ": ".join(filter(None, ["model.json", ".".join(map(str, first["loc"]))]))
        raise BundleRefused(f"{folder}: {where}: {first['msg']}") from None
    if set(card.files) != set(FILES):
        raise BundleRefused(f"{folder}: model.json lists {sorted(card.files)}, a bundle has {sorted(FILES)}")
    return card


def verify_tokenizer(card: Card, tokenizer: Tokenizer) -> None:
    """Refuse what the API refuses: texts left uncut or unpadded, and a cut that the library cannot make."""
    cut = tokenizer.truncation
    if cut is None or cut["max_length"] > card.max_tokens or cut["stride"] >= cut["max_length"]:
        raise BundleRefused("tokenizer.json does not cut texts at max_tokens")
    if tokenizer.padding is None:
        raise BundleRefused("tokenizer.json does not pad the texts of a batch")


def verify_golden(card: Card, classifier: Classifier) -> None:
    """Refuse a model that does not give the golden tweets their probabilities."""
    if not card.golden:
        raise BundleRefused("model.json has no golden tweets")
    expected = np.array([golden.probabilities for golden in card.golden])
    actual = classifier.probabilities([golden.text for golden in card.golden])
    if expected.shape != actual.shape:
        raise BundleRefused(f"golden probabilities have shape {expected.shape}, the model gives {actual.shape}")
    # Written so that NaN is refused too: every comparison with it is false.
    off = ~(np.abs(actual - expected) <= GOLDEN_TOLERANCE)
    if off.any():
        raise BundleRefused(f"{int(off.any(axis=1).sum())} of {len(expected)} golden tweets get other probabilities")


def golden_texts() -> list[str]:
    """The 50 texts of our own writing that every bundle is pinned with."""
    texts: list[str] = json.loads(resources.files("trainer").joinpath("golden.json").read_text(encoding="utf-8"))
    return texts


def sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
