"""What the tokenizer file does to a tweet."""

import pytest
from tokenizers import Tokenizer

from trainer.tokenization import PAD_ID, UNKNOWN_ID, build_normalizer, fit_word_tokenizer


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    lines = ["can't wait :) <3", "so soo not good !", "url user URL 😀 hello", "ça marche"]
    return fit_word_tokenizer(lines, max_words=100, min_count=1, max_tokens=8)


def tokens(tokenizer: Tokenizer, text: str) -> list[str]:
    return list(tokenizer.encode(text).tokens)


def words(tokenizer: Tokenizer, text: str) -> list[str]:
    """As it is cut, before the vocabulary."""
    return [word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(build_normalizer().normalize_str(text))]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("See https://t.co/abc now", "see  url  now"),
        ("www.example.com/x", " url "),
        ("Www.Example.com HTTPS://BIT.LY/X", " url  url "),
        ("(www.example.com)", "( url "),
        ("Awww...that's sad", "aww..that's sad"),
        ("@skyline hello", " user  hello"),
        ("@AirParadis @UNITED, late", " airline  airline , late"),
        ("@unitedwestand @delta_force hello", " user  user  hello"),
        ("1000 not 100", "1000 not 100"),
        ("Tom &amp; I &lt;3 u", "tom & i <3 u"),
        ("&amp;lt;", "&lt;"),
        ("soooooo coool!!!!", "soo cool!!"),
        ("It\u2019s FINE", "it's fine"),
        ("cafe\u0301", "café"),
        ("I use User", "i use user"),
    ],
)
def test_normalizing(raw: str, expected: str) -> None:
    assert build_normalizer().normalize_str(raw) == expected


@pytest.mark.parametrize(
    ("raw", "masked"),
    [
        ("@bob https://t.co/x", "USER URL"),
        ("@bob's crew", "USER's crew"),
        ("thanks@bob!", "thanksUSER!"),
        ("seehttp://t.co/x", "seeURL"),
        ("bob@example.com", "bobUSER.com"),
    ],
)
def test_a_raw_tweet_and_a_masked_one_read_alike(tokenizer: Tokenizer, raw: str, masked: str) -> None:
    assert words(tokenizer, raw) == words(tokenizer, masked)


@pytest.mark.parametrize("text", ["SUPERUSER", "USERNAME", "CURL", "URLs"])
def test_a_word_with_a_mask_in_it_is_a_word(tokenizer: Tokenizer, text: str) -> None:
    assert words(tokenizer, text) == [text.lower()]


@pytest.mark.parametrize("sign", ["❤\ufe0f", "✈\ufe0f", "😀\u200b", "\ufeff😀", "😀\u2060"])
def test_what_is_not_seen_glues_no_sign_to_a_word(tokenizer: Tokenizer, sign: str) -> None:
    assert words(tokenizer, f"{sign}hello") == [sign.strip("\ufe0f\u200b\ufeff\u2060"), "hello"]


def test_contractions_and_emoticons_stay_whole(tokenizer: Tokenizer) -> None:
    assert tokens(tokenizer, "can't wait :) <3") == ["can't", "wait", ":)", "<3"]


def test_punctuation_and_emoji_are_tokens(tokenizer: Tokenizer) -> None:
    assert tokens(tokenizer, "good!😀") == ["good", "!", "😀"]


def test_negation_is_kept(tokenizer: Tokenizer) -> None:
    assert tokens(tokenizer, "not good") == ["not", "good"]


def test_unseen_words_are_unknown(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("zzzz").ids == [UNKNOWN_ID]


def test_a_long_text_is_cut(tokenizer: Tokenizer) -> None:
    assert len(tokenizer.encode("good " * 100).ids) == 8


def test_a_batch_is_padded_with_zeros(tokenizer: Tokenizer) -> None:
    short, long = tokenizer.encode_batch(["good", "so good"])
    assert short.ids[1:] == [PAD_ID] and len(short.ids) == len(long.ids)


def test_the_saved_file_reads_the_same(tokenizer: Tokenizer) -> None:
    text = "CAN'T wait @x https://y.z 😀 sooooo &amp; ça"
    assert Tokenizer.from_str(tokenizer.to_str()).encode(text).ids == tokenizer.encode(text).ids
