"""The fine-tuning loop of the BERT candidate: batches of like length, bfloat16 products, resumable.

On two cores without a GPU the sizes here are what counts: attention written out is twice as fast as torch's fused one,
and dropout, whose random numbers cost a third of the time, helps nobody who sees each tweet once.
"""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tqdm import tqdm
from transformers import AutoModelForSequenceClassification, PreTrainedModel
from transformers.utils import logging as transformers_logging

from trainer.candidates.batching import by_length, length_batches, padded

WARMUP_STEPS = 500
WEIGHT_DECAY = 0.01
GRADIENT_NORM = 1.0
STEPS_A_CHECKPOINT = 1500
SCORING_BATCH = 128
CHECKPOINT = "checkpoint.pt"


@dataclass(frozen=True)
class Recipe:
    passes: float
    batch_size: int
    learning_rate: float
    seed: int


def load_encoder(checkpoint: str, labels: int) -> PreTrainedModel:
    transformers_logging.set_verbosity_error()  # it warns that the new head is new
    transformers_logging.disable_progress_bar()
    network: PreTrainedModel = AutoModelForSequenceClassification.from_pretrained(
        checkpoint,
        num_labels=labels,
        ignore_mismatched_sizes=True,  # an encoder fine-tuned on two labels may learn three
        attn_implementation="eager",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return network


def finetune(
    checkpoint: str,
    rows: Sequence[Sequence[int]],
    labels: npt.NDArray[np.int64],
    validation_rows: Sequence[Sequence[int]],
    validation_labels: npt.NDArray[np.int64],
    label_count: int,
    recipe: Recipe,
    *,
    folder: Path,
) -> tuple[PreTrainedModel, npt.NDArray[np.float32], list[dict[str, float]]]:
    """Fine-tune, going on from the checkpoint in `folder` if there is one.

    Returns the network, the logits (tweets, labels) that each training tweet got just before the network last learned
    from it (NaN where it never did; a prediction on an unseen tweet where `passes` is 1 or less), and the history.
    """
    torch.manual_seed(recipe.seed)
    network = load_encoder(checkpoint, label_count)
    lengths = [len(row) for row in rows]
    batches = length_batches(lengths, recipe.batch_size, epochs=math.ceil(recipe.passes), seed=recipe.seed)
    batches = batches[: math.ceil(recipe.passes * len(rows) / recipe.batch_size)]
    optimizer = torch.optim.AdamW(network.parameters(), recipe.learning_rate, weight_decay=WEIGHT_DECAY, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: warmup_then_decay(step, len(batches)))
    seen = np.full((len(rows), label_count), np.nan, dtype=np.float32)
    history: list[dict[str, float]] = []
    parts = {"network": network, "optimizer": optimizer, "schedule": schedule}
    start = restore(folder, parts, seen, history)
    network.train()
    losses: list[float] = []
    progress = tqdm(batches[start:], desc="fine-tuning", initial=start, total=len(batches), disable=None)
    for step, batch in enumerate(progress, start=start + 1):
        logits = forward(network, [rows[row] for row in batch])
        seen[batch] = logits.detach().numpy()
        loss = torch.nn.functional.cross_entropy(logits, torch.from_numpy(labels[batch]))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), GRADIENT_NORM)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        progress.set_postfix(loss=f"{np.mean(losses[-100:]):.3f}", refresh=False)
        if step % STEPS_A_CHECKPOINT == 0 or step == len(batches):
            accuracy = float((predict_logits(network, validation_rows).argmax(axis=1) == validation_labels).mean())
            history.append({"step": step, "train_loss": float(np.mean(losses)), "validation_accuracy": accuracy})
            losses.clear()
            save(folder, parts, seen, history, step)
            network.train()
    return network.eval(), seen, history


def warmup_then_decay(step: int, steps: int) -> float:
    """The share of the learning rate at a step: up in a straight line, then down to zero in another."""
    warmup = min(WARMUP_STEPS, max(1, steps // 10))
    return min((step + 1) / warmup, max(0.0, (steps - step) / max(1, steps - warmup)))


def forward(network: PreTrainedModel, rows: Sequence[Sequence[int]], *, half: bool = True) -> torch.Tensor:
    """Logits (rows, labels) in float32; `half`: the products inside are bfloat16."""
    token_ids = torch.from_numpy(padded(rows))
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        answer = network(input_ids=token_ids, attention_mask=(token_ids != 0).long())
    logits: torch.Tensor = answer.logits.float()
    return logits


@torch.no_grad()  # type: ignore[untyped-decorator]
def predict_logits(
    network: PreTrainedModel, rows: Sequence[Sequence[int]], *, half: bool = True
) -> npt.NDArray[np.float64]:
    """Logits (rows, labels), without learning."""
    network.eval()
    logits = np.zeros((len(rows), network.num_labels))
    for batch in by_length([len(row) for row in rows], SCORING_BATCH):
        logits[batch] = forward(network, [rows[row] for row in batch], half=half).numpy()
    return logits


def scale_logits(network: PreTrainedModel, temperature: float) -> None:
    """Divide the last layer by the temperature, so that the network itself is calibrated."""
    *_, head = (module for module in network.modules() if isinstance(module, torch.nn.Linear))
    with torch.no_grad():
        head.weight /= temperature
        head.bias /= temperature


def save(
    folder: Path, parts: dict[str, Any], seen: npt.NDArray[np.float32], history: list[dict[str, float]], step: int
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: part.state_dict() for name, part in parts.items()}
    torch.save(state | {"step": step, "seen": torch.from_numpy(seen), "history": history}, folder / "checkpoint.part")
    os.replace(folder / "checkpoint.part", folder / CHECKPOINT)


def restore(folder: Path, parts: dict[str, Any], seen: npt.NDArray[np.float32], history: list[dict[str, float]]) -> int:
    """Fill the parts, `seen` and `history` from the checkpoint; the number of steps it has behind it, 0 without one."""
    if not (folder / CHECKPOINT).is_file():
        return 0
    state = torch.load(folder / CHECKPOINT, weights_only=True)
    for name, part in parts.items():
        part.load_state_dict(state[name])
    seen[:] = state["seen"].numpy()
    history += state["history"]
    return int(state["step"])
