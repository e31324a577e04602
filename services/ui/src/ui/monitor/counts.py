"""What came in and what people said, added up: over an hour, a day, or a whole period."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from ui.api.activity import ActivityHour

NEGATIVE = "negative"
# The order in which labels are told; others follow by name.
ORDER = ("negative", "neutral", "positive")


@dataclass(slots=True)
class Counts:
    labels: Counter[str] = field(default_factory=Counter)
    abstained: int = 0
    judged: int = 0
    rejected: int = 0

    def add(self, hour: ActivityHour) -> None:
        self.labels.update(hour.labels)
        self.abstained += hour.abstained
        self.judged += hour.judged
        self.rejected += hour.rejected

    @property
    def predictions(self) -> int:
        return self.labels.total()

    @property
    def negative(self) -> int:
        return self.labels[NEGATIVE]

    @property
    def negative_share(self) -> float | None:
        return self.negative / self.predictions if self.predictions else None

    @property
    def abstained_share(self) -> float | None:
        return self.abstained / self.predictions if self.predictions else None

    @property
    def is_empty(self) -> bool:
        return not self.predictions and not self.judged


@dataclass(slots=True)
class Bin:
    """One bar: an hour, or a day."""

    start: datetime
    end: datetime
    counts: Counts = field(default_factory=Counts)


def add_up(hours: Iterable[ActivityHour]) -> Counts:
    total = Counts()
    for hour in hours:
        total.add(hour)
    return total


def fill_bins(edges: Sequence[datetime], hours: Iterable[ActivityHour]) -> list[Bin]:
    """Each hour goes where it begins; those outside are left out, and a bin without any stays empty."""
    bins = [Bin(start, end) for start, end in pairwise(edges)]
    for hour in hours:
        place = bisect_right(edges, hour.hour) - 1
        if 0 <= place < len(bins):
            bins[place].counts.add(hour)
    return bins


def labels_in(counts: Counts) -> list[str]:
    known = [label for label in ORDER if counts.labels[label]]
    return known + sorted(label for label, count in counts.labels.items() if count and label not in ORDER)
