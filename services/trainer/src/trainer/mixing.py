"""Several sets as one: `sentiment140+us_airline:4` is all of Sentiment140 and four copies of US Airline's train side.

Each part keeps its own sides, so its test stays the same whatever it is mixed with.
"""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from trainer.cleaning import keys
from trainer.dataset import Dataset, DatasetError, Tweets, load_dataset

SEPARATOR, TIMES = "+", ":"


def load_mixture(name: str, *, data_dir: Path, **options: Any) -> Dataset:
    """A set, or several joined by `+`, each with the number of copies of its train side behind a colon.

    The options are those of `load_dataset`; `limit` holds for each part.
    """
    if SEPARATOR not in name or Path(name).exists():
        return load_dataset(name, data_dir=data_dir, **options)
    copies = dict(_copies(part) for part in name.split(SEPARATOR))
    parts = tuple(load_dataset(part, data_dir=data_dir, **options) for part in copies)
    times_of = list(copies.values())
    held_out = {key for part in parts for side in (part.validation, part.test) for key in keys(side.texts)}
    trains = [_without(part.train, held_out) for part in parts]
    repeated = [train for train, times in zip(trains, times_of, strict=True) for _ in range(times)]
    names = [
        part.name if times == 1 else f"{part.name}{TIMES}{times}" for part, times in zip(parts, times_of, strict=True)
    ]
    fingerprints = "\n".join(f"{part.fingerprint} {times}" for part, times in zip(parts, times_of, strict=True))
    return replace(
        parts[0],
        name=SEPARATOR.join(names),
        fingerprint=sha256(fingerprints.encode()).hexdigest(),
        train=_joined(repeated),
        validation=_joined([part.validation for part in parts]),
        test=_joined([part.test for part in parts]),
        terms=" ".join(part.terms for part in parts),
        parts=parts,
    )


def _copies(part: str) -> tuple[str, int]:
    name, colon, times = part.rpartition(TIMES)
    if not colon:
        return part, 1
    if not times.isdecimal() or int(times) < 1:
        raise DatasetError(f"{part!r}: behind the colon stands how many copies to train on, like {name}{TIMES}4")
    return name, int(times)


def _without(tweets: Tweets, held_out: set[str]) -> Tweets:
    kept = [row for row, key in enumerate(keys(tweets.texts)) if key not in held_out]
    return Tweets([tweets.texts[row] for row in kept], tweets.labels[kept])


def _joined(parts: list[Tweets]) -> Tweets:
    return Tweets([text for part in parts for text in part.texts], np.concatenate([part.labels for part in parts]))
