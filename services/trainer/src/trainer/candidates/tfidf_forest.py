"""A random forest over one- and two-word phrases (Breiman 2001, Random Forests).

    trainer train tfidf_forest --dataset sentiment140

On millions of tweets every tree is grown on a sample of its own, so the forest sees more of them than any tree, and
its time and size do not grow with the dataset.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from scipy.sparse import csr_matrix
from scipy.special import softmax
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.tree import DecisionTreeClassifier
from tokenizers import Tokenizer

from trainer.calibration import fit_temperature
from trainer.candidates.phrases import phrases_of, words_of
from trainer.candidates.presence import fit_presence
from trainer.candidates.protocol import History, Parameter
from trainer.candidates.tree_graph import FLOOR, LEAF, Tree, build_tree_graph
from trainer.dataset import Tweets


@dataclass
class FittedTfidfForest:
    tokenizer: Tokenizer
    vectorizer: CountVectorizer
    forest: RandomForestClassifier
    temperature: float
    parameters: dict[str, Parameter] = field(default_factory=dict)
    history: History = field(default_factory=list)

    def predict_proba(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        features = self.vectorizer.transform(words_of(self.tokenizer, texts, what="predict"))
        votes = log_votes(self.forest, features)
        return np.asarray(softmax(votes / self.temperature, axis=1), dtype=np.float64)

    def export(self) -> onnx.ModelProto:
        trees = [tree for estimator in self.forest.estimators_ for tree in trees_of(estimator, len(self.forest))]
        return build_tree_graph(phrases_of(self.vectorizer), trees, temperature=self.temperature, are_votes=True)


@dataclass(frozen=True)
class TfidfForest:
    name: str = "tfidf_forest"
    max_phrases: int = 4096
    trees: int = 100
    max_samples: int = 100_000  # tweets a tree is grown on, drawn with replacement
    min_samples_leaf: int = 2
    max_depth: int = 200
    n_jobs: int = -1  # threads, -1 for all; any number of them grows the same forest

    def fit(self, train: Tweets, validation: Tweets, *, seed: int, checkpoints: Path) -> FittedTfidfForest:
        tokenizer, vectorizer, features = fit_presence(train.texts, max_phrases=self.max_phrases)
        forest = RandomForestClassifier(
            n_estimators=self.trees,
            max_samples=min(self.max_samples, len(train)),
            min_samples_leaf=self.min_samples_leaf,
            max_depth=self.max_depth,
            n_jobs=self.n_jobs,
            random_state=seed,
        )
        forest.fit(features, train.labels)
        # With several threads the votes are added in any order, which moves the last digit of a sum.
        forest.set_params(n_jobs=1)
        unseen = vectorizer.transform(words_of(tokenizer, validation.texts, what="validation"))
        temperature = fit_temperature(log_votes(forest, unseen), validation.labels)
        parameters: dict[str, Parameter] = {
            "words": tokenizer.get_vocab_size(),
            "phrases": features.shape[1],
            "ngram_range": "1-2",
            "trees": self.trees,
            "max_samples": self.max_samples,
            "min_samples_leaf": self.min_samples_leaf,
            "max_depth": self.max_depth,
            "nodes": sum(estimator.tree_.node_count for estimator in forest.estimators_),
            "temperature": round(temperature, 4),
            "seed": seed,
        }
        return FittedTfidfForest(tokenizer, vectorizer, forest, temperature, parameters)


def log_votes(forest: RandomForestClassifier, features: csr_matrix) -> npt.NDArray[np.float64]:
    """Logarithms of the forest's probabilities, (tweets, labels)."""
    return np.asarray(np.log(np.maximum(forest.predict_proba(features), FLOOR)), dtype=np.float64)


def trees_of(estimator: DecisionTreeClassifier, forest_size: int) -> list[Tree]:
    """Scikit-learn's tree, its leaves' shares divided by the number of trees: once per label, once in all for two."""
    grown = estimator.tree_
    shares = grown.value[:, 0, :] / forest_size  # (nodes, labels)
    labels = [1] if shares.shape[1] == 2 else range(shares.shape[1])
    return [
        Tree(
            phrases=np.where(grown.children_left == -1, LEAF, grown.feature),
            absent=grown.children_left,  # of 0 and 1, only 0 is below a threshold
            present=grown.children_right,
            values=shares[:, label],
            columns=np.full(len(shares), column),
            roots=np.array([0]),
        )
        for column, label in enumerate(labels)
    ]
