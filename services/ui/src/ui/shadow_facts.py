"""How the challenger compares with the champion on live tweets: how often they differ, and who is right then."""

import streamlit as st

from ui.facts import fact_list
from ui.grid import text_grid
from ui.labels import label_word, percent
from ui.model_answers import Disagreement, ShadowAnswer
from ui.moments import moment
from ui.wording import ENGLISH

DISAGREEMENTS_SHOWN = 20


def shadow_facts(shadow: ShadowAnswer | None) -> None:
    st.markdown(f"**{ENGLISH.models.live}**")
    if shadow is None or not shadow.compared:
        st.caption(ENGLISH.models.live_none)
        return
    facts = {
        ENGLISH.models.live_compared: ENGLISH.models.live_compared_words.format(
            count=f"{shadow.compared:,}", since=moment(shadow.since), until=moment(shadow.until)
        ),
        ENGLISH.models.live_disagree: ENGLISH.models.live_disagree_words.format(
            count=f"{shadow.disagreed:,}",
            share=percent(shadow.disagreed_share),
            low=percent(shadow.disagreed_share_low),
            high=percent(shadow.disagreed_share_high),
        ),
        ENGLISH.models.live_judged: judged_words(shadow),
        ENGLISH.models.live_time: ENGLISH.models.live_time_words.format(
            challenger=duration(shadow.challenger_microseconds), champion=duration(shadow.champion_microseconds)
        ),
    }
    if shadow.dropped:
        facts[ENGLISH.models.live_dropped] = ENGLISH.models.live_dropped_words.format(count=f"{shadow.dropped:,}")
    fact_list("shadow", facts)
    _disagreements(shadow.disagreements[:DISAGREEMENTS_SHOWN])


def judged_words(shadow: ShadowAnswer) -> str:
    judged = shadow.challenger_right + shadow.champion_right
    if not judged or shadow.p_value is None:
        return ENGLISH.models.live_judged_none
    return ENGLISH.models.live_judged_words.format(
        judged=f"{judged:,}",
        challenger=f"{shadow.challenger_right:,}",
        champion=f"{shadow.champion_right:,}",
        p_value=f"{shadow.p_value:.2g}",
    )


def duration(microseconds: float) -> str:
    return f"{microseconds:,.0f} μs" if microseconds < 1000 else f"{microseconds / 1000:,.2f} ms"


def _disagreements(disagreements: list[Disagreement]) -> None:
    if not disagreements:
        return
    headings = (
        ENGLISH.models.tweet,
        ENGLISH.models.champion_short,
        ENGLISH.models.challenger_short,
        ENGLISH.models.people,
    )
    with st.expander(ENGLISH.models.disagreements.format(count=len(disagreements)), key="disagreements"):
        text_grid("disagreements", headings, [_row(each) for each in disagreements])


def _row(disagreement: Disagreement) -> tuple[str, ...]:
    right = disagreement.right_label
    return (
        disagreement.text or ENGLISH.models.text_not_kept,
        label_word(disagreement.champion_label),
        label_word(disagreement.label),
        ENGLISH.models.nobody if right is None else label_word(right),
    )
