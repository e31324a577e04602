"""Gradient-boosted trees over one- and two-word phrases (XGBoost: Chen and Guestrin 2016, arXiv 1603.02754).

    uv sync --all-packages --extra trees                 # XGBoost
    trainer train tfidf_xgboost --dataset sentiment140

Trees are grown leaf by leaf, where the loss falls most: a tree over phrases is a long chain of phrases that are not
there, which a limit on its depth cuts short. The validation tweets say after how many trees to stop.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import onnx
from scipy.sparse import csr_matrix
from scipy.special import softmax
from sklearn.feature_extraction.text import CountVectorizer
from tokenizers import Tokenizer
from tqdm import tqdm

from trainer.calibration import fit_temperature
from trainer.candidates.phrases import phrases_of, words_of
from trainer.candidates.presence import fit_presence
from trainer.candidates.protocol import History, Parameter
from trainer.candidates.tree_graph import LEAF, Tree, build_tree_graph
from trainer.dataset import Tweets
from trainer.errors import TrainerError

if TYPE_CHECKING:
    from xgboost import XGBClassifier
    from xgboost.callback import TrainingCallback

MISSING = "tfidf_xgboost needs XGBoost: `make test` installs it, or `uv sync --all-packages --extra trees`"


@dataclass
class FittedTfidfXgboost:
    tokenizer: Tokenizer
    vectorizer: CountVectorizer
    classifier: "XGBClassifier"
    temperature: float
    parameters: dict[str, Parameter] = field(default_factory=dict)
    history: History = field(default_factory=list)

    def predict_proba(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        features = self.vectorizer.transform(words_of(self.tokenizer, texts, what="predict"))
        logits = logits_of(self.classifier, features)
        return np.asarray(softmax(logits / self.temperature, axis=1), dtype=np.float64)

    def export(self) -> onnx.ModelProto:
        trees = trees_of(self.classifier)
        return build_tree_graph(phrases_of(self.vectorizer), trees, temperature=self.temperature, are_votes=False)


@dataclass(frozen=True)
class TfidfXgboost:
    name: str = "tfidf_xgboost"
    max_phrases: int = 4096
    max_leaves: int = 64
    learning_rate: float = 0.3
    max_rounds: int = 400
    patience: int = 20  # rounds without a lower validation log-loss
    n_jobs: int = -1  # threads, -1 for all

    def fit(self, train: Tweets, validation: Tweets, *, seed: int, checkpoints: Path) -> FittedTfidfXgboost:
        classifier = self.build_classifier(seed)
        tokenizer, vectorizer, features = fit_presence(train.texts, max_phrases=self.max_phrases)
        unseen = vectorizer.transform(words_of(tokenizer, validation.texts, what="validation"))
        # The last of the two sets decides when to stop.
        sets = [(features, train.labels), (unseen, validation.labels)]
        classifier.fit(features, train.labels, eval_set=sets, verbose=False)
        temperature = fit_temperature(logits_of(classifier, unseen), validation.labels)
        parameters: dict[str, Parameter] = {
            "words": tokenizer.get_vocab_size(),
            "phrases": features.shape[1],
            "ngram_range": "1-2",
            "max_leaves": self.max_leaves,
            "learning_rate": self.learning_rate,
            "max_rounds": self.max_rounds,
            "patience": self.patience,
            "rounds": classifier.best_iteration + 1,
            "temperature": round(temperature, 4),
            "seed": seed,
        }
        return FittedTfidfXgboost(tokenizer, vectorizer, classifier, temperature, parameters, history_of(classifier))

    def build_classifier(self, seed: int) -> "XGBClassifier":
        """Raises TrainerError where XGBoost is not installed."""
        try:
            from xgboost import XGBClassifier
        except ModuleNotFoundError:
            raise TrainerError(MISSING) from None
        return XGBClassifier(
            n_estimators=self.max_rounds,
            early_stopping_rounds=self.patience,
            learning_rate=self.learning_rate,
            grow_policy="lossguide",
            max_leaves=self.max_leaves,
            max_depth=0,  # no limit
            tree_method="hist",
            base_score=0.5,  # log-odds of 0, so that the leaves are all that a tweet's logits are made of
            n_jobs=self.n_jobs,
            random_state=seed,
            callbacks=[progress_bar(self.max_rounds)],
        )


def progress_bar(rounds: int) -> "TrainingCallback":
    from xgboost.callback import TrainingCallback

    class ProgressBar(TrainingCallback):
        def before_training(self, model: Any) -> Any:
            self.progress = tqdm(total=rounds, desc="rounds", unit=" rounds", disable=None)
            return model

        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            self.progress.update()
            return False

        def after_training(self, model: Any) -> Any:
            self.progress.close()
            return model

    return ProgressBar()


def history_of(classifier: "XGBClassifier") -> History:
    """The log-loss of every round on both sides, those after the best one included."""
    train, validation = (next(iter(losses.values())) for losses in classifier.evals_result().values())
    return [
        {"round": number, "train_loss": float(on_train), "validation_loss": float(on_validation)}
        for number, (on_train, on_validation) in enumerate(zip(train, validation, strict=True), start=1)
    ]


def logits_of(classifier: "XGBClassifier", features: csr_matrix) -> npt.NDArray[np.float64]:
    """What the trees up to the best round add up to, (tweets, labels)."""
    sums = np.asarray(classifier.predict(features, output_margin=True), dtype=np.float64)
    return sums if sums.ndim == 2 else np.stack([-sums / 2, sums / 2], axis=1)


def trees_of(classifier: "XGBClassifier") -> list[Tree]:
    """XGBoost's trees up to the best round.

    It takes a 0 of a sparse matrix for a missing value, so a phrase that is not there goes where those go, whatever
    the threshold says; one that is there is a 1.
    """
    booster = classifier.get_booster()[: classifier.best_iteration + 1]
    model = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]["model"]
    trees = []
    for column, grown in zip(model["tree_info"], model["trees"], strict=True):
        left, right = np.array(grown["left_children"]), np.array(grown["right_children"])
        # Of a leaf the conditions hold its value.
        conditions = np.array(grown["split_conditions"])
        trees.append(
            Tree(
                phrases=np.where(left == -1, LEAF, np.array(grown["split_indices"])),
                absent=np.where(np.array(grown["default_left"]) == 1, left, right),
                present=np.where(conditions > 1, left, right),
                values=conditions,
                columns=np.full(len(left), column),
                roots=np.array([0]),
            )
        )
    return trees
