"""Words: can a classifier tell the tweets of a window from those of the reference?

It learns on one half of both and is asked about the other, so what it has learned by heart does not count.
"""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import vstack
from sklearn.linear_model import LogisticRegression

from trainer.drift_features import TweetFeatures, hash_words
from trainer.drift_statistics import area_under_curve

# A word that so few write says something about them, not about the traffic.
LEAST_TWEETS = 10
LEAST_LETTERS = 3
TELLING = 5


def tell_apart(before: TweetFeatures, now: TweetFeatures) -> float:
    """The area under the curve of "is this tweet of now?"; 0.5 where either side has nothing to learn from."""
    sides = [before.words[before.to_fit], now.words[now.to_fit]]
    asked = [before.words[~before.to_fit], now.words[~now.to_fit]]
    if not all(side.shape[0] for side in (*sides, *asked)):
        return 0.5
    is_now = np.repeat([0, 1], [side.shape[0] for side in sides])
    classifier = LogisticRegression(class_weight="balanced", max_iter=300).fit(vstack(sides, format="csr"), is_now)
    scores = [np.asarray(classifier.decision_function(side), dtype=np.float64) for side in asked]
    return area_under_curve(scores[1], scores[0])


def telling_words(keys: Sequence[str], before: TweetFeatures) -> list[str]:
    """The words of the window's `keys` that stand out most beside the reference, as far as several people write them.

    Names and addresses are no words of a key.
    """
    counts: dict[str, int] = {}
    for key in keys:
        for word in set(key.split()):
            counts[word] = counts.get(word, 0) + 1
    common = [word for word, count in counts.items() if count >= LEAST_TWEETS and len(word) >= LEAST_LETTERS]
    if not common:
        return []
    now = np.array([counts[word] for word in common]) / len(keys)
    # Of all words in the same place together: one that is new may look known, none that is known looks new.
    usual = np.asarray(before.words.mean(axis=0), dtype=np.float64).ravel()[hash_words(common).indices].clip(0, 1)
    surplus = (now - usual) / np.sqrt((now * (1 - now) + usual * (1 - usual)) / len(keys) + 1e-9)
    order = np.argsort(-surplus, kind="stable")[:TELLING]
    return [common[place] for place in order if now[place] > 2 * usual[place]]
