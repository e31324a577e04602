"""A made population of tweets, as the figures that drift looks at: no data set and no model are needed for it.

Its shares are those of Sentiment140, and the probabilities are calibrated by construction: of the tweets that are given
80 %, 80 % are right.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.sparse import csr_matrix

from trainer.drift_features import PLACES, TweetFeatures
from trainer.drift_reference import Reference

SIZE, REFERENCE = 40_000, 10_000
WORDS_A_TWEET, VOCABULARY = 14, 30_000
LABELS = ("negative", "positive")


@dataclass(frozen=True)
class Population:
    """`right`: whether the answer was."""

    features: TweetFeatures
    right: npt.NDArray[np.bool_]

    def draw(self, rng: np.random.Generator, size: int) -> TweetFeatures:
        return self.features.rows(rng.integers(0, len(self.features), size))

    def reference(self, rng: np.random.Generator, size: int = REFERENCE) -> Reference:
        rows = rng.integers(0, len(self.features), size)
        return Reference(
            features=self.features.rows(rows),
            seen=np.zeros(size, np.bool_),
            labels=LABELS,
            judged=size,
            wrong=int((~self.right[rows]).sum()),
            words=f"{size:,} made tweets",
        )


def make_population(rng: np.random.Generator, size: int = SIZE, *, first_word: int = 0) -> Population:
    """Words are as frequent as Zipf has it; from another `first_word` on they are other words."""
    negative = rng.beta(0.8, 1.0, size)
    chosen = (negative < 0.45).astype(np.int8)
    given = np.where(chosen == 0, negative, 1 - negative)
    tokens = np.clip(rng.lognormal(2.6, 0.55, size), 1, 60).astype(np.int32)
    features = TweetFeatures(
        confidence=np.maximum(negative, 1 - negative).astype(np.float32),
        chosen_probability=given.astype(np.float32),
        chosen=chosen,
        tokens=tokens,
        unknown=(rng.binomial(tokens, 0.013) / tokens).astype(np.float32),
        emoji=rng.random(size) < 0.002,
        address=rng.random(size) < 0.05,
        handle=rng.random(size) < 0.48,
        hashtag=rng.random(size) < 0.024,
        french=rng.random(size) < 0.001,
        to_fit=rng.random(size) < 0.5,
        words=make_words(rng, size, first_word),
    )
    return Population(features, rng.random(size) < given)


def make_words(rng: np.random.Generator, size: int, first_word: int) -> csr_matrix:
    ranks = np.minimum(rng.zipf(1.3, (size, WORDS_A_TWEET)), VOCABULARY) + first_word
    places = ranks * 2_654_435_761 % PLACES
    rows = np.repeat(np.arange(size), WORDS_A_TWEET)
    counted = csr_matrix((np.ones(size * WORDS_A_TWEET, np.float32), (rows, places.ravel())), shape=(size, PLACES))
    counted.sum_duplicates()
    counted.data[:] = 1
    return counted


def tilted(population: Population, index: float) -> Population:
    """The same tweets, drawn so that confident ones are more frequent: the PSI of the confidences is `index`."""
    confidence = population.features.confidence.astype(np.float64)
    places = np.searchsorted(np.quantile(confidence, np.linspace(0, 1, 11)[1:-1]), confidence, side="right")
    ranks = (np.arange(10) - 4.5) / 4.5

    def shares(strength: float) -> npt.NDArray[np.float64]:
        weights = np.exp(strength * ranks)
        return np.asarray(weights / weights.sum(), dtype=np.float64)

    def psi(strength: float) -> float:
        found = shares(strength)
        return float(((found - 0.1) * np.log(found / 0.1)).sum())

    strength = brentq(lambda strength: psi(strength) - index, 0, 5)
    weights = shares(strength)[places]
    rows = np.random.default_rng(0).choice(len(confidence), len(confidence), p=weights / weights.sum())
    return Population(population.features.rows(rows), population.right[rows])
