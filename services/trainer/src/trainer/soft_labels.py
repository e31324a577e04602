"""What a strong model thought of each training tweet, kept for a small model to learn from (distillation).

Hinton, Vinyals and Dean 2015, arXiv 1503.02531. Tweets are kept as hashes: the file tells nothing to those who lack
them. BERT leaves what it thought of each tweet just before it learned from it; `trainer teach` asks a bundle.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from trainer.bundle import Bundle
from trainer.errors import TrainerError
from trainer.splitting import fractions

Number = TypeVar("Number", np.float16, np.float32)
Probabilities = npt.NDArray[np.float32]  # (texts, labels)

CHUNK = 4096


def teach(bundle: Bundle, texts: Sequence[str]) -> Probabilities:
    """What the bundle thinks of the texts, with a progress bar: a strong bundle takes its time."""
    thoughts = np.zeros((len(texts), len(bundle.card.labels)), dtype=np.float32)
    with tqdm(total=len(texts), desc="teach", unit=" tweets", disable=None) as progress:
        for start in range(0, len(texts), CHUNK):
            chunk = texts[start : start + CHUNK]
            thoughts[start : start + CHUNK] = bundle.classifier.probabilities(chunk)
            progress.update(len(chunk))
    return thoughts


def write_soft_labels(file: Path, texts: Sequence[str], probabilities: Probabilities) -> int:
    """Add what was thought of the texts to the file, the newer thought in the place of the older; the number in it.

    Rows that hold no number were not thought about, and are left out.
    """
    known = np.flatnonzero(~np.isnan(probabilities).any(axis=1))
    hashes = fractions([texts[row] for row in known.tolist()])
    thoughts = probabilities[known].astype(np.float16)
    if file.is_file():
        older_hashes, older = _read(file)
        widest = max(thoughts.shape[1], older.shape[1])
        hashes = np.concatenate([hashes, older_hashes])
        thoughts = np.concatenate([_of_labels(thoughts, widest), _of_labels(older, widest)])
    hashes, first = np.unique(hashes, return_index=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_suffix(".part")
    with temporary.open("wb") as stream:
        np.savez(stream, hashes=hashes, probabilities=thoughts[first])
    os.replace(temporary, file)
    return len(hashes)


def read_soft_labels(file: Path, texts: Sequence[str], labels: int) -> Probabilities:
    """Probabilities of those texts that the teacher saw; NaN in the rows of the others."""
    try:
        hashes, probabilities = _read(file)
    except FileNotFoundError:
        raise TrainerError(
            f"{file} is missing: what a teacher thought of these tweets. Train bert on them first, or `trainer teach`"
        ) from None
    wanted = fractions(texts)
    places = np.minimum(np.searchsorted(hashes, wanted), len(hashes) - 1)
    answer: Probabilities = _of_labels(probabilities[places].astype(np.float32), labels)
    answer[hashes[places] != wanted] = np.nan
    return answer


def _read(file: Path) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float16]]:
    """Sorted hashes and, row by row, the probabilities."""
    with np.load(file) as stored:
        return stored["hashes"], stored["probabilities"]


def _of_labels(thoughts: npt.NDArray[Number], labels: int) -> npt.NDArray[Number]:
    """Thoughts (texts, 2 or 3) as those of a teacher with that many labels: (texts, labels)."""
    known = thoughts.shape[1]
    if labels == known:
        return thoughts
    if (known, labels) == (2, 3):
        return np.insert(thoughts, 1, 0, axis=1)
    outer = thoughts[:, [0, 2]]
    with np.errstate(invalid="ignore"):  # surely neutral is no thought about the other two: NaN
        shares: npt.NDArray[Number] = outer / outer.sum(axis=1, keepdims=True)
    return shares
