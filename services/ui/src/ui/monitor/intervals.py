"""How sure a share is, and how sure the difference of two shares is."""

from dataclasses import dataclass
from math import sqrt

from ui.monitor.counts import Counts

# Of the normal distribution, for 95 %.
Z = 1.959964


@dataclass(frozen=True, slots=True)
class Estimate:
    value: float
    low: float
    high: float


def share_of(hits: int, count: int) -> Estimate | None:
    """With Wilson's interval; None of nothing."""
    if not count:
        return None
    share, weight = hits / count, Z**2 / count
    middle = (share + weight / 2) / (1 + weight)
    reach = Z * sqrt(share * (1 - share) / count + weight / (4 * count)) / (1 + weight)
    return Estimate(share, max(0.0, middle - reach), min(1.0, middle + reach))


def negative_share(counts: Counts) -> Estimate | None:
    return share_of(counts.negative, counts.predictions)


def difference(now: Counts, before: Counts) -> Estimate | None:
    """Of the shares of negative, with Newcombe's interval; None where one of the two has no tweets."""
    one, other = negative_share(now), negative_share(before)
    if one is None or other is None:
        return None
    gap = one.value - other.value
    low = gap - sqrt((one.value - one.low) ** 2 + (other.high - other.value) ** 2)
    high = gap + sqrt((one.high - one.value) ** 2 + (other.value - other.low) ** 2)
    return Estimate(gap, low, high)
