"""A test set under the name it is reported with."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from trainer.bundle import Bundle
from trainer.dataset import Tweets


@dataclass(frozen=True)
class TestSet:
    """Tweets that no fit has seen, under the names they are reported with."""

    dataset: str
    split: str
    tweets: Tweets


def in_order_of(bundle: Bundle, labels: Sequence[str], tweets: Tweets) -> Tweets:
    """The same tweets, their label indices (n,) counted in the bundle's order instead of that of `labels`."""
    positions = np.array([bundle.card.labels.index(label) for label in labels], dtype=np.int64)
    return replace(tweets, labels=positions[tweets.labels])
