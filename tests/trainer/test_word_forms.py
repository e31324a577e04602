"""Lemmas, stems and stop words: in the bundle's files, so that raw text is all that serving needs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from trainer.bundle import Bundle, load_bundle, write_bundle
from trainer.candidates.tfidf_logreg import TfidfLogreg
from trainer.card import DatasetCard
from trainer.dataset import Tweets
from trainer.tokenization import fit_word_tokenizer
from trainer.word_forms import StopWords, WordForm, drop_stop_words, form_function, form_ids

LINES = ["I don't like this flight", "not a good flight, bad flights", "ils sont retardés, je suis retardé", "Flights!"]


def fit_tokenizer() -> Tokenizer:
    return fit_word_tokenizer(LINES, max_words=100, min_count=1, max_tokens=16)


@pytest.fixture(scope="module", params=[WordForm.LEMMA, WordForm.STEM])
def word_form(request: pytest.FixtureRequest) -> WordForm:
    return WordForm(request.param)


@pytest.mark.parametrize(
    ("form", "word", "expected"),
    [
        (WordForm.LEMMA, "flew", "fly"),
        (WordForm.LEMMA, "flights", "flight"),
        (WordForm.LEMMA, "retardés", "retardé"),
        (WordForm.STEM, "delayed", "delay"),
        (WordForm.STEM, "retardés", "retard"),
        (WordForm.STEM, "hate", "hate"),
        (WordForm.AS_WRITTEN, "flights", "flights"),
    ],
)
def test_the_form_of_a_word(form: WordForm, word: str, expected: str) -> None:
    assert form_function(form)(word) == expected


def test_words_of_one_form_share_the_id_of_the_first(word_form: WordForm) -> None:
    tokenizer = fit_tokenizer()
    forms, vocabulary = form_ids(tokenizer, word_form), tokenizer.get_vocab()
    assert len(forms) == len(vocabulary)
    assert forms[vocabulary["flights"]] == forms[vocabulary["flight"]]
    assert forms[vocabulary["retardés"]] == forms[vocabulary["retardé"]]
    assert (forms <= np.arange(len(forms))).all()
    assert list(forms[:2]) == [0, 1]  # padding and the unknown word stay what they are


def test_a_contraction_keeps_its_negation(word_form: WordForm) -> None:
    tokenizer = fit_tokenizer()
    contraction = tokenizer.token_to_id("don't")
    assert form_ids(tokenizer, word_form)[contraction] == contraction


@pytest.mark.parametrize(
    ("stop_words", "text", "left"),
    [
        (StopWords.KEPT, "this is not a good flight", ["this", "not", "a", "good", "flight"]),
        (StopWords.DROPPED, "this not a good flight", ["good", "flight"]),
        (StopWords.NEGATIONS_KEPT, "THIS not a good flight", ["not", "good", "flight"]),
        (StopWords.DROPPED, "I don't like", ["don't", "like"]),
        (StopWords.DROPPED, "je suis retardé", ["suis", "retardé"]),
        (StopWords.DROPPED, "this a not", []),
    ],
)
def test_stop_words_leave_the_words_around_them_as_neighbours(
    stop_words: StopWords, text: str, left: list[str]
) -> None:
    tokenizer = fit_tokenizer()
    drop_stop_words(tokenizer, stop_words)
    read_again = Tokenizer.from_str(tokenizer.to_str())
    assert [token for token in read_again.encode(text).tokens if token != "[UNK]"] == left


def build_bundle(candidate: TfidfLogreg, tweets: Tweets, folder: Path) -> Bundle:
    fitted = candidate.fit(tweets, tweets, seed=7, checkpoints=folder)
    card = DatasetCard(name="lines", fingerprint="0" * 64, train=50, validation=50, test=0)
    labels = ("negative", "positive")
    options = {"name": candidate.name, "labels": labels, "command": "test", "dataset": card}
    bundle = write_bundle(folder, tokenizer=fitted.tokenizer, graph=fitted.export(), **options)  # type: ignore[arg-type]
    texts = [*tweets.texts, "", "zzz", "bags and flights, the crews"]
    np.testing.assert_allclose(bundle.classifier.probabilities(texts), fitted.predict_proba(texts), atol=1e-6)
    return load_bundle(folder)


def test_a_bundle_from_disk_reads_forms_and_drops_stop_words(
    word_form: WordForm, tweets: Tweets, tmp_path: Path
) -> None:
    # "bags" is seen in training often enough to be a word, but on both sides, so that as written it says nothing.
    more = Tweets(["bags"] * 10, np.array([0, 1] * 5, dtype=np.int64))
    together = Tweets([*tweets.texts, *more.texts], np.concatenate([tweets.labels, more.labels]))
    plain = build_bundle(TfidfLogreg(), together, tmp_path / "plain")
    assert not np.allclose(*plain.classifier.probabilities(["lost bags", "lost bag"]), atol=1e-3)
    formed = replace(TfidfLogreg(), word_form=word_form, stop_words=StopWords.DROPPED)
    bundle = build_bundle(formed, together, tmp_path / "formed")
    one, many, with_stop_words = bundle.classifier.probabilities(["lost bag", "lost bags", "they lost all of my bags"])
    np.testing.assert_array_equal(one, many)
    np.testing.assert_array_equal(many, with_stop_words)
