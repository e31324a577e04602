"""Would more tweets help? The same candidates on ever longer beginnings of the train side, one validation side for all.

trainer study curve tfidf_logreg --dataset sentiment140 --sizes 10000,100000,1000000
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from matplotlib.figure import Figure

from trainer.candidates import Candidate
from trainer.dataset import Dataset, Tweets
from trainer.errors import TrainerError
from trainer.study import Arm, Result
from trainer.study_report import error_bars, title

logger = logging.getLogger(__name__)


def parse_sizes(text: str) -> list[int]:
    """`10000,100000` as numbers, in rising order. Raises TrainerError for anything else."""
    words = [word.strip() for word in text.split(",")]
    if not all(word.isdecimal() and int(word) > 0 for word in words):
        raise TrainerError(f"--sizes {text!r}: numbers of tweets with commas between them, like 10000,100000")
    return sorted({int(word) for word in words})


def build_arms(dataset: Dataset, candidates: Sequence[Candidate], sizes: Sequence[int]) -> list[Arm]:
    """An arm per candidate and size; sizes that the train side does not have are left out, and the log says so."""
    here = [size for size in sizes if size <= len(dataset.train)]
    if not here:
        raise TrainerError(f"{dataset.name} has {len(dataset.train):,} train tweets: ask for smaller --sizes")
    if left_out := [size for size in sizes if size not in here]:
        logger.warning("sizes_left_out train_tweets=%d sizes=%s", len(dataset.train), ",".join(map(str, left_out)))
    return [Arm(f"{each.name}, {size:,} tweets", each, cut(dataset, size)) for each in candidates for size in here]


def cut(dataset: Dataset, size: int) -> Dataset:
    """The dataset with the first `size` tweets of its train side, under a fingerprint of its own."""
    train = Tweets(dataset.train.texts[:size], dataset.train.labels[:size])
    return replace(dataset, train=train, fingerprint=sha256(f"{dataset.fingerprint} {size}".encode()).hexdigest())


def draw_curve(results: Sequence[Result]) -> Figure:
    """Accuracy with its interval against the number of train tweets, which grows by factors."""
    figure = Figure(figsize=(7, 5), layout="constrained")
    axes = figure.subplots()
    for name in dict.fromkeys(each.candidate for each in results):
        own = [each for each in results if each.candidate == name]
        sizes, accuracies = [each.train_tweets for each in own], [each.scores.accuracy for each in own]
        axes.errorbar(sizes, accuracies, yerr=error_bars(own), marker="o", capsize=3, label=name)
    axes.set_xscale("log")
    axes.set(xlabel="train tweets", ylabel="validation accuracy, 95 % interval", title=title(results))
    axes.legend(loc="lower right")
    return figure
