"""How much one person weighs: of a named reviewer only so many verdicts count at a time."""

from collections import defaultdict, deque
from collections.abc import Sequence
from datetime import datetime, timedelta

from inference.alerting.verdicts import Judged


def capped(verdicts: Sequence[Judged], cap: int, window: timedelta) -> list[Judged]:
    """Those that count, in their order: of one reviewer at most `cap` in any `window`, both its ends included.

    `verdicts` are ordered by time. Verdicts of nobody in particular all count. Whether one counts never depends on
    what it says, so that the share of rejections stays what it was. Raises ValueError for a cap below 1.
    """
    if cap < 1:
        raise ValueError(f"a cap of {cap} would leave nobody a voice")
    # The last ones of each that counted: no more are needed, since a verdict counts once the first of them is past.
    counted_of: defaultdict[str, deque[datetime]] = defaultdict(lambda: deque(maxlen=cap))
    counted = []
    for verdict in verdicts:
        if verdict.reviewer is not None:
            moments = counted_of[verdict.reviewer]
            if len(moments) == cap and verdict.at - moments[0] <= window:
                continue
            moments.append(verdict.at)
        counted.append(verdict)
    return counted


def flooders(verdicts: Sequence[Judged], limit: int, window: timedelta) -> set[str]:
    """Named reviewers with more than `limit` rejections in any `window`; `verdicts` are ordered by time.

    Raises ValueError for a limit below 0.
    """
    if limit < 0:
        raise ValueError(f"{limit} rejections are no limit")
    rejected_by: defaultdict[str, deque[datetime]] = defaultdict(lambda: deque(maxlen=limit + 1))
    found = set()
    for verdict in verdicts:
        if verdict.reviewer is None or not verdict.rejected:
            continue
        moments = rejected_by[verdict.reviewer]
        moments.append(verdict.at)
        if len(moments) > limit and verdict.at - moments[0] <= window:
            found.add(verdict.reviewer)
    return found
