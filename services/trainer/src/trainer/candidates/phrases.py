"""What the classic candidates share: tweets cut into words, and phrases of one or two of them counted.

A word travels as its token id, so the exported graph counts the very phrases that scikit-learn counted.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import onnx
from onnx import helper
from sklearn.feature_extraction.text import CountVectorizer
from tokenizers import Tokenizer
from tqdm import tqdm

from trainer.candidates.token_rows import token_rows
from trainer.tokenization import fit_word_tokenizer

MAX_WORDS = 60_000
MAX_TOKENS = 256
LONGEST_PHRASE = 2  # words


def min_count_for(tweets: int) -> int:
    """How often a word or phrase must be seen: 8 times in millions of tweets (scores level off there), 2 in few."""
    return int(np.clip(tweets // 100_000, 2, 8))


def fit_vocabulary(texts: Sequence[str], *, min_count: int, max_words: int = MAX_WORDS) -> Tokenizer:
    """The word tokenizer of `texts`; with a progress bar on a terminal."""
    progress = tqdm(texts, desc="vocabulary", unit=" tweets", disable=None)
    return fit_word_tokenizer(progress, max_words=max_words, min_count=min_count, max_tokens=MAX_TOKENS)


def words_of(tokenizer: Tokenizer, texts: Sequence[str], *, what: str) -> Iterator[list[str]]:
    """The token ids of each text, as the strings scikit-learn counts; with a progress bar on a terminal."""
    for row in token_rows(tokenizer, texts, what=what):
        yield [str(token_id) for token_id in row]


def as_it_is(words: list[str]) -> list[str]:
    """scikit-learn's hook for texts that are cut into words already."""
    return words


def counting_options(*, min_count: int, longest_phrase: int = LONGEST_PHRASE) -> dict[str, object]:
    """What each of scikit-learn's vectorizers is told, so that it counts what `words_of` yields."""
    return {
        "tokenizer": as_it_is,
        "preprocessor": as_it_is,
        "token_pattern": None,
        "lowercase": False,
        "ngram_range": (1, longest_phrase),
        "min_df": min_count,
        "dtype": np.float32,
    }


def phrases_of(vectorizer: CountVectorizer) -> list[list[int]]:
    """The token ids of each phrase, in the order of the vectorizer's columns."""
    return [[int(word) for word in phrase.split(" ")] for phrase in vectorizer.get_feature_names_out()]


def in_graph_order(phrases: Sequence[Sequence[int]], kept: Iterable[int]) -> list[int]:
    """The indices in `kept`, those of one-word phrases first, then of two-word ones, each sorted by token ids.

    ONNX wants the lengths apart; the sorting is for us: the same model gives the same bytes.
    """
    return sorted(kept, key=lambda index: (len(phrases[index]), tuple(phrases[index])))


def counting_node(phrases: Sequence[Sequence[int]], coordinates: Sequence[int], *, name: str) -> onnx.NodeProto:
    """ONNX's `TfIdfVectorizer`: from `token_ids` (batch, tokens) the counts `name` (batch, coordinates).

    `phrases` are in graph order. Each adds to the coordinate given for it, which several may share.
    """
    return helper.make_node(
        "TfIdfVectorizer",
        ["token_ids"],
        [name],
        mode="TF",
        min_gram_length=1,
        max_gram_length=LONGEST_PHRASE,
        max_skip_count=0,
        ngram_counts=[0, sum(len(phrase) == 1 for phrase in phrases)],
        ngram_indexes=list(coordinates),
        pool_int64s=[token for phrase in phrases for token in phrase],
    )
