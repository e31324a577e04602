"""Small bundles that really run, and test sets whose answers are known beforehand."""

from pathlib import Path

import numpy as np

from trainer import test_sets
from trainer.bundle import Bundle, load_bundle, write_bundle, write_card
from trainer.candidates import CANDIDATES
from trainer.card import DatasetCard
from trainer.dataset import Tweets

BINARY = ("negative", "positive")


def make_bundle(
    folder: Path, tweets: Tweets, labels: tuple[str, ...] = BINARY, *, threshold: float = 0.5, dataset: str = "lines"
) -> Bundle:
    """Fitted on `tweets`, whose labels are counted in the order of `labels`."""
    fitted = CANDIDATES["tfidf_logreg"].fit(tweets, tweets, seed=7, checkpoints=folder / "checkpoints")
    return write_bundle(
        folder,
        name="tfidf_logreg",
        labels=labels,
        tokenizer=fitted.tokenizer,
        graph=fitted.export(),
        command="trainer train tfidf_logreg --dataset lines",
        dataset=DatasetCard(name=dataset, fingerprint="0" * 64, train=len(tweets), validation=0, test=0),
        threshold=threshold,
        abstain_band=(threshold, threshold),
    )


def recarded(bundle: Bundle, folder: Path, command: str = "trainer train again") -> Bundle:
    """The same model in another folder with another line in its card: as good, and another bundle."""
    folder.mkdir(parents=True)
    for file in bundle.card.files:
        (folder / file).write_bytes((bundle.folder / file).read_bytes())
    write_card(folder, bundle.card.model_copy(update={"command": command}))
    return load_bundle(folder)


def swapped(tweets: Tweets) -> Tweets:
    """Everybody says the opposite."""
    return Tweets(tweets.texts, 1 - tweets.labels)


def as_test(tweets: Tweets, dataset: str = "lines") -> test_sets.TestSet:
    return test_sets.TestSet(dataset, "test", tweets)


def repeated(tweets: Tweets, times: int) -> Tweets:
    return Tweets([f"{text} {turn}" for turn in range(times) for text in tweets.texts], np.tile(tweets.labels, times))
