"""The page Monitor, in English."""

from ui.words.monitor_wording import MonitorWording

MONITOR = MonitorWording(
    page="Monitor",
    volume="What comes in",
    period="Period",
    periods={"day": "24 hours", "week": "7 days", "month": "30 days", "quarter": "90 days"},
    before={
        "day": "the 24 hours before",
        "week": "the 7 days before",
        "month": "the 30 days before",
        "quarter": "the 90 days before",
    },
    hours="By the hour, in the time zone {zone}, as of {clock}.",
    days="By the day, in the time zone {zone}, as of {clock}.",
    not_refreshed="Could not be refreshed: this is as of {clock}. It is asked again every {seconds} seconds.",
    not_known="Not known yet: the API does not answer. It is asked again every {seconds} seconds.",
    refused="The API does not give its activity. It may be of an older version than this page: update it.",
    refused_drift="The API does not give its drift reports. It may be of an older version than this page: update it.",
    no_tweets="No tweet came in during this period",
    no_tweets_what=(
        "Analyse one on the page Analyse, or let your own programs ask the API: what comes in appears here by itself."
    ),
    tweets="Tweets",
    negative_share="Share of negative",
    points="{points} points",
    abstained="Left to a person",
    compared=(
        "Negative: {points} points compared with {before} (95 % interval: {low} to {high}), "
        "which had {share} of {count} tweets."
    ),
    compared_unsure=(
        "Negative: {points} points compared with {before}, which had {share} of {count} tweets. "
        "That may be chance (95 % interval: {low} to {high})."
    ),
    not_compared="No tweet came in during {before}, so there is nothing to compare with.",
    volume_chart="Tweets, by what the model read",
    volume_alt="Bars of the number of tweets over time, by label. {count} tweets in all, the most at once {most}.",
    share_chart="Share of negative, with its 95 % interval",
    share_alt=(
        "A line of the share of negative tweets over time, with a band for its 95 % interval. {share} over the period."
    ),
    day_axis="%b %-d",
    hour_axis="%H:%M",
    when="When",
    label="Kind",
    count="Number",
    interval="95 % interval",
    interval_words="{low} to {high}",
    as_table="Show the figures as a table",
    nothing="–",
    rejections="How often people reject an answer",
    rejections_what="Of the answers that people judged in this period; the last verdict on each counts.",
    all_verdicts="All verdicts",
    by_lot="Drawn by lot only",
    by_lot_what="Those drawn by lot do not depend on who clicks, or on which tweets.",
    rejected_of="{rejected} of {judged} (95 % interval: {low} to {high})",
    nobody_judged="Nobody judged an answer in this period",
    nobody_judged_what="Say under an answer whether it is right; the rate then appears here by itself.",
    nothing_by_lot="None judged in this period",
    rejections_chart="Answers that people judged",
    rejections_alt="Bars of the number of verdicts over time: {rejected} rejected and {confirmed} confirmed.",
    judged="Judged",
    rejected="Rejected",
    confirmed="Confirmed",
)
