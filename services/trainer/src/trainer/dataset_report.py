"""How many tweets every step let through: the first thing to read when a score looks too good."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trainer.splitting import Sides, Split


@dataclass(frozen=True)
class LabelCount:
    label: str
    tweets: int


@dataclass(frozen=True)
class SplitCount:
    split: str
    tweets: int
    labels: tuple[LabelCount, ...]

    def __str__(self) -> str:
        parts = ", ".join(f"{count.tweets:,} {count.label}" for count in self.labels)
        return f"{self.split:<14}{self.tweets:>11,}   {parts}"


@dataclass(frozen=True)
class DatasetReport:
    """Rows read, rows changed, rows dropped at each step in their order, and what is left on each side."""

    read: int
    not_asked_for: int  # rows whose label is not among the labels asked for
    repaired: int  # kept in play, with their text changed
    empty: int
    conflicting: int
    duplicate: int
    held_out: int
    not_fair_tests: int = 0  # on the test side, but repeated in the file or past its size
    splits: tuple[SplitCount, ...] = ()

    @property
    def kept(self) -> int:
        return sum(count.tweets for count in self.splits)

    def one_line(self) -> str:
        """For a log line."""
        return (
            f"read={self.read} not_asked_for={self.not_asked_for} repaired={self.repaired} empty={self.empty} "
            f"conflicting={self.conflicting} duplicate={self.duplicate} held_out={self.held_out} "
            f"not_fair_tests={self.not_fair_tests} kept={self.kept}"
        )

    def __str__(self) -> str:
        lines = [
            f"{'read':<14}{self.read:>11,}",
            f"{'repaired':<14}{self.repaired:>11,}   text changed: encoding, entities, artefacts",
            f"{'not asked for':<14}{-self.not_asked_for:>11,}   another label",
            f"{'empty':<14}{-self.empty:>11,}   nothing but handles and addresses",
            f"{'conflicting':<14}{-self.conflicting:>11,}   the same tweet under two labels",
            f"{'duplicate':<14}{-self.duplicate:>11,}   the first one stays",
            f"{'held out':<14}{-self.held_out:>11,}   in a set that is only for testing",
            f"{'no fair test':<14}{-self.not_fair_tests:>11,}   on the test side, but repeated or past its size",
            f"{'kept':<14}{self.kept:>11,}",
        ]
        return "\n".join([*lines, *(f"  {count}" for count in self.splits)])


def count_splits(
    labels: Sequence[str], indices: npt.NDArray[np.int64], sides: Sides
) -> tuple[SplitCount, SplitCount, SplitCount]:
    def count(side: Split) -> SplitCount:
        counts = np.bincount(indices[sides == side], minlength=len(labels)).tolist()
        tallies = tuple(LabelCount(label, tweets) for label, tweets in zip(labels, counts, strict=True))
        return SplitCount(side.name.lower(), sum(counts), tallies)

    return count(Split.TRAIN), count(Split.VALIDATION), count(Split.TEST)
