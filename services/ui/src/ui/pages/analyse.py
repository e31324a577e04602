"""The page where one tweet is analysed and the answer judged."""

import streamlit as st

from ui.analyse.answer_card import answer_card
from ui.analyse.history import history
from ui.analyse.session import Session
from ui.analyse.tweet_form import examples, tweet_form
from ui.analyse.verdict_form import verdict_form
from ui.api.client import Client
from ui.settings import Settings
from ui.words.language import wording


def analyse_page() -> None:
    session = current_session()
    with session.lock:
        draw(session)


def draw(session: Session) -> None:
    st.title(wording().page_title, anchor=False)
    st.caption(wording().page_intro)
    tweet_form(session)
    if session.current is None:
        examples(session)
        return
    with st.container(border=True, key="answer"):
        answer_card(session.current)
        st.divider()
        verdict_form(session, session.current)
    history(session)


def current_session() -> Session:
    if "session" not in st.session_state:
        settings = Settings()
        st.session_state["session"] = Session(settings, Client(settings))
    session = st.session_state["session"]
    assert isinstance(session, Session), "the key `session` belongs to this page"
    return session


# Streamlit runs this file by itself where /analyse is the first address opened after a start.
if __name__ == "__main__":
    analyse_page()
