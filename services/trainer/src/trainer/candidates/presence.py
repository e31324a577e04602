"""Which phrases a tweet holds: all that a tree asks.

A tree cuts a feature in two, so no weight on a phrase (an idf, the tweet's length) would change what it learns, and few
tweets say anything twice: the features are 0 and 1. They are the most frequent phrases only, because trees over all of
them are neither small nor quick to fit.
"""

from collections.abc import Sequence

from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer
from tokenizers import Tokenizer

from trainer.candidates.phrases import counting_options, fit_vocabulary, min_count_for, words_of


def fit_presence(texts: Sequence[str], *, max_phrases: int) -> tuple[Tokenizer, CountVectorizer, csr_matrix]:
    """Learn words and phrases from `texts`; the matrix says which text has which: (texts, phrases), float32 0 and 1."""
    min_count = min_count_for(len(texts))
    tokenizer = fit_vocabulary(texts, min_count=min_count)
    vectorizer = CountVectorizer(binary=True, max_features=max_phrases, **counting_options(min_count=min_count))
    matrix = vectorizer.fit_transform(words_of(tokenizer, texts, what="phrases"))
    return tokenizer, vectorizer, matrix
