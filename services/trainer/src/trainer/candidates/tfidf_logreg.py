"""TF-IDF of one- and two-word phrases with logistic regression: the baseline that every other family has to beat.

    trainer train tfidf_logreg --dataset sentiment140

The exported graph needs no TF-IDF matrix. A linear model adds `idf * coefficient` for every phrase of a tweet, so
that product is rounded to a fixed grid and the graph counts how many phrases fall on each grid point: a few thousand
counters instead of one per phrase, 3 microseconds a tweet instead of 50 (see docs/decisions/0005).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
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
from trainer.candidates.airline_phrases import STRENGTH, airline_token, both_weights, with_airline_phrases
from trainer.candidates.linear_graph import Added, build_linear_graph
from trainer.candidates.phrases import (
    LONGEST_PHRASE,
    MAX_TOKENS,
    MAX_WORDS,
    counting_options,
    fit_vocabulary,
    min_count_for,
    phrases_of,
    words_of,
)
from trainer.candidates.protocol import History, Parameter
from trainer.candidates.search_space import Report, Trial, report_to, to_nobody
from trainer.dataset import Tweets
from trainer.word_forms import FormIds, StopWords, WordForm, drop_stop_words, form_ids, look_up_forms

# Strengths of the fit, weakest first; the validation tweets choose.
STRENGTHS = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
# Points per unit of log-odds. A power of two, so that sums of grid values are exact in float32.
GRID = 1024


def as_forms(words: list[str], forms: FormIds) -> list[str]:
    """The hook for texts cut into words, each word's id replaced by that of its lemma or stem."""
    return [str(forms[int(word)]) for word in words]


@dataclass
class FittedTfidfLogreg:
    tokenizer: Tokenizer
    forms: FormIds
    vectorizer: TfidfVectorizer
    classifier: LogisticRegression
    parameters: dict[str, Parameter] = field(default_factory=dict)
    history: History = field(default_factory=list)

    def predict_proba(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        counts = self.vectorizer.transform(words_of(self.tokenizer, texts, what="predict"))
        features = with_airline_phrases(counts, self.vectorizer, airline_token(self.tokenizer, self.forms))
        return np.asarray(self.classifier.predict_proba(features), dtype=np.float64)

    def export(self) -> onnx.ModelProto:
        weights, besides = both_weights(self.classifier.coef_, self.vectorizer.idf_)
        token_id = airline_token(self.tokenizer, self.forms)
        graph = build_linear_graph(
            phrases_of(self.vectorizer),
            weights,
            self.classifier.intercept_,
            grid=GRID,
            added=Added(token_id, besides) if token_id is not None and besides.any() else None,
        )
        return look_up_forms(graph, self.forms)


@dataclass(frozen=True)
class TfidfLogreg:
    name: str = "tfidf_logreg"
    word_form: WordForm = WordForm.AS_WRITTEN
    stop_words: StopWords = StopWords.KEPT
    longest_phrase: int = LONGEST_PHRASE  # words, one or two
    max_words: int = MAX_WORDS
    min_count: int | None = None  # None: as many as suit the number of tweets
    report: Report = field(default=to_nobody, repr=False, compare=False)

    def search_space(self, trial: Trial) -> "TfidfLogreg":
        """The strength is no part of it: every fit chooses its own."""
        return replace(
            self,
            stop_words=StopWords(trial.suggest_categorical("stop_words", list(StopWords))),
            word_form=WordForm(trial.suggest_categorical("word_form", list(WordForm))),
            longest_phrase=trial.suggest_int("longest_phrase", 1, 2),
            max_words=trial.suggest_int("max_words", 5_000, 100_000, log=True),
            min_count=trial.suggest_int("min_count", 2, 20, log=True),
            report=report_to(trial),
        )

    def fit(self, train: Tweets, validation: Tweets, *, seed: int, checkpoints: Path) -> FittedTfidfLogreg:
        min_count = self.min_count or min_count_for(len(train))
        tokenizer = fit_vocabulary(train.texts, min_count=min_count, max_words=self.max_words)
        drop_stop_words(tokenizer, self.stop_words)
        forms = form_ids(tokenizer, self.word_form)
        vectorizer = TfidfVectorizer(
            **counting_options(min_count=min_count, longest_phrase=self.longest_phrase),
            norm=None,  # the graph adds phrase by phrase; unit length needs all of a tweet's counts (decision 5)
        )
        if self.word_form is not WordForm.AS_WRITTEN:
            vectorizer.set_params(tokenizer=partial(as_forms, forms=forms))
        token_id = airline_token(tokenizer, forms)
        counts = vectorizer.fit_transform(words_of(tokenizer, train.texts, what="phrases"))
        unseen_counts = vectorizer.transform(words_of(tokenizer, validation.texts, what="validation"))
        features = with_airline_phrases(counts, vectorizer, token_id)
        unseen = with_airline_phrases(unseen_counts, vectorizer, token_id)
        strength, classifier = choose_strength(
            features, train.labels, unseen, validation.labels, seed=seed, report=self.report
        )
        temperature = calibrate(classifier, unseen, validation.labels)
        round_to_grid(classifier, vectorizer.idf_)
        parameters: dict[str, Parameter] = {
            "words": tokenizer.get_vocab_size(),
            "phrases": len(vectorizer.vocabulary_),
            "ngram_range": f"1-{self.longest_phrase}",
            "word_form": self.word_form,
            "stop_words": self.stop_words,
            "min_count": min_count,
            "max_tokens": MAX_TOKENS,
            "C": strength,
            "temperature": round(temperature, 4),
            "iterations": int(classifier.n_iter_.max()),
            "seed": seed,
        }
        return FittedTfidfLogreg(tokenizer, forms, vectorizer, classifier, parameters)


def choose_strength(
    features: csr_matrix,
    labels: npt.NDArray[np.int64],
    validation: csr_matrix,
    validation_labels: npt.NDArray[np.int64],
    *,
    seed: int,
    report: Report = to_nobody,
) -> tuple[float, LogisticRegression]:
    """Fit from the weakest strength up and stop when the validation log-loss rises for the first time.

    Rows of both matrices are tweets, columns phrases.
    """
    best: tuple[float, float, LogisticRegression] | None = None
    for step, strength in enumerate(tqdm(STRENGTHS, desc="strength", unit=" fits", disable=None)):
        classifier = LogisticRegression(C=strength, max_iter=300, tol=1e-3, random_state=seed)
        classifier.fit(features, labels)
        loss = float(log_loss(validation_labels, classifier.predict_proba(validation), labels=classifier.classes_))
        report(step, loss)
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
    scale = np.concatenate([idf, idf * STRENGTH])
    classifier.coef_ = np.round(np.asarray(classifier.coef_, dtype=np.float64) * scale * GRID) / GRID / scale
    classifier.intercept_ = np.round(np.asarray(classifier.intercept_, dtype=np.float64) * GRID) / GRID
