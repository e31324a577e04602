"""What a strong model thought of each training tweet, kept for a small model to learn from (distillation).

Hinton, Vinyals and Dean 2015, arXiv 1503.02531. Tweets are kept as hashes: the file tells nothing to those who lack
them. BERT leaves what it thought of each tweet just before it learned from it; `trainer teach` asks a bundle.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from trainer.bundle import Bundle
from trainer.errors import TrainerError
from trainer.splitting import fractions

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
        older_hashes, older = _read(file, probabilities.shape[1])
        hashes, thoughts = np.concatenate([hashes, older_hashes]), np.concatenate([thoughts, older])
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
        hashes, probabilities = _read(file, labels)
    except FileNotFoundError:
        raise TrainerError(
            f"{file} is missing: what a teacher thought of these tweets. Train bert on them first, or `trainer teach`"
        ) from None
    wanted = fractions(texts)
    places = np.minimum(np.searchsorted(hashes, wanted), len(hashes) - 1)
    answer: Probabilities = probabilities[places].astype(np.float32)
    answer[hashes[places] != wanted] = np.nan
    return answer


def _read(file: Path, labels: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float16]]:
    """Sorted hashes and, row by row, the probabilities."""
    with np.load(file) as stored:
        hashes, probabilities = stored["hashes"], stored["probabilities"]
    if probabilities.shape[1] != labels:
        raise TrainerError(
            f"{file} is about {probabilities.shape[1]} labels, this dataset has {labels}: "
            "name another file with TRAINER_SOFT_LABELS_FILE"
        )
    return hashes, probabilities
