"""What drift looks at of a tweet: the same whether names are masked or not, and nothing it could be read back from."""

from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, models

from trainer.bundle import load_bundle
from trainer.drift_features import PLACES, FeatureReader, TweetFeatures, hash_words, joined, unknown_id

CHAMPION = Path(__file__).parents[2] / "models" / "champion"
RAW = [
    "@ada look at http://example.org/x",
    "@ada your #flight is late 😡",
    "mon vol est encore en retard, merci pour rien",
    "wwwhat a day",
]
MASKED = ["USER look at URL", "USER your #flight is late 😡", RAW[2], RAW[3]]
LOGGED = ["@user look at http://url", "@user your #flight is late 😡", RAW[2], RAW[3]]


@pytest.fixture(scope="module")
def reader() -> FeatureReader:
    return FeatureReader(load_bundle(CHAMPION).classifier.tokenizer)


def read(reader: FeatureReader, texts: list[str]) -> TweetFeatures:
    probabilities = np.tile(np.array([[0.3, 0.7]], np.float32), (len(texts), 1))
    return reader.read(texts, probabilities, np.ones(len(texts), np.int64))


def test_what_a_tweet_holds_is_seen(reader: FeatureReader) -> None:
    found = read(reader, RAW)
    assert found.address.tolist() == [True, False, False, False]
    assert found.handle.tolist() == [True, True, False, False]
    assert found.hashtag.tolist() == [False, True, False, False]
    assert found.emoji.tolist() == [False, True, False, False]
    assert found.french.tolist() == [False, False, True, False]
    assert found.tokens[0] == 4
    assert (found.confidence == np.float32(0.7)).all() and (found.chosen_probability == np.float32(0.7)).all()


def test_of_an_answer_below_one_half_the_probability_is_its_own(reader: FeatureReader) -> None:
    """The threshold is not one half: a tweet may be called negative at 0.46."""
    found = reader.read(["late"], np.array([[0.46, 0.54]], np.float32), np.array([0]))
    assert found.confidence[0] == np.float32(0.54)
    assert found.chosen_probability[0] == np.float32(0.46)


@pytest.mark.parametrize("texts", [MASKED, LOGGED], ids=["as Sentiment140 has them", "as the log has them"])
def test_masks_read_as_what_they_stand_for(reader: FeatureReader, texts: list[str]) -> None:
    raw, masked = read(reader, RAW), read(reader, texts)
    for column in ("tokens", "unknown", "emoji", "address", "handle", "hashtag", "french", "to_fit"):
        assert getattr(raw, column).tolist() == getattr(masked, column).tolist(), column
    assert (raw.words != masked.words).nnz == 0


def test_words_that_the_tokenizer_does_not_know_are_counted(reader: FeatureReader) -> None:
    found = read(reader, ["the flight was late", "xqzzt the flight brrrblfx"])
    assert found.unknown.tolist() == [0, 0.5]


def test_a_text_without_a_token_divides_nothing_by_nothing(reader: FeatureReader) -> None:
    found = read(reader, [" ", "late"])
    assert found.tokens[0] == 0 and found.unknown[0] == 0


def test_copies_are_on_one_side_of_the_words_classifier(reader: FeatureReader) -> None:
    found = read(reader, [f"{who} the flight was late" for who in ("@ada", "@ben", "USER", "RT @eve:")])
    assert len(set(found.to_fit.tolist())) == 1


def test_words_and_pairs_are_hashed_into_a_few_thousand_places() -> None:
    words = hash_words(["late again", "late"])
    assert words.shape == (2, PLACES)
    assert words[0].nnz == 3 and words[1].nnz == 1
    assert set(words[1].indices) < set(words[0].indices)


def test_features_are_cut_and_joined_by_rows(reader: FeatureReader) -> None:
    whole = read(reader, RAW)
    halves = joined([whole.rows(slice(0, 2)), whole.rows(np.array([2, 3]))])
    assert len(halves) == len(whole) == 4
    assert halves.french.tolist() == whole.french.tolist()
    assert (halves.words != whole.words).nnz == 0


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (models.WordLevel({"[UNK]": 7, "a": 0}, unk_token="[UNK]"), 7),
        (models.Unigram([("<unk>", 0.0), ("a", -1.0)], unk_id=0), 0),
        (models.BPE(), -1),
        (models.WordPiece({"[UNK]": 3}, unk_token="[UNK]"), 3),
        (models.WordLevel({"a": 0}, unk_token="[UNK]"), -1),
    ],
    ids=["words", "unigrams", "bytes", "pieces", "without its token"],
)
def test_each_kind_of_tokenizer_has_its_unknown_token(model: models.Model, expected: int) -> None:
    assert unknown_id(Tokenizer(model)) == expected
