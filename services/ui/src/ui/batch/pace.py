"""How fast rows are done, and how long the rest takes at that pace."""

from collections import deque

WINDOW_SECONDS = 15.0
# Earlier there is not enough to tell by.
LEAST_SECONDS = 0.5


class Pace:
    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque()

    def mark(self, at: float, done: int) -> None:
        self._marks.append((at, done))
        while at - self._marks[0][0] > WINDOW_SECONDS and len(self._marks) > 2:
            self._marks.popleft()

    def per_second(self, now: float) -> float | None:
        """Over the last seconds; None where nothing is known, or nothing happens."""
        if not self._marks or now - self._marks[0][0] < LEAST_SECONDS:
            return None
        (began, first), (_, last) = self._marks[0], self._marks[-1]
        return (last - first) / (now - began) or None
