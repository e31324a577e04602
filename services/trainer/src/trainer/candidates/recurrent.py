"""Bidirectional GRU and LSTM over words, with learned, GloVe or FastText embeddings: the family of the champion.

    trainer train bigru_learned --dataset sentiment140

Fitted with Keras, served without it: see recurrent_graph.py.
"""

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import onnx
from scipy.special import softmax
from tokenizers import Tokenizer
from tqdm import tqdm

from trainer.calibration import fit_temperature
from trainer.candidates.embeddings import Embeddings, load_vectors
from trainer.candidates.fit_key import fit_key
from trainer.candidates.protocol import History, Parameter
from trainer.candidates.recurrent_graph import build_recurrent_graph, dequantize_rows, quantize_rows
from trainer.candidates.recurrent_recipe import Recipe
from trainer.candidates.search_space import Report, Trial, report_to, to_nobody
from trainer.candidates.token_rows import token_rows
from trainer.dataset import Tweets
from trainer.errors import TrainerError
from trainer.settings import Settings
from trainer.soft_labels import read_soft_labels
from trainer.tokenization import fit_word_tokenizer

if TYPE_CHECKING:
    import keras

    from trainer.candidates.recurrent_network import Cell

MAX_WORDS = 50_000
MAX_TOKENS = 80


def min_count_for(tweets: int) -> int:
    """How often a word must be seen to be one of the vocabulary: 5 times in a million tweets, 2 in few."""
    return int(np.clip(tweets // 100_000, 2, 5))


def pace(tweets: int, learning_rate: float, seed: int) -> Recipe:
    """Large batches four times over for a large set; for a small one smaller batches, and more often."""
    batch_size = int(np.clip(tweets // 200, 32, 1024))
    return Recipe(
        epochs=4 if tweets >= 200_000 else 15,
        batch_size=batch_size,
        learning_rate=learning_rate * (batch_size / 1024) ** 0.25,
        seed=seed,
    )


@dataclass
class FittedRecurrent:
    tokenizer: Tokenizer
    network: "keras.Model"
    cell: "Cell"
    parameters: dict[str, Parameter]
    history: History = field(default_factory=list)

    def predict_proba(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        from trainer.candidates.recurrent_network import predict_logits

        logits = predict_logits(self.network, list(token_rows(self.tokenizer, texts)))
        return np.asarray(softmax(logits, axis=1), dtype=np.float64)

    def export(self) -> onnx.ModelProto:
        from trainer.candidates.recurrent_network import weighted_layers

        layers = weighted_layers(self.network)
        return build_recurrent_graph({name: layer.get_weights() for name, layer in layers.items()}, self.cell)


@dataclass(frozen=True)
class Recurrent:
    """`distilled`: learns, besides the labels, what bert thought of the same tweets (see soft_labels.py)."""

    name: str
    cell: "Cell" = "GRU"
    embeddings: Embeddings = "learned"
    distilled: bool = False
    units: int = 96
    embedding_size: int = 64
    word_dropout: float = 0.05
    embedding_dropout: float = 0.2
    dropout: float = 0.4
    learning_rate: float = 4e-3
    report: Report = field(default=to_nobody, repr=False, compare=False)

    def search_space(self, trial: Trial) -> "Recurrent":
        return replace(
            self,
            units=trial.suggest_int("units", 32, 128, step=32),
            embedding_size=trial.suggest_int("embedding_size", 32, 96, step=32),
            embedding_dropout=trial.suggest_float("embedding_dropout", 0.0, 0.4, step=0.1),
            dropout=trial.suggest_float("dropout", 0.2, 0.6, step=0.1),
            learning_rate=trial.suggest_float("learning_rate", 1e-3, 1e-2, log=True),
            report=report_to(trial),
        )

    def fit(self, train: Tweets, validation: Tweets, *, seed: int, checkpoints: Path) -> FittedRecurrent:
        if importlib.util.find_spec("keras") is None:
            raise TrainerError(f"{self.name} needs TensorFlow, the extra `networks`: scripts/setup.sh dev installs it")
        from trainer.candidates.recurrent_fitting import fit_network
        from trainer.candidates.recurrent_network import Architecture, build_network, predict_logits

        count = min_count_for(len(train))
        words = tqdm(train.texts, desc="vocabulary", unit=" tweets", disable=None)
        tokenizer = fit_word_tokenizer(words, max_words=MAX_WORDS, min_count=count, max_tokens=MAX_TOKENS)
        vectors = load_vectors(self.embeddings, tokenizer, train.texts, seed=seed)
        labels = int(train.labels.max()) + 1
        architecture = Architecture(
            words=tokenizer.get_vocab_size(),
            labels=labels,
            cell=self.cell,
            units=self.units,
            embedding_size=self.embedding_size if vectors is None else vectors.shape[1],
            word_dropout=self.word_dropout,
            embedding_dropout=self.embedding_dropout,
            dropout=self.dropout,
        )
        network = build_network(architecture, vectors, seed=seed)
        targets = self.targets(train, labels)
        recipe = pace(len(train), self.learning_rate, seed)
        unseen = list(token_rows(tokenizer, validation.texts))
        network, history = fit_network(
            network,
            list(token_rows(tokenizer, train.texts)),
            targets,
            unseen,
            validation.labels,
            recipe,
            # Other words, vectors or teachings are another fit, which must not go on from this one's epochs.
            folder=checkpoints / fit_key(repr(self), tokenizer.to_str(), vectors, targets),
            report=self.report,
        )
        temperature = fit_temperature(predict_logits(network, unseen), validation.labels)
        settle(network, temperature)
        parameters: dict[str, Parameter] = {
            **{name: value for name, value in vars(architecture).items() if name != "labels"},
            "embeddings": self.embeddings,
            "distilled": str(self.distilled),
            **({"teacher_trust": Settings().teacher_trust} if self.distilled else {}),
            "max_tokens": MAX_TOKENS,
            "min_count": count,
            "epochs": recipe.epochs,
            "batch_size": recipe.batch_size,
            "learning_rate": recipe.learning_rate,
            "weights": network.count_params(),
            "temperature": round(temperature, 4),
            "seed": seed,
        }
        return FittedRecurrent(tokenizer, network, self.cell, parameters, history)

    def targets(self, train: Tweets, labels: int) -> npt.NDArray[np.float32]:
        """What each training tweet should get, (tweets, labels): its label, softened by the teacher if there is one."""
        hard = np.eye(labels, dtype=np.float32)[train.labels]
        if not self.distilled:
            return hard
        settings = Settings()
        soft = read_soft_labels(settings.soft_labels_file, train.texts, labels)
        trust = settings.teacher_trust
        return np.where(np.isnan(soft), hard, (1 - trust) * hard + trust * soft).astype(np.float32)


def settle(network: "keras.Model", temperature: float) -> None:
    """Bring calibration and the rounding of the embeddings into the network, so that what is measured is exported."""
    head, embedding = network.get_layer("logits"), network.get_layer("embedding")
    head.set_weights([weights / temperature for weights in head.get_weights()])
    embedding.set_weights([dequantize_rows(*quantize_rows(embedding.get_weights()[0]))])
