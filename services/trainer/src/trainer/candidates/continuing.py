"""A recurrent champion goes on learning from its own weights: minutes in the place of hours, and little is forgotten.

Tweets that people corrected get the label they gave. All others, replayed from before, get what the bundle itself
thinks of them, so that it stays what it was where nobody complained (Li and Hoiem 2016, "Learning without Forgetting",
arXiv 1606.09282; with replayed tweets: Buzzega et al. 2020, arXiv 2004.07211). What was measured: docs/experiments.md.
"""

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from trainer.bundle import GOLDEN_TOLERANCE, Bundle
from trainer.calibration import fit_temperature
from trainer.candidates.fit_key import fit_key
from trainer.candidates.protocol import Candidate, Parameter
from trainer.candidates.recurrent import FittedRecurrent, settle
from trainer.candidates.recurrent_recipe import Recipe
from trainer.candidates.recurrent_weights import (
    is_recurrent,
    read_weights,
    restore,
    with_more_words,
)
from trainer.candidates.token_rows import token_rows
from trainer.candidates.vocabulary_growth import add_words
from trainer.cleaning import keys
from trainer.dataset import Tweets
from trainer.errors import TrainerError
from trainer.soft_labels import teach
from trainer.tokenization import UNKNOWN_ID

# The bundle must not grow without end where a champion goes on from a champion that went on.
MOST_NEW_WORDS = 5_000


def continue_from(bundle: Bundle, corrections: frozenset[str]) -> Candidate | None:
    """A candidate that goes on from the bundle's weights; None where that cannot be: another family, no TensorFlow.

    `corrections`: the keys (cleaning.py) of the tweets that people corrected.
    """
    if importlib.util.find_spec("keras") is None or not is_recurrent(bundle):
        return None
    return Continuing(bundle, corrections)


@dataclass(frozen=True)
class Continuing:
    """`own_trust`: what the bundle's own opinion has in the target of a replayed tweet; the tweet's label has the rest.

    `new_words`: words join the vocabulary that so many corrected tweets have; 0 keeps it as it is.
    """

    # Neither may be part of what names a fit as text: the folder is temporary, and a set has no order.
    bundle: Bundle = field(repr=False)
    corrections: frozenset[str] = field(repr=False)
    own_trust: float = 1.0
    new_words: int = 2
    epochs: int = 3
    batch_size: int = 512
    learning_rate: float = 4e-3
    word_dropout: float = 0.05
    embedding_dropout: float = 0.1
    dropout: float = 0.25

    @property
    def name(self) -> str:
        return self.bundle.card.name

    def fit(self, train: Tweets, validation: Tweets, *, seed: int, checkpoints: Path) -> FittedRecurrent:
        from trainer.candidates.recurrent_fitting import fit_network
        from trainer.candidates.recurrent_network import predict_logits

        self.require_known_labels(train)
        corrected = self.are_corrected(train.texts)
        targets = self.targets(train, corrected)
        start = self.start([train.texts[row] for row in np.flatnonzero(corrected).tolist()], seed)
        recipe = self.pace(len(train), seed)
        unseen = list(token_rows(start.tokenizer, validation.texts))
        network, history = fit_network(
            start.network,
            list(token_rows(start.tokenizer, train.texts)),
            targets,
            unseen,
            validation.labels,
            recipe,
            folder=checkpoints / self.key(train, targets, seed),
        )
        temperature = fit_temperature(predict_logits(network, unseen), validation.labels)
        settle(network, temperature)
        parameters: dict[str, Parameter] = {
            **start.parameters,
            **vars(recipe),
            "own_trust": self.own_trust,
            "corrected_share": round(float(corrected.mean()), 4),
            "temperature": round(temperature, 4),
        }
        return FittedRecurrent(start.tokenizer, network, start.cell, parameters, history)

    def start(self, corrected: Sequence[str], seed: int) -> FittedRecurrent:
        """The bundle as a network that answers as it does, with the new words of the tweets that people corrected.

        Raises TrainerError where the network answers otherwise: then the graph is not what it seemed to be.
        """
        from trainer.candidates.recurrent_network import Architecture, build_network

        known = Tokenizer.from_file(str(self.bundle.folder / "tokenizer.json"))
        tokenizer = add_words(known, corrected, least=self.new_words, most=MOST_NEW_WORDS) if self.new_words else known
        weights = with_more_words(read_weights(self.bundle), tokenizer.get_vocab_size(), like=UNKNOWN_ID)
        architecture = Architecture(
            words=weights.words,
            labels=weights.labels,
            cell=weights.cell,
            units=weights.units,
            embedding_size=weights.embedding_size,
            word_dropout=self.word_dropout,
            embedding_dropout=self.embedding_dropout,
            dropout=self.dropout,
        )
        network = build_network(architecture, None, seed=seed)
        restore(network, weights)
        parameters: dict[str, Parameter] = {
            "continues": self.bundle.digest,
            **{name: value for name, value in vars(architecture).items() if name != "labels"},
            "words_added": weights.words - known.get_vocab_size(),
            "weights": network.count_params(),
        }
        fitted = FittedRecurrent(tokenizer, network, weights.cell, parameters)
        self.require_same_answers(fitted)
        return fitted

    def require_same_answers(self, fitted: FittedRecurrent) -> None:
        golden = self.bundle.card.golden
        said = fitted.predict_proba([tweet.text for tweet in golden])
        # Written so that NaN is refused too: every comparison with it is false.
        if not np.abs(said - [tweet.probabilities for tweet in golden]).max() <= GOLDEN_TOLERANCE:
            raise TrainerError(f"{self.bundle.folder}: a network with its weights answers otherwise: train it anew")

    def key(self, train: Tweets, targets: npt.NDArray[np.float32], seed: int) -> str:
        return fit_key(repr(self), self.bundle.digest, str(seed), "\n".join(train.texts), targets)

    def require_known_labels(self, train: Tweets) -> None:
        labels = self.bundle.card.labels
        if int(train.labels.max()) >= len(labels):
            raise TrainerError(
                f"{self.bundle.folder} knows {', '.join(labels)} only: it cannot go on with other labels"
            )

    def are_corrected(self, texts: Sequence[str]) -> npt.NDArray[np.bool_]:
        return np.fromiter((key in self.corrections for key in keys(texts)), bool, len(texts))

    def targets(self, train: Tweets, corrected: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
        """What each training tweet should get, (tweets, labels)."""
        targets = np.eye(len(self.bundle.card.labels), dtype=np.float32)[train.labels]
        replayed = np.flatnonzero(~corrected)
        own = teach(self.bundle, [train.texts[row] for row in replayed.tolist()])
        targets[replayed] = (1 - self.own_trust) * targets[replayed] + self.own_trust * own
        return targets

    def pace(self, tweets: int, seed: int) -> Recipe:
        """Small batches for few tweets, so that there are enough steps, and a lower rate for them."""
        batch_size = int(np.clip(tweets // 100, 32, self.batch_size))
        rate = self.learning_rate * (batch_size / self.batch_size) ** 0.25
        return Recipe(self.epochs, batch_size, rate, seed, keeps_last=True)
