"""The phrases of tweets to an airline, once more: "thanks" and "delayed" mean something else there than everywhere.

Every phrase has a weight that counts in all tweets and a second one that counts, besides, where an airline is
addressed. What few such tweets teach is then no longer outvoted by millions of others (feature augmentation: Daumé III
2007, "Frustratingly Easy Domain Adaptation", arXiv 0907.1815).
"""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, diags, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from tokenizers import Tokenizer

from trainer.tokenization import AIRLINE_MASK
from trainer.word_forms import FormIds

# Tweets to airlines are few, and a stronger feature needs a smaller weight, which the fit punishes less.
STRENGTH = 2.0


def airline_token(tokenizer: Tokenizer, forms: FormIds) -> int | None:
    """The id, as the phrases have it, of the token that an airline's handle becomes; None where no tweet had one."""
    token_id = tokenizer.token_to_id(AIRLINE_MASK.strip().lower())
    return None if token_id is None else int(forms[token_id])


def with_airline_phrases(features: csr_matrix, vectorizer: TfidfVectorizer, token_id: int | None) -> csr_matrix:
    """The features (tweets, phrases) and, right of them, those of tweets to an airline again: (tweets, 2 x phrases)."""
    column = vectorizer.vocabulary_.get(str(token_id))
    if column is None:
        return hstack([features, csr_matrix(features.shape, dtype=features.dtype)], format="csr")
    addressed = (features[:, column].toarray().ravel() > 0).astype(features.dtype)
    return hstack([features, diags(STRENGTH * addressed) @ features], format="csr", dtype=features.dtype)


def both_weights(
    coefficients: npt.NDArray[np.float64], idf: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """What each phrase adds everywhere, and besides in tweets to an airline: both (phrases, labels or 1)."""
    everywhere, besides = np.hsplit(coefficients, 2)
    return (everywhere * idf).T, (besides * idf * STRENGTH).T
