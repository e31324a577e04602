"""Whether one model is right more often than another on the same tweets: McNemar's test, exact."""

from math import exp, lgamma, log


def mcnemar(ours: int, theirs: int) -> float | None:
    """The p-value, two-sided, where only we were right so often and only they were; None where nobody was.

    Q. McNemar, "Note on the sampling error of the difference between correlated proportions or percentages" (1947).
    Of those tweets as many should be ours as heads among so many tosses of a fair coin, if both were equally good.
    """
    tosses, fewer = ours + theirs, min(ours, theirs)
    if not tosses:
        return None
    # Each term in units of the largest: the powers of two alone would leave the range of a float. What is too small to
    # count is not added.
    term = tail = 1.0
    for heads in range(fewer, 0, -1):
        term *= heads / (tosses - heads + 1)
        if term < tail * 1e-17:
            break
        tail += term
    return min(1.0, 2 * tail * share_of_tosses(fewer, tosses))


def share_of_tosses(heads: int, tosses: int) -> float:
    """The probability of exactly so many heads."""
    return exp(lgamma(tosses + 1) - lgamma(heads + 1) - lgamma(tosses - heads + 1) - tosses * log(2))
