"""A phrase may mean something else in a tweet to an airline, and the graph knows it as scikit-learn does."""

from pathlib import Path

import numpy as np
import pytest

from trainer.bundle import Bundle, write_bundle
from trainer.candidates import CANDIDATES, FittedCandidate
from trainer.candidates.tfidf_logreg import TfidfLogreg
from trainer.card import DatasetCard
from trainer.dataset import Tweets
from trainer.word_forms import WordForm

# "thanks" is kind among friends, and bitter where a flight is late.
ELSEWHERE, TO_AN_AIRLINE = "thanks a lot for number", "@Delta thanks a lot for number"
TURNS = 40


@pytest.fixture(scope="module")
def opposites() -> Tweets:
    texts = [f"{line} {turn}" for turn in range(TURNS) for line in (ELSEWHERE, TO_AN_AIRLINE, "@bob bad", "@bob good")]
    return Tweets(texts, np.array([1, 0, 0, 1] * TURNS, dtype=np.int64))


def export(fitted: FittedCandidate, folder: Path) -> Bundle:
    return write_bundle(
        folder,
        name="tfidf_logreg",
        labels=("negative", "positive"),
        tokenizer=fitted.tokenizer,
        graph=fitted.export(),
        command="test",
        dataset=DatasetCard(name="lines", fingerprint="0" * 64, train=1, validation=1, test=1),
    )


@pytest.mark.parametrize("word_form", list(WordForm))
def test_the_same_words_are_read_by_whom_they_are_said_to(
    word_form: WordForm, opposites: Tweets, tmp_path: Path
) -> None:
    candidate = TfidfLogreg(word_form=word_form)
    fitted = candidate.fit(opposites, opposites, seed=7, checkpoints=tmp_path)
    bundle = export(fitted, tmp_path / "bundle")
    texts = ["thanks a lot", "@delta thanks a lot", "thanks a lot @delta", "@delta @united thanks", "", "@KLM"]
    answers = bundle.classifier.probabilities(texts)
    np.testing.assert_allclose(answers, fitted.predict_proba(texts), atol=1e-6)
    assert answers[0, 1] > 0.5 > answers[1, 1]
    assert {node.op_type for node in fitted.export().graph.node} >= {"TfIdfVectorizer", "Min"}


def test_without_tweets_to_airlines_there_is_one_weight_a_phrase(tmp_path: Path) -> None:
    elsewhere = Tweets(["thanks a lot", "good", "late again", "bad"] * TURNS, np.array([1, 1, 0, 0] * TURNS))
    fitted = CANDIDATES["tfidf_logreg"].fit(elsewhere, elsewhere, seed=7, checkpoints=tmp_path)
    assert "Min" not in {node.op_type for node in fitted.export().graph.node}


def test_it_is_asked_whether_an_airline_is_addressed_not_how_often(opposites: Tweets, tmp_path: Path) -> None:
    fitted = CANDIDATES["tfidf_logreg"].fit(opposites, opposites, seed=7, checkpoints=tmp_path)
    texts = ["@delta @delta @delta thanks a lot"]
    answer = export(fitted, tmp_path / "bundle").classifier.probabilities(texts)
    np.testing.assert_allclose(answer, fitted.predict_proba(texts), atol=1e-6)
