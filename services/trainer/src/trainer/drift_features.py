"""What drift is looked for in: a few figures and hashed words of each tweet, never its text.

So a reference can be kept for as long as its model without keeping anybody's tweets. From a hash a word can be guessed
at best: 4,096 places are shared by all words and pairs of words there are.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from zlib import crc32

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, vstack
from sklearn.feature_extraction.text import HashingVectorizer
from tokenizers import Tokenizer

from trainer.cleaning import keys as keys_of
from trainer.slices import SLICES, is_french
from trainer.tokenization import HANDLE, glued

PLACES = 2**12

Flags = npt.NDArray[np.bool_]

# As their authors wrote them, and as Sentiment140 and the prediction log have them: masked.
_ADDRESS = re.compile(rf"[hH][tT][tT][pP][sS]?://\S|(?<!\w)[wW]{{3}}\.\S|{glued('URL')}")
_HANDLE = re.compile(rf"{HANDLE}|{glued('USER')}")
_HOLDS = {each.name: each.holds for each in SLICES}


@dataclass(frozen=True)
class TweetFeatures:
    """Columns of equal length, one row a tweet."""

    confidence: npt.NDArray[np.float32]  # of the most probable label
    chosen_probability: npt.NDArray[np.float32]  # of the label that was answered: it is right so often
    chosen: npt.NDArray[np.int8]  # index into the bundle's labels
    tokens: npt.NDArray[np.int32]
    unknown: npt.NDArray[np.float32]  # share of the tokens that the bundle's tokenizer does not know
    emoji: Flags
    address: Flags
    handle: Flags
    hashtag: Flags
    french: Flags
    # On which side of the words' classifier a tweet is. Told from its words, so that copies are never on both.
    to_fit: Flags
    words: csr_matrix  # (n, PLACES): whether a word, or a pair of words, with this hash is there

    def __len__(self) -> int:
        return len(self.confidence)

    def rows(self, chosen: slice | npt.NDArray[np.generic]) -> "TweetFeatures":
        return TweetFeatures(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


class FeatureReader:
    """Reads tweets as one bundle's tokenizer does."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._unknown = unknown_id(tokenizer)

    def read(
        self, texts: Sequence[str], probabilities: npt.NDArray[np.float32], chosen: npt.NDArray[np.int64]
    ) -> TweetFeatures:
        """`probabilities`: (n, labels); `chosen`: the answered label of each text, an index."""
        rows = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]
        tokens = np.array([len(row) for row in rows], dtype=np.int32)
        unknown = np.array([row.count(self._unknown) for row in rows], dtype=np.float32)
        keys = keys_of(texts)
        return TweetFeatures(
            confidence=probabilities.max(axis=1).astype(np.float32),
            chosen_probability=probabilities[np.arange(len(texts)), chosen].astype(np.float32),
            chosen=chosen.astype(np.int8),
            tokens=tokens,
            unknown=(unknown / np.maximum(tokens, 1)).astype(np.float32),
            emoji=flags(_HOLDS["emoji"](text) for text in texts),
            address=flags(bool(_ADDRESS.search(text)) for text in texts),
            handle=flags(bool(_HANDLE.search(text)) for text in texts),
            hashtag=flags(_HOLDS["hashtag"](text) for text in texts),
            french=flags(is_french(text) for text in texts),
            to_fit=flags(crc32(key.encode("utf-8", "surrogatepass")) % 2 == 0 for key in keys),
            words=hash_words(keys),
        )


def hash_words(keys: Sequence[str]) -> csr_matrix:
    """The words and pairs of words of each key. # (n, PLACES)"""
    hashing = HashingVectorizer(
        n_features=PLACES,
        token_pattern=r"\S+",
        ngram_range=(1, 2),
        lowercase=False,
        alternate_sign=False,
        norm=None,
        binary=True,
        dtype=np.float32,
    )
    return csr_matrix(hashing.transform(keys))


def flags(found: Iterable[bool]) -> Flags:
    return np.fromiter(found, dtype=np.bool_)


def unknown_id(tokenizer: Tokenizer) -> int:
    """The id of the unknown token; -1 for a tokenizer that knows everything, as those that fall back to bytes do."""
    model = json.loads(tokenizer.to_str())["model"]
    if isinstance(name := model.get("unk_token"), str):
        found = tokenizer.token_to_id(name)
        return -1 if found is None else found
    return -1 if model.get("unk_id") is None else int(model["unk_id"])


def joined(parts: Sequence[TweetFeatures]) -> TweetFeatures:
    columns = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(TweetFeatures)
        if field.name != "words"
    }
    return TweetFeatures(**columns, words=vstack([part.words for part in parts], format="csr"))
