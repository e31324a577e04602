"""The tweet above its answer: plain at first, then with those words marked that made the difference."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.analyse.highlights import highlighted
from ui.analyse.session import Entry, Session
from ui.elements.inert import readable
from ui.words.language import wording


def quote(entry: Entry) -> DeltaGenerator:
    """The place where it stands."""
    place = st.container(key="quoted").empty()
    _fill(place, entry)
    return place


def mark_words(place: DeltaGenerator, session: Session, entry: Entry) -> None:
    """After all else is drawn: nobody waits for an answer because it is also to be explained."""
    if entry.explanation.answer is None and entry.explanation.failure is None:
        entry.explain(session.client)
        _fill(place, entry)


def _fill(place: DeltaGenerator, entry: Entry) -> None:
    with place.container(gap="xsmall"):
        if entry.explanation.answer is not None:
            highlighted(entry.explanation.answer)
            return
        st.text(readable(entry.text), width="stretch")
        if entry.explanation.failure is not None:
            st.caption(wording().unexplained)
