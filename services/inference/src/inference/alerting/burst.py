"""The rule "N rejected in M minutes", over a window that slides: it notices a burst at once, whatever its cause."""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from inference.alerting.caps import capped
from inference.alerting.verdicts import Judged


@dataclass(frozen=True, slots=True)
class BurstRule:
    """Raises ValueError for numbers below 1 and a window that is no time at all."""

    rejections: int
    window: timedelta
    # Rejections of one named reviewer that count in a window.
    user_cap: int

    def __post_init__(self) -> None:
        if self.rejections < 1 or self.user_cap < 1 or self.window <= timedelta(0):
            raise ValueError(f"{self} can never hold")

    @property
    def cap(self) -> int:
        """Nobody raises an alert alone, whatever the settings say, unless one rejection is enough."""
        return max(1, min(self.user_cap, self.rejections - 1))


def find_burst(verdicts: Sequence[Judged], rule: BurstRule, after: int) -> list[Judged]:
    """The rejections that count of the latest window that holds, by time; none where none does.

    A window, both its ends included, holds with `rule.rejections` of them, at least one having a sequence > `after`.
    Of one named reviewer the first `rule.cap` of the window count. `verdicts` are those that stand, of all kinds and
    in any order: a clock may have leapt between two of them. Linear, but for the sorting.
    """
    rejections = sorted((each for each in verdicts if each.rejected), key=lambda each: (each.at, each.sequence))
    window = SlidingWindow(rule, after)
    first, end = 0, 0
    for place, rejection in enumerate(rejections, start=1):
        window.slide_to(rejection)
        if window.holds:
            first, end = place - len(window), place
    return capped(rejections[first:end], rule.cap, rule.window)


class SlidingWindow:
    """What lies in the window that ends with the last rejection, and how much of it counts."""

    def __init__(self, rule: BurstRule, after: int) -> None:
        self._rule = rule
        self._after = after
        self._inside: deque[Judged] = deque()
        self._inside_by: defaultdict[str | int, deque[Judged]] = defaultdict(deque)
        self._counted = 0
        self._counted_new = 0

    def __len__(self) -> int:
        return len(self._inside)

    @property
    def holds(self) -> bool:
        return self._counted >= self._rule.rejections and self._counted_new > 0

    def slide_to(self, rejection: Judged) -> None:
        while self._inside and rejection.at - self._inside[0].at > self._rule.window:
            self._drop_first()
        own = self._inside_by[voice_of(rejection)]
        own.append(rejection)
        self._inside.append(rejection)
        if len(own) <= self._rule.cap:
            self._count(rejection, 1)

    def _drop_first(self) -> None:
        first = self._inside.popleft()
        voice = voice_of(first)
        own = self._inside_by[voice]
        own.popleft()
        self._count(first, -1)
        if len(own) >= self._rule.cap:
            # It was one too many while the first was there.
            self._count(own[self._rule.cap - 1], 1)
        if not own:
            del self._inside_by[voice]

    def _count(self, rejection: Judged, change: int) -> None:
        self._counted += change
        if rejection.sequence > self._after:
            self._counted_new += change


def voice_of(rejection: Judged) -> str | int:
    """Verdicts of nobody in particular pass for as many people."""
    return rejection.sequence if rejection.reviewer is None else rejection.reviewer
