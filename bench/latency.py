"""What is said of many waiting times: their middle, the one that a hundredth of them passes, and the longest."""

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Latency:
    """In milliseconds; of no answers at all, nothing is a number."""

    answers: int
    p50_ms: float
    p99_ms: float
    max_ms: float

    def __str__(self) -> str:
        if not self.answers:
            return "no answer"
        return f"p50 {self.p50_ms:.2f} ms, p99 {self.p99_ms:.2f} ms, longest {self.max_ms:.2f} ms"


def summarize(seconds: Iterable[float]) -> Latency:
    ordered = sorted(seconds)
    if not ordered:
        return Latency(0, math.nan, math.nan, math.nan)
    return Latency(
        len(ordered), 1000 * quantile(ordered, 0.5), 1000 * quantile(ordered, 0.99), 1000 * quantile(ordered, 1)
    )


def quantile(ordered: list[float], share: float) -> float:
    """The smallest of the values that at least `share` of them do not pass."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
