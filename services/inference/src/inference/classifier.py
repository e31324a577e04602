"""A verified bundle in memory: raw texts in, decided labels out."""

import logging
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Encoding

from inference.bundle import GRAPH, Bundle, load_bundle
from inference.decision import Classification, Decision
from inference.errors import BundleRefused, ModelFailed
from inference.graph import INPUT, OUTPUT, build_session, build_tokenizer, refused_on_failure
from inference.recent import RecentAnswers

logger = logging.getLogger(__name__)

# More rows at a time gain nothing more.
CHUNK_ROWS = 64
# A run costs about as much as so many tokens of padding, beside those of its first row. Measured with the champion.
RUN_TOKENS = 12
GOLDEN_TOLERANCE = 1e-4
SUM_TOLERANCE = 1e-3
TIMED_TEXTS = 15

Probabilities = npt.NDArray[np.float32]  # (texts, labels)
Run = Callable[[Sequence[Sequence[int]]], Probabilities]


class Classifier:
    def __init__(self, bundle: Bundle) -> None:
        self.digest = bundle.digest
        self.description = bundle.description
        self._tokenizer, self._padding_id = build_tokenizer(bundle)
        self.decision = Decision(bundle.description)
        self._session: onnxruntime.InferenceSession = build_session(bundle)
        self._seen = RecentAnswers()
        # Measured when the bundle is verified.
        self.seconds_per_text = 0.0

    def predict(self, texts: Sequence[str]) -> list[Classification]:
        """In the order of the texts; one that was seen lately is not scored again. Raises ModelFailed."""
        found = [self._seen.get(text) for text in texts]
        unseen = [index for index, known in enumerate(found) if known is None]
        if unseen:
            rows = self.predict_probabilities([texts[index] for index in unseen]).tolist()
            for index, row in zip(unseen, rows, strict=True):
                found[index] = self._seen.keep(texts[index], self._decide(row))
        return [known for known in found if known is not None]

    def predict_anew(self, texts: Sequence[str]) -> list[Classification | None]:
        """Whatever was seen lately, and not remembered: for who asks how long it takes. None where it is no answer."""
        rows = self.predict_probabilities(texts).tolist()
        return [self.decision.decide(row) if is_answer(row) else None for row in rows]

    def _decide(self, row: list[float]) -> Classification:
        if not is_answer(row):
            logger.error("model_failed digest=%s", self.digest)
            raise ModelFailed
        return self.decision.decide(row)

    def predict_probabilities(self, texts: Sequence[str]) -> Probabilities:
        # encode_batch_fast leaves out where each token stood, which nobody asks for here.
        return self.run(self.encode_rows(texts))

    def encode_rows(self, texts: Sequence[str]) -> list[list[int]]:
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(texts)]

    def run(self, rows: Sequence[Sequence[int]]) -> Probabilities:
        """Rows of token ids, of any lengths. Those of like length share a run, so that little goes into padding."""
        answers: Probabilities = np.empty((len(rows), len(self.description.labels)), dtype=np.float32)
        for chunk in chunks_of(rows):
            answers[chunk] = self.run_together([rows[index] for index in chunk])
        return answers

    def run_together(self, rows: Sequence[Sequence[int]]) -> Probabilities:
        """Padded to the longest, in one run. (In 8 bits a row's answer depends a little on the others of its run.)"""
        # A text without any token still needs one column, the padding.
        token_ids = np.full((len(rows), max(1, *map(len, rows))), self._padding_id, dtype=np.int64)
        for place, row in enumerate(rows):
            token_ids[place, : len(row)] = row
        probabilities: Probabilities = self._session.run([OUTPUT], {INPUT: token_ids})[0]
        return probabilities

    def encode(self, text: str) -> Encoding:
        """With where each token stands in the text."""
        return self._tokenizer.encode(text)

    def unknown_shares(self, texts: Sequence[str]) -> list[float]:
        """Of the tokens of each text, the share that the vocabulary does not have; 0 where it has all that there is."""
        unknown = self._tokenizer.token_to_id(getattr(self._tokenizer.model, "unk_token", None) or "")
        rows = self.encode_rows(texts)
        return [row.count(unknown) / len(row) if row and unknown is not None else 0.0 for row in rows]


def is_answer(row: list[float]) -> bool:
    """Golden texts cannot show what a graph does with every other one; a sum with a NaN in it is one."""
    return 0 < sum(row) < 2


def chunks_of(rows: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Indices of rows, by length: as many in a chunk as are cheaper to pad than to run apart."""
    chunk: list[int] = []
    longest = padding = 0
    for index in sorted(range(len(rows)), key=lambda index: len(rows[index])):
        length = len(rows[index])
        padding += len(chunk) * (length - longest)
        if chunk and (len(chunk) == CHUNK_ROWS or padding > RUN_TOKENS + length):
            yield chunk
            chunk, padding = [], 0
        chunk.append(index)
        longest = length
    if chunk:
        yield chunk


def load_classifier(folder: Path, expected_digest: str | None = None) -> Classifier:
    """Read, check and warm up a bundle; BundleRefused says in words what is wrong with it."""
    classifier = Classifier(load_bundle(folder, expected_digest))
    verify(classifier)
    classifier.seconds_per_text = measure(classifier)
    return classifier


def verify(classifier: Classifier) -> None:
    golden = classifier.description.golden
    # All in one run, as they were when they were written down.
    given = run_checked(classifier, [prediction.text for prediction in golden], classifier.run_together)
    if any(len(prediction.probabilities) != given.shape[1] for prediction in golden):
        raise BundleRefused("the golden probabilities do not fit the labels", "labels")
    distance = float(np.abs(given - np.array([prediction.probabilities for prediction in golden])).max())
    if distance > GOLDEN_TOLERANCE:
        raise BundleRefused(f"the golden probabilities are missed by {distance:.6f}", "golden")
    # The two ends of what a caller may send: no token at all, and more than is read.
    run_checked(classifier, ["\u200b", "a " * classifier.description.max_tokens * 2], classifier.run)


def run_checked(classifier: Classifier, texts: list[str], run: Run) -> Probabilities:
    with refused_on_failure(f"{GRAPH} does not give one probability per label", "graph"):
        probabilities = run(classifier.encode_rows(texts))
        if probabilities.shape != (len(texts), len(classifier.description.labels)):
            raise BundleRefused(f"{GRAPH} does not give one probability per label", "labels")
    if not np.isfinite(probabilities).all():
        raise BundleRefused(f"{GRAPH} gives values that are not numbers", "not_finite")
    if np.abs(probabilities.sum(axis=1) - 1).max() > SUM_TOLERANCE or probabilities.min() < 0:
        raise BundleRefused(f"{GRAPH} gives probabilities that do not sum to 1", "graph")
    return probabilities


def measure(classifier: Classifier) -> float:
    """Median seconds of a golden text on its own; each is seen for the first time."""
    return statistics.median(
        seconds_of(classifier, prediction.text) for prediction in classifier.description.golden[:TIMED_TEXTS]
    )


def seconds_of(classifier: Classifier, text: str) -> float:
    started = time.perf_counter()
    classifier.predict([text])
    return time.perf_counter() - started
