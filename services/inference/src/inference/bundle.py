"""A bundle on disk: three files of data, read and checked against their own description.

The bytes that were hashed are the bytes that are used, so nothing can change in between.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from inference.errors import BundleRefused

DESCRIPTION = "model.json"
TOKENIZER = "tokenizer.json"
GRAPH = "model.onnx"
NEGATIVE = "negative"
FORMAT_VERSION = 1

Share = Annotated[float, Field(ge=0, le=1)]


class BundlePart(BaseModel):
    model_config = ConfigDict(frozen=True, allow_inf_nan=False)


class FormatVersion(BundlePart):
    format_version: int


class Metric(BundlePart):
    dataset: str
    split: str
    size: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    macro_f1: float
    auc: float
    log_loss: float
    calibration_error: float


class GoldenPrediction(BundlePart):
    text: str
    probabilities: list[float]


class FileHashes(BundlePart):
    tokenizer: str = Field(alias=TOKENIZER)
    graph: str = Field(alias=GRAPH)


class ModelDescription(BundlePart):
    """What serving needs of model.json; the rest of the file is for people."""

    name: str = Field(min_length=1, max_length=100)
    labels: list[Annotated[str, Field(min_length=1, max_length=100)]] = Field(min_length=2, max_length=3)
    threshold: Share
    abstain_band: tuple[Share, Share]
    max_tokens: int = Field(ge=1)
    metrics: list[Metric]
    files: FileHashes
    golden: list[GoldenPrediction] = Field(min_length=1)

    @model_validator(mode="after")
    def check_labels(self) -> Self:
        if NEGATIVE not in self.labels or len(set(self.labels)) != len(self.labels):
            raise ValueError(f"labels must differ and include {NEGATIVE!r}")
        if self.abstain_band[0] > self.abstain_band[1]:
            raise ValueError("abstain_band must not end before it begins")
        return self


@dataclass(frozen=True, slots=True)
class Bundle:
    digest: str
    description: ModelDescription
    tokenizer: bytes
    graph: bytes


def load_bundle(folder: Path, expected_digest: str | None = None) -> Bundle:
    raw = load_file(folder, DESCRIPTION)
    if expected_digest not in (None, sha256(raw)):
        raise BundleRefused(f"{DESCRIPTION} is not the one that was verified before", "hash")
    description = parse_description(raw)
    tokenizer = load_file(folder, TOKENIZER)
    graph = load_file(folder, GRAPH)
    for name, content, expected in (
        (TOKENIZER, tokenizer, description.files.tokenizer),
        (GRAPH, graph, description.files.graph),
    ):
        if sha256(content) != expected.lower():
            raise BundleRefused(f"{name} does not have the hash that {DESCRIPTION} names", "hash")
    return Bundle(sha256(raw), description, tokenizer, graph)


def parse_description(raw: bytes) -> ModelDescription:
    try:
        version = FormatVersion.model_validate_json(raw).format_version
        if version != FORMAT_VERSION:
            raise BundleRefused(f"format_version {version} is not known", "description")
        return ModelDescription.model_validate_json(raw)
    except ValidationError as error:
        said = first_reason(error)
        raise BundleRefused(
            f"{DESCRIPTION} is not valid: {said}", "labels" if "labels" in said else "description"
        ) from error


def first_reason(error: ValidationError) -> str:
    first = error.errors(include_input=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'the file'}: {first['msg']}"


def load_file(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise BundleRefused(f"{name} is missing or cannot be read", "missing") from error


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
