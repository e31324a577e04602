"""The page where one tweet is analysed and the answer judged."""

import streamlit as st

from ui.analyse.answer_card import answer_card
from ui.analyse.beside import beside
from ui.analyse.history import history
from ui.analyse.quote import mark_words, quote
from ui.analyse.session import Session
from ui.analyse.tweet_form import examples, tweet_form
from ui.analyse.verdict_form import verdict_form
from ui.people.nameplate import current_nameplate
from ui.people.visitor import kept_for_visitor
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
    entry = session.current
    with st.container(border=True, key="answer"):
        place = quote(entry)
        answer_card(entry)
        beside(session, entry)
        st.divider()
        verdict_form(session, entry)
    history(session)
    mark_words(place, session, entry)


def current_session() -> Session:
    session = kept_for_visitor("session", Session)
    session.plate = current_nameplate()
    return session


# Streamlit runs this file by itself where /analyse is the first address opened after a start. It is then the app that
# runs, as always, and lets in whom it lets in.
if __name__ == "__main__":
    from ui.app import main

    main()
