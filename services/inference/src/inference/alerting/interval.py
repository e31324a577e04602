"""How well the share of rejections is known from a number of verdicts."""

import math

# Two-sided, 95 %.
Z = 1.96


def wilson(rejected: int, judged: int, z: float = Z) -> tuple[float, float]:
    """The interval of the true share, within [0, 1]; (0, 1) where nothing was judged.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference" (1927). Raises ValueError
    where fewer were judged than rejected.
    """
    if not 0 <= rejected <= judged:
        raise ValueError(f"{rejected} rejected of {judged} judged")
    if judged == 0:
        return 0.0, 1.0
    share = rejected / judged
    stretch = 1 + z * z / judged
    middle = (share + z * z / (2 * judged)) / stretch
    reach = z / stretch * math.sqrt(share * (1 - share) / judged + z * z / (4 * judged * judged))
    # Rounding would put the end beside an interval's own share where all or none were rejected.
    return min(share, max(0.0, middle - reach)), max(share, min(1.0, middle + reach))


def upper_bound(rejected: int, judged: int) -> float:
    """The largest share that the verdicts still speak for: the baseline of an alarm on a rise.

    An estimate would be too low half of the time, and an alarm on a rise above it would be false. May be above
    e_detector.LARGEST_BASELINE.
    """
    return wilson(rejected, judged)[1]
