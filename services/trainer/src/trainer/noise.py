"""Labels that are probably wrong, and what training without them changes.

    trainer noise sentiment140 --limit 200000

Confident learning (Northcutt et al. 2021, arXiv 1911.00068) as cleanlab has it: a model that has not seen a tweet says
how probable its label is, and tweets whose label is less probable than such labels are on average are suspects. A
suspect is no verdict: irony and plain hard tweets are among them, which is why the effect is measured as well.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from tqdm import tqdm

from trainer.candidates.phrases import counting_options, fit_vocabulary, min_count_for, words_of
from trainer.dataset import Dataset, DatasetError, Tweets
from trainer.errors import TrainerError
from trainer.evaluation import accuracy_interval
from trainer.significance import mcnemar

FOLDS = 5


@dataclass(frozen=True)
class Features:
    """The phrases of the train side and of each test, weighted by TF-IDF: (tweets, phrases)."""

    train: csr_matrix
    tests: dict[str, csr_matrix]


@dataclass(frozen=True)
class Suspects:
    """Rows of the train side whose label is probably wrong, the least probable label first; all (n_suspects,)."""

    rows: npt.NDArray[np.int64]
    suggested: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float64]  # the probability of the label that the tweet has

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Effect:
    """Right answers on one test, trained with the suspects and without, and how likely chance alone explains it."""

    test: str
    size: int
    right_with: int
    right_without: int
    p_value: float

    def __str__(self) -> str:
        shown = (
            f"{name} {right / self.size:.4f} ({low:.4f} to {high:.4f})"
            for name, right in (("with", self.right_with), ("without", self.right_without))
            for low, high in (accuracy_interval(right, self.size),)
        )
        return f"{self.test}, {self.size:,} tweets: {', '.join(shown)}, McNemar p = {self.p_value:.3g}"


def build_features(train: Tweets, tests: dict[str, Tweets]) -> Features:
    min_count = min_count_for(len(train))
    tokenizer = fit_vocabulary(train.texts, min_count=min_count)
    vectorizer = TfidfVectorizer(**counting_options(min_count=min_count))
    weights = vectorizer.fit_transform(words_of(tokenizer, train.texts, what="phrases"))
    return Features(
        weights,
        {name: vectorizer.transform(words_of(tokenizer, test.texts, what=name)) for name, test in tests.items()},
    )


def build_classifier(seed: int) -> LogisticRegression:
    """The same fixed strength everywhere: were it chosen anew, more than the suspects would change.

    A looser tolerance stops after a few steps on rows of unit length, and a shy model suspects the wrong tweets.
    """
    return LogisticRegression(C=1.0, max_iter=300, tol=1e-5, random_state=seed)


def out_of_fold(features: csr_matrix, labels: npt.NDArray[np.int64], *, seed: int) -> npt.NDArray[np.float64]:
    """Each tweet's probabilities (n, labels) by a model fitted on the other folds.

    Words and their weights are counted over all folds, which tells a model nothing about a label.
    """
    probabilities = np.empty((len(labels), len(np.unique(labels))))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(features, labels)
    for others, fold in tqdm(folds, desc="out of fold", total=FOLDS, unit=" fits", disable=None):
        probabilities[fold] = build_classifier(seed).fit(features[others], labels[others]).predict_proba(features[fold])
    return probabilities


def find_suspects(features: csr_matrix, labels: npt.NDArray[np.int64], *, seed: int) -> Suspects:
    try:
        from cleanlab.filter import find_label_issues  # type: ignore[import-untyped]  # it ships no types
    except ModuleNotFoundError:
        raise TrainerError("this search needs cleanlab: `uv sync --all-packages --extra study` installs it") from None
    probabilities = out_of_fold(features, labels, seed=seed)
    # One process: its own pool of workers costs more than it saves.
    rows = find_label_issues(labels, probabilities, return_indices_ranked_by="self_confidence", n_jobs=1)
    rows = np.asarray(rows, dtype=np.int64)
    return Suspects(rows, probabilities[rows].argmax(axis=1), probabilities[rows, labels[rows]])


def measure_effect(
    features: Features, train: Tweets, tests: dict[str, Tweets], suspects: Suspects, *, seed: int
) -> Iterator[Effect]:
    """Fit with and without the suspects; score both on the same tests, whose labels nobody cleaned."""
    kept = np.setdiff1d(np.arange(len(train)), suspects.rows)
    with_them = build_classifier(seed).fit(features.train, train.labels)
    without = build_classifier(seed).fit(features.train[kept], train.labels[kept])
    for name, test in tests.items():
        right, other_right = (model.predict(features.tests[name]) == test.labels for model in (with_them, without))
        yield Effect(name, len(test), int(right.sum()), int(other_right.sum()), mcnemar(right, other_right))


def require_enough(dataset: Dataset) -> None:
    """Refuse, before anything is fitted, what cannot be cut into folds that hold every label."""
    counts = np.bincount(dataset.train.labels, minlength=len(dataset.labels))
    if counts.min() < FOLDS or not len(dataset.validation):
        found = ", ".join(f"{count} {label}" for label, count in zip(dataset.labels, counts, strict=True))
        raise DatasetError(
            f"{dataset.name} is too small: {FOLDS} folds need {FOLDS} tweets of each label, its train side has {found} "
            f"and its validation side {len(dataset.validation)} tweets"
        )


def write_suspects(
    file: Path, suspects: Suspects, train: Tweets, labels: Sequence[str], *, with_texts: bool = False
) -> None:
    """A csv: row of the train side (as `trainer dataset show --output` writes it), label, suggested, score.

    Texts only on request: the tweets of others do not belong in a file that is passed on.
    """
    table = pd.DataFrame(
        {
            "row": suspects.rows,
            "label": [labels[index] for index in train.labels[suspects.rows]],
            "suggested": [labels[index] for index in suspects.suggested],
            "score": suspects.scores.round(4),
        }
    )
    if with_texts:
        table["text"] = [train.texts[row] for row in suspects.rows]
    file.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(file, index=False)
