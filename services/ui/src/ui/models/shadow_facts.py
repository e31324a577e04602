"""How the challenger compares with the champion on live tweets: how often they differ, and who is right then."""

import streamlit as st

from ui.api.model_answers import Disagreement, ShadowAnswer
from ui.elements.facts import fact_list
from ui.elements.grid import text_grid
from ui.elements.labels import label_word, percent
from ui.elements.moments import moment
from ui.words.language import wording

DISAGREEMENTS_SHOWN = 20


def shadow_facts(shadow: ShadowAnswer | None) -> None:
    st.markdown(f"**{wording().models.live}**")
    if shadow is None or not shadow.compared:
        st.caption(wording().models.live_none)
        return
    facts = {
        wording().models.live_compared: wording().models.live_compared_words.format(
            count=wording().number(shadow.compared), since=moment(shadow.since), until=moment(shadow.until)
        ),
        wording().models.live_disagree: wording().models.live_disagree_words.format(
            count=wording().number(shadow.disagreed),
            share=percent(shadow.disagreed_share),
            low=percent(shadow.disagreed_share_low),
            high=percent(shadow.disagreed_share_high),
        ),
        wording().models.live_judged: judged_words(shadow),
        wording().models.live_time: wording().models.live_time_words.format(
            challenger=duration(shadow.challenger_microseconds), champion=duration(shadow.champion_microseconds)
        ),
    }
    if shadow.dropped:
        facts[wording().models.live_dropped] = wording().models.live_dropped_words.format(
            count=wording().number(shadow.dropped)
        )
    fact_list("shadow", facts)
    _disagreements(shadow.disagreements[:DISAGREEMENTS_SHOWN])


def judged_words(shadow: ShadowAnswer) -> str:
    judged = shadow.challenger_right + shadow.champion_right
    if not judged or shadow.p_value is None:
        return wording().models.live_judged_none
    return wording().models.live_judged_words.format(
        judged=wording().number(judged),
        challenger=wording().number(shadow.challenger_right),
        champion=wording().number(shadow.champion_right),
        p_value=f"{shadow.p_value:.2g}",
    )


def duration(microseconds: float) -> str:
    return f"{microseconds:,.0f} μs" if microseconds < 1000 else f"{microseconds / 1000:,.2f} ms"


def _disagreements(disagreements: list[Disagreement]) -> None:
    if not disagreements:
        return
    headings = (
        wording().models.tweet,
        wording().models.champion_short,
        wording().models.challenger_short,
        wording().models.people,
    )
    with st.expander(wording().models.disagreements.format(count=len(disagreements)), key="disagreements"):
        text_grid("disagreements", headings, [_row(each) for each in disagreements])


def _row(disagreement: Disagreement) -> tuple[str, ...]:
    right = disagreement.right_label
    return (
        disagreement.text or wording().models.text_not_kept,
        label_word(disagreement.champion_label),
        label_word(disagreement.label),
        wording().models.nobody if right is None else label_word(right),
    )
