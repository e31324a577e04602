"""The figures of the charts in rows and columns, for whoever does not see them or wants them exactly.

Only numbers and words of our own, labels made harmless among them: so it may be one table of markup, which screen
readers go through cell by cell. It is written only for those who ask for it.
"""

from collections.abc import Sequence

import streamlit as st

from ui.elements.labels import label_word
from ui.monitor.activity_board import ActivityPicture
from ui.monitor.counts import Bin, labels_in
from ui.monitor.intervals import negative_share
from ui.monitor.signs import bin_words, interval_words, share_words
from ui.words.language import wording
from ui.words.wording import Wording


def activity_table(picture: ActivityPicture) -> None:
    if st.toggle(wording().monitor.as_table, key="activity-table", persist_state="session"):
        with st.container(key="activity-rows"):
            st.markdown(table_markup(picture))


def table_markup(picture: ActivityPicture) -> str:
    """The latest first; hours and days without anything are left out."""
    whole, labels = wording(), labels_in(picture.total)
    words = whole.monitor
    headings = (
        words.when,
        words.tweets,
        *(label_word(label) for label in labels),
        words.negative_share,
        words.interval,
        words.abstained,
        words.judged,
        words.rejected,
    )
    rows = [_row(whole, picture, each, labels) for each in reversed(picture.bins) if not each.counts.is_empty]
    alignment = ["---", *["---:"] * (len(headings) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (headings, alignment, *rows))


def _row(words: Wording, picture: ActivityPicture, each: Bin, labels: Sequence[str]) -> Sequence[str]:
    counts = each.counts
    numbers = (counts.predictions, *(counts.labels[label] for label in labels))
    said = (counts.abstained, counts.judged, counts.rejected)
    return (
        bin_words(picture, each),
        *(words.number(number) for number in numbers),
        share_words(words, counts.negative_share),
        interval_words(words, negative_share(counts)),
        *(words.number(number) for number in said),
    )
