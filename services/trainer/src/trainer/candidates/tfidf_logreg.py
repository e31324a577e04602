"""TF-IDF of one- and two-word phrases with logistic regression: the baseline that every other family has to beat.

    trainer train tfidf_logreg --dataset sentiment140

The exported graph needs no TF-IDF matrix. A linear model adds `idf * coefficient` for every phrase of a tweet, so
that product is rounded to a fixed grid and the graph counts how many phrases fall on each grid point: a few thousand
counters instead of one per phrase, 3 microseconds a tweet instead of 50 (see docs/decisions/0005).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from tokenizers import Tokenizer
from tqdm import tqdm

from trainer.calibration import fit_temperature
from trainer.candidates.linear_graph import build_linear_graph
from trainer.candidates.protocol import History, Parameter
from trainer.dataset import Tweets
from trainer.tokenization import fit_word_tokenizer

MAX_WORDS = 60_000
MAX_TOKENS = 256
# Strengths of the fit, weakest first; the validation tweets choose.
STRENGTHS = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
# Points per unit of log-odds. A power of two, so that sums of grid values are exact in float32.
GRID = 1024
ENCODING_CHUNK = 10_000


def min_count_for(tweets: int) -> int:
    """How often a word or phrase must be seen: 8 times in millions of tweets (scores level off there), 2 in few."""
    return int(np.clip(tweets // 100_000, 2, 8))


def words_of(tokenizer: Tokenizer, texts: Sequence[str], *, what: str) -> Iterator[list[str]]:
    """The token ids of each text, as the strings scikit-learn counts; with a progress bar on a terminal."""
    with tqdm(total=len(texts), desc=what, unit=" tweets", disable=None) as progress:
        for start in range(0, len(texts), ENCODING_CHUNK):
            chunk = texts[start : start + ENCODING_CHUNK]
            for encoding in tokenizer.encode_batch_fast(chunk):
                yield [str(token_id) for token_id in encoding.ids]
            progress.update(len(chunk))


def as_it_is(words: list[str]) -> list[str]:
    """scikit-learn's hook for texts that are cut into words already."""
    return words


@dataclass
class FittedTfidfLogreg:
    tokenizer: Tokenizer
    vectorizer: TfidfVectorizer
    classifier: LogisticRegression
    parameters: dict[str, Parameter] = field(default_factory=dict)
    history: History = field(default_factory=list)

    def predict_proba(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        unpadded = Tokenizer.from_str(self.tokenizer.to_str())
        unpadded.no_padding()
        features = self.vectorizer.transform(words_of(unpadded, texts, what="predict"))
        return np.asarray(self.classifier.predict_proba(features), dtype=np.float64)

    def export(self) -> onnx.ModelProto:
        phrases = self.vectorizer.get_feature_names_out()
        token_ids = [[int(word) for word in phrase.split(" ")] for phrase in phrases]
        weights = (self.classifier.coef_ * self.vectorizer.idf_).T  # (phrases, 1 or labels)
        return build_linear_graph(token_ids, weights, self.classifier.intercept_, grid=GRID)


@dataclass(frozen=True)
class TfidfLogreg:
    name: str = "tfidf_logreg"

    def fit(self, train: Tweets, validation: Tweets, *, seed: int, checkpoints: Path) -> FittedTfidfLogreg:
        min_count = min_count_for(len(train))
        tokenizer = fit_word_tokenizer(
            tqdm(train.texts, desc="vocabulary", unit=" tweets", disable=None),
            max_words=MAX_WORDS,
            min_count=min_count,
            max_tokens=MAX_TOKENS,
        )
        tokenizer.no_padding()
        vectorizer = TfidfVectorizer(
            tokenizer=as_it_is,
            preprocessor=as_it_is,
            token_pattern=None,
            lowercase=False,
            ngram_range=(1, 2),
            min_df=min_count,
            norm=None,  # the graph adds phrase by phrase; unit length needs all of a tweet's counts (decision 5)
            dtype=np.float32,
        )
        features = vectorizer.fit_transform(words_of(tokenizer, train.texts, what="phrases"))
        unseen = vectorizer.transform(words_of(tokenizer, validation.texts, what="validation"))
        strength, classifier = choose_strength(features, train.labels, unseen, validation.labels, seed=seed)
        temperature = calibrate(classifier, unseen, validation.labels)
        round_to_grid(classifier, vectorizer.idf_)
        tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")
        parameters: dict[str, Parameter] = {
            "words": tokenizer.get_vocab_size(),
            "phrases": len(vectorizer.vocabulary_),
            "ngram_range": "1-2",
            "min_count": min_count,
            "max_tokens": MAX_TOKENS,
            "C": strength,
            "temperature": round(temperature, 4),
            "iterations": int(classifier.n_iter_.max()),
            "seed": seed,
        }
        return FittedTfidfLogreg(tokenizer, vectorizer, classifier, parameters)


def choose_strength(
    features: csr_matrix,
    labels: npt.NDArray[np.int64],
    validation: csr_matrix,
    validation_labels: npt.NDArray[np.int64],
    *,
    seed: int,
) -> tuple[float, LogisticRegression]:
    """Fit from the weakest strength up and stop when the validation log-loss rises for the first time.

    Rows of both matrices are tweets, columns phrases.
    """
    best: tuple[float, float, LogisticRegression] | None = None
    for strength in tqdm(STRENGTHS, desc="strength", unit=" fits", disable=None):
        classifier = LogisticRegression(C=strength, max_iter=300, tol=1e-3, random_state=seed)
        classifier.fit(features, labels)
        loss = float(log_loss(validation_labels, classifier.predict_proba(validation), labels=classifier.classes_))
        if best is not None and loss >= best[0]:
            break
        best = loss, strength, classifier
    assert best is not None, "STRENGTHS is empty"
    return best[1], best[2]


def calibrate(classifier: LogisticRegression, validation: csr_matrix, labels: npt.NDArray[np.int64]) -> float:
    """Divide the weights by the temperature that the validation tweets ask for, and return it."""
    temperature = fit_temperature(classifier.predict_log_proba(validation), labels)
    classifier.coef_ = classifier.coef_ / temperature
    classifier.intercept_ = classifier.intercept_ / temperature
    return temperature


def round_to_grid(classifier: LogisticRegression, idf: npt.NDArray[np.float64]) -> None:
    """Move each phrase's contribution to the nearest grid point, in scikit-learn's own model.

    The rounded model is the one that is measured, exported and compared.
    """
    classifier.coef_ = np.round(np.asarray(classifier.coef_, dtype=np.float64) * idf * GRID) / GRID / idf
    classifier.intercept_ = np.round(np.asarray(classifier.intercept_, dtype=np.float64) * GRID) / GRID
