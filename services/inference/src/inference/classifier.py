"""A verified bundle in memory: raw texts in, decided labels out."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from inference.bundle import GRAPH, NEGATIVE, TOKENIZER, Bundle, ModelDescription, load_bundle
from inference.errors import BundleRefused, ModelFailed

logger = logging.getLogger(__name__)

INPUT = "token_ids"
OUTPUT = "probabilities"
CHUNK_TEXTS = 64
GOLDEN_TOLERANCE = 1e-4
SUM_TOLERANCE = 1e-3

Probabilities = npt.NDArray[np.float32]  # (texts, labels)


@dataclass(frozen=True, slots=True)
class Classification:
    label: str
    probability: float
    probabilities: dict[str, float]
    abstained: bool


class Classifier:
    def __init__(self, bundle: Bundle) -> None:
        self.digest = bundle.digest
        self.description = bundle.description
        self._tokenizer = build_tokenizer(bundle)
        self._session = build_session(bundle)

    def predict(self, texts: Sequence[str]) -> list[Classification]:
        probabilities = self.predict_probabilities(texts)
        # Golden texts cannot show what a graph does with every other one.
        if not np.isfinite(probabilities).all():
            logger.error("model_failed digest=%s", self.digest)
            raise ModelFailed
        return [decide(row, self.description) for row in probabilities.tolist()]

    def predict_probabilities(self, texts: Sequence[str]) -> Probabilities:
        # Texts of like length share a chunk, so that little time goes into padding.
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        answers: Probabilities = np.empty((len(texts), len(self.description.labels)), dtype=np.float32)
        for start in range(0, len(order), CHUNK_TEXTS):
            chunk = order[start : start + CHUNK_TEXTS]
            answers[chunk] = self._run([texts[index] for index in chunk])
        return answers

    def _run(self, texts: list[str]) -> Probabilities:
        rows = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(texts)]
        # A text without any token still needs one column, the padding.
        token_ids = np.array(rows, dtype=np.int64) if rows[0] else np.zeros((len(rows), 1), dtype=np.int64)
        probabilities: Probabilities = self._session.run([OUTPUT], {INPUT: token_ids})[0]
        return probabilities


def load_classifier(folder: Path, expected_digest: str | None = None) -> Classifier:
    """Read, check and warm up a bundle; BundleRefused says in words what is wrong with it."""
    classifier = Classifier(load_bundle(folder, expected_digest))
    verify(classifier)
    return classifier


@contextmanager
def refused_on_failure(reason: str) -> Iterator[None]:
    """The libraries' errors share no base, and a panic of the tokenizer's Rust code is not even an Exception."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise BundleRefused(reason) from error


def build_tokenizer(bundle: Bundle) -> Tokenizer:
    with refused_on_failure(f"{TOKENIZER} cannot be read"):
        tokenizer = Tokenizer.from_buffer(bundle.tokenizer)
    cut = tokenizer.truncation
    if cut is None or cut["max_length"] > bundle.description.max_tokens or cut["stride"] >= cut["max_length"]:
        raise BundleRefused(f"{TOKENIZER} does not cut texts at max_tokens")
    if tokenizer.padding is None:
        raise BundleRefused(f"{TOKENIZER} does not pad the texts of a batch")
    return tokenizer


def build_session(bundle: Bundle) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    # One thread each: workers and requests are the parallelism here.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    with refused_on_failure(f"{GRAPH} cannot be read"):
        session = onnxruntime.InferenceSession(bundle.graph, options, providers=["CPUExecutionProvider"])
    inputs = [(node.name, node.type) for node in session.get_inputs()]
    if inputs != [(INPUT, "tensor(int64)")]:
        raise BundleRefused(f"{GRAPH} must have one int64 input {INPUT}")
    outputs = [(node.name, node.type) for node in session.get_outputs()]
    if outputs != [(OUTPUT, "tensor(float)")]:
        raise BundleRefused(f"{GRAPH} must have one float output {OUTPUT}")
    return session


def verify(classifier: Classifier) -> None:
    golden = classifier.description.golden
    given = run_checked(classifier, [prediction.text for prediction in golden])
    if any(len(prediction.probabilities) != given.shape[1] for prediction in golden):
        raise BundleRefused("the golden probabilities do not fit the labels")
    distance = float(np.abs(given - np.array([prediction.probabilities for prediction in golden])).max())
    if distance > GOLDEN_TOLERANCE:
        raise BundleRefused(f"the golden probabilities are missed by {distance:.6f}")
    # The two ends of what a caller may send: no token at all, and more than is read.
    run_checked(classifier, ["\u200b", "a " * classifier.description.max_tokens * 2])


def run_checked(classifier: Classifier, texts: list[str]) -> Probabilities:
    with refused_on_failure(f"{GRAPH} does not give one probability per label"):
        probabilities = classifier.predict_probabilities(texts)
    if not np.isfinite(probabilities).all():
        raise BundleRefused(f"{GRAPH} gives values that are not numbers")
    if np.abs(probabilities.sum(axis=1) - 1).max() > SUM_TOLERANCE or probabilities.min() < 0:
        raise BundleRefused(f"{GRAPH} gives probabilities that do not sum to 1")
    return probabilities


def decide(row: list[float], description: ModelDescription) -> Classification:
    probabilities = dict(zip(description.labels, row, strict=True))
    rival = max((label for label in description.labels if label != NEGATIVE), key=probabilities.__getitem__)
    # With two labels this is the probability of negative.
    share = probabilities[NEGATIVE] / (probabilities[NEGATIVE] + probabilities[rival])
    label = NEGATIVE if share >= description.threshold else rival
    low, high = description.abstain_band
    return Classification(label, probabilities[label], probabilities, abstained=low <= share <= high)
