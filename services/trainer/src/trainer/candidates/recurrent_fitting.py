"""How the recurrent candidates learn: batches of like length, a rate that falls to zero, resumable after each epoch."""

import json
import logging
import os
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt
from scipy.special import log_softmax
from tqdm import tqdm

from trainer.candidates.batching import length_batches, padded
from trainer.candidates.protocol import History
from trainer.candidates.recurrent_network import predict_logits
from trainer.candidates.recurrent_recipe import Recipe
from trainer.candidates.search_space import Report, to_nobody

logger = logging.getLogger(__name__)

WARMUP_STEPS = 200
GRADIENT_NORM = 1.0
HISTORY = "history.json"


def fit_network(
    network: keras.Model,
    rows: Sequence[Sequence[int]],
    targets: npt.NDArray[np.float32],
    validation_rows: Sequence[Sequence[int]],
    validation_labels: npt.NDArray[np.int64],
    recipe: Recipe,
    *,
    folder: Path,
    report: Report = to_nobody,
) -> tuple[keras.Model, History]:
    """The fitted network, and one row of history an epoch; goes on from the last whole epoch kept in `folder`.

    `targets`: (tweets, labels), each row a distribution. What is returned is the network as it was after the epoch that
    did best on the validation tweets, which on a small set is seldom the last, unless the recipe keeps the last.
    """
    lengths = [len(row) for row in rows]
    steps_an_epoch = -(-len(rows) // recipe.batch_size)
    steps = steps_an_epoch * recipe.epochs
    warmup = min(WARMUP_STEPS, max(1, steps // 10))
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps - warmup, warmup_target=recipe.learning_rate, warmup_steps=warmup
    )
    network.compile(
        optimizer=keras.optimizers.Adam(rate, global_clipnorm=GRADIENT_NORM),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
    )
    history = read_history(folder)
    if history:  # the optimizer's state is kept with the weights
        network = keras.saving.load_model(folder / weights_after(len(history)))
    batches = length_batches(lengths, recipe.batch_size, epochs=recipe.epochs, seed=recipe.seed)
    for epoch in range(len(history), recipe.epochs):
        reseed(network, recipe.seed, epoch)
        losses = []
        progress = tqdm(
            batches[epoch * steps_an_epoch : (epoch + 1) * steps_an_epoch],
            desc=f"epoch {epoch + 1} of {recipe.epochs}",
            unit=" batches",
            disable=None,
        )
        for batch in progress:
            token_ids = padded([rows[row] for row in batch]).astype(np.int32)
            losses.append(float(network.train_on_batch(token_ids, targets[batch])))
            progress.set_postfix(loss=f"{np.mean(losses[-100:]):.4f}", refresh=False)
        history.append(
            {"epoch": epoch + 1, "train_loss": float(np.mean(losses))}
            | validate(network, validation_rows, validation_labels)
        )
        logger.info("epoch %s", " ".join(f"{name}={value:.4f}" for name, value in history[-1].items()))
        save(network, history, folder)
        report(epoch + 1, history[-1]["validation_loss"])
    kept = recipe.epochs if recipe.keeps_last else best_epoch(history)
    return keras.saving.load_model(folder / weights_after(kept)), history


def reseed(network: keras.Model, seed: int, epoch: int) -> None:
    """Begin the dropouts' random numbers anew, so that a fit that goes on draws what an undisturbed one would."""
    for variable in network.variables:
        if "seed_generator_state" in variable.path:
            variable.assign([seed, epoch])


def validate(network: keras.Model, rows: Sequence[Sequence[int]], labels: npt.NDArray[np.int64]) -> dict[str, float]:
    logits = predict_logits(network, rows)
    loss = -log_softmax(logits, axis=1)[np.arange(len(labels)), labels].mean()
    return {"validation_loss": float(loss), "validation_accuracy": float((logits.argmax(axis=1) == labels).mean())}


def weights_after(epoch: int) -> str:
    return f"epoch-{epoch}.keras"


def best_epoch(history: History) -> int:
    return 1 + min(range(len(history)), key=lambda place: history[place]["validation_loss"])


def read_history(folder: Path) -> History:
    if not (folder / HISTORY).is_file():
        return []
    history: History = json.loads((folder / HISTORY).read_text(encoding="utf-8"))
    return history


def save(network: keras.Model, history: History, folder: Path) -> None:
    """The whole network, then the history, which says how many epochs it has seen; of the others the best one stays."""
    folder.mkdir(parents=True, exist_ok=True)
    network.save(folder / weights_after(len(history)))
    temporary = folder / "history.part"
    temporary.write_text(json.dumps(history), encoding="utf-8")
    os.replace(temporary, folder / HISTORY)
    kept = {weights_after(len(history)), weights_after(best_epoch(history))}
    for file in folder.glob("epoch-*.keras"):
        if file.name not in kept:
            file.unlink()
