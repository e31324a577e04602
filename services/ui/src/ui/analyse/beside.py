"""The same tweet read by the challenger, beside what the champion says of it."""

import streamlit as st

from ui.analyse.session import Entry, Session
from ui.api.predictions import Comparison, Opinion
from ui.elements.failure import can_be_retried, show_failure
from ui.elements.inert import readable
from ui.elements.labels import label_markup, percent
from ui.words.language import wording


def beside(session: Session, entry: Entry) -> None:
    seen = entry.comparison
    if seen.answer is not None:
        _opinions(seen.answer)
        return
    if seen.failure is not None:
        show_failure(
            seen.failure,
            api_url=session.settings.api_url,
            kept=wording().kept_comparison,
            refused=wording().refused_comparison,
        )
        if not can_be_retried(seen.failure):
            return
    st.button(
        wording().compare,
        key="compare",
        type="tertiary",
        icon=":material/compare_arrows:",
        on_click=compare,
        args=(session, entry),
    )


def compare(session: Session, entry: Entry) -> None:
    with session.lock:
        entry.compare(session.client)


def _opinions(comparison: Comparison) -> None:
    st.markdown(f"**{wording().compared}**")
    if comparison.challenger is None:
        st.caption(wording().no_challenger)
        return
    with st.container(key="opinions"):
        _opinion("champion", wording().models.champion_short, comparison.champion)
        _opinion("challenger", wording().models.challenger_short, comparison.challenger)


def _opinion(place: str, who: str, opinion: Opinion) -> None:
    with st.container(key=f"opinion-{place}", gap="xxsmall"):
        st.caption(who)
        st.markdown(f"**{label_markup(opinion.label)}** {percent(opinion.probability)}")
        if opinion.abstained:
            st.caption(wording().unsure_short)
        st.text(readable(wording().model.format(name=opinion.model.name, version=opinion.model.version)))
