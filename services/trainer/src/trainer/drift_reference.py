"""The reference window: the tweets that the champion was trained on, or what stands for them, as figures.

Kept in one .npz without a text in it, so that it may lie beside the model for as long as that lives.
"""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from trainer.bundle import Bundle
from trainer.dataset import Dataset
from trainer.drift_features import PLACES, FeatureReader, TweetFeatures, joined
from trainer.errors import TrainerError
from trainer.evaluation import accuracy_interval

# Another meaning of a column is another version: a reference of before is not compared with features of now.
FORMAT_VERSION = 1
MOST_TWEETS = 10_000
# With fewer that the fit has not seen, tweets that it has seen help out where that makes no difference.
ENOUGH_UNSEEN = 5_000
_SHUFFLE_SEED = 42


class ReferenceRefused(TrainerError):
    """There is no reference window as asked for; the message says why."""


@dataclass(frozen=True)
class Reference:
    """`seen`: rows that the fit has learned from, of which it is surer than of others, and knows every word.

    `judged` and `wrong`: tweets with a label, and how many of them got another one; 0 where nobody knows.
    """

    features: TweetFeatures
    seen: npt.NDArray[np.bool_]
    labels: tuple[str, ...]
    judged: int
    wrong: int
    words: str  # where it comes from, for people
    after: int = 0  # cursor behind the predictions that it is made of, where it is

    @property
    def unseen(self) -> TweetFeatures:
        return self.features.rows(~self.seen)

    @property
    def error(self) -> float:
        """The share of wrong answers that has to be expected; where labels are known the upper end of its interval."""
        if self.judged:
            return 1 - accuracy_interval(self.judged - self.wrong, self.judged)[0]
        return 1 - float(self.unseen.chosen_probability.mean())


def reference_from_dataset(bundle: Bundle, dataset: Dataset) -> Reference:
    """Of the dataset that the bundle was fitted on: validation tweets, and where these are few training tweets too."""
    validation = _sample(len(dataset.validation), MOST_TWEETS)
    missing = MOST_TWEETS - len(validation) if len(validation) < ENOUGH_UNSEEN else 0
    train = _sample(len(dataset.train), missing)
    unseen = _read(bundle, [dataset.validation.texts[row] for row in validation])
    parts = [unseen]
    if len(train):
        parts.append(_read(bundle, [dataset.train.texts[row] for row in train]))
    wrong = int((unseen.chosen != dataset.validation.labels[validation]).sum())
    seen = f" and {len(train):,} training" if len(train) else ""
    return Reference(
        features=joined(parts),
        seen=np.repeat([False, True], [len(validation), len(train)]),
        labels=tuple(bundle.card.labels),
        judged=len(validation),
        wrong=wrong,
        words=f"{len(validation):,} validation{seen} tweets of {dataset.name}, which the model was trained with",
    )


def _sample(size: int, most: int) -> npt.NDArray[np.int64]:
    return np.sort(np.random.RandomState(_SHUFFLE_SEED).permutation(size)[:most]).astype(np.int64)


def _read(bundle: Bundle, texts: Sequence[str]) -> TweetFeatures:
    probabilities = bundle.classifier.probabilities(texts)
    chosen, _ = bundle.classifier.decide(probabilities)
    return FeatureReader(bundle.classifier.tokenizer).read(texts, probabilities, chosen)


def reference_to_bytes(reference: Reference) -> bytes:
    facts = {
        "format_version": FORMAT_VERSION,
        "labels": reference.labels,
        "judged": reference.judged,
        "wrong": reference.wrong,
        "words": reference.words,
        "after": reference.after,
    }
    columns = {
        field.name: getattr(reference.features, field.name) for field in fields(TweetFeatures) if field.name != "words"
    }
    words = reference.features.words
    stream = io.BytesIO()
    np.savez_compressed(
        stream,
        facts=np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8),
        seen=reference.seen,
        words_places=words.indices.astype(np.uint16),
        words_rows=words.indptr.astype(np.int32),
        **columns,
    )
    return stream.getvalue()


def reference_from_bytes(content: bytes) -> Reference:
    """Raises ReferenceRefused for what is no reference of this version."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            facts = json.loads(arrays["facts"].tobytes())
            if facts["format_version"] != FORMAT_VERSION:
                raise ReferenceRefused(f"it has format {facts['format_version']}, this trainer reads {FORMAT_VERSION}")
            columns = {field.name: arrays[field.name] for field in fields(TweetFeatures) if field.name != "words"}
            places, rows = arrays["words_places"].astype(np.int32), arrays["words_rows"]
            words = csr_matrix((np.ones(len(places), np.float32), places, rows), shape=(len(rows) - 1, PLACES))
            return Reference(
                features=TweetFeatures(**columns, words=words),
                seen=arrays["seen"],
                labels=tuple(facts["labels"]),
                judged=facts["judged"],
                wrong=facts["wrong"],
                words=facts["words"],
                after=facts["after"],
            )
    except (OSError, KeyError, ValueError, TypeError, EOFError, BadZipFile) as error:
        raise ReferenceRefused(f"it cannot be read: {type(error).__name__}") from None
