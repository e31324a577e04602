"""Which side a tweet is on: decided by nothing but what it says, so it stays there whatever else is in the file."""

from collections.abc import Sequence
from enum import IntEnum
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from trainer.reading import RawTweets
from trainer.sources import Source, UnknownLabel

Fractions = npt.NDArray[np.float64]
Sides = npt.NDArray[np.int8]


class Split(IntEnum):
    TRAIN = 0
    VALIDATION = 1
    TEST = 2
    DROPPED = 3  # would be test, but is no fair test


def fractions(keys: Sequence[str]) -> Fractions:
    """A place in [0, 1) for every key. # (n_tweets,)"""
    digests = b"".join(blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest() for key in keys)
    # 53 bits are what a float holds exactly, so that no fraction rounds up to 1.
    return (np.frombuffer(digests, dtype=">u8") >> np.uint64(11)).astype(np.float64) / 2**53


def split(source: Source, keys: Sequence[str], occurrences: npt.NDArray[np.int64], published: Sequence[str]) -> Sides:
    """A side for every tweet. `occurrences` counts each key in the raw file, `published` is the file's own split."""
    if source.splitting == "test_only":
        return np.full(len(keys), Split.TEST, dtype=np.int8)
    places = fractions(keys)
    if source.splitting == "published":
        return _split_as_published(source, places, published)
    sides = np.full(len(keys), Split.TRAIN, dtype=np.int8)
    sides[places < source.test_share + source.validation_share] = Split.VALIDATION
    sides[places < source.test_share] = Split.TEST
    if source.test_size is not None:
        _keep_fair_tests(sides, places, occurrences, source.test_size)
    return sides


def require_known_splits(raw: RawTweets, file: str) -> None:
    for row, name in enumerate(raw.splits, start=1):
        if name not in ("train", "val"):
            raise UnknownLabel(f"{file}, row {row}: the split {name!r} is neither train nor val")


def _split_as_published(source: Source, places: Fractions, published: Sequence[str]) -> Sides:
    sides = np.where(places < source.validation_share, Split.VALIDATION, Split.TRAIN).astype(np.int8)
    sides[np.array([name == "val" for name in published], dtype=bool)] = Split.TEST
    return sides


def _keep_fair_tests(sides: Sides, places: Fractions, occurrences: npt.NDArray[np.int64], size: int) -> None:
    # A tweet that was copied a hundred times measures memory; the copies stay out of train as well.
    sides[(sides == Split.TEST) & (occurrences > 1)] = Split.DROPPED
    tests = np.flatnonzero(sides == Split.TEST)
    surplus = tests[np.argsort(places[tests], kind="stable")[size:]]
    sides[surplus] = Split.DROPPED
