"""One tweet as the person reads it: large, why it was chosen, and what the model says."""

import streamlit as st

from ui.elements.inert import plain_word, readable
from ui.elements.labels import label_markup, label_word, percent
from ui.review.desk import Turn
from ui.words.language import wording

ICONS = {
    "audit": ":material/casino:",
    "uncertain": ":material/balance:",
    "disputed": ":material/forum:",
    "novel": ":material/new_releases:",
}
OTHER_ICON = ":material/label:"


def tweet_card(turn: Turn) -> None:
    item = turn.item
    with st.container(key="review-why", gap="xxsmall"):
        st.caption(f"{ICONS.get(item.why, OTHER_ICON)} {why_words(item.why)}")
    with st.container(key="review-tweet"):
        st.text(readable(item.text or ""), width="stretch")
    with st.container(key="review-model", gap="xxsmall"):
        label, probability = f"**{label_markup(item.label)}**", percent(item.probability)
        st.markdown(wording().review.model_says.format(label=label, probability=probability))
        if item.abstained:
            st.caption(wording().unsure)
        if turn.before is not None:
            word = label_word(turn.before.label).lower()
            st.info(wording().review.answered_before.format(label=word), icon=":material/undo:")
        elif turn.skipped:
            st.caption(wording().review.skipped_before)


def why_words(why: str) -> str:
    known = wording().review.why.get(why)
    return known or wording().review.why_other.format(why=plain_word(why) or "?")
