"""The tweets of this session, newest first, each with its answer and verdict."""

from datetime import datetime, tzinfo

import streamlit as st

from ui.analyse.session import Entry, Session
from ui.elements.inert import readable
from ui.elements.labels import label_markup, label_word, percent
from ui.elements.moments import zone_of
from ui.words.language import wording


def history(session: Session) -> None:
    st.subheader(wording().history_title, anchor=False)
    zone = zone_of(st.context.timezone)
    for number, entry in enumerate(session.entries):
        with st.container(border=True, key=f"past-{number}", gap="xsmall"):
            _row(session, entry, zone)


def verdict_words(entry: Entry) -> str:
    if entry.failure is not None:
        return wording().not_sent
    if entry.stored is None:
        return wording().no_verdict
    if entry.stored.verdict == "confirmed":
        return wording().said_correct
    if entry.stored.label is None:
        return wording().said_wrong
    return wording().said_other.format(label=label_word(entry.stored.label).lower())


def clock(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%H:%M}"


def _row(session: Session, entry: Entry, zone: tzinfo) -> None:
    prediction = entry.prediction
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"**{label_markup(prediction.label)}** {percent(prediction.probability)}", width="content")
        st.caption(clock(entry.analysed_at, zone), width="content")
    st.text(readable(entry.text), width="stretch")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(verdict_words(entry), width="content")
        if entry is not session.current:
            key = f"reopen-{entry.prediction.prediction_id}"
            st.button(wording().reopen, key=key, type="tertiary", on_click=session.reopen, args=(entry,))
