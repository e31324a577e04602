"""New words for an old tokenizer."""

import pytest
from tokenizers import Tokenizer

from trainer.candidates.vocabulary_growth import add_words
from trainer.tokenization import UNKNOWN_ID, fit_word_tokenizer


@pytest.fixture(scope="module")
def known() -> Tokenizer:
    return fit_word_tokenizer(["the flight was late"] * 2, max_words=100, min_count=2, max_tokens=8)


def ids(tokenizer: Tokenizer, text: str) -> list[int]:
    return list(tokenizer.encode(text).ids)


def test_words_that_several_texts_have_are_learned_and_the_old_ones_stay(known: Tokenizer) -> None:
    grown = add_words(known, ["le vol était late", "le vol partait"], least=2, most=10)
    assert ids(grown, "the flight was late") == ids(known, "the flight was late")
    assert ids(known, "le vol") == [UNKNOWN_ID, UNKNOWN_ID]
    assert sorted(ids(grown, "le vol")) == [known.get_vocab_size(), known.get_vocab_size() + 1]
    assert ids(grown, "était") == [UNKNOWN_ID], "one text alone had it"


def test_a_text_counts_once_however_often_it_is_repeated(known: Tokenizer) -> None:
    grown = add_words(known, ["bonjour bonjour bonjour"] * 20, least=2, most=10)
    assert grown.get_vocab_size() == known.get_vocab_size()


def test_a_word_is_what_the_tokenizer_makes_of_it(known: Tokenizer) -> None:
    grown = add_words(known, ["Sooooo @somebody", "soo http://example.org"], least=2, most=10)
    assert set(grown.get_vocab()) - set(known.get_vocab()) == {"soo"}


def test_the_most_frequent_ones_come_first(known: Tokenizer) -> None:
    texts = ["b c a", "b c a d", "b c", "b"]
    grown = add_words(known, texts, least=1, most=3)
    assert [grown.token_to_id(word) - known.get_vocab_size() for word in "bca"] == [0, 1, 2]
    assert grown.token_to_id("d") is None


def test_texts_are_still_cut_and_padded(known: Tokenizer) -> None:
    grown = add_words(known, ["bonjour", "bonjour à tous"], least=2, most=10)
    assert grown.truncation == known.truncation
    assert grown.padding == known.padding


def test_without_new_words_nothing_changes(known: Tokenizer) -> None:
    assert add_words(known, [], least=2, most=10).to_str() == known.to_str()
