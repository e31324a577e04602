"""Where a tweet is typed and sent off, with a few examples while there is nothing else to see."""

import streamlit as st

from ui.analyse.session import Session
from ui.elements.counter import show_counter
from ui.elements.failure import can_be_retried, show_failure
from ui.elements.inert import count_characters
from ui.words.language import Notice, wording

FIELD = "tweet"


def tweet_form(session: Session) -> None:
    if session.prefill is not None:
        st.session_state[FIELD] = session.prefill
        session.prefill = None
    with st.form("tweet-form", border=False):
        text = st.text_area(
            wording().tweet, key=FIELD, height=120, placeholder=wording().tweet_placeholder, persist_state="session"
        )
        show_counter(
            text, limit=session.settings.text_limit, words=wording().counter, field=f".st-key-{FIELD} textarea"
        )
        st.form_submit_button(
            wording().analyse, key="analyse", type="primary", on_click=analyse_typed, args=(session,), width="stretch"
        )
    _problem(session)


def examples(session: Session) -> None:
    with st.container(key="examples", gap="small"):
        st.caption(wording().examples_title)
        for number, example in enumerate(wording().examples):
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


def _objection(text: str, limit: int) -> Notice | None:
    if not text.strip():
        return lambda words: words.tweet_missing
    # Composing takes the square of the length, and nothing composes to less than a quarter: what is far over is over.
    count = len(text) if len(text) > 4 * limit else count_characters(text)
    if count <= limit:
        return None
    return lambda words: words.tweet_too_long.format(count=words.number(count), limit=words.number(limit))


def _problem(session: Session) -> None:
    if session.notice is not None:
        st.warning(session.notice(wording()), icon=":material/edit:")
    if session.failure is None:
        return
    show_failure(
        session.failure,
        api_url=session.settings.api_url,
        kept=wording().kept_tweet,
        refused=wording().refused_tweet,
    )
    if can_be_retried(session.failure):
        st.button(wording().try_again, key="analyse-again", on_click=analyse_typed, args=(session,))
