"""The words of the page Monitor around its alerts, as a part of `Wording`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MonitorWording:
    page: str
    volume: str
    period: str
    periods: dict[str, str]
    before: dict[str, str]
    hours: str
    days: str
    not_refreshed: str
    not_known: str
    refused: str
    refused_drift: str
    no_tweets: str
    no_tweets_what: str
    tweets: str
    negative_share: str
    points: str
    abstained: str
    compared: str
    compared_unsure: str
    not_compared: str
    volume_chart: str
    volume_alt: str
    share_chart: str
    share_alt: str
    day_axis: str
    hour_axis: str
    when: str
    label: str
    count: str
    interval: str
    interval_words: str
    as_table: str
    nothing: str
    rejections: str
    rejections_what: str
    all_verdicts: str
    by_lot: str
    by_lot_what: str
    rejected_of: str
    nobody_judged: str
    nobody_judged_what: str
    nothing_by_lot: str
    rejections_chart: str
    rejections_alt: str
    judged: str
    rejected: str
    confirmed: str
