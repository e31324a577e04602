"""What a bundle scores: always from the files on disk, always on text as its author wrote it.

trainer evaluate models/champion
"""

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest
from sklearn.metrics import f1_score, log_loss, recall_score, roc_auc_score

from trainer.bundle import Bundle
from trainer.card import Scores
from trainer.dataset import Tweets
from trainer.decision import certainty
from trainer.served_model import negative_share

logger = logging.getLogger(__name__)

CALIBRATION_BINS = 15


@dataclass(frozen=True)
class Evaluation:
    """The scores, and what plots, slices and the risk/coverage curve need of each tweet.

    True label indices (n,), probabilities (n, labels), chosen indices (n,), whether it is left to a person (n,), and
    its distance from the threshold in log-odds (n,).
    """

    scores: Scores
    labels: tuple[str, ...]
    truth: npt.NDArray[np.int64]
    probabilities: npt.NDArray[np.float32]
    chosen: npt.NDArray[np.int64]
    abstained: npt.NDArray[np.bool_]
    certainty: npt.NDArray[np.float64]
    microseconds_per_tweet: float


def accuracy_interval(correct: int, size: int) -> tuple[float, float]:
    """Bounds of the 95 % Wilson interval of a share of right answers."""
    interval = binomtest(correct, size).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def has_every_label(tweets: Tweets, labels: Sequence[str], *, name: str) -> bool:
    """Whether scores mean something on these tweets; where a label is missing the log says so."""
    counts = np.bincount(tweets.labels, minlength=len(labels))
    missing = [label for label, count in zip(labels, counts, strict=True) if not count]
    if missing:
        logger.warning('test_set_skipped name="%s" tweets=%d without=%s', name, len(tweets), ",".join(missing))
    return not missing


def evaluate(bundle: Bundle, tweets: Tweets, *, dataset: str, split: str) -> Evaluation:
    """Score `tweets`, whose label indices must be those of the bundle's labels.

    The time is that of the whole path from raw text to probabilities, on one thread of the runtime.
    """
    started = time.perf_counter()
    probabilities = bundle.classifier.probabilities(tweets.texts)
    seconds = time.perf_counter() - started
    chosen, abstained = bundle.classifier.decide(probabilities)
    share = negative_share(probabilities, bundle.card.labels)
    return Evaluation(
        scores=score(tweets.labels, probabilities, chosen, bundle.card.labels, dataset=dataset, split=split),
        labels=tuple(bundle.card.labels),
        truth=tweets.labels,
        probabilities=probabilities,
        chosen=chosen,
        abstained=abstained,
        certainty=certainty(share, bundle.card.threshold),
        microseconds_per_tweet=1e6 * seconds / max(1, len(tweets)),
    )


def score(
    truth: npt.NDArray[np.int64],
    probabilities: npt.NDArray[np.float32],
    chosen: npt.NDArray[np.int64],
    labels: list[str],
    *,
    dataset: str,
    split: str,
) -> Scores:
    """Scores rounded to four places: more digits than any of these test sets can tell apart."""
    correct = int((truth == chosen).sum())
    low, high = accuracy_interval(correct, len(truth))
    indices = list(range(len(labels)))
    # Two labels: the area under the curve of the second; more: one against the rest, averaged.
    ranked = probabilities[:, 1] if len(labels) == 2 else probabilities
    # float32 rows sum to one within 1e-7, scikit-learn wants float64's precision.
    sums_to_one = probabilities.astype(np.float64) / probabilities.sum(axis=1, keepdims=True, dtype=np.float64)
    rounded = {
        "accuracy": correct / len(truth),
        "accuracy_low": low,
        "accuracy_high": high,
        "macro_f1": f1_score(truth, chosen, average="macro", labels=indices, zero_division=0),
        "auc": roc_auc_score(truth, ranked, multi_class="ovr", labels=indices),
        "log_loss": log_loss(truth, sums_to_one, labels=indices),
        "calibration_error": calibration_error(truth, probabilities),
        "macro_recall": recall_score(truth, chosen, average="macro", labels=indices, zero_division=0),
        "argmax_accuracy": (truth == probabilities.argmax(axis=1)).mean(),
    }
    figures = {name: round(float(value), 4) for name, value in rounded.items()}
    return Scores(dataset=dataset, split=split, size=len(truth), **figures)


def calibration_bins(
    truth: npt.NDArray[np.int64], probabilities: npt.NDArray[np.float32]
) -> Iterable[tuple[float, float, int]]:
    """Mean confidence, share right and number of tweets in each non-empty of 15 equal bins of confidence."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    for bin_index in np.unique(bins):
        inside = bins == bin_index
        yield float(confidence[inside].mean()), float(right[inside].mean()), int(inside.sum())


def calibration_error(truth: npt.NDArray[np.int64], probabilities: npt.NDArray[np.float32]) -> float:
    """Expected calibration error (Guo et al. 2017, arXiv 1706.04599): mean gap of confidence and share right."""
    gaps = [abs(confidence - right) * size for confidence, right, size in calibration_bins(truth, probabilities)]
    return sum(gaps) / len(truth)
