"""How figures of activity are written: shares with their interval, and moments in the time zone of whoever looks.

The wording is handed in: a chart writes thousands of these, and each question for the language takes its time.
"""

from zoneinfo import ZoneInfo

from ui.monitor.activity_board import ActivityPicture
from ui.monitor.counts import Bin
from ui.monitor.intervals import Estimate
from ui.words.wording import Wording


def share_words(words: Wording, share: float | None) -> str:
    return words.monitor.nothing if share is None else words.percent(share, 1)


def interval_words(words: Wording, estimate: Estimate | None) -> str:
    if estimate is None:
        return words.monitor.nothing
    return words.monitor.interval_words.format(low=words.percent(estimate.low, 1), high=words.percent(estimate.high, 1))


def point_words(words: Wording, difference: float) -> str:
    """Of two shares, with its sign: "+2.1"."""
    points = words.number(100 * difference, 1)
    return points if points.startswith("-") else f"+{points}"


def zone_word(zone: ZoneInfo) -> str:
    return zone.key.replace("_", " ")


def bin_words(picture: ActivityPicture, each: Bin) -> str:
    start = each.start.astimezone(picture.zone)
    return f"{start:%Y-%m-%d}" if picture.period.by_day else f"{start:%Y-%m-%d %H:%M}"
