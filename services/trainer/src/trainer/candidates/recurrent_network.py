"""The recurrent network in Keras: embeddings, a GRU or LSTM that reads both ways, what it saw at most and on average.

TensorFlow takes seconds to import, so this module is imported where a network is fitted, and nowhere else.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import numpy.typing as npt
from keras import layers, ops

from trainer.candidates.batching import by_length, padded
from trainer.tokenization import PAD_ID, UNKNOWN_ID

Cell = Literal["GRU", "LSTM"]
SCORING_BATCH = 512


@dataclass(frozen=True)
class Architecture:
    words: int
    labels: int
    cell: Cell
    units: int
    embedding_size: int
    word_dropout: float
    embedding_dropout: float
    dropout: float


@keras.saving.register_keras_serializable("trainer")
class WordDropout(layers.Layer):  # type: ignore[misc]
    """In training, a share of the words becomes the unknown word, so that no verdict hangs on one word alone."""

    def __init__(self, rate: float, seed: int, **options: object) -> None:
        super().__init__(**options)
        self.rate, self.seed = rate, seed
        self.generator = keras.random.SeedGenerator(seed)

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}

    def call(self, token_ids: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        if not training or not self.rate:
            return token_ids
        dropped = keras.random.uniform(ops.shape(token_ids), seed=self.generator) < self.rate
        return ops.where(ops.logical_and(dropped, ops.not_equal(token_ids, PAD_ID)), UNKNOWN_ID, token_ids)


@keras.saving.register_keras_serializable("trainer")
class MaximumAndMean(layers.Layer):  # type: ignore[misc]
    """(batch, tokens, units) and the token ids to (batch, 2 * units): over the tokens that are no padding."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        self.supports_masking = True  # it reads the padding from the token ids, and needs no mask beside them

    def compute_mask(self, *_: object) -> None:
        return None

    def call(self, states: keras.KerasTensor, token_ids: keras.KerasTensor) -> keras.KerasTensor:
        is_word = ops.cast(ops.not_equal(token_ids, PAD_ID), states.dtype)[..., None]
        # A state lies between -1 and 1: less 2, padding is never the maximum.
        most = ops.max(states * is_word - 2 * (1 - is_word), axis=1)
        mean = ops.sum(states * is_word, axis=1) / ops.maximum(ops.sum(is_word, axis=1), 1)
        return ops.concatenate([most, mean], axis=1)


def build_network(architecture: Architecture, vectors: npt.NDArray[np.float32] | None, *, seed: int) -> keras.Model:
    """`token_ids` int32 (batch, tokens), padded with 0, to logits (batch, labels). `vectors`: (words, their size)."""
    keras.utils.set_random_seed(seed)
    token_ids = keras.Input((None,), dtype="int32", name="token_ids")
    embedding = layers.Embedding(architecture.words, architecture.embedding_size, name="embedding")
    words = embedding(WordDropout(architecture.word_dropout, seed)(token_ids))
    words = layers.SpatialDropout1D(architecture.embedding_dropout, seed=seed)(words)
    cell = {"GRU": layers.GRU, "LSTM": layers.LSTM}[architecture.cell]
    reader = layers.Bidirectional(cell(architecture.units, return_sequences=True, seed=seed), name="reader")
    states = reader(words, mask=ops.not_equal(token_ids, PAD_ID))
    seen = layers.Dropout(architecture.dropout, seed=seed)(MaximumAndMean()(states, token_ids))
    network = keras.Model(token_ids, layers.Dense(architecture.labels, name="logits")(seen))
    if vectors is not None:
        embedding.set_weights([vectors])
    return network


def weighted_layers(network: keras.Model) -> dict[str, layers.Layer]:
    """The layers that have weights, by the names under which recurrent_graph.py takes them."""
    reader = network.get_layer("reader")
    return {
        "embedding": network.get_layer("embedding"),
        "forward": reader.forward_layer,
        "backward": reader.backward_layer,
        "logits": network.get_layer("logits"),
    }


def predict_logits(network: keras.Model, rows: Sequence[Sequence[int]]) -> npt.NDArray[np.float64]:
    """Logits (rows, labels)."""
    logits = np.zeros((len(rows), network.output_shape[-1]))
    for batch in by_length([len(row) for row in rows], SCORING_BATCH):
        logits[batch] = network.predict_on_batch(padded([rows[row] for row in batch]).astype(np.int32))
    return logits
