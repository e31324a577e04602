"""Where a tweet is typed and sent off, with a few examples while there is nothing else to see."""

import streamlit as st

from ui.counter import show_counter
from ui.failure import can_be_retried, show_failure
from ui.inert import count_characters
from ui.session import Session
from ui.wording import ENGLISH

FIELD = "tweet"


def tweet_form(session: Session) -> None:
    if session.prefill is not None:
        st.session_state[FIELD] = session.prefill
        session.prefill = None
    with st.form("tweet-form", border=False):
        text = st.text_area(
            ENGLISH.tweet, key=FIELD, height=120, placeholder=ENGLISH.tweet_placeholder, persist_state="session"
        )
        show_counter(text, limit=session.settings.text_limit, words=ENGLISH.counter, field=f".st-key-{FIELD} textarea")
        st.form_submit_button(
            ENGLISH.analyse, key="analyse", type="primary", on_click=analyse_typed, args=(session,), width="stretch"
        )
    _problem(session)


def examples(session: Session) -> None:
    with st.container(key="examples", gap="small"):
        st.caption(ENGLISH.examples_title)
        for number, example in enumerate(ENGLISH.examples):
            st.button(
                example, key=f"example-{number}", on_click=analyse_example, args=(session, example), width="stretch"
            )


def analyse_typed(session: Session) -> None:
    text = str(st.session_state.to_dict().get(FIELD) or "")
    with session.lock:
        session.failure, session.notice = None, _objection(text, session.settings.text_limit)
        if session.notice is None:
            session.analyse(text)


def analyse_example(session: Session, example: str) -> None:
    with session.lock:
        session.prefill = example
        session.analyse(example)


def _objection(text: str, limit: int) -> str | None:
    if not text.strip():
        return ENGLISH.tweet_missing
    # Composing takes the square of the length, and nothing composes to less than a quarter: what is far over is over.
    count = len(text) if len(text) > 4 * limit else count_characters(text)
    return ENGLISH.tweet_too_long.format(count=f"{count:,}", limit=f"{limit:,}") if count > limit else None


def _problem(session: Session) -> None:
    if session.notice is not None:
        st.warning(session.notice, icon=":material/edit:")
    if session.failure is None:
        return
    show_failure(
        session.failure,
        api_url=session.settings.api_url,
        kept=ENGLISH.kept_tweet,
        refused=ENGLISH.refused_tweet,
    )
    if can_be_retried(session.failure):
        st.button(ENGLISH.try_again, key="analyse-again", on_click=analyse_typed, args=(session,))
